/*
 * Goals, for every row of message.def: what people write is checked, closed and opened at the other State; what the node
 * writes it closes from a record, and the other one opens; no desk writes that, and no record says the other.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include <dirent.h>

#include "daemon/sealer/check.h"
#include "daemon/sealer/node_content.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"

/* QRB has every level. */
static int set_up(void **state)
{
	set_up_strangers(state);
	b.node->own->identity.levels = (1u << RXP_LEVEL_COUNT) - 1;
	introduce(&a, &b, 1, 0);
	introduce(&b, &a, 1, 0);
	return 0;
}

static struct msg_close order(enum rxp_type type, struct bytes draft)
{
	const struct rxp_type_row *row = rxp_type_row(type);
	struct msg_close q = case_close(&a, &b, row->wire, draft);

	q.in_case = row->scope == RXP_SCOPE_CASE;
	if (q.in_case == 0)
		q.position = q.has_previous = q.has_seen = 0;
	if (row->asking_office[0] != '\0') {
		snprintf(q.from_office, sizeof q.from_office, "%s", row->asking_office);
		snprintf(q.to_office, sizeof q.to_office, "%s", row->asked_office);
	}
	return q;
}

/* Closed by QRA, opened by QRB without a refusal. */
static void assert_travels(enum rxp_type type, struct bytes draft, int64_t at_ms)
{
	struct msg_close q = order(type, draft);
	struct msg_open open = {.register_number = 1, .party = "QRA", .received_ms = at_ms};
	struct reply out, in;

	q.created_ms = at_ms;
	q.expires_ms = at_ms + 1000;
	reply_init(&out);
	reply_init(&in);
	assert_int_equal(close_handle(a.node, &q, &out), 0);
	if (out.body.closed.result != 0)
		fail_msg("%s does not close: %d", q.type, (int)out.body.closed.result);
	open.envelope = out.body.closed.envelope;
	assert_int_equal(open_handle(b.node, &open, &in), 0);
	assert_int_equal(in.body.opened.result, 0);
	if (in.body.opened.refusal != 0)
		fail_msg("%s is refused: %u", q.type, (unsigned)in.body.opened.refusal);
	assert_string_equal(in.body.opened.type, q.type);
	reply_clear(&in);
	reply_clear(&out);
}

/* RXP-DOC-004: a type of a level that QRB does not declare is none that it takes. */
static void of_no_level(void **state)
{
	struct msg_close q = order(RXP_TYPE_PING, (struct bytes){NULL, 0});
	struct msg_open open = {.register_number = 1, .party = "QRA", .received_ms = NOW_MS};
	const unsigned levels = b.node->own->identity.levels;
	struct reply out, in;

	(void)state;
	assert_travels(RXP_TYPE_PING, (struct bytes){NULL, 0}, NOW_MS);
	q.created_ms = NOW_MS;
	q.expires_ms = NOW_MS + 1000;
	reply_init(&out);
	reply_init(&in);
	assert_int_equal(close_handle(a.node, &q, &out), 0);
	open.envelope = out.body.closed.envelope;
	b.node->own->identity.levels = levels & ~(1u << rxp_type_row(RXP_TYPE_PING)->level);
	assert_int_equal(open_handle(b.node, &open, &in), 0);
	b.node->own->identity.levels = levels;
	assert_int_equal(in.body.opened.refusal, 1 + RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(in.body.opened.wrapped_key.len, 0);
	reply_clear(&in);
	reply_clear(&out);
}

/* --- what people write ---------------------------------------------------------------------------- */

/* When the document that has this example as its content was made: of the lines whose name it begins with, the longest. */
static int64_t created_of(const char *file)
{
	FILE *lines = fopen("spec/examples/created.txt", "r");
	char name[64], time[RXP_TIME_TEXT];
	size_t best = 0;
	int64_t ms = 0;

	assert_non_null(lines);
	while (fscanf(lines, "%63s %24s", name, time) == 2) {
		size_t n = strcmp(name, "*") == 0 ? 0 : strlen(name);

		if ((n == 0 && ms == 0) || (n > best && strncmp(file, name, n) == 0)) {
			assert_int_equal(rxp_time_parse(&ms, time), 0);
			best = n;
		}
	}
	fclose(lines);
	return ms;
}

/* Take the elements of this name out. */
static void cut_elements(struct rxp_buf *octets, const char *name)
{
	char begin[64], end[64];
	uint8_t *from, *to;

	snprintf(begin, sizeof begin, "<%s>", name);
	snprintf(end, sizeof end, "</%s>", name);
	while ((from = memmem(octets->data, octets->len, begin, strlen(begin))) != NULL) {
		to = memmem(from, octets->len - (size_t)(from - octets->data), end, strlen(end));
		assert_non_null(to);
		to += strlen(end);
		memmove(from, to, octets->len - (size_t)(to - octets->data));
		octets->len -= (size_t)(to - from);
	}
}

/* Check it as it was written then, without its attachments; if it is of a type that people write and may be sent so, it
 * travels. *type: of which it is. */
static bool travels(enum rxp_type *type, const char *file)
{
	struct rxp_buf octets = example(file);
	int64_t at_ms = created_of(file);
	struct msg_check q;
	struct reply checked;
	bool sent, needs_office; /* QRB has none that could open it: it is only checked */

	cut_elements(&octets, "Attachment");
	cut_elements(&octets, "Photograph");
	cut_elements(&octets, "ForHealth");
	needs_office = memmem(octets.data, octets.len, "<ForSocial", 10) != NULL;
	q = content_check(reply_bytes(&octets), (struct bytes){NULL, 0});
	q.now_ms = at_ms;
	reply_init(&checked);
	assert_int_equal(check_handle(a.node, &q, &checked), 0);
	sent = checked.body.checked.result == 0;
	if (sent) {
		assert_int_equal(rxp_type_parse(type, checked.body.checked.type), 0);
		if (!needs_office)
			assert_travels(*type, checked.body.checked.draft, at_ms);
	}
	reply_clear(&checked);
	rxp_buf_free(&octets);
	return sent;
}

static void by_people(void **state)
{
	DIR *d = opendir("spec/examples");
	bool seen[RXP_TYPE_COUNT] = {false};
	const struct dirent *e;
	enum rxp_type type;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".xml") != NULL && strstr(e->d_name, "envelope") == NULL &&
		    travels(&type, e->d_name))
			seen[type] = true;
	closedir(d);
	for (int t = 0; t < RXP_TYPE_COUNT; t++)
		if (seen[t] != rxp_type_row((enum rxp_type)t)->collected)
			fail_msg("%s %s", rxp_type_row((enum rxp_type)t)->wire,
			    seen[t] ? "is taken from the desk" : "cannot be sent");
}

/* --- what the node writes ------------------------------------------------------------------------- */

static struct rxp_buf record_of(enum rxp_type type)
{
	struct rec_node_handed_over handed_over = {.document = {1}};
	struct rec_node_void names = {.fingerprint = {1}};
	struct rec_node_attachments attachments = {.fingerprint = {1}, .complete_ms = NOW_MS};
	struct rec_node_outage outage = {.from_ms = NOW_MS};
	struct rec_node_history_request request = {.cases = {NULL, 0}};
	struct rec_node_history_copy copy = {.number = 1, .last = 1};
	struct rxp_buf list;

	assert_int_equal(rxp_id_make_v7(copy.request, NOW_MS, &a.node->random), 0);
	assert_int_equal(rxp_id_make_v7(names.message_id, NOW_MS, &a.node->random), 0);
	memcpy(attachments.message_id, names.message_id, sizeof attachments.message_id);
	assert_int_equal(rxp_id_make_v4(outage.outage_id, &a.node->random), 0);
	rxp_buf_init(&list, 4096);
	if (type == RXP_TYPE_HANDED_OVER)
		record_list_put(
		    &list, REC_node_handed_over, &record_node_handed_over, &handed_over);
	else if (type == RXP_TYPE_VOID)
		record_list_put(&list, REC_node_void, &record_node_void, &names);
	else if (type == RXP_TYPE_ATTACHMENTS_RECEIVED)
		record_list_put(
		    &list, REC_node_attachments, &record_node_attachments, &attachments);
	else if (type == RXP_TYPE_NODE_NOTICE)
		record_list_put(&list, REC_node_outage, &record_node_outage, &outage);
	else if (type == RXP_TYPE_HISTORY_REQUEST)
		record_list_put(
		    &list, REC_node_history_request, &record_node_history_request, &request);
	else if (type == RXP_TYPE_HISTORY_COPY)
		record_list_put(&list, REC_node_history_copy, &record_node_history_copy, &copy);
	assert_int_equal(rxp_buf_error(&list), 0);
	return list;
}

static void by_the_node(void **state)
{
	(void)state;
	for (int t = 0; t < RXP_TYPE_COUNT; t++) {
		enum rxp_type type = (enum rxp_type)t;
		struct rxp_buf list = record_of(type), out;
		int rc;

		rxp_buf_init(&out, 4096);
		rc = node_content_write(&out, a.node, type, reply_bytes(&list));
		if (rxp_type_row(type)->collected) {
			assert_int_equal(rc, RXP_ERR_STATE);
			assert_false(node_content_is_read(type));
		} else {
			assert_int_equal(rc, 0);
			assert_int_equal(node_content_is_read(type),
			    rxp_type_row(type)->scope == RXP_SCOPE_NODE);
			assert_travels(type, reply_bytes(&list), NOW_MS);
		}
		rxp_buf_free(&out);
		rxp_buf_free(&list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_no_level),
	    cmocka_unit_test(by_people),
	    cmocka_unit_test(by_the_node),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
