/*
 * remote - the seal key in another process: the signer interface over the link to `signer`.
 *
 * A sealer waits for each signature, at most REMOTE_MS; the signer bounds each of its own steps and ends if one takes
 * too long, which is seen here at once. Whatever is wrong with token and key: nothing was sealed, and RXP_ERR_LATER.
 */
#ifndef SEALER_REMOTE_H
#define SEALER_REMOTE_H

#include "protocol/seal/signer.h"

struct remote;
struct rxp_cert;

#define REMOTE_MS 30000

/* For the key of this certificate, borrowed; without a way to the signer yet. RXP_ERR_NOMEM. */
int remote_new(struct remote **out, const struct rxp_cert *cert);
void remote_free(struct remote *r); /* NULL is allowed */

/* The way to a signer just started, in the place of the one before. Takes over fd. */
void remote_use(struct remote *r, int fd);

/* Valid as long as r. Its sign() returns RXP_ERR_LATER or RXP_ERR_NOMEM. */
struct rxp_signer remote_interface(struct remote *r);

#endif
