/*
 * store_epoch - epochs of the storage key, and the boxes under each (spec/storage.md, "Storage keys").
 *
 * A box is found by its name, which begins with the name of its key: the first octets of the key's check value.
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_EPOCH_H
#define REGISTRY_STORE_EPOCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/box_purpose.h"
#include "daemon/base/record.h"

struct db;
struct rxp_buf;

#define STORE_EPOCHS_MAX 8 /* that live; a set of processes holds fewer keys */
#define STORE_BOX_PLACE_MAX 80 /* octets that name the place of a box */

struct store_epoch {
	uint64_t n; /* counted from 1 */
	uint8_t check[32];
	int64_t begun_ms;
};

/* Those that have not ended, the present one first. RXP_ERR_FULL. */
int store_epochs(struct db *db, struct store_epoch out[STORE_EPOCHS_MAX], size_t *n);
/* RXP_ERR_EXISTS: there was one of this key. */
int store_epoch_begin(struct db *db, const uint8_t check[32], int64_t now_ms);
int store_epoch_end(struct db *db, const uint8_t check[32], int64_t now_ms);

enum store_wrapped {
#define WRAPPED(name, purpose, find, put, meaning) STORE_WRAPPED_##name,
#include "daemon/registry/store/wrapped.def"
#undef WRAPPED
	STORE_WRAPPED_KINDS
};

struct store_box {
	uint8_t name[BOX_NAME_OCTETS];
	enum box_purpose purpose;
	uint8_t place[STORE_BOX_PLACE_MAX];
	size_t place_len;
};

/* The first box of a kind under the key of this check, behind `after`, or the first of all if that is NULL. Its
 * octets are appended, unless octets is NULL. RXP_ERR_NOT_FOUND. */
int store_box_next(struct db *db, struct store_box *out, struct rxp_buf *octets,
    enum store_wrapped kind, const uint8_t check[32], const uint8_t *after);
/* Can boxes of this kind be made anew, or are they only waited for? */
bool store_box_stays(enum store_wrapped kind);
/* Put another in the place of the one of this name, unless that has gone meanwhile. */
int store_box_put(
    struct db *db, enum store_wrapped kind, const uint8_t name[BOX_NAME_OCTETS], struct bytes made);

/* A copy for a peer that is to be closed, with a box under this key in its draft. */
struct store_box_copy {
	uint8_t local_id[16];
	char peer[4];
};
/* The first one; its draft is appended, unless draft is NULL. RXP_ERR_NOT_FOUND. */
int store_box_copy(
    struct db *db, struct store_box_copy *out, struct rxp_buf *draft, const uint8_t check[32]);
int store_box_copy_put(
    struct db *db, const uint8_t local_id[16], struct bytes before, struct bytes after);

/* Is there any box under the key of this check? 1, 0, or an error. */
int store_box_any(struct db *db, const uint8_t check[32]);

#endif
