#include "daemon/gateway/download.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/arriving.h"
#include "daemon/gateway/client.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/line.h"
#include "daemon/gateway/range.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define PATH_TEXT (sizeof RXP_HTTP_ATTACHMENT + 64)

/* In their order. */
enum phase {
	ASKING, /* the registry is asked what is held */
	OPENING, /* … and for the file */
	FETCHING, /* it is written, or will be */
	ENDING, /* the registry was told what is held */
};

struct download {
	struct errand errand;
	struct downloads *set;
	struct download *next;
	uint64_t request; /* of the registry */
	enum phase phase;
	uint64_t number; /* of ours at the registry */
	char party[4];
	uint8_t digest[32];
	char path[PATH_TEXT];
	uint64_t total;
	struct arriving file; /* open from FETCHING on */
	const struct line *line;
	enum transport why; /* it ended so … */
	unsigned status; /* … with this status of the peer, 0: none */
};

struct downloads {
	struct downloads_config config;
	struct download *first;
};

/* --- outcomes --------------------------------------------------------------------------------- */

static void finish(struct download *d, enum transport why, unsigned status)
{
	struct downloads *set = d->set;
	struct download **at = &set->first;
	struct msg_downloaded m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	if (d->file.fd >= 0)
		close(d->file.fd);
	set->config.done(set->config.arg, d->request, &m);
	free(d);
}

/* No octet follows: the registry hears what is held. */
static void end(struct download *d, enum transport why, unsigned status)
{
	struct msg_stage_end m = {.held = d->file.held};

	d->why = why;
	d->status = status;
	close(d->file.fd);
	d->file.fd = -1;
	d->phase = ENDING;
	memcpy(m.party, d->party, sizeof m.party);
	memcpy(m.digest, d->digest, sizeof m.digest);
	/* GATEWAY_DOWNLOADS leaves room for it: it fails only with the link. */
	if (d->set->config.stage_end(d->set->config.arg, &m, &d->number) != 0)
		finish(d, TRANSPORT_SYSTEM, 0);
}

static void fail(void *arg, enum transport why)
{
	end(arg, why, 0);
}

/* --- streams ---------------------------------------------------------------------------------- */

static void drop(struct download *d, struct h2_stream *s, enum transport why, unsigned status)
{
	h2_stream_adopt(s, NULL, NULL);
	h2_stream_set_user(s, NULL);
	h2_cancel(s);
	end(d, why, status);
}

/* Does the response bring the octets from the one held on? */
static bool brings_the_rest(const struct download *d, const struct h2_head *head)
{
	struct range range;

	if (head->status == HTTP_OK)
		return d->file.held == 0;
	return head->status == HTTP_PART && range_parse(&range, head->range) == 0 &&
	       range.first == d->file.held && range.last == d->total - 1 && range.total == d->total;
}

static void on_head(void *arg, struct h2_stream *s)
{
	struct download *d = arg;
	const struct h2_head *head = h2_stream_head(s);

	if (head->status >= 300 && head->status < 400)
		drop(d, s, TRANSPORT_REDIRECTED, 0);
	else if (head->status >= HTTP_BAD)
		drop(d, s, TRANSPORT_NONE, head->status);
	else if (head->encoded || head->too_large || !brings_the_rest(d, head))
		drop(d, s, TRANSPORT_NOT_RXP, 0);
	else
		h2_stream_window(s, GATEWAY_FILE_WINDOW);
}

static void on_octets(void *arg, struct h2_stream *s, const uint8_t *octets, size_t len)
{
	struct download *d = arg;

	if (len > d->total - d->file.held) {
		drop(d, s, TRANSPORT_ANSWER_LARGE, 0);
	} else if (arriving_write(&d->file, octets, len) != 0) {
		drop(d, s, TRANSPORT_SYSTEM, 0);
	} else {
		h2_stream_consume(s, len);
		arriving_extend(&d->file, s, conns_times(d->set->config.conns)->body_ms);
	}
}

static void on_whole(void *arg, struct h2_stream *s)
{
	struct download *d = arg;

	h2_stream_adopt(s, NULL, NULL);
	h2_stream_set_user(s, NULL);
	end(d, d->file.held == d->total ? TRANSPORT_NONE : TRANSPORT_NOT_RXP, 0);
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	drop(arg, s, fault == H2_FAULT_BODY ? TRANSPORT_ANSWER_LARGE : TRANSPORT_NOT_RXP, 0);
}

static void on_sent(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

/* Too few octets in all that time. */
static void on_late(void *arg, struct h2_stream *s)
{
	drop(arg, s, TRANSPORT_ANSWER_LATE, 0);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct download *d = arg;

	(void)s;
	fail(d, line_stream_why(d->line, why));
}

static const struct h2_calls calls = {.head = on_head,
    .whole = on_whole,
    .fault = on_fault,
    .sent = on_sent,
    .late = on_late,
    .gone = on_gone,
    .octets = on_octets};

static void go(void *arg, struct line *l)
{
	struct download *d = arg;
	char wanted[RANGE_TEXT];
	const struct h2_request request = {.method = "GET",
	    .path = d->path,
	    .authority = line_authority(l),
	    .wanted = wanted,
	    .deadline_ms = clock_mono_ms() + conns_times(d->set->config.conns)->answer_ms};
	struct h2_stream *s;

	range_write_wanted(wanted, d->file.held);
	d->line = l;
	if (h2_request(line_h2(l), &request, &s) != 0)
		fail(d, TRANSPORT_NO_MEMORY);
	else
		h2_stream_adopt(s, &calls, d);
}

/* --- the registry ----------------------------------------------------------------------------- */

/* Ask what is held, or for the file. */
static void stage(struct download *d, enum phase phase)
{
	struct msg_stage m = {.head = phase == ASKING, .offset = d->file.held, .total = d->total};

	d->phase = phase;
	memcpy(m.party, d->party, sizeof m.party);
	memcpy(m.digest, d->digest, sizeof m.digest);
	if (d->set->config.stage(d->set->config.arg, &m, &d->number) != 0)
		finish(d, TRANSPORT_NONE, HTTP_BUSY);
}

static struct download *find(
    const struct downloads *set, enum phase first, enum phase last, uint64_t number)
{
	struct download *d = set->first;

	while (d != NULL && (d->phase < first || d->phase > last || d->number != number))
		d = d->next;
	return d;
}

void downloads_staged(struct downloads *set, uint64_t request, const struct msg_staged *m)
{
	struct download *d = find(set, ASKING, OPENING, request);

	if (d == NULL)
		return;
	if (d->phase == OPENING ||
	    (m->http_status != HTTP_OK && m->http_status != HTTP_NOT_FOUND)) {
		finish(d, TRANSPORT_NONE, m->http_status);
		return;
	}
	d->file.held = m->http_status == HTTP_OK ? m->held : 0;
	if (d->file.held == d->total)
		finish(d, TRANSPORT_NONE, HTTP_OK);
	else if (d->file.held > d->total)
		finish(d, TRANSPORT_NONE, HTTP_UNPROCESSABLE);
	else
		stage(d, OPENING);
}

void downloads_opened(
    struct downloads *set, uint64_t request, const struct msg_stage_opened *m, int fd)
{
	struct download *d = find(set, OPENING, OPENING, request);

	if (d == NULL)
		return;
	d->phase = FETCHING;
	d->file.held = m->held;
	d->file.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (d->file.fd < 0)
		finish(d, TRANSPORT_SYSTEM, 0);
	else
		client_send(set->config.client, d->party, &d->errand);
}

void downloads_ended(struct downloads *set, uint64_t request, const struct msg_stage_ended *m)
{
	struct download *d = find(set, ENDING, ENDING, request);

	if (d == NULL)
		return;
	if (d->why == TRANSPORT_NONE && d->status == 0)
		finish(d, TRANSPORT_NONE, m->http_status);
	else
		finish(d, d->why, d->status);
}

/* --- the set ---------------------------------------------------------------------------------- */

static struct download *download_new(
    struct downloads *set, uint64_t request, const struct msg_download *m)
{
	struct download *d = calloc(1, sizeof *d);
	size_t n = strlen(RXP_HTTP_ATTACHMENT);

	if (d == NULL)
		return NULL;
	*d = (struct download){
	    .set = set, .request = request, .total = m->total, .file = {.fd = -1}};
	d->errand = (struct errand){.arg = d, .go = go, .fail = fail};
	memcpy(d->party, m->peer, sizeof d->party);
	memcpy(d->digest, m->digest, sizeof d->digest);
	snprintf(d->path, sizeof d->path, "%s", RXP_HTTP_ATTACHMENT);
	rxp_hex_put(d->path + n, m->digest, sizeof m->digest, false);
	d->next = set->first;
	set->first = d;
	return d;
}

void downloads_begin(struct downloads *set, uint64_t request, const struct msg_download *m)
{
	struct msg_downloaded refused = {.outcome = (uint32_t)RXP_ERR_NOMEM};
	struct download *d = download_new(set, request, m);

	if (d != NULL) {
		stage(d, ASKING);
		return;
	}
	snprintf(
	    refused.transport, sizeof refused.transport, "%s", transport_text(TRANSPORT_NO_MEMORY));
	set->config.done(set->config.arg, request, &refused);
}

bool downloads_busy(const struct downloads *set)
{
	return set->first != NULL;
}

int downloads_new(struct downloads **out, const struct downloads_config *config)
{
	struct downloads *set = calloc(1, sizeof *set);

	assert(ipc_row(IPC_download)->window <= GATEWAY_DOWNLOADS);
	assert(ipc_row(IPC_stage_end)->window >= GATEWAY_PUTS + GATEWAY_DOWNLOADS);
	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->config = *config;
	*out = set;
	return 0;
}

void downloads_free(struct downloads *set)
{
	struct download *d;

	if (set == NULL)
		return;
	while ((d = set->first) != NULL) {
		set->first = d->next;
		if (d->file.fd >= 0)
			close(d->file.fd);
		free(d);
	}
	free(set);
}
