/*
 * ticket - a permit to read one message or one attachment, given by the registry, used by the desk.
 *
 * A ticket is the registry's own request in a box under the set key, so that a desk can neither make
 * one nor look into it, and no other set of processes takes it; nor does a ticket of one request
 * serve as that of another. That for a message names one Envelope by its digest; the content key
 * inside stays wrapped until the ticket is used.
 *
 * It ends at until_ms of the machine's monotonic clock (clock_mono_ms), which every process reads
 * alike: a lifetime is a timeout, so neither a moved wall clock nor the clock file of a test node,
 * which a sealer is not given, makes it longer or shorter.
 */
#ifndef SEALER_TICKET_H
#define SEALER_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct reply;
struct rxp_buf;

#define TICKET_MAX_OCTETS 1024
#define TICKET_LIFE_MAX_MS 600000LL

/* Append the ticket of a permit, which is the body of a request of this type, until until_ms.
 * RXP_ERR_BOUND: it would live longer than TICKET_LIFE_MAX_MS. Errors of record_encode, box_seal. */
int ticket_seal(struct rxp_buf *out, const struct node *node, enum ipc_type type,
    const void *permit, int64_t until_ms);

/* The permit in a ticket; its BYTES live as long as the content of box, which has room for
 * TICKET_MAX_OCTETS. Its time is the caller's to ask. RXP_ERR_SEAL: no ticket of this set and type.
 * RXP_ERR_NOMEM. */
int ticket_open(void *permit, struct rxp_buf *box, const struct node *node, enum ipc_type type,
    struct bytes ticket);

/* Has the time come that a permit ends? */
bool ticket_expired(int64_t until_ms);

/* Request ticket. The result is RXP_ERR_BOUND if it would live longer than TICKET_LIFE_MAX_MS. */
int ticket_make_handle(struct node *node, const void *request, struct reply *reply);

/*
 * Request read: the typed content in its canonical form, with what was corrected of it. The Document was verified when it came or
 * went; the digest of the Envelope and the authenticated content key say that it is still that one.
 * Results: RXP_ERR_SEAL, no ticket of this set; RXP_ERR_TIMEOUT, expired; RXP_ERR_MISMATCH, another
 * Envelope, or other corrections; RXP_ERR_STATE, something of it is not shown, and it was asked for whole; RXP_ERR_DAMAGED, what is stored is not what was verified; RXP_ERR_NOMEM, RXP_ERR_CRYPTO.
 */
int ticket_read_handle(struct node *node, const void *request, struct reply *reply);

#endif
