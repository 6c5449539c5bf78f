/*
 * halt - does a hold or an emergency stop keep back a document of ours (RXP-HLD-002, RXP-HLD-009)?
 *
 * Every question reads the rows anew, so that inside a transaction the answer is true at its commit. What is
 * damaged or cannot be compared counts as kept back.
 */
#ifndef REGISTRY_HALT_H
#define REGISTRY_HALT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/case/case.h"

struct cases;
struct db;
struct store_outbox;

enum halt { HALT_NONE, HALT_HOLD, HALT_STOP };

/* What a document says, before it is stored or after. */
struct halt_document {
	const char *peer;
	const uint8_t *case_id; /* NULL: of a case that is not there yet */
	const char *type;
	struct bytes facts;
};

/* own: our party. Errors as in db.h; RXP_ERR_NOMEM. */
int halt_judge(enum halt *out, struct db *db, const char *own, const struct halt_document *d);

/* The same of a message of ours. RXP_ERR_NOT_FOUND. */
int halt_judge_message(enum halt *out, struct db *db, const char *own, const uint8_t local_id[16]);

/* The same of one that goes, or whose attachments do: what an officer ordered of what is in doubt is kept back by
 * nothing (RXP-HLD-004). */
int halt_judge_going(
    enum halt *out, struct db *db, const char *own, const struct store_outbox *row);

/* Persons who are held: bit key - 1; all bits if the whole case is. Errors as in db.h. */
int halt_held(uint32_t *persons, struct db *db, const char *peer, const uint8_t case_id[16]);

/* Why it is not sent, for the desk; "" for HALT_NONE. */
const char *halt_words(enum halt halt);

/* Is a transfer of somebody in this state asked for or planned? */
bool halt_planned(enum rxp_case_state state);

/*
 * Does a stop concern the transfer of a person, in the case as it is folded, that a document with these facts
 * asked for? given: the traits of the person.
 */
bool halt_concerns(
    const struct rec_stop_row *stop, const char *peer, rxp_traits given, struct bytes facts);

#endif
