/* Stories that the product tells too: it is made to send documents, which are fetched (section 42). */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "conformance/hear/retorts.h"
#include "conformance/message/changes.h"
#include "conformance/run/both.h"
#include "conformance/run/desk.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"

#define LOOK_MS 20
#define SHORT_MS 300 /* in which what must not come would come */

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect gap = {EXPECT_REFUSAL, RXP_REFUSAL_GAP};
static const struct expect fork_ = {EXPECT_REFUSAL, RXP_REFUSAL_FORK};
static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};

/* --- the product speaks ---------------------------------------------------------------------- */

/* What the product, which asks, is to say next. */
static int want(
    struct teller *t, struct draft *wanted, const struct history *h, enum rxp_case_event event)
{
	int rc = both_has_desk(t);

	if (rc == 0)
		rc = saying_begin(
		    wanted, t->line.target->parties, event, RXP_CASE_REQUESTING, moment_now_ms());
	return rc == 0 ? history_about(h, wanted, false) : rc;
}

/* The product says it, and it is receipted and of the case. */
static int product_says(struct teller *t, struct history *h, enum rxp_case_event event)
{
	struct draft wanted = {0};
	int rc = want(t, &wanted, h, event);

	if (rc == 0)
		rc = both_product_says(t, h, &wanted);
	draft_clear(&wanted);
	return rc;
}

/* The same without a Receipt yet; the caller frees *came, and answers. */
static int product_sends(
    struct teller *t, struct history *h, enum rxp_case_event event, struct heard **came)
{
	char why[OUTCOME_WHY] = "";
	struct draft wanted = {0};
	int status = 0, rc = want(t, &wanted, h, event);

	if (rc == 0) {
		rc = desk_ask(t->line.target->desk, t->out->facts->id, &wanted, h, why);
		if (rc > 0)
			rc = both_incomplete(t, why);
	}
	if (rc == 0)
		rc = both_look_for(
		    t, t->line.target->wait_ms, "", NULL, wanted.header.type, &status, came);
	if (rc == 0 && (*came == NULL || (*came)->stage != HEARD_OPENED))
		rc = both_incomplete(t, "no message of the product comes that opens");
	if (rc == 0)
		rc = history_add(h, &(*came)->header, false, (*came)->fingerprint);
	draft_clear(&wanted);
	return rc;
}

/* What the requested State says behind all of it, not made. */
static int own_says(
    struct teller *t, struct draft *d, const struct history *h, enum rxp_case_event event)
{
	int rc =
	    saying_begin(d, t->line.target->parties, event, RXP_CASE_REQUESTED, moment_now_ms());

	return rc == 0 ? history_follow(h, d) : rc;
}

/* The same, receipted and of the case. */
static int own_tells(struct teller *t, struct history *h, enum rxp_case_event event)
{
	struct draft d = {0};
	int rc =
	    saying_begin(&d, t->line.target->parties, event, RXP_CASE_REQUESTED, moment_now_ms());

	if (rc == 0)
		rc = both_own_says(t, h, &d);
	draft_clear(&d);
	return rc;
}

/* --- fetching and answering ------------------------------------------------------------------ */

/* The right Receipt, if the message was not answered: nothing is left with the product. */
static int settle(struct teller *t, struct heard *came, int so_far)
{
	int status = 0, rc = 0;

	if (came == NULL)
		return so_far;
	if (came->stage == HEARD_OPENED)
		rc = desk_answer(t->line.target->desk, &t->line, came, NULL, true, &status);
	heard_free(came);
	if (so_far != 0)
		return so_far;
	return rc == 0 ? teller_status(t, 204, status) : rc;
}

static int tell_a_message(struct teller *t, struct heard **came)
{
	struct history h = {.n = 0};

	return product_sends(t, &h, RXP_CASE_EVENT_APPLY, came);
}

int tell_fetched(struct teller *t)
{
	struct heard *came = NULL;
	int rc = tell_a_message(t, &came);

	return settle(t, came, rc);
}

int tell_skipped(struct teller *t)
{
	struct heard *came = NULL, *other = NULL;
	char query[64], id[RXP_ID_TEXT];
	int status = 0, rc = tell_a_message(t, &came);

	if (rc == 0) {
		rxp_id_text(id, came->message_id);
		(void)snprintf(query, sizeof query, "?skip=%s", id);
		rc = both_look_for(t, SHORT_MS, query, came->message_id, NULL, &status, &other);
	}
	if (rc == 0)
		rc = teller_status(t, 204, other == NULL ? status : 200);
	if (other != NULL)
		heard_free(other);
	return settle(t, came, rc);
}

int tell_given_again(struct teller *t)
{
	struct heard *came = NULL, *again = NULL;
	int status = 0, rc = tell_a_message(t, &came);

	if (rc == 0)
		rc = both_look_for(t, BOTH_REST_MS, "", came->message_id, NULL, &status, &again);
	if (rc == 0)
		rc = teller_status(t, 200, status);
	if (rc == 0 &&
	    (again->envelope.len != came->envelope.len ||
		memcmp(again->envelope.data, came->envelope.data, came->envelope.len) != 0))
		rc = teller_against(t, "it is not the same Envelope");
	if (again != NULL)
		heard_free(again);
	return settle(t, came, rc);
}

/* It is not given any more. */
static int judge_gone(struct teller *t, const uint8_t id[RXP_ID_OCTETS])
{
	struct heard *again = NULL;
	int status = 0, rc = both_look_for(t, SHORT_MS, "", id, NULL, &status, &again);

	if (rc == 0 && again != NULL)
		rc = teller_against(t, "a message that was answered finally is given again");
	if (again != NULL)
		heard_free(again);
	return rc;
}

static int answer_twice(struct teller *t, const struct retort *retort)
{
	struct heard *came = NULL;
	int status = 0, rc = tell_a_message(t, &came);

	for (int i = 0; i < 2 && rc == 0; i++) {
		rc = desk_answer(t->line.target->desk, &t->line, came, retort, true, &status);
		if (rc == 0)
			rc = teller_status(t, 204, status);
	}
	if (rc == 0)
		rc = judge_gone(t, came->message_id);
	if (came != NULL)
		heard_free(came);
	return rc;
}

int tell_answered(struct teller *t)
{
	return answer_twice(t, NULL);
}

int tell_refused(struct teller *t)
{
	static const struct retort final = {
	    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_final, NULL};

	return answer_twice(t, &final);
}

int tell_pulled(struct teller *t, const struct retort *retort)
{
	struct heard *came = NULL;
	int status = 0, rc = tell_a_message(t, &came);

	if (rc == 0)
		rc = desk_answer(t->line.target->desk, &t->line, came, retort, false, &status);
	if (rc == 0)
		rc = teller_status(t, 422, status);
	return settle(t, came, rc);
}

/* It is the other State's that asks for it first. */
int tell_fetched_by_other(struct teller *one, struct teller *other)
{
	const struct wire_request request = {.method = "GET", .path = "/rxp/1/messages"};
	int64_t deadline_ms = tls_now_ms() + SHORT_MS;
	char why[OUTCOME_WHY] = "";
	struct history h = {.n = 0};
	struct draft *wanted = teller_draft(one);
	struct heard *came = NULL;
	int status = 0, rc = want(one, wanted, &h, RXP_CASE_EVENT_APPLY);

	if (rc == 0) {
		rc = desk_ask(one->line.target->desk, one->out->facts->id, wanted, &h, why);
		if (rc > 0)
			rc = both_incomplete(one, why);
	}
	do {
		if (rc == 0)
			rc = teller_ask(other, &request, &status);
		if (rc == 0)
			rc = teller_status(other, 204, status);
		(void)poll(NULL, 0, LOOK_MS);
	} while (rc == 0 && tls_now_ms() < deadline_ms);
	if (rc >= 0 && wanted->header.type[0] != '\0' &&
	    both_look_for(one, one->line.target->wait_ms, "", NULL, wanted->header.type, &status,
		&came) == 0 &&
	    came == NULL)
		rc = both_incomplete(one, "no message of the product comes");
	return came == NULL ? rc : settle(one, came, rc);
}

/* --- the chain ------------------------------------------------------------------------------- */

/* The product asks, and it is answered; the case goes on. */
static int begin(struct teller *t, struct history *h)
{
	int rc = product_says(t, h, RXP_CASE_EVENT_APPLY);

	return rc == 0 ? own_tells(t, h, RXP_CASE_EVENT_REGISTER) : rc;
}

int tell_view_of_both(struct teller *t)
{
	struct history h = {.n = 0};
	struct draft d = {0};
	struct told got;
	struct rxp_answer a;
	int rc = begin(t, &h);

	told_init(&got);
	rxp_answer_init(&a);
	if (rc == 0)
		rc = own_says(t, &d, &h, RXP_CASE_EVENT_REMIND);
	d.header.position++;
	if (rc == 0)
		rc = teller_try(t, &d, &gap, &got);
	if (rc == 0 && (teller_read(t, &a, &got) != 0 || !a.has_view || a.view[0].position != 1 ||
			   a.view[1].position != 1 ||
			   memcmp(a.view[0].fingerprint, h.documents[0].fingerprint, 32) != 0 ||
			   memcmp(a.view[1].fingerprint, h.documents[1].fingerprint, 32) != 0))
		rc = teller_against(t, "View does not name the last document of each side");
	rxp_answer_clear(&a);
	told_clear(&got);
	draft_clear(&d);
	return rc;
}

/* A document that is in order but for its Seen, which is refused; then the same with the right one, which is not. */
static int tell_seen(struct teller *t, struct history *h, bool has, const uint8_t *seen)
{
	struct draft d = {0}, right = {0};
	struct told got;
	int rc = own_says(t, &d, h, RXP_CASE_EVENT_REMIND);

	told_init(&got);
	if (rc == 0)
		rc = own_says(t, &right, h, RXP_CASE_EVENT_REMIND);
	d.header.has_seen = has;
	if (has)
		memcpy(d.header.seen, seen, sizeof d.header.seen);
	if (rc == 0)
		rc = teller_try(t, &d, &fork_, &got);
	if (rc == 0)
		rc = teller_after(t, &right);
	told_clear(&got);
	draft_clear(&d);
	draft_clear(&right);
	return rc;
}

int tell_seen_back(struct teller *t)
{
	struct history h = {.n = 0};
	uint8_t earlier[RXP_DIGEST_OCTETS];
	int rc = begin(t, &h);

	memcpy(earlier, h.documents[0].fingerprint, sizeof earlier);
	if (rc == 0)
		rc = product_says(t, &h, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = own_tells(t, &h, RXP_CASE_EVENT_REMIND);
	return rc == 0 ? tell_seen(t, &h, true, earlier) : rc;
}

int tell_seen_gone(struct teller *t)
{
	struct history h = {.n = 0};
	int rc = begin(t, &h);

	return rc == 0 ? tell_seen(t, &h, false, NULL) : rc;
}

int tell_seen_in_other_case(struct teller *t)
{
	struct history h = {.n = 0};
	uint8_t seen[RXP_DIGEST_OCTETS];
	int rc = begin(t, &h);

	memcpy(seen, h.documents[0].fingerprint, sizeof seen);
	if (rc == 0)
		rc = change_case_of(seen);
	return rc == 0 ? tell_seen(t, &h, true, seen) : rc;
}

int tell_seen_elsewhere(struct teller *t)
{
	struct history h = {.n = 0}, other = {.n = 0};
	int rc = begin(t, &h);

	if (rc == 0)
		rc = product_says(t, &other, RXP_CASE_EVENT_APPLY);
	return rc == 0 ? tell_seen(t, &h, true, other.documents[0].fingerprint) : rc;
}

/* The product counts its own document as receipted once it is named (RXP-CHN-006). */
int tell_seen_early(struct teller *t)
{
	struct history h = {.n = 0};
	struct heard *came = NULL;
	struct draft d = {0};
	struct told got;
	int rc = product_sends(t, &h, RXP_CASE_EVENT_APPLY, &came);

	told_init(&got);
	if (rc == 0)
		rc = own_says(t, &d, &h, RXP_CASE_EVENT_ACCEPT);
	if (rc == 0)
		rc = teller_try(t, &d, &receipt, &got);
	told_clear(&got);
	draft_clear(&d);
	return settle(t, came, rc);
}

/* The product lets its message end; its document stays where Seen says that it is, so that the case goes on behind it. */
int tell_contradicts_seen(struct teller *t)
{
	static const struct retort final = {
	    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_final_never, NULL};
	struct history h = {.n = 0};
	struct heard *came = NULL;
	int status = 0, rc = product_sends(t, &h, RXP_CASE_EVENT_APPLY, &came);

	if (rc == 0)
		rc = own_tells(t, &h, RXP_CASE_EVENT_REGISTER);
	if (rc == 0)
		rc = desk_answer(t->line.target->desk, &t->line, came, &final, true, &status);
	if (rc == 0)
		rc = teller_status(t, 204, status);
	if (rc == 0)
		rc = judge_gone(t, came->message_id);
	if (rc == 0) {
		struct draft *next = teller_draft(t);

		rc = own_says(t, next, &h, RXP_CASE_EVENT_ACCEPT);
		if (rc == 0)
			rc = teller_after(t, next);
	}
	if (came != NULL)
		heard_free(came);
	return rc;
}

/*
 * Two documents that cross: each is legal in its own past, so both are receipted. What the State that is played says then, having
 * seen both, is refused if they were taken in the order of their ranks, and would be legal in the other order.
 */
struct crossing {
	enum rxp_case_event opening, before; /* of the product, then of the State that is played */
	enum rxp_case_event theirs, ours, then;
};

static int tell_crossing(struct teller *t, const struct crossing *c)
{
	struct history h = {.n = 0}, before;
	struct draft ours = {0}, next = {0};
	struct told got, later;
	int rc = product_says(t, &h, c->opening);

	told_init(&got);
	told_init(&later);
	if (rc == 0)
		rc = own_tells(t, &h, c->before);
	before = h;
	if (rc == 0)
		rc = product_says(t, &h, c->theirs);
	if (rc == 0)
		rc = own_says(t, &ours, &before, c->ours);
	if (rc == 0)
		rc = teller_try(t, &ours, &receipt, &got);
	if (rc == 0)
		rc = history_add(&h, &ours.header, true, ours.fingerprint);
	if (rc == 0)
		rc = own_says(t, &next, &h, c->then);
	if (rc == 0)
		rc = teller_try(t, &next, &state, &later);
	told_clear(&got);
	told_clear(&later);
	draft_clear(&ours);
	draft_clear(&next);
	return rc;
}

/* The record is taken first: the transit is revoked of somebody who is on the way. */
int tell_crossing_of_ranks(struct teller *t)
{
	return tell_crossing(t, &(struct crossing){RXP_CASE_EVENT_ASK_TRANSIT,
				    RXP_CASE_EVENT_CONSENT_TRANSIT, RXP_CASE_EVENT_DELIVER,
				    RXP_CASE_EVENT_REVOKE_TRANSIT, RXP_CASE_EVENT_REVOKE_TRANSIT});
}

/* That of the State that asks is taken first: what is found to lack is still lacking. */
int tell_crossing_of_equals(struct teller *t)
{
	return tell_crossing(t, &(struct crossing){RXP_CASE_EVENT_APPLY, RXP_CASE_EVENT_REMIND,
				    RXP_CASE_EVENT_SUPPLEMENT, RXP_CASE_EVENT_FIND_INCOMPLETE,
				    RXP_CASE_EVENT_ASK_SUPPLEMENT});
}

/* The product says it, which asks, by an example with edits. */
static int product_says_by(struct teller *t, struct history *h, enum rxp_case_event event,
    const char *example, const struct edit *edits)
{
	struct draft wanted = {0};
	int rc = saying_begin_by(&wanted, t->line.target->parties, event, RXP_CASE_REQUESTING,
	    example, edits, moment_now_ms());

	if (rc == 0)
		rc = both_product_says(t, h, &wanted);
	draft_clear(&wanted);
	return rc;
}

/* The reply crosses the withdrawal of one of the three: for the others it takes effect. */
int tell_overtaken_for_one(struct teller *t)
{
	static const struct edit none[] = {{NULL, NULL, NULL}};
	static const struct edit without_files[] = {{"<Attachment>2</Attachment>", NULL, ""},
	    {"<Photograph>", "</Photograph>", ""}, {"<Photograph>", "</Photograph>", ""},
	    {NULL, NULL, NULL}};
	struct draft *reply = teller_draft(t), *next = teller_draft(t);
	struct history h = {.n = 0}, before;
	int rc =
	    product_says_by(t, &h, RXP_CASE_EVENT_APPLY, "application-family.xml", without_files);

	if (rc == 0)
		rc = own_tells(t, &h, RXP_CASE_EVENT_REGISTER);
	before = h;
	if (rc == 0)
		rc = product_says_by(t, &h, RXP_CASE_EVENT_WITHDRAW, "withdrawal.xml", none);
	if (rc == 0)
		rc = saying_begin_by(reply, t->line.target->parties, RXP_CASE_EVENT_ACCEPT,
		    RXP_CASE_REQUESTED, "reply-split.xml", none, moment_now_ms());
	if (rc == 0)
		rc = history_follow(&before, reply);
	if (rc == 0)
		rc = teller_try(t, reply, &receipt, teller_told(t));
	if (rc == 0)
		rc = history_add(&h, &reply->header, true, reply->fingerprint);
	if (rc == 0)
		rc = own_says(t, next, &h, RXP_CASE_EVENT_ISSUE_DOCUMENT);
	return rc == 0 ? teller_try(t, next, &receipt, teller_told(t)) : rc;
}

/* The reply is receipted, and changes nothing any more. */
int tell_overtaken(struct teller *t)
{
	return tell_crossing(
	    t, &(struct crossing){RXP_CASE_EVENT_APPLY, RXP_CASE_EVENT_REGISTER,
		   RXP_CASE_EVENT_WITHDRAW, RXP_CASE_EVENT_ACCEPT, RXP_CASE_EVENT_ISSUE_DOCUMENT});
}
