/*
 * lock - key files of a node put under a passphrase, and taken from under it.
 */
#ifndef CERTS_LOCK_H
#define CERTS_LOCK_H

struct options;

/* Commands; the file beside the old one, which stays. RXP_ERR_CONFIG and others, said on standard error. */
int lock_encrypt(const struct options *o);
int lock_decrypt(const struct options *o);

#endif
