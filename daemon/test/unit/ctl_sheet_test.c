/*
 * ctl_sheet_test - goals: the information sheet of a person (RXP-INF-001, RXP-INF-002):
 *   each text is there in every language; a type of document has one if it is of a case, and is told without
 *   a sheet names the documents in the order of their receipt, whose they were and to whom, when they came, what
 *   is erased and until when the rest is kept; one that was never sent is not there
 *   without a reason, a language or a person nobody is asked
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/test/unit/ctl_rig.h"
#include "protocol/document/document.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define ITEM(from, to, office, type, state, at, erased) \
	"{\"from\":\"" from "\",\"to\":\"" to "\",\"office\":\"" office "\",\"type\":\"" type \
	"\",\"position\":1,\"state\":\"" state "\",\"at\":" at ",\"erased\":" erased "}"
#define SHEET(due, items) "{\"own\":\"QMA\",\"peer\":\"QMB\",\"due\":" due ",\"items\":[" items "]}"
#define REPLY \
	ITEM("QMB", "QMA", "RETURNS", "ReadmissionReply", "received", \
	    "\"2026-12-01T10:00:00.000Z\"", "null")
#define APPLICATION \
	ITEM("QMA", "QMB", "READMISSION", "ReadmissionApplication", "delivered", \
	    "\"2026-11-29T23:59:00.000Z\"", "\"2027-01-01T00:00:00.000Z\"")
#define WAITS ITEM("QMA", "QMB", "READMISSION", "Withdrawal", "waiting", "null", "null")
#define GIVEN_UP ITEM("QMA", "QMB", "READMISSION", "Supplement", "discarded", "null", "null")
#define TURNED \
	ITEM("QMA", "QMB", "CONSULAR", "InterviewArrangement", "refused", \
	    "\"2026-11-30T00:00:00.000Z\"", "null")

static void every_text(void **state)
{
	static const char *const types[RXP_TYPE_COUNT][2] = {
#define SHEET_TYPE(NAME, en, fr) [RXP_TYPE_##NAME] = {en, fr},
#include "daemon/ctl/sheet.def"
#undef SHEET_TYPE
	};
	unsigned told = 0;

	(void)state;
	for (int t = 0; t < RXP_TYPE_COUNT; t++) {
		const struct rxp_type_row *row = rxp_type_row((enum rxp_type)t);

		if ((types[t][0] == NULL) != (types[t][1] == NULL) ||
		    (types[t][0] != NULL && row->scope != RXP_SCOPE_CASE))
			fail_msg("%s", row->wire);
		told += types[t][0] != NULL;
	}
	assert_true(told > 30);
}

/* Each type of a case is on a sheet, whether it has a text or not. */
static void every_type(void **state)
{
	(void)state;
	for (int t = 0; t < RXP_TYPE_COUNT; t++) {
		const struct rxp_type_row *row = rxp_type_row((enum rxp_type)t);
		struct daemon d;
		char body[512];

		snprintf(body, sizeof body,
		    SHEET("null", ITEM("QMB", "QMA", "RETURNS", "%s", "received",
				      "\"2026-12-01T10:00:00.000Z\"", "null")),
		    row->wire);
		answers(&d, 200, body);
		assert_int_equal(run(&d, "case|sheet|" CASE
					 "|P1|--language|fr|--reason|person-request") == EXIT_OK,
		    row->scope == RXP_SCOPE_CASE);
	}
}

static void english(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200,
	    SHEET("\"2028-01-01T00:00:00.000Z\"",
		REPLY "," WAITS "," GIVEN_UP "," APPLICATION "," TURNED));
	assert_int_equal(
	    run(&d, "case|sheet|" CASE "|P2|--language|en|--reason|person-request"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/persons/2/sheet");
	assert_string_equal(d.header[0], "Readmit-Reason: person-request");
	assert_string_equal(d.out,
	    "Information about your data in a readmission case\n\n"
	    "Case: " CASE "\nPerson of the case: P2\nGiven by: QMA\n\n"
	    "The States QMA and QMB exchange documents about you in this case:\n\n"
	    "- application for readmission,\n"
	    "  sent by QMA to QMB (readmission office), received on 2026-11-29\n"
	    "  its content was erased here on 2027-01-01\n\n"
	    "- arrangement of an interview,\n"
	    "  sent by QMA to QMB (consular office), which did not accept it\n\n"
	    "- reply to the application,\n"
	    "  sent by QMB to QMA (returns office), received on 2026-12-01\n\n"
	    "- withdrawal,\n"
	    "  sent by QMA to QMB (readmission office), not confirmed yet\n\n"
	    "What is held of you here is erased from 2028-01-01 on.\n"
	    "You may ask what these documents say of you, and ask that what is wrong be corrected, "
	    "erased or blocked. The other State is then asked to do the same.\n"
	    "You may complain to the authority that gave you this sheet, or to the authority that "
	    "supervises data protection.\n"
	    "Write to: ______________________________\n");
}

static void french(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, SHEET("null", REPLY));
	assert_int_equal(run(&d, "case|sheet|" CASE "|P1|--language|fr|--reason|person-request|"
				 "--contact|1 rue de la Paix, Utopie"),
	    EXIT_OK);
	assert_non_null(
	    strstr(d.out, "- réponse à la demande,\n  envoyé par QMB à QMA (service des "
			  "retours), reçu le 2026-12-01\n"));
	assert_non_null(strstr(d.out, "Aucune date n'est encore fixée"));
	assert_non_null(strstr(d.out, "Écrivez à : 1 rue de la Paix, Utopie\n"));
	assert_null(strchr(d.out, '{'));
}

static void refusals(void **state)
{
	static const char *const BAD[] = {"case|sheet|" CASE "|P1|--language|en",
	    "case|sheet|" CASE "|P1|--reason|person-request",
	    "case|sheet|" CASE "|P1|--reason|person-request|--language|xx",
	    "case|sheet|" CASE "|P0|--reason|person-request|--language|en"};
	struct daemon d;

	(void)state;
	answers(&d, 200, SHEET("null", REPLY));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(run(&d, BAD[i]), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
	answers(&d, 200,
	    SHEET("null", ITEM("QMB", "QMA", "RETURNS", "Ping", "received", "null", "null")));
	assert_int_equal(
	    run(&d, "case|sheet|" CASE "|P1|--reason|person-request|--language|en"), EXIT_FAILED);
	assert_string_equal(d.out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_text),
	    cmocka_unit_test(every_type),
	    cmocka_unit_test(english),
	    cmocka_unit_test(french),
	    cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
