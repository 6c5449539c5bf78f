/* Tales of a State that lost what it answered (section 44). */
#include <string.h>

#include "conformance/message/restored.h"
#include "conformance/run/hark.h"
#include "conformance/run/line.h"
#include "conformance/run/seen.h"
#include "conformance/state/ledger.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define TAKEN_IN_MS 200 /* in which the product has taken in the last answer */

/* What it answered before it lost that. */
struct loss {
	const struct heard *application, *ping, *withdrawal;
	uint64_t n; /* the entries of its log that it did not lose */
};

/* Receipts of three messages. false: the outcome says why there are none. */
static bool receipt_three(const struct tale *t, struct loss *l)
{
	l->n = ledger_count(ear_ledger(t->s->ear));
	l->application = hark_application(t);
	l->ping = l->application == NULL ? NULL : hark_take(t, &hark_ping, "Ping", NULL, false);
	l->withdrawal = l->ping == NULL ? NULL : hark_withdrawal(t, l->application, NULL, false);
	if (l->withdrawal != NULL)
		ear_rest(t->s->ear, TAKEN_IN_MS);
	return l->withdrawal != NULL;
}

/* The notice of it is receipted, or the outcome says why not. */
static bool say(const struct tale *t, const struct restored *r)
{
	struct line line = {.target = t->s->target, .busy_is_said = true};
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	char why[OUTCOME_WORDS];
	struct draft d = {0};
	int rc = restored_begin(&d, t->s->target->parties, r, moment_now_ms());
	bool refused;

	if (rc == 0)
		rc = line_send_valid(&line, &d, &seen, NULL);
	draft_clear(&d);
	line_hang_up(&line);
	refused = seen.what.kind == EXPECT_REFUSAL;
	if (rc != 0)
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	else if (refused && seen.what.value == RXP_REFUSAL_UNSUPPORTED)
		outcome_rule(t->out, VERDICT_NA, "the product does not act on such a notice");
	else if (refused && seen.what.value == RXP_REFUSAL_BUSY)
		hark_incomplete(t, "this State said too often today that it lost something");
	else if (seen.what.kind != EXPECT_RECEIPT) {
		seen_notice_words(why, &seen.what);
		hark_incomplete(t, why);
	}
	return rc == 0 && seen.what.kind == EXPECT_RECEIPT;
}

/* Three messages are receipted, and the State loses that. left: the answer to the Ping is not taken at first. */
static bool lose(const struct tale *t, struct loss *l, bool left)
{
	const struct ledger *ledger = ear_ledger(t->s->ear);
	struct restored r;
	int rc;

	if (!receipt_three(t, l))
		return false;
	r.n = l->n;
	memcpy(r.log_id, ledger->log_id, sizeof r.log_id);
	rc = ledger_head(ledger, l->n, r.head);
	if (rc == 0)
		rc = ear_lose(t->s->ear, l->n);
	if (rc != 0) {
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		return false;
	}
	if (left)
		ear_leave(t->s->ear, l->ping); /* of what is not sent again (RXP-RCV-008) */
	return say(t, &r);
}

static bool is_sent_again(const struct loss *l)
{
	return l->application->came_at > 0 && l->withdrawal->came_at > 0;
}

static bool is_all_back(const struct loss *l)
{
	return l->application->back_at > 0 && l->ping->back_at > 0 && l->withdrawal->back_at > 0;
}

/* Cases of that requirement find it, and here what goes before did not come about. */
static void are_not_brought(const struct tale *t)
{
	hark_incomplete(
	    t, "before it, RXP-NOT-006: not all answers were brought that this State lost");
}

/* Until the documents were sent again and all answers brought, each step with its whole time, and as long for what might come then.
 * false: the documents were not, and the outcome says so. */
static bool await_all(const struct tale *t, const struct loss *l, int rest_ms)
{
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;
	unsigned made = ear_counted(t->s->ear)->moments;

	ear_take_all(t->s->ear);
	while (!(is_sent_again(l) && is_all_back(l)) && tls_now_ms() < deadline_ms) {
		ear_turn(t->s->ear, deadline_ms);
		if (ear_counted(t->s->ear)->moments == made)
			continue;
		made = ear_counted(t->s->ear)->moments;
		deadline_ms = tls_now_ms() + t->s->target->wait_ms;
	}
	ear_rest(t->s->ear, rest_ms);
	if (is_sent_again(l))
		return true;
	if (is_all_back(l))
		hark_incomplete(t, "the documents did not come again; --wait gives it more time");
	else
		are_not_brought(t);
	return false;
}

void tale_sends_lost_again(struct tale *t)
{
	struct loss l;

	if (!lose(t, &l, false) || !await_all(t, &l, 0))
		return;
	if (!is_all_back(&l))
		are_not_brought(t);
	else if (l.application->came_at > l.withdrawal->came_at)
		hark_against(t, "they came again in another order");
	else if (l.application->came_at < l.application->back_at ||
		 l.application->came_at < l.ping->back_at ||
		 l.application->came_at < l.withdrawal->back_at)
		hark_against(t, "a message came before the answers that were lost");
}

void tale_sends_no_ping_again(struct tale *t)
{
	struct loss l;

	if (!lose(t, &l, false) || !await_all(t, &l, HARK_SOON_MS))
		return;
	if (l.ping->came_at > 0)
		hark_against(t, "it came again");
	else if (!is_all_back(&l))
		are_not_brought(t);
}

void tale_brings_left_again(struct tale *t)
{
	struct loss l;

	if (!lose(t, &l, true) || !await_all(t, &l, HARK_SOON_MS))
		return;
	if (l.application->back_at == 0 || l.withdrawal->back_at == 0)
		are_not_brought(t);
	else if (l.ping->back_at == 0)
		hark_against(t, "it was not brought once more");
	else if (l.ping->back_at < l.withdrawal->back_at)
		hark_against(t, "it was brought again before the last");
}
