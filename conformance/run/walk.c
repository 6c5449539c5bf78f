#include "conformance/run/walk.h"

#include <string.h>

#include "conformance/message/history.h"
#include "conformance/message/saying.h"
#include "conformance/run/control.h"
#include "conformance/run/desk.h"
#include "conformance/run/line.h"
#include "conformance/run/seen.h"
#include "conformance/run/shown.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"

#define STAGE_WORD "history"
#define MAX_STANDING \
	400 /* documents of a case that serves more than one cell: a case has its bound */
#define UNPLANNED " with the flag unplanned"

/* A cell on its way to its outcome. */
struct walk {
	const struct cell *cell;
	struct outcome *out;
	struct line line;
	struct history history; /* of the case, all of it receipted */
};

static const char *says(struct cell_step s)
{
	return rxp_case_event_row(s.event)->word;
}

static bool is_claimed(const struct walk *w, struct cell_step s)
{
	enum rxp_level level = rxp_type_row(rxp_case_event_row(s.event)->type)->level;

	return (w->line.target->parties->product->descriptor->identity.levels & 1U << level) != 0;
}

void walk_describe(struct outcome *out, const struct cell *c)
{
	outcome_init(out, &c->facts,
	    c->n_path == 0 ? "a case that nobody knows"
			   : "a case in the state that the change names",
	    STAGE_WORD);
	seen_words(out->expected, &c->expected);
	if (c->unplanned)
		(void)strncat(
		    out->expected, UNPLANNED, sizeof out->expected - strlen(out->expected) - 1);
}

/* --- documents of the case ------------------------------------------------------------------- */

/* The next one, not made yet. */
static int begin(struct draft *d, const struct walk *w, struct cell_step s)
{
	int rc = saying_begin(d, w->line.target->parties, s.event, s.side, moment_now_ms());

	if (rc != 0)
		return rc;
	rc = history_follow(&w->history, d);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

/* Send one without a change; it is of the case if it is receipted. */
static int send(struct walk *w, struct draft *d, struct seen *seen)
{
	int rc = line_send_valid(&w->line, d, seen, NULL);

	if (rc == 0 && seen->what.kind == EXPECT_RECEIPT)
		rc = history_add(&w->history, &d->header, true, d->fingerprint);
	return rc;
}

static int say(struct walk *w, struct cell_step s, struct seen *seen)
{
	struct draft d;
	int rc = begin(&d, w, s);

	if (rc != 0)
		return rc;
	rc = send(w, &d, seen);
	draft_clear(&d);
	return rc;
}

/* Have the product say it. Rules, and returns a positive number, if nothing comes. */
static int have_said(struct walk *w, struct cell_step s)
{
	char why[OUTCOME_WHY] = "";
	struct heard *came = NULL;
	struct draft wanted;
	int rc = saying_begin(&wanted, w->line.target->parties, s.event, s.side, moment_now_ms());

	if (rc != 0)
		return rc;
	rc = history_about(&w->history, &wanted, false);
	if (rc == 0)
		rc = desk_send(w->line.target->desk, &w->line, w->cell->facts.id, &wanted,
		    &w->history, &came, why);
	if (rc == 0) {
		rc = history_add(&w->history, &came->header, false, came->fingerprint);
		heard_free(came);
	} else if (rc > 0) {
		outcome_rule(w->out, VERDICT_INCOMPLETE, "before it, %.150s", why);
	}
	draft_clear(&wanted);
	return rc;
}

/* --- before ---------------------------------------------------------------------------------- */

/* Rules, and returns a positive number, if it is not receipted. */
static int go(struct walk *w, struct cell_step s)
{
	char words[SEEN_WORDS];
	struct seen seen;
	int rc;

	if (!is_claimed(w, s)) {
		outcome_rule(
		    w->out, VERDICT_NA, "the product does not claim the level of '%s'", says(s));
		return 1;
	}
	if (s.side != w->cell->said.side)
		return have_said(w, s);
	rc = say(w, s, &seen);
	if (rc != 0 || seen.what.kind == EXPECT_RECEIPT)
		return rc;
	seen_words(words, &seen.what);
	outcome_rule(w->out, VERDICT_INCOMPLETE, "before it, '%s' gets %s", says(s), words);
	return 1;
}

static bool ping(struct walk *w)
{
	return control(w->out, &w->line, BASE_PING, VERDICT_INCOMPLETE, "before it");
}

static int go_all_the_way(struct walk *w)
{
	int rc = 0;

	for (size_t i = 0; i < w->cell->n_path && rc == 0; i++)
		rc = go(w, w->cell->path[i]);
	return rc;
}

/* What others leave standing saves documents of the product. */
static int go_where_one_stands(struct walk *w)
{
	struct standing *s;

	if (w->line.target->desk == NULL) {
		outcome_rule(w->out, VERDICT_INCOMPLETE,
		    "it needs a document of the product, and nothing makes it send one: --trigger");
		w->out->unprompted = true;
		return 1;
	}
	s = desk_standing(w->line.target->desk);
	if (!s->stands || s->state != w->cell->state || s->side != w->cell->said.side ||
	    s->history.n > MAX_STANDING)
		return go_all_the_way(w);
	s->stands = false;
	w->history = s->history;
	return ping(w) ? 0 : 1;
}

/* Where nothing goes before it, a Ping shows that the product works. */
static int go_there(struct walk *w)
{
	if (w->cell->needs_product)
		return go_where_one_stands(w);
	if (w->cell->n_path == 0)
		return ping(w) ? 0 : 1;
	return go_all_the_way(w);
}

/* The case is where it was: it may serve others. */
static void leave_standing(struct walk *w)
{
	struct standing *s;

	if (!w->cell->needs_product)
		return;
	s = desk_standing(w->line.target->desk);
	s->stands = true;
	s->state = w->cell->state;
	s->side = w->cell->said.side;
	s->history = w->history;
}

/* --- behind ---------------------------------------------------------------------------------- */

static void rule_effect(struct walk *w, bool takes, struct cell_step s, const struct seen *seen)
{
	char words[SEEN_WORDS];

	seen_words(words, &seen->what);
	if ((seen->what.kind == EXPECT_RECEIPT) != takes)
		outcome_rule(w->out, line_verdict(&w->line, w->out, outcome_against(w->out)),
		    "%s: '%s', behind it, gets %s",
		    w->cell->expected.kind == EXPECT_RECEIPT
			? "it has not the effect that it must have"
			: "it had an effect",
		    says(s), words);
}

/* What shows that the person is in the next state; if there is nothing, a reminder shows that the case goes on. */
static int probe_taken(struct walk *w)
{
	struct cell_step s, found = {RXP_CASE_EVENT_REMIND, w->cell->said.side};
	bool takes, found_takes = true, has = false;
	struct seen seen;
	int rc;

	for (size_t i = 0; cell_witness(&s, &takes, w->cell, i); i++)
		if (is_claimed(w, s) && (!has || (takes && !found_takes))) {
			found = s;
			found_takes = takes;
			has = true;
		}
	rc = say(w, found, &seen);
	if (rc == 0)
		rule_effect(w, found_takes, found, &seen);
	return rc;
}

/* Its place is free: the same for a document that is legal there. */
static int probe_refused(struct walk *w, const struct draft *refused)
{
	struct cell_step s = {
	    w->history.n > 0 ? RXP_CASE_EVENT_REMIND : RXP_CASE_EVENT_APPLY, w->cell->said.side};
	struct seen seen;
	struct draft d;
	int rc = begin(&d, w, s);

	if (rc != 0)
		return rc;
	memcpy(d.header.case_id, refused->header.case_id, sizeof d.header.case_id);
	rc = send(w, &d, &seen);
	draft_clear(&d);
	if (rc != 0)
		return rc;
	rule_effect(w, true, s, &seen);
	if (w->out->verdict == VERDICT_PASS)
		leave_standing(w);
	return 0;
}

/* --- the whole ------------------------------------------------------------------------------- */

/* A document of a level that the product does not claim must be told as that (RXP-DOC-005), whatever the case's state is. */
static void judge(struct walk *w, const struct seen *seen)
{
	if (!is_claimed(w, w->cell->said)) {
		seen_judge_unclaimed(w->out, seen, says(w->cell->said));
		return;
	}
	seen_judge(w->out, seen, &w->cell->expected);
	if (w->out->verdict == VERDICT_PASS && seen->what.kind == EXPECT_RECEIPT &&
	    w->cell->unplanned != ((seen->flags & 1U << RXP_FLAG_UNPLANNED) != 0))
		outcome_rule(w->out, outcome_against(w->out),
		    w->cell->unplanned ? "it is receipted without the flag unplanned"
				       : "it is receipted with the flag unplanned");
}

static int try_it(struct walk *w, struct draft *d)
{
	struct wire_response response;
	struct seen seen;
	int rc = draft_make(d, NULL);

	if (rc != 0)
		return rc;
	wire_response_init(&response);
	line_send(&w->line, d, &seen, &response);
	shown_put(w->out, d);
	(void)rxp_buf_put(&w->out->received, response.body.data, response.body.len);
	wire_response_clear(&response);
	judge(w, &seen);
	/* What follows is tried on a connection that has seen nothing. */
	line_hang_up(&w->line);
	if (!outcome_goes_on(w->out))
		return 0;
	if (seen.what.kind != EXPECT_RECEIPT)
		return probe_refused(w, d);
	rc = history_add(&w->history, &d->header, true, d->fingerprint);
	return rc == 0 ? probe_taken(w) : rc;
}

static int run(struct walk *w)
{
	struct draft d;
	int rc = go_there(w);

	if (rc != 0)
		return rc;
	rc = begin(&d, w, w->cell->said);
	if (rc != 0)
		return rc;
	rc = try_it(w, &d);
	draft_clear(&d);
	return rc;
}

void walk_run(struct outcome *out, const struct cell *c, const struct target *target)
{
	struct walk w = {.cell = c, .out = out, .line = {.target = target}};
	int64_t began_ms = tls_now_ms();
	int rc = run(&w);

	if (rc == RXP_ERR_KEY)
		outcome_rule(out, VERDICT_NA, "the product has no key for an office of a content");
	else if (rc < 0)
		outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	line_judge(&w.line, out);
	line_hang_up(&w.line);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
