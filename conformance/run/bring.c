#include "conformance/run/bring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/document/object.h"
#include "conformance/requirement/binding.h"
#include "conformance/run/line.h"
#include "conformance/run/rolls.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

#define MAX_CASES 64
#define ID_TEXT 32
#define WANTED "the status 422"
#define STATUS_TAKEN 204
#define STATUS_REFUSED 422

/* --- which there are --------------------------------------------------------------------------- */

struct brought {
	struct case_facts facts;
	const struct object *object; /* NULL: the change makes it */
	roll_change *change;
	char id[ID_TEXT];
};

static const struct brought rolls[] = {
#define BROUGHT(requirement, number, change, name) \
	{{requirement "." number, "RXP-" requirement, name}, NULL, roll_##change, ""},
#include "conformance/run/bring.def"
#undef BROUGHT
};
#define N_ROLLS (sizeof rolls / sizeof rolls[0])

static bool is_brought(const struct object *o)
{
	const struct requirement *r = requirement_find(o->facts.requirement);

	return (o->base == OBJECT_NEXT || o->base == OBJECT_NEXT_BETWEEN ||
		   o->base == OBJECT_NEXT_STRAY || o->base == OBJECT_NEXT_WORKING) &&
	       facts_negative(&o->facts) && r != NULL && strchr(binding_roles(r), 'R') != NULL;
}

/* The objects under their numbers, of the role R. Made once, and kept as long as the program runs. */
static const struct brought *all(size_t *n)
{
	static struct brought cases[MAX_CASES];
	static size_t made;

	for (size_t i = 0; made == 0 && i < object_total(); i++) {
		struct brought *b = &cases[*n];

		if (!is_brought(object_at(i)))
			continue;
		if (*n == MAX_CASES)
			abort();
		b->object = object_at(i);
		(void)snprintf(b->id, sizeof b->id, "%s", b->object->facts.id);
		*strstr(b->id, ".D.") = '.';
		strstr(b->id, ".D.")[1] = 'R';
		b->facts =
		    (struct case_facts){b->id, b->object->facts.requirement, b->object->facts.name};
		(*n)++;
	}
	if (made == 0)
		made = *n;
	*n = made;
	return cases;
}

static const struct brought *at(size_t i)
{
	size_t n = 0;
	const struct brought *cases = all(&n);

	if (i >= n + N_ROLLS)
		abort();
	return i < n ? &cases[i] : &rolls[i - n];
}

size_t bring_total(void)
{
	size_t n = 0;

	(void)all(&n);
	return n + N_ROLLS;
}

const struct case_facts *bring_facts(size_t i)
{
	return &at(i)->facts;
}

void bring_describe(struct outcome *out, size_t i)
{
	const struct brought *b = at(i);

	outcome_init(out, &b->facts,
	    b->object != NULL ? object_words(b->object->base) : "the next descriptor", "octets");
	(void)snprintf(out->expected, sizeof out->expected, WANTED);
}

/* --- trying ------------------------------------------------------------------------------------ */

/* The status that a descriptor gets; 0: none came. */
static int bring(struct line *l, struct outcome *out, const struct rxp_buf *octets)
{
	const struct wire_request request = {.method = "POST",
	    .path = "/rxp/1/descriptor",
	    .content_type = "application/rxp+xml",
	    .body = octets->data,
	    .body_len = octets->len};
	struct wire_response response;
	enum wire_end end;
	int status;

	wire_response_init(&response);
	end = line_ask(l, &request, &response);
	status = out->status = response.status;
	if (status == 0)
		(void)snprintf(out->seen, sizeof out->seen, "%s", wire_end_words(end));
	else
		(void)snprintf(out->seen, sizeof out->seen, "the status %d", status);
	(void)rxp_buf_put(&out->received, response.body.data, response.body.len);
	wire_response_clear(&response);
	return status;
}

/* The descriptor that the product knows. Rules, and returns false, if it is not taken. */
static bool control(struct line *l, struct outcome *out, enum verdict otherwise, const char *when)
{
	int status = bring(l, out, &l->target->parties->own->descriptor);

	rxp_buf_reset(&out->received);
	if (status == STATUS_TAKEN)
		return true;
	outcome_rule(out, line_verdict(l, out, otherwise),
	    "%s, the descriptor that is known gets %s", when, out->seen);
	return false;
}

static void judge_status(const struct line *l, struct outcome *out, int status)
{
	if (status == STATUS_REFUSED)
		return;
	if (status >= 400 && status < 500)
		outcome_rule(out, VERDICT_WEAK, "wanted %s, got %s", out->expected, out->seen);
	else
		outcome_rule(out, line_verdict(l, out, outcome_against(out)), "wanted %s, got %s",
		    out->expected, out->seen);
}

static int make(
    struct rxp_buf *out, const struct brought *b, const struct target *target, int64_t now_ms)
{
	const struct parties *who = target->parties;
	struct state other = {.party = ""};

	memcpy(other.party, product_party(who->product), sizeof other.party);
	return b->object != NULL
		   ? object_make(out, b->object, who->own, &other, now_ms)
		   : roll_make(out,
			 &(struct roll){.parties = who,
			     .second = target->second == NULL ? NULL : target->second->own,
			     .now_ms = now_ms},
			 b->change);
}

void bring_run(struct outcome *out, size_t i, const struct target *target)
{
	struct line line = {.target = target};
	int64_t began_ms = moment_now_ms();
	char seen[OUTCOME_WORDS];
	int rc = make(&out->sent, at(i), target, began_ms);

	if (rc == RXP_ERR_NOT_FOUND && target->second == NULL) {
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "it needs a second State that the product knows: --second");
		out->alone = true;
	} else if (rc != 0)
		outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	else if (control(&line, out, VERDICT_INCOMPLETE, "before")) {
		judge_status(&line, out, bring(&line, out, &out->sent));
		memcpy(seen, out->seen, sizeof seen);
		if (out->verdict == VERDICT_PASS || out->verdict == VERDICT_WEAK)
			(void)control(&line, out, VERDICT_FAIL, "behind it");
		memcpy(out->seen, seen, sizeof seen);
	}
	line_judge(&line, out);
	line_hang_up(&line);
	out->took_ms = (int)(moment_now_ms() - began_ms);
}
