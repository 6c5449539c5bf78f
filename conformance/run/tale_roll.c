/* Tales of keys of the State that roll over, as a product sees who sends (section 7). */
#include <stdio.h>
#include <string.h>

#include "conformance/hear/retorts.h"
#include "conformance/run/hark.h"
#include "conformance/run/rolled.h"
#include "conformance/run/rolls.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

/* Questions: more than the three tries behind which a sender may park a message at the earliest (RXP-HTTP-005). */
#define FOR_LONG 4
#define PAUSES 4
#define RESTS_MS 5200 /* for which one that asked in vain may ask no more (RXP-DSC-036) */

static const struct retort gap = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_gap, NULL};
static const struct retort under_spare = {
    RETORT_SIGNER, {{NULL, NULL, NULL}}, retort_signer_spare, NULL};

/* --- no key in force --------------------------------------------------------------------------- */

/* Until it has asked once more, or a message is there, in that time. */
static void await_question(const struct tale *t, unsigned messages, int64_t within_ms)
{
	const struct ear_counts *now = ear_counted(t->s->ear);
	unsigned asked = now->descriptors;
	int64_t deadline_ms = tls_now_ms() + within_ms;

	while (now->descriptors == asked && now->messages == messages && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, sender_next_look(t->s, deadline_ms));
}

/* It asks, and what waited comes: before it is there nothing else is asked for, which would come in a later case. */
static void await_what_waited(const struct tale *t, int64_t within_ms)
{
	int64_t deadline_ms;

	await_question(t, ear_counted(t->s->ear)->messages, within_ms);
	deadline_ms = tls_now_ms() + t->s->target->wait_ms;
	while (ear_waiting(t->s->ear) == NULL && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
}

/* Until it has asked so many times, and nothing came before. Its pauses may grow: it has longer by some times the last, which is kept. */
static bool has_asked(const struct tale *t, unsigned times, int64_t *pause_ms)
{
	const struct ear_counts *now = ear_counted(t->s->ear);
	unsigned messages = now->messages;

	for (*pause_ms = 0; times > 0 && t->out->verdict == VERDICT_PASS; times--) {
		unsigned asked = now->descriptors;
		int64_t began_ms = tls_now_ms();

		await_question(t, messages, t->s->target->wait_ms + PAUSES * *pause_ms);
		*pause_ms = tls_now_ms() - began_ms;
		if (now->messages > messages)
			hark_against(t, "a message came for a key that is not in force");
		else if (now->descriptors == asked)
			hark_incomplete(
			    t, "it did not ask for the descriptor; --wait gives it more time");
	}
	return t->out->verdict == VERDICT_PASS;
}

/* The product has a message for a State none of whose keys is in force. */
static bool leave_without_key(const struct tale *t)
{
	struct line line = {.target = t->s->target};
	char why[OUTCOME_WHY] = "";
	int rc;

	if (!hark_rest(t))
		return false;
	rc = rolled_end_keys(&line, t->out);
	line_hang_up(&line);
	if (!hark_went_well(t, rc))
		return false;
	if (sender_ask_one(t->s) == NULL &&
	    !sender_prompt(t->s, t->out->facts->id, &hark_ping, why))
		hark_incomplete(t, why);
	return t->out->verdict == VERDICT_PASS;
}

/* Whatever else waited comes when its own pause is over, and is no more for the next case. */
static void take_others(const struct tale *t, int64_t until_ms)
{
	ear_take_all(t->s->ear);
	while (sender_expects(t->s) && tls_now_ms() < until_ms)
		ear_turn(t->s->ear, until_ms);
	ear_hold(t->s->ear);
}

/* It has a new key: what waited comes for that when the product asks again, which it may let rest after it asked in vain. */
static void give_key(const struct tale *t, int64_t pause_ms)
{
	const struct state *own = t->s->own;
	int64_t rest_ms = RESTS_MS + t->s->target->wait_ms + PAUSES * pause_ms;
	const struct heard *h;
	int rc = state_renew(t->s->own, t->s->dir, moment_now_ms());

	ear_serve(t->s->ear, NULL);
	if (!hark_went_well(t, rc) || t->out->verdict != VERDICT_PASS)
		return;
	await_what_waited(t, rest_ms);
	h = hark_any(t, NULL, false);
	if (h != NULL)
		take_others(t, tls_now_ms() + rest_ms);
	if (h != NULL && state_agreement(own, h->secrets.key_id) != own->agreement)
		hark_against(t, "it came for a key that has ended");
}

void tale_keeps_without_key(struct tale *t)
{
	int64_t pause_ms = 0;

	if (leave_without_key(t))
		(void)has_asked(t, 1, &pause_ms);
	give_key(t, pause_ms);
}

void tale_takes_key_in_force(struct tale *t)
{
	struct line line = {.target = t->s->target};
	const struct heard *h = NULL;
	char why[OUTCOME_WHY] = "";
	int rc;

	if (!hark_rest(t)) /* what was encrypted before it knew */
		return;
	rc = rolled_list_key_ahead(&line, t->out);
	line_hang_up(&line);
	if (!hark_went_well(t, rc))
		return;
	if (sender_prompt(t->s, t->out->facts->id, &hark_ping, why))
		h = hark_any(t, NULL, false);
	else
		hark_incomplete(t, why);
	if (h != NULL && state_agreement(t->s->own, h->secrets.key_id) == NULL)
		hark_against(t, "it came for a key that has not begun");
	(void)hark_went_well(t, state_renew(t->s->own, t->s->dir, moment_now_ms()));
}

void tale_keeps_for_long(struct tale *t)
{
	int64_t pause_ms = 0;

	if (leave_without_key(t) && !has_asked(t, FOR_LONG, &pause_ms) && sender_has_dropped(t->s))
		hark_against(t, "it gave the message up");
	give_key(t, pause_ms);
}

/* What would come again comes so soon, or other messages come in its place. Who ended sends nothing again either: it goes on if one
 * comes behind the answer. */
static void look_on(const struct tale *t, const struct heard *h)
{
	int64_t until_ms = tls_now_ms() + HARK_SOON_MS;
	const struct heard *next = h;

	while (h->after == 0 && ear_waiting(t->s->ear) == NULL && tls_now_ms() < until_ms)
		ear_turn(t->s->ear, until_ms);
	while (h->after == 0 && next != NULL && next->last_ms <= h->ended_ms)
		next = hark_any(t, NULL, false);
}

/* What waited comes for the key of the next descriptor, and a Receipt under a seal of that counts. */
void tale_takes_newer(struct tale *t)
{
	const struct heard *h = NULL;
	bool waits = leave_without_key(t);
	int rc = state_renew(t->s->own, t->s->dir, moment_now_ms()); /* for the next case, too */

	if (hark_went_well(t, rc) && waits && hark_went_well(t, rolled_go_on(t->s->target))) {
		await_what_waited(t, RESTS_MS + t->s->target->wait_ms);
		h = hark_any(t, &under_spare, true);
	}
	if (h == NULL)
		return;
	look_on(t, h);
	if (h->after > 0)
		hark_against(t, "a Receipt under a seal of the newer descriptor did not count");
}

/* What it must not take is given until it asks again. */
static void take_none(const struct tale *t, roll_change *change)
{
	struct rxp_buf octets;
	int64_t pause_ms = 0;

	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	if (leave_without_key(t) && hark_went_well(t, rolled_make(&octets, t->s->target, change))) {
		ear_serve(t->s->ear, &octets);
		(void)has_asked(t, 2, &pause_ms);
		(void)rxp_buf_put(&t->out->sent, octets.data, octets.len);
	}
	give_key(t, pause_ms);
	rxp_buf_free(&octets);
}

void tale_takes_no_stray_root(struct tale *t)
{
	take_none(t, roll_stray_root);
}

void tale_takes_no_unjoined(struct tale *t)
{
	take_none(t, roll_unjoined);
}

void tale_takes_no_older(struct tale *t)
{
	take_none(t, roll_older);
}

void tale_takes_no_version_1(struct tale *t)
{
	take_none(t, roll_version_1);
}

/* --- an answer whose seal is revoked ------------------------------------------------------------ */

/* It came again after its answer was sealed anew. */
static bool comes_again(const struct tale *t, const struct heard *h, unsigned tries)
{
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;

	while (h->tries == tries && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
	if (h->tries == tries)
		outcome_rule(t->out, VERDICT_WARN, "it did not come again");
	return h->tries > tries;
}

/* An application gets its Receipt under the spare seal, which is then revoked since before, and comes again. NULL: it does not, or
 * nothing came; the outcome says why. */
static const struct heard *answer_and_revoke(const struct tale *t)
{
	struct line line = {.target = t->s->target};
	struct keypair key = {0};
	const struct heard *h = NULL;
	int64_t before_ms = moment_now_ms();
	/* A product dates an answer when it has taken it in, for which it has its whole time. */
	int64_t since_ms = tls_now_ms() - t->s->target->wait_ms;
	unsigned tries = 0;
	int rc = rolled_list(&line, t->out);

	if (rc == 0)
		h = hark_take(t, &hark_opens, "ReadmissionApplication", &under_spare, true);
	if (h != NULL) {
		ear_rest(t->s->ear, HARK_SOON_MS); /* so that the product has taken it in */
		tries = h->tries;
		rc = rolled_take(&key, ROLLED_seal, &line, t->out);
	}
	if (h != NULL && rc == 0)
		rc = ear_reseal(t->s->ear, key.cert);
	ear_forgive_since(t->s->ear, since_ms);
	if (h != NULL && rc == 0)
		rc = rolled_leave_out(&line, t->out, before_ms);
	keypair_clear(&key);
	line_hang_up(&line);
	return hark_went_well(t, rc) && h != NULL && comes_again(t, h, tries) ? h : NULL;
}

void tale_sends_again(struct tale *t)
{
	(void)answer_and_revoke(t);
}

/* Whoever brings the answer to what is said to be missing brings the one that it kept (RXP-CHN-014). */
void tale_keeps_answer_in_place(struct tale *t)
{
	const struct heard *first = answer_and_revoke(t);

	if (first == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS);
	if (hark_withdrawal(t, first, &gap, false) != NULL && first->brought == 0)
		hark_against(t, "the Receipt that took the place of the former was not posted");
}
