#include "daemon/registry/desk/lists.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_list.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* --- one message --------------------------------------------------------------------------------- */

bool lists_show(struct node *n, uint64_t request, const struct msg_message_show *q, bool last)
{
	struct msg_message_shown m = {0};
	struct rec_message_row row;
	struct rxp_buf octets, flags, answer;
	bool wait, parked = false;
	int rc;

	rxp_buf_init(&octets, IPC_INLINE_MAX);
	rxp_buf_init(&flags, IPC_INLINE_MAX);
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = store_list_message(store_db(n->store), &row, &flags, &answer, q->local_id);
	if (rc == 0)
		rc = record_encode(&octets, &record_message_row, &row);
	m.result = (uint32_t)rc;
	if (rc == 0) {
		enum state state = state_of_word(row.state);

		m.final = state != STATE_NONE && state_final(state);
		parked = state == STATE_PARKED; /* nothing moves it but a person */
		m.row = (struct bytes){.data = octets.data, .len = octets.len};
		m.answer = (struct bytes){.data = answer.data, .len = answer.len};
	}
	wait = rc == 0 && !m.final && !parked && !last;
	if (!wait)
		link_answer(n->desk, IPC_message_shown, request, &m, NULL, 0);
	rxp_buf_free(&octets);
	rxp_buf_free(&flags);
	rxp_buf_free(&answer);
	return wait;
}

/* --- peers --------------------------------------------------------------------------------------- */

static uint64_t waiting_for(const struct peer *peer)
{
	uint64_t n = 0;

	for (int s = STATE_NONE + 1; s < STATE_COUNT; s++)
		if (state_box((enum state)s) == STATE_OUTBOX && !state_final((enum state)s))
			n += peer->counts[s];
	return n;
}

static struct bytes first_endpoint(const struct peer *peer)
{
	struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
	struct rec_endpoint r;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_endpoint &&
		    record_decode(&r, &record_endpoint, fields.data, fields.len) == 0)
			return r.url;
	return (struct bytes){.data = NULL, .len = 0};
}

/* RXP-RCV-003 */
static const char HELD[] =
    "new documents of cases wait until what was lost is back: readmitctl recovery list";

static int put_peer(struct rxp_buf *rows, const struct peer *peer)
{
	struct rec_peer_row r = {.identity_serial = peer->identity_serial,
	    .working_created_ms = peer->working_created_ms,
	    .added_ms = peer->added_ms,
	    .last_contact_ms = peer->last_contact_ms,
	    .outbox_waiting = waiting_for(peer),
	    .endpoint = first_endpoint(peer),
	    .seal_until_ms = peer->dates.until_ms[ENDING_SEAL],
	    .tls_until_ms = peer->dates.until_ms[ENDING_TLS],
	    .root_until_ms = peer->dates.until_ms[ENDING_ROOT],
	    .agreement_until_ms = peers_keys_until_ms(peer),
	    .next_root_due_ms = peer->dates.until_ms[ENDING_NEXT_ROOT]};
	const char *held = peer->recovering ? HELD : "";

	hours_rate_text(r.line_rate, peer->line.rate);
	hours_text(r.line_window, &peer->line.window);
	hours_text(r.line_attachments, &peer->line.files);
	snprintf(r.line_urgent, sizeof r.line_urgent, "%s",
	    peer->line.urgent_waits ? "window" : "always");
	memcpy(r.party, peer->party, sizeof r.party);
	r.held = (struct bytes){.data = (const uint8_t *)held, .len = strlen(held)};
	memcpy(r.root, peer->root, sizeof r.root);
	snprintf(r.state, sizeof r.state, "%s", peer->active ? "active" : "distrusted");
	return record_list_put(rows, REC_peer_row, &record_peer_row, &r);
}

/* One peer, or those whose codes come after the one that `after` begins with. */
static int list_peers(
    struct rxp_buf *rows, bool *more, struct peers *peers, const struct msg_list *q, uint32_t limit)
{
	char after[4] = {0};
	struct peer *peer;
	uint32_t count = 0;
	int rc = 0;

	*more = false;
	memcpy(after, q->after, sizeof after - 1);
	for (size_t i = 0; rc == 0 && (peer = peers_at(peers, i)) != NULL; i++) {
		if (q->peer[0] != '\0' ? strcmp(peer->party, q->peer) != 0
				       : strcmp(peer->party, after) <= 0)
			continue;
		if (count++ == limit) {
			*more = true;
			break;
		}
		rc = put_peer(rows, peer);
	}
	return rc;
}

/* What is due at this very millisecond is not overdue. */
static int64_t due_until(uint32_t within_s)
{
	return clock_wall_ms() + within_s * INT64_C(1000) - 1;
}

static int list_due(
    struct rxp_buf *rows, bool *more, struct node *n, const struct msg_list *q, uint32_t limit)
{
	struct store_clock_asked asked = {.peer = q->peer,
	    .until_ms = due_until(q->due_s),
	    .unseen = q->unseen,
	    .after = {.due_ms = q->after_due_ms}};

	memcpy(asked.after.case_id, q->after, sizeof asked.after.case_id);
	memcpy(asked.after.peer, q->after_peer, sizeof asked.after.peer);
	return store_case_page_due(store_db(n->store), rows, more, &asked, limit);
}

/* --- a page of a list ---------------------------------------------------------------------------- */

bool lists_page(
    struct node *n, struct peers *peers, uint64_t request, const struct msg_list *q, bool last)
{
	uint32_t limit = q->limit;
	struct msg_listed m = {0};
	enum store_list list;
	struct rxp_buf rows;
	bool more = false, wait;
	int rc;

	if (limit == 0 || limit > REGISTRY_PAGE_MAX)
		limit = REGISTRY_PAGE_MAX;
	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	if (strcmp(q->list, "peers") == 0)
		rc = list_peers(&rows, &more, peers, q, limit);
	else if (strcmp(q->list, "cases") == 0)
		rc = store_case_page(
		    store_db(n->store), &rows, &more, q->unseen, q->peer, q->after, limit);
	else if (strcmp(q->list, "due") == 0)
		rc = list_due(&rows, &more, n, q, limit);
	else if ((rc = store_list_parse(&list, q->list)) == 0)
		rc = store_list_page(
		    store_db(n->store), &rows, &more, list, q->unseen, q->peer, q->after, limit);
	wait = rc == 0 && rows.len == 0 && !last && strcmp(q->list, "inbox") == 0;
	m.result = (uint32_t)rc;
	if (rc == 0) {
		m.more = more;
		m.rows = (struct bytes){.data = rows.data, .len = rows.len};
	}
	if (!wait)
		link_answer(n->desk, IPC_listed, request, &m, NULL, 0);
	rxp_buf_free(&rows);
	return wait;
}
