#include "daemon/registry/retention/erase.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_correction.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_pending.h"
#include "daemon/registry/store/store_retention.h"
#include "protocol/base/err.h"

static int note_file(struct erased *e, const struct store_file *f)
{
	struct erased_file *more = realloc(e->files, (e->n_files + 1) * sizeof *more);

	if (more == NULL)
		return RXP_ERR_NOMEM;
	e->files = more;
	memcpy(more[e->n_files].party, f->party, sizeof more->party);
	memcpy(more[e->n_files].digest, f->ciphertext_digest, sizeof more->digest);
	e->n_files++;
	return 0;
}

/* Those of a number from the first to the last, there or awaited. The row goes, and with it the key of the file; the file
 * itself follows after the commit. */
static int erase_files(
    struct erased *e, struct db *db, const uint8_t local_id[16], uint32_t first, uint32_t last)
{
	struct store_file f;
	int rc;

	while (
	    (rc = store_file_of_message(db, &f, NULL, local_id, first)) == 0 && f.number <= last) {
		rc = store_file_erase(db, f.id);
		if (rc == 0)
			rc = note_file(e, &f);
		if (rc != 0)
			return rc;
	}
	return rc != 0 && rc != RXP_ERR_NOT_FOUND ? rc
						  : store_awaited_drop(db, local_id, first, last);
}

static int note_move(struct erased *e, enum state before, enum state after)
{
	struct erased_move *more;

	if (before == after)
		return 0;
	more = realloc(e->moved, (e->n_moved + 1) * sizeof *more);
	if (more == NULL)
		return RXP_ERR_NOMEM;
	e->moved = more;
	more[e->n_moved++] = (struct erased_move){before, after};
	return 0;
}

int erase_again(
    struct erased *e, struct db *db, const struct plan_document *d, const struct erase_order *order)
{
	struct store_retained row = {.own = d->own,
	    .state = d->state,
	    .answered_ms = d->answered_ms,
	    .held = d->content == PLAN_HELD || d->content == PLAN_BLOCKED,
	    .erased_ms = d->erased_ms};
	enum state after = d->state;
	int rc;

	memcpy(row.local_id, d->local_id, sizeof row.local_id);
	rc = store_retention_erase(db, &after, &row, order->peer, order->erased_ms);
	if (rc == 0)
		rc = note_move(e, d->state, after);
	if (rc == 0)
		rc = erase_files(e, db, d->local_id, 1, RXP_MAX_ATTACHMENTS);
	if (rc == 0)
		rc = store_correction_forget(db, d->local_id);
	if (rc == 0)
		rc = store_pending_drop(db, d->local_id);
	if (rc == 0)
		rc = store_journal(db, &(struct store_journal_entry){.at_ms = order->now_ms,
					   .user = order->user,
					   .action = JOURNAL_CONTENT_ERASE,
					   .reason = order->why,
					   .peer = order->peer,
					   .local_id = d->local_id});
	e->documents += rc == 0;
	return rc;
}

int erase_document(
    struct erased *e, struct db *db, const struct plan_document *d, const struct erase_order *order)
{
	int rc = erase_again(e, db, d, order);

	return rc != 0 ? rc : store_erasure_add(db, d->local_id, 0, order->now_ms);
}

int erase_attachment_again(
    struct erased *e, struct db *db, const struct plan_document *d, uint32_t attachment)
{
	bool every = attachment == RXP_CORRECTION_EVERY_FILE;

	return erase_files(
	    e, db, d->local_id, every ? 1 : attachment, every ? RXP_MAX_ATTACHMENTS : attachment);
}

int erase_attachment(struct erased *e, struct db *db, const struct plan_document *d,
    uint32_t attachment, int64_t now_ms)
{
	int rc = erase_attachment_again(e, db, d, attachment);

	return rc != 0 ? rc : store_erasure_add(db, d->local_id, attachment, now_ms);
}

void erase_end(struct erased *e, struct node *n, struct peers *peers, const char *peer)
{
	char path[FILE_PATH_MAX];

	for (size_t i = 0; i < e->n_moved; i++)
		peers_count(peers_find(peers, peer), e->moved[i].before, e->moved[i].after);
	for (size_t i = 0; i < e->n_files; i++) {
		file_path_whole(path, e->files[i].party, e->files[i].digest);
		file_remove(path);
	}
	/* If not now, then with its next turn, or at the next start. */
	(void)db_checkpoint(store_db(n->store));
	if (e->documents > 0 || e->n_files > 0)
		log_event(LOG_CONTENT_ERASED, LOG_S(peer), LOG_N(e->documents), LOG_N(e->n_files));
}

void erase_clear(struct erased *e)
{
	free(e->files);
	free(e->moved);
	*e = (struct erased){.documents = 0};
}
