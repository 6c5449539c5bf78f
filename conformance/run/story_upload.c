/* Stories of uploads that are open while another comes (section 14). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/run/patience.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"

#define PART 1000 /* octets of what is held open that come at first */

static const struct expect receipt = {EXPECT_RECEIPT, 0};

/* A PUT that stays open behind its first octets, on a line of its own or of the story. */
struct open_put {
	struct line *line;
	struct wire *wire; /* of that line, as it was */
	struct line_put put;
	struct wire_response response;
};

static int incomplete(struct teller *t, const char *why)
{
	outcome_rule(t->out, VERDICT_INCOMPLETE, "%s", why);
	return 1;
}

static int against(struct teller *t, const char *what, int status)
{
	(void)snprintf(t->out->seen, sizeof t->out->seen, "the status %d", status);
	outcome_rule(t->out, outcome_against(t->out), "%s gets %d", what, status);
	return 1;
}

/* What is held of it; whatever the answer is, the PUT before was judged by then. */
static void ask_held(struct line *line, const struct line_put *of)
{
	struct wire_response response;

	wire_response_init(&response);
	(void)line_ask(line, &(struct wire_request){.method = "HEAD", .path = of->path}, &response);
	wire_response_clear(&response);
}

/* The caller clears p->response, and hangs the line up. */
static int begin(struct teller *t, struct open_put *p, struct line *line, const struct draft *d)
{
	enum wire_end end = line_connect(line);

	p->line = line;
	line_put_of(&p->put, d, 0);
	p->put.request.hold = PART;
	p->wire = line->wire;
	wire_response_init(&p->response);
	if (end == WIRE_NONE)
		end = wire_hold(line->wire, &p->put.request, &p->response);
	if (end != WIRE_NONE)
		return incomplete(t, "a PUT whose octets come slowly ends before they are there");
	ask_held(&t->line, &p->put);
	return 0;
}

static void finish(struct open_put *p)
{
	wire_response_clear(&p->response);
	line_hang_up(p->line);
}

/* The rest of it. Its status; 0: none came, or the line broke meanwhile. */
static int resume(struct open_put *p)
{
	if (p->line->wire == p->wire)
		(void)wire_resume(p->wire);
	return p->response.status;
}

/* A PUT of the whole attachment from an octet on. *held: what rxp-offset says. Its status; 0: none came. */
static int put(struct line *line, const struct draft *d, size_t from, unsigned long *held)
{
	struct patience patience = patience_of(line->target);
	struct wire_response response;
	struct line_put of = {.path = ""};
	int status;

	line_put_of(&of, d, from);
	do {
		wire_response_init(&response);
		(void)line_ask(line, &of.request, &response);
		status = response.status;
		if (held != NULL)
			*held = strtoul(response.offset, NULL, 10);
		wire_response_clear(&response);
	} while (status == PATIENCE_STATUS && patience_bear(&patience));
	return status;
}

/* --- one file, two connections ------------------------------------------------------------------ */

/* On the line of the story, while that is open: it is told what came of it, and brings the rest. */
static int take_over(struct teller *t, const struct draft *d, const struct open_put *open)
{
	unsigned long held = 0;
	int status = put(&t->line, d, 0, &held);

	if (status == PATIENCE_STATUS && wire_held_ends(open->wire, tls_now_ms()))
		return incomplete(t, "a PUT of the same file always gets 503");
	if (status != 409)
		return against(t, "a PUT from the first octet, where some are held,", status);
	(void)snprintf(
	    t->out->seen, sizeof t->out->seen, "the status 409 with rxp-offset %lu", held);
	if (held == 0 || held > PART)
		return teller_against(t, "the octets that came are not held");
	status = put(&t->line, d, held, NULL);
	return status == 201 ? 0 : against(t, "a PUT of the rest", status);
}

int tell_upload_taken_over(struct teller *t)
{
	struct line first = {.target = t->line.target};
	struct draft *d = teller_draft(t);
	struct open_put open = {.line = NULL};
	int rc = draft_begin(d, t->line.target->parties, BASE_ATTACHED, moment_now_ms());

	if (rc == 0)
		rc = draft_make(d, NULL);
	if (rc != 0)
		return rc;
	rc = begin(t, &open, &first, d);
	if (rc == 0)
		rc = take_over(t, d, &open);
	if (rc == 0 && !wire_held_ends(first.wire, tls_now_ms() + t->line.target->wait_ms))
		rc = teller_against(t, "the one that was open is open still");
	finish(&open);
	return rc == 0 ? teller_try(t, d, &receipt, teller_told(t)) : rc;
}

/* The name is one among those of a party: what another one puts ends nothing. */
int tell_upload_of_other(struct teller *one, struct teller *other)
{
	struct draft *d = teller_draft(one);
	struct open_put open = {.line = NULL};
	int status, rc = draft_begin(d, one->line.target->parties, BASE_ATTACHED, moment_now_ms());

	if (rc == 0)
		rc = draft_make(d, NULL);
	if (rc != 0)
		return rc;
	rc = begin(one, &open, &one->line, d);
	status = rc == 0 ? put(&other->line, d, 0, NULL) : 0;
	if (rc == 0 && status != 201)
		rc = against(one, "the PUT of another State", status);
	status = rc == 0 ? resume(&open) : 0;
	if (rc == 0 && status != 201)
		rc = against(one, "the PUT that was open", status);
	finish(&open);
	return rc == 0 ? teller_try(one, d, &receipt, teller_told(one)) : rc;
}

/* --- two files at the same time ------------------------------------------------------------------ */

/* The one of d is open on `line` while the other one comes on that of the story. */
static int put_both(
    struct teller *t, struct line *line, const struct draft *d, const struct draft *other)
{
	struct open_put open = {.line = NULL};
	int status, rc = begin(t, &open, line, d);

	if (rc == 0) {
		status = put(&t->line, other, 0, NULL);
		if (status == PATIENCE_STATUS)
			rc = incomplete(t, "a second PUT always gets 503");
		else if (status != 201)
			rc = against(t, "the PUT of the second file", status);
	}
	status = rc == 0 ? resume(&open) : 0;
	if (rc == 0 && status != 201)
		rc = against(t, "the PUT of the first file", status);
	finish(&open);
	return rc;
}

static int two_uploads(struct teller *t, struct line *line)
{
	struct draft *d = teller_draft(t), *other = teller_draft(t);
	int rc = story_two_files(t, d, other);

	if (rc == 0)
		rc = draft_make(d, NULL);
	if (rc == 0)
		rc = draft_make(other, NULL);
	if (rc == 0)
		rc = put_both(t, line, d, other);
	return rc == 0 ? teller_try(t, d, &receipt, teller_told(t)) : rc;
}

int tell_two_uploads(struct teller *t)
{
	return two_uploads(t, &t->line);
}

int tell_two_uploads_apart(struct teller *t)
{
	struct line apart = {.target = t->line.target};

	return two_uploads(t, &apart);
}
