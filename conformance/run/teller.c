#include "conformance/run/teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/run/control.h"
#include "conformance/run/form.h"
#include "conformance/run/patience.h"
#include "conformance/run/shown.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/log/logpage.h"

void told_init(struct told *t)
{
	*t = (struct told){.seen.final = false};
	rxp_buf_init(&t->octets, WIRE_MAX_RESPONSE_OCTETS);
}

void told_clear(struct told *t)
{
	rxp_buf_free(&t->octets);
}

struct draft *teller_draft(struct teller *t)
{
	if (t->n_drafts == TELLER_MAX)
		abort();
	return &t->drafts[t->n_drafts++];
}

struct told *teller_told(struct teller *t)
{
	if (t->n_told == TELLER_MAX)
		abort();
	told_init(&t->told[t->n_told]);
	return &t->told[t->n_told++];
}

void teller_clear(struct teller *t)
{
	while (t->n_drafts > 0)
		draft_clear(&t->drafts[--t->n_drafts]);
	while (t->n_told > 0)
		told_clear(&t->told[--t->n_told]);
}

void teller_run(struct outcome *out, const struct target *target,
    int (*tell)(struct teller *t, const void *arg), const void *arg)
{
	struct teller t = {.out = out, .line = {.target = target}};
	int64_t began_ms = tls_now_ms();
	int rc;

	if (control(out, &t.line, BASE_PING, VERDICT_INCOMPLETE, "before it")) {
		rc = tell(&t, arg);
		line_hang_up(&t.line);
		if (rc < 0)
			outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		else if (rc == 0)
			(void)control(out, &t.line, BASE_PING, VERDICT_FAIL, "after it");
	}
	line_judge(&t.line, out);
	line_hang_up(&t.line);
	teller_clear(&t);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}

/* --- messages -------------------------------------------------------------------------------- */

int teller_open(struct teller *t, struct draft *d)
{
	return saying_begin(
	    d, t->line.target->parties, RXP_CASE_EVENT_APPLY, RXP_CASE_REQUESTING, moment_now_ms());
}

int teller_make(struct teller *t, struct draft *d)
{
	int rc = teller_open(t, d);

	return rc == 0 ? draft_make(d, NULL) : rc;
}

int teller_say(
    struct teller *t, struct draft *d, const struct draft *before, enum rxp_case_event event)
{
	int rc =
	    saying_begin(d, t->line.target->parties, event, RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		draft_follow(d, before);
	return rc;
}

int teller_void(struct teller *t, struct draft *d, const uint8_t message_id[RXP_ID_OCTETS],
    const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	char id[RXP_ID_TEXT], of_id[128], of_fingerprint[128];
	struct edit edits[] = {{"<MessageId>", "</MessageId>", of_id},
	    {"<Fingerprint>", "</Fingerprint>", of_fingerprint}, {NULL}};
	struct rxp_buf base64;
	int rc;

	rxp_buf_init(&base64, sizeof of_fingerprint);
	rc = rxp_base64_put(&base64, fingerprint, RXP_DIGEST_OCTETS);
	rxp_id_text(id, message_id);
	(void)snprintf(of_id, sizeof of_id, "<MessageId>%s</MessageId>", id);
	(void)snprintf(of_fingerprint, sizeof of_fingerprint, "<Fingerprint>%.*s</Fingerprint>",
	    (int)base64.len, (const char *)base64.data);
	if (rc == 0)
		rc = draft_begin_example(
		    d, t->line.target->parties, "void.xml", edits, moment_now_ms());
	rxp_buf_free(&base64);
	return rc;
}

/* A case with one document, and the next, not made. The caller clears both. */
int teller_begin(
    struct teller *t, struct draft *first, struct draft *next, enum rxp_case_event event)
{
	int rc = teller_open(t, first);

	if (rc == 0)
		rc = teller_before(t, first);
	return rc == 0 ? teller_say(t, next, first, event) : rc;
}

/* --- sending --------------------------------------------------------------------------------- */

static int made(struct draft *d)
{
	return d->envelope.len > 0 ? 0 : draft_make(d, NULL);
}

int teller_again(struct teller *t, const struct draft *d, struct told *got)
{
	struct wire_response response;
	int rc;

	wire_response_init(&response);
	line_send(&t->line, d, &got->seen, &response);
	rc = rxp_buf_put(&got->octets, response.body.data, response.body.len);
	wire_response_clear(&response);
	return rc;
}

int teller_send(struct teller *t, struct draft *d, struct told *got)
{
	int rc = made(d);

	return rc == 0 ? teller_again(t, d, got) : rc;
}

static int must_be_taken(
    struct teller *t, struct draft *d, enum verdict otherwise, const char *when)
{
	char words[SEEN_WORDS];
	struct told got;
	int rc = made(d);

	told_init(&got);
	if (rc == 0)
		rc = teller_again(t, d, &got);
	seen_words(words, &got.seen.what);
	if (rc == 0 && got.seen.what.kind != EXPECT_RECEIPT) {
		outcome_rule(t->out, line_verdict(&t->line, t->out, otherwise), "%s, %s gets %s",
		    when, d->header.type, words);
		rc = 1;
	}
	told_clear(&got);
	return rc;
}

int teller_before(struct teller *t, struct draft *d)
{
	return must_be_taken(t, d, VERDICT_INCOMPLETE, "before it");
}

int teller_after(struct teller *t, struct draft *d)
{
	return must_be_taken(t, d, outcome_against(t->out), "after it");
}

int teller_try(struct teller *t, struct draft *d, const struct expect *wanted, struct told *got)
{
	int rc = made(d);

	if (rc == 0)
		rc = teller_again(t, d, got);
	if (rc != 0)
		return rc;
	return teller_show(t, d, &got->octets, &got->seen, wanted);
}

int teller_show(struct teller *t, const struct draft *d, const struct rxp_buf *came,
    const struct seen *seen, const struct expect *wanted)
{
	rxp_buf_reset(&t->out->received);
	shown_put(t->out, d);
	(void)rxp_buf_put(&t->out->received, came->data, came->len);
	seen_judge(t->out, seen, wanted);
	return t->out->verdict == VERDICT_PASS ? 0 : 1;
}

/* --- judging --------------------------------------------------------------------------------- */

int teller_against(struct teller *t, const char *why)
{
	enum verdict v = line_verdict(&t->line, t->out, outcome_against(t->out));

	if (t->line.is_busy)
		patience_ended(t->line.target, t->out);
	else
		outcome_rule(t->out, v, "%s", why);
	return 1;
}

int teller_against_of(struct teller *t, const char *requirement, const char *why)
{
	if (t->line.is_busy || strcmp(requirement, t->out->facts->requirement) == 0)
		return teller_against(t, why);
	outcome_rule(t->out, VERDICT_INCOMPLETE, "before it, %s: %s", requirement, why);
	return 1;
}

int teller_status(struct teller *t, int wanted, int got)
{
	char why[OUTCOME_WHY];

	(void)snprintf(
	    t->out->seen, sizeof t->out->seen, got == 0 ? "no response" : "the status %d", got);
	if (got == wanted)
		return 0;
	(void)snprintf(why, sizeof why, "wanted the status %d, got %s", wanted, t->out->seen);
	return teller_against(t, why);
}

int teller_same(struct teller *t, const struct told *a, const struct told *b)
{
	if (a->octets.len > 0 && a->octets.len == b->octets.len &&
	    memcmp(a->octets.data, b->octets.data, a->octets.len) == 0)
		return 0;
	(void)snprintf(t->out->seen, sizeof t->out->seen, "%s", "another answer");
	return teller_against(
	    t, "the answer is not the one that was given before, octet for octet");
}

int teller_read(const struct teller *t, struct rxp_answer *a, const struct told *got)
{
	const struct product *p = t->line.target->parties->product;
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];

	for (size_t i = 0; i < p->n_certs; i++)
		certs[i] = p->certs[i];
	return rxp_answer_open(a, got->octets.data, got->octets.len, certs, p->n_certs);
}

int teller_view(struct teller *t, const struct told *got, const struct draft *last)
{
	const struct parties *p = t->line.target->parties;
	struct rxp_answer a;
	const char *wrong = NULL;

	rxp_answer_init(&a);
	if (teller_read(t, &a, got) != 0 || !a.has_view)
		wrong = "the Refusal has no View";
	else if (strcmp(a.view[0].party, product_party(p->product)) != 0 ||
		 strcmp(a.view[1].party, p->own->party) != 0)
		wrong = "View does not name the answering party and then the other";
	else if (a.view[0].position != 0)
		wrong = "View names a document of the product, which sent none";
	else if (a.view[1].position != (last == NULL ? 0 : last->header.position))
		wrong = "View names another Position than that of the last document";
	else if (last != NULL &&
		 memcmp(a.view[1].fingerprint, last->fingerprint, sizeof last->fingerprint) != 0)
		wrong = "View names another document than the last";
	rxp_answer_clear(&a);
	return wrong == NULL ? 0 : teller_against(t, wrong);
}

/* --- what is no message ------------------------------------------------------------------------ */

int teller_ask(struct teller *t, const struct wire_request *request, int *status)
{
	struct wire_response response;
	int rc;

	wire_response_init(&response);
	(void)line_ask(&t->line, request, &response);
	*status = t->out->status = response.status;
	rxp_buf_reset(&t->out->received);
	rc = rxp_buf_put(&t->out->received, response.body.data, response.body.len);
	wire_response_clear(&response);
	return rc;
}

int teller_upload(struct teller *t, struct draft *d)
{
	int rc = made(d);

	if (rc != 0 || line_upload(&t->line, d))
		return rc;
	outcome_rule(t->out, VERDICT_INCOMPLETE, "before it, a file cannot be brought");
	return 1;
}

int teller_page(struct teller *t, uint64_t after, struct rxp_log_page **out)
{
	char path[64];
	const char *fault;
	int status = 0, rc;

	(void)snprintf(path, sizeof path, "/rxp/1/log?after=%" PRIu64, after);
	rc = teller_ask(t, &(struct wire_request){.method = "GET", .path = path}, &status);
	if (rc != 0)
		return rc;
	if (status != 200)
		return teller_against(t, "its log is not given");
	fault = form_page(t->line.target->parties, &t->out->received, out);
	if (fault == NULL && (*out)->after != after) {
		free(*out);
		*out = NULL;
		fault = "its page begins behind another entry than was asked for";
	}
	return fault == NULL ? 0 : teller_against(t, fault);
}

/* The page behind those that there are, and its entries behind theirs. */
static int add_page(struct teller *t, struct rxp_log_page *all)
{
	struct rxp_log_page *next = NULL;
	int rc = teller_page(t, all->after + all->n_entries, &next);

	if (rc != 0)
		return rc;
	if (memcmp(next->log_id, all->log_id, sizeof all->log_id) != 0) {
		rc = teller_against(t, "its next page is of another log");
	} else if (next->n_entries > RXP_MAX_LOG_PAGE_ENTRIES - all->n_entries) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "its Receipt names a log that ends so far back that it is not read");
		rc = 1;
	} else {
		memcpy(&all->entries[all->n_entries], next->entries,
		    next->n_entries * sizeof next->entries[0]);
		all->n_entries += next->n_entries;
		all->count = next->count;
		memcpy(all->head, next->head, sizeof all->head);
	}
	free(next);
	return rc;
}

int teller_log(struct teller *t, uint64_t after, struct rxp_log_page **out)
{
	int rc = teller_page(t, after, out);

	while (rc == 0 && (*out)->after + (*out)->n_entries < (*out)->count)
		rc = add_page(t, *out);
	return rc;
}

size_t teller_entry(const struct rxp_log_page *page, const struct draft *d)
{
	size_t i = 0;

	while (i < page->n_entries &&
	       memcmp(page->entries[i].message_id, d->header.outer.message_id, RXP_ID_OCTETS) != 0)
		i++;
	return i;
}
