/*
 * sealer_attachment_rig - three attachments on their way from QRA to QRB: sealed with keys of QRA's
 * sealer, named in a document, closed there and opened at QRB; and each request of that way.
 */
#ifndef UNIT_SEALER_ATTACHMENT_RIG_H
#define UNIT_SEALER_ATTACHMENT_RIG_H

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/sealer/attachment.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/close.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/open.h"
#include "daemon/test/unit/sealer_fixture.h"
#include "protocol/envelope/attachment.h"
#include "protocol/init.h"

#define APPLICATION "ReadmissionApplication"
#define LIFE_MS 60000
#define FILES 3
#define SEGMENT ((size_t)RXP_SEGMENT_OCTETS)
#define SEALED ((size_t)RXP_SEALED_SEGMENT_OCTETS)
#define LONGEST (2 * SEGMENT + 4321)

static const size_t lengths[FILES] = {LONGEST, SEGMENT, 0};

static struct test_state a, b;
static uint8_t *plain; /* LONGEST octets; each file is the first so many of them */
static struct rxp_buf ciphers[FILES];
static struct rec_attachment_row rows[FILES]; /* with the keys of QRA */
static struct reply keyed[FILES], checked, closed, opened;
static struct rec_attachment_row received[FILES]; /* with the keys of QRB */

static const struct bytes none;

/* --- one request each ------------------------------------------------------------------------ */

static inline int seal_at(struct reply *r, const struct test_state *s, struct bytes key,
    uint64_t counter, bool last, struct bytes octets)
{
	const struct msg_segment_seal q = {
	    .key = key, .counter = counter, .last = last, .octets = octets};

	reply_init(r);
	assert_int_equal(attachment_segment_seal_handle(s->node, &q, r), 0);
	if (r->body.segment_sealed.result != 0)
		assert_int_equal(r->body.segment_sealed.octets.len, 0);
	return (int)r->body.segment_sealed.result;
}

static inline int open_at(struct reply *r, const struct test_state *s, struct bytes ticket,
    uint64_t counter, bool last, struct bytes octets)
{
	const struct msg_segment_open q = {
	    .ticket = ticket, .counter = counter, .last = last, .octets = octets};

	reply_init(r);
	assert_int_equal(attachment_segment_open_handle(s->node, &q, r), 0);
	if (r->body.segment_opened.result != 0) {
		assert_int_equal(r->body.segment_opened.octets.len, 0);
		assert_int_equal(r->octets[0].len, 0);
	}
	return (int)r->body.segment_opened.result;
}

static inline int ticket_at(
    struct reply *r, const struct test_state *s, struct bytes key, unsigned number, int64_t life_ms)
{
	const struct msg_attachment_ticket q = {
	    .local_id = {1}, .number = number, .until_ms = clock_mono_ms() + life_ms, .key = key};

	reply_init(r);
	assert_int_equal(attachment_ticket_handle(s->node, &q, r), 0);
	if (r->body.attachment_ticketed.result != 0)
		assert_int_equal(r->body.attachment_ticketed.ticket.len, 0);
	return (int)r->body.attachment_ticketed.result;
}

static inline int close_with(struct reply *r, const struct rec_attachment_row *list, size_t n)
{
	struct rxp_buf octets = row_list(list, n);
	struct msg_close q = case_close(&a, &b, APPLICATION, checked.body.checked.draft);

	q.attachments = reply_bytes(&octets);
	reply_init(r);
	assert_int_equal(close_handle(a.node, &q, r), 0);
	if (r->body.closed.result != 0)
		assert_int_equal(r->body.closed.envelope.len, 0);
	rxp_buf_free(&octets);
	return (int)r->body.closed.result;
}

/* The same where only the result counts. */

static inline void assert_seal_at(const struct test_state *s, struct bytes key, uint64_t counter,
    bool last, struct bytes octets, int want)
{
	struct reply r;

	assert_int_equal(seal_at(&r, s, key, counter, last, octets), want);
	reply_clear(&r);
}

static inline void assert_open_at(const struct test_state *s, struct bytes ticket, uint64_t counter,
    bool last, struct bytes octets, int want)
{
	struct reply r;

	assert_int_equal(open_at(&r, s, ticket, counter, last, octets), want);
	reply_clear(&r);
}

static inline void assert_ticket_at(
    const struct test_state *s, struct bytes key, unsigned number, int64_t life_ms, int want)
{
	struct reply r;

	assert_int_equal(ticket_at(&r, s, key, number, life_ms), want);
	reply_clear(&r);
}

static inline void assert_close_with(const struct rec_attachment_row *list, size_t n, int want)
{
	struct reply r;

	assert_int_equal(close_with(&r, list, n), want);
	reply_clear(&r);
}

/* --- the way out ----------------------------------------------------------------------------- */

static inline size_t segments_of(size_t len)
{
	return len == 0 ? 1 : (len - 1) / SEGMENT + 1;
}

static inline struct bytes segment_of(const uint8_t *octets, size_t len, size_t each, size_t i)
{
	size_t left = len - i * each;

	return (struct bytes){octets + i * each, left < each ? left : each};
}

/* As the desk does it: one pass with one key. */
static inline void seal_file(size_t i)
{
	size_t n = segments_of(lengths[i]);

	reply_init(&keyed[i]);
	assert_int_equal(attachment_key_handle(a.node, NULL, &keyed[i]), 0);
	assert_int_equal(keyed[i].body.attachment_keyed.result, 0);
	rows[i].key = keyed[i].body.attachment_keyed.key;
	rxp_buf_init(&ciphers[i], 3 * SEALED);
	for (size_t j = 0; j < n; j++) {
		struct reply r;

		assert_int_equal(seal_at(&r, &a, rows[i].key, j, j + 1 == n,
				     segment_of(plain, lengths[i], SEGMENT, j)),
		    0);
		rxp_buf_put(&ciphers[i], r.body.segment_sealed.octets.data,
		    r.body.segment_sealed.octets.len);
		reply_clear(&r);
	}
	assert_int_equal(rxp_buf_error(&ciphers[i]), 0);
	rows[i].length = lengths[i];
	rows[i].ciphertext_length = ciphers[i].len;
	assert_int_equal(digest_make(rows[i].file_digest, plain, lengths[i]), 0);
	assert_int_equal(
	    digest_make(rows[i].ciphertext_digest, ciphers[i].data, ciphers[i].len), 0);
}

static inline void check_family(void)
{
	struct rxp_buf octets = example("application-family.xml");
	struct rec_attachment_row unkeyed[FILES];
	struct rxp_buf list;
	struct msg_check q;

	memcpy(unkeyed, rows, sizeof unkeyed);
	for (size_t i = 0; i < FILES; i++)
		unkeyed[i].key = none;
	list = row_list(unkeyed, FILES);
	q = content_check(reply_bytes(&octets), reply_bytes(&list));
	reply_init(&checked);
	assert_int_equal(check_handle(a.node, &q, &checked), 0);
	assert_int_equal(checked.body.checked.result, 0);
	rxp_buf_free(&list);
	rxp_buf_free(&octets);
}

static inline void open_family(void)
{
	const struct msg_open q = {.register_number = 1,
	    .party = "QRA",
	    .received_ms = NOW_MS,
	    .envelope = closed.body.closed.envelope};
	struct record_cursor cursor;
	struct bytes fields;
	uint16_t tag;

	reply_init(&opened);
	assert_int_equal(open_handle(b.node, &q, &opened), 0);
	assert_int_equal(opened.body.opened.result, 0);
	assert_int_equal(opened.body.opened.refusal, 0);
	fields = opened.body.opened.attachments;
	cursor = (struct record_cursor){.at = fields.data, .left = fields.len};
	for (size_t i = 0; i < FILES; i++) {
		assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
		assert_int_equal(tag, REC_attachment_row);
		assert_int_equal(
		    record_decode(&received[i], &record_attachment_row, fields.data, fields.len),
		    0);
	}
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
}

static inline int set_up(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	state_new(&b, "QRB");
	introduce(&a, &b, 1, 0);
	introduce(&b, &a, 1, 0);
	b.node->storage.keys[0].octets[0] ^= 1; /* two States, two storage keys */
	reply_clear(&b.key);
	reply_init(&b.key);
	assert_int_equal(keys_make_handle(b.node, NULL, &b.key), 0);
	introduce(&a, &b, 2, 0);
	introduce(&b, &a, 2, 0);
	plain = malloc(LONGEST);
	assert_non_null(plain);
	assert_int_equal(a.node->random.fill(a.node->random.arg, plain, LONGEST), 0);
	family_rows(rows);
	for (size_t i = 0; i < FILES; i++)
		seal_file(i);
	check_family();
	assert_int_equal(close_with(&closed, rows, FILES), 0);
	open_family();
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		reply_clear(&keyed[i]);
		rxp_buf_free(&ciphers[i]);
	}
	reply_clear(&checked);
	reply_clear(&closed);
	reply_clear(&opened);
	free(plain);
	state_free(&a);
	state_free(&b);
	rxp_cleanup();
	return 0;
}

#endif
