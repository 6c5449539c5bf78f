#include "conformance/run/tale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/hear/greets.h"
#include "conformance/hear/retorts.h"
#include "conformance/run/hark.h"
#include "conformance/run/line.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define SOME_COPIES 3
#define RESTS_MS 5200

static const struct retort refused = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_final, NULL};
static const struct retort busy = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy, NULL};
static const struct retort gap = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_gap, NULL};
static const struct retort rekey = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_rekey, NULL};
static const struct retort stray_seal = {
    RETORT_SIGNER, {{NULL, NULL, NULL}}, retort_signer_stray, NULL};
static const struct retort stray_server = {RETORT_LINE, {{NULL, NULL, NULL}}, NULL, greet_stray};

/* --- keys and pins --------------------------------------------------------------------------- */

static void judge_rekeyed(const struct tale *t, const struct heard *h)
{
	struct heard_secrets now;
	struct rxp_buf latest;
	size_t at, len;

	if (h->latest.len == 0) {
		hark_against(t, "the same Envelope came again");
		return;
	}
	if (!heard_secrets(&now, &h->latest)) {
		hark_against(t, "what came again is no Envelope");
		return;
	}
	len = h->document.len + RXP_CIPHER_EXTRA_OCTETS;
	at = RXP_BASE64_LENGTH(len); /* the ciphertext stands at the end, before the end tags */
	rxp_buf_init(&latest, HOST_MAX_BODY);
	if (memcmp(now.iv, h->secrets.iv, sizeof now.iv) != 0 ||
	    heard_plain(&latest, &h->latest) != 0 || heard_tail(&latest, at) == NULL ||
	    memcmp(heard_tail(&latest, at), heard_tail(&h->envelope_plain, at), at) != 0)
		hark_against(t, "the content was encrypted anew");
	else if (memcmp(now.point, h->secrets.point, sizeof now.point) == 0)
		hark_against(t, "the ephemeral key is the one of before");
	else if (state_agreement(t->s->own, now.key_id) != t->s->own->agreement)
		hark_against(t, "it is not for the key that `rekey` gave");
	rxp_buf_free(&latest);
}

/* What is encrypted for the key of until now gets `rekey`, and must come for the new one. */
static void rekey_one(const struct tale *t)
{
	const struct heard *h;
	char why[OUTCOME_WHY];
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;
	int rc;

	ear_hold(t->s->ear);
	if (!sender_prompt(t->s, t->out->facts->id, NULL, why)) {
		hark_incomplete(t, why);
		return;
	}
	while (ear_waiting(t->s->ear) == NULL && !sender_misfired(t->s) &&
	       tls_now_ms() < deadline_ms) {
		ear_turn(t->s->ear, sender_next_look(t->s, deadline_ms));
		deadline_ms = sender_until(t->s, deadline_ms);
	}
	/* It is encrypted for the key of until now. */
	rc = state_renew(t->s->own, t->s->dir, moment_now_ms());
	if (rc != 0) {
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		return;
	}
	h = hark_any(t, &rekey, false);
	if (h == NULL)
		return;
	judge_rekeyed(t, h);
	ear_forgive(t->s->ear, h);
}

void tale_rekeyed(struct tale *t)
{
	rekey_one(t);
}

/* Whoever takes the key from the descriptor alone has no new one. */
void tale_takes_working(struct tale *t)
{
	ear_serve_none(t->s->ear, true);
	rekey_one(t);
	ear_serve_none(t->s->ear, false);
}

static bool is_there(const struct heard *h)
{
	(void)h;
	return true;
}

/* Nobody has to ask again within five seconds (RXP-DSC-036): a case before may have made the product ask. */
static void let_rest(const struct tale *t)
{
	int64_t until_ms = ear_counted(t->s->ear)->asked_ms + RESTS_MS, now_ms = tls_now_ms();

	if (until_ms > now_ms)
		ear_rest(t->s->ear, (int)(until_ms - now_ms));
}

/* What came on a connection to a server with an unknown pin, and then on a good one. */
static bool serve_stray(const struct tale *t, struct ear_counts *before)
{
	char why[OUTCOME_WHY];
	bool came;

	*before = *ear_counted(t->s->ear);
	ear_arm(t->s->ear, &stray_server, 1, false);
	came = sender_prompt(t->s, t->out->facts->id, NULL, why);
	if (!came)
		hark_incomplete(t, why);
	else if (!hark_await(t, is_there))
		hark_incomplete(t, "no message came any more; --wait gives it more time");
	else
		(void)hark_await(t, hark_is_ended);
	ear_hold(t->s->ear);
	return came && ear_taken(t->s->ear) != NULL;
}

/* Who has several lines asks on one of them while a message goes on another, and comes first perhaps. */
static void expect_question(const struct tale *t, unsigned descriptors)
{
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;

	while (ear_counted(t->s->ear)->descriptors == descriptors && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
	if (ear_counted(t->s->ear)->descriptors == descriptors)
		hark_against(t, "it did not ask");
}

void tale_asks_server(struct tale *t)
{
	struct ear_counts before;

	let_rest(t);
	if (serve_stray(t, &before))
		expect_question(t, before.descriptors);
}

void tale_asks_nothing_else(struct tale *t)
{
	struct ear_counts before;

	if (serve_stray(t, &before) && ear_counted(t->s->ear)->odd > before.odd)
		hark_against(t, "it sent more than that question");
}

void tale_asks_for_seal(struct tale *t)
{
	unsigned before;

	let_rest(t);
	before = ear_counted(t->s->ear)->descriptors;
	if (hark_any(t, &stray_seal, false) != NULL)
		expect_question(t, before);
}

/* --- history --------------------------------------------------------------------------------- */

static const struct sender_seed *seed_of(const struct sender *s, const struct heard *h)
{
	for (size_t i = 0; i < s->n_seeds; i++)
		if (memcmp(s->seeds[i].message_id, h->copied, sizeof h->copied) == 0)
			return &s->seeds[i];
	return NULL;
}

static size_t copies_of(const struct sender *s)
{
	size_t n = 0;

	for (const struct heard *h = ear_first(s->ear); h != NULL; h = h->next)
		n += h->copies && h->has_copy && seed_of(s, h) != NULL;
	return n;
}

/* Of each copy that came; the first that is wrong ends it. */
static void each_copy(const struct tale *t,
    bool (*good)(const struct sender *s, const struct heard *h), const char *why)
{
	unsigned n = 0;

	if (copies_of(t->s) == 0 && hark_copy(t, NULL, false) == NULL)
		return;
	for (const struct heard *h = ear_first(t->s->ear); h != NULL; h = h->next) {
		if (!h->copies || !h->has_copy || seed_of(t->s, h) == NULL)
			continue;
		n++;
		if (good(t->s, h))
			continue;
		hark_against(t, why);
		(void)rxp_buf_put(&t->out->received, h->envelope.data, h->envelope.len);
		return;
	}
	if (n == 0)
		hark_incomplete(t, "the product gave no copy of what this run sent it");
}

static bool is_ours(const struct sender *s, const struct heard *h)
{
	return h->pieces != 1 ||
	       memcmp(h->copied_digest, seed_of(s, h)->document, sizeof h->copied_digest) == 0;
}

void tale_gives_ours(struct tale *t)
{
	each_copy(t, is_ours, "a copy is not the Document that was sent");
}

static bool is_of_envelope(const struct sender *s, const struct heard *h)
{
	return memcmp(h->copied_envelope, seed_of(s, h)->envelope, sizeof h->copied_envelope) == 0;
}

void tale_names_envelope(struct tale *t)
{
	each_copy(t, is_of_envelope, "a copy names another Envelope");
}

/* The seeds are in the order of their cases. */
static bool is_behind(const struct sender *s, const struct heard *h)
{
	for (const struct heard *other = ear_first(s->ear); other != h; other = other->next)
		if (other->copies && other->has_copy && seed_of(s, other) > seed_of(s, h) &&
		    memcmp(other->request, h->request, sizeof h->request) == 0)
			return false;
	return true;
}

/* One copy has no order. */
void tale_gives_in_order(struct tale *t)
{
	size_t n;

	while ((n = copies_of(t->s)) < SOME_COPIES && (t->s->n_seeds == 0 || n < t->s->n_seeds))
		if (hark_copy(t, NULL, false) == NULL)
			return;
	each_copy(t, is_behind, "a copy came before one of a lower CaseId");
}

/* Take what is still given, so that the next request can be made. */
static void take_rest(const struct tale *t)
{
	while (sender_expects(t->s) && hark_any(t, NULL, false) != NULL)
		;
}

void tale_gives_nothing(struct tale *t)
{
	const struct heard *h;

	take_rest(t);
	if (t->out->verdict != VERDICT_PASS)
		return;
	ear_rest(t->s->ear,
	    HARK_SOON_MS); /* so that the product has taken in that the last copy is there */
	if (!sender_ask_unknown(t->s)) {
		hark_incomplete(t, t->s->refused);
		return;
	}
	h = hark_copy(t, NULL, false);
	if (h != NULL && (h->number != 1 || !h->last || h->has_copy))
		hark_against(t, "something else came");
}

/* Did anything of the same history come behind it, whatever else came? */
static bool is_followed(const struct heard *h)
{
	for (const struct heard *next = h->next; next != NULL; next = next->next)
		if (next->copies && memcmp(next->request, h->request, sizeof h->request) == 0)
			return true;
	return false;
}

void tale_ends_after_refusal(struct tale *t)
{
	const struct heard *h;

	do
		h = hark_copy(t, &refused, true);
	while (h != NULL && h->last);
	if (h == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS);
	if (is_followed(h))
		hark_against(t, "the next copy came");
}

/* --- documents of a case --------------------------------------------------------------------- */

void tale_pings(struct tale *t)
{
	const struct heard *h = hark_take(t, &hark_ping, "Ping", NULL, false);

	if (h != NULL && (h->stage != HEARD_OPENED || strcmp(h->header.from_office, "NODE") != 0 ||
			     strcmp(h->header.to_office, "NODE") != 0 || h->header.in_case))
		hark_against(t, "it has content, a case or other offices");
}

void tale_opens_at_1(struct tale *t)
{
	const struct heard *h = hark_application(t);

	if (h != NULL && h->header.position != 1)
		hark_against(t, "it has another Position");
}

void tale_opens_without_previous(struct tale *t)
{
	const struct heard *h = hark_application(t);

	if (h != NULL && (h->header.has_previous || h->header.has_seen))
		hark_against(t, "it names a document before");
}

void tale_opens_case_of_its_own(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *h = first == NULL ? NULL : hark_application(t);

	if (h != NULL &&
	    ((h->header.case_id[6] & 0xf0) != 0x40 ||
		memcmp(h->header.case_id, first->header.case_id, sizeof h->header.case_id) == 0))
		hark_against(t, "two cases have one CaseId, or it is not random");
}

void tale_names_profile(struct tale *t)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	const struct heard *h = hark_application(t);
	const char *id = h == NULL ? "x" : h->header.profile_id;

	if (id[0] == '\0' || id[0] == '.' || id[0] == '-' || strspn(id, letters) != strlen(id))
		hark_against(t, "its id has another form");
}

void tale_follows_at_2(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *h = first == NULL ? NULL : hark_withdrawal(t, first, NULL, false);

	if (h != NULL && h->header.position != 2)
		hark_against(t, "it has another Position");
}

static const struct heard *reminder(const struct tale *t, const struct heard *first)
{
	const struct sender_wish wish = {BASE_REMINDS, first->header.case_id, false, 0, 0};

	return hark_take(t, &wish, "Reminder", NULL, false);
}

static bool is_behind_in_case(const struct heard *h, const struct heard *first)
{
	return h->header.has_previous &&
	       memcmp(h->header.case_id, first->header.case_id, sizeof h->header.case_id) == 0 &&
	       memcmp(h->header.previous, first->fingerprint, sizeof h->header.previous) == 0;
}

void tale_follows_with_previous(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *second = first == NULL ? NULL : reminder(t, first);
	const struct heard *h = second == NULL ? NULL : hark_withdrawal(t, first, NULL, false);

	/* Of the second one the document before is the first of all. */
	if (h != NULL && (!is_behind_in_case(second, first) || !is_behind_in_case(h, second)))
		hark_against(t, "Previous is another document, or none");
}

/* Did a document of the same case come before that one was answered? */
static bool is_overtaken(const struct heard *first)
{
	for (const struct heard *h = first->next; h != NULL; h = h->next)
		if (h->header.in_case && h->try_ms[0] < first->ended_ms)
			return true;
	return false;
}

/* The application is in doubt, since it is answered `busy` twice. false: the outcome says why it is not. */
static bool doubt(const struct tale *t)
{
	char why[OUTCOME_WHY] = "no application came; --wait gives it more time";
	struct sender_wish wish;
	bool good;

	ear_arm_for(t->s->ear, "ReadmissionApplication", &busy, 2, false);
	good = sender_prompt(t->s, t->out->facts->id, &hark_opens, why) &&
	       hark_await(t, hark_is_tried);
	if (good) {
		wish = hark_behind(ear_taken(t->s->ear));
		good = sender_prompt(t->s, t->out->facts->id, &wish, why);
	}
	if (!good)
		hark_incomplete(t, why);
	return good;
}

void tale_waits_for_answer(struct tale *t)
{
	if (doubt(t)) {
		if (!hark_await(t, hark_is_ended))
			hark_incomplete(
			    t, "the application did not come again; --wait gives it more time");
		else if (is_overtaken(ear_taken(t->s->ear)))
			hark_against(t, "it came before");
	}
	ear_hold(t->s->ear);
}

void tale_takes_place_again(struct tale *t)
{
	const struct heard *first = hark_application(t), *dead, *h;

	dead = first == NULL ? NULL : hark_withdrawal(t, first, &refused, true);
	if (dead == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS); /* so that the product has taken the Refusal in */
	h = hark_withdrawal(t, first, NULL, false);
	if (h != NULL &&
	    (h->header.position != dead->header.position || !is_behind_in_case(h, first)))
		hark_against(t, "it has another Position or Previous");
}

/* The first one, which the suite says that it has not, and then the one that it refused so. */
static const struct heard *tell_of_gap(const struct tale *t, const struct heard **first)
{
	*first = hark_application(t);
	if (*first == NULL)
		return NULL;
	ear_forgive(t->s->ear, *first);
	return hark_withdrawal(t, *first, &gap, false);
}

void tale_fills_gap(struct tale *t)
{
	const struct heard *first, *h = tell_of_gap(t, &first);

	if (h != NULL && first->tries < 2)
		hark_against(t, "what is missing did not come again before it");
}

void tale_brings_receipt(struct tale *t)
{
	const struct heard *first, *h = tell_of_gap(t, &first);

	if (h != NULL && first->brought == 0)
		hark_against(t, "the Receipt was not posted");
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct {
	struct case_facts facts;
	void (*tell)(struct tale *t);
} tales[] = {
#define TALE(requirement, number, function, name) \
	{{requirement "." number, "RXP-" requirement, name}, tale_##function},
#include "conformance/run/tale.def"
#undef TALE
};
#define N_TALES (sizeof tales / sizeof tales[0])

size_t tale_total(void)
{
	return N_TALES;
}

const struct case_facts *tale_facts(size_t i)
{
	if (i >= N_TALES)
		abort();
	return &tales[i].facts;
}

void tale_describe(struct outcome *out, size_t i)
{
	outcome_init(out, tale_facts(i), "messages of the product", "told");
	(void)snprintf(out->expected, sizeof out->expected, "it is so");
}

void tale_run(struct outcome *out, size_t i, struct sender *s)
{
	struct tale t = {out, s};

	tales[i].tell(&t);
	(void)snprintf(out->seen, sizeof out->seen, "%.100s",
	    out->verdict == VERDICT_PASS ? "it is so" : out->why);
}
