#include "daemon/gateway/staging.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/arriving.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/inbound.h"
#include "daemon/gateway/range.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* In their order. HEAD is only ASKED. */
enum phase {
	ASKED, /* the registry looks for the file */
	OPEN, /* it is written */
	ENDING, /* the registry was told what is held */
};

struct transfer {
	struct staging *set;
	struct transfer *next;
	struct inbound *from; /* NULL with stream */
	struct h2_stream *stream; /* NULL: answered or gone, what is left is the registry's */
	enum phase phase;
	bool head;
	bool whole; /* the peer's message is complete */
	uint64_t number; /* of the request at the registry */
	char party[4];
	uint8_t digest[32];
	struct range range;
	struct arriving file; /* open in phase OPEN */
	struct rxp_buf early; /* octets that came in phase ASKED; not consumed */
	size_t reserved; /* for them */
};

struct staging {
	struct staging_config config;
	struct transfer *first;
};

/* --- the end of a transfer -------------------------------------------------------------------- */

static void transfer_free(struct transfer *t)
{
	assert(t->stream == NULL && t->file.fd < 0);
	rxp_buf_free(&t->early);
	free(t);
}

static void forget(struct transfer *t)
{
	struct transfer **at = &t->set->first;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	transfer_free(t);
}

static void give_back(struct transfer *t)
{
	if (t->from != NULL)
		inbound_release(t->from, t->reserved);
	t->reserved = 0;
	rxp_buf_free(&t->early);
}

static struct h2_stream *detach(struct transfer *t)
{
	struct h2_stream *s = t->stream;

	give_back(t);
	t->from = NULL;
	t->stream = NULL;
	if (s != NULL) {
		h2_stream_adopt(s, NULL, NULL);
		h2_stream_set_user(s, NULL);
	}
	return s;
}

static void respond(struct transfer *t, unsigned status, const uint64_t *held)
{
	const struct gateway_times *times = conns_times(t->set->config.conns);
	struct h2_stream *s = detach(t);
	char offset[H2_OFFSET_TEXT];

	if (s == NULL)
		return;
	if (held != NULL)
		snprintf(offset, sizeof offset, "%" PRIu64, *held);
	(void)h2_respond(s, &(struct h2_response){.status = status,
				.offset = held != NULL ? offset : NULL,
				.deadline_ms = clock_mono_ms() + times->stall_ms});
}

/* Does a response with this status say what is held? */
static bool says_held(uint32_t status)
{
	return status == HTTP_OK || status == HTTP_CREATED || status == HTTP_ACCEPTED ||
	       status == HTTP_CONFLICT || status == HTTP_UNPROCESSABLE;
}

static void finish(struct transfer *t, uint32_t status, uint64_t held)
{
	bool sane = status >= HTTP_OK && status <= HTTP_LAST;

	respond(t, sane ? status : HTTP_BUSY, says_held(status) ? &held : NULL);
	forget(t);
}

/* No octet follows: the registry hears what is held, and its answer is the peer's. */
static void end(struct transfer *t)
{
	struct msg_stage_end m = {.held = t->file.held};

	if (t->file.fd >= 0)
		close(t->file.fd);
	t->file.fd = -1;
	t->phase = ENDING;
	memcpy(m.party, t->party, sizeof m.party);
	memcpy(m.digest, t->digest, sizeof m.digest);
	if (t->stream != NULL)
		h2_stream_deadline(t->stream, 0);
	/* GATEWAY_PUTS leaves room for it: it fails only with the link. */
	if (t->set->config.stage_end(t->set->config.arg, &m, &t->number) != 0)
		finish(t, HTTP_BUSY, 0);
}

/* The peer is told this now, or has gone (0); the registry's part is ended without it. */
static void abandon(struct transfer *t, unsigned status)
{
	if (status != 0)
		respond(t, status, t->phase == OPEN ? &t->file.held : NULL);
	else
		(void)detach(t);
	if (t->phase == OPEN)
		end(t);
}

/* --- octets ----------------------------------------------------------------------------------- */

/* false: it failed and is abandoned. */
static bool store(struct transfer *t, const uint8_t *octets, size_t len)
{
	if (arriving_write(&t->file, octets, len) != 0) {
		abandon(t, HTTP_BUSY);
		return false;
	}
	h2_stream_consume(t->stream, len);
	arriving_extend(&t->file, t->stream, conns_times(t->set->config.conns)->body_ms);
	return true;
}

/* The peer has sent all: is it all that its range names? */
static void complete(struct transfer *t)
{
	uint64_t have = t->phase == OPEN ? t->file.held : t->range.first + t->early.len;

	if (have != t->range.last + 1)
		abandon(t, HTTP_BAD);
	else if (t->phase == OPEN)
		end(t);
}

/* --- streams ---------------------------------------------------------------------------------- */

static void on_octets(void *arg, struct h2_stream *s, const uint8_t *octets, size_t len)
{
	struct transfer *t = arg;
	uint64_t have = t->phase == OPEN ? t->file.held : t->range.first + t->early.len;

	(void)s;
	if (len > t->range.last + 1 - have)
		abandon(t, HTTP_BAD);
	else if (t->phase == OPEN)
		(void)store(t, octets, len);
	else if (rxp_buf_put(&t->early, octets, len) != 0)
		abandon(t, HTTP_BUSY);
}

static void on_whole(void *arg, struct h2_stream *s)
{
	struct transfer *t = arg;

	h2_stream_deadline(s, 0);
	t->whole = true;
	if (!t->head)
		complete(t);
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	static const unsigned status[] = {
	    [H2_FAULT_BODY] = HTTP_TOO_LARGE,
	    [H2_FAULT_TRAILERS] = HTTP_BAD,
	    [H2_FAULT_INTERIM] = HTTP_BAD,
	    [H2_FAULT_NOMEM] = HTTP_BUSY,
	};

	(void)s;
	abandon(arg, status[fault]);
}

/* Too few octets in all that time. */
static void on_late(void *arg, struct h2_stream *s)
{
	abandon(arg, 0);
	h2_cancel(s);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	(void)s;
	(void)why;
	abandon(arg, 0);
}

static void on_nothing(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

/* A body of HEAD is collected under the bound of none at all. */
static const struct h2_calls head_calls = {.head = on_nothing,
    .whole = on_whole,
    .fault = on_fault,
    .sent = on_nothing,
    .late = on_late,
    .gone = on_gone};
static const struct h2_calls put_calls = {.head = on_nothing,
    .whole = on_whole,
    .fault = on_fault,
    .sent = on_nothing,
    .late = on_late,
    .gone = on_gone,
    .octets = on_octets};

/* --- requests --------------------------------------------------------------------------------- */

static struct transfer *transfer_new(
    struct staging *st, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32])
{
	struct transfer *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->set = st;
	t->from = in;
	t->stream = stream;
	t->file.fd = -1;
	memcpy(t->party, conn_party(in->conn), sizeof t->party);
	memcpy(t->digest, digest, sizeof t->digest);
	rxp_buf_init(&t->early, GATEWAY_STREAM_WINDOW);
	t->next = st->first;
	st->first = t;
	return t;
}

/* Has the party room for one more question? Those that others ask must find theirs. */
static bool may_ask(const struct staging *st, const char party[4])
{
	size_t n = 0;

	for (const struct transfer *t = st->first; t != NULL; t = t->next)
		n += t->phase == ASKED && strcmp(t->party, party) == 0;
	return n < GATEWAY_ASKS_PER_PARTY;
}

/* Ask the registry. Until it has answered, time is not the peer's. */
static unsigned begin(struct transfer *t)
{
	struct msg_stage m = {.head = t->head, .offset = t->range.first, .total = t->range.total};

	memcpy(m.party, t->party, sizeof m.party);
	memcpy(m.digest, t->digest, sizeof m.digest);
	if (t->set->config.stage(t->set->config.arg, &m, &t->number) != 0) {
		(void)detach(t);
		forget(t);
		return HTTP_BUSY;
	}
	h2_stream_adopt(t->stream, t->head ? &head_calls : &put_calls, t);
	h2_stream_deadline(t->stream, 0);
	return 0;
}

unsigned staging_ask(
    struct staging *st, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32])
{
	struct transfer *t;

	if (!may_ask(st, conn_party(in->conn)))
		return HTTP_BUSY;
	t = transfer_new(st, in, stream, digest);
	if (t == NULL)
		return HTTP_BUSY;
	t->head = true;
	return begin(t);
}

/* A PUT of the same file on another connection: its line was cut, and nobody has told us (RXP-ATT-012). What reached
 * the file is held, and the registry hears of that before it hears of the new one. */
static void end_older(struct staging *st, const struct inbound *in, const uint8_t digest[32])
{
	struct transfer *t = st->first;
	struct h2_stream *s;

	while (t != NULL && (t->head || t->phase != OPEN || t->from == in ||
				strcmp(t->party, conn_party(in->conn)) != 0 ||
				memcmp(t->digest, digest, sizeof t->digest) != 0))
		t = t->next;
	if (t == NULL)
		return;
	s = t->stream;
	abandon(t, 0);
	if (s != NULL)
		h2_cancel(s);
}

/* One more PUT: not too many, and no other that may still write to this file. */
static bool has_room(const struct staging *st, const char party[4], const uint8_t digest[32])
{
	const struct transfer *t;
	size_t all = 0, of_party = 0;

	for (t = st->first; t != NULL; t = t->next) {
		if (t->head)
			continue;
		all++;
		if (strcmp(t->party, party) != 0)
			continue;
		of_party++;
		if (t->phase != ENDING && memcmp(t->digest, digest, sizeof t->digest) == 0)
			return false;
	}
	if (of_party < GATEWAY_PUTS_SURE)
		return all < GATEWAY_PUTS;
	return all < GATEWAY_PUTS - GATEWAY_PUTS_LAST && of_party < GATEWAY_PUTS_PER_PARTY;
}

/* 0 and the range, or the status that says what is wrong. */
static unsigned judge(struct range *out, const struct h2_head *head)
{
	struct range range;
	int rc = range_parse(&range, head->range);

	if (rc != 0)
		return rc == RXP_ERR_BOUND ? HTTP_RANGE : HTTP_BAD;
	if (range.total > GATEWAY_CIPHERTEXT_OCTETS)
		return HTTP_TOO_LARGE;
	if (head->length >= 0 && (uint64_t)head->length != range.last - range.first + 1)
		return HTTP_BAD;
	*out = range;
	return 0;
}

unsigned staging_put(
    struct staging *st, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32])
{
	struct range range;
	unsigned wrong = judge(&range, h2_stream_head(stream));
	struct transfer *t;

	if (wrong != 0)
		return wrong;
	end_older(st, in, digest);
	if (!may_ask(st, conn_party(in->conn)) || !has_room(st, conn_party(in->conn), digest) ||
	    !inbound_reserve(in, GATEWAY_STREAM_WINDOW))
		return HTTP_BUSY;
	t = transfer_new(st, in, stream, digest);
	if (t == NULL) {
		inbound_release(in, GATEWAY_STREAM_WINDOW);
		return HTTP_BUSY;
	}
	t->reserved = GATEWAY_STREAM_WINDOW;
	t->range = range;
	return begin(t);
}

/* --- from the registry ------------------------------------------------------------------------ */

static struct transfer *find(const struct staging *st, enum phase phase, uint64_t number)
{
	struct transfer *t = st->first;

	while (t != NULL && (t->phase != phase || t->number != number))
		t = t->next;
	return t;
}

void staging_staged(struct staging *st, uint64_t request, const struct msg_staged *m)
{
	struct transfer *t = find(st, ASKED, request);

	if (t != NULL)
		finish(t, m->http_status, m->held);
}

/* Write what has come, and take the rest as it comes. */
static void go_on(struct transfer *t)
{
	if (!store(t, t->early.data, t->early.len))
		return;
	give_back(t);
	if (t->whole)
		complete(t);
	else
		h2_stream_window(t->stream, GATEWAY_FILE_WINDOW);
}

void staging_opened(struct staging *st, uint64_t request, const struct msg_stage_opened *m, int fd)
{
	struct transfer *t = find(st, ASKED, request);

	if (t == NULL)
		return;
	t->phase = OPEN;
	t->file.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	t->file.held = m->held;
	if (t->stream == NULL)
		end(t);
	else if (t->head || t->file.fd < 0)
		abandon(t, HTTP_BUSY);
	else if (t->file.held != t->range.first)
		abandon(t, HTTP_CONFLICT);
	else
		go_on(t);
}

void staging_ended(struct staging *st, uint64_t request, const struct msg_stage_ended *m)
{
	struct transfer *t = find(st, ENDING, request);

	if (t != NULL)
		finish(t, m->http_status, m->held);
}

/* --- the process --------------------------------------------------------------------------------- */

int staging_bound_files(int log_fd)
{
	const struct rlimit longest = {GATEWAY_CIPHERTEXT_OCTETS, GATEWAY_CIPHERTEXT_OCTETS};
	struct stat log;

	if (fstat(log_fd, &log) == 0 && S_ISREG(log.st_mode))
		return 0;
	/* The write that goes beyond fails; that is enough. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &longest) != 0)
		return RXP_ERR_IO;
	return 0;
}

/* --- the set ---------------------------------------------------------------------------------- */

int staging_new(struct staging **out, const struct staging_config *config)
{
	struct staging *st = calloc(1, sizeof *st);

	assert(ipc_row(IPC_stage_end)->window >= GATEWAY_PUTS);
	if (st == NULL)
		return RXP_ERR_NOMEM;
	st->config = *config;
	*out = st;
	return 0;
}

void staging_free(struct staging *st)
{
	struct transfer *t;

	if (st == NULL)
		return;
	while ((t = st->first) != NULL) {
		st->first = t->next;
		transfer_free(t);
	}
	free(st);
}
