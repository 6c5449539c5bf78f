#include "daemon/registry/desk/bundle.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/history/history.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/handout.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/out/returned.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/refresh.h"
#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/watch/logpages.h"
#include "daemon/registry/watch/logwatch.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define HTTP_NOTHING 204
#define HTTP_CONFLICT 409 /* at the local interface alone */
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503
static const uint8_t before_all[RXP_ID_OCTETS]; /* where a bundle begins */

#define ROWS_MAX 65536 /* octets of the rows of 128 attachments */

/* --- what is put into one (RXP-BND-006) ----------------------------------------------------------- */

struct giving {
	const struct bundle *by;
	struct node *node;
	uint64_t request;
	char peer[RXP_PARTY_TEXT];
	uint8_t after[RXP_ID_OCTETS];
	char user[RECORD_NAME_MAX];
	uint8_t local_id[16];
	bool settled; /* what is in work of a history leaves no Number out */
	struct rxp_buf envelope;
};

static void deny(struct node *n, uint64_t request, int result)
{
	const struct msg_bundle_given m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_bundle_given, request, &m, NULL, 0);
}

static void none(struct giving *g, int result)
{
	deny(g->node, g->request, result);
	rxp_buf_free(&g->envelope);
	free(g);
}

static void give(void *arg, struct bytes envelope)
{
	struct giving *g = arg;

	(void)rxp_buf_put(&g->envelope, envelope.data, envelope.len);
}

/* Nothing of their keys. */
static int put_rows(struct rxp_buf *rows, struct db *db, const uint8_t local_id[16])
{
	struct store_file f;
	uint32_t number = 1;
	int rc;

	while ((rc = store_file_of_message(db, &f, NULL, local_id, number)) == 0) {
		rc = store_file_put(rows, &f, f.number);
		if (rc != 0)
			return rc;
		number = f.number + 1;
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* What is sent again goes with the receipt that it has (RXP-BND-009). */
static int answer_given(struct giving *g)
{
	struct msg_bundle_given m = {.envelope = {g->envelope.data, g->envelope.len}};
	struct store_outbox row;
	struct rxp_buf rows, answer;
	char id[RXP_ID_TEXT];
	int rc = store_outbox_get(store_db(g->node->store), &row, NULL, g->local_id);

	rxp_buf_init(&rows, ROWS_MAX);
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	if (rc == 0 && state_final(row.state))
		rc = store_outbox_answer(store_db(g->node->store), &answer, g->local_id);
	if (rc == 0)
		rc = put_rows(&rows, store_db(g->node->store), g->local_id);
	if (rc == 0) {
		memcpy(m.local_id, row.local_id, sizeof m.local_id);
		memcpy(m.message_id, row.message_id, sizeof m.message_id);
		m.attachments = (struct bytes){rows.data, rows.len};
		m.answer = (struct bytes){answer.data, answer.len};
		rxp_id_text(id, row.message_id);
		log_event(LOG_BUNDLE_GIVEN, LOG_S(row.peer), LOG_S(id), LOG_S(g->user));
		link_answer(g->node->desk, IPC_bundle_given, g->request, &m, NULL, 0);
	}
	rxp_buf_free(&rows);
	rxp_buf_free(&answer);
	return rc;
}

/* A message that does not leave, because it is halted, lacks a key or is being sent just now, is passed over: its id is
 * there, and no octets are. */
static void left(void *arg, int result)
{
	struct giving *g = arg;
	struct msg_bundle_given m = {.result = 0};
	int rc = rxp_buf_error(&g->envelope);

	(void)result;
	if (rc == 0 && g->envelope.len > 0)
		rc = answer_given(g);
	else if (rc == 0) {
		memcpy(m.local_id, g->local_id, sizeof m.local_id);
		link_answer(g->node->desk, IPC_bundle_given, g->request, &m, NULL, 0);
	}
	if (rc != 0)
		deny(g->node, g->request, rc);
	rxp_buf_free(&g->envelope);
	free(g);
}

static void more_made(void *arg, int result);
static void settled(void *arg, int result);

/* 0: left(), settled() or more_made() goes on. RXP_ERR_FULL: it is in work; RXP_ERR_NOT_FOUND: no such peer. */
static int begin(const struct bundle *by, struct giving *g)
{
	const struct flight_caller caller = {.give = give, .left = left, .arg = g};
	struct peer *peer = peers_active(by->peers, g->peer);
	int rc;

	if (peer != NULL && !g->settled)
		return history_settle(by->history, peer, settled, g);
	rc = peer == NULL
		 ? RXP_ERR_NOT_FOUND
		 : store_outbox_next(store_db(by->node->store), g->local_id, g->peer, g->after);
	if (peer != NULL && rc == RXP_ERR_NOT_FOUND)
		return history_more(by->history, peer, more_made, g);
	if (rc != 0)
		return rc;
	if (outbox_in_work(by->outbox, g->local_id))
		return RXP_ERR_FULL; /* that ends soon, one way or the other */
	rc = outbox_fetch(by->outbox, peer, g->local_id, &caller);
	if (rc == 0)
		pace_started(by->pace, peer);
	return rc;
}

static void go_on(struct giving *g)
{
	int rc = begin(g->by, g);

	if (rc == RXP_ERR_FULL)
		left(g, rc);
	else if (rc != 0)
		none(g, rc);
}

/* One more of a history that the peer asked for is behind all others now, or there is none. */
static void more_made(void *arg, int result)
{
	struct giving *g = arg;

	if (result == 0)
		go_on(g);
	else
		none(g, result == RXP_ERR_NOT_FOUND ? 0 : result);
}

static void settled(void *arg, int result)
{
	struct giving *g = arg;

	g->settled = result != 0;
	go_on(g);
}

void bundle_next(const struct bundle *by, uint64_t request, const struct msg_bundle_next *m)
{
	struct giving *g = calloc(1, sizeof *g);

	if (g == NULL) {
		deny(by->node, request, RXP_ERR_NOMEM);
		return;
	}
	g->by = by;
	g->node = by->node;
	g->request = request;
	memcpy(g->peer, m->peer, sizeof g->peer);
	memcpy(g->after, m->after, sizeof g->after);
	g->settled = memcmp(g->after, before_all, sizeof before_all) != 0;
	snprintf(g->user, sizeof g->user, "%s", m->user);
	rxp_buf_init(&g->envelope, RXP_MAX_ENVELOPE_OCTETS);
	go_on(g);
}

/* Those up to row.after it has shown to have, or not to take, but for those that are owed (RXP-BND-013): of these the next one
 * behind after, in place; or the next one behind both. */
static int find_open(struct store_bringing *row, struct db *db, struct rxp_buf *answer,
    const uint8_t after[RXP_ID_OCTETS])
{
	struct store_bringing owed = *row;
	int rc;

	memcpy(owed.after, after, sizeof owed.after);
	rc = store_bringing_next_owed(db, &owed, answer);
	if (rc == 0 && memcmp(owed.after, row->after, sizeof owed.after) <= 0) {
		*row = owed;
		return 0;
	}
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	rxp_buf_reset(answer);
	if (memcmp(after, row->after, sizeof row->after) > 0)
		memcpy(row->after, after, sizeof row->after);
	return store_bringing_next(db, row, answer);
}

/* When nothing is open, those that are owed, and those that it did not take. */
static int find_left(struct store_bringing *row, struct db *db, struct rxp_buf *answer,
    const uint8_t after[RXP_ID_OCTETS])
{
	if (clock_wall_ms() - row->began_ms >= REGISTRY_ANSWER_OWED_MS)
		return RXP_ERR_NOT_FOUND;
	row->again = true;
	memcpy(row->after, after, sizeof row->after);
	return store_bringing_next(db, row, answer);
}

static int find_own(struct msg_bundle_own_given *out, struct rxp_buf *answer,
    const struct bundle *by, const struct msg_bundle_own *m)
{
	struct db *db = store_db(by->node->store);
	struct store_bringing row;
	int rc = peers_active(by->peers, m->peer) == NULL ? RXP_ERR_NOT_FOUND : 0;

	if (rc != 0)
		return rc;
	rc = store_bringing_get(db, &row, m->peer);
	if (rc == 0)
		rc = row.open ? find_open(&row, db, answer, m->after)
			      : find_left(&row, db, answer, m->after);
	if (rc == 0) {
		memcpy(out->message_id, row.after, sizeof out->message_id);
		out->answer = (struct bytes){answer->data, answer->len};
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

void bundle_own(const struct bundle *by, uint64_t request, const struct msg_bundle_own *m)
{
	struct msg_bundle_own_given given = {.result = 0};
	struct rxp_buf answer;

	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	given.result = (uint32_t)find_own(&given, &answer, by, m);
	link_answer(by->node->desk, IPC_bundle_own_given, request, &given, NULL, 0);
	rxp_buf_free(&answer);
}

void bundle_file(const struct bundle *by, uint64_t request, const struct msg_bundle_file *m)
{
	struct msg_bundle_file_given given = {0};
	struct msg_bundle_file_denied denied;
	int fd = -1, rc = handout_open(by->node, m->peer, m->digest, &fd, &given.length);

	if (rc != 0) {
		denied.result = (uint32_t)rc;
		link_answer(by->node->desk, IPC_bundle_file_denied, request, &denied, NULL, 0);
		return;
	}
	link_answer(by->node->desk, IPC_bundle_file_given, request, &given, &fd, 1);
	close(fd);
}

/* A page of the log that we keep for the peer (RXP-BND-007). */
struct showing {
	struct node *node;
	uint64_t request, next;
};

static void show(struct node *n, uint64_t request, int result, uint64_t next, struct bytes page)
{
	const struct msg_bundle_log_given m = {
	    .result = (uint32_t)result, .next = next, .page = page};

	link_answer(n->desk, IPC_bundle_log_given, request, &m, NULL, 0);
}

static void page_made(void *arg, struct bytes page)
{
	struct showing *s = arg;

	show(s->node, s->request, page.len > 0 ? 0 : RXP_ERR_FULL, s->next, page);
	free(s);
}

void bundle_log(const struct bundle *by, uint64_t request, const struct msg_bundle_log *m)
{
	struct peer *peer = peers_active(by->peers, m->peer);
	struct showing *s = NULL;
	int rc = peer == NULL ? RXP_ERR_NOT_FOUND : 0;

	if (rc == 0 && m->after >= peer->log.count) {
		show(by->node, request, 0, m->after, (struct bytes){0});
		return;
	}
	if (rc == 0 && (s = malloc(sizeof *s)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc == 0) {
		*s = (struct showing){by->node, request, m->after + RXP_MAX_LOG_PAGE_ENTRIES};
		if (s->next > peer->log.count)
			s->next = peer->log.count;
		rc = logpages_carry(by->logpages, peer, m->after, page_made, s);
	}
	if (rc != 0) {
		free(s);
		show(by->node, request, rc, 0, (struct bytes){0});
	}
}

/* --- what is brought in one ------------------------------------------------------------------------ */

struct bringing {
	struct node *node;
	uint64_t request;
};

static void brought(
    struct node *n, uint64_t request, int result, uint32_t status, struct bytes answer)
{
	const struct msg_bundle_brought m = {
	    .result = (uint32_t)result, .http_status = status, .answer = answer};

	link_answer(n->desk, IPC_bundle_brought, request, &m, NULL, 0);
}

static void answered(void *arg, uint64_t request, const struct admit_answer *a)
{
	struct node *n = arg;

	brought(n, request, 0, a->http_status, a->octets);
}

static void taken(void *arg, int result)
{
	struct bringing *b = arg;

	brought(b->node, b->request, 0,
	    result == 0 || result == RETURNED_LOST ? HTTP_NOTHING
	    : result == RXP_ERR_MISMATCH           ? HTTP_UNPROCESSABLE
	    : result == RETURNED_REVOKED           ? HTTP_CONFLICT
						   : HTTP_BUSY,
	    (struct bytes){0});
	free(b);
}

static void bring_message(
    const struct bundle *by, uint64_t request, const struct msg_bundle_bring *m)
{
	const struct admit_asker asker = {
	    .answered = answered, .arg = by->node, .request = request};
	struct msg_admit q = {.received_ms = clock_wall_ms(), .envelope = m->octets};

	if (m->octets.len > RXP_MAX_ENVELOPE_OCTETS) {
		brought(by->node, request, 0, HTTP_UNPROCESSABLE, (struct bytes){0});
		return;
	}
	memcpy(q.party, m->peer, sizeof q.party);
	admit_bring(by->admit, &asker, &q);
}

/* Of a kind that has no answer. */
static void bring_other(
    const struct bundle *by, struct bringing *b, const struct msg_bundle_bring *m)
{
	if (strcmp(m->kind, "answer") == 0)
		returned_take(by->returned, m->peer, m->octets, taken, b);
	else if (strcmp(m->kind, "log") != 0)
		refresh_take(by->refresh, m->peer, m->octets, taken, b);
	else if (!recovery_shown(by->recovery, m->peer, m->octets, taken, b))
		logwatch_carried(by->logwatch, m->peer, m->octets, taken, b);
}

static bool is_other(const char *kind)
{
	return strcmp(kind, "answer") == 0 || strcmp(kind, "log") == 0 ||
	       strcmp(kind, "descriptor") == 0;
}

void bundle_bring(const struct bundle *by, uint64_t request, const struct msg_bundle_bring *m)
{
	struct peer *peer = peers_active(by->peers, m->peer);
	struct bringing *b;

	if (peer == NULL) {
		brought(by->node, request, RXP_ERR_NOT_FOUND, 0, (struct bytes){0});
		return;
	}
	if (strcmp(m->kind, "message") == 0 || strcmp(m->kind, "answer") == 0)
		logwatch_met(peer);
	log_event(LOG_BUNDLE_BROUGHT, LOG_S(m->peer), LOG_S(m->kind), LOG_S(m->user));
	if (strcmp(m->kind, "message") == 0) {
		bring_message(by, request, m);
		return;
	}
	if (!is_other(m->kind)) {
		brought(by->node, request, RXP_ERR_SYNTAX, 0, (struct bytes){0});
		return;
	}
	b = malloc(sizeof *b);
	if (b == NULL) {
		brought(by->node, request, RXP_ERR_NOMEM, 0, (struct bytes){0});
		return;
	}
	*b = (struct bringing){.node = by->node, .request = request};
	bring_other(by, b, m);
}
