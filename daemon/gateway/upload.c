#include "daemon/gateway/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/client.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/line.h"
#include "daemon/gateway/range.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define TRIES 2 /* of a request that was surely not processed */
#define PATH_TEXT (sizeof RXP_HTTP_ATTACHMENT + 64)

struct upload {
	struct errand errand;
	struct uploads *set;
	uint64_t request;
	int fd;
	uint64_t length;
	char party[4];
	char path[PATH_TEXT];
	bool put; /* the request that is next or under way; else HEAD */
	uint64_t offset; /* so much the peer holds; from which PUT sends */
	bool sent; /* all octets of the request under way */
	bool unreadable; /* the file could not be read */
	unsigned tries; /* of the request */
	unsigned offsets; /* that the peer named instead of ours */
	unsigned moves; /* to other connections, since the peer held more */
	bool again; /* the peer dropped a whole file once */
	const struct line *line; /* of the request under way */
};

struct uploads {
	struct uploads_config config;
	size_t busy;
};

/* --- outcomes --------------------------------------------------------------------------------- */

static void finish_with(struct upload *u, enum transport why, unsigned status)
{
	struct uploads *set = u->set;
	struct msg_uploaded m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status, .held = u->offset};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	set->busy--;
	set->config.done(set->config.arg, u->request, &m);
	close(u->fd);
	free(u);
}

static void fail(void *arg, enum transport why)
{
	finish_with(arg, why, 0);
}

/* Nothing more of the stream matters; what was not sent yet is not wanted. */
static void detach(struct upload *u, struct h2_stream *s)
{
	h2_stream_adopt(s, NULL, NULL);
	h2_stream_set_user(s, NULL);
	if (!u->sent)
		h2_cancel(s);
}

static void drop(struct upload *u, struct h2_stream *s, enum transport why)
{
	u->sent = false;
	detach(u, s);
	finish_with(u, why, h2_stream_head(s)->status);
}

/* --- what a response means -------------------------------------------------------------------- */

static void ask(struct upload *u, bool put)
{
	u->put = put;
	u->tries = 0;
	client_send(u->set->config.client, u->party, &u->errand);
}

/* The peer holds so many octets. */
static void go_on(struct upload *u, int64_t held, unsigned status)
{
	if (held < 0 || (uint64_t)held > u->length) {
		finish_with(u, TRANSPORT_NOT_RXP, status);
	} else if ((uint64_t)held == u->length) {
		finish_with(u, TRANSPORT_NONE, HTTP_OK);
	} else {
		if ((uint64_t)held > u->offset)
			u->moves = 0;
		u->offset = (uint64_t)held;
		ask(u, true);
	}
}

static void asked(struct upload *u, const struct h2_head *head)
{
	/* It said that it dropped the file, and holds it nevertheless. */
	if (head->status == HTTP_OK && u->again)
		finish_with(u, TRANSPORT_NONE, HTTP_UNPROCESSABLE);
	else if (head->status == HTTP_OK)
		go_on(u, head->offset, head->status);
	else if (head->status == HTTP_NOT_FOUND)
		go_on(u, 0, head->status);
	else
		finish_with(u, TRANSPORT_NONE, head->status);
}

static void put(struct upload *u, const struct h2_head *head)
{
	bool elsewhere = head->status == HTTP_CONFLICT || head->status == HTTP_ACCEPTED;

	if (elsewhere && u->offsets++ < GATEWAY_OFFSETS) {
		go_on(u, head->offset, head->status);
	} else if (head->status == HTTP_UNPROCESSABLE && !u->again) {
		u->again = true;
		ask(u, false);
	} else {
		finish_with(u, TRANSPORT_NONE, head->status);
	}
}

/* --- streams ---------------------------------------------------------------------------------- */

static void on_head(void *arg, struct h2_stream *s)
{
	const struct h2_head *head = h2_stream_head(s);

	if (head->status >= 300 && head->status < 400)
		drop(arg, s, TRANSPORT_REDIRECTED);
	else if (head->too_large || (head->encoded && head->status < HTTP_BAD))
		drop(arg, s, TRANSPORT_NOT_RXP);
}

static void on_whole(void *arg, struct h2_stream *s)
{
	struct upload *u = arg;
	const struct h2_head *head = h2_stream_head(s);

	detach(u, s);
	if (u->put)
		put(u, head);
	else
		asked(u, head);
}

/* The status says it all; a body, such as a proxy's page for people, is not looked at. */
static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	struct upload *u = arg;

	u->sent = false;
	if (fault == H2_FAULT_BODY)
		on_whole(u, s);
	else
		drop(u, s, TRANSPORT_NOT_RXP);
}

static void on_sent(void *arg, struct h2_stream *s)
{
	struct upload *u = arg;

	(void)s;
	u->sent = true;
}

static void on_late(void *arg, struct h2_stream *s)
{
	drop(arg, s, TRANSPORT_ANSWER_LATE);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct upload *u = arg;
	bool untouched = why == H2_END_REFUSED || (why == H2_END_LOST && !h2_stream_started(s));
	bool moved = why == H2_END_LOST &&
		     transport_outcome(line_stream_why(u->line, why)) == RXP_ERR_EXISTS;

	if (moved && u->moves++ < GATEWAY_MOVES)
		ask(u, false); /* what the peer holds by now */
	else if (untouched && u->tries < TRIES)
		client_send(u->set->config.client, u->party, &u->errand);
	else
		fail(u, u->unreadable ? TRANSPORT_SYSTEM : line_stream_why(u->line, why));
}

static const struct h2_calls calls = {.head = on_head,
    .whole = on_whole,
    .fault = on_fault,
    .sent = on_sent,
    .late = on_late,
    .gone = on_gone};

/* --- requests --------------------------------------------------------------------------------- */

static int64_t deadline(const struct upload *u)
{
	return clock_mono_ms() + conns_times(u->set->config.conns)->answer_ms;
}

/* As long as octets go, there is time for more. */
static int read_file(void *arg, struct h2_stream *s, size_t at, uint8_t *out, size_t len)
{
	struct upload *u = arg;
	ssize_t n;

	h2_stream_deadline(s, deadline(u));
	while (len > 0) {
		n = pread(u->fd, out, len, (off_t)(u->offset + at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			u->unreadable = true;
			return RXP_ERR_IO;
		}
		out += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static void go(void *arg, struct line *l)
{
	struct upload *u = arg;
	const struct range range = {u->offset, u->length - 1, u->length};
	struct h2_request request = {.method = u->put ? "PUT" : "HEAD",
	    .path = u->path,
	    .authority = line_authority(l),
	    .deadline_ms = deadline(u)};
	char text[RANGE_TEXT];
	struct h2_stream *s;

	if (u->put) {
		range_write(text, &range);
		request.type = RXP_HTTP_FILE_TYPE;
		request.range = text;
		request.read = read_file;
		request.len = (size_t)(u->length - u->offset);
	}
	u->tries++;
	u->sent = false;
	u->line = l;
	if (h2_request(line_h2(l), &request, &s) != 0)
		fail(u, TRANSPORT_NO_MEMORY);
	else
		h2_stream_adopt(s, &calls, u);
}

/* --- the set ---------------------------------------------------------------------------------- */

static struct upload *upload_new(
    struct uploads *set, uint64_t request, const struct msg_upload *m, int fd)
{
	struct upload *u = calloc(1, sizeof *u);
	size_t n = strlen(RXP_HTTP_ATTACHMENT);

	if (u == NULL)
		return NULL;
	u->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (u->fd < 0) {
		free(u);
		return NULL;
	}
	u->errand = (struct errand){.arg = u, .go = go, .fail = fail};
	u->set = set;
	u->request = request;
	u->length = m->length;
	memcpy(u->party, m->peer, sizeof u->party);
	memcpy(u->path, RXP_HTTP_ATTACHMENT, n);
	rxp_hex_put(u->path + n, m->digest, sizeof m->digest, false);
	return u;
}

int uploads_new(struct uploads **out, const struct uploads_config *config)
{
	struct uploads *set = calloc(1, sizeof *set);

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->config = *config;
	*out = set;
	return 0;
}

void uploads_begin(struct uploads *set, uint64_t request, const struct msg_upload *m, int fd)
{
	struct msg_uploaded refused = {.outcome = (uint32_t)RXP_ERR_NOMEM};
	struct upload *u = upload_new(set, request, m, fd);

	if (u == NULL) {
		snprintf(refused.transport, sizeof refused.transport, "%s",
		    transport_text(TRANSPORT_NO_MEMORY));
		set->config.done(set->config.arg, request, &refused);
		return;
	}
	set->busy++;
	ask(u, false);
}

bool uploads_busy(const struct uploads *set)
{
	return set->busy > 0;
}

void uploads_free(struct uploads *set)
{
	free(set);
}
