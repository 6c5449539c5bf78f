/*
 * a DataCorrection that is carried out: what it asks for is read from what is stored, and no box of an item opens as that of another;
 * content is read with what was corrected, and what stood there is told with it; only with the corrections that the ticket
 * names, all of them and as they were; what is sealed is not given out whole when something of it is not shown.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_fixture.h"

#include "daemon/base/clock.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/close.h"
#include "daemon/sealer/corrections.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/open.h"
#include "daemon/sealer/ticket.h"
#include "protocol/case/correction.h"
#include "protocol/init.h"

#define ITEMS_MAX 8
#define CORRECTION "DataCorrection"
#define LIFE_MS 60000

static struct test_state a, b;

/* Closed by QRA: an application of a family, and the correction of it. */
static struct reply application, correction;
static const uint8_t correction_id[16] = {4};

static void close_example(
    struct reply *closed, const char *name, const char *type, struct bytes attachments)
{
	struct rxp_buf octets = example(name);
	struct msg_check check = content_check(reply_bytes(&octets), attachments);
	struct reply checked;
	struct msg_close q;

	reply_init(&checked);
	assert_int_equal(check_handle(a.node, &check, &checked), 0);
	assert_int_equal(checked.body.checked.result, 0);
	q = case_close(&a, &b, type, checked.body.checked.draft);
	reply_init(closed);
	assert_int_equal(close_handle(a.node, &q, closed), 0);
	assert_int_equal(closed->body.closed.result, 0);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	state_new(&b, "QRB");
	introduce(&a, &b, 1, 0);
	introduce(&b, &a, 1, 0);
	close_example(&application, "application-single.xml", "ReadmissionApplication",
	    (struct bytes){NULL, 0});
	close_example(&correction, "data-correction.xml", CORRECTION, (struct bytes){NULL, 0});
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	reply_clear(&application);
	reply_clear(&correction);
	state_free(&a);
	state_free(&b);
	rxp_cleanup();
	return 0;
}

/* --- what it asks for ------------------------------------------------------------------------------ */

static int read_stored(struct reply *reply, const struct reply *closed)
{
	struct msg_read_correction q = {.wrapped_key = closed->body.closed.wrapped_key,
	    .envelope = closed->body.closed.envelope};

	memcpy(q.correction, correction_id, sizeof q.correction);
	reply_init(reply);
	assert_int_equal(corrections_read_handle(a.node, &q, reply), 0);
	return (int)reply->body.correction_read.result;
}

/* The items, with boxes that live as long as the reply. */
static size_t items_of(struct rec_correction_asked items[ITEMS_MAX], const struct reply *reply)
{
	const struct bytes list = reply->body.correction_read.items;
	struct record_cursor c = {.at = list.data, .left = list.len};
	struct bytes fields;
	uint16_t tag;
	size_t n = 0;

	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(tag, REC_correction_asked);
		assert_int_equal(
		    record_decode(&items[n++], &record_correction_asked, fields.data, fields.len),
		    0);
	}
	return n;
}

static void items_are_read(void **state)
{
	struct rec_correction_asked items[ITEMS_MAX];
	struct reply reply;

	(void)state;
	assert_int_equal(read_stored(&reply, &correction), 0);
	assert_int_equal(items_of(items, &reply), 3);
	assert_string_equal(items[0].asked, "rectify");
	assert_string_equal(items[1].asked, "erase");
	assert_string_equal(items[2].asked, "block");
	assert_int_equal(items[0].attachment, 0);
	assert_int_equal(items[2].attachment, 2);
	assert_true(items[0].box.len > 0 && items[1].box.len > 0 && items[2].box.len > 0);
	reply_clear(&reply);
	assert_int_equal(read_stored(&reply, &application), RXP_ERR_UNSUPPORTED);
	assert_int_equal(reply.body.correction_read.items.len, 0);
	reply_clear(&reply);
	a.node->storage.keys[0].octets[0] ^= 1;
	assert_int_equal(read_stored(&reply, &correction), RXP_ERR_DAMAGED);
	a.node->storage.keys[0].octets[0] ^= 1;
	reply_clear(&reply);
}

static void all_has_no_box(void **state)
{
	struct rec_correction_asked items[ITEMS_MAX];
	struct reply closed, reply;

	(void)state;
	close_example(
	    &closed, "data-correction-erase-all.xml", CORRECTION, (struct bytes){NULL, 0});
	assert_int_equal(read_stored(&reply, &closed), 0);
	assert_int_equal(items_of(items, &reply), 1);
	assert_string_equal(items[0].asked, "erase");
	assert_int_equal(items[0].box.len, 0);
	reply_clear(&reply);
	reply_clear(&closed);
}

/* --- what is shown --------------------------------------------------------------------------------- */

/* Lay the texts on the application: made as a correction of them is. */
struct laid {
	const char *done, *field, *value;
	uint32_t item;
};

static void put_part(struct rxp_buf *parts, const struct laid *l)
{
	struct rec_correction_part part = {.from = "QRA", .at_ms = NOW_MS, .item = l->item};
	struct rec_correction_asked items[ITEMS_MAX];
	struct reply closed, reply, checked;
	struct msg_check check;
	struct msg_close q;
	char text[1024];

	snprintf(text, sizeof text,
	    "<DataCorrection xmlns=\"urn:rxp:1:body\"><Document>"
	    "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=</Document><Item number=\"1\">"
	    "<Rectify><Field>%s</Field><Value>%s</Value></Rectify></Item>"
	    "<Reason>inaccurate</Reason></DataCorrection>",
	    l->field, l->value);
	check = content_check(
	    (struct bytes){(const uint8_t *)text, strlen(text)}, (struct bytes){NULL, 0});
	reply_init(&checked);
	assert_int_equal(check_handle(a.node, &check, &checked), 0);
	assert_int_equal(checked.body.checked.result, 0);
	q = case_close(&a, &b, CORRECTION, checked.body.checked.draft);
	reply_init(&closed);
	assert_int_equal(close_handle(a.node, &q, &closed), 0);
	assert_int_equal(read_stored(&reply, &closed), 0);
	assert_int_equal(items_of(items, &reply), 1);
	part.box = items[0].box;
	memcpy(part.correction, correction_id, sizeof part.correction);
	snprintf(part.done, sizeof part.done, "%s", l->done);
	assert_int_equal(
	    record_list_put(parts, REC_correction_part, &record_correction_part, &part), 0);
	reply_clear(&reply);
	reply_clear(&closed);
	reply_clear(&checked);
}

/* read: what the desk gives with the ticket, which is of `parts`. */
static int read_with(struct reply *read, const struct rxp_buf *parts, struct bytes given,
    uint32_t hidden, bool whole)
{
	const struct msg_closed *out = &application.body.closed;
	struct msg_ticket permit = {.user = "reader",
	    .until_ms = clock_mono_ms() + LIFE_MS,
	    .hidden = hidden,
	    .wrapped_key = out->wrapped_key};
	struct msg_read q = {.whole = whole, .envelope = out->envelope, .corrections = given};
	struct reply ticket;

	memcpy(permit.envelope_digest, out->envelope_digest, sizeof permit.envelope_digest);
	assert_int_equal(digest_make(permit.corrections, parts->data, parts->len), 0);
	reply_init(&ticket);
	assert_int_equal(ticket_make_handle(a.node, &permit, &ticket), 0);
	q.ticket = ticket.body.ticket_made.ticket;
	reply_init(read);
	assert_int_equal(ticket_read_handle(a.node, &q, read), 0);
	reply_clear(&ticket);
	return (int)read->body.content.result;
}

static bool has(struct bytes octets, const char *text)
{
	return octets.len > 0 && memmem(octets.data, octets.len, text, strlen(text)) != NULL;
}

static void one_row(struct rec_corrected_row *row, const struct reply *read)
{
	const struct bytes rows = read->body.content.corrected;
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_corrected_row);
	assert_int_equal(record_decode(row, &record_corrected_row, fields.data, fields.len), 0);
	assert_int_equal(record_list_next(&c, &tag, &fields), 0);
}

static void assert_text(struct bytes octets, const char *text)
{
	assert_int_equal(octets.len, strlen(text));
	assert_memory_equal(octets.data, text, octets.len);
}

static void a_value_is_shown(void **state)
{
	static const struct laid laid = {"rectify", "Person/Birth/Date", "1976-03-09", 1};
	struct rec_corrected_row row;
	struct rxp_buf parts;
	struct reply read;

	(void)state;
	rxp_buf_init(&parts, 8192);
	put_part(&parts, &laid);
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 0, false), 0);
	assert_true(has(read.body.content.content, ">1976-03-09</Date>"));
	one_row(&row, &read);
	assert_string_equal(row.from, "QRA");
	assert_string_equal(row.done, "rectify");
	assert_memory_equal(row.correction, correction_id, sizeof row.correction);
	assert_int_equal(row.carried_out_ms, NOW_MS);
	assert_int_equal(row.item, 1);
	assert_int_equal(row.known, 1);
	assert_text(row.field, "Person/Birth/Date");
	assert_text(row.value, "1976-03-09");
	assert_int_equal(row.was.len, strlen("1974-08-12"));
	reply_clear(&read);
	/* nothing is missing, so the original may be had: it is evidence */
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 0, true), 0);
	assert_false(has(read.body.content.content, "1976-03-09"));
	reply_clear(&read);
	/* whoever is hidden is not quoted */
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 1, false), 0);
	assert_int_equal(read.body.content.corrected.len, 0);
	reply_clear(&read);
	rxp_buf_free(&parts);
}

static void what_is_taken_out_is_not_shown(void **state)
{
	static const struct laid laid = {"erase", "Person/Birth/Date", "1976-03-09", 1};
	struct rec_corrected_row row;
	struct rxp_buf parts;
	struct reply read;

	(void)state;
	rxp_buf_init(&parts, 8192);
	put_part(&parts, &laid);
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 0, false), 0);
	assert_false(has(read.body.content.content, "<Birth><Date"));
	one_row(&row, &read);
	assert_int_equal(row.was.len, 0);
	reply_clear(&read);
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 0, true), RXP_ERR_STATE);
	assert_int_equal(read.body.content.content.len, 0);
	reply_clear(&read);
	rxp_buf_free(&parts);
}

/* A desk that leaves out, adds or changes one reads nothing; nor does a box open at the place of another item. */
static void only_those_of_the_ticket(void **state)
{
	struct laid laid = {"erase", "Person/Birth/Date", "1976-03-09", 1};
	struct rxp_buf parts, none;
	struct reply read;

	(void)state;
	rxp_buf_init(&parts, 8192);
	rxp_buf_init(&none, 1);
	put_part(&parts, &laid);
	assert_int_equal(
	    read_with(&read, &parts, (struct bytes){NULL, 0}, 0, false), RXP_ERR_MISMATCH);
	reply_clear(&read);
	assert_int_equal(read_with(&read, &none, reply_bytes(&parts), 0, false), RXP_ERR_MISMATCH);
	reply_clear(&read);
	parts.data[parts.len - 1] ^= 1;
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 0, false), RXP_ERR_DAMAGED);
	assert_int_equal(read.body.content.content.len, 0);
	reply_clear(&read);
	rxp_buf_free(&parts);
	rxp_buf_init(&parts, 8192);
	laid.item = 2; /* the box is of the first */
	put_part(&parts, &laid);
	assert_int_equal(read_with(&read, &parts, reply_bytes(&parts), 0, false), RXP_ERR_DAMAGED);
	reply_clear(&read);
	rxp_buf_free(&parts);
	rxp_buf_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(items_are_read),
	    cmocka_unit_test(all_has_no_box),
	    cmocka_unit_test(a_value_is_shown),
	    cmocka_unit_test(what_is_taken_out_is_not_shown),
	    cmocka_unit_test(only_those_of_the_ticket),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
