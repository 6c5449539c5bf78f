#include "daemon/registry/desk/objection.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/safeguard/safeguard_table.h"

#define WAYS_MAX 2048 /* octets of the documents that lead on from a state */

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

/* Is it the requirement that stands against what the document says of its i-th person? */
static bool is_against(const struct objection *o, unsigned i)
{
	const struct rxp_case_document *d = o->document;
	unsigned key = d->persons[i].key;
	enum rxp_case_event event = (enum rxp_case_event)d->persons[i].event;
	rxp_traits traits = rxp_case_traits(o->folded, key) | d->persons[i].gives;
	const char *owed = rxp_case_owed(event, traits);
	const struct rxp_case_why *why;
	const struct rxp_case_cell *cell =
	    rxp_case_find(&why, rxp_case_person(o->folded, key), traits, event, o->own);

	if (cell == NULL)
		return strcmp(why->requirement, o->requirement) == 0;
	if (!cell->sealed) /* it must not happen in this state */
		return strcmp("RXP-CAS-011", o->requirement) == 0;
	return owed != NULL && strcmp(owed, o->requirement) == 0;
}

/* index: of a Person, from 1; 0 for the whole document. v: its text and action. */
static void put_violation(struct rxp_buf *out, const struct rxp_case_document *d,
    struct rec_violation v, const char *requirement, unsigned index)
{
	const char *wire = rxp_type_row(d->type)->wire;
	char path[RECORD_NAME_MAX];

	if (index == 0)
		snprintf(path, sizeof path, "%s", wire);
	else if (d->n_persons == 1)
		snprintf(path, sizeof path, "%s/Person", wire);
	else
		snprintf(path, sizeof path, "%s/Person[%u]", wire, index);
	v.path = text_bytes(path);
	snprintf(v.requirement, sizeof v.requirement, "%s", requirement);
	record_list_put(out, REC_violation, &record_violation, &v);
}

/* --- a safeguard of the case -------------------------------------------------------------------- */

static int put_violations(
    struct rxp_buf *out, const struct objection *o, const struct rxp_safeguard_row *safeguard)
{
	const struct rec_violation v = {
	    .text = text_bytes(safeguard->text), .action = text_bytes(safeguard->remedy)};

	for (unsigned i = 0; i < o->document->n_persons; i++)
		if (is_against(o, i))
			put_violation(out, o->document, v, safeguard->requirement, i + 1);
	if (out->len == 0)
		put_violation(out, o->document, v, safeguard->requirement, 0);
	return rxp_buf_error(out) != 0 ? rxp_buf_error(out) : RXP_ERR_NOT_ACCEPTABLE;
}

/* --- a state that does not allow it -------------------------------------------------------------- */

/* May this side, in a case that is open, bring the person to another state by the event? What a safeguard still asks of
 * the document does not count. */
static bool leads_on(
    const struct rxp_case *c, unsigned key, enum rxp_case_event event, enum rxp_case_side side)
{
	enum rxp_case_state from = rxp_case_person(c, key);
	const struct rxp_case_cell *cell = rxp_case_cell(from, event);
	const struct rxp_case_why *why;

	if (cell->requirement == NULL || !cell->sealed || !cell->foreseen || cell->to == from ||
	    rxp_case_type(rxp_case_event_row(event)->type)->opens)
		return false;
	return rxp_case_find(&why, from, rxp_case_traits(c, key), event, side) != NULL ||
	       why->code == RXP_REFUSAL_NOT_ACCEPTABLE;
}

/* The documents of one side that lead on; nothing if none does. */
static void put_ways(struct rxp_buf *out, const struct rxp_case *c, unsigned key,
    enum rxp_case_side side, const char *whose)
{
	const char *between = whose;

	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row = rxp_case_event_row(event);

		if (!leads_on(c, key, event, side))
			continue;
		rxp_buf_puts(out, between);
		rxp_buf_puts(out, rxp_type_row(row->type)->wire);
		if (row->mark[0] != '\0') {
			rxp_buf_puts(out, " with ");
			rxp_buf_puts(out, row->mark);
		}
		between = ", ";
	}
}

/* Which documents lead on from the state of the i-th person; nothing if none does. */
static int put_state(struct rxp_buf *out, const struct objection *o, unsigned i)
{
	enum rxp_case_side other =
	    o->own == RXP_CASE_REQUESTING ? RXP_CASE_REQUESTED : RXP_CASE_REQUESTING;
	unsigned key = o->document->persons[i].key;
	struct rec_violation v = {.text = text_bytes("the state of the person does not allow it")};
	struct rxp_buf ways;
	int rc;

	rxp_buf_init(&ways, WAYS_MAX);
	put_ways(&ways, o->folded, key, o->own, "from us leads on: ");
	put_ways(
	    &ways, o->folded, key, other, ways.len > 0 ? "; from them: " : "from them leads on: ");
	rc = rxp_buf_error(&ways);
	v.action = (struct bytes){.data = ways.data, .len = ways.len};
	if (rc == 0 && ways.len > 0) {
		put_violation(out, o->document, v, o->requirement, i + 1);
		rc = rxp_buf_error(out);
	}
	rxp_buf_free(&ways);
	return rc;
}

/* The first person of whom the case does not let us say this, by key and state. 1, 0 for none, or an error. */
static int name_person(
    char problem[RECORD_NAME_MAX], struct rxp_buf *violations, const struct objection *o)
{
	const struct rxp_case_document *d = o->document;
	int rc;

	for (unsigned i = 0; rxp_case_may_send(d->type, o->own) && i < d->n_persons; i++) {
		unsigned key = d->persons[i].key;

		if (!is_against(o, i))
			continue;
		snprintf(problem, RECORD_NAME_MAX, "%s: P%u is %s", o->requirement, key,
		    rxp_case_state_name(rxp_case_person(o->folded, key)));
		rc = put_state(violations, o, i);
		return rc != 0 ? rc : 1;
	}
	return 0;
}

/* --- anything else ------------------------------------------------------------------------------ */

static const char *words_of(const struct objection *o)
{
	static const struct {
		const char *requirement, *words;
	} known[] = {
	    {"RXP-CAS-003", "the case is open already"},
	    {"RXP-CAS-009", "the case has no persons yet"},
	    {"RXP-CHN-013", "the case is full"},
	};
	const struct rxp_case_answers *answers = rxp_case_answers(o->document->type);

	if (!rxp_case_may_send(o->document->type, o->own))
		return "the other side sends this type";
	if (answers != NULL && strcmp(answers->requirement, o->requirement) == 0)
		return "it does not concern the right document";
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].requirement, o->requirement) == 0)
			return known[i].words;
	return "the case does not allow it";
}

int objection_say(
    char problem[RECORD_NAME_MAX], struct rxp_buf *violations, const struct objection *o)
{
	const struct rxp_safeguard_row *safeguard = rxp_safeguard_of_case(o->requirement);
	int rc;

	if (safeguard != NULL)
		return put_violations(violations, o, safeguard);
	rc = name_person(problem, violations, o);
	if (rc < 0)
		return rc;
	if (rc == 0)
		snprintf(problem, RECORD_NAME_MAX, "%s: %s", o->requirement, words_of(o));
	return RXP_ERR_STATE;
}

int objection_to_second(char problem[RECORD_NAME_MAX], struct rxp_buf *violations, bool names)
{
	struct rec_violation v = {.requirement = "RXP-SAF-038",
	    .text = text_bytes(names ? "no second officer has read it and confirmed its names here"
				     : "no second officer has read it here"),
	    .action = text_bytes(names ? "as another user: readmitctl message countersign FILE "
					 "--officer PSEUDONYM --names-confirmed"
				       : "as another user: readmitctl message countersign FILE "
					 "--officer PSEUDONYM")};

	snprintf(problem, RECORD_NAME_MAX, "RXP-SAF-038: another user says first that it was read");
	record_list_put(violations, REC_violation, &record_violation, &v);
	return rxp_buf_error(violations) != 0 ? rxp_buf_error(violations) : RXP_ERR_STATE;
}
