/*
 * drop - a message that was never on a line is given up for good: by a person, or because something halts it.
 *
 * The draft, the envelope and its key are destroyed with the commit, and the files of its attachments after it;
 * the next document of its case comes to its turn, and is judged anew then.
 */
#ifndef REGISTRY_DROP_H
#define REGISTRY_DROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/limits.h"

struct clocks;
struct db;
struct node;
struct peers;

/* A message to a peer is in another state now. */
typedef void drop_changed(void *arg, const uint8_t local_id[16]);

struct drop {
	struct store_outbox row; /* local_id is the caller's; the rest as the commit makes it */
	enum state before;
	bool promoted; /* the next document of the case has its turn */
	uint8_t promoted_id[16];
	size_t n_files; /* of which the rows go */
	uint8_t files[RXP_MAX_ATTACHMENTS][32];
};

/* Read the row as it is in this transaction. Errors of store_outbox_get. */
int drop_read(struct drop *d, struct db *db);
/* Was it never on a line, and is it open? */
bool drop_may(const struct drop *d);
/* After drop_may(): give it up, and journal it (RXP-JRN-001). user: who says so; NULL: the node itself, and the journal
 * says why. why: words for the desk, without personal data. Errors as in db.h. */
int drop_apply(struct drop *d, struct db *db, struct clocks *clocks, const char *user,
    const char *why, int64_t now_ms);
/* After the commit: memory and the disk follow, and who listens hears of it. */
void drop_done(const struct drop *d, struct node *n, struct peers *peers, drop_changed *changed,
    void *changed_arg);

/* The files of its attachments alone, of one that ends without ever being sealed: their rows and keys go in the
 * transaction, and the files after it. row.local_id is the caller's. Errors as in db.h. */
int drop_files(struct drop *d, struct db *db);
void drop_files_done(const struct drop *d);

/* After the commit that destroyed octets: they go from the write-ahead log too; if not now, then with its next turn. */
void drop_octets_done(const struct node *n);

#endif
