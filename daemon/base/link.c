#include "daemon/base/link.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/base/packet.h"
#include "daemon/base/requests.h"
#include "protocol/base/err.h"

struct link {
	struct link_config config;
	struct loop *loop;
	struct watch *watch;
	unsigned events; /* that the watch waits for */
	bool client; /* the client's end of a shared link */
	bool worker; /* a sealer's end of a shared link */
	bool paused, closed;
	bool busy, freed; /* in a function of the owner; link_free() was called there */
	int failed; /* of sending; told by the next event */
	uint64_t last_number, last_received;
	struct requests ours, theirs;
	struct packet *first, **end; /* the out-queue */
	size_t n_notices; /* in the queue */
	struct packet_in in;
};

union any_message {
#define F(kind, name)
#define IPC(name, from, to, answers, window, descriptors, fields) struct msg_##name name;
#include "daemon/base/ipc.def"
#undef IPC
#undef F
};

/* --- making and freeing ---------------------------------------------------------------------- */

static void on_event(void *arg, int fd, unsigned events);

int link_new(struct link **out, struct loop *loop, const struct link_config *config)
{
	struct link *l = calloc(1, sizeof *l);
	int rc = RXP_ERR_NOMEM;

	if (l == NULL)
		goto done;
	l->config = *config;
	l->config.fd = -1;
	l->loop = loop;
	l->client = config->shared && config->peer == IPC_SEALER;
	l->worker = config->shared && config->self == IPC_SEALER;
	l->end = &l->first;
	if (config->shared && !l->client && !l->worker)
		abort();
	rc = requests_init(&l->ours, config->self, config->peer);
	if (rc == 0)
		rc = requests_init(&l->theirs, config->peer, config->self);
	if (rc == 0 && fcntl(config->fd, F_SETFL, O_NONBLOCK) != 0)
		rc = RXP_ERR_IO;
	if (rc == 0)
		rc = watch_new(&l->watch, loop, config->fd, LOOP_READ, on_event, l);
	if (rc != 0)
		goto done;
	l->events = LOOP_READ;
	l->config.fd = config->fd;
	*out = l;
	l = NULL;
done:
	link_free(l);
	return rc;
}

/* Nothing is sent, received or told any more. */
static void shut(struct link *l)
{
	l->closed = true;
	watch_free(l->watch);
	l->watch = NULL;
	if (l->config.fd >= 0)
		close(l->config.fd);
	l->config.fd = -1;
}

static void packet_drop(struct packet *p)
{
	if (!p->queued && !p->kept)
		packet_free(p);
}

void link_free(struct link *l)
{
	struct packet *p;

	if (l == NULL)
		return;
	shut(l);
	l->freed = true;
	if (l->busy)
		return; /* freed when the owner's function has returned */
	while ((p = l->first) != NULL) {
		l->first = p->next;
		p->queued = false;
		packet_drop(p);
	}
	for (size_t i = 0; i < l->ours.n; i++)
		packet_free(l->ours.open[i].packet);
	requests_free(&l->ours);
	requests_free(&l->theirs);
	free(l);
}

/* After a function of the owner: false if the link is no more. */
static bool still_there(struct link *l)
{
	l->busy = false;
	if (!l->freed)
		return !l->closed;
	link_free(l);
	return false;
}

static void close_link(struct link *l, int why)
{
	shut(l);
	l->busy = true;
	l->config.closed(l->config.arg, l, why);
	still_there(l);
}

/* --- sending --------------------------------------------------------------------------------- */

/* A sealer that has something to send takes no further request: another may be free. */
static bool may_read(const struct link *l)
{
	return !l->paused && !(l->worker && l->first != NULL);
}

static void update_watch(struct link *l)
{
	unsigned events =
	    (may_read(l) ? LOOP_READ : 0U) | (l->first != NULL || l->failed != 0 ? LOOP_WRITE : 0U);

	if (events != l->events)
		watch_set(l->watch, events);
	l->events = events;
}

static bool is_notice(enum ipc_type type)
{
	return ipc_row(type)->answers == IPC_NONE && ipc_row(type)->window == 0;
}

/* The answer is with the other end now, so the other end may ask again. */
static void left(struct link *l, struct packet *p)
{
	if (!l->worker && ipc_row(p->type)->answers != IPC_NONE) {
		struct open_request *asked = requests_find(&l->theirs, p->request);

		if (asked == NULL)
			abort();
		requests_remove(&l->theirs, asked);
	}
	packet_drop(p);
}

/* Send what the socket takes. Failures wait in `failed`, as this runs inside the owner's calls. */
static void send_queue(struct link *l)
{
	while (l->first != NULL && l->failed == 0) {
		struct packet *p = l->first;
		int rc = packet_send(l->config.fd, p);

		if (rc == RXP_ERR_FULL)
			break;
		if (rc != 0) {
			l->failed = rc;
			break;
		}
		l->first = p->next;
		if (l->first == NULL)
			l->end = &l->first;
		p->queued = false;
		if (is_notice(p->type))
			l->n_notices--;
		left(l, p);
	}
}

static void enqueue(struct link *l, struct packet *p)
{
	bool idle = l->first == NULL;

	p->next = NULL;
	p->queued = true;
	*l->end = p;
	l->end = &p->next;
	if (is_notice(p->type))
		l->n_notices++;
	if (!idle)
		return; /* the socket was full a moment ago; the watcher goes on */
	send_queue(l);
	update_watch(l);
}

static const struct ipc_row *own_row(const struct link *l, enum ipc_type type)
{
	const struct ipc_row *row = ipc_row(type);

	if (row == NULL || row->from != l->config.self || row->to != l->config.peer)
		abort();
	return row;
}

bool link_has_room(const struct link *l, enum ipc_type type)
{
	return own_row(l, type)->window == 0 ? l->n_notices < LINK_NOTICES_MAX
					     : requests_room(&l->ours, type);
}

int link_request(struct link *l, enum ipc_type type, const void *body, const int *fds, size_t n_fds,
    uint64_t *request)
{
	struct packet *p;
	int rc;

	if (own_row(l, type)->answers != IPC_NONE)
		abort();
	if (l->closed)
		return RXP_ERR_CLOSED;
	if (!link_has_room(l, type))
		return RXP_ERR_FULL;
	rc = packet_new(&p, type, l->last_number + 1, body, fds, n_fds);
	if (rc != 0)
		return rc;
	l->last_number++;
	if (!is_notice(type)) {
		struct open_request *opened = requests_add(&l->ours, p->request, type);

		p->kept = l->client;
		opened->packet = l->client ? p : NULL;
	}
	enqueue(l, p);
	if (request != NULL)
		*request = l->last_number;
	return 0;
}

int link_answer(struct link *l, enum ipc_type type, uint64_t request, const void *body,
    const int *fds, size_t n_fds)
{
	const struct ipc_row *row = own_row(l, type);
	struct open_request *asked = requests_find(&l->theirs, request);
	struct packet *p;
	int rc;

	if (l->closed)
		return RXP_ERR_CLOSED;
	if (asked == NULL || asked->answered ||
	    (row->answers != asked->type && !(l->worker && is_notice(type))))
		abort();
	rc = packet_new(&p, type, request, body, fds, n_fds);
	if (rc != 0)
		return rc;
	asked->answered = !is_notice(type);
	enqueue(l, p);
	return 0;
}

static struct open_request *own_request(struct link *l, uint64_t request)
{
	struct open_request *r = requests_find(&l->ours, request);

	if (!l->client || r == NULL)
		abort();
	return r;
}

void link_resend(struct link *l, uint64_t request)
{
	struct packet *p = own_request(l, request)->packet;

	if (!l->closed && !p->queued)
		enqueue(l, p);
}

void link_forget(struct link *l, uint64_t request)
{
	struct open_request *r = own_request(l, request);
	struct packet *p = r->packet;

	requests_remove(&l->ours, r);
	p->kept = false;
	packet_drop(p);
}

int link_flush(struct link *l, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (!l->closed && l->first != NULL) {
		struct pollfd ready = {.fd = l->config.fd, .events = POLLOUT};
		int64_t rest = end - clock_mono_ms();

		if (l->failed != 0)
			return l->failed;
		if (rest < 0)
			return RXP_ERR_TIMEOUT;
		(void)poll(&ready, 1, (int)rest);
		send_queue(l);
	}
	return l->closed ? RXP_ERR_CLOSED : 0;
}

void link_pause(struct link *l, bool pause)
{
	l->paused = pause;
	if (!l->closed)
		update_watch(l);
}

/* --- receiving ------------------------------------------------------------------------------- */

/* What a message of the other end is to this link. */
enum verdict { DELIVER, DROP, BREACH };

static enum verdict judge_reply(struct link *l, const struct ipc_row *row, uint64_t number)
{
	struct open_request *asked = requests_find(&l->ours, number);
	struct packet *p;

	if (asked == NULL)
		return l->client ? DROP : BREACH;
	if (row->answers == IPC_NONE)
		return DELIVER; /* `taken`: the answer follows */
	if (row->answers != asked->type)
		return BREACH;
	p = asked->packet;
	requests_remove(&l->ours, asked);
	if (p != NULL) {
		p->kept = false;
		packet_drop(p);
	}
	return DELIVER;
}

static enum verdict judge(struct link *l, const struct packet_in *in)
{
	const struct ipc_row *row = ipc_row(in->type);

	if (row->from != l->config.peer || row->to != l->config.self)
		return BREACH;
	if (l->client || row->answers != IPC_NONE)
		return judge_reply(l, row, in->request);
	/* The numbers that one sealer sees of a shared link have gaps and come again. */
	if (!l->worker && in->request <= l->last_received)
		return BREACH;
	l->last_received = in->request;
	if (is_notice(in->type))
		return DELIVER;
	if (!requests_room(&l->theirs, in->type))
		return BREACH;
	requests_add(&l->theirs, in->request, in->type);
	return DELIVER;
}

/* A sealer answers before it returns: an unanswered request would be lost to the client. */
static void check_worker(struct link *l)
{
	struct open_request *asked = l->theirs.n > 0 ? &l->theirs.open[0] : NULL;

	if (asked == NULL || l->closed)
		return;
	if (!asked->answered)
		abort();
	requests_remove(&l->theirs, asked);
}

/* Handle the packet in l->in and release it. False if the link is no more. */
static bool dispatch(struct link *l)
{
	struct link_message m = {.type = l->in.type, .request = l->in.request};
	union any_message body;
	enum verdict verdict = BREACH;

	if (record_decode(&body, &ipc_row(m.type)->type, l->in.record, l->in.record_len) == 0)
		verdict = judge(l, &l->in);
	if (verdict == DELIVER) {
		m.body = &body;
		m.n_fds = l->in.n_fds;
		memcpy(m.fds, l->in.fds, sizeof m.fds);
		l->busy = true;
		l->config.handler(l->config.arg, l, &m);
	}
	packet_done(&l->in);
	if (verdict == BREACH) {
		close_link(l, RXP_ERR_PEER);
		return false;
	}
	if (l->worker)
		check_worker(l);
	return still_there(l);
}

static void on_event(void *arg, int fd, unsigned events)
{
	struct link *l = arg;
	int batch = l->worker ? 1 : LINK_BATCH;

	(void)fd;
	send_queue(l);
	if (l->paused && (events & LOOP_HANGUP) != 0) {
		close_link(l, RXP_ERR_CLOSED);
		return;
	}
	/* Of an end to which nothing can be sent any more all that it said is heard first: it may have said why it ends. One that
	 * only reads no more may go on speaking, and is not heard for ever. */
	for (int i = 0; i < (l->failed != 0 ? LINK_LEFT_MAX : batch) && may_read(l); i++) {
		int rc = packet_receive(&l->in, l->config.fd);

		if (rc == RXP_ERR_FULL)
			break;
		if (rc != 0) {
			close_link(l, rc);
			return;
		}
		if (!dispatch(l))
			return;
	}
	if (l->failed != 0)
		close_link(l, l->failed);
	else
		update_watch(l);
}
