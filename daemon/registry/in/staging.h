/*
 * staging - a file of a peer from its announcement to its end: written by the gateway, hashed, and
 * held or dropped (see peer_file.h, whose requests begin and answer it; nobody else uses this).
 */
#ifndef REGISTRY_STAGING_H
#define REGISTRY_STAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/files/file_hash.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"

struct node;
struct share;
struct stagings;
struct timer;

enum {
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_ACCEPTED = 202,
	HTTP_BAD = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_CONFLICT = 409,
	HTTP_TOO_LARGE = 413,
	HTTP_UNPROCESSABLE = 422,
	HTTP_BUSY = 503,
};

enum staging_phase {
	STAGING_ANNOUNCED, /* its row waits for the commit */
	STAGING_WRITING, /* the gateway has it */
	STAGING_CLOSING, /* whole; the gateway may still write to it */
	STAGING_VERIFYING, /* whole; waits for its turn, or is being hashed */
	STAGING_SETTLING, /* what became of it waits for the commit */
};

/* Whose request: the gateway's, for a peer, or the desk's, for a bundle. */
struct stage_asker {
	bool desk;
	uint64_t request;
};

/* What was asked, and is to be answered; what a whole file, right or wrong, means for the answer. */
enum staging_asked { ASKED_HEAD, ASKED_PUT, ASKED_END };

struct staging {
	struct staging *next;
	struct stagings *set;
	enum staging_phase phase;
	enum staging_asked asked;
	struct stage_asker asker;
	struct store_file row;
	int64_t close_until_mono; /* in CLOSING */
	int fd; /* for hashing and syncing; -1 while ANNOUNCED */
	struct file_hash_job job;
	bool completes; /* with it a document has all its attachments, and its sender is told */
	struct store_item item;
};

/* All of them. */
struct stagings {
	struct node *node; /* borrowed */
	struct share *share; /* borrowed */
	struct peers *peers; /* borrowed */
	struct staging *first;
	size_t n;
	struct file_hash *hash; /* owned */
	struct timer *closing; /* owned; runs while any is CLOSING */
};

/* hash and closing of a set whose node is there. RXP_ERR_NOMEM, RXP_ERR_IO. */
int staging_begin(struct stagings *set);

/* Answer `stage_ended` to ASKED_END, else `staged`; the desk by the messages of the same fields. */
void staging_answer(struct node *n, enum staging_asked asked, struct stage_asker asker,
    uint32_t status, uint64_t held);

/* Is there room on the disk for so many octets more, behind all that the files being written may
 * still take? */
bool staging_has_room(const struct stagings *set, uint64_t octets);

/* NULL if there is none. */
struct staging *staging_find(
    const struct stagings *set, const char *party, const uint8_t digest[32]);

/* One more for that request; its row is for the caller. NULL: no memory, or too many. */
struct staging *staging_new(struct stagings *set, struct stage_asker asker,
    const struct msg_stage *m, const struct store_file *row);
/* And what staging_begin() made; without answering anybody: the process ends. */
void staging_free_all(struct stagings *set);

/* Each of these ends with an answer to who asked, now or later, and but for staging_open() and
 * staging_announce(), which may leave it WRITING, with the staging freed. */
void staging_end(struct staging *s, uint32_t status, uint64_t held);
/* As many octets are there as the file is to have, or more: hash it, and hold or drop it. If the gateway
 * can write to it for more than a moment, the node ends. */
void staging_verify(struct staging *s);
/* What its row says is held is not there: drop it. */
void staging_lost(struct staging *s);
/* The gateway gets the file. */
void staging_open(struct staging *s);
/* Commit the row, then the same. */
void staging_announce(struct staging *s);

#endif
