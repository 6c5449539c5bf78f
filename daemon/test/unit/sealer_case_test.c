/*
 * a document of a case, from the desk of QRA to that of QRB: what was checked closes with its place
 * in the case and opens with equal fields and facts, the longest one too; a draft closes only as what
 * it is, and content that breaks a check never leaves; a ticket of either side reads the canonical
 * content, and only with the set key it was made under, for its Envelope, in its time.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/base/clock.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/draft.h"
#include "daemon/sealer/ticket.h"
#include "protocol/document/document.h"

#define APPLICATION "ReadmissionApplication"
#define LIFE_MS 60000

/* One application, checked and closed by QRA and opened by QRB, and its content. */
static struct reply checked, closed, opened;
static struct rxp_buf content;

static struct msg_close case_request(const char *type, struct bytes draft)
{
	return case_close(&a, &b, type, draft);
}

static void check_at_a(struct reply *reply, const struct rxp_buf *octets)
{
	struct msg_check q = content_check(reply_bytes(octets), (struct bytes){0});

	reply_init(reply);
	assert_int_equal(check_handle(a.node, &q, reply), 0);
	assert_int_equal(reply->body.checked.result, 0);
}

static int set_up(void **state)
{
	struct rxp_buf octets;
	struct msg_close q;

	set_up_peers(state);
	octets = example("application-single.xml");
	check_at_a(&checked, &octets);
	rxp_buf_free(&octets);
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    draft_open(&content, a.node,
		&(struct draft_for){.type = APPLICATION, .peer = "QRB", .case_id = CASE_ID},
		checked.body.checked.draft),
	    0);
	q = case_request(APPLICATION, checked.body.checked.draft);
	assert_int_equal(close_at_a(&closed, &q), 0);
	open_at_b(&opened, closed.body.closed.envelope);
	return 0;
}

static int let_go(void **state)
{
	reply_clear(&checked);
	reply_clear(&closed);
	reply_clear(&opened);
	rxp_buf_free(&content);
	return tear_down(state);
}

static bool same(struct bytes x, struct bytes y)
{
	return x.len == y.len && (x.len == 0 || memcmp(x.data, y.data, x.len) == 0);
}

/* --- closing --------------------------------------------------------------------------------- */

static void round_trip(void **state)
{
	const struct msg_close want = case_request(APPLICATION, checked.body.checked.draft);
	const struct msg_opened *in = &opened.body.opened;
	const struct msg_closed *out = &closed.body.closed;

	(void)state;
	assert_string_equal(in->type, APPLICATION);
	assert_int_equal(in->in_case, 1);
	assert_memory_equal(in->case_id, want.case_id, sizeof want.case_id);
	assert_int_equal(in->position, 3);
	assert_int_equal(in->has_previous, 1);
	assert_memory_equal(in->previous, want.previous, sizeof want.previous);
	assert_int_equal(in->has_seen, 1);
	assert_memory_equal(in->seen, want.seen, sizeof want.seen);
	assert_string_equal(in->profile_id, "test");
	assert_string_equal(in->profile_version, "1.2");
	assert_memory_equal(in->fingerprint, out->fingerprint, 32);
	assert_true(in->facts.len > 0);
	assert_true(same(in->facts, out->facts));
	assert_true(same(in->facts, checked.body.checked.facts));
}

/* The first document of a case has neither a place behind it nor one seen. */
static void first_of_its_case(void **state)
{
	struct msg_close q = case_request(APPLICATION, checked.body.checked.draft);
	struct reply first;
	struct reply in;

	(void)state;
	q.position = 1;
	q.has_previous = 0;
	q.has_seen = 0;
	assert_int_equal(close_at_a(&first, &q), 0);
	open_at_b(&in, first.body.closed.envelope);
	assert_int_equal(in.body.opened.position, 1);
	assert_int_equal(in.body.opened.has_previous, 0);
	assert_int_equal(in.body.opened.has_seen, 0);
	reply_clear(&in);
	reply_clear(&first);
}

static void longest_content_travels(void **state)
{
	static const char tail[] = "<Reason>generic</Reason></Withdrawal>";
	struct rxp_buf octets;
	struct reply draft;
	struct reply out;
	struct reply in;
	struct msg_close q;

	(void)state;
	rxp_buf_init(&octets, DRAFT_MAX_CONTENT_OCTETS);
	rxp_buf_puts(&octets, "<Withdrawal xmlns=\"urn:rxp:1:body\"><Person key=\"P1\"></Person>");
	while (octets.len < DRAFT_MAX_CONTENT_OCTETS - strlen(tail))
		rxp_buf_putc(&octets, ' ');
	assert_int_equal(rxp_buf_puts(&octets, tail), 0);
	check_at_a(&draft, &octets);
	q = case_request("Withdrawal", draft.body.checked.draft);
	memset(q.profile_id, 'p', sizeof q.profile_id - 1);
	memset(q.profile_version, '9', sizeof q.profile_version - 1);
	assert_int_equal(close_at_a(&out, &q), 0);
	open_at_b(&in, out.body.closed.envelope);
	assert_true(same(in.body.opened.facts, draft.body.checked.facts));
	reply_clear(&in);
	reply_clear(&out);
	reply_clear(&draft);
	rxp_buf_free(&octets);
}

static void assert_not_closed(const struct msg_close *q, int why)
{
	struct reply reply;

	assert_int_equal(close_at_a(&reply, q), why);
	assert_int_equal(reply.body.closed.envelope.len, 0);
	assert_int_equal(reply.body.closed.wrapped_key.len, 0);
	reply_clear(&reply);
}

static void only_its_own_draft(void **state)
{
	struct msg_close type = case_request("ReadmissionReply", checked.body.checked.draft);
	struct msg_close key = case_request(APPLICATION, checked.body.checked.draft);
	struct msg_close cut = case_request(APPLICATION, checked.body.checked.draft);
	struct msg_close moved = case_request(APPLICATION, checked.body.checked.draft);

	(void)state;
	moved.case_id[15] = 1;
	assert_not_closed(&moved, RXP_ERR_MISMATCH);
	assert_not_closed(&type, RXP_ERR_DECRYPT);
	cut.draft.len--;
	assert_not_closed(&cut, RXP_ERR_DECRYPT);
	a.node->storage.keys[0].octets[31] ^= 1;
	assert_not_closed(&key, RXP_ERR_DECRYPT);
	a.node->storage.keys[0].octets[31] ^= 1;
}

/* A draft that no check has passed: the checks are repeated at closing. */
static void checks_are_repeated(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {
	    {"<Withdrawal xmlns=\"urn:rxp:1:body\"><Person key=\"P1\"/></Withdrawal>",
		RXP_ERR_SCHEMA},
	    {"<Withdrawal xmlns=\"urn:rxp:1:body\"><Person key=\"P2\"/><Person key=\"P1\"/>"
	     "<Reason>generic</Reason></Withdrawal>",
		RXP_ERR_SCHEMA},
	    {"<Withdrawal xmlns=\"urn:rxp:1:body\"><Person key=\"P1\"/><Person key=\"P2\"/>"
	     "<Reason>generic</Reason></Withdrawal>",
		0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf octets;
		struct rxp_buf draft;
		struct msg_close q;
		struct reply reply;

		rxp_buf_init(&octets, 1024);
		rxp_buf_init(&draft, 2048);
		rxp_buf_puts(&octets, rows[i].text);
		assert_int_equal(draft_seal(&draft, a.node,
				     &(struct draft_for){
					 .type = "Withdrawal", .peer = "QRB", .case_id = CASE_ID},
				     &octets),
		    0);
		q = case_request("Withdrawal", reply_bytes(&draft));
		assert_int_equal(close_at_a(&reply, &q), rows[i].want);
		assert_int_equal(reply.body.closed.envelope.len > 0, rows[i].want == 0);
		reply_clear(&reply);
		rxp_buf_free(&draft);
		rxp_buf_free(&octets);
	}
}

static void impossible_requests(void **state)
{
	const struct msg_close good = case_request(APPLICATION, checked.body.checked.draft);
	struct msg_close bad[5] = {good, good, good, good, good};
	struct reply reply;

	(void)state;
	bad[0].in_case = 0;
	bad[1].draft.len = 0;
	bad[2].position = 0;
	snprintf(bad[3].type, sizeof bad[3].type, "Ping");
	snprintf(bad[4].type, sizeof bad[4].type, "Ping");
	bad[4].in_case = 0;
	bad[4].draft.len = 0;
	bad[4].attachments = checked.body.checked.facts;
	reply_init(&reply);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(close_handle(a.node, &bad[i], &reply), RXP_ERR_STATE);
	reply_clear(&reply);
}

/* --- reading --------------------------------------------------------------------------------- */

static struct msg_ticket permit(
    const uint8_t envelope_digest[32], struct bytes wrapped_key, int64_t life_ms)
{
	struct msg_ticket q = {.local_id = {1},
	    .user = "reader",
	    .until_ms = clock_mono_ms() + life_ms,
	    .wrapped_key = wrapped_key};

	memcpy(q.envelope_digest, envelope_digest, sizeof q.envelope_digest);
	assert_int_equal(digest_make(q.corrections, NULL, 0), 0); /* there are none */
	return q;
}

static struct msg_ticket permit_of_b(int64_t life_ms)
{
	const struct msg_opened *in = &opened.body.opened;

	return permit(in->envelope_digest, in->wrapped_key, life_ms);
}

static int make_at(struct reply *made, const struct test_state *s, struct msg_ticket q)
{
	reply_init(made);
	assert_int_equal(ticket_make_handle(s->node, &q, made), 0);
	return (int)made->body.ticket_made.result;
}

static int read_at(
    struct reply *read, const struct test_state *s, struct bytes ticket, struct bytes envelope)
{
	const struct msg_read q = {.ticket = ticket, .envelope = envelope};

	reply_init(read);
	assert_int_equal(ticket_read_handle(s->node, &q, read), 0);
	return (int)read->body.content.result;
}

/* What a reader gets; nothing unless the result is 0. */
static void assert_read(
    const struct test_state *s, struct bytes ticket, struct bytes envelope, int want)
{
	struct reply read;

	assert_int_equal(read_at(&read, s, ticket, envelope), want);
	if (want == 0)
		assert_true(same(read.body.content.content, reply_bytes(&content)));
	else
		assert_int_equal(read.body.content.content.len, 0);
	reply_clear(&read);
}

static void both_sides_read(void **state)
{
	const struct msg_closed *out = &closed.body.closed;
	struct reply at_a;
	struct reply at_b;

	(void)state;
	assert_int_equal(
	    make_at(&at_a, &a, permit(out->envelope_digest, out->wrapped_key, LIFE_MS)), 0);
	assert_int_equal(make_at(&at_b, &b, permit_of_b(LIFE_MS)), 0);
	assert_in_range(at_b.body.ticket_made.ticket.len, 1, TICKET_MAX_OCTETS);
	assert_read(&a, at_a.body.ticket_made.ticket, out->envelope, 0);
	assert_read(&b, at_b.body.ticket_made.ticket, out->envelope, 0);
	assert_read(&a, at_b.body.ticket_made.ticket, out->envelope, RXP_ERR_SEAL);
	reply_clear(&at_a);
	reply_clear(&at_b);
}

static bool has(struct bytes octets, const char *text)
{
	return memmem(octets.data, octets.len, text, strlen(text)) != NULL;
}

/* RXP-RET-006: whom the ticket hides is not in what is read, and the envelope is what it was. */
static void hidden_persons(void **state)
{
	const struct msg_closed *out = &closed.body.closed;
	struct msg_ticket q = permit(out->envelope_digest, out->wrapped_key, LIFE_MS);
	struct reply made, read;

	(void)state;
	assert_true(has(reply_bytes(&content), "<Person key=\"P1\""));
	q.hidden = 1;
	assert_int_equal(make_at(&made, &a, q), 0);
	assert_int_equal(read_at(&read, &a, made.body.ticket_made.ticket, out->envelope), 0);
	assert_false(has(read.body.content.content, "<Person key=\"P1\""));
	assert_true(has(read.body.content.content, "<ReadmissionApplication"));
	reply_clear(&read);
	reply_clear(&made);
	q.hidden = UINT32_C(1) << 23; /* nobody of it: the twin */
	assert_int_equal(make_at(&made, &a, q), 0);
	assert_read(&a, made.body.ticket_made.ticket, out->envelope, 0);
	reply_clear(&made);
}

static void only_this_set(void **state)
{
	struct reply made;
	struct bytes ticket;
	uint8_t *octets;

	(void)state;
	assert_int_equal(make_at(&made, &b, permit_of_b(LIFE_MS)), 0);
	ticket = made.body.ticket_made.ticket;
	octets = made.octets[0].data;
	b.node->set.keys[0].octets[0] ^= 1;
	assert_read(&b, ticket, closed.body.closed.envelope, RXP_ERR_SEAL);
	b.node->set.keys[0].octets[0] ^= 1;
	for (size_t i = 0; i < ticket.len; i++) {
		octets[i] ^= 1;
		assert_read(&b, ticket, closed.body.closed.envelope, RXP_ERR_SEAL);
		octets[i] ^= 1;
	}
	assert_read(&b, (struct bytes){NULL, 0}, closed.body.closed.envelope, RXP_ERR_SEAL);
	assert_read(&b, opened.body.opened.wrapped_key, closed.body.closed.envelope, RXP_ERR_SEAL);
	assert_read(&b, ticket, closed.body.closed.envelope, 0);
	reply_clear(&made);
}

static void only_in_its_time(void **state)
{
	struct reply made;

	(void)state;
	assert_int_equal(make_at(&made, &b, permit_of_b(0)), 0);
	assert_read(&b, made.body.ticket_made.ticket, closed.body.closed.envelope, RXP_ERR_TIMEOUT);
	reply_clear(&made);
	assert_int_equal(
	    make_at(&made, &b, permit_of_b(TICKET_LIFE_MAX_MS + 10000)), RXP_ERR_BOUND);
	assert_int_equal(made.body.ticket_made.ticket.len, 0);
	reply_clear(&made);
}

static void only_its_envelope(void **state)
{
	struct msg_close q = case_request(APPLICATION, checked.body.checked.draft);
	struct reply other;
	struct reply made;

	(void)state;
	assert_int_equal(close_at_a(&other, &q), 0);
	assert_int_equal(make_at(&made, &b, permit_of_b(LIFE_MS)), 0);
	assert_read(&b, made.body.ticket_made.ticket, other.body.closed.envelope, RXP_ERR_MISMATCH);
	reply_clear(&made);
	/* The digest of one message with the key of another. */
	assert_int_equal(
	    make_at(&made, &b,
		permit(other.body.closed.envelope_digest, opened.body.opened.wrapped_key, LIFE_MS)),
	    0);
	assert_read(&b, made.body.ticket_made.ticket, other.body.closed.envelope, RXP_ERR_DAMAGED);
	reply_clear(&made);
	reply_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(first_of_its_case),
	    cmocka_unit_test(longest_content_travels),
	    cmocka_unit_test(only_its_own_draft),
	    cmocka_unit_test(checks_are_repeated),
	    cmocka_unit_test(impossible_requests),
	    cmocka_unit_test(both_sides_read),
	    cmocka_unit_test(hidden_persons),
	    cmocka_unit_test(only_this_set),
	    cmocka_unit_test(only_in_its_time),
	    cmocka_unit_test(only_its_envelope),
	};

	return cmocka_run_group_tests(tests, set_up, let_go);
}
