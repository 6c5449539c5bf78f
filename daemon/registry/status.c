#include "daemon/registry/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/admit.h"
#include "daemon/registry/db.h"
#include "daemon/registry/keys.h"
#include "daemon/registry/node.h"
#include "daemon/registry/outbox.h"
#include "daemon/registry/peers.h"
#include "daemon/registry/state.h"
#include "daemon/registry/store.h"
#include "daemon/registry/store_inbox.h"
#include "daemon/registry/store_outbox.h"
#include "protocol/buf.h"

static void put(struct rxp_buf *rows, const char *metric, int64_t value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The label is "" or key=value pairs, as the desk's table of figures says. */
static void put(struct rxp_buf *rows, const char *metric, int64_t value, const char *format, ...)
{
	struct rec_metric_row r = {.value = value};
	va_list args;

	snprintf(r.metric, sizeof r.metric, "%s", metric);
	va_start(args, format);
	vsnprintf(r.label, sizeof r.label, format, args);
	va_end(args);
	record_list_put(rows, REC_metric_row, &record_metric_row, &r);
}

/* Messages that are not final, by peer and state; what nobody collects is not in the figures. */
static void put_messages(struct rxp_buf *rows, struct node *n)
{
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(n->peers, i)) != NULL; i++) {
		for (int s = STATE_NONE + 1; s < STATE_COUNT; s++) {
			enum state state = (enum state)s;
			bool out = state_box(state) == STATE_OUTBOX;

			if (peer->counts[s] == 0 ||
			    (state_final(state) && state != STATE_QUARANTINED))
				continue;
			put(rows, out ? "outbox_messages" : "inbox_messages",
			    (int64_t)peer->counts[s], "peer=%s,state=%s", peer->party,
			    state_word(state));
		}
	}
}

static void put_peers(struct rxp_buf *rows, struct node *n)
{
	struct peer *peer;
	int64_t active = 0, distrusted = 0;

	for (size_t i = 0; (peer = peers_at(n->peers, i)) != NULL; i++) {
		if (peer->active)
			active++;
		else
			distrusted++;
		if (peer->last_contact_ms != 0)
			put(rows, "peer_last_contact_timestamp_seconds",
			    peer->last_contact_ms / 1000, "peer=%s", peer->party);
	}
	put(rows, "peers", active, "state=active");
	put(rows, "peers", distrusted, "state=distrusted");
}

static void put_age(struct rxp_buf *rows, const char *metric, int rc, int64_t since_ms)
{
	int64_t age = clock_wall_ms() - since_ms;

	put(rows, metric, rc != 0 || age < 0 ? 0 : age / 1000, "%s", "");
}

static void put_counters(struct rxp_buf *rows, struct node *n)
{
	struct outbox_counts out = outbox_counted(n->outbox);
	struct admit_counts in = admit_counted(n->admit);
	const struct {
		const char *metric, *result;
		uint64_t value;
	} all[] = {
	    {"deliveries_total", "receipt", out.receipt},
	    {"deliveries_total", "refusal", out.refusal},
	    {"deliveries_total", "later", out.later},
	    {"deliveries_total", "transport", out.transport},
	    {"deliveries_total", "no-answer", out.no_answer},
	    {"deliveries_total", "false-answer", out.false_answer},
	    {"received_total", "receipt", in.receipted},
	    {"received_total", "refusal", in.refused},
	    {"received_total", "repeated", in.repeated},
	    {"received_total", "later", in.later},
	    {"received_total", "busy", in.busy},
	    {"received_total", "quarantined", in.quarantined},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		put(rows, all[i].metric, (int64_t)all[i].value, "result=%s", all[i].result);
}

static void put_store(struct rxp_buf *rows, struct node *n)
{
	struct db *db = store_db(n->store);
	int64_t at = 0;
	int rc = store_outbox_oldest(db, &at);

	put_age(rows, "outbox_oldest_age_seconds", rc, at);
	rc = store_inbox_oldest(db, STATE_RECEIVED, &at);
	put_age(rows, "inbox_oldest_age_seconds", rc, at);
	put(rows, "store_octets", db_size(db), "%s", "");
	put(rows, "commits_total", (int64_t)store_counts(n->store).commits, "%s", "");
	put(rows, "sealers_lost_total", (int64_t)n->sealers_lost, "%s", "");
	put(rows, "agreement_key_not_after_timestamp_seconds", keys_until_ms(n->keys) / 1000, "%s",
	    "");
}

static const char *health(struct node *n)
{
	uint8_t root[32];

	if (store_failing(n->store))
		return "the database cannot be written";
	if (keys_descriptor(n->keys, root).len == 0)
		return "the own descriptor is not made yet";
	return "";
}

void status_answer(struct node *n, uint64_t request)
{
	struct msg_status_is m = {0};
	struct rxp_buf rows;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	put_messages(&rows, n);
	put_peers(&rows, n);
	put_counters(&rows, n);
	put_store(&rows, n);
	snprintf(m.health, sizeof m.health, "%s", health(n));
	m.result = (uint32_t)rxp_buf_error(&rows);
	m.rows = (struct bytes){.data = rows.data, .len = m.result == 0 ? rows.len : 0};
	link_answer(n->desk_link, IPC_status_is, request, &m, NULL, 0);
	rxp_buf_free(&rows);
}
