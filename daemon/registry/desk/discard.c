#include "daemon/registry/desk/discard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/turn.h"
#include "daemon/registry/desk/poll.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

/* One request on its way to its commit. */
struct discarding {
	struct store_item item;
	const struct discard *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	int64_t at_ms;
	struct store_outbox row; /* as the commit makes it */
	enum state before;
	const char *problem;
	bool promoted; /* the next document of the case has its turn */
	uint8_t promoted_id[16];
	size_t n_files; /* of which the rows go */
	uint8_t files[RXP_MAX_ATTACHMENTS][32];
};

static void answer(struct node *n, uint64_t request, int result, const char *problem)
{
	struct msg_message_discarded m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	link_answer(n->desk, IPC_message_discarded, request, &m, NULL, 0);
}

/* --- the transaction ------------------------------------------------------------------------------ */

/* Looked at inside it, so that nothing puts it on a line in between. */
static int judge(struct discarding *d)
{
	d->problem = "";
	if (state_final(d->row.state))
		d->problem = "it has its end already";
	else if (d->row.attempts > 0 || !state_allows(d->row.state, EVENT_DISCARD))
		d->problem = "it may be at the peer: only the peer's answer ends it";
	else if (outbox_in_work(d->by->outbox, d->row.local_id))
		d->problem = "it is being worked on now: try again in a moment";
	return d->problem[0] == '\0' ? 0 : RXP_ERR_STATE;
}

static int take_row(struct discarding *d, struct db *db)
{
	struct rxp_buf envelope;
	int rc;

	rxp_buf_init(&envelope, RXP_MAX_ENVELOPE_OCTETS);
	rc = store_outbox_get(db, &d->row, &envelope, d->row.local_id);
	rxp_buf_free(&envelope);
	if (rc == 0)
		rc = judge(d);
	if (rc != 0)
		return rc;
	d->before = d->row.state;
	d->row.state = state_next(d->before, EVENT_DISCARD);
	return store_outbox_discard(db, &d->row, d->at_ms);
}

static int let_files_go(struct discarding *d, struct db *db)
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

static int go_on_with_case(struct discarding *d, struct db *db)
{
	const struct store_place *p = &d->row.place;
	int rc;

	d->promoted = false;
	if (!p->in_case)
		return 0;
	rc = cases_refresh(db, d->by->node->own, d->row.peer, p->case_id, d->at_ms);
	if (rc != 0 && rc != RXP_ERR_STATE) /* a damaged case may be what it is discarded for */
		return rc;
	rc = turn_next(db, d->promoted_id, d->row.peer, p->case_id, d->at_ms);
	d->promoted = rc == 1;
	return rc < 0 ? rc : 0;
}

static int apply(void *arg, struct db *db)
{
	struct discarding *d = arg;
	int rc = take_row(d, db);

	if (rc == 0)
		rc = let_files_go(d, db);
	if (rc == 0)
		rc = go_on_with_case(d, db);
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = d->at_ms,
					       .user = d->user,
					       .action = JOURNAL_MESSAGE_DISCARD,
					       .peer = d->row.peer,
					       .local_id = d->row.local_id});
}

/* --- after it ------------------------------------------------------------------------------------- */

static void tell(struct discarding *d)
{
	struct peer *peer = peers_find(d->by->peers, d->row.peer);
	char id[RXP_ID_TEXT];

	peers_count(peer, d->before, d->row.state);
	poll_changed(d->by->poll, d->row.local_id);
	if (d->promoted) {
		peers_count(peer, STATE_DRAFT, STATE_WAITING);
		poll_changed(d->by->poll, d->promoted_id);
	}
	pace_kick(d->by->pace);
	rxp_id_text(id, d->row.local_id);
	log_event(LOG_MESSAGE_DISCARDED, LOG_S(d->row.peer), LOG_S(id), LOG_S(d->user));
}

static void done(void *arg, int result)
{
	struct discarding *d = arg;
	char path[FILE_PATH_MAX];

	if (result == 0) {
		for (size_t i = 0; i < d->n_files; i++) {
			file_path_whole(path, "", d->files[i]);
			file_remove(path);
		}
		/* The octets go from the write-ahead log too; if not now, then with its next turn. */
		(void)db_checkpoint(store_db(d->by->node->store));
		tell(d);
	}
	answer(d->by->node, d->request, result, d->problem);
	free(d);
}

void discard_take(const struct discard *by, uint64_t request, const struct msg_message_discard *m)
{
	struct discarding *d = calloc(1, sizeof *d);

	if (d == NULL) {
		answer(by->node, request, RXP_ERR_NOMEM, "");
		return;
	}
	d->at_ms = clock_wall_ms();
	d->by = by;
	d->request = request;
	d->problem = "";
	memcpy(d->user, m->user, sizeof d->user);
	memcpy(d->row.local_id, m->local_id, sizeof d->row.local_id);
	d->item = (struct store_item){.apply = apply, .done = done, .arg = d};
	store_submit(by->node->store, &d->item);
}
