/* Stories of the log that the product keeps of its answers (section 8), and of what stands although much came behind it. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/message/changes.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "protocol/log/logpage.h"

#define BETWEEN_MS 1500
#define AGE_MS 3600000 /* of a message that comes late */
#define LATE_MS 1500
#define LIFE_MS 2500 /* within which a message is answered for sure */
#define SLACK_MS 500 /* of a clock that is set meanwhile, and of times that are cut */
#define MANY 40 /* messages after which the first answer still stands */

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};
static const struct expect gap = {EXPECT_REFUSAL, RXP_REFUSAL_GAP};
static const struct expect unopenable = {EXPECT_REFUSAL, RXP_REFUSAL_UNOPENABLE};
static const struct expect conflict = {EXPECT_REFUSAL, RXP_REFUSAL_CONFLICT};

/* --- a day of the log ------------------------------------------------------------------------ */

/* What is sent, one after the other; UNOPENED and AGAIN leave no entry. */
enum act { FIRST, UNKNOWN, OTHER, UNOPENED, NEXT, AGAIN, LAST, N_ACTS };

/* All of them and their answers, and the entries behind the log as FIRST's Receipt names it, which may be an earlier one than that
 * before its own (RXP-ANS-007). */
struct day {
	struct draft sent[N_ACTS];
	struct told got[N_ACTS];
	struct rxp_answer answers[N_ACTS];
	struct rxp_log_page *page;
	size_t first; /* where the own entry of FIRST stands; n_entries: nowhere */
};

static void day_init(struct day *d)
{
	*d = (struct day){.page = NULL};
	for (size_t i = 0; i < N_ACTS; i++) {
		told_init(&d->got[i]);
		rxp_answer_init(&d->answers[i]);
	}
}

static void day_clear(struct day *d)
{
	for (size_t i = 0; i < N_ACTS; i++) {
		draft_clear(&d->sent[i]);
		told_clear(&d->got[i]);
		rxp_answer_clear(&d->answers[i]);
	}
	free(d->page);
}

static int begin(struct teller *t, struct day *d, enum act act)
{
	int rc = draft_begin(&d->sent[act], t->line.target->parties, BASE_PING, moment_now_ms());

	if (rc == 0 && act == OTHER)
		memcpy(d->sent[act].header.outer.message_id, d->sent[FIRST].header.outer.message_id,
		    RXP_ID_OCTETS);
	return rc;
}

static int act(struct teller *t, struct day *d, enum act act)
{
	static const struct change unknown = {.stage = STAGE_FIELDS,
				       .function = change_type_unknown},
				   stray = {.stage = STAGE_SIGNER, .function = change_signer_stray};
	const struct draft *sent = &d->sent[act == AGAIN ? FIRST : act];
	int rc = act == AGAIN ? 0 : begin(t, d, act);

	if (rc == 0 && act != AGAIN)
		rc = draft_make(&d->sent[act], act == UNKNOWN    ? &unknown
					       : act == UNOPENED ? &stray
								 : NULL);
	if (rc == 0)
		rc = teller_again(t, sent, &d->got[act]);
	if (rc == 0 && teller_read(t, &d->answers[act], &d->got[act]) != 0) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "before it, one of its messages gets no answer under the product's seal");
		rc = 1;
	}
	return rc;
}

static int live(struct teller *t, struct day *d)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < N_ACTS; i++)
		rc = act(t, d, (enum act)i);
	if (rc == 0)
		rc = teller_log(t, d->answers[FIRST].log_count, &d->page);
	if (rc == 0)
		d->first = teller_entry(d->page, &d->sent[FIRST]);
	return rc;
}

/* --- what must be true of it ----------------------------------------------------------------- */

static const enum act logged[] = {FIRST, UNKNOWN, OTHER, NEXT, LAST};
#define N_LOGGED (sizeof logged / sizeof logged[0])

/* The entry that the answer must have; of a Refusal the time is its Created (RXP-ANS-018). */
static struct rxp_log_entry entry_of(const struct day *d, enum act act)
{
	const struct rxp_answer *a = &d->answers[act];
	struct rxp_log_entry e = {
	    .received_ms = a->kind == RXP_ANSWER_RECEIPT ? a->received_ms : a->created_ms,
	    .outcome = a->kind == RXP_ANSWER_RECEIPT ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL};

	memcpy(e.message_id, d->sent[act].header.outer.message_id, sizeof e.message_id);
	memcpy(e.fingerprint, d->sent[act].fingerprint, sizeof e.fingerprint);
	return e;
}

static const char *entry_fault(const struct rxp_log_entry *is, const struct rxp_log_entry *must)
{
	if (memcmp(is->message_id, must->message_id, sizeof is->message_id) != 0)
		return "an entry is of another message than the one that was answered next";
	if (memcmp(is->fingerprint, must->fingerprint, sizeof is->fingerprint) != 0)
		return "an entry has another fingerprint than the document that was answered";
	if (is->outcome != must->outcome)
		return "an entry says a Receipt where a Refusal was given, or the other way round";
	return is->received_ms == must->received_ms ? NULL
						    : "an entry has another time than the answer";
}

/* The last head is computed from the head behind which they stand, and the entries. */
static const char *head_fault(const struct rxp_log_page *page)
{
	uint8_t head[RXP_DIGEST_OCTETS];

	memcpy(head, page->after_head, sizeof head);
	for (size_t i = 0; i < page->n_entries; i++)
		if (rxp_logchain_extend(head, page->after + i + 1, &page->entries[i]) != 0)
			return "the suite cannot compute a head";
	return memcmp(head, page->head, sizeof head) == 0
		   ? NULL
		   : "the page's LogHead is not the head of its entries";
}

static const char *entries_fault(const struct day *d)
{
	if (d->page->n_entries != d->first + N_LOGGED)
		return "it has not one entry for each final answer that was given, and no other";
	for (size_t i = 0; i < N_LOGGED; i++) {
		struct rxp_log_entry must = entry_of(d, logged[i]);
		const char *fault = entry_fault(&d->page->entries[d->first + i], &must);

		if (fault != NULL)
			return fault;
	}
	return head_fault(d->page);
}

/* The Receipt names the log as it was before its own entry, which is the n-th of the day. */
static const char *receipt_fault(
    const struct day *d, enum act act, size_t n, const uint8_t head[RXP_DIGEST_OCTETS])
{
	const struct rxp_answer *a = &d->answers[act];
	uint64_t before = d->page->after + d->first + n;

	if (memcmp(a->log_id, d->page->log_id, sizeof a->log_id) != 0)
		return "a Receipt names another LogId than the page";
	if (a->log_count > before)
		return "a Receipt's LogCount holds its own entry, or ones that are not there yet";
	if (a->log_count < before)
		return NULL; /* an earlier prefix is one, too: its head was held against the page */
	return memcmp(a->log_head, head, sizeof a->log_head) == 0
		   ? NULL
		   : "a Receipt's LogHead is not the head at its LogCount";
}

static const char *heads_fault(const struct day *d)
{
	uint8_t head[RXP_DIGEST_OCTETS];
	const char *fault = NULL;

	memcpy(head, d->answers[FIRST].log_head, sizeof head);
	if (memcmp(head, d->page->after_head, sizeof head) != 0)
		return "the page begins with another head than the Receipt names for that LogCount";
	for (size_t i = 0; i < d->first && fault == NULL; i++)
		if (rxp_logchain_extend(head, d->page->after + i + 1, &d->page->entries[i]) != 0)
			fault = "the suite cannot compute a head";
	for (size_t i = 0; i < N_LOGGED && fault == NULL; i++) {
		struct rxp_log_entry e = entry_of(d, logged[i]);

		if (d->answers[logged[i]].kind == RXP_ANSWER_RECEIPT)
			fault = receipt_fault(d, logged[i], i, head);
		if (rxp_logchain_extend(head, d->page->after + d->first + i + 1, &e) != 0)
			fault = "the suite cannot compute a head";
	}
	if (fault == NULL && memcmp(head, d->page->head, sizeof head) != 0)
		fault = "the page's LogHead is not the head of what was answered";
	return fault;
}

static int tell_day(struct teller *t, const char *(*fault_of)(const struct day *d))
{
	struct day d;
	const char *fault = NULL;
	int rc;

	day_init(&d);
	rc = live(t, &d);
	if (rc == 0)
		fault = fault_of(&d);
	if (fault != NULL)
		rc = teller_against(t, fault);
	day_clear(&d);
	return rc;
}

int tell_log_of_answers(struct teller *t)
{
	return tell_day(t, entries_fault);
}

int tell_heads_of_receipts(struct teller *t)
{
	return tell_day(t, heads_fault);
}

static const char *created_fault(const struct day *d)
{
	struct rxp_log_entry must = entry_of(d, UNKNOWN);

	if (d->page->n_entries < d->first + 2)
		return "the page has no entry of a final Refusal";
	return d->page->entries[d->first + 1].received_ms == must.received_ms
		   ? NULL
		   : "Created of the Refusal is not the time that its entry has";
}

int tell_created_of_refusal(struct teller *t)
{
	return tell_day(t, created_fault);
}

/* A Receipt again much later: the window of RXP-ANS-006 is that of the first one. */
int tell_same_after_many(struct teller *t)
{
	struct draft *first = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	int rc = draft_begin(first, t->line.target->parties, BASE_PING, moment_now_ms());

	if (rc == 0)
		rc = teller_send(t, first, once);
	for (unsigned i = 0; rc == 0 && i < MANY; i++) {
		struct draft other = {0};

		rc = draft_begin(&other, t->line.target->parties, BASE_PING, moment_now_ms());
		if (rc == 0)
			rc = teller_before(t, &other);
		draft_clear(&other);
	}
	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_try(t, first, &receipt, again);
	if (rc == 0)
		rc = teller_same(t, once, again);
	return rc;
}

/* Its Expires is judged when it is not known yet alone (RXP-TIM-004). */
/* A receiver that knows the octets of an Envelope need not know the Document in another. */
static int same_encrypted_anew(struct teller *t, const struct draft *d, const struct told *once)
{
	static const struct change same = {
	    STAGE_SEALED, {{NULL, NULL, NULL}}, change_same_document, NULL};
	struct draft *other = teller_draft(t);
	struct told *anew = teller_told(t);
	int rc = draft_twin(other, d);

	other->sent = d;
	if (rc == 0)
		rc = draft_make(other, &same);
	if (rc == 0)
		rc = teller_send(t, other, anew); /* it names the Envelope that came first */
	return rc == 0 ? teller_same(t, once, anew) : rc;
}

int tell_same_after_expiry(struct teller *t)
{
	struct draft *d = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	/* Made by the product's clock: one that is behind would find it expired before it was made (RXP-TIM-002). */
	int64_t made_ms = moment_now_ms() + t->line.clock.most_ms, expires_ms = made_ms + LIFE_MS;
	int64_t left_ms;
	int rc = draft_begin(d, t->line.target->parties, BASE_PING, made_ms);

	if (rc == 0) {
		d->header.outer.expires_ms = expires_ms;
		rc = teller_before(t, d);
	}
	if (rc == 0)
		rc = teller_again(t, d, once);
	left_ms = expires_ms + SLACK_MS - moment_now_ms() - t->line.clock.least_ms;
	if (rc == 0 && left_ms > 0)
		(void)poll(NULL, 0, (int)left_ms);
	if (rc == 0)
		rc = teller_try(t, d, &receipt, again);
	if (rc == 0)
		rc = teller_same(t, once, again);
	return rc == 0 ? same_encrypted_anew(t, d, once) : rc;
}

/* One that was made so long ago is receipted between `sent` and `answered`, by the clock of the suite. */
static int receipt_at(
    struct teller *t, int64_t age_ms, int64_t *received_ms, int64_t *sent_ms, int64_t *answered_ms)
{
	struct draft *d = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = draft_begin(d, t->line.target->parties, BASE_PING, moment_now_ms() - age_ms);

	if (rc == 0)
		rc = draft_make(d, NULL);
	*sent_ms = moment_now_ms();
	if (rc == 0)
		rc = teller_try(t, d, &receipt, got);
	*answered_ms = moment_now_ms();
	*received_ms = got->seen.received_ms;
	return rc;
}

/* Whatever the product's clock says, it goes as fast as that of the suite. */
int tell_received_later(struct teller *t)
{
	int64_t first_ms, second_ms, sent_ms, answered_ms, again_ms, end_ms;
	int rc = receipt_at(t, 0, &first_ms, &sent_ms, &answered_ms);

	if (rc == 0)
		(void)poll(NULL, 0, BETWEEN_MS);
	if (rc == 0)
		rc = receipt_at(t, AGE_MS, &second_ms, &again_ms, &end_ms);
	if (rc == 0 && (second_ms - first_ms < again_ms - answered_ms - SLACK_MS ||
			   second_ms - first_ms > end_ms - sent_ms + SLACK_MS))
		rc = teller_against(t, "ReceivedAt is not the time at which a message came");
	return rc;
}

int tell_received_late(struct teller *t)
{
	struct draft *d = teller_draft(t);
	struct told *got = teller_told(t);
	struct wire_response response;
	int64_t last_ms = 0;
	int rc = draft_begin(d, t->line.target->parties, BASE_PING, moment_now_ms());

	if (rc == 0)
		rc = draft_make(d, NULL);
	if (rc != 0)
		return rc;
	wire_response_init(&response);
	line_send_late(&t->line, d, LATE_MS, &last_ms, &got->seen, &response);
	rc = teller_show(t, d, &response.body, &got->seen, &receipt);
	wire_response_clear(&response);
	/* The product's clock is at least so far ahead of this one. */
	if (rc == 0 && got->seen.received_ms < last_ms + t->line.clock.least_ms - SLACK_MS)
		rc = teller_against(t, "ReceivedAt lies before the last octet came");
	return rc;
}

int tell_names_refused(struct teller *t)
{
	struct draft *first = teller_draft(t), *refused = teller_draft(t);
	int rc = teller_begin(t, first, refused, RXP_CASE_EVENT_ACCEPT);

	return rc == 0 ? teller_try(t, refused, &state, teller_told(t)) : rc;
}

int tell_names_later(struct teller *t)
{
	struct draft *first = teller_draft(t), *next = teller_draft(t);
	int rc = teller_begin(t, first, next, RXP_CASE_EVENT_REMIND);

	next->header.position++;
	return rc == 0 ? teller_try(t, next, &gap, teller_told(t)) : rc;
}

/* Which Document that is nobody who did not open it can know. */
int tell_names_unopened(struct teller *t)
{
	static const struct change stray = {.stage = STAGE_SIGNER, .function = change_signer_stray};
	struct draft *d = teller_draft(t);
	int rc = draft_begin(d, t->line.target->parties, BASE_PING, moment_now_ms());

	if (rc == 0)
		rc = draft_make(d, &stray);
	return rc == 0 ? teller_try(t, d, &unopenable, teller_told(t)) : rc;
}

/* Made messages of one document, on two connections at once: the Receipt is that of one of them, and both get it. */
static int send_at_once(struct teller *t, const struct draft *const d[2])
{
	struct wire_response responses[2];
	struct seen seen[2];
	size_t taken;
	int rc;

	for (size_t i = 0; i < 2; i++)
		wire_response_init(&responses[i]);
	line_send_at_once(&t->line, d, seen, responses);
	taken = seen[0].what.kind == EXPECT_RECEIPT ? 0 : 1;
	rc = teller_show(t, d[taken], &responses[taken].body, &seen[taken], &receipt);
	if (rc == 0 &&
	    (responses[0].body.len != responses[1].body.len ||
		memcmp(responses[0].body.data, responses[1].body.data, responses[0].body.len) != 0))
		rc = teller_against(t, "two different answers are given to one message");
	for (size_t i = 0; i < 2; i++)
		wire_response_clear(&responses[i]);
	return rc;
}

int tell_at_once(struct teller *t)
{
	struct draft *d = teller_draft(t);
	int rc = teller_make(t, d);

	return rc == 0 ? send_at_once(t, (const struct draft *const[]){d, d}) : rc;
}

int tell_both_at_once(struct teller *t)
{
	static const struct change same = {
	    STAGE_SEALED, {{NULL, NULL, NULL}}, change_same_document, NULL};
	struct draft *d = teller_draft(t), *other = teller_draft(t);
	int rc = teller_make(t, d);

	if (rc == 0)
		rc = draft_twin(other, d);
	other->sent = d;
	if (rc == 0)
		rc = draft_make(other, &same);
	return rc == 0 ? send_at_once(t, (const struct draft *const[]){d, other}) : rc;
}

/* Under one MessageId each document has an answer of its own, which stands. */
int tell_same_conflict(struct teller *t)
{
	struct draft *first = teller_draft(t), *other = teller_draft(t);
	struct told *once = teller_told(t), *no = teller_told(t), *again = teller_told(t);
	int rc = draft_begin(first, t->line.target->parties, BASE_PING, moment_now_ms());

	if (rc == 0)
		rc = teller_before(t, first);
	if (rc == 0)
		rc = draft_twin(other, first);
	if (rc == 0)
		rc = teller_send(t, other, no);
	if (rc == 0)
		rc = teller_again(t, first, once);
	if (rc == 0 && once->seen.what.kind != EXPECT_RECEIPT)
		rc = teller_against(t, "the first document lost its Receipt");
	if (rc == 0)
		rc = teller_try(t, other, &conflict, again);
	if (rc == 0)
		rc = teller_same(t, no, again);
	return rc;
}
