/*
 * Safeguards at the sealer, goals:
 *  - the desk is told every rule that is broken, with line, path, requirement and what to do, and gets no draft; what
 *    it says beside the content (officers, confirmed names, the time) decides where it should, and never travels;
 *  - what became stale while a draft waited is not sealed;
 *  - a receiver refuses with one code and nothing else, whichever rule it was: the answers to all of them are the
 *    same but for ids, digests and times, and nothing is given on with which the content could be opened again.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/base/second.h"
#include "daemon/sealer/answer.h"
#include "daemon/sealer/centres.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/draft.h"
#include "protocol/document/document.h"
#include "protocol/envelope/envelope.h"
#include "protocol/message/answer.h"
#include "protocol/xml/xml.h"

#define APPLICATION "ReadmissionApplication"
#define DAY_MS INT64_C(86400000)
#define CANARY "KANARI-" /* planted in what must not travel */

/* The example with the one occurrence of a text replaced; NULL: as it is. */
static struct rxp_buf changed(const char *name, const char *from, const char *to)
{
	struct rxp_buf before = example(name);
	struct rxp_buf after;
	const char *text, *at;

	while (before.data[before.len - 1] == '\n')
		before.len--;
	if (from == NULL)
		return before;
	assert_int_equal(rxp_buf_putc(&before, '\0'), 0);
	text = (const char *)before.data;
	at = strstr(text, from);
	assert_non_null(at);
	assert_null(strstr(at + 1, from));
	rxp_buf_init(&after, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_put(&after, text, (size_t)(at - text));
	rxp_buf_puts(&after, to);
	assert_int_equal(rxp_buf_puts(&after, at + strlen(from)), 0);
	rxp_buf_free(&before);
	return after;
}

/* --- the desk -------------------------------------------------------------------------------- */

struct told {
	unsigned n;
	struct rec_violation first;
};

/* The records point into the reply. */
static struct told read_told(const struct reply *checked)
{
	struct bytes rows = checked->body.checked.violations;
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct told told = {.n = 0};
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(tag, REC_violation);
		assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
		if (told.n++ == 0)
			told.first = v;
	}
	return told;
}

static int check_as(struct reply *checked, const struct msg_check *q)
{
	reply_init(checked);
	assert_int_equal(check_handle(a.node, q, checked), 0);
	return (int)checked->body.checked.result;
}

static void assert_bytes(struct bytes is, const char *text)
{
	assert_int_equal(is.len, strlen(text));
	assert_memory_equal(is.data, text, is.len);
}

static void desk_is_told(void **state)
{
	struct rxp_buf octets = changed("application-single.xml", ">UTO<", ">XXB<");
	const struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){0});
	struct reply checked;
	struct told told;

	(void)state;
	assert_int_equal(check_as(&checked, &q), RXP_ERR_NOT_ACCEPTABLE);
	assert_string_equal(checked.body.checked.type, APPLICATION);
	assert_int_equal(checked.body.checked.facts.len, 0);
	assert_int_equal(checked.body.checked.draft.len, 0);
	told = read_told(&checked);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.first.line, 25);
	assert_string_equal(told.first.requirement, "RXP-SAF-014");
	assert_bytes(told.first.path, APPLICATION "/Person/Nationality");
	assert_bytes(told.first.text, "a code that says that a State protects the person");
	assert_true(told.first.action.len > 0);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

static void fault_of_form_comes_first(void **state)
{
	struct rxp_buf octets = changed("application-single.xml", ">UTO<", ">XXB<");
	const struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){0});
	uint8_t *sex = memmem(octets.data, octets.len, "<Sex>F", 6);
	struct reply checked;
	struct told told;

	(void)state;
	sex[5] = 'Q';
	assert_int_equal(check_as(&checked, &q), RXP_ERR_SCHEMA);
	told = read_told(&checked);
	assert_int_equal(told.n, 2); /* and the safeguard is told behind it */
	assert_string_equal(told.first.requirement, "RXP-DOC-005");
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

static void desk_speaks_beside(void **state)
{
	static const struct {
		const char *officer, *second, *place;
		uint32_t confirmed;
		int64_t days;
		const char *requirement; /* NULL: nothing is wrong */
	} cases[] = {
	    {"S-3001", "S-3002", "Specimen City", 0, 0, NULL},
	    {"S-3001", "S-3001", "Specimen City", 0, 0, "RXP-SAF-021"},
	    {"", "", "Specimen City", 0, 0, "RXP-SAF-021"},
	    {"R-2001", "S-3002", "Specimen City", 0, 0, "RXP-SAF-008"},
	    {"S-3001", "S-3002", "Asylum Hill", 0, 0, "RXP-SAF-022"},
	    {"S-3001", "S-3002", "Asylum Hill", 1, 0, NULL},
	    {"S-3001", "S-3002", "Specimen City", 0, 31, NULL},
	    {"S-3001", "S-3002", "Specimen City", 0, 32, "RXP-SAF-006"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char place[64];
		struct rxp_buf octets;
		struct msg_check q;
		struct reply checked;
		int rc;

		snprintf(place, sizeof place, "<Place>%s<", cases[i].place);
		octets = changed("application-single.xml", "<Place>Specimen City<", place);
		q = content_check(reply_bytes(&octets), (struct bytes){0});
		snprintf(q.officer, sizeof q.officer, "%s", cases[i].officer);
		snprintf(q.second_officer, sizeof q.second_officer, "%s", cases[i].second);
		q.names_confirmed = cases[i].confirmed;
		q.now_ms += cases[i].days * DAY_MS;
		rc = check_as(&checked, &q);
		if (cases[i].requirement == NULL) {
			assert_int_equal(rc, 0);
		} else {
			assert_int_equal(rc, RXP_ERR_NOT_ACCEPTABLE);
			assert_int_equal(read_told(&checked).n, 1);
			assert_string_equal(
			    read_told(&checked).first.requirement, cases[i].requirement);
		}
		reply_clear(&checked);
		rxp_buf_free(&octets);
	}
}

/* RXP-SAF-026: the list of the configuration, one behind the other. */
/* RXP-SAF-038: for what would a document that may be sent not do without a second officer? */
static void who_is_needed(void **state)
{
	static const struct {
		const char *name, *from, *to;
		uint32_t second;
	} cases[] = {
	    {"application-child.xml", NULL, NULL, 0},
	    {"application-single.xml", NULL, NULL, CHECK_PROSE},
	    {"application-child.xml", "<Place>Specimen City<", "<Place>Asylum Hill<", CHECK_NAMES},
	    {"application-single.xml", "<Place>Specimen City<", "<Place>Asylum Hill<",
		CHECK_PROSE | CHECK_NAMES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf octets = changed(cases[i].name, cases[i].from, cases[i].to);
		struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){0});
		struct reply checked;

		q.names_confirmed = 1;
		assert_int_equal(check_as(&checked, &q), 0);
		assert_int_equal(checked.body.checked.second, cases[i].second);
		reply_clear(&checked);
		rxp_buf_free(&octets);
	}
}

static void centres_of_the_node(void **state)
{
	static const char addresses[] = "Northwood Barracks\0Specimen Street";
	struct rxp_buf octets = changed("application-single.xml", "<EscortRisk>",
	    "<LastAddress><Line>1 SPECIMEN STREET</Line></LastAddress><EscortRisk>");
	const struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){0});
	struct bytes list = {(const uint8_t *)addresses, sizeof addresses};
	struct reply checked;

	(void)state;
	assert_int_equal(check_as(&checked, &q), 0);
	reply_clear(&checked);
	assert_int_equal(centres_new(&a.node->centres, list), 0);
	assert_int_equal(centres_count(a.node->centres), 2);
	assert_int_equal(check_as(&checked, &q), RXP_ERR_NOT_ACCEPTABLE);
	assert_string_equal(read_told(&checked).first.requirement, "RXP-SAF-026");
	reply_clear(&checked);
	centres_free(a.node->centres);
	a.node->centres = NULL;
	list.len--;
	assert_int_equal(centres_new(&a.node->centres, list), RXP_ERR_SYNTAX);
	list.len = 0;
	assert_int_equal(centres_new(&a.node->centres, list), 0);
	assert_null(a.node->centres);
	rxp_buf_free(&octets);
}

static void wrong_order(void **state)
{
	struct reply checked;
	struct msg_check q =
	    content_check((struct bytes){(const uint8_t *)"x", 1}, (struct bytes){0});

	(void)state;
	reply_init(&checked);
	q.names_confirmed = 2;
	assert_int_equal(check_handle(a.node, &q, &checked), RXP_ERR_STATE);
	q.names_confirmed = 0;
	q.now_ms = -1;
	assert_int_equal(check_handle(a.node, &q, &checked), RXP_ERR_STATE);
	reply_clear(&checked);
}

/* --- closing --------------------------------------------------------------------------------- */

static int close_draft(struct reply *closed, struct bytes draft, int64_t created_ms)
{
	struct msg_close q = case_close(&a, &b, APPLICATION, draft);

	q.created_ms = created_ms;
	q.expires_ms = created_ms + 1000;
	reply_init(closed);
	assert_int_equal(close_handle(a.node, &q, closed), 0);
	return (int)closed->body.closed.result;
}

/* RXP-SAF-030 */
static void stale_draft_is_not_closed(void **state)
{
	struct rxp_buf octets = changed("application-single.xml", NULL, NULL);
	const struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){0});
	struct reply checked;
	struct reply closed;

	(void)state;
	assert_int_equal(check_as(&checked, &q), 0);
	assert_int_equal(close_draft(&closed, checked.body.checked.draft, NOW_MS + 31 * DAY_MS), 0);
	reply_clear(&closed);
	assert_int_equal(close_draft(&closed, checked.body.checked.draft, NOW_MS + 32 * DAY_MS),
	    RXP_ERR_NOT_ACCEPTABLE);
	assert_int_equal(closed.body.closed.envelope.len, 0);
	assert_int_equal(closed.body.closed.evidence.len, 0);
	assert_int_equal(closed.body.closed.wrapped_key.len, 0);
	reply_clear(&closed);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

/* The Document in an envelope, as plain octets: what the other State can read. */
static void decrypt_at_b(struct rxp_buf *out, struct bytes octets)
{
	const struct rxp_agreement_key *key = NULL;
	struct rxp_envelope *envelope = NULL;
	uint8_t cek[RXP_KEY_OCTETS];

	rxp_buf_init(out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_envelope_parse(&envelope, octets.data, octets.len), 0);
	assert_int_equal(register_own_key(b.node->peers, rxp_envelope_key_id(envelope), &key), 0);
	assert_int_equal(rxp_envelope_decrypt(out, envelope, key, cek), 0);
	rxp_envelope_free(envelope);
}

/* RXP-SAF-027: whatever the desk says beside the content is in neither the Document nor the Envelope. */
static void nothing_beside_travels(void **state)
{
	struct rxp_buf octets = changed("application-single.xml", NULL, NULL);
	struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){0});
	struct rxp_buf plain;
	struct reply checked;
	struct reply closed;

	(void)state;
	snprintf(q.officer, sizeof q.officer, "%s", CANARY "1");
	snprintf(q.second_officer, sizeof q.second_officer, "%s", CANARY "2");
	assert_int_equal(check_as(&checked, &q), 0);
	assert_int_equal(close_draft(&closed, checked.body.checked.draft, NOW_MS), 0);
	decrypt_at_b(&plain, closed.body.closed.envelope);
	assert_non_null(memmem(plain.data, plain.len, "7K2M-0420", 9)); /* it is the plain text */
	assert_null(memmem(plain.data, plain.len, CANARY, strlen(CANARY)));
	assert_null(memmem(closed.body.closed.envelope.data, closed.body.closed.envelope.len,
	    CANARY, strlen(CANARY)));
	assert_null(memmem(
	    closed.body.closed.facts.data, closed.body.closed.facts.len, CANARY, strlen(CANARY)));
	rxp_buf_free(&plain);
	reply_clear(&closed);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

/* --- the receiver ---------------------------------------------------------------------------- */

/* An envelope that a sender made who judges nothing: sealed and encrypted by hand. */
static void make_envelope(struct rxp_buf *out, const struct rxp_buf *content)
{
	const struct msg_close q = case_close(&a, &b, APPLICATION, (struct bytes){0});
	struct rxp_header h = {.outer = {.from = "QRA",
				   .to = "QRB",
				   .created_ms = q.created_ms,
				   .expires_ms = q.expires_ms},
	    .type = APPLICATION,
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .in_case = true,
	    .position = 1,
	    .profile_id = "test",
	    .profile_version = "1"};
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	uint8_t cek[RXP_KEY_OCTETS];
	struct rxp_xml *xml = NULL;
	struct rxp_buf canonical;
	struct rxp_buf document;
	struct bytes spki;

	memcpy(h.outer.message_id, q.message_id, sizeof h.outer.message_id);
	memcpy(h.case_id, q.case_id, sizeof h.case_id);
	rxp_buf_init(out, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&canonical, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_xml_parse(&xml, content->data, content->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY),
	    0);
	assert_int_equal(rxp_xml_c14n(&canonical, xml, rxp_xml_root(xml)), 0);
	assert_int_equal(
	    rxp_document_seal(&document, &h, &(struct rxp_draft){.content = &canonical},
		h.outer.created_ms, &a.node->random, &a.node->signer, fingerprint),
	    0);
	assert_int_equal(register_peer_key(a.node->peers, "QRB", q.key_id, &spki), 0);
	assert_int_equal(rxp_envelope_close(out, &h.outer, document.data, document.len, spki.data,
			     spki.len, &a.node->random, cek),
	    0);
	rxp_xml_free(xml);
	rxp_buf_free(&canonical);
	rxp_buf_free(&document);
}

/* What QRB's sealer finds, and the Refusal that it then seals. */
static void refuse_at_b(struct rxp_buf *refusal, const struct rxp_buf *envelope)
{
	const struct msg_open q = {.register_number = 1,
	    .party = "QRA",
	    .received_ms = NOW_MS,
	    .envelope = reply_bytes(envelope)};
	struct msg_seal_answer s = {.kind = RXP_ANSWER_REFUSAL, .created_ms = NOW_MS, .to = "QRA"};
	struct reply opened;
	struct reply sealed;
	const struct msg_opened *in = &opened.body.opened;

	reply_init(&opened);
	reply_init(&sealed);
	assert_int_equal(open_handle(b.node, &q, &opened), 0);
	assert_int_equal(in->result, 0);
	assert_int_equal(in->opened, 1);
	assert_int_equal(in->refusal, 1 + RXP_REFUSAL_NOT_ACCEPTABLE);
	assert_int_equal(in->place.len, 0);
	assert_int_equal(in->facts.len, 0);
	assert_int_equal(in->wrapped_key.len, 0);
	assert_int_equal(in->attachments.len, 0);
	memcpy(s.message_id, in->message_id, sizeof s.message_id);
	memcpy(s.envelope_digest, in->envelope_digest, sizeof s.envelope_digest);
	s.has_fingerprint = in->opened;
	memcpy(s.fingerprint, in->fingerprint, sizeof s.fingerprint);
	s.refusal = in->refusal;
	s.place = in->place;
	assert_int_equal(answer_seal_handle(b.node, &s, &sealed), 0);
	assert_int_equal(sealed.body.answer_sealed.result, 0);
	rxp_buf_init(refusal, RXP_MAX_ANSWER_OCTETS);
	assert_int_equal(rxp_buf_put(refusal, sealed.body.answer_sealed.octets.data,
			     sealed.body.answer_sealed.octets.len),
	    0);
	reply_clear(&opened);
	reply_clear(&sealed);
}

/* Put dots in the place of the text of each element that may differ. */
static void mask(struct rxp_buf *octets)
{
	static const char *const differ[] = {"<MessageId>", "<Created>", "<EnvelopeDigest>",
	    "<Fingerprint>", "<ds:DigestValue>", "<ds:SignatureValue>", "<xades:SigningTime>"};

	for (size_t i = 0; i < sizeof differ / sizeof differ[0]; i++) {
		uint8_t *at = octets->data;
		const uint8_t *end = at + octets->len;

		while ((at = memmem(at, (size_t)(end - at), differ[i], strlen(differ[i]))) != NULL)
			for (at += strlen(differ[i]); *at != '<'; at++)
				*at = '.';
	}
}

static void all_refusals_are_alike(void **state)
{
	static const struct {
		const char *name, *from, *to;
	} cases[] = {
	    {"application-single.xml", ">UTO<", ">XXB<"},
	    {"application-single.xml", ">UTO<", ">FRA<"},
	    {"application-single.xml", "<Date>2026-11-18</Date>", "<Date>2026-09-18</Date>"},
	    {"application-single.xml", "<Role>legal-officer</Role>", "<Role>return-officer</Role>"},
	    {"application-single.xml", "1974-08-12", "2015-08-12"},
	    {"application-child.xml", "<Unaccompanied>true", "<Unaccompanied>false"},
	    {"invalid/application-decision-not-attested.xml", NULL, NULL},
	    {"invalid/application-refoulement-not-attested.xml", NULL, NULL},
	    {"invalid/application-no-best-interests.xml", NULL, NULL},
	    {"invalid/application-no-guardian.xml", NULL, NULL},
	};
	struct rxp_buf first = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf content = changed(cases[i].name, cases[i].from, cases[i].to);
		struct rxp_buf envelope;
		struct rxp_buf refusal;

		make_envelope(&envelope, &content);
		refuse_at_b(&refusal, &envelope);
		assert_non_null(memmem(refusal.data, refusal.len, "<Code>not-acceptable<", 21));
		assert_null(memmem(refusal.data, refusal.len, "RXP-", 4));
		mask(&refusal);
		if (i == 0) {
			first = refusal;
			refusal = (struct rxp_buf){0};
		} else {
			assert_int_equal(refusal.len, first.len);
			assert_memory_equal(refusal.data, first.data, first.len);
			rxp_buf_free(&refusal);
		}
		rxp_buf_free(&envelope);
		rxp_buf_free(&content);
	}
	rxp_buf_free(&first);
}

/* A sender's own rule is none of the receiver's, who does not know who read the text. */
static void receiver_takes_what_is_the_senders(void **state)
{
	struct rxp_buf content = changed("application-single.xml", "<Observations>None.<",
	    "<Observations>An appeal is pending.<");
	struct msg_open q = {.register_number = 1, .party = "QRA", .received_ms = NOW_MS};
	struct rxp_buf envelope;
	struct reply opened;

	(void)state;
	make_envelope(&envelope, &content);
	q.envelope = reply_bytes(&envelope);
	reply_init(&opened);
	assert_int_equal(open_handle(b.node, &q, &opened), 0);
	assert_int_equal(opened.body.opened.refusal, 0);
	assert_true(opened.body.opened.wrapped_key.len > 0);
	reply_clear(&opened);
	rxp_buf_free(&envelope);
	rxp_buf_free(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(desk_is_told),
	    cmocka_unit_test(fault_of_form_comes_first),
	    cmocka_unit_test(desk_speaks_beside),
	    cmocka_unit_test(who_is_needed),
	    cmocka_unit_test(centres_of_the_node),
	    cmocka_unit_test(wrong_order),
	    cmocka_unit_test(stale_draft_is_not_closed),
	    cmocka_unit_test(nothing_beside_travels),
	    cmocka_unit_test(all_refusals_are_alike),
	    cmocka_unit_test(receiver_takes_what_is_the_senders),
	};

	return cmocka_run_group_tests_name("sealer_safeguard", tests, set_up_peers, tear_down);
}
