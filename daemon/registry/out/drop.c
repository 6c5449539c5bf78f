#include "daemon/registry/out/drop.h"

#include <string.h>

#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/cases/turn.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int drop_read(struct drop *d, struct db *db)
{
	struct rxp_buf envelope;
	int rc;

	rxp_buf_init(&envelope, RXP_MAX_ENVELOPE_OCTETS);
	rc = store_outbox_get(db, &d->row, &envelope, d->row.local_id);
	rxp_buf_free(&envelope);
	return rc;
}

bool drop_may(const struct drop *d)
{
	return d->row.attempts == 0 && state_allows(d->row.state, EVENT_DISCARD);
}

int drop_files(struct drop *d, struct db *db)
{
	struct store_file f;
	int rc = 0;

	d->n_files = 0;
	while (rc == 0 && d->n_files < RXP_MAX_ATTACHMENTS) {
		rc = store_file_of_message(db, &f, NULL, d->row.local_id, 1);
		if (rc == 0)
			rc = store_file_let_go(db, f.id);
		if (rc == 0)
			memcpy(d->files[d->n_files++], f.ciphertext_digest, sizeof d->files[0]);
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static int go_on_with_case(struct drop *d, struct db *db, struct clocks *clocks, int64_t now_ms)
{
	const struct store_place *p = &d->row.place;
	int rc;

	d->promoted = false;
	if (!p->in_case)
		return 0;
	rc = clocks_refresh(clocks, db, d->row.peer, p->case_id, now_ms);
	if (rc != 0 && rc != RXP_ERR_STATE) /* a damaged case may be what it is given up for */
		return rc;
	rc = turn_next(db, d->promoted_id, d->row.peer, p->case_id, now_ms);
	d->promoted = rc == 1;
	return rc < 0 ? rc : 0;
}

int drop_apply(struct drop *d, struct db *db, struct clocks *clocks, const char *user,
    const char *why, int64_t now_ms)
{
	int rc;

	d->before = d->row.state;
	d->row.state = state_next(d->before, EVENT_DISCARD);
	rc = store_outbox_discard(db, &d->row, why, now_ms);
	if (rc == 0)
		rc = drop_files(d, db);
	if (rc == 0)
		rc = store_journal(db, &(struct store_journal_entry){.at_ms = now_ms,
					   .user = user,
					   .action = JOURNAL_MESSAGE_DISCARD,
					   .reason = user == NULL ? why : NULL,
					   .peer = d->row.peer,
					   .local_id = d->row.local_id});
	return rc != 0 ? rc : go_on_with_case(d, db, clocks, now_ms);
}

void drop_files_done(const struct drop *d)
{
	char path[FILE_PATH_MAX];

	for (size_t i = 0; i < d->n_files; i++) {
		file_path_whole(path, "", d->files[i]);
		file_remove(path);
	}
}

void drop_octets_done(const struct node *n)
{
	(void)db_checkpoint(store_db(n->store));
}

void drop_done(const struct drop *d, struct node *n, struct peers *peers, drop_changed *changed,
    void *changed_arg)
{
	struct peer *peer = peers_find(peers, d->row.peer);

	drop_files_done(d);
	drop_octets_done(n);
	peers_count(peer, d->before, d->row.state);
	changed(changed_arg, d->row.local_id);
	if (d->promoted) {
		peers_count(peer, STATE_DRAFT, STATE_WAITING);
		changed(changed_arg, d->promoted_id);
	}
}
