#include "conformance/run/sender.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/run/line.h"
#include "conformance/run/seen.h"
#include "conformance/run/trigger.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"
#include "protocol/xml/write.h"

#define TURN_MS 50
#define QUIET_MS 300

/* --- the reaction ---------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, RXP_ID_OCTETS);
}

/* Applications that the product has to give back. One that is not receipted is no seed, and ends the sowing. */
static void sow(struct sender *s, struct line *line)
{
	while (s->n_seeds < SENDER_SEEDS) {
		struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
		struct draft d;
		int rc = draft_begin(&d, s->target->parties, BASE_OPENS, line_now_ms());

		if (rc == 0) {
			rc = line_send_valid(line, &d, &seen, NULL);
			if (rc == 0 && seen.what.kind == EXPECT_RECEIPT)
				memcpy(s->seeds[s->n_seeds++], d.header.case_id, RXP_ID_OCTETS);
			draft_clear(&d);
		}
		if (rc != 0 || seen.what.kind != EXPECT_RECEIPT)
			break;
	}
	qsort(s->seeds, s->n_seeds, sizeof s->seeds[0], compare_ids);
	s->seeded = true;
}

/* The cases of the seeds are asked for; without one, all that there is. */
static int name_seeds(struct draft *d, const struct sender *s)
{
	if (s->n_seeds == 0)
		return 0;
	rxp_buf_reset(&d->content);
	(void)rxp_buf_puts(&d->content, "<HistoryRequest xmlns=\"urn:rxp:1:body\">");
	for (size_t i = 0; i < s->n_seeds; i++)
		rxp_write_id(&d->content, "CaseId", s->seeds[i]);
	return rxp_buf_puts(&d->content, "</HistoryRequest>");
}

static int ask(struct sender *s, struct line *line, struct seen *seen)
{
	struct draft d;
	int rc = draft_begin(&d, s->target->parties, BASE_HISTORY, line_now_ms());

	if (rc != 0)
		return rc;
	rc = name_seeds(&d, s);
	if (rc == 0)
		rc = line_send_valid(line, &d, seen, NULL);
	draft_clear(&d);
	return rc;
}

static bool is_busy(const struct seen *seen)
{
	return seen->what.kind == EXPECT_REFUSAL && seen->what.value == RXP_REFUSAL_BUSY;
}

/* What an earlier run asked for may still be on its way, which keeps the product busy. */
static bool comes_still(struct sender *s, unsigned lines)
{
	int64_t deadline_ms = tls_now_ms() + s->target->wait_ms;
	const struct ear_counts *now = ear_counted(s->ear);

	while (now->messages == s->before && now->lines == lines && tls_now_ms() < deadline_ms)
		ear_turn(s->ear, deadline_ms);
	return now->messages > s->before || now->lines > lines;
}

static bool react(struct sender *s)
{
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	struct line line = {.target = s->target};
	unsigned lines = ear_counted(s->ear)->lines;
	int rc;

	if (s->refuses)
		return false;
	s->before = ear_counted(s->ear)->messages;
	if (!s->seeded)
		sow(s, &line);
	rc = ask(s, &line, &seen);
	line_hang_up(&line);
	s->asked = rc == 0 &&
		   (seen.what.kind == EXPECT_RECEIPT || (is_busy(&seen) && comes_still(s, lines)));
	s->refuses = !s->asked;
	if (rc != 0)
		(void)snprintf(s->refused, sizeof s->refused, "the suite: %s", rxp_err_text(rc));
	else if (!s->asked)
		seen_words(s->refused, &seen.what);
	return s->asked;
}

/* Did the last copy, or a Refusal of one, end what was asked for? */
static bool is_given(const struct sender *s)
{
	unsigned n = 0;

	for (const struct heard *h = ear_first(s->ear); h != NULL; h = h->next)
		if (n++ >= s->before && h->copies && h->ended && (h->last || h->refused))
			return true;
	return false;
}

bool sender_expects(const struct sender *s)
{
	return ear_waiting(s->ear) != NULL || (s->asked && !is_given(s));
}

/* --- the trigger ----------------------------------------------------------------------------- */

/* false: it runs on. */
static bool reap(struct sender *s, int *status)
{
	*status = 0;
	if (s->running == 0)
		return true;
	if (waitpid(s->running, status, WNOHANG) == 0)
		return false;
	s->running = 0;
	return true;
}

/* Until it ends, in bounded time; what the product sends meanwhile is served. */
static void await_trigger(struct sender *s)
{
	int64_t deadline_ms = tls_now_ms() + s->target->wait_ms;
	int status;

	while (!reap(s, &status) && tls_now_ms() < deadline_ms)
		ear_turn(s->ear, tls_now_ms() + TURN_MS);
	if (s->running != 0) {
		(void)kill(s->running, SIGTERM);
		(void)waitpid(s->running, &status, 0);
		s->running = 0;
	}
}

static bool pull_trigger(struct sender *s, const char *case_id, const char *wanted)
{
	if (s->trigger == NULL)
		return false;
	await_trigger(s);
	s->running = trigger_start(s->trigger, s->target->parties->own->party,
	    (const char *const[]){case_id, wanted, NULL});
	if (s->running < 0)
		s->running = 0;
	return s->running != 0;
}

/* --- a person -------------------------------------------------------------------------------- */

static bool beg(const struct sender *s, const char *case_id, const char *wanted)
{
	if (!s->manual)
		return false;
	fprintf(stderr, "%s: have %s send %s to %s, within %d seconds\n", case_id,
	    product_party(s->target->parties->product), wanted, s->target->parties->own->party,
	    s->target->wait_ms / 1000);
	return true;
}

/* --- the whole ------------------------------------------------------------------------------- */

bool sender_prompt(struct sender *s, const char *case_id, const char *wanted, char why[OUTCOME_WHY])
{
	bool any = strcmp(wanted, "ping") == 0; /* whatever it is */

	if (any && (sender_expects(s) || react(s)))
		return true;
	if (pull_trigger(s, case_id, wanted) || beg(s, case_id, wanted))
		return true;
	(void)snprintf(why, OUTCOME_WHY,
	    "nothing makes the product send (--trigger can): asked for history, it gave %.100s",
	    s->refuses ? s->refused : "no such document");
	return false;
}

/* Take what still comes, in bounded time. */
static void drain(struct sender *s)
{
	int64_t deadline_ms = tls_now_ms() + s->target->wait_ms;
	int64_t quiet_ms = tls_now_ms() + QUIET_MS;

	ear_take_all(s->ear);
	while (tls_now_ms() < deadline_ms && (sender_expects(s) || tls_now_ms() < quiet_ms))
		ear_turn(s->ear, tls_now_ms() + TURN_MS);
	await_trigger(s);
}

enum wire_end sender_open(struct sender *s, struct target *target, const char *dir, const char *at)
{
	enum wire_end end = ear_open(
	    &s->ear, target->parties, dir, at != NULL ? at : target->parties->own->endpoint);

	s->target = target;
	if (end != WIRE_NONE)
		return end;
	target->sender = s;
	target->aside = ear_aside(s->ear);
	return WIRE_NONE;
}

void sender_close(struct sender *s)
{
	if (s->ear != NULL)
		drain(s);
	ear_close(s->ear);
}
