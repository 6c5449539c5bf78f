#include "daemon/registry/desk/status.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/metric.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/desk/alarms.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/keeping/rewrap.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/peers/dates.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"

/* The label is "" or key=value pairs, as the table of figures says. */
static void put(struct rxp_buf *rows, enum metric metric, const char *label, int64_t value)
{
	struct rec_metric_row r = {.value = value};

	snprintf(r.metric, sizeof r.metric, "%s", metric_table[metric].name);
	snprintf(r.label, sizeof r.label, "%s", label);
	record_list_put(rows, REC_metric_row, &record_metric_row, &r);
}

static void put_pair(
    struct rxp_buf *rows, enum metric metric, const char *key, const char *word, int64_t value)
{
	char label[RECORD_NAME_MAX];

	snprintf(label, sizeof label, "%s=%s", key, word);
	put(rows, metric, label, value);
}

/* Messages that are not final, by peer and state; what nobody collects is not in the figures. */
static void put_messages(struct rxp_buf *rows, const struct status *of)
{
	char label[RECORD_NAME_MAX];
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(of->peers, i)) != NULL; i++) {
		for (int s = STATE_NONE + 1; s < STATE_COUNT; s++) {
			enum state state = (enum state)s;
			bool out = state_box(state) == STATE_OUTBOX;

			if (peer->counts[s] == 0 || state_final(state))
				continue;
			snprintf(label, sizeof label, "peer=%s,state=%s", peer->party,
			    state_word(state));
			put(rows, out ? METRIC_outbox_messages : METRIC_inbox_messages, label,
			    (int64_t)peer->counts[s]);
		}
	}
}

static int64_t sum(const struct status *of, enum state state)
{
	struct peer *peer;
	uint64_t all = 0;

	for (size_t i = 0; (peer = peers_at(of->peers, i)) != NULL; i++)
		all += peer->counts[state];
	return (int64_t)all;
}

static void put_cases(struct rxp_buf *rows, const struct status *of)
{
	uint64_t open = 0;

	if (store_case_count(store_db(of->node->store), CASES_OPEN, &open) == 0)
		put(rows, METRIC_cases_open, "", (int64_t)open);
	put(rows, METRIC_inbox_unacknowledged, "", sum(of, STATE_RECEIVED));
	put(rows, METRIC_drafts, "", sum(of, STATE_DRAFT));
}

static int put_clock(void *arg, const struct store_clock_count *c)
{
	struct rxp_buf *rows = arg;
	char label[RECORD_NAME_MAX];

	snprintf(label, sizeof label, "clock=%s,peer=%s", rxp_clock_row(c->clock)->word, c->peer);
	put(rows, METRIC_clocks_running, label, (int64_t)c->running);
	put(rows, METRIC_clocks_due, label, (int64_t)c->due);
	put(rows, METRIC_clocks_overdue, label, (int64_t)c->overdue);
	return 0;
}

static void put_clocks(struct rxp_buf *rows, const struct status *of)
{
	int64_t now = clock_wall_ms();

	(void)store_clock_counts(
	    store_db(of->node->store), now, now + REGISTRY_DUE_SOON_MS, put_clock, rows);
}

static void put_peers(struct rxp_buf *rows, const struct status *of)
{
	struct db *db = store_db(of->node->store);
	struct peer *peer;
	int64_t active = 0, distrusted = 0;
	uint64_t octets;

	for (size_t i = 0; (peer = peers_at(of->peers, i)) != NULL; i++) {
		if (peer->active)
			active++;
		else
			distrusted++;
		if (peer->active)
			put_pair(rows, METRIC_peer_key_not_after_timestamp_seconds, "peer",
			    peer->party, peers_keys_until_ms(peer) / 1000);
		if (peer->last_contact_ms != 0)
			put_pair(rows, METRIC_peer_last_contact_timestamp_seconds, "peer",
			    peer->party, peer->last_contact_ms / 1000);
		put_pair(
		    rows, METRIC_log_differences, "peer", peer->party, (int64_t)peer->differences);
		if (peer->compared_ms != 0)
			put_pair(rows, METRIC_log_compared_timestamp_seconds, "peer", peer->party,
			    peer->compared_ms / 1000);
		if (store_peer_octets(db, peer->party, &octets) == 0)
			put_pair(rows, METRIC_peer_octets, "peer", peer->party, (int64_t)octets);
	}
	put(rows, METRIC_peer_octets_max, "", (int64_t)share_octets(of->share));
	put(rows, METRIC_peers, "state=active", active);
	put(rows, METRIC_peers, "state=distrusted", distrusted);
}

static void put_age(struct rxp_buf *rows, enum metric metric, int rc, int64_t since_ms)
{
	int64_t age = clock_wall_ms() - since_ms;

	put(rows, metric, "", rc != 0 || age < 0 ? 0 : age / 1000);
}

static void put_counters(struct rxp_buf *rows, const struct status *of)
{
	struct outbox_counts out = outbox_counted(of->outbox);
	struct admit_counts in = admit_counted(of->admit);
	const struct {
		enum metric metric;
		const char *result;
		uint64_t value;
	} all[] = {
	    {METRIC_deliveries_total, "receipt", out.receipt},
	    {METRIC_deliveries_total, "refusal", out.refusal},
	    {METRIC_deliveries_total, "later", out.later},
	    {METRIC_deliveries_total, "transport", out.transport},
	    {METRIC_deliveries_total, "no-answer", out.no_answer},
	    {METRIC_deliveries_total, "false-answer", out.false_answer},
	    {METRIC_received_total, "receipt", in.receipted},
	    {METRIC_received_total, "refusal", in.refused},
	    {METRIC_received_total, "repeated", in.repeated},
	    {METRIC_received_total, "later", in.later},
	    {METRIC_received_total, "busy", in.busy},
	    {METRIC_received_total, "quarantined", in.quarantined},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		put_pair(rows, all[i].metric, "result", all[i].result, (int64_t)all[i].value);
}

static void put_storage(struct rxp_buf *rows, const struct status *of)
{
	const struct rewrap_state s = rewrap_state(of->rewrap);

	put(rows, METRIC_storage_keys, "", (int64_t)s.epochs);
	put(rows, METRIC_storage_boxes_rewrapped_total, "", (int64_t)s.made);
	put(rows, METRIC_storage_boxes_damaged, "", (int64_t)s.damaged);
}

static void put_store(struct rxp_buf *rows, const struct status *of)
{
	struct db *db = store_db(of->node->store);
	int64_t at = 0;
	int rc = store_outbox_oldest(db, &at);

	put_age(rows, METRIC_outbox_oldest_age_seconds, rc, at);
	rc = store_inbox_oldest(db, STATE_RECEIVED, &at);
	put_age(rows, METRIC_inbox_oldest_age_seconds, rc, at);
	put_storage(rows, of);
	put(rows, METRIC_store_octets, "", db_size(db));
	put(rows, METRIC_commits_total, "", (int64_t)store_counts(of->node->store).commits);
	put(rows, METRIC_sealers_lost_total, "", (int64_t)of->node->sealers_lost);
	if (of->node->seal_in_token)
		put_pair(rows, METRIC_seal_key_usable, "state", token_state_word(of->node->seal),
		    of->node->seal == TOKEN_READY);
	put(rows, METRIC_agreement_key_not_after_timestamp_seconds, "",
	    keys_until_ms(of->keys) / 1000);
}

/* --- what ends ----------------------------------------------------------------------------------- */

static void put_own_end(struct rxp_buf *rows, enum ending e, int64_t until_ms)
{
	put_pair(rows, METRIC_certificate_not_after_timestamp_seconds, "key", ending_word(e),
	    until_ms / 1000);
}

static void put_peer_end(struct rxp_buf *rows, const char *party, enum ending e, int64_t until_ms)
{
	char label[RECORD_NAME_MAX];

	snprintf(label, sizeof label, "peer=%s,key=%s", party, ending_word(e));
	put(rows, METRIC_peer_certificate_not_after_timestamp_seconds, label, until_ms / 1000);
}

/* The figures of a State; agreement keys have theirs. */
static void put_end(
    struct rxp_buf *rows, const char *party, bool own, enum ending e, int64_t until_ms)
{
	if (until_ms == 0 || e == ENDING_AGREEMENT)
		return;
	if (e == ENDING_NEXT_ROOT)
		put_pair(
		    rows, METRIC_next_root_due_timestamp_seconds, "party", party, until_ms / 1000);
	else if (own)
		put_own_end(rows, e, until_ms);
	else
		put_peer_end(rows, party, e, until_ms);
}

typedef void end_fn(
    struct rxp_buf *rows, const char *party, bool own, enum ending e, int64_t until_ms);

static void each_end(struct rxp_buf *rows, const struct status *of, end_fn *fn)
{
	struct peer *peer;

	for (int i = 0; i < ENDING_COUNT; i++)
		fn(rows, of->node->own, true, (enum ending)i, of->dates->until_ms[i]);
	for (size_t k = 0; (peer = peers_at(of->peers, k)) != NULL; k++)
		for (int i = 0; peer->active && i < ENDING_COUNT; i++)
			fn(rows, peer->party, false, (enum ending)i, peer->dates.until_ms[i]);
}

static void put_ending_row(
    struct rxp_buf *rows, const char *party, bool own, enum ending e, int64_t until_ms)
{
	struct rec_ending_row r = {
	    .until_ms = until_ms, .near = ending_passed(e, until_ms - clock_wall_ms()) > 0};

	(void)own;
	if (until_ms == 0)
		return;
	snprintf(r.party, sizeof r.party, "%s", party);
	snprintf(r.what, sizeof r.what, "%s", ending_word(e));
	record_list_put(rows, REC_ending_row, &record_ending_row, &r);
}

/* --- what is not well ---------------------------------------------------------------------------- */

struct standing {
	struct rxp_buf *rows, *figures;
	enum alarm unready; /* the first of the table that keeps the node from being ready */
};

static void put_alarm(void *arg, enum alarm a, const struct peer *peer, uint64_t count)
{
	const struct alarm_words words = alarm_words(a);
	struct standing *s = arg;
	struct rec_alarm_row r = {.count = count};
	char label[RECORD_NAME_MAX];

	snprintf(r.alarm, sizeof r.alarm, "%s", words.word);
	snprintf(r.peer, sizeof r.peer, "%s", peer != NULL ? peer->party : "");
	record_list_put(s->rows, REC_alarm_row, &record_alarm_row, &r);
	snprintf(label, sizeof label, peer != NULL ? "alarm=%s,peer=%s" : "alarm=%s", words.word,
	    r.peer);
	put(s->figures, METRIC_alarms, label, (int64_t)count);
	if (words.unready[0] != '\0' && a < s->unready)
		s->unready = a;
}

/* Some of it does not stand, or nobody can tell whether it does (log_alarm.def). */
static void put_errors(struct rxp_buf *rows)
{
	char name[LOG_NAME_MAX];

	for (int e = 0; e < LOG_EVENTS; e++) {
		uint64_t n = log_errors((enum log_event)e);

		if (n == 0)
			continue;
		log_name(name, (enum log_event)e);
		put_pair(rows, METRIC_errors_total, "event", name, (int64_t)n);
	}
}

/* The seal key comes before what follows from its absence. */
static void say_health(char out[RECORD_NAME_MAX], const struct status *of, enum alarm first)
{
	if (first == ALARM_SEAL_KEY)
		snprintf(out, RECORD_NAME_MAX, "seal key: %s", token_state_meaning(of->node->seal));
	else if (first != ALARM_COUNT)
		snprintf(out, RECORD_NAME_MAX, "%s", alarm_words(first).unready);
}

void status_answer(const struct status *of, uint64_t request)
{
	struct msg_status_is m = {0};
	struct rxp_buf rows, endings, alarms;
	struct standing standing = {&alarms, &rows, ALARM_COUNT};
	int rc;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	rxp_buf_init(&endings, IPC_MESSAGE_MAX / 4);
	rxp_buf_init(&alarms, IPC_MESSAGE_MAX / 8);
	put_messages(&rows, of);
	put_cases(&rows, of);
	put_clocks(&rows, of);
	put_peers(&rows, of);
	put_counters(&rows, of);
	put_store(&rows, of);
	each_end(&rows, of, put_end);
	each_end(&endings, of, put_ending_row);
	alarms_each(of, put_alarm, &standing);
	put_errors(&rows);
	say_health(m.health, of, standing.unready);
	rc = rxp_buf_error(&rows);
	rc = rc != 0 ? rc : rxp_buf_error(&endings);
	rc = rc != 0 ? rc : rxp_buf_error(&alarms);
	m.result = (uint32_t)rc;
	if (rc == 0) {
		m.rows = (struct bytes){.data = rows.data, .len = rows.len};
		m.endings = (struct bytes){.data = endings.data, .len = endings.len};
		m.alarms = (struct bytes){.data = alarms.data, .len = alarms.len};
	}
	link_answer(of->node->desk, IPC_status_is, request, &m, NULL, 0);
	rxp_buf_free(&rows);
	rxp_buf_free(&endings);
	rxp_buf_free(&alarms);
}
