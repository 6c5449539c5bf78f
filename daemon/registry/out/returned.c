#include "daemon/registry/out/returned.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight_void.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

#define VOIDS_MAX 64 /* of one peer that are looked through */

struct returned {
	struct returned_config of;
	struct back *first; /* at most REGISTRY_RETURNS_MAX */
};

/* One that is being verified, or whose meaning is being stored. */
struct back {
	struct returned *by;
	struct back *next;
	char party[4];
	bool posted;
	struct rxp_buf octets;
	returned_done *done;
	void *arg;
};

static void finish(void *arg, int result)
{
	struct back *b = arg;
	struct back **at = &b->by->first;

	while (*at != NULL && *at != b)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* each is in the list */
	*at = b->next;
	b->done(b->arg, result);
	rxp_buf_free(&b->octets);
	free(b);
}

/* --- which message it ends ----------------------------------------------------------------------- */

/* The Void of ours that names this message: an answer to what was taken back is its answer. RXP_ERR_NOT_FOUND. */
static int void_of(uint8_t local_id[16], struct db *db, const struct store_outbox *taken_back)
{
	uint8_t ids[VOIDS_MAX][16], named[16];
	int n = store_outbox_open(db, taken_back->peer, RXP_TYPE_VOID, ids, VOIDS_MAX);
	int rc;

	for (int i = 0; i < n; i++) {
		rc = flight_void_names(named, db, ids[i]);
		if (rc != 0)
			return rc;
		if (memcmp(named, taken_back->message_id, sizeof named) != 0)
			continue;
		memcpy(local_id, ids[i], sizeof ids[i]);
		return 0;
	}
	return n < 0 ? n : RXP_ERR_NOT_FOUND;
}

static int find(uint8_t local_id[16], const struct back *b, const struct msg_answer_checked *m)
{
	struct db *db = store_db(b->by->of.node->store);
	struct store_outbox row = {.state = STATE_NONE};
	int rc = store_outbox_of_message(db, local_id, m->message_id);

	if (rc == 0)
		rc = store_outbox_get(db, &row, NULL, local_id);
	if (rc == 0 && strcmp(row.peer, b->party) != 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0 && row.state == STATE_VOIDING)
		rc = void_of(local_id, db, &row);
	return rc;
}

/* --- what it says -------------------------------------------------------------------------------- */

static void take(struct back *b, const struct msg_answer_checked *m)
{
	const struct flight_caller caller = {.left = finish, .arg = b};
	const struct bytes octets = {.data = b->octets.data, .len = b->octets.len};
	struct peer *peer = peers_active(b->by->of.peers, b->party);
	uint8_t local_id[16];
	int rc = peer == NULL ? RXP_ERR_STATE : find(local_id, b, m);

	if (rc == 0) { /* b may be gone with what comes of it */
		if (b->posted)
			b->by->of.taken(b->by->of.taken_arg, b->party, m->message_id);
		rc = outbox_answer(b->by->of.outbox, peer, local_id, octets, m, &caller);
	}
	if (rc == RXP_ERR_EXISTS)
		finish(b, 0);
	else if (rc == RXP_ERR_NOT_FOUND)
		finish(b, RXP_ERR_MISMATCH);
	else if (rc != 0)
		finish(b, rc);
}

static void checked(void *arg, int result, const struct link_message *answer)
{
	struct back *b = arg;
	const struct msg_answer_checked *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0 && strcmp(m->from, b->by->of.node->own) == 0) {
		b->by->of.own(b->by->of.own_arg, b->party,
		    (struct bytes){.data = b->octets.data, .len = b->octets.len}, m, finish, b);
	} else if (rc == 0) {
		take(b, m);
	} else if (rc == RXP_ERR_NOMEM) {
		finish(b, rc);
	} else {
		log_event(LOG_ANSWER_FALSE, LOG_S(b->party), LOG_S(""), LOG_S(rxp_err_text(rc)));
		finish(b, RXP_ERR_MISMATCH);
	}
}

/* --- arrival ------------------------------------------------------------------------------------- */

static bool has_room(const struct returned *r, const char *party)
{
	size_t all = 0, of_party = 0;

	for (const struct back *b = r->first; b != NULL; b = b->next) {
		all++;
		of_party += strcmp(b->party, party) == 0;
	}
	return all < REGISTRY_RETURNS_MAX && of_party < REGISTRY_PEER_RETURNS_MAX &&
	       work_has_room(r->of.node->work, IPC_check_answer);
}

static int begin(struct back **out, struct returned *r, const char *party, struct bytes answer)
{
	struct back *b;

	if (peers_active(r->of.peers, party) == NULL)
		return RXP_ERR_STATE;
	if (answer.len == 0 || answer.len > RXP_MAX_ANSWER_OCTETS)
		return RXP_ERR_MISMATCH;
	if (!has_room(r, party))
		return RXP_ERR_FULL;
	b = calloc(1, sizeof *b);
	if (b == NULL)
		return RXP_ERR_NOMEM;
	b->by = r;
	memcpy(b->party, party, sizeof b->party);
	rxp_buf_init(&b->octets, RXP_MAX_ANSWER_OCTETS);
	b->next = r->first;
	r->first = b;
	*out = b;
	return rxp_buf_put(&b->octets, answer.data, answer.len);
}

static void begin_to_take(struct returned *r, const char *party, bool posted, struct bytes answer,
    returned_done *done, void *arg)
{
	struct msg_check_answer q = {.own = 1, .octets = answer};
	struct back *b = NULL;
	int fd, rc = begin(&b, r, party, answer);

	if (b == NULL) {
		done(arg, rc);
		return;
	}
	b->posted = posted;
	b->done = done;
	b->arg = arg;
	memcpy(q.peer, b->party, sizeof q.peer);
	q.register_number = publish_register(r->of.publish, &fd);
	if (rc == 0)
		rc = work_submit(r->of.node->work, IPC_check_answer, &q, &fd, 1, checked, b);
	if (rc != 0)
		finish(b, rc);
}

void returned_take(
    struct returned *r, const char *party, struct bytes answer, returned_done *done, void *arg)
{
	begin_to_take(r, party, false, answer, done, arg);
}

/* --- what is posted ------------------------------------------------------------------------------ */

#define HTTP_LOST 201 /* RXP-RCV-004 */
#define HTTP_NOTHING 204
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503

/* Whose request waits. */
struct posted {
	struct node *node;
	uint64_t request;
};

static void answer(struct node *n, uint64_t request, int result)
{
	const struct msg_return_taken m = {
	    .http_status = result == 0               ? HTTP_NOTHING
			   : result == RETURNED_LOST ? HTTP_LOST
			   : result == RXP_ERR_MISMATCH || result == RETURNED_REVOKED
			       ? HTTP_UNPROCESSABLE
			       : HTTP_BUSY};

	link_answer(n->gateway, IPC_return_taken, request, &m, NULL, 0);
}

static void post_done(void *arg, int result)
{
	struct posted *p = arg;

	answer(p->node, p->request, result);
	free(p);
}

void returned_post(struct returned *r, uint64_t request, const struct msg_returned *m)
{
	struct posted *p = malloc(sizeof *p);

	if (p == NULL) {
		answer(r->of.node, request, RXP_ERR_NOMEM);
		return;
	}
	*p = (struct posted){.node = r->of.node, .request = request};
	begin_to_take(r, m->party, true, m->answer, post_done, p);
}

/* --- the module ---------------------------------------------------------------------------------- */

int returned_new(struct returned **out, const struct returned_config *config)
{
	struct returned *r = calloc(1, sizeof *r);

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->of = *config;
	*out = r;
	return 0;
}

void returned_free(struct returned *r)
{
	struct back *b;

	if (r == NULL)
		return;
	while ((b = r->first) != NULL) {
		r->first = b->next;
		rxp_buf_free(&b->octets);
		free(b);
	}
	free(r);
}
