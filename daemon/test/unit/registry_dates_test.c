/*
 * Goals of announcing what ends (RXP-DSC-041), of the node itself and of its peers:
 * - each is said once at each of its marks and at its end, not before and not again; one of which nothing is known says
 *   nothing; a date that moves away is said anew when it comes near;
 * - what a peer's descriptor and connection say of ends is in the figures, in the list for the desk, near when its first
 *   mark has passed, and in the row of the peer; of a distrusted peer nothing is told;
 * - the last key of a peer is announced only if the peer cannot be asked for newer ones, or was in vain.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/base/ending.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/peers/dates.h"
#include "daemon/registry/store/store_peer.h"

#define DAY INT64_C(86400000)
#define NOW INT64_C(1800000000000)

static const int64_t marks[ENDING_COUNT][ENDING_MARKS] = {
#define ENDING(name, word, first, second, third, meaning, after, own, peer) \
	{first, second, third, 0},
#include "daemon/base/ending.def"
#undef ENDING
};

static unsigned said(struct dates *d, int64_t now_ms)
{
	unsigned own = 0, n;
	struct dates copy = *d;

	own = dates_tick(&copy, OWN, true, now_ms);
	n = dates_tick(d, PEER, false, now_ms);
	assert_int_equal(n, own);
	return n;
}

static void test_marks(void **state)
{
	(void)state;
	for (int e = 0; e < ENDING_COUNT; e++) {
		struct dates d = {.until_ms = {0}};

		d.until_ms[e] = NOW;
		for (int k = 0; k < ENDING_MARKS; k++) {
			assert_true(k == 0 || marks[e][k] < marks[e][k - 1]);
			assert_int_equal(said(&d, NOW - marks[e][k] * DAY - 1), 0);
			assert_int_equal(
			    dates_near(&d, (enum ending)e, NOW - marks[e][k] * DAY - 1), k > 0);
			assert_int_equal(said(&d, NOW - marks[e][k] * DAY), 1);
			assert_int_equal(said(&d, NOW - marks[e][k] * DAY), 0);
			assert_true(dates_near(&d, (enum ending)e, NOW - marks[e][k] * DAY));
		}
		assert_int_equal(said(&d, NOW + 900 * DAY), 0);
		d.until_ms[e] = NOW + 2000 * DAY;
		assert_int_equal(said(&d, NOW + 900 * DAY), 0);
		assert_int_equal(said(&d, NOW + 2000 * DAY), 1);
	}
}

/* At a start with several near their end each is said, once. */
static void test_at_once(void **state)
{
	struct dates d = {.until_ms = {[ENDING_SEAL] = NOW + DAY, [ENDING_TLS] = NOW - DAY}};

	(void)state;
	assert_int_equal(said(&d, NOW), 2);
	assert_int_equal(said(&d, NOW), 0);
}

static bool has_figure(
    const struct world_answer *a, const char *metric, const char *label, int64_t value)
{
	struct record_cursor cursor = {.at = a->octets, .left = a->len};
	struct rec_metric_row row;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_metric_row, fields.data, fields.len), 0);
		if (strcmp(row.metric, metric) == 0 && strcmp(row.label, label) == 0)
			return row.value == value;
	}
	return false;
}

#define CERTIFICATE "certificate_not_after_timestamp_seconds"
#define OF_PEER "peer_certificate_not_after_timestamp_seconds"

static const struct world_answer *status(struct world *w)
{
	return world_ask(w, IPC_status, &(struct msg_status){0});
}

static void test_figures(void **state)
{
	struct world *w = *state;

	assert_false(has_figure(status(w), CERTIFICATE, "key=tls", NOW / 1000));
	assembly_tls_until(w->assembly, NOW);
	assert_true(has_figure(status(w), CERTIFICATE, "key=tls", NOW / 1000));
}

static void add_end(struct rxp_buf *rows, const char *what, int64_t until_ms)
{
	struct rec_ending r = {.party = PEER, .until_ms = until_ms};

	snprintf(r.what, sizeof r.what, "%s", what);
	assert_int_equal(record_list_put(rows, REC_ending, &record_ending, &r), 0);
}

/* The peer's descriptor says these ends. */
static struct peer *peer_with_ends(
    struct world *w, int64_t seal_ms, int64_t root_ms, int64_t due_ms)
{
	struct peer *peer = peers_find(w->assembly->peers, PEER);
	struct store_peer row = {.active = true, .identity_serial = peer->identity_serial};
	struct rxp_buf rows;

	rxp_buf_init(&rows, 65536);
	assert_int_equal(rxp_buf_put(&rows, peer->records.data, peer->records.len), 0);
	add_end(&rows, "seal", seal_ms);
	add_end(&rows, "root", root_ms);
	add_end(&rows, "next-root", due_ms);
	memcpy(row.party, PEER, sizeof row.party);
	memcpy(row.root, peer->root, sizeof row.root);
	row.records = (struct bytes){.data = rows.data, .len = rows.len};
	assert_int_equal(peers_take(w->assembly->peers, &row), 0);
	rxp_buf_free(&rows);
	return peer;
}

/* -1: not there. */
static int near_of(const struct world_answer *a, const char *party, const char *what)
{
	struct record_cursor cursor = {.at = a->octets + a->len, .left = a->row_len};
	struct rec_ending_row row;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_ending_row, fields.data, fields.len), 0);
		if (strcmp(row.party, party) == 0 && strcmp(row.what, what) == 0)
			return (int)row.near;
	}
	return -1;
}

static void test_peers(void **state)
{
	struct world *w = *state;
	const int64_t now = clock_wall_ms();
	struct msg_contact contact = {.party = PEER, .until_ms = now + 7 * DAY};
	const struct world_answer *a;
	struct peer *peer;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	peer = peer_with_ends(w, now + 59 * DAY, now + 400 * DAY, now + 31 * DAY);
	assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	pump_for(w->loop, 50);
	a = status(w);
	assert_true(has_figure(a, OF_PEER, "peer=" PEER ",key=seal", (now + 59 * DAY) / 1000));
	assert_true(has_figure(a, OF_PEER, "peer=" PEER ",key=root", (now + 400 * DAY) / 1000));
	assert_true(has_figure(a, OF_PEER, "peer=" PEER ",key=tls", (now + 7 * DAY) / 1000));
	assert_true(has_figure(
	    a, "next_root_due_timestamp_seconds", "party=" PEER, (now + 31 * DAY) / 1000));
	assert_int_equal(near_of(a, PEER, "seal"), 1);
	assert_int_equal(near_of(a, PEER, "tls"), 1);
	assert_int_equal(near_of(a, PEER, "root"), 0);
	assert_int_equal(near_of(a, PEER, "next-root"), 0);
	assert_int_equal(near_of(a, OWN, "seal"), -1);
	/* A part that announces no root any more, and a distrusted peer. */
	peer_with_ends(w, now + 900 * DAY, now + 900 * DAY, 0);
	assert_int_equal(near_of(status(w), PEER, "next-root"), -1);
	assert_int_equal(near_of(status(w), PEER, "seal"), 0);
	peer->active = false;
	assert_int_equal(near_of(status(w), PEER, "seal"), -1);
}

static void test_keys(void **state)
{
	struct world *w = *state;
	struct peers *peers = w->assembly->peers;
	struct peer *peer;
	int64_t until;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	peer = peers_find(peers, PEER);
	until = peers_keys_until_ms(peer);
	assert_true(until > 0);
	peer->no_newer = false;
	peers_tell_ends(peers, until - DAY);
	assert_int_equal(peer->dates.told[ENDING_AGREEMENT], 0);
	peer->no_newer = true; /* it may still answer */
	peer->asked_mono = clock_mono_ms();
	peers_tell_ends(peers, until - DAY);
	assert_int_equal(peer->dates.told[ENDING_AGREEMENT], 0);
	peer->asked_mono -= REGISTRY_ASKED_MS;
	peers_tell_ends(peers, until - 4 * DAY);
	assert_int_equal(peer->dates.told[ENDING_AGREEMENT], 0);
	peers_tell_ends(peers, until - DAY);
	assert_int_equal(peer->dates.told[ENDING_AGREEMENT], 3);
	peer->no_newer = false;
	peer->pulls = true;
	peers_tell_ends(peers, until);
	assert_int_equal(peer->dates.told[ENDING_AGREEMENT], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_at_once),
	    cmocka_unit_test_setup_teardown(test_figures, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_peers, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_keys, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
