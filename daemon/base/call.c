#include "daemon/base/call.h"

#include <poll.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/packet.h"
#include "protocol/base/err.h"

void call_use(struct call *c, int fd)
{
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct call){.fd = fd};
}

/* Until the socket is ready for events. */
static int await(const struct call *c, short events, int64_t end)
{
	struct pollfd ready = {.fd = c->fd, .events = events};
	int64_t rest = end - clock_mono_ms();

	if (rest <= 0)
		return RXP_ERR_TIMEOUT;
	return poll(&ready, 1, (int)rest) == 0 ? RXP_ERR_TIMEOUT : 0;
}

static int send_request(struct call *c, const struct packet *p, int64_t end)
{
	int rc;

	while ((rc = packet_send(c->fd, p)) == RXP_ERR_FULL)
		if ((rc = await(c, POLLOUT, end)) != 0)
			break;
	return rc;
}

static int receive_answer(struct call *c, struct packet_in *in, int64_t end)
{
	int rc;

	for (;;) {
		rc = packet_receive(in, c->fd);
		if (rc == 0 && in->request == c->number)
			return 0;
		if (rc == 0)
			packet_done(in); /* of a call that was given up */
		else if (rc != RXP_ERR_FULL || (rc = await(c, POLLIN, end)) != 0)
			return rc;
	}
}

int call_make(struct call *c, struct packet_in *in, enum ipc_type type, const void *body,
    enum ipc_type answer, void *out, int64_t ms)
{
	const int64_t end = clock_mono_ms() + ms;
	struct packet *p = NULL;
	int rc;

	if (c->fd < 0)
		return RXP_ERR_CLOSED;
	rc = packet_new(&p, type, c->number + 1, body, NULL, 0);
	if (rc != 0)
		return rc;
	c->number++;
	rc = send_request(c, p, end);
	packet_free(p);
	if (rc == 0)
		rc = receive_answer(c, in, end);
	if (rc == 0 && (in->type != answer || record_decode(out, &ipc_row(answer)->type, in->record,
						  in->record_len) != 0)) {
		packet_done(in);
		rc = RXP_ERR_PEER;
	}
	if (rc == RXP_ERR_CLOSED || rc == RXP_ERR_PEER)
		call_use(c, -1);
	return rc;
}
