/*
 * open: what is known before opening is refused by its own code; whatever fails in opening gives one and the same answer, field
 * for field; type and content are judged after it, and the content key of a refused document is kept by nobody; a document of a
 * case tells its place and its persons' events.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_opened.h"

#include "daemon/sealer/digest.h"
#include "daemon/sealer/rekey.h"
#include "daemon/sealer/warmup.h"
#include "protocol/document/document.h"
#include "protocol/envelope/envelope.h"
#include "protocol/message/answer.h"

#define WITHDRAWAL \
	"<Withdrawal xmlns=\"urn:rxp:1:body\"><Person key=\"P2\"/><Reason>generic</Reason></Withdrawal>"

static int64_t received_ms = NOW_MS; /* of what is opened */

struct forgery {
	const char *name;
	const struct test_state *sealed_by;
	const struct test_state *key_of; /* whose agreement key */
	const char *from, *to; /* in Header and Envelope */
	const char *type;
	const char *content;
	int64_t outer_expires_ms; /* in the Envelope alone */
	const char *cut, *insert; /* in the sealed Document: what stands before, what is put in */
	bool in_case; /* with the Header's second group */
	bool flip; /* one bit of the ciphertext */
	bool
	    unknown_seal; /* of a seal that is not in force: a hint for the registry, told to no peer (RXP-DSC-036) */
	const char *party; /* of the connection */
};

/* Insert text before the first place where `at` stands. */
static void insert_before(struct rxp_buf *octets, const char *at, const char *text)
{
	struct rxp_buf made;
	uint8_t *place = memmem(octets->data, octets->len, at, strlen(at));
	size_t before;

	assert_non_null(place);
	before = (size_t)(place - octets->data);
	rxp_buf_init(&made, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_put(&made, octets->data, before);
	rxp_buf_puts(&made, text);
	assert_int_equal(rxp_buf_put(&made, place, octets->len - before), 0);
	rxp_buf_free(octets);
	*octets = made;
}

/* Another digit in the middle of the last CipherValue. */
static void flip_ciphertext(struct rxp_buf *envelope)
{
	uint8_t *digit = &envelope->data[envelope->len - 400];

	*digit = *digit == 'A' ? 'B' : 'A';
}

static void put_in_case(struct rxp_header *h)
{
	h->in_case = true;
	h->case_id[6] = 0x40;
	h->case_id[8] = 0x80;
	h->position = 2;
	h->has_previous = true;
	memset(h->previous, 7, sizeof h->previous);
	snprintf(h->profile_id, sizeof h->profile_id, "test");
	snprintf(h->profile_version, sizeof h->profile_version, "1");
}

static void forge(struct rxp_buf *envelope, const struct forgery *f, uint8_t fingerprint[32])
{
	struct rxp_header header = {
	    .outer = {.created_ms = NOW_MS, .expires_ms = LATER_MS},
	    .from_office = "NODE",
	    .to_office = "NODE",
	};
	const struct bytes *spki = &f->key_of->key.body.key_made.spki;
	struct rxp_buf content;
	struct rxp_buf document;
	uint8_t cek[RXP_KEY_OCTETS];

	snprintf(header.type, sizeof header.type, "%s", f->type);
	memcpy(header.outer.from, f->from, RXP_PARTY_TEXT);
	memcpy(header.outer.to, f->to, RXP_PARTY_TEXT);
	header.outer.message_id[6] = 0x70;
	header.outer.message_id[8] = 0x80;
	if (f->in_case)
		put_in_case(&header);
	rxp_buf_init(&content, 4096);
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(envelope, RXP_MAX_ENVELOPE_OCTETS);
	assert_int_equal(rxp_buf_puts(&content, f->content), 0);
	assert_int_equal(
	    rxp_document_seal(&document, &header, &(struct rxp_draft){.content = &content}, NOW_MS,
		&a.node->random, &f->sealed_by->node->signer, fingerprint),
	    0);
	if (f->insert != NULL)
		insert_before(&document, f->cut, f->insert);
	header.outer.expires_ms = f->outer_expires_ms;
	assert_int_equal(rxp_envelope_close(envelope, &header.outer, document.data, document.len,
			     spki->data, spki->len, &a.node->random, cek),
	    0);
	if (f->flip)
		flip_ciphertext(envelope);
	rxp_buf_free(&content);
	rxp_buf_free(&document);
}

/* The valid twin; every forgery differs from it in one field. */
static struct forgery honest(const char *name)
{
	return (struct forgery){.name = name,
	    .sealed_by = &a,
	    .key_of = &b,
	    .from = "QRA",
	    .to = "QRB",
	    .type = "Ping",
	    .content = PING,
	    .outer_expires_ms = LATER_MS,
	    .party = "QRA"};
}

static void open_forged(struct reply *opened, const struct forgery *f, uint8_t fingerprint[32])
{
	struct rxp_buf envelope;

	forge(&envelope, f, fingerprint);
	open_received(opened, f->party, reply_bytes(&envelope), received_ms);
	rxp_buf_free(&envelope);
}

static uint32_t refusal_of(const struct forgery *f)
{
	struct reply opened;
	uint8_t fingerprint[32];
	uint32_t refusal;

	open_forged(&opened, f, fingerprint);
	refusal = opened.body.opened.refusal;
	reply_clear(&opened);
	return refusal;
}

static void twin_opens(void **state)
{
	struct forgery f = honest("twin");

	(void)state;
	assert_int_equal(refusal_of(&f), 0);
}

static void refused_before_opening(void **state)
{
	struct forgery recipient = honest("recipient");
	struct forgery sender = honest("sender");
	struct forgery key = honest("key");

	(void)state;
	recipient.to = "QRC";
	sender.party = "QRC";
	key.key_of = &c;
	assert_int_equal(refusal_of(&recipient), 1 + RXP_REFUSAL_RECIPIENT);
	assert_int_equal(refusal_of(&sender), 1 + RXP_REFUSAL_SENDER);
	assert_int_equal(refusal_of(&key), 1 + RXP_REFUSAL_REKEY);
}

/* All but the digest of the octets, and the hint that stays in the node, must be as in this. */
static void assert_unopenable(const struct forgery *f)
{
	struct msg_opened want = {
	    .refusal = 1 + RXP_REFUSAL_UNOPENABLE, .from = "QRA", .to = "QRB"};
	const struct record_type *type = &ipc_row(IPC_opened)->type;
	struct reply opened;
	struct rxp_buf got_octets;
	struct rxp_buf want_octets;
	uint8_t fingerprint[32];

	open_forged(&opened, f, fingerprint);
	want.unknown_seal = f->unknown_seal;
	want.message_id[6] = 0x70;
	want.message_id[8] = 0x80;
	memcpy(want.envelope_digest, opened.body.opened.envelope_digest, 32);
	rxp_buf_init(&got_octets, IPC_MESSAGE_MAX);
	rxp_buf_init(&want_octets, IPC_MESSAGE_MAX);
	assert_int_equal(record_encode(&want_octets, type, &want), 0);
	assert_int_equal(record_encode(&got_octets, type, &opened.body.opened), 0);
	if (got_octets.len != want_octets.len ||
	    memcmp(got_octets.data, want_octets.data, want_octets.len) != 0)
		fail_msg("%s: another answer, refusal %u", f->name, opened.body.opened.refusal);
	rxp_buf_free(&got_octets);
	rxp_buf_free(&want_octets);
	reply_clear(&opened);
}

static void one_answer_to_all(void **state)
{
	static const char second_body[] =
	    "<Body xmlns=\"urn:rxp:1:document\"><Salt>AAAAAAAAAAAAAAAAAAAAAA==</Salt>" PING
	    "</Body>";
	static const struct {
		const char *name, *cut, *insert;
	} edits[] = {
	    {"second Body", "<Body", second_body},
	    {"second Body behind", "<ds:Signature", second_body},
	    {"comment", "<Body", "<!---->"},
	    {"text", "<Body", "x"},
	    {"declaration", "<Document", "<?xml version=\"1.0\"?>"},
	    {"space before", "<Document", " "},
	    {"attribute", "><Salt", " a=\"b\""},
	    {"not well-formed", "</Salt", "<"},
	    {"changed body", "</Body>", "<Ping xmlns=\"urn:rxp:1:body\"/>"},
	    {"changed header", "</Type>", "x"},
	};
	struct forgery other = honest("seal of another State");
	struct forgery bit = honest("bit of ciphertext");
	struct forgery header = honest("outer header differs");

	(void)state;
	other.sealed_by = &c;
	other.unknown_seal = true;
	bit.flip = true;
	header.outer_expires_ms = LATER_MS + 1;
	assert_unopenable(&other);
	assert_unopenable(&bit);
	assert_unopenable(&header);
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		struct forgery f = honest(edits[i].name);

		f.cut = edits[i].cut;
		f.insert = edits[i].insert;
		assert_unopenable(&f);
	}
}

/* It opens, and says that its seal is no more: the registry knows whether it was receipted before (RXP-DSC-043). */
static void assert_lapsed(const struct forgery *f, bool lapsed)
{
	struct reply opened;
	uint8_t fingerprint[32];
	const struct msg_opened *found = &opened.body.opened;

	open_forged(&opened, f, fingerprint);
	assert_int_equal(found->opened, 1);
	assert_int_equal(found->refusal, 0);
	assert_int_equal(found->lapsed, lapsed);
	assert_int_equal(found->unknown_seal, 0); /* what is revoked stays so: nobody is asked */
	assert_memory_equal(found->fingerprint, fingerprint, sizeof fingerprint);
	reply_clear(&opened);
}

static void revoked_certificate(void **state)
{
	struct forgery f = honest("revoked");

	(void)state;
	introduce(&b, &a, 2, NOW_MS + 1);
	assert_lapsed(&f, false);
	introduce(&b, &a, 3, NOW_MS);
	assert_lapsed(&f, true);
	introduce(&b, &a, 4, 0);
}

/* RXP-DSC-027: made before it was retired, and received within 31 days after. */
static void retired_certificate(void **state)
{
	static const struct {
		int64_t retired_ms, received_ms;
		bool taken;
	} rows[] = {
	    {NOW_MS + 1, NOW_MS, true},
	    {NOW_MS, NOW_MS, false},
	    {NOW_MS - 1, NOW_MS, false},
	    {NOW_MS + 1, NOW_MS + 1 + RXP_RETIRED_SEAL_MS, true},
	    {NOW_MS + 1, NOW_MS + 2 + RXP_RETIRED_SEAL_MS, false},
	};
	struct forgery f = honest("retired");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		a.retired_ms = rows[i].retired_ms;
		received_ms = rows[i].received_ms;
		introduce(&b, &a, 5 + i, 0);
		assert_lapsed(&f, !rows[i].taken);
	}
	a.retired_ms = 0;
	received_ms = NOW_MS;
	introduce(&b, &a, 5 + sizeof rows / sizeof rows[0], 0);
}

static bool restored_says(struct bytes facts, uint64_t count)
{
	struct record_cursor cursor = {.at = facts.data, .left = facts.len};
	struct rec_node_restored r;
	struct bytes fields;
	uint16_t tag;

	return record_list_next(&cursor, &tag, &fields) == 1 && tag == REC_node_restored &&
	       record_decode(&r, &record_node_restored, fields.data, fields.len) == 0 &&
	       r.count == count;
}

static void judged_after_opening(void **state)
{
	struct forgery schema = honest("schema");
	struct forgery type = honest("type");
	struct reply opened;
	const struct msg_opened *in = &opened.body.opened;
	struct rxp_buf incident;
	uint8_t fingerprint[32];

	(void)state;
	schema.content = "<Ping xmlns=\"urn:rxp:1:body\"><Secret>name</Secret></Ping>";
	open_forged(&opened, &schema, fingerprint);
	assert_int_equal(in->refusal, 1 + RXP_REFUSAL_SCHEMA);
	assert_int_equal(in->opened, 1);
	assert_memory_equal(in->fingerprint, fingerprint, 32);
	assert_true(in->evidence.len > 0);
	assert_true(in->place.len > 0);
	assert_null(memmem(in->place.data, in->place.len, "name", 4));
	assert_int_equal(in->wrapped_key.len, 0);
	reply_clear(&opened);

	/* A notice that the node itself reads (RXP-NOT-005), and what waits for the desk. */
	type.type = "NodeNotice";
	type.content =
	    "<NodeNotice xmlns=\"urn:rxp:1:body\"><Restored><LogId>91d0c6b5-3e7a-4c28-a4f1-5b8e2d7096ac</LogId>"
	    "<LogCount>412</LogCount><LogHead>n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=</LogHead></Restored></NodeNotice>";
	open_forged(&opened, &type, fingerprint);
	assert_int_equal(in->refusal, 0);
	assert_true(restored_says(in->facts, 412));
	reply_clear(&opened);
	incident = example("incident-notice.xml");
	assert_int_equal(incident.data[incident.len - 1], '\n'); /* nothing stands behind content */
	incident.data[incident.len - 1] = '\0';
	type.type = "IncidentNotice";
	type.content = strstr((const char *)incident.data, "<IncidentNotice");
	open_forged(&opened, &type, fingerprint);
	assert_int_equal(in->refusal, 0);
	reply_clear(&opened);
	rxp_buf_free(&incident);

	type.type = "Pong";
	type.content = "<Pong xmlns=\"urn:rxp:1:body\"/>";
	open_forged(&opened, &type, fingerprint);
	assert_int_equal(in->refusal, 1 + RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(in->opened, 1);
	assert_int_equal(in->wrapped_key.len, 0);
	reply_clear(&opened);
}

/* Of a document of a case: its place, and what it says of each person without naming anyone. */
static void case_document(void **state)
{
	struct forgery f = honest("case");
	struct record_cursor cursor;
	struct rec_fact_person person;
	struct reply opened;
	const struct msg_opened *in = &opened.body.opened;
	struct bytes fields;
	uint8_t fingerprint[32];
	uint16_t tag;

	(void)state;
	f.in_case = true;
	f.type = "Withdrawal";
	f.content = WITHDRAWAL;
	open_forged(&opened, &f, fingerprint);
	assert_int_equal(in->refusal, 0);
	assert_int_equal(in->in_case, 1);
	assert_int_equal(in->case_id[6], 0x40);
	assert_int_equal(in->position, 2);
	assert_int_equal(in->has_previous, 1);
	assert_int_equal(in->previous[31], 7);
	assert_int_equal(in->has_seen, 0);
	assert_string_equal(in->profile_id, "test");
	assert_string_equal(in->profile_version, "1");
	cursor = (struct record_cursor){.at = in->facts.data, .left = in->facts.len};
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(tag, REC_fact_person);
	assert_int_equal(record_decode(&person, &record_fact_person, fields.data, fields.len), 0);
	assert_int_equal(person.person, 2);
	assert_string_equal(person.event, "withdraw");
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
	reply_clear(&opened);
}

/* A type of message.def whose content satisfies no schema. */
static void case_document_without_schema(void **state)
{
	struct forgery f = honest("case");
	struct reply opened;
	uint8_t fingerprint[32];

	(void)state;
	f.in_case = true;
	f.type = "Registration";
	f.content = "<Registration xmlns=\"urn:rxp:1:body\"/>";
	open_forged(&opened, &f, fingerprint);
	assert_int_equal(opened.body.opened.refusal, 1 + RXP_REFUSAL_SCHEMA);
	assert_int_equal(opened.body.opened.wrapped_key.len, 0);
	assert_int_equal(opened.body.opened.facts.len, 0);
	reply_clear(&opened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(twin_opens),
	    cmocka_unit_test(refused_before_opening),
	    cmocka_unit_test(one_answer_to_all),
	    cmocka_unit_test(revoked_certificate),
	    cmocka_unit_test(retired_certificate),
	    cmocka_unit_test(judged_after_opening),
	    cmocka_unit_test(case_document),
	    cmocka_unit_test(case_document_without_schema),
	};

	return cmocka_run_group_tests(tests, set_up_peers, tear_down);
}
