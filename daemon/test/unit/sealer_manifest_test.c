/*
 * check with attachments: content and manifest must fit each other, and each fault is told with its
 * place and requirement, those of both schemas together; rows that the registry does not make are no
 * fault of the content; content and manifest together fill a Document and no more.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_fixture.h"

#include "daemon/sealer/check.h"
#include "daemon/sealer/draft.h"
#include "daemon/sealer/manifest.h"
#include "protocol/init.h"

static struct test_state a;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	state_free(&a);
	rxp_cleanup();
	return 0;
}

static int check_with(struct reply *checked, struct bytes body, struct bytes attachments)
{
	const struct msg_check q = content_check(body, attachments);

	reply_init(checked);
	assert_int_equal(check_handle(a.node, &q, checked), 0);
	return (int)checked->body.checked.result;
}

static int check_family(struct reply *checked, const struct rec_attachment_row *rows, size_t n)
{
	struct rxp_buf octets = example("application-family.xml");
	struct rxp_buf list = row_list(rows, n);
	int rc = check_with(checked, reply_bytes(&octets), reply_bytes(&list));

	rxp_buf_free(&list);
	rxp_buf_free(&octets);
	return rc;
}

static bool is_text(struct bytes b, const char *text)
{
	return b.len == strlen(text) && memcmp(b.data, text, b.len) == 0;
}

/* One violation of the family's check, in content or manifest. */
static void assert_family_wrong(
    const struct rec_attachment_row *rows, size_t n, const char *requirement, const char *path)
{
	bool in_manifest = strncmp(path, "Attachments", 11) == 0;
	struct reply checked;
	struct record_cursor cursor;
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(check_family(&checked, rows, n), RXP_ERR_SCHEMA);
	assert_int_equal(checked.body.checked.facts.len, 0);
	assert_int_equal(checked.body.checked.draft.len, 0);
	fields = checked.body.checked.violations;
	cursor = (struct record_cursor){.at = fields.data, .left = fields.len};
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_string_equal(v.requirement, requirement);
	if (!is_text(v.path, path))
		fail_msg("%.*s and not %s", (int)v.path.len, (const char *)v.path.data, path);
	assert_int_equal(v.line == 0, in_manifest);
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
	reply_clear(&checked);
}

static void attachments_must_fit(void **state)
{
	struct rec_attachment_row good[4];
	struct rec_attachment_row rows[4];

	(void)state;
	family_rows(good);
	good[3] = good[2];
	good[3].number = 4;
	assert_family_wrong(
	    good, 2, "RXP-ATT-002", "ReadmissionApplication/Person[2]/Photograph/Attachment");
	assert_family_wrong(good, 4, "RXP-ATT-003", "Attachments/Attachment[4]");
	memcpy(rows, good, sizeof rows);
	snprintf(rows[0].type, sizeof rows[0].type, "document-scan");
	assert_family_wrong(
	    rows, 3, "RXP-APP-015", "ReadmissionApplication/Person[1]/Photograph/Attachment");
	memcpy(rows, good, sizeof rows);
	snprintf(rows[1].type, sizeof rows[1].type, "<film>&");
	assert_family_wrong(rows, 3, "RXP-ATT-001", "Attachments/Attachment[2]/Type");
	memcpy(rows, good, sizeof rows);
	rows[1].checked_by[0] = '\0';
	assert_family_wrong(rows, 3, "RXP-ATT-001", "Attachments/Attachment[2]/CheckedBy");
}

/* Faults of content and manifest are told together. */
static void both_schemas(void **state)
{
	static const char body[] =
	    "<Withdrawal xmlns=\"urn:rxp:1:body\"><Person key=\"P1\"/><Reason>of my own</Reason></Withdrawal>";
	struct rec_attachment_row rows[3];
	struct reply checked;
	struct rxp_buf list;

	(void)state;
	family_rows(rows);
	rows[0].number = 0;
	list = row_list(rows, 3);
	assert_int_equal(check_with(&checked, (struct bytes){(const uint8_t *)body, strlen(body)},
			     reply_bytes(&list)),
	    RXP_ERR_SCHEMA);
	assert_non_null(memmem(checked.body.checked.violations.data,
	    checked.body.checked.violations.len, "RXP-DOC-005", 11));
	assert_non_null(memmem(checked.body.checked.violations.data,
	    checked.body.checked.violations.len, "RXP-ATT-001", 11));
	reply_clear(&checked);
	rxp_buf_free(&list);
}

/* Rows that the registry does not make. */
static void damaged_rows(void **state)
{
	static struct rec_attachment_row many[RXP_MAX_ATTACHMENTS + 1];
	struct rec_attachment_row rows[3];
	struct reply checked;

	(void)state;
	family_rows(rows);
	rows[1].ciphertext_length++;
	assert_int_equal(check_family(&checked, rows, 3), RXP_ERR_DAMAGED);
	reply_clear(&checked);
	rows[1].length++;
	assert_int_equal(check_family(&checked, rows, 3), 0);
	reply_clear(&checked);
	rows[1].length = UINT64_C(1) << 63;
	rows[1].ciphertext_length = rows[1].length + (UINT64_C(1) << 47);
	assert_int_equal(check_family(&checked, rows, 3), RXP_ERR_DAMAGED);
	reply_clear(&checked);
	family_rows(rows);
	rows[2].media_type[0] = '\1'; /* no character of XML */
	assert_int_equal(check_family(&checked, rows, 3), RXP_ERR_DAMAGED);
	assert_int_equal(checked.body.checked.violations.len, 0);
	reply_clear(&checked);
	for (unsigned i = 0; i <= RXP_MAX_ATTACHMENTS; i++) {
		many[i] = rows[1];
		many[i].number = i + 1;
	}
	assert_int_equal(check_family(&checked, many, RXP_MAX_ATTACHMENTS + 1), RXP_ERR_DAMAGED);
	reply_clear(&checked);
	assert_int_equal(check_family(&checked, many, RXP_MAX_ATTACHMENTS), RXP_ERR_SCHEMA);
	reply_clear(&checked);
}

#define PROVED 12 /* persons of the longest supplement */
#define PROOFS 16 /* items of evidence of each */
#define TEXTS (2UL * PROVED * PROOFS) /* of one character at least */

static void put_text(struct rxp_buf *octets, const char *name, size_t *filling)
{
	char tag[32];

	snprintf(tag, sizeof tag, "        <%s>a", name);
	rxp_buf_puts(octets, tag);
	for (unsigned n = 1; n < 100 && *filling > 0; n++) {
		bool wide = *filling >= strlen("&amp;");

		rxp_buf_puts(octets, wide ? "&amp;" : "a");
		*filling -= wide ? strlen("&amp;") : 1;
	}
	snprintf(tag, sizeof tag, "</%s>\n", name);
	rxp_buf_puts(octets, tag);
}

static void put_proof(struct rxp_buf *octets, bool scanned, size_t *filling)
{
	rxp_buf_puts(octets, "    <Evidence list=\"2\" strength=\"prima-facie\">\n"
			     "      <Kind>birth-certificate</Kind>\n      <Document>\n"
			     "        <Number>4</Number>\n");
	put_text(octets, "IssuedAt", filling);
	put_text(octets, "Authority", filling);
	rxp_buf_puts(octets, "      </Document>\n");
	if (scanned)
		rxp_buf_puts(octets, "      <Attachment>2</Attachment>\n");
	rxp_buf_puts(
	    octets, "      <AuthenticatedCopy>false</AuthenticatedCopy>\n    </Evidence>\n");
}

static void put_photograph(struct rxp_buf *octets, unsigned attachment)
{
	char text[96];

	snprintf(text, sizeof text,
	    "    <Photograph>\n      <Attachment>%u</Attachment>\n    </Photograph>\n", attachment);
	rxp_buf_puts(octets, text);
}

/* A supplement with the attachments of the family and so many octets in its texts, as it leaves the node. */
static void supplement_with(struct rxp_buf *octets, size_t filling)
{
	filling -= TEXTS;
	rxp_buf_init(octets, 2UL * RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(octets, "<Supplement xmlns=\"urn:rxp:1:body\">\n");
	for (unsigned key = 1; key <= PROVED; key++) {
		char head[32];

		snprintf(head, sizeof head, "  <Person key=\"P%u\">\n", key);
		rxp_buf_puts(octets, head);
		for (unsigned i = 0; i < PROOFS; i++)
			put_proof(octets, key == 1 && i == 0, &filling);
		if (key <= 2)
			put_photograph(octets, key == 1 ? 1 : 3);
		rxp_buf_puts(octets, "  </Person>\n");
	}
	rxp_buf_puts(octets, "</Supplement>");
	assert_int_equal(rxp_buf_error(octets), 0);
}

/* Content and manifest share the room of a Document. */
static void longest_with_attachments(void **state)
{
	struct rec_attachment_row rows[3];
	struct rxp_buf list, manifest, body;
	size_t around;

	(void)state;
	family_rows(rows);
	list = row_list(rows, 3);
	rxp_buf_init(&manifest, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(manifest_write_unkeyed(&manifest, reply_bytes(&list)), 0);
	supplement_with(&body, TEXTS);
	around = body.len - TEXTS;
	rxp_buf_free(&body);
	for (size_t more = 0; more < 2; more++) {
		struct reply checked;

		supplement_with(&body, DRAFT_MAX_CONTENT_OCTETS - manifest.len - around + more);
		assert_int_equal(body.len, DRAFT_MAX_CONTENT_OCTETS - manifest.len + more);
		assert_int_equal(check_with(&checked, reply_bytes(&body), reply_bytes(&list)),
		    more == 0 ? 0 : RXP_ERR_BOUND);
		assert_int_equal(checked.body.checked.draft.len > 0, more == 0);
		reply_clear(&checked);
		rxp_buf_free(&body);
	}
	rxp_buf_free(&manifest);
	rxp_buf_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attachments_must_fit),
	    cmocka_unit_test(both_schemas),
	    cmocka_unit_test(damaged_rows),
	    cmocka_unit_test(longest_with_attachments),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
