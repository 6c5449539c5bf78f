/*
 * known - octets of a peer that were answered before: the stored answer comes again, and nothing is opened for it
 * (RXP-ANS-005), also after Expires.
 */
#ifndef REGISTRY_KNOWN_H
#define REGISTRY_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/in/admit.h"

struct known;
struct node;
struct reseal;

/* All are borrowed; what becomes of each repetition is counted. RXP_ERR_NOMEM. */
int known_new(
    struct known **out, struct node *n, struct reseal *reseal, struct admit_counts *count);
void known_free(struct known *k); /* before the reseal; calls nobody; NULL is allowed */

/* Are these octets answered, or in quarantine? The asker hears then, perhaps inside. */
bool known_give(
    struct known *k, const struct admit_asker *asker, const char *party, const uint8_t digest[32]);

/* The HTTP status that goes with a stored answer; refusal: its wire code, "" of a receipt. */
uint32_t known_status(const char *refusal);

#endif
