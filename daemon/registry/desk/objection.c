#include "daemon/registry/desk/objection.h"

#include <stdio.h>
#include <string.h>

#include "protocol/err.h"
#include "protocol/safeguard_table.h"

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

	if (rxp_case_find(&why, rxp_case_person(o->folded, key), traits, event, o->own) == NULL)
		return strcmp(why->requirement, o->requirement) == 0;
	return owed != NULL && strcmp(owed, o->requirement) == 0;
}

/* --- a safeguard of the case -------------------------------------------------------------------- */

/* index: of a Person, from 1; 0 for the whole document. */
static void put_violation(struct rxp_buf *out, const struct rxp_case_document *d,
    const struct rxp_safeguard_row *safeguard, unsigned index)
{
	const char *wire = rxp_type_row(d->type)->wire;
	struct rec_violation v = {
	    .text = text_bytes(safeguard->text), .action = text_bytes(safeguard->remedy)};
	char path[RECORD_NAME_MAX];

	if (index == 0)
		snprintf(path, sizeof path, "%s", wire);
	else if (d->n_persons == 1)
		snprintf(path, sizeof path, "%s/Person", wire);
	else
		snprintf(path, sizeof path, "%s/Person[%u]", wire, index);
	v.path = text_bytes(path);
	snprintf(v.requirement, sizeof v.requirement, "%s", safeguard->requirement);
	record_list_put(out, REC_violation, &record_violation, &v);
}

static int put_violations(
    struct rxp_buf *out, const struct objection *o, const struct rxp_safeguard_row *safeguard)
{
	for (unsigned i = 0; i < o->document->n_persons; i++)
		if (is_against(o, i))
			put_violation(out, o->document, safeguard, i + 1);
	if (out->len == 0)
		put_violation(out, o->document, safeguard, 0);
	return rxp_buf_error(out) != 0 ? rxp_buf_error(out) : RXP_ERR_NOT_ACCEPTABLE;
}

/* --- anything else ------------------------------------------------------------------------------ */

/* The first person of whom the case does not let us say this, by key and state. */
static bool name_person(char problem[RECORD_NAME_MAX], const struct objection *o)
{
	const struct rxp_case_document *d = o->document;

	for (unsigned i = 0; rxp_case_may_send(d->type, o->own) && i < d->n_persons; i++) {
		unsigned key = d->persons[i].key;

		if (!is_against(o, i))
			continue;
		snprintf(problem, RECORD_NAME_MAX, "%s: P%u is %s", o->requirement, key,
		    rxp_case_state_name(rxp_case_person(o->folded, key)));
		return true;
	}
	return false;
}

static const char *words_of(const struct objection *o)
{
	static const struct {
		const char *requirement, *words;
	} known[] = {
	    {"RXP-CAS-003", "the case is open already"},
	    {"RXP-CAS-009", "the case has no persons yet"},
	    {"RXP-CAS-011", "nobody is to be handed over"},
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

	if (safeguard != NULL)
		return put_violations(violations, o, safeguard);
	if (!name_person(problem, o))
		snprintf(problem, RECORD_NAME_MAX, "%s: %s", o->requirement, words_of(o));
	return RXP_ERR_STATE;
}
