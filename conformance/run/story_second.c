/* Stories of two States that the suite plays: nothing of the one is seen by the other, or mixed with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/message/attached.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "protocol/log/logpage.h"

#define MAX_PATH 128

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect gap = {EXPECT_REFUSAL, RXP_REFUSAL_GAP};
static const struct expect sender = {EXPECT_REFUSAL, RXP_REFUSAL_SENDER};
static const struct expect unopenable = {EXPECT_REFUSAL, RXP_REFUSAL_UNOPENABLE};
static const struct expect attachment = {EXPECT_REFUSAL, RXP_REFUSAL_ATTACHMENT};

static int ping(struct teller *t, struct draft *d)
{
	return draft_begin(d, t->line.target->parties, BASE_PING, moment_now_ms());
}

/* A made message that is receipted; got holds its Receipt. */
static int receipted(struct teller *t, struct draft *d, struct told *got)
{
	int rc = teller_send(t, d, got);

	if (rc == 0 && got->seen.what.kind != EXPECT_RECEIPT) {
		outcome_rule(
		    t->out, VERDICT_INCOMPLETE, "before it, %s is not receipted", d->header.type);
		rc = 1;
	}
	return rc;
}

/* What was receipted of this State still has its answer, whatever the other one did. */
static int still_stands(struct teller *t, const struct draft *d, const struct told *once)
{
	struct told *again = teller_told(t);
	int rc = teller_again(t, d, again);

	return rc == 0 ? teller_same(t, once, again) : rc;
}

/* --- names that both use --------------------------------------------------------------------- */

int tell_id_of_two(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), *b = teller_draft(one);
	struct told *once = teller_told(one), *got = teller_told(one);
	int rc = ping(one, a);

	if (rc == 0)
		rc = receipted(one, a, once);
	if (rc == 0)
		rc = ping(other, b);
	memcpy(b->header.outer.message_id, a->header.outer.message_id, RXP_ID_OCTETS);
	if (rc == 0)
		rc = teller_try(other, b, &receipt, got);
	return rc == 0 ? still_stands(one, a, once) : rc;
}

int tell_case_of_two(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), *b = teller_draft(one), *next_a = teller_draft(one),
		     *next_b = teller_draft(one);
	int rc = teller_begin(one, a, next_a, RXP_CASE_EVENT_REMIND);

	if (rc == 0)
		rc = teller_open(other, b);
	memcpy(b->header.case_id, a->header.case_id, sizeof b->header.case_id);
	if (rc == 0)
		rc = teller_try(other, b, &receipt, teller_told(one));
	if (rc == 0)
		rc = teller_after(one, next_a);
	if (rc == 0)
		rc = teller_say(other, next_b, b, RXP_CASE_EVENT_WITHDRAW);
	return rc == 0 ? teller_after(other, next_b) : rc;
}

int tell_place_in_other(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), *b = teller_draft(one), *next = teller_draft(one);
	struct told *got = teller_told(one);
	int rc = teller_begin(one, a, next, RXP_CASE_EVENT_REMIND);

	if (rc == 0)
		rc = teller_say(other, b, a, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_try(other, b, &gap, got);
	if (rc == 0)
		rc = teller_view(other, got, NULL);
	return rc == 0 ? teller_after(one, next) : rc;
}

/* --- attachments ----------------------------------------------------------------------------- */

/* Asked for it with this method, the product says that there is none. */
static int has_none(struct teller *t, const char *method, const struct draft *of)
{
	char path[MAX_PATH], name[ATTACHED_NAME] = "";
	int status = 0, rc = attached_name(name, &of->file);

	(void)snprintf(path, sizeof path, "/rxp/1/attachments/%s", name);
	if (rc == 0)
		rc = teller_ask(t, &(struct wire_request){.method = method, .path = path}, &status);
	return rc == 0 ? teller_status(t, 404, status) : rc;
}

/* The same attachment, which the other State did not upload, in a document of its own. */
static int name_it(struct teller *t, struct draft *d, const struct draft *of)
{
	int rc = draft_begin(d, t->line.target->parties, BASE_ATTACHED, moment_now_ms());

	rxp_buf_reset(&d->file);
	rxp_buf_reset(&d->manifest);
	if (rc == 0)
		rc = rxp_buf_put(&d->file, of->file.data, of->file.len);
	return rc == 0 ? rxp_buf_put(&d->manifest, of->manifest.data, of->manifest.len) : rc;
}

int tell_file_of_other(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), *b = teller_draft(one);
	int rc = draft_begin(a, one->line.target->parties, BASE_ATTACHED, moment_now_ms());

	if (rc == 0)
		rc = teller_upload(one, a);
	if (rc == 0)
		rc = has_none(other, "HEAD", a);
	if (rc == 0)
		rc = has_none(other, "GET", a);
	if (rc == 0)
		rc = name_it(other, b, a);
	if (rc == 0)
		rc = teller_try(other, b, &attachment, teller_told(one));
	return rc == 0 ? teller_after(one, a) : rc;
}

int tell_file_of_both(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), *b = teller_draft(one);
	int rc = draft_begin(a, one->line.target->parties, BASE_ATTACHED, moment_now_ms());

	if (rc == 0)
		rc = teller_upload(one, a);
	if (rc == 0)
		rc = teller_before(one, a);
	if (rc == 0)
		rc = name_it(other, b, a);
	if (rc == 0)
		rc = teller_upload(other, b);
	return rc == 0 ? teller_try(other, b, &receipt, teller_told(one)) : rc;
}

/* --- the log --------------------------------------------------------------------------------- */

/* What stands in the log for a State behind its own message: nothing. Its Receipt may name an earlier end (RXP-ANS-007). */
static int judge_own_log(struct teller *t, const struct draft *d, const struct rxp_answer *a)
{
	struct rxp_log_page *page = NULL;
	const char *wrong = NULL;
	int rc = teller_log(t, a->log_count, &page);

	if (rc != 0)
		return rc;
	if (memcmp(page->log_id, a->log_id, sizeof page->log_id) != 0)
		wrong = "it is not the log that the Receipt names";
	else if (teller_entry(page, d) == page->n_entries)
		wrong = "its log has no entry of a message that it receipted";
	else if (teller_entry(page, d) != page->n_entries - 1)
		wrong = "the log for one State has what was answered to another";
	free(page);
	return wrong == NULL ? 0 : teller_against(t, wrong);
}

int tell_log_of_other(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one);
	struct told *once = teller_told(one), *theirs = teller_told(one);
	struct rxp_answer first, second;
	int rc = ping(one, a);

	rxp_answer_init(&first);
	rxp_answer_init(&second);
	if (rc == 0)
		rc = receipted(one, a, once);
	for (int i = 0; rc == 0 && i < 2; i++) {
		struct draft *b = teller_draft(one);

		rxp_buf_reset(&theirs->octets);
		rc = ping(other, b);
		if (rc == 0)
			rc = receipted(other, b, theirs);
	}
	if (rc == 0)
		rc = teller_read(one, &first, once);
	if (rc == 0)
		rc = teller_read(other, &second, theirs);
	if (rc == 0 && memcmp(first.log_id, second.log_id, sizeof first.log_id) == 0)
		rc = teller_against(one, "Receipts for two States name one log");
	if (rc == 0)
		rc = judge_own_log(one, a, &first);
	rxp_answer_clear(&first);
	rxp_answer_clear(&second);
	return rc;
}

/* --- who is who ------------------------------------------------------------------------------ */

/* A message of one State on the connection of the other: the answer is to whom the connection belongs (RXP-ANS-001). */
int tell_line_of_other(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), over;
	int rc = ping(one, a);

	if (rc == 0)
		rc = draft_make(a, NULL);
	over = *a;
	over.parties = other->line.target->parties;
	if (rc == 0)
		rc = teller_try(other, &over, &sender, teller_told(one));
	return rc == 0 ? teller_after(one, a) : rc;
}

int tell_seal_of_other(struct teller *one, struct teller *other)
{
	struct state mixed = *other->line.target->parties->own;
	struct parties as_mixed = {&mixed, other->line.target->parties->product};
	struct draft *b = teller_draft(one), *right = teller_draft(one);
	int rc;

	mixed.seal = one->line.target->parties->own->seal;
	rc = draft_begin(b, &as_mixed, BASE_PING, moment_now_ms());
	if (rc == 0)
		rc = draft_make(b, NULL);
	b->parties = other->line.target->parties;
	if (rc == 0)
		rc = draft_twin(right, b);
	if (rc == 0)
		rc = teller_try(other, b, &unopenable, teller_told(one));
	return rc == 0 ? teller_after(other, right) : rc;
}

/* Posted there by the other State, it must be refused. */
static int must_refuse(struct teller *t, const char *path, const struct rxp_buf *octets)
{
	const struct wire_request request = {.method = "POST",
	    .path = path,
	    .content_type = "application/rxp+xml",
	    .body = octets->data,
	    .body_len = octets->len};
	int status = 0, rc;

	rxp_buf_reset(&t->out->sent);
	(void)rxp_buf_put(&t->out->sent, octets->data, octets->len);
	rc = teller_ask(t, &request, &status);
	return rc == 0 ? teller_status(t, 422, status) : rc;
}

int tell_answer_of_other(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one);
	struct told *once = teller_told(one);
	int rc = ping(one, a);

	if (rc == 0)
		rc = receipted(one, a, once);
	if (rc == 0)
		rc = must_refuse(other, "/rxp/1/answers", &once->octets);
	return rc == 0 ? still_stands(one, a, once) : rc;
}

int tell_descriptor_of_other(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one);
	int rc =
	    must_refuse(other, "/rxp/1/descriptor", &one->line.target->parties->own->descriptor);

	if (rc == 0)
		rc = ping(one, a);
	return rc == 0 ? teller_after(one, a) : rc;
}

/* A Void of what another State sent is one of a message that never came. */
int tell_void_of_other_state(struct teller *one, struct teller *other)
{
	struct draft *a = teller_draft(one), *b = teller_draft(one);
	struct told *once = teller_told(one), *got = teller_told(one);
	struct rxp_answer answer;
	int rc = teller_open(one, a);

	rxp_answer_init(&answer);
	if (rc == 0)
		rc = receipted(one, a, once);
	if (rc == 0)
		rc = teller_void(other, b, a->outer.message_id, a->fingerprint);
	if (rc == 0)
		rc = teller_send(other, b, got);
	if (rc == 0) {
		(void)rxp_buf_put(&one->out->sent, b->envelope.data, b->envelope.len);
		(void)rxp_buf_put(&one->out->received, got->octets.data, got->octets.len);
	}
	if (rc == 0 &&
	    (teller_read(other, &answer, got) != 0 || answer.kind != RXP_ANSWER_REFUSAL ||
		answer.refusal != RXP_REFUSAL_VOIDED ||
		strcmp(answer.to, other->line.target->parties->own->party) != 0))
		rc = teller_against(other, "it is not the Refusal voided for the State that asks");
	rxp_answer_clear(&answer);
	return rc == 0 ? still_stands(one, a, once) : rc;
}
