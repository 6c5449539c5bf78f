/*
 * retort - what the suite answers to a message of the product: the right Receipt, with at most one change.
 */
#ifndef CONFORM_RETORT_H
#define CONFORM_RETORT_H

#include "conformance/hear/heard.h"
#include "conformance/message/edit.h"
#include "protocol/message/answer.h"

struct keypair;
struct ledger;

enum retort_stage {
#define RETORT(name, word, meaning) RETORT_##name,
#include "conformance/hear/retort.def"
#undef RETORT
	RETORT_COUNT
};

const char *retort_word(enum retort_stage stage);

/* An answer in the making. */
struct answering {
	const struct parties *parties;
	const struct ledger *ledger;
	const struct heard *of;
	int64_t now_ms;
	struct rxp_answer answer;
	struct edit
	    without; /* what is then taken out of the sealed answer, and its seal made right again; find NULL: nothing */
	const struct keypair *signer;
	struct rxp_buf text;
	struct host_reply reply; /* its body is text, unless a change says otherwise */
};

typedef int retort_change(struct answering *a);
typedef void retort_greet(struct greeting *g, const struct parties *parties);

#define RETORT_MAX_EDITS 2

struct retort {
	enum retort_stage stage;
	struct edit edits[RETORT_MAX_EDITS]; /* up to the first without find */
	retort_change *
	    function; /* NULL: the edits. Of LINE: what happens at the head of a request that comes all the same */
	retort_greet *greet; /* of LINE */
};

/* Make the answer; retort NULL: the right one. The caller clears it, whatever is returned. RXP_ERR_NOT_FOUND: an edit finds no
 * place, or nothing was answered before; errors of librxp. */
int retort_make(struct answering *a, const struct parties *parties, const struct ledger *ledger,
    const struct heard *of, const struct retort *retort);
void retort_clear(struct answering *a);

#endif
