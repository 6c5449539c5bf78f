/* Cases above TLS: each message and answer is seen, and the log of the receiver is read. */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/run/pair_case.h"
#include "conformance/run/pair_log.h"
#include "conformance/state/product.h"
#include "conformance/wire/tls.h"
#include "protocol/message/answer.h"

#define SOON_MS 80 /* less than the 100 of RXP-HTTP-009 by what this machine may be late */
#define LINGER_MS 2500 /* in which nothing may come again */

/* What came of the message. */
struct seen_above {
	unsigned bent;
	size_t last; /* number of the first try that was not bent; that of tries: there was none */
	bool answered; /* in that */
	struct rxp_answer receipt; /* that came in it */
};

static void see(struct seen_above *s, const struct through *t)
{
	size_t n = through_tries(t);

	s->bent = 0;
	s->last = n;
	for (size_t i = n; i-- > 0;) {
		s->bent += through_try_at(t, i)->bent;
		if (!through_try_at(t, i)->bent)
			s->last = i;
	}
	s->answered = s->last < n && through_try_at(t, s->last)->status[0] == 200;
}

static bool is_done(struct pair *p, const struct pair_case *c)
{
	struct seen_above s;

	see(&s, p->through);
	/* Who was prompted may not wait for the answer: it is to have it all the same. */
	if (!pair_prompted(p) || !through_is_given(p->through))
		return false;
	if (pair_case_wants(c, PAIR_WANTED_OVERTAKEN) && through_others(p->through) == 0)
		return false;
	/* What changes nothing for the sender is answered by the try that was bent. */
	if (!pair_case_wants(c, PAIR_WANTED_AGAIN) && !pair_case_wants(c, PAIR_WANTED_LOG_FIRST) &&
	    s.bent == c->times && through_tries(p->through) > 0)
		return true;
	return s.answered;
}

static void turn_until(struct pair *p, const struct pair_case *c)
{
	int64_t deadline_ms = tls_now_ms() + p->wait_ms;
	size_t tries = through_tries(p->through);

	while (!is_done(p, c) && tls_now_ms() < deadline_ms) {
		pair_turn(p, deadline_ms);
		if (pair_prompted(p) && p->gave != 0 && through_tries(p->through) == 0)
			return;
		if (through_tries(p->through) > tries && tries < THROUGH_TRIES) {
			tries = through_tries(p->through);
			deadline_ms = tls_now_ms() + p->wait_ms;
		}
	}
}

static void linger(struct pair *p)
{
	int64_t deadline_ms = tls_now_ms() + LINGER_MS;

	while (tls_now_ms() < deadline_ms)
		pair_turn(p, deadline_ms);
}

/* --- checks: each false if it has ruled ------------------------------------------------------ */

struct trial {
	struct outcome *out;
	const struct pair_case *c;
	struct pair *p;
	struct seen_above seen;
	const struct through_try *final; /* the try that was answered for good */
};

static bool same(const struct rxp_buf *a, const struct rxp_buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void judge_unanswered(const struct trial *t)
{
	size_t n = through_tries(t->p->through);
	int seconds = t->p->wait_ms / 1000;

	if (n == 0)
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "no message came within %d seconds, on %u connections; the trigger ended with %d",
		    seconds, through_lines(t->p->through, WAY_ON), t->p->gave);
	else if (through_failed(t->p->through) != WIRE_NONE)
		pair_case_against(t->out, t->p, PAIR_RECEIVER, "did not answer: %s",
		    wire_end_words(through_failed(t->p->through)));
	else if (t->seen.last == n)
		pair_case_unrepeated(t->out, t->p);
	else
		pair_case_against(t->out, t->p, PAIR_RECEIVER, "answered with the status %d",
		    through_try_at(t->p->through, t->seen.last)->status[0]);
}

/* The answer is a Receipt of the receiver for these octets. */
static bool opens(struct trial *t)
{
	const struct product *owner = t->p->products[PAIR_RECEIVER].product;
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	const struct through_try *f = t->final;
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct rxp_answer *a = &t->seen.receipt;
	bool good;

	for (size_t i = 0; i < owner->n_certs; i++)
		certs[i] = owner->certs[i];
	good =
	    EVP_Digest(f->asked.data, f->asked.len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	    rxp_answer_open(a, f->answer[0].data, f->answer[0].len, certs, owner->n_certs) == 0 &&
	    a->kind == RXP_ANSWER_RECEIPT &&
	    memcmp(a->message_id, through_message(t->p->through), sizeof a->message_id) == 0 &&
	    memcmp(a->envelope_digest, digest, sizeof digest) == 0;
	if (!good)
		pair_case_against(
		    t->out, t->p, PAIR_RECEIVER, "gave what is no Receipt for these octets");
	return good;
}

static bool check_PAUSE(struct trial *t)
{
	for (size_t i = 1; i < through_tries(t->p->through); i++) {
		int64_t pause = through_try_at(t->p->through, i)->came_ms -
				through_try_at(t->p->through, i - 1)->done_ms;

		if (pause < SOON_MS) {
			pair_case_against(t->out, t->p, PAIR_SENDER,
			    "tried again after %lld milliseconds", (long long)pause);
			return false;
		}
	}
	return true;
}

static bool check_ONCE(struct trial *t)
{
	linger(t->p);
	if (through_try_at(t->p->through, through_tries(t->p->through) - 1) == t->final)
		return true;
	pair_case_against(
	    t->out, t->p, PAIR_SENDER, "sent the message again behind its final answer");
	return false;
}

static bool check_SAME_REQUEST(struct trial *t)
{
	for (size_t i = 1; i < through_tries(t->p->through); i++)
		if (!same(&through_try_at(t->p->through, i)->asked,
			&through_try_at(t->p->through, 0)->asked)) {
			pair_case_against(t->out, t->p, PAIR_SENDER,
			    "sent other octets under the same MessageId");
			return false;
		}
	return true;
}

static bool check_SAME_ANSWER(struct trial *t)
{
	const struct through *all = t->p->through;

	for (size_t i = 0; i < through_tries(all); i++)
		for (unsigned n = 0; n < 2; n++) {
			const struct through_try *try = through_try_at(all, i);

			if (try->status[n] == 0 || same(&try->answer[n], &t->final->answer[0]))
				continue;
			pair_case_against(t->out, t->p, PAIR_RECEIVER,
			    "answered the same message with other octets (status %d)",
			    try->status[n]);
			return false;
		}
	return true;
}

static bool check_UNTAKEN(struct trial *t)
{
	const struct through_try *first = through_try_at(t->p->through, 0);

	if (first->status[0] >= 400 || first->status[0] == 0)
		return true;
	pair_case_against(t->out, t->p, PAIR_RECEIVER,
	    "took what had been altered, with the status %d", first->status[0]);
	return false;
}

static bool check_LOGGED(struct trial *t)
{
	const struct rxp_answer *a = &t->seen.receipt;
	struct pair_log log;
	const char *why = pair_log_read(&log, t->p, through_message(t->p->through));

	if (why != NULL)
		outcome_rule(t->out, VERDICT_INCOMPLETE, "the log of the receiver: %s", why);
	else if (log.broken)
		pair_case_against(
		    t->out, t->p, PAIR_RECEIVER, "gives a log whose heads do not come out");
	else if (log.entries != 1)
		pair_case_against(t->out, t->p, PAIR_RECEIVER,
		    "has %u entries of the message in its log", log.entries);
	else if (log.last.outcome != RXP_OUTCOME_RECEIPT ||
		 log.last.received_ms != a->received_ms ||
		 memcmp(log.last.fingerprint, a->fingerprint, sizeof a->fingerprint) != 0)
		pair_case_against(
		    t->out, t->p, PAIR_RECEIVER, "has in its log what its Receipt does not say");
	else
		return true;
	return false;
}

static bool check_REPLAY(struct trial *t)
{
	struct wire_response response;
	enum wire_end end;
	bool good;

	wire_response_init(&response);
	end = through_post(t->p->through, &t->final->asked, &response);
	good = end == WIRE_NONE && same(&response.body, &t->final->answer[0]);
	if (!good)
		pair_case_against(t->out, t->p, PAIR_RECEIVER, "gave %s",
		    end != WIRE_NONE ? wire_end_words(end) : "another answer");
	wire_response_clear(&response);
	return good;
}

/* The second one is answered by then. */
static bool check_OVERTAKEN(struct trial *t)
{
	if (through_others(t->p->through) > 0)
		return check_REPLAY(t);
	outcome_rule(t->out, VERDICT_INCOMPLETE,
	    "no second document came behind the first; the trigger was told `two`");
	return false;
}

/* It came before this message, which is answered. */
static bool check_LOG_FIRST(struct trial *t)
{
	(void)t;
	return true;
}

/* No row above TLS looks at files: they pass in pieces below it. */
static bool check_RESUMED(struct trial *t)
{
	(void)t;
	return true;
}

/* That it was sent again is_done() has seen. */
static bool check_AGAIN(struct trial *t)
{
	(void)t;
	return true;
}

static bool (*const checks[])(struct trial *t) = {
#define WANTED(name, words) check_##name,
#include "conformance/proxy/wanted.def"
#undef WANTED
};

/* What the trigger's end says: the sender holds a Receipt, or it waits for none. */
static bool is_content(struct trial *t)
{
	if (pair_prompted(t->p) && t->p->gave == 0)
		return true;
	pair_case_against(t->out, t->p, PAIR_SENDER, "does not know of a Receipt: its trigger %s",
	    pair_prompted(t->p) ? "failed" : "did not end");
	return false;
}

static void judge(struct trial *t)
{
	const struct through *all = t->p->through;
	size_t n = through_tries(all);

	see(&t->seen, all);
	(void)snprintf(
	    t->out->seen, sizeof t->out->seen, "%zu tries, %u of them altered", n, t->seen.bent);
	if (!t->seen.answered && (n == 0 || pair_case_wants(t->c, PAIR_WANTED_AGAIN))) {
		judge_unanswered(t);
		return;
	}
	t->final = through_try_at(all, t->seen.answered ? t->seen.last : n - 1);
	if (!opens(t) || !is_content(t))
		return;
	for (unsigned w = 0; w < PAIR_WANTED_COUNT; w++)
		if (pair_case_wants(t->c, (enum pair_wanted)w) && !checks[w](t))
			return;
}

static void keep(const struct trial *t)
{
	const struct through *all = t->p->through;

	if (through_tries(all) == 0)
		return;
	/* By the suite: what the sender got, and what it had sent. */
	(void)rxp_buf_put(&t->out->received, through_try_at(all, 0)->asked.data,
	    through_try_at(all, 0)->asked.len);
	if (t->final != NULL)
		(void)rxp_buf_put(&t->out->sent, t->final->answer[0].data, t->final->answer[0].len);
}

/* The sender asks for the log, and gets it so. false: it does not, which has been ruled. */
static bool bend_log(struct outcome *out, const struct pair_case *c, struct pair *p)
{
	int64_t deadline_ms = tls_now_ms() + p->wait_ms;
	char why[OUTCOME_WHY];

	through_arm_log(p->through, (enum bend)c->number, c->times);
	if (!pair_prompt(p, c->facts.id, "log", why)) {
		outcome_rule(out, VERDICT_INCOMPLETE, "%s", why);
		return false;
	}
	while ((through_log_left(p->through) > 0 || !pair_prompted(p)) &&
	       tls_now_ms() < deadline_ms && (!pair_prompted(p) || p->gave == 0))
		pair_turn(p, deadline_ms);
	if (through_log_left(p->through) == 0)
		return true;
	outcome_rule(out, VERDICT_INCOMPLETE,
	    "the log was not asked for; the trigger was told `log`, and ended with %d", p->gave);
	return false;
}

void pair_case_above(struct outcome *out, const struct pair_case *c, struct pair *p)
{
	struct trial t = {.out = out, .c = c, .p = p};
	char why[OUTCOME_WHY];

	if (pair_case_wants(c, PAIR_WANTED_LOG_FIRST) && !bend_log(out, c, p))
		return;
	if (pair_case_wants(c, PAIR_WANTED_LOG_FIRST))
		through_arm(p->through, BEND_NONE, 0);
	else
		through_arm(p->through, (enum bend)c->number, c->times);
	if (!pair_prompt(
		p, c->facts.id, pair_case_wants(c, PAIR_WANTED_OVERTAKEN) ? "two" : "ping", why)) {
		outcome_rule(out, VERDICT_INCOMPLETE, "%s", why);
		return;
	}
	turn_until(p, c);
	rxp_answer_init(&t.seen.receipt);
	judge(&t);
	keep(&t);
	rxp_answer_clear(&t.seen.receipt);
}
