/*
 * outcome - what a case came to, whichever role of the product it tried. Reports know nothing else of a case.
 */
#ifndef CONFORM_OUTCOME_H
#define CONFORM_OUTCOME_H

#include "conformance/cases/facts.h"
#include "protocol/base/buf.h"

enum verdict {
#define VERDICT(name, word, meaning) VERDICT_##name,
#include "conformance/run/verdict.def"
#undef VERDICT
	VERDICT_COUNT
};

const char *verdict_word(enum verdict v);
const char *verdict_meaning(enum verdict v);

#define OUTCOME_WORDS 128
#define OUTCOME_WHY 200
#define OUTCOME_MAX_OCTETS (1024UL * 1024)

/* What was changed in a valid message, as far as it shows in its octets. */
#define OUTCOME_CHANGED 512UL /* octets of either */
struct outcome_change {
	bool known;
	struct rxp_buf was, is; /* what gave way, and what came for it; cut */
	enum { OUTCOME_NOWHERE, OUTCOME_SENT, OUTCOME_INSIDE } where; /* it can be seen */
	size_t at, len; /* there; len 0: something is missing there */
};

struct outcome {
	const struct case_facts *facts;
	const char *base; /* what is valid, in words */
	const char *stage; /* in which stage of its making it was changed */
	char expected[OUTCOME_WORDS], seen[OUTCOME_WORDS];
	enum verdict verdict;
	char why[OUTCOME_WHY]; /* in words, unless it passed */
	bool
	    unprompted; /* incomplete because nothing makes the product send: said of all such cases together */
	bool refused_busy; /* incomplete because what was tried got 503 or `busy` to the end */
	bool alone; /* the same because it needs a second State */
	bool
	    was_cut; /* a connection ended under it without an answer, or nothing listened there … */
	bool was_away; /* … where something had answered before */
	bool was_late; /* something got no answer as long as a step may take */
	bool keyless; /* not asked because it needs the TLS keys of both products: the same */
	int took_ms;
	int status; /* of HTTP, of what was received; 0: none came, or it is a request */
	struct rxp_buf sent, received; /* by the suite; cut at OUTCOME_MAX_OCTETS */
	struct rxp_buf
	    inside; /* of what was sent and is encrypted, by the suite or, in a look, by the product: the Document; empty: nothing is */
	struct outcome_change change;
};

/* Of a case that was not tried yet: VERDICT_PASS, nothing seen. facts, base and stage are borrowed. */
void outcome_init(
    struct outcome *o, const struct case_facts *facts, const char *base, const char *stage);
void outcome_clear(struct outcome *o);

/* Rule; why is cut at OUTCOME_WHY. What failed stays failed, whatever else comes of it. */
__attribute__((format(printf, 3, 4))) void outcome_rule(
    struct outcome *o, enum verdict v, const char *format, ...);

/* Does what follows say something of it: it passed, was as safe, only warned of, or not asked? */
bool outcome_goes_on(const struct outcome *o);

/* What a product that does not do as its requirement says comes to: of a SHOULD a warning, otherwise a failure. */
enum verdict outcome_against(const struct outcome *o);

#endif
