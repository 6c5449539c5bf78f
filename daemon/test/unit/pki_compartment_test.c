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
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include <cmocka.h>

#include "certs/certificate.h"
#include "certs/command.h"
#include "certs/file.h"
#include "certs/keypair.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/document/document.h"
#include "protocol/init.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signer.h"
#include "protocol/xml/xml.h"

#define NOW_MS INT64_C(1797000000000)
#define WORDS_MAX 24
#define NEED "<Need>wheelchair</Need>"

static int home; /* the folder to come back to */

static int run(const char *line)
{
	char text[1024];
	char name[] = "readmit-pki";
	char *words[WORDS_MAX] = {name};
	char *rest = NULL;
	int n = 1;

	assert_true(snprintf(text, sizeof text, "%s", line) < (int)sizeof text);
	for (char *word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		assert_true(n < WORDS_MAX - 1);
		words[n++] = word;
	}
	return command_run(n, words);
}

static struct rxp_buf read_whole(const char *path)
{
	struct rxp_buf octets;

	rxp_buf_init(&octets, FILE_MAX_OCTETS);
	assert_int_equal(file_read(&octets, path), 0);
	return octets;
}

static void write_whole(const char *path, const void *octets, size_t len)
{
	struct rxp_buf file;

	rxp_buf_init(&file, FILE_MAX_OCTETS);
	assert_int_equal(rxp_buf_put(&file, octets, len), 0);
	assert_int_equal(file_create(path, &file), 0);
	rxp_buf_free(&file);
}

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
	char path[128];

	snprintf(path, sizeof path, "top/spec/examples/%s", example);
	octets = read_whole(path);
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
	struct rxp_buf pem = read_whole(path);
	struct rxp_buf spki;

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
	struct rxp_buf pem = read_whole("qra/node/seal.key");
	struct rxp_office_keys offices = {0};
	struct rxp_draft draft = {.content = &content, .office_keys = &offices};
	struct rxp_key_signer *key = NULL;
	struct rxp_cert *cert = NULL;
	struct rxp_signer signer;
	struct rxp_buf der, document;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];

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
	write_whole(out, document.data, document.len);
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
	char folder[] = "/tmp/pki_compartment_test.XXXXXX";
	char top[512];

	assert_int_equal(rxp_init(), 0);
	assert_non_null(getcwd(top, sizeof top));
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(home >= 0);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(symlink(top, "top"), 0);
	*state = strdup(folder);
	write_whole("words", "a long passphrase\n", 18);
	write_whole("other-words", "another passphrase\n", 19);
	assert_int_equal(run("office-key new --office HEALTH --out own"), COMMAND_DONE);
	assert_int_equal(run("office-key new --office HEALTH --out other"), COMMAND_DONE);
	assert_int_equal(run("office-key new --office HEALTH --out locked --passphrase-file words"),
	    COMMAND_DONE);
	assert_int_equal(run("state new --party QRA --out qra --office NODE --office HEALTH "
			     "--office-key HEALTH=own/HEALTH.pub"),
	    COMMAND_DONE);
	assert_int_equal(run("state new --party QRC --out qrc"), COMMAND_DONE);
	seal("document.xml", "transfer-notification.xml", "own/HEALTH.pub");
	seal("locked.xml", "transfer-notification.xml", "locked/HEALTH.pub");
	seal("none.xml", "transfer-notification-own-document.xml", "own/HEALTH.pub");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	int rc = fchdir(home);

	close(home);
	nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	rxp_cleanup();
	return rc;
}

#define OPEN "compartment open --sender qra/node/identity.xml --out opened.xml "

static void opened(const char *line)
{
	struct rxp_buf content;
	struct stat st;

	assert_int_equal(run(line), COMMAND_DONE);
	content = read_whole("opened.xml");
	assert_non_null(memmem(content.data, content.len, NEED, strlen(NEED)));
	assert_null(memmem(content.data, content.len, "EncryptedData", strlen("EncryptedData")));
	assert_int_equal(stat("opened.xml", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(unlink("opened.xml"), 0);
	rxp_buf_free(&content);
}

static void refused(const char *line)
{
	assert_int_equal(run(line), COMMAND_FAILED);
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
	struct rxp_buf document = read_whole("document.xml");
	uint8_t *at = memmem(document.data, document.len, "<Mode>air<", 10);

	(void)state;
	assert_non_null(at);
	at[6] = 's'; /* by sea */
	at[7] = 'e';
	at[8] = 'a';
	write_whole("changed.xml", document.data, document.len);
	refused(OPEN "--key own/HEALTH.key changed.xml");
	refused(
	    "compartment open --sender qrc/node/identity.xml --out opened.xml --key own/HEALTH.key "
	    "document.xml");
	refused(
	    "compartment open --sender document.xml --out opened.xml --key own/HEALTH.key document.xml");
	assert_int_equal(run("compartment open --out opened.xml --key own/HEALTH.key document.xml"),
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

	return cmocka_run_group_tests_name("pki compartment", tests, set_up, tear_down);
}
