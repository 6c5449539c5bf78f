#include "daemon/registry/in/heard_history.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_history.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"

#define CASES_MAX 4096 /* octets of the ids that one request may name: its schema has 256 */

/* --- the request ---------------------------------------------------------------------------------- */

/* The peer's last request; all zeros if there was none. */
static int last_given(struct store_given *out, struct db *db, const char *party)
{
	struct rxp_buf cases;
	int rc;

	*out = (struct store_given){.number = 0};
	rxp_buf_init(&cases, CASES_MAX);
	rc = store_given_get(db, out, &cases, party);
	rxp_buf_free(&cases);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

int heard_history_judge_request(
    struct heard_objection *out, struct db *db, const char *party, int64_t received_ms)
{
	int64_t day = received_ms / RXP_DAY_MS;
	struct store_given g;
	int rc = last_given(&g, db, party);

	if (rc != 0)
		return rc;
	if (g.open)
		*out =
		    (struct heard_objection){"it has asked for a history, and does not have it yet",
			"RXP-HIS-010", RXP_REFUSAL_BUSY, received_ms + REGISTRY_HISTORY_AGAIN_MS};
	else if (g.day == day && g.requests >= REGISTRY_HISTORIES_DAY)
		*out = (struct heard_objection){"it has asked for too many histories today",
		    "RXP-HIS-010", RXP_REFUSAL_BUSY, (day + 1) * RXP_DAY_MS};
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, RXP_ID_OCTETS);
}

/* RXP-HIS-008: in their order. */
int heard_history_request(struct db *db, const char *party, const struct heard *m,
    const struct rec_node_history_request *request)
{
	int64_t day = m->received_ms / RXP_DAY_MS;
	struct store_given last, g = {.all = request->cases.len == 0, .open = true, .day = day};
	struct rxp_buf cases;
	int rc = last_given(&last, db, party);

	if (rc != 0 || request->cases.len % RXP_ID_OCTETS != 0)
		return rc != 0 ? rc : RXP_ERR_DAMAGED;
	snprintf(g.peer, sizeof g.peer, "%s", party);
	memcpy(g.request, m->facts->message_id, sizeof g.request);
	g.requests = (last.day == day ? last.requests : 0) + 1;
	g.copy_day = last.copy_day;
	g.copies = last.copies;
	rxp_buf_init(&cases, CASES_MAX);
	rc = rxp_buf_put(&cases, request->cases.data, request->cases.len);
	if (rc == 0 && cases.len > 0)
		qsort(cases.data, cases.len / RXP_ID_OCTETS, RXP_ID_OCTETS, compare_ids);
	if (rc == 0)
		rc = store_given_put(db, &g, (struct bytes){.data = cases.data, .len = cases.len});
	rxp_buf_free(&cases);
	return rc;
}

void heard_history_tell(const char *party, const struct rec_node_history_request *request)
{
	log_event(LOG_HISTORY_ASKED_FOR, LOG_S(party), LOG_N(request->cases.len / RXP_ID_OCTETS));
}

/* --- a copy --------------------------------------------------------------------------------------- */

/* One without a document, since that is given no more (RXP-HIS-016). */
static bool is_none(const struct rec_node_history_copy *copy)
{
	return copy->last == 0 && copy->pieces == 0;
}

/* How far ahead it is among those of the request that we have open with the party: 1 is the next; 0: it is none of them.
 * *had: it has a Number of it that came. */
static int look_ahead(uint64_t *ahead, bool *had, struct db *db, const char *party,
    const struct rec_node_history_copy *copy)
{
	uint8_t request[RXP_ID_OCTETS] = {0};
	struct store_asked asked;
	int rc = store_asked_get(db, &asked, party);
	bool open;

	if (rc == 0)
		rc = store_outbox_of_message(db, request, copy->request);
	open =
	    rc == 0 && asked.ended_ms == 0 && memcmp(request, asked.request, sizeof request) == 0;

	*had = open && copy->number <= asked.number;
	*ahead = open && !*had ? copy->number - asked.number : 0;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

int heard_history_judge_copy(struct heard_objection *out, struct db *db, const char *party,
    const struct rec_node_history_copy *copy, int64_t received_ms)
{
	uint64_t waiting = 0, ahead = 0;
	bool had = false;
	int rc = look_ahead(&ahead, &had, db, party, copy);

	if (rc == 0 && had && is_none(copy))
		return 0;
	if (rc == 0 && ahead == 1)
		rc = store_piece_count(db, &waiting, party);
	if (rc == 0 && (ahead == 0 || ahead > REGISTRY_HISTORY_BUNDLE_MAX))
		*out = (struct heard_objection){
		    "not the next copy of what we asked for", "RXP-HIS-011", RXP_REFUSAL_STATE, 0};
	else if (rc == 0 && ahead > 1)
		*out = (struct heard_objection){"copies before it are not here yet", "RXP-BND-014",
		    RXP_REFUSAL_BUSY, received_ms + REGISTRY_HISTORY_LOOKED_MS};
	else if (rc == 0 && waiting >= REGISTRY_HISTORY_PIECES_MAX)
		*out = (struct heard_objection){"copies before it are not looked at yet",
		    "RXP-ANS-021", RXP_REFUSAL_BUSY, received_ms + REGISTRY_HISTORY_LOOKED_MS};
	return rc;
}

int heard_history_copy(struct db *db, const char *party, const struct heard *m,
    const struct rec_node_history_copy *copy)
{
	struct store_piece piece = {
	    .number = copy->number, .piece = copy->piece, .pieces = copy->pieces};
	struct store_asked asked;
	int rc = store_asked_get(db, &asked, party);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? RXP_ERR_STATE : rc;
	if (copy->number <= asked.number)
		return is_none(copy) ? 0 : RXP_ERR_STATE;
	asked.number = copy->number;
	if (copy->last != 0)
		asked.ended_ms = m->received_ms;
	rc = store_asked_put(db, &asked);
	if (rc != 0 || copy->pieces == 0)
		return rc;
	memcpy(piece.message_id, copy->message_id, sizeof piece.message_id);
	memcpy(piece.receipted, copy->receipted, sizeof piece.receipted);
	return store_piece_add(db, party, &piece, m->envelope, m->facts->wrapped_key);
}
