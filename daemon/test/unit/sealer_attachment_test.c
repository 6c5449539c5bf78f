/*
 * attachments from the desk of QRA to that of QRB: keys, segments, the manifest that closes and opens
 * with the document, tickets of both sides and the files again; whatever is changed on that way, a
 * key, its box, a segment, its place, its end, a ticket or its time, lets nothing out; a key of one
 * use serves no other; a document closes only with rows and keys that are right, and opens with what
 * it was closed with.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_attachment_rig.h"

#include <time.h>

#include "daemon/sealer/digest.h"
#include "daemon/sealer/ticket.h"

#define TIMED_SEGMENTS 256

/* --- the whole way --------------------------------------------------------------------------- */

static void manifest_travels(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		const struct rec_attachment_row *in = &received[i];

		assert_int_equal(in->number, i + 1);
		assert_string_equal(in->type, rows[i].type);
		assert_string_equal(in->media_type, rows[i].media_type);
		assert_int_equal(in->length, rows[i].length);
		assert_int_equal(in->ciphertext_length, ciphers[i].len);
		assert_memory_equal(in->file_digest, rows[i].file_digest, 32);
		assert_memory_equal(in->ciphertext_digest, rows[i].ciphertext_digest, 32);
		assert_string_equal(in->checked_by, rows[i].checked_by);
		assert_int_not_equal(in->key.len, 0);
	}
}

static void assert_file(const struct test_state *s, struct bytes key, size_t i)
{
	size_t n = segments_of(lengths[i]);
	struct reply ticket;

	assert_int_equal(ticket_at(&ticket, s, key, (unsigned)i + 1, LIFE_MS), 0);
	assert_in_range(
	    ticket.body.attachment_ticketed.ticket.len, BOX_OVERHEAD_OCTETS, TICKET_MAX_OCTETS);
	for (size_t j = 0; j < n; j++) {
		struct bytes want = segment_of(plain, lengths[i], SEGMENT, j);
		struct bytes got;
		struct reply r;

		assert_int_equal(
		    open_at(&r, s, ticket.body.attachment_ticketed.ticket, j, j + 1 == n,
			segment_of(ciphers[i].data, ciphers[i].len, SEALED, j)),
		    0);
		got = r.body.segment_opened.octets;
		assert_int_equal(got.len, want.len);
		if (got.len > 0)
			assert_memory_equal(got.data, want.data, got.len);
		reply_clear(&r);
	}
	reply_clear(&ticket);
}

static void both_sides_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		assert_file(&a, rows[i].key, i);
		assert_file(&b, received[i].key, i);
	}
}

/* The boxes show nothing, and no two keys are one. */
static void keys_are_fresh(void **state)
{
	struct rec_attachment_row twice[FILES];

	(void)state;
	for (size_t i = 0; i < FILES; i++)
		assert_int_equal(rows[i].key.len, BOX_OVERHEAD_OCTETS + RXP_ATTACHMENT_KEY_OCTETS);
	/* One key for two files is what the schema of the manifest refuses (RXP-ATT-004). */
	memcpy(twice, rows, sizeof twice);
	twice[1].key = twice[0].key;
	assert_close_with(twice, FILES, RXP_ERR_SCHEMA);
}

/* --- what is changed on the way -------------------------------------------------------------- */

/* A ticket of QRB for one file, and whether it opens these octets as this segment. */
static void assert_opens(unsigned number, const struct test_state *s, uint64_t counter, bool last,
    struct bytes octets, int want)
{
	struct reply ticket;

	assert_int_equal(ticket_at(&ticket, &b, received[number - 1].key, number, LIFE_MS), 0);
	assert_open_at(s, ticket.body.attachment_ticketed.ticket, counter, last, octets, want);
	reply_clear(&ticket);
}

static void wrong_segments(void **state)
{
	struct bytes first = segment_of(ciphers[0].data, ciphers[0].len, SEALED, 0);
	struct bytes second = segment_of(ciphers[0].data, ciphers[0].len, SEALED, 1);
	struct bytes third = segment_of(ciphers[0].data, ciphers[0].len, SEALED, 2);
	struct bytes cut = third;

	(void)state;
	assert_opens(1, &b, 0, false, first, 0);
	assert_opens(1, &b, 2, true, third, 0);
	assert_opens(1, &b, 0, true, first, RXP_ERR_DECRYPT);
	assert_opens(1, &b, 2, false, third, RXP_ERR_DECRYPT);
	assert_opens(1, &b, 1, false, first, RXP_ERR_DECRYPT);
	assert_opens(1, &b, 0, false, second, RXP_ERR_DECRYPT);
	assert_opens(2, &b, 0, false, first, RXP_ERR_DECRYPT);
	cut.len--;
	assert_opens(1, &b, 2, true, cut, RXP_ERR_DECRYPT);
	assert_opens(1, &b, 2, true, none, RXP_ERR_DECRYPT);
	ciphers[0].data[100] ^= 1;
	assert_opens(1, &b, 0, false, first, RXP_ERR_DECRYPT);
	ciphers[0].data[100] ^= 1;
	assert_opens(1, &b, 0, false, first, 0);
}

static void wrong_tickets(void **state)
{
	struct bytes empty = reply_bytes(&ciphers[2]);
	struct reply made;
	struct bytes ticket;

	(void)state;
	assert_opens(3, &a, 0, true, empty, RXP_ERR_SEAL); /* another set's */
	assert_int_equal(ticket_at(&made, &b, received[2].key, 3, LIFE_MS), 0);
	ticket = made.body.attachment_ticketed.ticket;
	for (size_t i = 0; i < ticket.len; i++) {
		made.octets[0].data[i] ^= 1;
		assert_open_at(&b, ticket, 0, true, empty, RXP_ERR_SEAL);
		made.octets[0].data[i] ^= 1;
	}
	assert_open_at(&b, none, 0, true, empty, RXP_ERR_SEAL);
	assert_open_at(&b, received[2].key, 0, true, empty, RXP_ERR_SEAL);
	assert_open_at(&b, ticket, 0, true, empty, 0);
	reply_clear(&made);
}

static void only_in_its_time(void **state)
{
	struct reply made;

	(void)state;
	assert_int_equal(ticket_at(&made, &b, received[2].key, 3, 0), 0);
	assert_open_at(&b, made.body.attachment_ticketed.ticket, 0, true, reply_bytes(&ciphers[2]),
	    RXP_ERR_TIMEOUT);
	reply_clear(&made);
	assert_int_equal(
	    ticket_at(&made, &b, received[2].key, 3, TICKET_LIFE_MAX_MS + 10000), RXP_ERR_BOUND);
	reply_clear(&made);
}

/* A ticket for a message opens no attachment, and the other way round. */
static void tickets_of_one_use(void **state)
{
	struct msg_ticket q = {
	    .until_ms = clock_mono_ms() + LIFE_MS, .wrapped_key = opened.body.opened.wrapped_key};
	struct msg_read read = {.envelope = closed.body.closed.envelope};
	struct reply of_message;
	struct reply of_file;
	struct reply r;

	(void)state;
	memcpy(q.envelope_digest, opened.body.opened.envelope_digest, 32);
	assert_int_equal(digest_make(q.corrections, NULL, 0), 0); /* there are none */
	reply_init(&of_message);
	assert_int_equal(ticket_make_handle(b.node, &q, &of_message), 0);
	assert_int_equal(ticket_at(&of_file, &b, received[2].key, 3, LIFE_MS), 0);
	assert_open_at(&b, of_message.body.ticket_made.ticket, 0, true, reply_bytes(&ciphers[2]),
	    RXP_ERR_SEAL);
	reply_init(&r);
	read.ticket = of_file.body.attachment_ticketed.ticket;
	assert_int_equal(ticket_read_handle(b.node, &read, &r), 0);
	assert_int_equal((int)r.body.content.result, RXP_ERR_SEAL);
	reply_clear(&r);
	reply_init(&r);
	read.ticket = of_message.body.ticket_made.ticket;
	assert_int_equal(ticket_read_handle(b.node, &read, &r), 0);
	assert_int_equal((int)r.body.content.result, 0);
	reply_clear(&r);
	reply_clear(&of_file);
	reply_clear(&of_message);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void wrong_keys(void **state)
{
	const struct bytes octets = {plain, 10};
	const struct bytes key = rows[0].key;

	(void)state;
	for (size_t i = 0; i < key.len; i++) {
		keyed[0].octets[0].data[i] ^= 1;
		assert_seal_at(&a, key, 0, true, octets, RXP_ERR_DECRYPT);
		assert_ticket_at(&a, key, 1, LIFE_MS, RXP_ERR_DECRYPT);
		keyed[0].octets[0].data[i] ^= 1;
	}
	assert_seal_at(&b, key, 0, true, octets, RXP_ERR_DECRYPT);
	assert_seal_at(&a, none, 0, true, octets, RXP_ERR_DECRYPT);
	assert_seal_at(&a, closed.body.closed.wrapped_key, 0, true, octets, RXP_ERR_DECRYPT);
	assert_ticket_at(&a, closed.body.closed.wrapped_key, 1, LIFE_MS, RXP_ERR_DECRYPT);
	assert_seal_at(&a, key, 0, true, octets, 0);
}

/* What a peer has sent is read here, and nothing more: its key encrypts no file. */
static void received_key_seals_nothing(void **state)
{
	(void)state;
	assert_seal_at(&b, received[0].key, 0, true, (struct bytes){plain, 1}, RXP_ERR_DECRYPT);
}

static void segments_of_no_file(void **state)
{
	const struct msg_segment_seal seal = {.key = rows[0].key, .last = 2};
	const struct msg_segment_open open = {.ticket = rows[0].key, .last = 2};
	struct reply r;

	(void)state;
	assert_seal_at(
	    &a, rows[0].key, 0, false, (struct bytes){plain, SEGMENT - 1}, RXP_ERR_BOUND);
	assert_seal_at(&a, rows[0].key, 0, true, (struct bytes){plain, SEGMENT + 1}, RXP_ERR_BOUND);
	assert_seal_at(&a, rows[0].key, 3, true, none, RXP_ERR_BOUND);
	reply_init(&r);
	assert_int_equal(attachment_segment_seal_handle(a.node, &seal, &r), RXP_ERR_STATE);
	assert_int_equal(attachment_segment_open_handle(a.node, &open, &r), RXP_ERR_STATE);
	reply_clear(&r);
}

/* --- closing --------------------------------------------------------------------------------- */

/* A document goes with the files that it was checked with, and with no others. */
static void close_rows(void **state)
{
	struct rec_attachment_row list[FILES + 1];

	(void)state;
	memcpy(list, rows, sizeof rows);
	list[3] = rows[2];
	list[3].number = 4;
	assert_close_with(list, 0, RXP_ERR_MISMATCH);
	assert_close_with(list, FILES - 1, RXP_ERR_MISMATCH);
	assert_close_with(list, FILES + 1, RXP_ERR_MISMATCH);
	list[0] = rows[1];
	list[1] = rows[0];
	assert_close_with(list, FILES, RXP_ERR_MISMATCH);
	memcpy(list, rows, sizeof rows);
	list[1].key = none;
	assert_close_with(list, FILES, RXP_ERR_DAMAGED);
	list[1].key = received[1].key;
	assert_close_with(list, FILES, RXP_ERR_DAMAGED);
	list[1] = rows[1];
	list[1].ciphertext_length--;
	assert_close_with(list, FILES, RXP_ERR_MISMATCH);
	list[1] = rows[1];
	list[1].file_digest[0] ^= 1;
	assert_close_with(list, FILES, RXP_ERR_MISMATCH);
	list[1] = rows[1];
	assert_close_with(list, FILES, 0);
}

/* A State that wants to send on what it was sent: the key of another State goes into no document. */
static void received_key_closes_nothing(void **state)
{
	struct rxp_buf octets = row_list(received, FILES);
	struct rxp_buf body = example("application-family.xml");
	struct msg_check check = content_check(reply_bytes(&body), reply_bytes(&octets));
	struct reply draft;
	struct reply r;
	struct msg_close q;

	(void)state;
	memcpy(check.peer, "QRA", sizeof check.peer);
	reply_init(&draft);
	assert_int_equal(check_handle(b.node, &check, &draft), 0);
	assert_int_equal(draft.body.checked.result, 0);
	q = case_close(&b, &a, APPLICATION, draft.body.checked.draft);
	q.attachments = reply_bytes(&octets);
	reply_init(&r);
	assert_int_equal(close_handle(b.node, &q, &r), 0);
	assert_int_equal((int)r.body.closed.result, RXP_ERR_DAMAGED);
	assert_int_equal(r.body.closed.envelope.len, 0);
	reply_clear(&r);
	reply_clear(&draft);
	rxp_buf_free(&body);
	rxp_buf_free(&octets);
}

/* --- speed ----------------------------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Only when asked: MiB a second of one sealer, without the way through its link. */
static void speed(void **state)
{
	struct reply ticket;
	double start;

	(void)state;
	if (getenv("RXP_TIMING") == NULL)
		skip();
	assert_int_equal(ticket_at(&ticket, &b, received[0].key, 1, LIFE_MS), 0);
	start = seconds();
	for (unsigned i = 0; i < TIMED_SEGMENTS; i++) {
		assert_seal_at(&a, rows[0].key, 0, false, (struct bytes){plain, SEGMENT}, 0);
	}
	print_message("segment_seal: %.0f MiB/s\n", TIMED_SEGMENTS / (seconds() - start));
	start = seconds();
	for (unsigned i = 0; i < TIMED_SEGMENTS; i++) {
		assert_open_at(&b, ticket.body.attachment_ticketed.ticket, 0, false,
		    (struct bytes){ciphers[0].data, SEALED}, 0);
	}
	print_message("segment_open: %.0f MiB/s\n", TIMED_SEGMENTS / (seconds() - start));
	reply_clear(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(manifest_travels),
	    cmocka_unit_test(both_sides_read),
	    cmocka_unit_test(keys_are_fresh),
	    cmocka_unit_test(wrong_segments),
	    cmocka_unit_test(wrong_tickets),
	    cmocka_unit_test(only_in_its_time),
	    cmocka_unit_test(tickets_of_one_use),
	    cmocka_unit_test(wrong_keys),
	    cmocka_unit_test(received_key_seals_nothing),
	    cmocka_unit_test(segments_of_no_file),
	    cmocka_unit_test(close_rows),
	    cmocka_unit_test(received_key_closes_nothing),
	    cmocka_unit_test(speed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
