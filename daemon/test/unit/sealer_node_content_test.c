/*
 * Goals of what the node itself writes: what the registry says in a record closes as the content of its type and
 * opens at the other State with the facts that it means; no other record, no second one and no cut one closes;
 * the desk's check takes no content of such a type.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/sealer/check.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/node_content.h"
#include "protocol/document/document.h"

#define HANDED_OVER "HandedOver"

/* One record as a list; rxp_buf_free() it. */
static struct rxp_buf list_of(uint16_t tag, const void *record)
{
	struct rxp_buf list;

	rxp_buf_init(&list, 4096);
	assert_int_equal(record_list_put(&list, tag, record_type_of(tag), record), 0);
	return list;
}

/* The facts of a HandedOver, as the registry makes them before it is sealed. */
static struct rxp_buf facts_of(const char *event, const uint8_t document[32])
{
	struct rec_fact_all all = {.event = ""};
	struct rec_fact_about about;
	struct rxp_buf list;

	rxp_buf_init(&list, 4096);
	snprintf(all.event, sizeof all.event, "%s", event);
	memcpy(about.document, document, sizeof about.document);
	record_list_put(&list, REC_fact_all, &record_fact_all, &all);
	assert_int_equal(record_list_put(&list, REC_fact_about, &record_fact_about, &about), 0);
	return list;
}

/* RXP-HND-001: by side. */
static void handed_over(void **state)
{
	static const char *const events[] = {"reach-requested-desk", "reach-requesting-desk"};

	(void)state;
	for (uint32_t requesting = 0; requesting < 2; requesting++) {
		struct rec_node_handed_over says = {
		    .document = {7, 1, 2, 3}, .requesting = requesting};
		struct rxp_buf list = list_of(REC_node_handed_over, &says);
		struct rxp_buf facts = facts_of(events[requesting], says.document);
		struct msg_close q = case_close(&a, &b, HANDED_OVER, reply_bytes(&list));
		struct reply out, in;

		assert_int_equal(close_at_a(&out, &q), 0);
		assert_int_equal(out.body.closed.facts.len, facts.len);
		assert_memory_equal(out.body.closed.facts.data, facts.data, facts.len);
		open_at_b(&in, out.body.closed.envelope);
		assert_int_equal(in.body.opened.refusal, 0);
		assert_string_equal(in.body.opened.type, HANDED_OVER);
		assert_int_equal(in.body.opened.facts.len, facts.len);
		assert_memory_equal(in.body.opened.facts.data, facts.data, facts.len);
		reply_clear(&in);
		reply_clear(&out);
		rxp_buf_free(&facts);
		rxp_buf_free(&list);
	}
}

/* The order to close a document outside any case. */
static struct msg_close node_close(const char *type, struct bytes records)
{
	struct msg_close q = case_close(&a, &b, type, records);
	static const struct msg_close none;

	snprintf(q.from_office, sizeof q.from_office, "NODE");
	snprintf(q.to_office, sizeof q.to_office, "NODE");
	q.in_case = 0;
	q.position = 0;
	q.has_previous = q.has_seen = 0;
	memcpy(q.case_id, none.case_id, sizeof q.case_id);
	return q;
}

/* What one node says is what the other hears. */
static void heard(const char *type, uint16_t tag, const void *record)
{
	struct rxp_buf list = list_of(tag, record);
	struct msg_close q = node_close(type, reply_bytes(&list));
	struct reply out, in;

	assert_int_equal(close_at_a(&out, &q), 0);
	open_at_b(&in, out.body.closed.envelope);
	assert_int_equal(in.body.opened.refusal, 0);
	assert_string_equal(in.body.opened.type, type);
	assert_int_equal(in.body.opened.facts.len, list.len);
	assert_memory_equal(in.body.opened.facts.data, list.data, list.len);
	/* RXP-EVI-027 */
	assert_true((in.body.opened.body.len > 0) == (tag == REC_node_erased));
	reply_clear(&in);
	reply_clear(&out);
	rxp_buf_free(&list);
}

static void void_heard(void **state)
{
	struct rec_node_void says = {.fingerprint = {1, 2, 3}};

	(void)state;
	assert_int_equal(rxp_id_make_v7(says.message_id, NOW_MS, &a.node->random), 0);
	heard("Void", REC_node_void, &says);
}

static void outage_heard(void **state)
{
	struct rec_node_outage says = {.from_ms = NOW_MS};

	(void)state;
	assert_int_equal(rxp_id_make_v4(says.outage_id, &a.node->random), 0);
	heard("NodeNotice", REC_node_outage, &says);
	says.until_ms = NOW_MS + 1;
	heard("NodeNotice", REC_node_outage, &says);
	says.ends = 1;
	heard("NodeNotice", REC_node_outage, &says);
}

static void offer_heard(void **state)
{
	static const uint8_t file[] = "<Sealed/>";
	struct rec_node_offer says = {.name = "agreement",
	    .version = "1",
	    .from = "2027-01-01",
	    .file = {.data = file, .len = sizeof file - 1}};

	(void)state;
	assert_int_equal(digest_make(says.digest, file, sizeof file - 1), 0);
	heard("NodeNotice", REC_node_offer, &says);
	says.calendar = 1;
	snprintf(says.name, sizeof says.name, "QRA");
	heard("NodeNotice", REC_node_offer, &says);
}

/* A number, an address or both (RXP-NOT-013). */
static void contact_heard(void **state)
{
	static const char email[] = "node@utopia.example";
	struct rec_node_contact says = {.office = "NODE", .telephone = "+99955505678"};

	(void)state;
	heard("NodeNotice", REC_node_contact, &says);
	says.email = (struct bytes){.data = (const uint8_t *)email, .len = sizeof email - 1};
	heard("NodeNotice", REC_node_contact, &says);
	says.telephone[0] = '\0';
	heard("NodeNotice", REC_node_contact, &says);
}

/* A case and a day, and nothing else (RXP-NOT-014). */
static void erased_heard(void **state)
{
	struct rec_node_erased says = {
	    .case_id = {1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16},
	    .day = "2027-03-01"};

	(void)state;
	heard("NodeNotice", REC_node_erased, &says);
}

/* An end has an Until, not before its From: the schema and RXP-FRM-001 hold for what the node itself writes. */
static void outage_wrong(void **state)
{
	struct rec_node_outage says = {.from_ms = NOW_MS, .ends = 1};

	(void)state;
	assert_int_equal(rxp_id_make_v4(says.outage_id, &a.node->random), 0);
	for (int i = 0; i < 2; i++) {
		struct rxp_buf list = list_of(REC_node_outage, &says);
		struct msg_close q = node_close("NodeNotice", reply_bytes(&list));
		struct reply out;

		assert_int_equal(close_at_a(&out, &q), RXP_ERR_SCHEMA);
		assert_int_equal(out.body.closed.envelope.len, 0);
		reply_clear(&out);
		rxp_buf_free(&list);
		says.until_ms = NOW_MS - 1;
	}
}

/* Each is the right list but for one thing. */
static void other_records(void **state)
{
	const struct rec_node_handed_over says = {.document = {7}};
	const struct rec_fact_about about = {.document = {7}};
	struct rxp_buf good = list_of(REC_node_handed_over, &says);
	struct rxp_buf other = list_of(REC_fact_about, &about);
	struct rxp_buf twice = list_of(REC_node_handed_over, &says);
	const struct bytes cut = {good.data, good.len - 1};
	const struct bytes none = {NULL, 0};
	struct rxp_buf out;

	(void)state;
	assert_int_equal(
	    record_list_put(&twice, REC_node_handed_over, &record_node_handed_over, &says), 0);
	rxp_buf_init(&out, 4096);
#define WRITE(type, bytes) node_content_write(&out, a.node, type, bytes)
	assert_int_equal(WRITE(RXP_TYPE_HANDED_OVER, reply_bytes(&good)), 0);
	assert_int_equal(WRITE(RXP_TYPE_PING, none), 0);
	assert_int_equal(WRITE(RXP_TYPE_HANDED_OVER, reply_bytes(&other)), RXP_ERR_STATE);
	assert_int_equal(WRITE(RXP_TYPE_HANDED_OVER, reply_bytes(&twice)), RXP_ERR_STATE);
	assert_int_equal(WRITE(RXP_TYPE_HANDED_OVER, cut), RXP_ERR_STATE);
	assert_int_equal(WRITE(RXP_TYPE_HANDED_OVER, none), RXP_ERR_STATE);
	assert_int_equal(WRITE(RXP_TYPE_PING, reply_bytes(&good)), RXP_ERR_STATE);
	assert_int_equal(WRITE(RXP_TYPE_WITHDRAWAL, reply_bytes(&good)), RXP_ERR_STATE);
	rxp_buf_free(&out);
	rxp_buf_free(&good);
	rxp_buf_free(&other);
	rxp_buf_free(&twice);
}

/* RXP-DOC-014; its twin is one that people write. */
static void not_by_people(void **state)
{
	static const struct {
		const char *file;
		int want;
	} rows[] = {
	    {"handed-over-requested-desk.xml", RXP_ERR_UNSUPPORTED},
	    {"reminder.xml", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf octets = example(rows[i].file);
		const struct msg_check q =
		    content_check(reply_bytes(&octets), (struct bytes){NULL, 0});
		struct reply reply;

		reply_init(&reply);
		assert_int_equal(check_handle(a.node, &q, &reply), 0);
		assert_int_equal((int)reply.body.checked.result, rows[i].want);
		reply_clear(&reply);
		rxp_buf_free(&octets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(handed_over),
	    cmocka_unit_test(void_heard),
	    cmocka_unit_test(outage_heard),
	    cmocka_unit_test(offer_heard),
	    cmocka_unit_test(contact_heard),
	    cmocka_unit_test(erased_heard),
	    cmocka_unit_test(outage_wrong),
	    cmocka_unit_test(other_records),
	    cmocka_unit_test(not_by_people),
	};

	return cmocka_run_group_tests(tests, set_up_peers, tear_down);
}
