#include "daemon/registry/desk/logs.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/watch/found.h"
#include "daemon/registry/watch/logwatch.h"
#include "daemon/registry/watch/own.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* --- the list ------------------------------------------------------------------------------------- */

static int put_log(struct rxp_buf *logs, struct db *db, const struct peer *peer)
{
	struct rec_log_row r = {.entries = peer->log.count,
	    .checked_ms = peer->own_checked_ms,
	    .compared_ms = peer->compared_ms,
	    .differences = peer->differences};
	struct store_watch w;
	int rc = store_watch_get(db, &w, peer->party);

	if (rc == 0)
		r.agreed = w.agreed.n;
	else if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	memcpy(r.peer, peer->party, sizeof r.peer);
	memcpy(r.log_id, peer->log_id, sizeof r.log_id);
	return record_list_put(logs, REC_log_row, &record_log_row, &r);
}

void logs_list(const struct logs *by, uint64_t request, const struct msg_log_list *m)
{
	struct db *db = store_db(by->node->store);
	struct msg_log_listed a = {0};
	struct rxp_buf logs, rows;
	const struct peer *peer;
	int rc = 0;

	rxp_buf_init(&logs, IPC_MESSAGE_MAX / 4);
	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++) {
		if (m->peer[0] != '\0' && strcmp(m->peer, peer->party) != 0)
			continue;
		rc = put_log(&logs, db, peer);
		if (rc == 0)
			rc = store_difference_rows(db, &rows, peer->party);
	}
	a.result = (uint32_t)rc;
	if (rc == 0) {
		a.logs = (struct bytes){.data = logs.data, .len = logs.len};
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	}
	link_answer(by->node->desk, IPC_log_listed, request, &a, NULL, 0);
	rxp_buf_free(&logs);
	rxp_buf_free(&rows);
}

/* --- now ------------------------------------------------------------------------------------------ */

void logs_check(const struct logs *by, uint64_t request, const struct msg_log_check *m)
{
	struct msg_log_checked a = {0};
	struct peer *peer = peers_find(by->peers, m->peer);
	int rc = peer == NULL ? RXP_ERR_NOT_FOUND : peer->active ? 0 : RXP_ERR_STATE;

	if (rc == 0) {
		own_now(by->own, peer);
		rc = logwatch_now(by->logwatch, peer);
	}
	a.result = (uint32_t)rc;
	link_answer(by->node->desk, IPC_log_checked, request, &a, NULL, 0);
}

/* --- a person has looked into it ------------------------------------------------------------------- */

struct noting {
	struct store_item item;
	const struct logs *by;
	uint64_t request;
	struct msg_log_note of;
	int64_t now_ms;
};

static void answer(const struct logs *by, uint64_t request, int result)
{
	const struct msg_log_noted a = {.result = (uint32_t)result};

	link_answer(by->node->desk, IPC_log_noted, request, &a, NULL, 0);
}

static int apply(void *arg, struct db *db)
{
	const struct noting *n = arg;
	const struct msg_log_note *m = &n->of;
	int rc = store_difference_note(db, m->peer, m->one ? &m->entry : NULL, m->user, n->now_ms);

	if (rc == RXP_ERR_NOT_FOUND && m->restart)
		rc = 0;
	if (rc == 0 && m->restart)
		rc = store_watch_restart(db, m->peer, n->now_ms);
	if (rc == 0)
		rc = store_journal(
		    db, &(struct store_journal_entry){.at_ms = n->now_ms,
			    .user = m->user,
			    .action = m->restart ? JOURNAL_LOG_RESTART : JOURNAL_LOG_NOTE,
			    .peer = m->peer});
	return rc;
}

static void done(void *arg, int result)
{
	struct noting *n = arg;

	if (result == 0) {
		found_count(n->by->node, peers_find(n->by->peers, n->of.peer));
		log_event(LOG_LOG_NOTED, LOG_S(n->of.peer), LOG_S(n->of.user),
		    LOG_S(n->of.restart ? "read anew from the first entry" : "noted"));
	}
	answer(n->by, n->request, result);
	free(n);
}

void logs_note(const struct logs *by, uint64_t request, const struct msg_log_note *m)
{
	struct noting *n = calloc(1, sizeof *n);

	if (n == NULL || peers_find(by->peers, m->peer) == NULL) {
		answer(by, request, n == NULL ? RXP_ERR_NOMEM : RXP_ERR_NOT_FOUND);
		free(n);
		return;
	}
	*n = (struct noting){.by = by, .request = request, .of = *m, .now_ms = clock_wall_ms()};
	n->item = (struct store_item){.apply = apply, .done = done, .arg = n};
	store_submit(by->node->store, &n->item);
}

/* --- a page --------------------------------------------------------------------------------------- */

void logs_page(const struct logs *by, uint64_t request, const struct msg_log_page_get *m)
{
	struct msg_log_page_got a = {0};
	struct rxp_buf page;

	rxp_buf_init(&page, RXP_MAX_LOG_PAGE_OCTETS);
	a.result =
	    (uint32_t)store_difference_page(store_db(by->node->store), &page, m->peer, m->entry);
	if (a.result == 0)
		a.page = (struct bytes){.data = page.data, .len = page.len};
	link_answer(by->node->desk, IPC_log_page_got, request, &a, NULL, 0);
	rxp_buf_free(&page);
}
