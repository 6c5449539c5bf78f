#include "certs/make.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "certs/certificate.h"
#include "certs/file.h"
#include "certs/identity.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/token_key.h"
#include "daemon/base/clock.h"
#include "daemon/base/locked.h"
#include "daemon/base/storage_key.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/document/compartment.h"

#define OFFICE_CURVE "P-256" /* RXP-DSC-012 */

/* Names that a test State has by default. */
struct defaults {
	char country[3];
	char organisation[32];
	char organisation_id[32];
};

static const char *or_else(const char *given, const char *otherwise)
{
	return given != NULL ? given : otherwise;
}

/* RXP_ERR_CONFIG: a State that is no test State must name its ministry. */
static int read_subject(
    struct certificate_subject *out, struct defaults *defaults, const struct options *o)
{
	const char *party = options_value(o, OPTION_PARTY);
	struct certificate_subject s = {.party = party};

	if (!rxp_party_valid(party))
		return report_wrong(party, IDENTITY_PARTY_WORDS);
	snprintf(defaults->country, sizeof defaults->country, "%.2s", party);
	snprintf(defaults->organisation, sizeof defaults->organisation, "Test State %s", party);
	snprintf(defaults->organisation_id, sizeof defaults->organisation_id, "NTR%.2s-%s", party,
	    party);
	if (!rxp_party_is_test(party) &&
	    (o->count[OPTION_COUNTRY] == 0 || o->count[OPTION_ORGANISATION] == 0 ||
		o->count[OPTION_ORGANISATION_ID] == 0))
		return report_wrong("--country, --organisation, --organisation-id",
		    "a State that is no test State (QMA to QZZ) must give all three");
	s.country = or_else(options_value(o, OPTION_COUNTRY), defaults->country);
	s.organisation = or_else(options_value(o, OPTION_ORGANISATION), defaults->organisation);
	s.organisation_id =
	    or_else(options_value(o, OPTION_ORGANISATION_ID), defaults->organisation_id);
	if (!certificate_subject_fits(&s))
		return report_wrong("--country, --organisation, --organisation-id",
		    "two capital letters, and names that are not empty nor too long");
	*out = s;
	return 0;
}

static int create(
    const char *folder, const char *word, const char *ending, const struct rxp_buf *octets)
{
	char name[32];
	char path[FILE_MAX_PATH];
	int rc;

	snprintf(name, sizeof name, "%s.%s", word, ending);
	rc = file_path(path, folder, name);
	if (rc == 0)
		rc = file_create(path, octets);
	return report_failure(rc == 0 ? "" : path, rc);
}

/* Of the file that the command names; empty if it names none. */
static int read_passphrase(struct rxp_buf *out, const struct options *o)
{
	const char *path = options_value(o, OPTION_PASSPHRASE_FILE);

	return path == NULL ? 0 : report_failure(path, keypair_passphrase(out, path));
}

/* Key and certificate in memory. */
static int make_octets(struct rxp_buf *key_pem, struct rxp_buf *cert_pem, enum certificate_use use,
    const struct certificate_subject *subject, const struct rxp_buf *passphrase)
{
	struct evp_pkey_st *key = NULL;
	int rc;

	if ((rc = keypair_make(&key, certificate_curve(use))) != 0 ||
	    (rc = keypair_write(key_pem, key, passphrase)) != 0)
		goto done;
	rc = certificate_make(cert_pem, use, key, subject, clock_wall_ms());
done:
	keypair_free(key);
	return report_failure(certificate_word(use), rc);
}

static int make_pair(const struct options *o, enum certificate_use use)
{
	const char *folder = options_value(o, OPTION_OUT);
	const char *word = certificate_word(use);
	struct certificate_subject subject;
	struct defaults defaults;
	struct rxp_buf passphrase;
	struct rxp_buf key;
	struct rxp_buf cert;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&key, KEYPAIR_MAX_PEM_OCTETS);
	rxp_buf_init(&cert, KEYPAIR_MAX_PEM_OCTETS);
	rc = read_subject(&subject, &defaults, o);
	if (rc == 0)
		rc = read_passphrase(&passphrase, o);
	if (rc == 0)
		rc = make_octets(
		    &key, &cert, use, &subject, passphrase.len == 0 ? NULL : &passphrase);
	if (rc == 0)
		rc = report_failure(folder, file_folder(folder));
	if (rc == 0)
		rc = create(folder, word, "key", &key);
	if (rc == 0)
		rc = create(folder, word, "crt", &cert);
	rxp_buf_free(&passphrase);
	rxp_buf_free(&key);
	rxp_buf_free(&cert);
	return rc;
}

int make_root(const struct options *o)
{
	return make_pair(o, CERTIFICATE_ROOT);
}

/* The certificate alone: the key stays where it is. */
static int make_seal_in_token(const struct options *o)
{
	const char *folder = options_value(o, OPTION_OUT);
	struct certificate_subject subject;
	struct certificate_signer by;
	struct token_key *key = NULL;
	struct defaults defaults;
	struct rxp_buf cert;
	int rc = read_subject(&subject, &defaults, o);

	rxp_buf_init(&cert, KEYPAIR_MAX_PEM_OCTETS);
	if (rc == 0)
		rc = token_key_open(&key, o);
	if (rc == 0) {
		by = token_key_signer(key);
		rc = report_failure(
		    "seal", certificate_make_for(&cert, CERTIFICATE_SEAL, token_key_public(key),
				&by, &subject, clock_wall_ms()));
	}
	if (rc == 0)
		rc = report_failure(folder, file_folder(folder));
	if (rc == 0)
		rc = create(folder, certificate_word(CERTIFICATE_SEAL), "crt", &cert);
	token_key_close(key);
	rxp_buf_free(&cert);
	return rc;
}

int make_seal(const struct options *o)
{
	const bool in_token = o->count[OPTION_TOKEN_MODULE] > 0 || o->count[OPTION_TOKEN_KEY] > 0 ||
			      o->count[OPTION_PIN_FILE] > 0;

	return in_token ? make_seal_in_token(o) : make_pair(o, CERTIFICATE_SEAL);
}

int make_tls(const struct options *o)
{
	return make_pair(o, CERTIFICATE_TLS);
}

/* NAME.key and NAME.pub of one office. */
static int make_for_office(const char *folder, const char *office, const struct rxp_buf *passphrase)
{
	struct evp_pkey_st *key = NULL;
	enum rxp_compartment compartment;
	struct rxp_buf secret;
	struct rxp_buf open;
	int rc;

	if (rxp_compartment_of_office(&compartment, office) != 0)
		return report_failure(office, RXP_ERR_CONFIG);
	rxp_buf_init(&secret, KEYPAIR_MAX_PEM_OCTETS);
	rxp_buf_init(&open, KEYPAIR_MAX_PEM_OCTETS);
	if ((rc = keypair_make(&key, OFFICE_CURVE)) == 0 &&
	    (rc = keypair_write(&secret, key, passphrase)) == 0)
		rc = keypair_write_public(&open, key);
	if (report_failure(office, rc) == 0 && (rc = create(folder, office, "key", &secret)) == 0)
		rc = create(folder, office, "pub", &open);
	keypair_free(key);
	rxp_buf_free(&secret);
	rxp_buf_free(&open);
	return rc;
}

int make_office_key(const struct options *o)
{
	const char *folder = options_value(o, OPTION_OUT);
	struct rxp_buf passphrase;
	int rc = 0;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rc = read_passphrase(&passphrase, o);
	if (rc == 0)
		rc = report_failure(folder, file_folder(folder));
	for (size_t i = 0; i < o->count[OPTION_OFFICE] && rc == 0; i++)
		rc = make_for_office(
		    folder, o->values[OPTION_OFFICE][i], passphrase.len == 0 ? NULL : &passphrase);
	rxp_buf_free(&passphrase);
	return rc;
}

/* The file of a new storage key, as it is without a passphrase. */
static int make_storage_key(struct rxp_buf *file)
{
	uint8_t key[STORAGE_KEY_OCTETS];
	int rc = RXP_ERR_CRYPTO;

	if (RAND_priv_bytes_ex(NULL, key, sizeof key, 0) == 1)
		rc = storage_key_write(file, key);
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

int make_storage(const struct options *o)
{
	const char *folder = options_value(o, OPTION_OUT);
	struct rxp_buf passphrase;
	struct rxp_buf plain;
	struct rxp_buf locked;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&plain, STORAGE_KEY_FILE_OCTETS);
	rxp_buf_init(&locked, LOCKED_MAX_OCTETS);
	rc = read_passphrase(&passphrase, o);
	if (rc == 0)
		rc = report_failure("storage key", make_storage_key(&plain));
	if (rc == 0 && passphrase.len > 0)
		rc = report_failure("storage key", locked_make(&locked, &plain, &passphrase));
	if (rc == 0)
		rc = report_failure(folder, file_folder(folder));
	if (rc == 0)
		rc = create(folder, "storage", "key", passphrase.len > 0 ? &locked : &plain);
	rxp_buf_free(&passphrase);
	rxp_buf_free(&plain);
	rxp_buf_free(&locked);
	return rc;
}
