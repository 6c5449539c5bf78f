#include "daemon/gateway/pickup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/inbound.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define WAIT "wait="
#define SKIP "skip="
#define LEFT "left="
#define ID_CHARS (RXP_ID_TEXT - 1)

/* One request, from its field section to the last octet of its answer. */
struct pick {
	struct pickups *set;
	struct pick *next;
	struct inbound *from; /* NULL with stream */
	struct h2_stream *stream; /* NULL: gone, what is left is the registry's */
	bool waits; /* the registry has not answered */
	uint64_t number; /* of the request there */
	char party[4];
};

struct pickups {
	struct pickups_config config;
	struct pick *first;
};

/* --- the query -------------------------------------------------------------------------------- */

/* 0 to GATEWAY_PICKUP_WAIT_S seconds, without a leading 0; *text goes behind. */
static int parse_wait(uint32_t *ms, const char **text)
{
	const char *at = *text;
	size_t digits = strspn(at, "0123456789");
	unsigned s = 0;

	if (digits == 0 || (at[0] == '0' && digits > 1))
		return RXP_ERR_SYNTAX;
	if (digits > 2)
		return RXP_ERR_BOUND;
	for (size_t i = 0; i < digits; i++)
		s = s * 10 + (unsigned)(at[i] - '0');
	if (s > GATEWAY_PICKUP_WAIT_S)
		return RXP_ERR_BOUND;
	*ms = s * 1000;
	*text = at + digits;
	return 0;
}

/* *text goes behind the last one. */
static int parse_skip(struct pickup_query *q, const char **text)
{
	const char *at = *text;
	char id[RXP_ID_TEXT];

	for (;;) {
		if (strlen(at) < ID_CHARS)
			return RXP_ERR_SYNTAX;
		if (q->n_skip == GATEWAY_PICKUP_SKIP)
			return RXP_ERR_BOUND;
		memcpy(id, at, ID_CHARS);
		id[ID_CHARS] = '\0';
		if (rxp_id_parse(q->skip[q->n_skip], id, 7) != 0)
			return RXP_ERR_SYNTAX;
		q->n_skip++;
		at += ID_CHARS;
		*text = at;
		if (*at++ != ',')
			return 0;
	}
}

/* Is it the next parameter of the query? They stand in one order, each once at most, joined by `&`. */
static bool is_next(const char **text, const char *start, const char *name)
{
	const char *at = *text;
	size_t len = strlen(name);

	if (at != start) {
		if (*at != '&')
			return false;
		at++;
	}
	if (strncmp(at, name, len) != 0)
		return false;
	*text = at + len;
	return true;
}

int pickup_parse(struct pickup_query *out, const char *query)
{
	struct pickup_query q = {0};
	const char *at = query;
	int rc = 0;

	if (is_next(&at, query, WAIT))
		rc = parse_wait(&q.wait_ms, &at);
	if (rc == 0 && is_next(&at, query, SKIP))
		rc = parse_skip(&q, &at);
	if (rc == 0 && is_next(&at, query, LEFT)) {
		rc = rxp_hex_get(q.left, sizeof q.left, at, false);
		at += strlen(at);
	}
	if (rc == 0 && (at == query || *at != '\0'))
		rc = RXP_ERR_SYNTAX;
	if (rc == 0)
		*out = q;
	return rc;
}

/* --- the end of a request --------------------------------------------------------------------- */

static void forget(struct pick *p)
{
	struct pick **at = &p->set->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	free(p);
}

static void respond(struct pick *p, unsigned status, struct bytes envelope)
{
	const struct gateway_times *times = conns_times(p->set->config.conns);

	if (p->stream == NULL)
		return;
	(void)h2_respond(p->stream, &(struct h2_response){.status = status,
					.type = envelope.len > 0 ? RXP_HTTP_TYPE : NULL,
					.body = envelope.data,
					.len = envelope.len,
					.deadline_ms = clock_mono_ms() + times->stall_ms});
}

/* --- streams ---------------------------------------------------------------------------------- */

static void on_nothing(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	(void)fault;
	if (!h2_stream_answered(s))
		respond(arg, HTTP_BAD, (struct bytes){0});
}

/* The answer is not taken. */
static void on_late(void *arg, struct h2_stream *s)
{
	const struct pick *p = arg;

	(void)s;
	conn_close(p->from->conn, TRANSPORT_STALLED);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct pick *p = arg;

	(void)s;
	(void)why;
	p->stream = NULL;
	p->from = NULL;
	if (!p->waits)
		forget(p);
}

static const struct h2_calls calls = {.head = on_nothing,
    .whole = on_nothing,
    .fault = on_fault,
    .sent = on_nothing,
    .late = on_late,
    .gone = on_gone};

/* --- requests --------------------------------------------------------------------------------- */

static size_t of_party(const struct pickups *set, const char party[4])
{
	size_t n = 0;

	for (const struct pick *p = set->first; p != NULL; p = p->next)
		n += strcmp(p->party, party) == 0;
	return n;
}

unsigned pickups_ask(struct pickups *set, struct inbound *in, struct h2_stream *stream)
{
	const char *query = strchr(h2_stream_head(stream)->path, '?');
	struct pickup_query q = {0};
	struct msg_pickup m = {0};
	struct pick *p;

	if (query != NULL && pickup_parse(&q, query + 1) != 0)
		return HTTP_BAD;
	if (of_party(set, conn_party(in->conn)) >= GATEWAY_PICKUPS_PER_PARTY)
		return HTTP_BUSY;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return HTTP_BUSY;
	*p = (struct pick){.set = set, .from = in, .stream = stream, .waits = true};
	memcpy(p->party, conn_party(in->conn), sizeof p->party);
	memcpy(m.party, p->party, sizeof m.party);
	m.wait_ms = q.wait_ms;
	memcpy(m.left, q.left, sizeof m.left);
	m.skip = (struct bytes){.data = q.skip[0], .len = q.n_skip * sizeof q.skip[0]};
	if (set->config.pickup(set->config.arg, &m, &p->number) != 0) {
		free(p);
		return HTTP_BUSY;
	}
	p->next = set->first;
	set->first = p;
	h2_stream_adopt(stream, &calls, p);
	h2_stream_deadline(stream, 0);
	return 0;
}

void pickups_answered(struct pickups *set, uint64_t request, const struct msg_picked_up *m)
{
	bool sane = m->http_status >= HTTP_OK && m->http_status <= HTTP_LAST &&
		    m->envelope.len <= RXP_MAX_ENVELOPE_OCTETS;
	struct pick *p = set->first;

	while (p != NULL && (!p->waits || p->number != request))
		p = p->next;
	if (p == NULL)
		return;
	p->waits = false;
	if (p->stream == NULL)
		forget(p);
	else if (!h2_stream_answered(p->stream))
		respond(
		    p, sane ? m->http_status : HTTP_BUSY, sane ? m->envelope : (struct bytes){0});
}

void pickups_drain(struct pickups *set)
{
	for (struct pick *p = set->first; p != NULL; p = p->next)
		if (p->waits && p->stream != NULL && !h2_stream_answered(p->stream))
			respond(p, HTTP_NOTHING, (struct bytes){0});
}

/* --- the set ---------------------------------------------------------------------------------- */

int pickups_new(struct pickups **out, const struct pickups_config *config)
{
	struct pickups *set = calloc(1, sizeof *set);

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->config = *config;
	*out = set;
	return 0;
}

void pickups_free(struct pickups *set)
{
	struct pick *p;

	if (set == NULL)
		return;
	while ((p = set->first) != NULL) {
		assert(p->stream == NULL);
		set->first = p->next;
		free(p);
	}
	free(set);
}
