/*
 * check with attachments: content and manifest must fit each other, and each fault is told with its
 * place and requirement, those of both schemas together; rows that the registry does not make are no
 * fault of the content. How long both may be together is sealer_length_test.c's.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_desk.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attachments_must_fit),
	    cmocka_unit_test(both_schemas),
	    cmocka_unit_test(damaged_rows),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
