/*
 * Goals of pages of logs at the sealers (RXP-LOG-005, RXP-LOG-009): what QRB seals of its log for QRA, QRA reads with the
 * same numbers and entries; another State's page, and one that is for another State, are mismatches; a page that breaks
 * the rules is not sealed; a request that a correct client does not make ends the sealer.
 *
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/base/record.h"
#include "daemon/sealer/logpage.h"
#include "protocol/log/logpage.h"

#define ENTRIES 3

static struct rxp_buf rows;

static struct msg_seal_log_page page(void)
{
	struct msg_seal_log_page q = {.peer = "QRA",
	    .created_ms = NOW_MS,
	    .log_id = {9, 8, 7, 6, 5, 4, 0x40, 2, 0x80},
	    .count = 70,
	    .after = 12};

	memset(q.head, 1, sizeof q.head);
	memset(q.after_head, 2, sizeof q.after_head);
	rxp_buf_free(&rows);
	rxp_buf_init(&rows, 65536);
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct rec_log_entry e = {.message_id = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80},
		    .received_ms = NOW_MS + i,
		    .outcome = i == 1 ? RXP_OUTCOME_REFUSAL : RXP_OUTCOME_RECEIPT};

		e.message_id[15] = (uint8_t)i;
		memset(e.fingerprint, (int)(3 + i), sizeof e.fingerprint);
		record_list_put(&rows, REC_log_entry, &record_log_entry, &e);
	}
	q.rows = reply_bytes(&rows);
	return q;
}

static int seal_at(struct test_state *s, const struct msg_seal_log_page *q, struct reply *sealed)
{
	reply_init(sealed);
	assert_int_equal(logpage_seal_handle(s->node, q, sealed), 0);
	return (int)sealed->body.log_page_sealed.result;
}

static int check_at_a(const char *peer, const struct reply *sealed, struct reply *checked)
{
	struct msg_check_log_page q = {
	    .register_number = 1, .octets = sealed->body.log_page_sealed.octets};

	snprintf(q.peer, sizeof q.peer, "%s", peer);
	reply_init(checked);
	assert_int_equal(logpage_check_handle(a.node, &q, checked), 0);
	return (int)checked->body.log_page_checked.result;
}

static void round_trip(void **state)
{
	struct msg_seal_log_page q = page();
	const struct msg_log_page_checked *said;
	struct reply sealed, checked;

	(void)state;
	assert_int_equal(seal_at(&b, &q, &sealed), 0);
	assert_int_equal(check_at_a("QRB", &sealed, &checked), 0);
	said = &checked.body.log_page_checked;
	assert_int_equal(said->created_ms, NOW_MS);
	assert_memory_equal(said->log_id, q.log_id, sizeof q.log_id);
	assert_int_equal(said->count, 70);
	assert_int_equal(said->after, 12);
	assert_memory_equal(said->head, q.head, sizeof q.head);
	assert_memory_equal(said->after_head, q.after_head, sizeof q.after_head);
	assert_int_equal(said->rows.len, q.rows.len);
	assert_memory_equal(said->rows.data, q.rows.data, q.rows.len);
	reply_clear(&checked);
	reply_clear(&sealed);
}

static void whose_it_is(void **state)
{
	struct msg_seal_log_page q = page();
	struct reply sealed, checked;

	(void)state;
	strcpy(q.peer, "QRC"); /* what QRB keeps for somebody else */
	assert_int_equal(seal_at(&b, &q, &sealed), 0);
	assert_int_equal(check_at_a("QRB", &sealed, &checked), RXP_ERR_MISMATCH);
	reply_clear(&checked);
	reply_clear(&sealed);
	q = page();
	strcpy(q.peer, "QRB"); /* QRA's own page under QRB's name */
	assert_int_equal(seal_at(&a, &q, &sealed), 0);
	assert_int_not_equal(check_at_a("QRB", &sealed, &checked), 0);
	reply_clear(&checked);
	reply_clear(&sealed);
}

static void what_is_none(void **state)
{
	struct msg_seal_log_page q = page();
	struct reply sealed;

	(void)state;
	q.after = 68; /* three entries of two */
	assert_int_equal(seal_at(&b, &q, &sealed), RXP_ERR_SCHEMA);
	reply_clear(&sealed);
	q = page();
	q.rows.len--;
	reply_init(&sealed);
	assert_int_equal(logpage_seal_handle(b.node, &q, &sealed), RXP_ERR_STATE);
	q = page();
	strcpy(q.peer, "qra");
	assert_int_equal(logpage_seal_handle(b.node, &q, &sealed), RXP_ERR_STATE);
	reply_clear(&sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(whose_it_is),
	    cmocka_unit_test(what_is_none),
	};
	int failed = cmocka_run_group_tests(tests, set_up_peers, tear_down);

	rxp_buf_free(&rows);
	return failed;
}
