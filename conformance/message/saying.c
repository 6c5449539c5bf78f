#include "conformance/message/saying.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define MAX_EDITS 3

static const struct {
	const char *example;
	struct edit edits[MAX_EDITS + 1]; /* up to the first without find */
} sayings[] = {
#define SAYING(event, example, ...) [RXP_CASE_EVENT_##event] = {example, {__VA_ARGS__}},
#include "conformance/message/saying.def"
#undef SAYING
};
_Static_assert(
    sizeof sayings / sizeof sayings[0] == RXP_CASE_EVENT_COUNT, "each event can be said");

static const char *or_else(const char *office, const char *otherwise)
{
	return office[0] != '\0' ? office : otherwise;
}

/* Where the table names none, those of an application. */
static void address(struct rxp_header *h, enum rxp_case_event event, enum rxp_case_side side)
{
	const struct rxp_type_row *row = rxp_type_row(rxp_case_event_row(event)->type);
	const char *asking = or_else(row->asking_office, "RETURNS");
	const char *asked = or_else(row->asked_office, "READMISSION");
	bool asks = side == RXP_CASE_REQUESTING;

	(void)snprintf(h->from_office, sizeof h->from_office, "%s", asks ? asking : asked);
	(void)snprintf(h->to_office, sizeof h->to_office, "%s", asks ? asked : asking);
}

int saying_begin_by(struct draft *d, const struct parties *parties, enum rxp_case_event event,
    enum rxp_case_side side, const char *example, const struct edit *edits, int64_t now_ms)
{
	int rc;

	if ((unsigned)event >= RXP_CASE_EVENT_COUNT)
		abort();
	rc = draft_begin_example(d, parties, example, edits, now_ms);
	if (rc == 0)
		address(&d->header, event, side);
	return rc;
}

int saying_begin(struct draft *d, const struct parties *parties, enum rxp_case_event event,
    enum rxp_case_side side, int64_t now_ms)
{
	if ((unsigned)event >= RXP_CASE_EVENT_COUNT)
		abort();
	return saying_begin_by(
	    d, parties, event, side, sayings[event].example, sayings[event].edits, now_ms);
}

int saying_about(struct draft *d, const uint8_t fingerprint[32])
{
	enum rxp_type type;
	const struct rxp_case_answers *a;
	char from[64], until[64], value[256];
	struct rxp_buf base64;
	int rc = rxp_type_parse(&type, d->header.type);

	a = rc == 0 ? rxp_case_answers(type) : NULL;
	if (a == NULL)
		return rc;
	rxp_buf_init(&base64, sizeof value);
	rc = rxp_base64_put(&base64, fingerprint, RXP_DIGEST_OCTETS);
	(void)snprintf(from, sizeof from, "<%s>", a->element);
	(void)snprintf(until, sizeof until, "</%s>", a->element);
	if (rc == 0) {
		(void)snprintf(value, sizeof value, "%s%.*s%s", from, (int)base64.len,
		    (const char *)base64.data, until);
		rc = edit_apply(&d->content, &(struct edit){from, until, value});
	}
	rxp_buf_free(&base64);
	return rc;
}
