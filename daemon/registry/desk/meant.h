/*
 * meant - what a request of the desk means by the ids in it.
 *
 * What is not there for a caller of the desk, the cases of other offices (RXP-RIN-007), is hidden before anybody looks
 * at the request: a message or case that its caller does not see gets an id in its place that nobody has. So the answer
 * is that to any unknown id, whatever the request is. Lists leave such rows out by themselves.
 *
 * A case is one of a peer, and another peer may use its id (store_case.h). A request names the peer, or means the
 * only case of that id that its caller sees; nobody guesses which of several (RXP-CHN-015).
 */
#ifndef REGISTRY_MEANT_H
#define REGISTRY_MEANT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct db;

#define MEANT_REQUEST_MAX 2048 /* octets of the struct of a request */

/*
 * *out: the request as its caller may ask it: body, or a copy of it with other ids, and with the peer of its case. Ids
 * are the fields local_id and case_id of a message that has a field `unseen`; a case is looked for if the message has a
 * field `peer` besides. RXP_ERR_AMBIGUOUS: more than one peer has such a case; their codes in peers, with commas,
 * those that have room. Errors as in db.h.
 */
int meant_by(const void **out, uint8_t copy[MEANT_REQUEST_MAX], char peers[RECORD_NAME_MAX],
    struct db *db, enum ipc_type type, const void *body);

#endif
