/*
 * readmit-pki compartment open: an office gets the content with what is for its key in plain, in a file or not at
 * all; another key, a key of another curve, a passphrase that is wrong or missing, another State's descriptor, a
 * document that was changed and one without a compartment are refused, and nothing is written then.
 * links: certs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include <cmocka.h>

#include "certs/certificate.h"
#include "certs/command.h"
#include "certs/keypair.h"
#include "daemon/test/unit/pki_rig.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/document/document.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signer.h"
#include "protocol/xml/xml.h"

#define NOW_MS INT64_C(1797000000000)
#define NEED "<Need>wheelchair</Need>"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_bytes(out, (int)len) == 1 ? 0 : RXP_ERR_CRYPTO;
}

/* The example in canonical form. */
static struct rxp_buf canonical(const char *example)
{
	struct rxp_xml *xml = NULL;
	struct rxp_buf octets, out;
	char path[640];

	snprintf(path, sizeof path, "%s/spec/examples/%s", pki_top, example);
	pki_read(&octets, path);
	while (octets.data[octets.len - 1] == '\n')
		octets.len--;
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_xml_parse(&xml, octets.data, octets.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY), 0);
	assert_int_equal(rxp_xml_c14n(&out, xml, rxp_xml_root(xml)), 0);
	rxp_xml_free(xml);
	rxp_buf_free(&octets);
	return out;
}

static void add_office(struct rxp_office_keys *keys, const char *path)
{
	struct rxp_buf pem, spki;

	pki_read(&pem, path);
	rxp_buf_init(&spki, 256);
	assert_int_equal(keypair_read_public(&spki, &pem), 0);
	assert_int_equal(rxp_office_keys_add(keys, RXP_COMPARTMENT_HEALTH, spki.data, spki.len), 0);
	rxp_buf_free(&spki);
	rxp_buf_free(&pem);
}

/* A notification from QRA to QRB, for the office that has this public key. */
static void seal(const char *out, const char *example, const char *office)
{
	const struct rxp_random source = {fill, NULL};
	struct rxp_header h = {.type = "TransferNotification",
	    .from_office = "RETURNS",
	    .to_office = "BORDER",
	    .in_case = true,
	    .position = 2,
	    .has_previous = true,
	    .profile_id = "customary",
	    .profile_version = "1",
	    .outer = {.from = "QRA",
		.to = "QRB",
		.created_ms = NOW_MS,
		.expires_ms = NOW_MS + RXP_DEFAULT_LIFETIME_MS}};
	struct rxp_buf content = canonical(example);
	struct rxp_office_keys offices = {0};
	struct rxp_draft draft = {.content = &content, .office_keys = &offices};
	struct rxp_key_signer *key = NULL;
	struct rxp_cert *cert = NULL;
	struct rxp_signer signer;
	struct rxp_buf pem, der, document;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];

	pki_read(&pem, "qra/node/seal.key");
	add_office(&offices, office);
	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(certificate_read(&der, &cert, "qra/node/seal.crt"), 0);
	assert_int_equal(rxp_key_signer_open(&key, pem.data, pem.len, cert), 0);
	signer = rxp_key_signer_interface(key);
	assert_int_equal(rxp_id_make_v7(h.outer.message_id, NOW_MS, &source), 0);
	assert_int_equal(rxp_id_make_v4(h.case_id, &source), 0);
	assert_int_equal(
	    rxp_document_seal(&document, &h, &draft, NOW_MS, &source, &signer, fingerprint), 0);
	pki_write(out, document.data, document.len);
	rxp_key_signer_free(key);
	rxp_cert_free(cert);
	rxp_office_keys_clear(&offices);
	rxp_buf_free(&document);
	rxp_buf_free(&der);
	rxp_buf_free(&pem);
	rxp_buf_free(&content);
}

static int set_up(void **state)
{
	assert_int_equal(pki_rig_enter(state), 0);
	pki_put("words", "a long passphrase\n");
	pki_put("other-words", "another passphrase\n");
	assert_int_equal(pki_run("office-key new --office HEALTH --out own"), COMMAND_DONE);
	assert_int_equal(pki_run("office-key new --office HEALTH --out other"), COMMAND_DONE);
	assert_int_equal(
	    pki_run("office-key new --office HEALTH --out locked --passphrase-file words"),
	    COMMAND_DONE);
	assert_int_equal(pki_run("state new --party QRA --out qra --office NODE --office HEALTH "
				 "--office-key HEALTH=own/HEALTH.pub"),
	    COMMAND_DONE);
	assert_int_equal(pki_run("state new --party QRC --out qrc"), COMMAND_DONE);
	seal("document.xml", "transfer-notification.xml", "own/HEALTH.pub");
	seal("locked.xml", "transfer-notification.xml", "locked/HEALTH.pub");
	seal("none.xml", "transfer-notification-own-document.xml", "own/HEALTH.pub");
	return 0;
}

#define OPEN "compartment open --sender qra/node/identity.xml --out opened.xml "

static void opened(const char *line)
{
	struct rxp_buf content;
	struct stat st;

	assert_int_equal(pki_run(line), COMMAND_DONE);
	pki_read(&content, "opened.xml");
	assert_non_null(memmem(content.data, content.len, NEED, strlen(NEED)));
	assert_null(memmem(content.data, content.len, "EncryptedData", strlen("EncryptedData")));
	assert_int_equal(stat("opened.xml", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(unlink("opened.xml"), 0);
	rxp_buf_free(&content);
}

static void refused(const char *line)
{
	assert_int_equal(pki_run(line), COMMAND_FAILED);
	assert_int_equal(access("opened.xml", F_OK), -1);
}

static void the_key_of_the_office_opens_it(void **state)
{
	(void)state;
	opened(OPEN "--key own/HEALTH.key document.xml");
	refused(OPEN "--key other/HEALTH.key document.xml");
	refused(
	    OPEN "--key qra/root/root.key document.xml"); /* of another curve, or not for this */
	refused(OPEN "--key own/HEALTH.pub document.xml");
	refused(OPEN "--key own/HEALTH.key none.xml");
	refused(OPEN "--key none/HEALTH.key document.xml");
}

static void a_passphrase_is_asked_for(void **state)
{
	(void)state;
	opened(OPEN "--key locked/HEALTH.key --passphrase-file words locked.xml");
	refused(OPEN "--key locked/HEALTH.key --passphrase-file other-words locked.xml");
	refused(OPEN "--key locked/HEALTH.key locked.xml");
}

/* RXP-CMP-010 */
static void the_seal_of_the_sender_is_verified(void **state)
{
	struct rxp_buf document;
	uint8_t *at;

	(void)state;
	pki_read(&document, "document.xml");
	at = memmem(document.data, document.len, "<Mode>air<", 10);
	assert_non_null(at);
	at[6] = 's'; /* by sea */
	at[7] = 'e';
	at[8] = 'a';
	pki_write("changed.xml", document.data, document.len);
	refused(OPEN "--key own/HEALTH.key changed.xml");
	refused(
	    "compartment open --sender qrc/node/identity.xml --out opened.xml --key own/HEALTH.key "
	    "document.xml");
	refused(
	    "compartment open --sender document.xml --out opened.xml --key own/HEALTH.key document.xml");
	assert_int_equal(
	    pki_run("compartment open --out opened.xml --key own/HEALTH.key document.xml"),
	    COMMAND_USAGE);
	rxp_buf_free(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_key_of_the_office_opens_it),
	    cmocka_unit_test(a_passphrase_is_asked_for),
	    cmocka_unit_test(the_seal_of_the_sender_is_verified),
	};

	return cmocka_run_group_tests_name("pki compartment", tests, set_up, pki_rig_end);
}
