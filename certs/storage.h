/*
 * storage - the next storage key of a node (certs/POLICY.md).
 */
#ifndef CERTS_STORAGE_H
#define CERTS_STORAGE_H

struct options;

/* storage-N.key, behind those of the folder. */
int storage_next(const struct options *o);

#endif
