/* Stories of uploads that are open while another comes (section 14). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/run/patience.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"

#define PART 1000 /* octets of what is held open that come at first */
#define STATUS_ALL 201
#define STATUS_ELSEWHERE 409

/* What an attempt comes to whose open PUT was put off: the next one has other files. */
#define PUT_OFF 2

static const struct expect receipt = {EXPECT_RECEIPT, 0};

/* A PUT that stays open behind its first octets, and what comes beside it. */
struct attempt {
	struct teller *t, *beside; /* who speaks beside it; one story is told by two States */
	struct line *line; /* of the open one: its own, or that of the story */
	struct draft *open,
	    *other; /* two documents with an attachment each, or none for the second */
	struct line_put put;
	struct wire_response response;
};

static int incomplete(struct teller *t, const char *why)
{
	outcome_rule(t->out, VERDICT_INCOMPLETE, "%s", why);
	return 1;
}

/* A new document with an attachment, made. */
static int attach(struct teller *t, struct draft *d)
{
	int rc;

	draft_clear(d);
	rc = draft_begin(d, t->line.target->parties, BASE_ATTACHED, moment_now_ms());
	return rc == 0 ? draft_make(d, NULL) : rc;
}

static bool is_put_off(const struct attempt *a, int within_ms)
{
	return line_is_put_off(a->line, &a->response, tls_now_ms() + within_ms);
}

/* What is held of it; whatever the answer is, the PUT before was judged by then. */
static void ask_held(struct attempt *a)
{
	struct wire_response response;

	wire_response_init(&response);
	(void)line_ask(
	    &a->t->line, &(struct wire_request){.method = "HEAD", .path = a->put.path}, &response);
	wire_response_clear(&response);
}

/* Whatever comes of it, end() ends it. */
static int begin(struct attempt *a)
{
	enum wire_end end;

	line_put_of(&a->put, a->open, 0);
	a->put.request.hold = PART;
	wire_response_init(&a->response);
	end = line_hold(a->line, &a->put.request, &a->response);
	if (end == WIRE_NONE)
		ask_held(a);
	if (is_put_off(a, 0))
		return PUT_OFF;
	if (end != WIRE_NONE)
		return incomplete(
		    a->t, "a PUT whose octets come slowly ends before they are there");
	return 0;
}

/* The rest of it comes, and all is there. */
static int resume(struct attempt *a)
{
	(void)wire_resume(a->line->held);
	return is_put_off(a, 0) ? PUT_OFF : teller_status(a->t, STATUS_ALL, a->response.status);
}

static void end(struct attempt *a)
{
	wire_response_clear(&a->response);
	line_drop(a->line);
}

/* A PUT of the whole attachment from an octet on. *held: what rxp-offset says. Its status; 0: none came. */
static int put(struct line *line, const struct draft *d, size_t from, unsigned long *held)
{
	struct wire_response response;
	struct line_put of = {.path = ""};
	int status;

	line_put_of(&of, d, from);
	wire_response_init(&response);
	(void)line_ask(line, &of.request, &response);
	status = response.status;
	*held = strtoul(response.offset, NULL, 10);
	wire_response_clear(&response);
	return status;
}

/* What comes beside it must get that. If the open one was put off, which may show late, nothing was beside it. */
static int put_beside(
    struct attempt *a, const struct draft *d, int wanted, unsigned long *held, int *status)
{
	*status = put(&a->beside->line, d, 0, held);
	if (*status != wanted && is_put_off(a, a->line->target->wait_ms))
		return PUT_OFF;
	return teller_status(a->beside, wanted, *status);
}

/* Until a PUT stays open, in bounded time; then its document is receipted. */
static int tell(struct attempt *a, int (*try)(struct attempt *a))
{
	struct patience patience = patience_of(a->line->target);
	int rc;

	a->open = teller_draft(a->t);
	a->other = teller_draft(a->t);
	do {
		rc = try(a);
		end(a);
	} while (rc == PUT_OFF && patience_bear(&patience));
	if (rc == PUT_OFF)
		return incomplete(a->t,
		    "no PUT stays open beside another: 503, nothing is done with it, or its connection ends");
	return rc == 0 ? teller_try(a->t, a->open, &receipt, teller_told(a->t)) : rc;
}

/* --- one file, two connections ------------------------------------------------------------------ */

/* While the first is open still. Is another file taken? Then it is no load that is in the way. */
static int is_kept_out(struct attempt *a)
{
	unsigned long ignored;
	int rc = attach(a->t, a->other);

	if (rc != 0)
		return rc;
	if (put(&a->t->line, a->other, 0, &ignored) != STATUS_ALL)
		return incomplete(a->t, "beside a PUT that is open each one gets 503");
	return teller_against(a->t,
	    "a PUT of the same file gets 503 as long as one is open, and one of another file 201");
}

/* On the line of the story, while that is open: it is told what came of it, and brings the rest. */
static int take_over(struct attempt *a)
{
	unsigned long held = 0;
	int status, rc = put_beside(a, a->open, STATUS_ELSEWHERE, &held, &status);

	if (rc == 1 && status == PATIENCE_STATUS && !wire_held_ends(a->line->held, tls_now_ms()))
		return is_kept_out(a);
	if (rc != 0)
		return rc;
	(void)snprintf(
	    a->t->out->seen, sizeof a->t->out->seen, "the status 409 with rxp-offset %lu", held);
	if (held == 0 || held > PART)
		return teller_against(a->t, "the octets that came are not held");
	return teller_status(a->t, STATUS_ALL, put(&a->t->line, a->open, held, &held));
}

static int try_taken_over(struct attempt *a)
{
	int64_t wait_ms = a->line->target->wait_ms;
	int rc = attach(a->t, a->open);

	if (rc == 0)
		rc = begin(a);
	if (rc == 0)
		rc = take_over(a);
	if (rc == 0 && !wire_held_ends(a->line->held, tls_now_ms() + wait_ms))
		rc = teller_against(a->t, "the one that was open is open still");
	return rc;
}

int tell_upload_taken_over(struct teller *t)
{
	struct line first = {.target = t->line.target};

	return tell(&(struct attempt){.t = t, .beside = t, .line = &first}, try_taken_over);
}

/* The name is one among those of a party: what another one puts ends nothing. */
static int try_of_other(struct attempt *a)
{
	unsigned long ignored;
	int status, rc = attach(a->t, a->open);

	if (rc == 0)
		rc = begin(a);
	if (rc == 0)
		rc = put_beside(a, a->open, STATUS_ALL, &ignored, &status);
	return rc == 0 ? resume(a) : rc;
}

int tell_upload_of_other(struct teller *one, struct teller *other)
{
	return tell(&(struct attempt){.t = one, .beside = other, .line = &one->line}, try_of_other);
}

/* --- two files at the same time ------------------------------------------------------------------ */

static int try_both(struct attempt *a)
{
	unsigned long ignored;
	int status, rc;

	draft_clear(a->open);
	draft_clear(a->other);
	rc = story_two_files(a->t, a->open, a->other);
	if (rc == 0)
		rc = draft_make(a->open, NULL);
	if (rc == 0)
		rc = draft_make(a->other, NULL);
	if (rc == 0)
		rc = begin(a);
	if (rc == 0)
		rc = put_beside(a, a->other, STATUS_ALL, &ignored, &status);
	/* It is to come on the same connection, which may have taken no more. */
	if (rc == 0 && a->line == &a->t->line && a->line->wire != a->line->held)
		rc = PUT_OFF;
	return rc == 0 ? resume(a) : rc;
}

int tell_two_uploads(struct teller *t)
{
	return tell(&(struct attempt){.t = t, .beside = t, .line = &t->line}, try_both);
}

int tell_two_uploads_apart(struct teller *t)
{
	struct line apart = {.target = t->line.target};

	return tell(&(struct attempt){.t = t, .beside = t, .line = &apart}, try_both);
}
