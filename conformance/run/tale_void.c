/* Tales of messages that the product takes back (section 31). */
#include <string.h>

#include "conformance/hear/retorts.h"
#include "conformance/run/hark.h"
#include "conformance/wire/tls.h"

#define ON_ITS_WAY_MS 250

/* With RetryAt, so that it is said of that message alone (RXP-ANS-024); a Void waits while what it takes back would come. */
static const struct retort busy = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy_shortly, NULL};
/* So that it is not parked for its tries while other steps go on. */
static const struct retort busy_for_long = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy_for_long, NULL};
static const struct retort void_waits = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy_until, NULL};
static const struct retort receipt = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_receipt_of_voided, NULL};
static const struct retort void_itself = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_void_itself, NULL};

static const struct heard *doubted_application(const struct tale *t)
{
	return hark_doubted(t, &hark_opens, "ReadmissionApplication", &busy_for_long);
}

static const struct heard *doubted_withdrawal(const struct tale *t, const struct heard *first)
{
	struct sender_wish wish = hark_behind(first);

	return hark_doubted(t, &wish, "Withdrawal", &busy_for_long);
}

/* A Void that takes back what was sent last in the case of that one, and its end; retort as of hark_take(). */
static const struct heard *take_back(
    const struct tale *t, const struct heard *of, const struct retort *retort, bool is_final)
{
	const struct sender_wish wish = {BASE_PING, of->header.case_id, true, 0, 0};

	return hark_take(t, &wish, "Void", retort, is_final);
}

/* Judged by its first try: one that names something else comes to no end. */
void tale_names_voided(struct tale *t)
{
	const struct heard *first = doubted_application(t), *h = NULL;

	if (first != NULL) {
		(void)take_back(t, first, NULL, false);
		h = ear_taken(t->s->ear);
	}
	if (h != NULL && (h->voided != first || memcmp(h->voids_fingerprint, first->fingerprint,
						    sizeof first->fingerprint) != 0))
		hark_against(t, "it names another message or document");
}

/* Was it sent after the Void? On another connection it may have been on its way. */
static bool came_behind(const struct heard *h, const struct heard *taking_back)
{
	return h->last_ms > taking_back->try_ms[0] + ON_ITS_WAY_MS;
}

/* What would come again comes soon. */
void tale_sends_voided_no_more(struct tale *t)
{
	const struct heard *first = hark_doubted(t, &hark_opens, "ReadmissionApplication", &busy);
	const struct heard *h = first == NULL ? NULL : take_back(t, first, &void_waits, false);

	if (h == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS);
	if (came_behind(first, h))
		hark_against(t, "it came again");
}

void tale_voids_again(struct tale *t)
{
	const struct heard *first = doubted_application(t);
	const struct heard *h = first == NULL ? NULL : take_back(t, first, &void_waits, false);

	if (h != NULL && h->tries < 2)
		hark_against(t, "it did not come again");
}

/* The next document of the case, whose place tells what became of the one before. */
static void follows_at(
    const struct tale *t, const struct heard *first, uint64_t position, const char *why)
{
	const struct heard *h;

	ear_rest(t->s->ear, HARK_SOON_MS); /* so that the product has taken the answer in */
	h = hark_withdrawal(t, first, NULL, false);
	if (h != NULL &&
	    (h->header.position != position || !h->header.has_previous ||
		memcmp(h->header.previous, first->fingerprint, sizeof h->header.previous) != 0))
		hark_against(t, why);
}

static bool takes_place_of(const struct heard *h, const struct heard *other)
{
	return h != other && h->header.in_case && h->header.position == other->header.position &&
	       memcmp(h->header.case_id, other->header.case_id, sizeof h->header.case_id) == 0;
}

static bool is_replaced(const struct tale *t, const struct heard *h)
{
	const struct heard *other = ear_first(t->s->ear);

	while (other != NULL && !takes_place_of(other, h))
		other = other->next;
	return other != NULL;
}

/* Another document is asked for, which the product need not take, nor say so: has that taken the place of h? Whatever has it send gets
 * its whole time; who waits until the other may be sent is let go then. That the product goes on is for the caller to see. */
static bool has_it_replaced(const struct tale *t, const struct heard *first, const struct heard *h)
{
	struct sender_wish wish = hark_behind(first);
	char why[OUTCOME_WHY];

	if (sender_prompt(t->s, t->out->facts->id, &wish, why)) {
		int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;

		while (!is_replaced(t, h) && !sender_has_done(t->s) && tls_now_ms() < deadline_ms) {
			ear_turn(t->s->ear, sender_next_look(t->s, deadline_ms));
			deadline_ms = sender_until(t->s, deadline_ms);
		}
		ear_rest(t->s->ear, HARK_SOON_MS);
		sender_let_go(t->s);
	}
	return is_replaced(t, h);
}

void tale_voided_stands(struct tale *t)
{
	const struct heard *first = doubted_application(t);
	const struct heard *h = first == NULL ? NULL : take_back(t, first, &receipt, true);

	if (h != NULL)
		follows_at(t, first, 2, "the next document of the case does not stand behind it");
}

void tale_voided_is_not_replaced(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *h = first == NULL ? NULL : doubted_withdrawal(t, first);

	if (h == NULL || take_back(t, first, &receipt, true) == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS);
	/* Behind it a Ping shows that the product goes on. */
	if (has_it_replaced(t, first, h) ||
	    (hark_take(t, &hark_ping, "Ping", NULL, false) != NULL && is_replaced(t, h)))
		hark_against(t, "another document has taken its place");
}

void tale_voided_is_gone(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *dead = first == NULL ? NULL : doubted_withdrawal(t, first);

	if (dead != NULL && take_back(t, first, NULL, false) != NULL)
		follows_at(t, first, dead->header.position, "it has another Position or Previous");
}

void tale_refused_void_is_none(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *h = first == NULL ? NULL : doubted_withdrawal(t, first);

	if (h == NULL || take_back(t, first, &void_itself, true) == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS); /* so that the product has taken the Refusal in */
	if (has_it_replaced(t, first, h))
		hark_against(t, "another document has taken its place");
	else if (take_back(t, first, NULL, false) != NULL) /* it can be taken back still */
		follows_at(t, first, h->header.position, "it has another Position or Previous");
}

void tale_voids_nothing_unsent(struct tale *t)
{
	const struct heard *first = doubted_application(t), *h;
	struct sender_wish wish;
	char why[OUTCOME_WHY];

	if (first == NULL)
		return;
	wish = hark_behind(first);
	if (!sender_prompt(t->s, t->out->facts->id, &wish, why)) {
		hark_incomplete(t, why);
		return;
	}
	h = take_back(t, first, NULL, false);
	if (h != NULL && h->voided == NULL)
		hark_against(t, "it names one that never came");
}
