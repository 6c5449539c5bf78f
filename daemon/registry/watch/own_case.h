/*
 * own_case - holds the row of a case against its documents (RXP-LOG-025).
 */
#ifndef REGISTRY_WATCH_OWN_CASE_H
#define REGISTRY_WATCH_OWN_CASE_H

#include <stdint.h>

#include "daemon/registry/watch/found.h"

struct node;

/* One case of the peer; tells a difference with the MessageId of the document that opened it, as far as there is one. While
 * something is brought back from the peer, nothing is told. RXP_ERR_NOMEM, errors as in db.h. */
int own_case_look(
    struct found *f, const struct node *n, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

#endif
