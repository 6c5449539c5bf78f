#include "daemon/gateway/heard.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "daemon/gateway/limits.h"

void heard_wrote(struct heard *h, int64_t now_ms)
{
	if (h->look_ms != 0)
		return;
	h->since_ms = now_ms;
	h->look_ms = now_ms + GATEWAY_LISTEN_MS;
}

/* Octets for which the other side has no room yet: they go as soon as it has, and nobody writes anything then. */
static bool has_more(int fd)
{
	int unsent;

	return ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent > 0;
}

bool heard_look(struct heard *h, int fd, int64_t now_ms)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof info;
	int64_t ago;

	/* Where the system does not say it, its own times alone end the connection. */
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0) {
		h->look_ms = 0;
		return true;
	}
	if (info.tcpi_unacked == 0) {
		h->since_ms = now_ms; /* nothing sent is unheard; more may wait */
		h->look_ms = has_more(fd) ? now_ms + GATEWAY_LISTEN_MS : 0;
		return true;
	}
	/* What comes without acknowledging anything new counts for the second alone. */
	ago = info.tcpi_last_ack_recv < info.tcpi_last_data_recv ? info.tcpi_last_ack_recv
								 : info.tcpi_last_data_recv;
	if (now_ms - ago > h->since_ms)
		h->since_ms = now_ms - ago;
	h->look_ms = now_ms + GATEWAY_LISTEN_MS;
	return now_ms - h->since_ms < GATEWAY_UNHEARD_MS;
}
