/*
 * readmit-pki: `state new` makes every file, with its mode, and a chain that verifies; nothing is
 * overwritten; a second identity part continues the first; an office's key gets into it by its public
 * part; a root key under a passphrase opens with it and with no other; wrong use is told from failure by
 * the exit status; a profile and a calendar are sealed as a peer will read them, or not written at all.
 * links: certs
 */
#include "daemon/test/unit/pki_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs/command.h"
#include "certs/keypair.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signer.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

static void files_and_modes(void **state)
{
	static const char *const paths[] = {"qra/root/root.key", "qra/root/root.crt",
	    "qra/node/seal.key", "qra/node/seal.crt", "qra/node/tls.key", "qra/node/tls.crt",
	    "qra/node/storage.key", "qra/node/identity.xml"};
	struct rxp_buf storage;
	struct stat st;
	uint8_t key[32];

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		assert_int_equal(stat(paths[i], &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_int_equal(stat("qra/root", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	pki_read(&storage, "qra/node/storage.key");
	assert_int_equal(storage.len, 65);
	assert_int_equal(storage.data[64], '\n');
	storage.data[64] = '\0';
	assert_int_equal(rxp_hex_get(key, sizeof key, (const char *)storage.data, false), 0);
	rxp_buf_free(&storage);
}

static void identity_says_all(void **state)
{
	struct rxp_descriptor *d = pki_descriptor("qra/node/identity.xml");
	const struct rxp_identity *i = &d->identity;

	(void)state;
	assert_string_equal(i->party, "QRA");
	assert_true(i->test);
	assert_int_equal(i->serial, 1);
	assert_false(i->has_previous);
	assert_false(d->has_working);
	assert_int_equal(i->n_certs, 1);
	assert_int_equal(i->n_pins, 1);
	pki_assert_key("qra/node/tls.crt", i->pins[0]);
	pki_assert_key("qra/root/root.crt", d->root);
	assert_int_equal(i->n_endpoints, 1);
	assert_string_equal(i->endpoints[0], "https://127.0.0.1:8443");
	assert_int_equal(i->n_offices, 2);
	assert_string_equal(i->offices[1], "RETURNS");
	assert_int_equal(i->levels, 1u << RXP_LEVEL_CORE | 1u << RXP_LEVEL_TRANSIT);
	rxp_descriptor_free(d);
}

/* Key and certificate belong together in the form that the sealer reads. */
static void seal_key_fits(void **state)
{
	struct rxp_cert *cert = pki_cert("qra/node/seal.crt");
	struct rxp_key_signer *signer = NULL;
	struct rxp_buf pem;

	(void)state;
	pki_read(&pem, "qra/node/seal.key");
	assert_int_equal(rxp_key_signer_open(&signer, pem.data, pem.len, cert), 0);
	rxp_key_signer_free(signer);
	rxp_buf_free(&pem);
	rxp_cert_free(cert);
}

static void nothing_is_overwritten(void **state)
{
	struct rxp_buf before;
	struct rxp_buf after;

	(void)state;
	pki_read(&before, "qra/node/storage.key");
	assert_int_equal(pki_run("storage new --out qra/node"), COMMAND_FAILED);
	assert_int_equal(pki_run(PKI_QRA), COMMAND_FAILED);
	pki_read(&after, "qra/node/storage.key");
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
	rxp_buf_free(&before);
	rxp_buf_free(&after);
}

#define NEXT \
	"identity sign --party QRA --root-cert qra/root/root.crt --root-key qra/root/root.key " \
	"--seal-cert qra/node/seal.crt --tls-cert qra/node/tls.crt --previous qra/node/identity.xml "

static void chain_continues(void **state)
{
	struct rxp_descriptor *first = pki_descriptor("qra/node/identity.xml");
	struct rxp_descriptor *d = NULL;

	(void)state;
	assert_int_equal(pki_run("seal new --party QRA --out next"), COMMAND_DONE);
	assert_int_equal(pki_run("root new --party QRA --out next"), COMMAND_DONE);
	assert_int_equal(pki_run(NEXT "--seal-cert next/seal.crt --next-root next/root.crt "
				      "--revoked-since 2026-11-01T00:00:00.000Z --out two.xml"),
	    COMMAND_DONE);
	d = pki_descriptor("two.xml");
	assert_int_equal(d->identity.serial, 2);
	assert_true(d->identity.has_previous);
	assert_memory_equal(d->identity.previous, first->identity_digest, 32);
	assert_int_equal(d->identity.n_certs, 2);
	assert_int_equal(d->identity.n_endpoints, 0);
	assert_int_equal(d->identity.revoked_since_ms, INT64_C(1793491200000));
	pki_assert_key("next/root.crt", d->identity.next_root);
	rxp_descriptor_free(d);
	rxp_descriptor_free(first);
}

/* A root that the part before did not announce is not written down as the next. */
static void other_root_is_refused(void **state)
{
	(void)state;
	assert_int_equal(pki_run("root new --party QRA --out other"), COMMAND_DONE);
	assert_int_equal(
	    pki_run(
		"identity sign --party QRA --root-cert other/root.crt --root-key other/root.key "
		"--seal-cert qra/node/seal.crt --tls-cert qra/node/tls.crt "
		"--previous qra/node/identity.xml --out three.xml"),
	    COMMAND_FAILED);
	assert_int_equal(access("three.xml", F_OK), -1);
}

/* The office's key stays with the office; its public part goes into the identity part. */
static void office_keys(void **state)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_buf secret, open, spki;
	struct stat st;

	(void)state;
	assert_int_equal(
	    pki_run("office-key new --office HEALTH --office SOCIAL --out offices"), COMMAND_DONE);
	assert_int_equal(stat("offices/HEALTH.key", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(pki_run(NEXT "--office NODE --office SOCIAL --office HEALTH "
				      "--office-key HEALTH=offices/HEALTH.pub "
				      "--office-key SOCIAL=offices/SOCIAL.pub --out offices.xml"),
	    COMMAND_DONE);
	d = pki_descriptor("offices.xml");
	assert_int_equal(d->identity.office_keys.n, 2);
	assert_int_equal(d->identity.office_keys.key[1].compartment, RXP_COMPARTMENT_SOCIAL);
	pki_read(&secret, "offices/SOCIAL.key");
	pki_read(&open, "offices/SOCIAL.pub");
	assert_non_null(memmem(secret.data, secret.len, "BEGIN PRIVATE KEY", 17));
	rxp_buf_init(&spki, 256);
	assert_int_equal(keypair_read_public(&spki, &open), 0);
	assert_int_equal(spki.len, d->identity.office_keys.key[1].spki.len);
	assert_memory_equal(spki.data, d->identity.office_keys.key[1].spki.data, spki.len);
	assert_int_equal(pki_run("show offices.xml"), COMMAND_DONE);
	assert_int_equal(pki_run("office-key new --office HEALTH --out offices"), COMMAND_FAILED);
	rxp_buf_free(&secret);
	rxp_buf_free(&open);
	rxp_buf_free(&spki);
	rxp_descriptor_free(d);
}

#define CLOSED_ROOT \
	"identity sign --party QRC --root-cert closed/root.crt --root-key closed/root.key " \
	"--seal-cert qra/node/seal.crt --tls-cert qra/node/tls.crt --out closed/identity.xml "

static void passphrase(void **state)
{
	struct rxp_buf pem;

	(void)state;
	pki_put("right", "correct horse\nsecond line\n");
	pki_put("wrong", "correct hors\n");
	pki_put("empty", "\n");
	assert_int_equal(
	    pki_run("root new --party QRC --out none --passphrase-file empty"), COMMAND_FAILED);
	assert_int_equal(access("none", F_OK), -1);
	assert_int_equal(
	    pki_run("root new --party QRC --out closed --passphrase-file right"), COMMAND_DONE);
	pki_read(&pem, "closed/root.key");
	assert_non_null(memmem(pem.data, pem.len, "BEGIN ENCRYPTED PRIVATE KEY", 27));
	rxp_buf_free(&pem);
	assert_int_equal(pki_run(CLOSED_ROOT), COMMAND_FAILED);
	assert_int_equal(pki_run(CLOSED_ROOT "--passphrase-file wrong"), COMMAND_FAILED);
	assert_int_equal(pki_run(CLOSED_ROOT "--passphrase-file right"), COMMAND_DONE);
}

#define OFFICE_KEY_MISUSE(words) (NEXT words " --out d")

static void wrong_use(void **state)
{
	static const char *const lines[] = {
	    "nothing",
	    "state",
	    "state new --party QRD",
	    "state new --party qrd --out d",
	    "state new --party FRA --out d",
	    "state new --party QRDX --out d",
	    "state new --party QRD --out d --endpoint http://127.0.0.1:8443",
	    "state new --party QRD --out d --endpoint https://127.0.0.1",
	    "state new --party QRD --out d --endpoint https://127.0.0.1:8443/",
	    "state new --party QRD --out d --endpoint https://NODE.example:8443",
	    "state new --party QRD --out d --office ASYLUM",
	    "state new --party QRD --out d --level core",
	    "state new --party QRD --party QRE --out d",
	    "office-key new --out d",
	    "office-key new --office BORDER --out d",
	    OFFICE_KEY_MISUSE("--office-key HEALTH=offices/HEALTH.pub"),
	    OFFICE_KEY_MISUSE("--office HEALTH --office-key offices/HEALTH.pub"),
	    OFFICE_KEY_MISUSE("--office BORDER --office-key BORDER=offices/HEALTH.pub"),
	    "root new --party QRD --out d --endpoint https://127.0.0.1:1",
	    "seal new --party QRD --out d --country X",
	    "fingerprint",
	    "fingerprint a b",
	    "show --plain qra/root/root.crt",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		int status = pki_run(lines[i]);

		if (status != COMMAND_USAGE)
			fail_msg("%s: status %d", lines[i], status);
	}
	assert_int_equal(pki_run("fingerprint absent"), COMMAND_FAILED);
	assert_int_equal(pki_run("show qra/node/storage.key"), COMMAND_FAILED);
	assert_int_equal(pki_run("--help"), COMMAND_DONE);
	assert_int_equal(pki_run("state new --help"), COMMAND_DONE);
	assert_int_equal(pki_run("state --help"), COMMAND_DONE);
}

/* A mistake is one line in plain words, and for the command line itself where to read on. */
static void plain_words(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	pki_said(text, "state new --party QRDX --out d", COMMAND_USAGE);
	assert_string_equal(
	    text, "readmit-pki: QRDX: a party code is three capital letters, as QRA\n");
	pki_said(text, "state new --party QRD --out d --endpoint https://127.0.0.1", COMMAND_USAGE);
	assert_non_null(strstr(text, "an endpoint must be https://host:port"));
	pki_said(text, "state new --party QRD --out d --level core", COMMAND_USAGE);
	assert_non_null(strstr(text, "no such level; there are Core "));
	pki_said(text, "state new --party QRD", COMMAND_USAGE);
	assert_string_equal(text,
	    "readmit-pki: out: this option must be given\nsee readmit-pki state new --help\n");
	pki_said(text, "nothing", COMMAND_USAGE);
	assert_string_equal(
	    text, "readmit-pki: nothing: there is no such command\nsee readmit-pki --help\n");
	pki_put("other.xml", "<other/>");
	pki_said(text, "show other.xml", COMMAND_FAILED);
	assert_string_equal(text,
	    "readmit-pki: other.xml: no whole descriptor, identity file, drill record or PEM certificate\n");
	pki_said(text, "fingerprint other.xml", COMMAND_FAILED);
	assert_non_null(strstr(text, "no whole descriptor"));
}

static void assert_no_beginning(void)
{
	DIR *dir = opendir(".");
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strlen(entry->d_name) == strlen("d.XXXXXX") && entry->d_name[1] == '.')
			fail_msg("%s is left", entry->d_name);
	closedir(dir);
}

/* Nothing is left of a state that could not be made whole, and nothing of what was there goes. */
static void whole_or_nothing(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(
	    pki_run("state new --party QRD --out half --passphrase-file absent"), COMMAND_FAILED);
	assert_int_equal(stat("half", &st), -1);
	assert_int_equal(mkdir("blank", 0700), 0);
	assert_int_equal(pki_run("state new --party QRD --out blank/"), COMMAND_DONE);
	assert_int_equal(stat("blank/node/identity.xml", &st), 0);
	assert_int_equal(mkdir("laden", 0700), 0);
	assert_int_equal(mkdir("laden/kept", 0700), 0);
	assert_int_equal(pki_run("state new --party QRD --out laden"), COMMAND_FAILED);
	assert_int_equal(stat("laden/kept", &st), 0);
	assert_int_equal(stat("laden/node", &st), -1);
	assert_int_equal(pki_run("state new --party QRD --out none/half"), COMMAND_FAILED);
	assert_no_beginning();
}

/* Certificate and identity file give the same fingerprint, also after the chain has grown. */
static void fingerprints(void **state)
{
	static const char *const files[] = {
	    "qra/root/root.crt", "qra/node/identity.xml", "two.xml"};
	char printed[3][PKI_SAID_TEXT];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char line[64];

		snprintf(line, sizeof line, "fingerprint %s", files[i]);
		pki_printed(printed[i], line, COMMAND_DONE);
	}
	assert_int_equal(strlen(printed[0]), 16 * 5); /* 16 groups, each with what ends it */
	assert_string_equal(printed[0], printed[1]);
	assert_string_equal(printed[0], printed[2]);
	assert_int_equal(pki_run("show two.xml"), COMMAND_DONE);
	assert_int_equal(pki_run("show qra/root/root.crt"), COMMAND_DONE);
}

/* Run a command that seals a draft of spec/profiles with the keys of QRA. */
static int run_seal(const char *noun, const char *party, const char *out, const char *draft)
{
	char line[1024];

	snprintf(line, sizeof line,
	    "%s seal --party %s --seal-key qra/node/seal.key --seal-cert qra/node/seal.crt "
	    "--out %s %s/spec/profiles/%s.xml",
	    noun, party, out, pki_top, draft);
	return pki_run(line);
}

static void terms_are_sealed(void **state)
{
	struct rxp_cert *cert = pki_cert("qra/node/seal.crt");
	const struct rxp_cert *certs[] = {cert};
	struct rxp_profile *profile = malloc(sizeof *profile);
	struct rxp_calendar calendar;
	struct rxp_buf file;

	(void)state;
	assert_non_null(profile);
	assert_int_equal(run_seal("profile", "QRA", "profile.xml", "customary"), COMMAND_DONE);
	pki_read(&file, "profile.xml");
	assert_int_equal(rxp_profile_open(profile, file.data, file.len, "QRA", certs, 1, NULL), 0);
	assert_string_equal(profile->id, "customary");
	rxp_buf_free(&file);
	assert_int_equal(
	    run_seal("calendar", "QRA", "calendar.xml", "calendars/qra-1"), COMMAND_DONE);
	pki_read(&file, "calendar.xml");
	assert_int_equal(
	    rxp_calendar_open(&calendar, file.data, file.len, "QRA", certs, 1, NULL), 0);
	assert_int_equal(calendar.n_offsets, 5);
	rxp_buf_free(&file);
	assert_int_equal(pki_run("profile show profile.xml"), COMMAND_DONE);
	assert_int_equal(pki_run("calendar show calendar.xml"), COMMAND_DONE);
	assert_int_equal(pki_run("calendar show profile.xml"), COMMAND_FAILED);
	assert_int_equal(pki_run("profile show calendar.xml"), COMMAND_FAILED);
	free(profile);
	rxp_cert_free(cert);
}

static void wrong_terms_are_not_sealed(void **state)
{
	char line[1024], text[PKI_SAID_TEXT];

	(void)state;
	assert_int_equal(run_seal("calendar", "QRA", "x.xml", "calendars/qrb-1"), COMMAND_FAILED);
	assert_int_equal(run_seal("profile", "QRA", "x.xml", "georgia"), COMMAND_FAILED);
	assert_int_equal(run_seal("profile", "QRA", "x.xml", "calendars/qra-1"), COMMAND_FAILED);
	assert_int_equal(run_seal("profile", "QRA", "x.xml", "absent"), COMMAND_FAILED);
	assert_int_equal(run_seal("profile", "qra", "x.xml", "customary"), COMMAND_USAGE);
	assert_int_equal(access("x.xml", F_OK), -1);
	snprintf(line, sizeof line,
	    "profile seal --party QRA --seal-key qra/node/seal.key --seal-cert qra/node/seal.crt "
	    "--out x.xml %s/spec/profiles/albania.xml",
	    pki_top);
	pki_said(text, line, COMMAND_FAILED);
	assert_null(strstr(text, "differ"));
	assert_non_null(strstr(text, "albania.xml: sealed by a party that is on neither side"));
	assert_int_equal(run_seal("profile", "QRA", "x.xml", "customary"), COMMAND_DONE);
	assert_int_equal(run_seal("profile", "QRA", "x.xml", "customary"), COMMAND_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_and_modes),
	    cmocka_unit_test(identity_says_all),
	    cmocka_unit_test(seal_key_fits),
	    cmocka_unit_test(nothing_is_overwritten),
	    cmocka_unit_test(chain_continues),
	    cmocka_unit_test(other_root_is_refused),
	    cmocka_unit_test(office_keys),
	    cmocka_unit_test(passphrase),
	    cmocka_unit_test(wrong_use),
	    cmocka_unit_test(plain_words),
	    cmocka_unit_test(whole_or_nothing),
	    cmocka_unit_test(fingerprints),
	    cmocka_unit_test(terms_are_sealed),
	    cmocka_unit_test(wrong_terms_are_not_sealed),
	};

	return cmocka_run_group_tests(tests, pki_rig_begin, pki_rig_end);
}
