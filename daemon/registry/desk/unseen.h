/*
 * unseen - what is not there for a caller of the desk: the cases of other offices (RXP-RIN-007).
 *
 * A request names messages and cases by ids. One of a case that its caller does not see gets an id in their place
 * that nobody has, before anybody looks at the request: so the answer is that to any unknown id, whatever the
 * request is. Lists leave such rows out by themselves.
 */
#ifndef REGISTRY_UNSEEN_H
#define REGISTRY_UNSEEN_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct db;

#define UNSEEN_REQUEST_MAX 2048 /* octets of the struct of a request */

/* The request as its caller may ask it: body, or a copy of it with other ids. Ids are the fields local_id and
 * case_id of a message that has a field `unseen`. What cannot be looked up is not seen. */
const void *unseen_hide(
    uint8_t copy[UNSEEN_REQUEST_MAX], struct db *db, enum ipc_type type, const void *body);

#endif
