/*
 * storage_open - the storage keys of a backup, opened with the escrow key that m of n sheets gave (certs/POLICY.md).
 */
#ifndef CERTS_STORAGE_OPEN_H
#define CERTS_STORAGE_OPEN_H

struct options;

/* `storage open KEYS`: OUT/storage.key, storage-2.key … , the present one last, and OUT/statement, what the node said of them
 * without the keys. */
int storage_open(const struct options *o);

#endif
