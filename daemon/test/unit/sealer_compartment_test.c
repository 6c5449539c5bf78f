/*
 * compartments at a sealer: what a desk gives in plain is told by its office and closed for the first key that
 * the recipient publishes for it; what is encrypted already, or put there twice, is no content of a desk; without
 * a key nothing is closed; a recipient that publishes the key takes it, and refuses what is for another with
 * `office-key`, at its place and without keeping anything; a reader gets the content, or the sealed Document
 * whole, from which the office alone reads what was in it.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/base/clock.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/ticket.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"

#define TRANSFER "TransferNotification"
#define SECRET "wheelchair"
#define PLACE "TransferNotification/Person/ForHealth"
#define LIFE_MS 60000

static bool holds(struct bytes octets, const char *text)
{
	return memmem(octets.data, octets.len, text, strlen(text)) != NULL;
}

/* The example with one text replaced by another; rxp_buf_free() it. */
static struct rxp_buf notification(const char *from, const char *to)
{
	struct rxp_buf octets = example("transfer-notification.xml");
	const uint8_t *at = memmem(octets.data, octets.len, from, strlen(from));
	struct rxp_buf out;
	size_t before;

	assert_non_null(at);
	before = (size_t)(at - octets.data);
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_put(&out, octets.data, before);
	rxp_buf_puts(&out, to);
	assert_int_equal(
	    rxp_buf_put(&out, at + strlen(from), octets.len - before - strlen(from)), 0);
	rxp_buf_free(&octets);
	return out;
}

static int check_at_a(struct reply *checked, const struct rxp_buf *octets)
{
	struct msg_check q = content_check(reply_bytes(octets), (struct bytes){0});

	q.now_ms =
	    INT64_C(1797000000000); /* 2026-12-11, a day after the attestations of the example */
	reply_init(checked);
	assert_int_equal(check_handle(a.node, &q, checked), 0);
	return (int)checked->body.checked.result;
}

static int close_later(struct reply *closed, const struct reply *checked)
{
	struct msg_close q = case_close(&a, &b, TRANSFER, checked->body.checked.draft);

	q.created_ms = INT64_C(1797000000000);
	q.expires_ms = q.created_ms + LIFE_MS;
	reply_init(closed);
	assert_int_equal(close_handle(a.node, &q, closed), 0);
	return (int)closed->body.closed.result;
}

static void open_later(struct reply *opened, struct bytes envelope)
{
	struct msg_open q = {.register_number = 1,
	    .party = "QRA",
	    .received_ms = INT64_C(1797000001000),
	    .envelope = envelope};

	reply_init(opened);
	assert_int_equal(open_handle(b.node, &q, opened), 0);
	assert_int_equal(opened->body.opened.result, 0);
}

/* What a ticket of QRB reads of it; whole: the sealed Document. */
static int try_at_b(struct reply *content, const struct reply *opened, struct bytes envelope,
    bool whole, uint32_t hidden)
{
	const struct msg_opened *o = &opened->body.opened;
	struct msg_ticket t = {
	    .until_ms = clock_mono_ms() + LIFE_MS, .hidden = hidden, .wrapped_key = o->wrapped_key};
	struct msg_read q = {.envelope = envelope, .whole = whole};
	struct reply made;

	memcpy(t.envelope_digest, o->envelope_digest, sizeof t.envelope_digest);
	assert_int_equal(digest_make(t.corrections, NULL, 0), 0); /* there are none */
	reply_init(&made);
	assert_int_equal(ticket_make_handle(b.node, &t, &made), 0);
	q.ticket = made.body.ticket_made.ticket;
	reply_init(content);
	assert_int_equal(ticket_read_handle(b.node, &q, content), 0);
	reply_clear(&made);
	return (int)content->body.content.result;
}

static void read_at_b(
    struct reply *content, const struct reply *opened, struct bytes envelope, bool whole)
{
	assert_int_equal(try_at_b(content, opened, envelope, whole, 0), 0);
}

/* --- the desk of the sender -------------------------------------------------------------------- */

static void the_offices_are_told(void **state)
{
	static const struct {
		const char *name;
		unsigned offices;
	} rows[] = {
	    {"transfer-notification.xml", 1u << RXP_COMPARTMENT_HEALTH},
	    {"transfer-notification-own-document.xml", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf octets = example(rows[i].name);
		struct reply checked;

		assert_int_equal(check_at_a(&checked, &octets), 0);
		assert_int_equal(checked.body.checked.offices, rows[i].offices);
		reply_clear(&checked);
		rxp_buf_free(&octets);
	}
}

static void a_desk_gives_what_is_plain(void **state)
{
	static const char encrypted[] =
	    "<ForHealth><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"/></ForHealth>";
	struct rxp_buf octets = notification("<Luggage>1</Luggage>", encrypted);
	struct record_cursor cursor;
	struct rec_violation v;
	struct reply checked;
	struct bytes fields;
	uint16_t tag;

	(void)state;
	assert_int_equal(check_at_a(&checked, &octets), RXP_ERR_SCHEMA);
	assert_int_equal(checked.body.checked.draft.len, 0);
	cursor = (struct record_cursor){
	    checked.body.checked.violations.data, checked.body.checked.violations.len};
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_string_equal(v.requirement, "RXP-CMP-005");
	assert_memory_equal(v.path.data, "TransferNotification/Person[2]/ForHealth", v.path.len);
	assert_true(v.line > 0);
	assert_int_equal(cursor.left, 0);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

/* --- on the way ---------------------------------------------------------------------------------- */

static void the_office_alone_reads_it(void **state)
{
	const struct rxp_cert *cert = a.node->cert;
	struct rxp_buf octets = example("transfer-notification.xml");
	struct reply checked, closed, opened, content, whole;
	struct rxp_document *d = NULL;
	struct rxp_buf plain;
	struct rxp_binding binding;

	(void)state;
	assert_int_equal(check_at_a(&checked, &octets), 0);
	assert_int_equal(close_later(&closed, &checked), 0);
	open_later(&opened, closed.body.closed.envelope);
	assert_int_equal(opened.body.opened.refusal, 0);

	read_at_b(&content, &opened, closed.body.closed.envelope, false);
	assert_true(holds(content.body.content.content, "<ForHealth><xenc:EncryptedData"));
	assert_true(holds(content.body.content.content, "Specimen City Airport"));
	assert_false(holds(content.body.content.content, SECRET));
	read_at_b(&whole, &opened, closed.body.closed.envelope, true);
	assert_false(holds(whole.body.content.content, SECRET));

	assert_int_equal(rxp_document_open(&d, whole.body.content.content.data,
			     whole.body.content.content.len, NULL, &cert, 1),
	    0);
	binding = (struct rxp_binding){d->header.outer.from, d->header.outer.to, d->salt};
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_compartments_open(&plain, d->xml, d->content, &binding, c.health),
	    RXP_ERR_NOT_FOUND);
	assert_int_equal(rxp_compartments_open(&plain, d->xml, d->content, &binding, b.health), 0);
	assert_true(holds(reply_bytes(&plain), SECRET));
	rxp_buf_free(&plain);
	rxp_document_free(d);
	reply_clear(&whole);
	reply_clear(&content);
	reply_clear(&opened);
	reply_clear(&closed);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

/* RXP-RET-006: what is sealed names everybody, so that it is not given when somebody is not to be shown. */
static void nobody_is_left_out_of_what_is_sealed(void **state)
{
	struct rxp_buf octets = example("transfer-notification.xml");
	struct reply checked, closed, opened, content;
	struct bytes envelope;

	(void)state;
	assert_int_equal(check_at_a(&checked, &octets), 0);
	assert_int_equal(close_later(&closed, &checked), 0);
	envelope = closed.body.closed.envelope;
	open_later(&opened, envelope);
	assert_int_equal(try_at_b(&content, &opened, envelope, true, 1), RXP_ERR_STATE);
	assert_int_equal(content.body.content.content.len, 0);
	reply_clear(&content);
	assert_int_equal(try_at_b(&content, &opened, envelope, false, 1), 0);
	assert_false(holds(content.body.content.content, "key=\"P1\""));
	reply_clear(&content);
	reply_clear(&opened);
	reply_clear(&closed);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

static void without_a_key_nothing_is_closed(void **state)
{
	struct rxp_buf octets = example("transfer-notification.xml");
	struct rxp_buf rows;
	struct reply checked, closed;
	int fd;

	(void)state;
	assert_int_equal(check_at_a(&checked, &octets), 0);
	rxp_buf_init(&rows, REGISTER_MAX_OCTETS);
	put_head(&rows, "QRA", 2);
	put_peer(&rows, &b, 0);
	put_office_keys(&rows, &c); /* of another State */
	fd = memory_file(&rows, ALL_SEALS);
	assert_int_equal(register_use(a.node->peers, fd, 2), 0);
	close(fd);
	assert_int_equal(close_later(&closed, &checked), RXP_ERR_KEY);
	assert_int_equal(closed.body.closed.envelope.len, 0);
	reply_clear(&closed);
	introduce(&a, &b, 3, 0);
	assert_int_equal(close_later(&closed, &checked), 0);
	reply_clear(&closed);
	reply_clear(&checked);
	rxp_buf_free(&rows);
	rxp_buf_free(&octets);
}

/* The same octets, before and after QRB has another key of its health office. */
static void a_key_that_is_not_listed_is_refused(void **state)
{
	struct rxp_office_keys *own = &b.node->own->identity.office_keys;
	struct rxp_buf octets = example("transfer-notification.xml");
	struct rxp_office_key listed = own->key[0];
	struct reply checked, closed, opened;
	const struct msg_opened *o = &opened.body.opened;

	(void)state;
	assert_int_equal(check_at_a(&checked, &octets), 0);
	assert_int_equal(close_later(&closed, &checked), 0);
	open_later(&opened, closed.body.closed.envelope);
	assert_int_equal(o->refusal, 0);
	assert_true(o->wrapped_key.len > 0);
	reply_clear(&opened);

	own->key[0] = c.node->own->identity.office_keys.key[0];
	open_later(&opened, closed.body.closed.envelope);
	own->key[0] = listed;
	assert_int_equal(o->refusal, 1 + RXP_REFUSAL_OFFICE_KEY);
	assert_int_equal(o->opened, 1);
	assert_int_equal(o->place.len, strlen(PLACE));
	assert_memory_equal(o->place.data, PLACE, o->place.len);
	assert_int_equal(o->wrapped_key.len, 0);
	assert_int_equal(o->facts.len, 0);
	reply_clear(&opened);
	reply_clear(&closed);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_offices_are_told),
	    cmocka_unit_test(a_desk_gives_what_is_plain),
	    cmocka_unit_test(the_office_alone_reads_it),
	    cmocka_unit_test(nobody_is_left_out_of_what_is_sealed),
	    cmocka_unit_test(without_a_key_nothing_is_closed),
	    cmocka_unit_test(a_key_that_is_not_listed_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up_peers, tear_down);
}
