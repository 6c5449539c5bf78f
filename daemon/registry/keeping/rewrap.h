/*
 * rewrap - what older storage keys wrap is wrapped anew under the present one, a few boxes at a time while the node does all else;
 * and when nothing is under an older key any more, that key is over (spec/storage.md, "Storage keys").
 *
 * The rows say how far it is, so a crash at any point costs nothing: the next start goes on.
 */
#ifndef REGISTRY_REWRAP_H
#define REGISTRY_REWRAP_H

#include <stdint.h>

struct node;
struct rewrap;

/* Nothing needs the storage key of this check. */
typedef void rewrap_over(void *arg, const uint8_t check[32]);

/* RXP_ERR_NOMEM, RXP_ERR_IO. */
int rewrap_new(struct rewrap **out, struct node *node, rewrap_over *over, void *arg);
void rewrap_free(struct rewrap *r); /* NULL is allowed */

void rewrap_tick(struct rewrap *r);

/* For the status. */
struct rewrap_state {
	uint32_t epochs; /* that live, the present one included */
	uint64_t made; /* boxes since the start of the process */
	uint64_t damaged; /* boxes that did not open, in the last pass */
};
struct rewrap_state rewrap_state(const struct rewrap *r);

#endif
