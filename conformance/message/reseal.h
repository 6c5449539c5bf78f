/*
 * reseal - make the digests and the signature of an edited Document right again, the way that its own, perhaps edited,
 * algorithm identifiers say: so that only a receiver's policy can refuse it.
 */
#ifndef CONFORM_RESEAL_H
#define CONFORM_RESEAL_H

struct evp_pkey_st;
struct rxp_buf;

/* text is changed in place. A Reference that names nothing keeps its digest. RXP_ERR_SYNTAX: the text is no longer XML
 * with a SignedInfo; RXP_ERR_CRYPTO, the buffer's errors. */
int reseal(struct rxp_buf *text, struct evp_pkey_st *key);

#endif
