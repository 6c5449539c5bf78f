#include "daemon/gateway/heard.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "daemon/gateway/limits.h"

void heard_wrote(struct heard *h, int64_t now_ms)
{
	if (h->look_ms != 0)
		return;
	h->since_ms = now_ms;
	h->look_ms = now_ms + GATEWAY_LISTEN_MS;
}

bool heard_look(struct heard *h, int fd, int64_t now_ms)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof info;

	/* Where the system does not say it, its own times alone end the connection. */
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 || info.tcpi_unacked == 0) {
		h->look_ms = 0;
		return true;
	}
	if (now_ms - info.tcpi_last_ack_recv > h->since_ms)
		h->since_ms = now_ms - info.tcpi_last_ack_recv;
	h->look_ms = now_ms + GATEWAY_LISTEN_MS;
	return now_ms - h->since_ms < GATEWAY_UNHEARD_MS;
}
