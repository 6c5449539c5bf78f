/*
 * storage - the next storage key of a node (certs/POLICY.md).
 */
#ifndef CERTS_STORAGE_H
#define CERTS_STORAGE_H

struct options;

/* storage-N.key, behind those of the folder; its path goes to standard output. What is wrong is reported. RXP_ERR_CONFIG:
 * the folder has no storage key, or the last number there is; RXP_ERR_BOUND, RXP_ERR_CRYPTO, and those of file_create. */
int storage_next(const struct options *o);

#endif
