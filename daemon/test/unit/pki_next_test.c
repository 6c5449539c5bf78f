/*
 * readmit-pki identity next, root announce and root change:
 *  - what changes is said in words, and nothing is signed without --yes (RXP-DSC-033);
 *  - the next part says what the one before said, but for what was given;
 *  - a root that was announced stays so until it signs (RXP-DSC-025), and then the former root signs none;
 *  - what is listed already, what is not listed, a root that nobody announced, a time to come are refused in plain words;
 *  - a chain of 16 parts loses its oldest (RXP-DSC-026).
 * links: certs
 */
#include "daemon/test/unit/pki_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certs/command.h"
#include "protocol/document/document.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

#define ROOT "--root-cert qra/root/root.crt --root-key qra/root/root.key "
#define NEXT_ROOT "--root-cert next/root.crt --root-key next/root.key "
#define AFTER(file) "--previous " file " "

static int begin(void **state)
{
	assert_int_equal(pki_rig_begin(state), 0);
	assert_int_equal(pki_run("seal new --party QRA --out next"), COMMAND_DONE);
	assert_int_equal(pki_run("tls new --party QRA --out next"), COMMAND_DONE);
	assert_int_equal(pki_run("root new --party QRA --out next"), COMMAND_DONE);
	return 0;
}

#define ADD \
	"identity next " AFTER("qra/node/identity.xml") ROOT \
	    "--seal-cert next/seal.crt --tls-cert next/tls.crt --endpoint https://127.0.0.2:8443 "

static void nothing_is_signed_unseen(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	pki_printed(text, ADD "--out added.xml", COMMAND_DONE);
	assert_non_null(strstr(text, "QRA, identity part 2 of "));
	assert_non_null(strstr(text, "+ lists the seal certificate "));
	assert_non_null(strstr(text, "+ lists the TLS pin "));
	assert_non_null(strstr(text, "+ listens at https://127.0.0.2:8443\n"));
	assert_non_null(strstr(text, "- listens no longer at https://127.0.0.1:8443\n"));
	assert_null(strstr(text, "leaves out"));
	assert_null(strstr(text, "office"));
	assert_non_null(strstr(text, "nothing was signed"));
	assert_int_equal(access("added.xml", F_OK), -1);
	/* To see it takes no key; to sign it does, and a file. */
	pki_printed(text,
	    "identity next " AFTER("qra/node/identity.xml") "--root-cert qra/root/root.crt",
	    COMMAND_DONE);
	assert_non_null(strstr(text, "it says nothing else\n"));
	pki_said(text, ADD "--yes", COMMAND_USAGE);
	assert_non_null(strstr(text, "it takes --root-key and --out"));
	pki_printed(text, ADD "--yes --out added.xml", COMMAND_DONE);
	assert_null(strstr(text, "nothing was signed"));
	assert_int_equal(access("added.xml", F_OK), 0);
}

static void the_rest_is_inherited(void **state)
{
	struct rxp_descriptor *first = pki_descriptor("qra/node/identity.xml");
	struct rxp_descriptor *d = pki_descriptor("added.xml");
	const struct rxp_identity *i = &d->identity;

	(void)state;
	assert_true(i->serial == 2 && i->has_previous && i->test);
	assert_memory_equal(i->previous, first->identity_digest, 32);
	assert_int_equal(i->n_certs, 2);
	assert_memory_equal(i->certs[0].data, first->identity.certs[0].data, i->certs[0].len);
	assert_int_equal(i->n_pins, 2);
	pki_assert_key("next/tls.crt", i->pins[1]);
	assert_int_equal(i->n_offices, 2);
	assert_string_equal(i->offices[1], "RETURNS");
	assert_int_equal(i->levels, 1u << RXP_LEVEL_CORE | 1u << RXP_LEVEL_TRANSIT);
	assert_false(i->has_next_root);
	rxp_descriptor_free(d);
	rxp_descriptor_free(first);
}

static void what_is_left_out_goes(void **state)
{
	char text[PKI_SAID_TEXT];
	struct rxp_descriptor *d;

	(void)state;
	pki_printed(text,
	    "identity next " AFTER("added.xml") ROOT
	    "--retire-seal qra/node/seal.crt --retire-tls qra/node/tls.crt --pulls --level Core "
	    "--office NODE --revoked-since 2026-01-31T12:00:00.000Z --yes --out left.xml",
	    COMMAND_DONE);
	assert_non_null(strstr(text, "- leaves out the seal certificate "));
	assert_non_null(
	    strstr(text, "+ revokes the seal certificates that it leaves out, since 2026-01-31T"));
	assert_non_null(strstr(text, "- leaves out the TLS pin "));
	assert_non_null(strstr(text, "+ has no endpoint and pulls\n"));
	assert_non_null(strstr(text, "- serves no longer the office RETURNS\n"));
	assert_non_null(strstr(text, "- conforms no longer to the level Transit\n"));
	d = pki_descriptor("left.xml");
	assert_true(
	    d->identity.n_certs == 1 && d->identity.n_pins == 1 && d->identity.n_endpoints == 0);
	pki_assert_key("next/tls.crt", d->identity.pins[0]);
	rxp_descriptor_free(d);
	/* A later part does not revoke again. */
	assert_int_equal(
	    pki_run("identity next " AFTER("left.xml") ROOT "--yes --out after.xml"), COMMAND_DONE);
	d = pki_descriptor("after.xml");
	assert_true(d->identity.revoked_since_ms == 0 && d->identity.serial == 4);
	rxp_descriptor_free(d);
	pki_printed(text, "show " AFTER("qra/node/identity.xml") "after.xml", COMMAND_DONE);
	assert_non_null(strstr(text, "QRA, identity part 4 after 1\n"));
	assert_non_null(strstr(text, "- leaves out the seal certificate "));
}

static void a_root_changes(void **state)
{
	char text[PKI_SAID_TEXT], before[PKI_SAID_TEXT];
	struct rxp_descriptor *d;

	(void)state;
	pki_said(
	    text, "root change " AFTER("added.xml") NEXT_ROOT "--yes --out new.xml", COMMAND_USAGE);
	assert_non_null(strstr(text, "which announced none: see root announce"));
	pki_printed(text,
	    "root announce " AFTER("added.xml") ROOT
	    "--next-root next/root.crt --yes --out told.xml",
	    COMMAND_DONE);
	assert_non_null(strstr(text, "+ announces the next root "));
	pki_said(text, "root change " AFTER("told.xml") ROOT "--yes --out new.xml", COMMAND_USAGE);
	assert_non_null(strstr(text, "the new one is meant"));
	/* A part between does not forget it. */
	assert_int_equal(pki_run("identity next " AFTER("told.xml") ROOT
			     "--retire-tls qra/node/tls.crt --yes --out between.xml"),
	    COMMAND_DONE);
	d = pki_descriptor("between.xml");
	assert_true(d->identity.has_next_root);
	pki_assert_key("next/root.crt", d->identity.next_root);
	rxp_descriptor_free(d);
	pki_printed(before, "fingerprint between.xml", COMMAND_DONE);
	pki_printed(text, "root change " AFTER("between.xml") NEXT_ROOT "--yes --out new.xml",
	    COMMAND_DONE);
	assert_non_null(strstr(text, "+ sealed by the root "));
	assert_non_null(strstr(text, "- announces no longer the next root "));
	d = pki_descriptor("new.xml");
	assert_true(d->identity.serial == 5 && !d->identity.has_next_root);
	pki_assert_key("next/root.crt", d->root);
	rxp_descriptor_free(d);
	pki_printed(text, "fingerprint new.xml", COMMAND_DONE);
	assert_string_not_equal(text, before);
	pki_printed(before, "fingerprint next/root.crt", COMMAND_DONE);
	assert_string_equal(text, before);
	pki_said(text, "identity next " AFTER("new.xml") ROOT "--yes --out x.xml", COMMAND_USAGE);
	assert_non_null(strstr(text, "is not the root of the part before"));
	assert_int_equal(access("x.xml", F_OK), -1);
}

static void mistakes_are_said(void **state)
{
	static const struct {
		const char *options;
		int status;
		const char *words;
	} cases[] = {
	    {"--seal-cert qra/node/seal.crt", COMMAND_USAGE,
		"this seal certificate is listed already"},
	    {"--tls-cert qra/node/tls.crt", COMMAND_USAGE,
		"this TLS certificate is listed already"},
	    {"--retire-seal next/root.crt", COMMAND_USAGE, "no such seal certificate is listed"},
	    {"--retire-tls next/root.crt", COMMAND_USAGE, "no such TLS pin is listed"},
	    {"--retire-tls 00", COMMAND_FAILED, "00: "},
	    {"--revoked-since 2999-01-01T00:00:00.000Z --yes --out x.xml", COMMAND_FAILED, "dates"},
	    {"--retire-seal qra/node/seal.crt --retire-seal next/seal.crt --yes --out x.xml",
		COMMAND_FAILED, "schema"},
	};
	char text[PKI_SAID_TEXT], line[512];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(line, sizeof line, "identity next " AFTER("added.xml") ROOT "%s",
		    cases[i].options);
		pki_said(text, line, cases[i].status);
		if (strstr(text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].options, text);
	}
	assert_int_equal(access("x.xml", F_OK), -1);
	/* By the digits that `show` prints. */
	pki_printed(text, "show added.xml", COMMAND_DONE);
	snprintf(line, sizeof line,
	    "identity next " AFTER("added.xml") ROOT "--retire-tls %.64s --yes --out digits.xml",
	    strstr(text, "TLS pin ") + strlen("TLS pin "));
	assert_int_equal(pki_run(line), COMMAND_DONE);
}

/* Nobody signs 16 parts by hand in a year; a State may in a century. */
static void a_chain_is_bounded(void **state)
{
	struct rxp_descriptor *d;
	char line[256];

	(void)state;
	assert_int_equal(rename("qra/node/identity.xml", "chain1.xml"), 0);
	for (int n = 2; n <= RXP_MAX_IDENTITY_PARTS + 3; n++) {
		snprintf(line, sizeof line,
		    "identity next --previous chain%d.xml " ROOT "--yes --out chain%d.xml", n - 1,
		    n);
		assert_int_equal(pki_run(line), COMMAND_DONE);
	}
	d = pki_descriptor("chain19.xml");
	assert_int_equal(d->identity.serial, 19);
	rxp_descriptor_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_signed_unseen),
	    cmocka_unit_test(the_rest_is_inherited),
	    cmocka_unit_test(what_is_left_out_goes),
	    cmocka_unit_test(a_root_changes),
	    cmocka_unit_test(mistakes_are_said),
	    cmocka_unit_test(a_chain_is_bounded),
	};

	return cmocka_run_group_tests(tests, begin, pki_rig_end);
}
