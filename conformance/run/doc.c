/* The plan `doc`: each case is octets and what a judge of documents must say of them; nothing is sent to anybody. */
#include <stdio.h>
#include <string.h>

#include "conformance/document/vector.h"
#include "conformance/run/plan.h"
#include "conformance/state/moment.h"
#include "protocol/base/err.h"

#define HOLDS "it holds"

size_t doc_total(void)
{
	return vector_total();
}

const struct case_facts *doc_facts(size_t i)
{
	return vector_facts(vector_at(i));
}

void doc_describe(struct outcome *out, size_t i)
{
	const struct vector *v = vector_at(i);
	const struct case_facts *f = vector_facts(v);

	outcome_init(out, f, vector_words(v), "octets");
	if (facts_negative(f))
		(void)snprintf(out->expected, sizeof out->expected, "it breaks %s", f->requirement);
	else
		(void)snprintf(out->expected, sizeof out->expected, HOLDS);
}

/* Of one run; made when it is first needed, and kept. */
static int world(const struct vector_world **out)
{
	static struct vector_world *made;
	int rc = made == NULL ? vector_world_new(&made, moment_now_ms()) : 0;

	*out = made;
	return rc;
}

static void rule(struct outcome *o, const struct judgement *j)
{
	bool negative = facts_negative(o->facts);

	if (j->requirement == NULL)
		(void)snprintf(o->seen, sizeof o->seen, HOLDS);
	else
		(void)snprintf(o->seen, sizeof o->seen, "it breaks %s", j->requirement);
	if (!negative && j->requirement != NULL)
		outcome_rule(o, outcome_against(o), "wanted: %s; said: it breaks %s at '%s': %s",
		    o->expected, j->requirement, j->place, j->why);
	else if (negative && j->requirement == NULL)
		outcome_rule(o, outcome_against(o), "wanted: %s; said: %s", o->expected, o->seen);
	else if (negative && strcmp(j->requirement, o->facts->requirement) != 0)
		outcome_rule(o, VERDICT_WEAK, "wanted: %s; said: %s at '%s': %s", o->expected,
		    o->seen, j->place, j->why);
}

void doc_run(struct outcome *out, size_t i, const struct target *target)
{
	const struct vector_world *w = NULL;
	struct vector_octets octets;
	struct judgement j;
	int64_t began_ms = moment_now_ms();
	int rc = world(&w);

	(void)target;
	doc_describe(out, i);
	if (rc == 0) {
		rc = vector_make(&octets, vector_at(i), w);
		if (rc == 0)
			rc = judge(&j, octets.octets.data, octets.octets.len, &octets.known);
		if (rc == 0) {
			(void)rxp_buf_put(&out->sent, octets.octets.data, octets.octets.len);
			rule(out, &j);
		}
		vector_octets_clear(&octets);
	}
	if (rc != 0)
		outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	out->took_ms = (int)(moment_now_ms() - began_ms);
}
