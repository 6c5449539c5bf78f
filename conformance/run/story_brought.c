/* Stories of a State that fetches, lost what it answered last, and gets that back (sections 42 and 44). */
#include <poll.h>
#include <string.h>

#include "conformance/run/both.h"
#include "conformance/run/desk.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"

#define LOOK_MS 20
#define QUERY_TEXT 128

/* The State, and what it lost: its answers to an application and to a withdrawal. */
struct loser {
	struct teller *one, *t; /* t: it speaks; one: tells */
	uint8_t messages[2][RXP_ID_OCTETS];
	struct heard *came; /* what it fetched last; NULL: nothing */
};

static struct desk *desk_of(const struct loser *l)
{
	return l->t->line.target->desk;
}

/* --- what it lost ---------------------------------------------------------------------------- */

static int opens_no_port(struct loser *l)
{
	if (l->t->line.target->parties->own->endpoint[0] == '\0')
		return both_has_desk(l->t);
	outcome_rule(l->one->out, VERDICT_INCOMPLETE,
	    "it needs a second State that opens no port: init without --endpoint");
	l->one->out->alone = true;
	return 1;
}

static int receipt(struct loser *l, struct history *h, enum rxp_case_event event, size_t i)
{
	const struct ledger *ledger = desk_ledger(desk_of(l));
	struct draft *wanted = teller_draft(l->one);
	int rc = saying_begin(
	    wanted, l->t->line.target->parties, event, RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = both_product_says(l->t, h, wanted);
	if (rc == 0)
		memcpy(l->messages[i], ledger->entries[ledger->n - 1].entry.message_id,
		    sizeof l->messages[i]);
	return rc;
}

/* One more, which nobody fetches yet. */
static int leave_one(struct loser *l)
{
	struct history h = {.n = 0};
	struct draft *wanted = teller_draft(l->one);
	char why[OUTCOME_WHY] = "";
	int rc = saying_begin(wanted, l->t->line.target->parties, RXP_CASE_EVENT_APPLY,
	    RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = desk_ask(desk_of(l), l->t->out->facts->id, wanted, &h, why);
	return rc > 0 ? both_incomplete(l->t, why) : rc;
}

static int say(struct loser *l, const struct restored *r)
{
	struct told *got = teller_told(l->one);
	int rc = both_own_lost(l->t, teller_draft(l->one), r, got);

	if (rc == 0 && got->seen.what.kind != EXPECT_RECEIPT)
		rc = both_incomplete(l->t, "the notice of a loss is not receipted");
	return rc;
}

/* Both are receipted, and lost. more: a message waits for it besides. */
static int lose(struct loser *l, bool more)
{
	struct history h = {.n = 0};
	struct restored r;
	const struct ledger *ledger;
	int rc = opens_no_port(l);

	if (rc != 0)
		return rc;
	ledger = desk_ledger(desk_of(l));
	r.n = ledger_count(ledger);
	memcpy(r.log_id, ledger->log_id, sizeof r.log_id);
	rc = ledger_head(ledger, r.n, r.head);
	if (rc == 0)
		rc = receipt(l, &h, RXP_CASE_EVENT_APPLY, 0);
	if (rc == 0)
		rc = receipt(l, &h, RXP_CASE_EVENT_WITHDRAW, 1);
	if (rc == 0 && more)
		rc = leave_one(l);
	if (rc == 0)
		rc = desk_lose(desk_of(l), r.n);
	return rc == 0 ? say(l, &r) : rc;
}

/* --- fetching -------------------------------------------------------------------------------- */

static void forget(struct loser *l)
{
	if (l->came != NULL)
		heard_free(l->came);
	l->came = NULL;
}

static bool is_lost_answer(const struct loser *l)
{
	return l->came != NULL && ledger_lost(desk_ledger(desk_of(l)), l->came->envelope.data,
				      l->came->envelope.len) != NULL;
}

static bool is_message(const struct loser *l)
{
	return l->came != NULL && l->came->stage == HEARD_OPENED;
}

/* Ask with this query until something comes, in bounded time, or once. What came is shown. */
static int fetch(struct loser *l, const char *query, bool once)
{
	int64_t deadline_ms = tls_now_ms() + l->t->line.target->wait_ms;
	int status = 0, rc;

	forget(l);
	do {
		rc = desk_fetch(desk_of(l), &l->t->line, query, &status, &l->came);
		if (rc != 0 || l->came != NULL || once)
			break;
		(void)poll(NULL, 0, LOOK_MS);
	} while (tls_now_ms() < deadline_ms);
	if (rc == 0 && l->came != NULL) {
		rxp_buf_reset(&l->one->out->received);
		rc = rxp_buf_put(
		    &l->one->out->received, l->came->envelope.data, l->came->envelope.len);
	}
	return rc;
}

/* The answer that came is the State's own again, and it says so. */
static int post_back(struct loser *l)
{
	const struct wire_request post = {.method = "POST",
	    .path = "/rxp/1/answers",
	    .content_type = "application/rxp+xml",
	    .body = l->came->envelope.data,
	    .body_len = l->came->envelope.len};
	enum ledger_back back = LEDGER_NONE;
	int status = 0, rc = desk_bring(desk_of(l), &l->came->envelope, &back);

	if (rc == 0 && back == LEDGER_NONE)
		return teller_against(l->one, "what is given is no answer of this State");
	if (rc == 0)
		rc = teller_ask(l->t, &post, &status);
	if (rc == 0 && status != 204)
		rc = teller_against(l->one, "it does not thank for an answer that is posted back");
	return rc;
}

/* The next lost answer, shown. What may have been lost comes, too, and is posted back at once. */
static int fetch_lost(struct loser *l, const char *query)
{
	int rc = fetch(l, query, false);

	while (rc == 0 && l->came != NULL && !is_message(l) && !is_lost_answer(l)) {
		rc = post_back(l);
		if (rc == 0)
			rc = fetch(l, "", false);
	}
	if (rc == 0 && is_message(l))
		rc = teller_against(l->one, "a message is given before the answers that were lost");
	else if (rc == 0 && l->came == NULL)
		rc = teller_against(l->one, "an answer that was lost is not given");
	return rc;
}

static int fetch_all_lost(struct loser *l)
{
	int rc = 0;

	while (rc == 0 && desk_ledger(desk_of(l))->n_lost > 0) {
		rc = fetch_lost(l, "");
		if (rc == 0)
			rc = post_back(l);
	}
	return rc;
}

/* The message of that number, which gets its first answer again; whatever else is there is receipted. *came: it did. */
static int fetch_again(struct loser *l, size_t i, bool *came)
{
	int status = 0, rc = 0;

	*came = false;
	while (rc == 0 && !*came) {
		rc = fetch(l, "", false);
		if (rc != 0 || !is_message(l))
			break;
		rc = desk_answer(desk_of(l), &l->t->line, l->came, NULL, true, &status);
		*came = memcmp(l->came->message_id, l->messages[i], sizeof l->messages[i]) == 0;
	}
	return rc;
}

/* --- the stories ------------------------------------------------------------------------------ */

/* What is sent again is taken, so that the next story meets none of it. */
static int end(struct loser *l, int rc)
{
	bool came = true;

	for (size_t i = 0; rc == 0 && i < 2 && came; i++)
		rc = fetch_again(l, i, &came);
	forget(l);
	return rc;
}

int tell_brought(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	bool came = true;
	int rc = lose(&l, false);

	if (rc == 0)
		rc = fetch_all_lost(&l);
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		rc = fetch_again(&l, i, &came);
		if (rc == 0 && !came)
			rc = teller_against(
			    one, "a message whose answer was lost is not sent again");
	}
	forget(&l);
	return rc;
}

int tell_brought_answers(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	int rc = lose(&l, false);

	if (rc == 0)
		rc = fetch_all_lost(&l);
	return end(&l, rc);
}

/* The one that is left unanswered is given once more, since the other one was lost (RXP-RCV-019). */
int tell_brought_left(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	char query[QUERY_TEXT] = "?left=", *digits = query + strlen(query);
	uint8_t id[RXP_ID_OCTETS] = {0};
	int rc = lose(&l, false);

	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0) {
		rxp_hex_put(digits, l.came->digest, sizeof l.came->digest, false);
		memcpy(id, l.came->message_id, sizeof id);
		rc = fetch_lost(&l, query);
	}
	if (rc == 0 && memcmp(id, l.came->message_id, sizeof id) == 0)
		rc = teller_against(one, "what is not taken is given again at once");
	if (rc == 0)
		rc = post_back(&l);
	if (rc == 0)
		rc = fetch_all_lost(&l);
	return end(&l, rc);
}

/* Asked twice before the answer that was given is posted back, and then until all are. */
int tell_brought_first(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	int status = 0, rc = lose(&l, true);

	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0)
		rc = post_back(&l);
	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0) {
		struct heard *given = l.came;

		l.came = NULL;
		rc = fetch(&l, "", true);
		if (rc == 0 && is_message(&l))
			rc = teller_against(
			    l.t, "a message is given before the last answer is posted back");
		forget(&l);
		l.came = given;
	}
	if (rc == 0)
		rc = post_back(&l);
	if (rc == 0)
		rc = fetch(&l, "", false);
	if (rc == 0 && !is_message(&l))
		rc = teller_against(one, "behind the last answer no message is given");
	else if (rc == 0)
		rc = desk_answer(desk_of(&l), &l.t->line, l.came, NULL, true, &status);
	return end(&l, rc);
}
