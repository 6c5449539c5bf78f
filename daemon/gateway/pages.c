#include "daemon/gateway/pages.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/inbound.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define DECIMAL 10

struct question {
	struct pages *set;
	struct question *next;
	struct h2_stream *stream; /* NULL: it has gone, and only the registry's answer is awaited */
	uint64_t number; /* of the request at the registry */
	char party[4];
};

struct pages {
	struct pages_config config;
	struct question *first;
};

bool pages_after(uint64_t *after, const char *path)
{
	size_t n = strlen(RXP_HTTP_LOG_AFTER);
	const char *digits = path + n;
	uint64_t value = 0;

	if (strncmp(path, RXP_HTTP_LOG_AFTER, n) != 0 || digits[0] == '\0' ||
	    (digits[0] == '0' && digits[1] != '\0'))
		return false;
	for (; *digits >= '0' && *digits <= '9'; digits++) {
		unsigned digit = (unsigned)(*digits - '0');

		if (value > ((uint64_t)INT64_MAX - digit) / DECIMAL)
			return false;
		value = value * DECIMAL + digit;
	}
	*after = value;
	return *digits == '\0';
}

/* --- the end of a question ---------------------------------------------------------------------- */

static void forget(struct question *q)
{
	struct question **at = &q->set->first;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	free(q);
}

static void respond(struct question *q, unsigned status, struct bytes page)
{
	const struct gateway_times *times = conns_times(q->set->config.conns);
	struct h2_stream *s = q->stream;

	if (s == NULL)
		return;
	q->stream = NULL;
	h2_stream_adopt(s, NULL, NULL);
	(void)h2_respond(s, &(struct h2_response){.status = status,
				.type = page.len > 0 ? RXP_HTTP_TYPE : NULL,
				.body = page.data,
				.len = page.len,
				.deadline_ms = clock_mono_ms() + times->stall_ms});
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct question *q = arg;

	(void)s;
	(void)why;
	q->stream = NULL;
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	(void)s;
	respond(arg, fault == H2_FAULT_NOMEM ? HTTP_BUSY : HTTP_BAD, (struct bytes){0});
}

static void on_nothing(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

static const struct h2_calls calls = {.head = on_nothing,
    .whole = on_nothing,
    .fault = on_fault,
    .sent = on_nothing,
    .late = on_nothing,
    .gone = on_gone};

/* --- questions ---------------------------------------------------------------------------------- */

static bool may_ask(const struct pages *p, const char party[4])
{
	size_t n = 0;

	for (const struct question *q = p->first; q != NULL; q = q->next)
		n += strcmp(q->party, party) == 0;
	return n < GATEWAY_PAGES_PER_PARTY;
}

unsigned pages_ask(struct pages *p, struct inbound *in, struct h2_stream *stream, uint64_t after)
{
	struct msg_log_get m = {.after = after};
	struct question *q;

	if (!may_ask(p, conn_party(in->conn)))
		return HTTP_BUSY;
	q = calloc(1, sizeof *q);
	if (q == NULL)
		return HTTP_BUSY;
	memcpy(q->party, conn_party(in->conn), sizeof q->party);
	memcpy(m.party, q->party, sizeof m.party);
	if (p->config.log_get(p->config.arg, &m, &q->number) != 0) {
		free(q);
		return HTTP_BUSY;
	}
	q->set = p;
	q->stream = stream;
	q->next = p->first;
	p->first = q;
	h2_stream_adopt(stream, &calls, q);
	h2_stream_deadline(stream, 0); /* until the registry has answered, time is not the peer's */
	return 0;
}

void pages_got(struct pages *p, uint64_t request, const struct msg_log_got *m)
{
	bool sane = m->http_status >= HTTP_OK && m->http_status <= HTTP_LAST &&
		    m->page.len <= RXP_MAX_LOG_PAGE_OCTETS;
	struct question *q = p->first;

	while (q != NULL && q->number != request)
		q = q->next;
	if (q == NULL)
		return;
	respond(q, sane ? m->http_status : HTTP_BUSY, sane ? m->page : (struct bytes){0});
	forget(q);
}

/* --- the set ------------------------------------------------------------------------------------ */

int pages_new(struct pages **out, const struct pages_config *config)
{
	struct pages *p = calloc(1, sizeof *p);

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->config = *config;
	*out = p;
	return 0;
}

void pages_free(struct pages *p)
{
	struct question *q;

	if (p == NULL)
		return;
	while ((q = p->first) != NULL) {
		p->first = q->next;
		free(q);
	}
	free(p);
}
