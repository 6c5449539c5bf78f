/*
 * pins - which key is whose (RXP-TLS-002, RXP-TLS-005), and where a party listens.
 *
 * The table comes whole from the registry and replaces what was known before; nothing else decides
 * who a peer is.
 */
#ifndef GATEWAY_PINS_H
#define GATEWAY_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/gateway/endpoint.h"
#include "protocol/base/limits.h"

struct pins;

int pins_new(struct pins **out); /* empty: nobody is known. RXP_ERR_NOMEM */
void pins_free(struct pins *p); /* NULL is allowed */

/* Take the records pin, former_pin and endpoint of rows as the whole table. An endpoint that is not an address
 * is left out: it is the peer's text and must not cost another peer. RXP_ERR_SYNTAX (also another
 * record), RXP_ERR_BOUND, RXP_ERR_EXISTS (a pin of two parties), RXP_ERR_NOMEM; the old table
 * stays then. */
int pins_replace(struct pins *p, struct bytes rows);

/* Whose key has this SHA-256 of its SubjectPublicKeyInfo? false: nobody's. */
bool pins_party(const struct pins *p, const uint8_t digest[32], char party[4]);

/* Whose key was this before (RXP-DSC-031)? false: nobody's. */
bool pins_former(const struct pins *p, const uint8_t digest[32], char party[4]);

/* Is it a party that is trusted, so that it has a pin? */
bool pins_known(const struct pins *p, const char party[4]);

/* The party's endpoints in their order; returns how many. */
size_t pins_endpoints(
    const struct pins *p, const char party[4], struct endpoint out[RXP_MAX_ENDPOINTS]);

#endif
