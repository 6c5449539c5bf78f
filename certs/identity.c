#include "certs/identity.h"

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "protocol/cert.h"
#include "protocol/descriptor.h"
#include "protocol/document.h"
#include "protocol/err.h"
#include "protocol/ident.h"
#include "protocol/limits.h"
#include "protocol/signer.h"
#include "protocol/timestamp.h"
#include "certs/certificate.h"
#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"

/* What is under way; identity_sign() owns it. */
struct signing {
	struct rxp_identity identity;
	struct rxp_cert *root_cert;
	struct rxp_key_signer *root;
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS]; /* those of the previous file, then ours */
	size_t n_parts;
};

/* SHA-256 of the certificate's public key. */
static int read_pin(uint8_t out[RXP_DIGEST_OCTETS], const char *path)
{
	struct rxp_cert *cert = NULL;
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = certificate_read(&der, &cert, path);
	if (rc == 0)
		rxp_cert_spki_digest(cert, out);
	rxp_cert_free(cert);
	rxp_buf_free(&der);
	return rc;
}

static int add_seal(struct signing *s, const char *path)
{
	struct rxp_identity *i = &s->identity;
	struct rxp_cert *cert = NULL;
	int rc;

	if (i->n_certs == RXP_MAX_SEAL_CERTIFICATES)
		return report_wrong(path, "more seal certificates than an identity holds");
	rxp_buf_init(&i->certs[i->n_certs], RXP_MAX_CERTIFICATE_OCTETS);
	rc = certificate_read(&i->certs[i->n_certs++], &cert, path);
	rxp_cert_free(cert);
	return rc;
}

static int add_pin(struct signing *s, const char *path)
{
	struct rxp_identity *i = &s->identity;

	if (i->n_pins == RXP_MAX_TLS_PINS)
		return report_wrong(path, "more TLS certificates than an identity holds");
	return read_pin(i->pins[i->n_pins++], path);
}

/* As the schema of identity parts has it. */
static bool is_endpoint(const char *url)
{
	static const char form[] = "^https://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+\\])"
				   ":[1-9][0-9]{0,4}$";
	regex_t re;
	bool is;

	if (regcomp(&re, form, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	is = strlen(url) <= RXP_MAX_ENDPOINT_LENGTH && regexec(&re, url, 0, NULL, 0) == 0;
	regfree(&re);
	return is;
}

static int add_endpoint(struct signing *s, const char *url)
{
	struct rxp_identity *i = &s->identity;

	if (i->n_endpoints == RXP_MAX_ENDPOINTS)
		return report_wrong(url, "more endpoints than an identity holds");
	if (!is_endpoint(url))
		return report_wrong(url,
		    "an endpoint must be https://host:port, in small letters and without a path");
	memcpy(i->endpoints[i->n_endpoints++], url, strlen(url) + 1);
	return 0;
}

static int add_office(struct signing *s, const char *office)
{
	struct rxp_identity *i = &s->identity;

	if (i->n_offices == RXP_MAX_OFFICES || !rxp_office_valid(office))
		return report_wrong(office, "no such office; there are "
#define OFFICE(name) name " "
#include "protocol/office.def"
#undef OFFICE
					    "(RXP-DOC-006)");
	memcpy(i->offices[i->n_offices++], office, strlen(office) + 1);
	return 0;
}

static bool lists_office(const struct rxp_identity *i, const char *office)
{
	for (size_t k = 0; k < i->n_offices; k++)
		if (strcmp(i->offices[k], office) == 0)
			return true;
	return false;
}

static int add_public_key(struct signing *s, enum rxp_compartment compartment, const char *path)
{
	struct rxp_buf pem;
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rxp_buf_init(&der, KEYPAIR_MAX_PEM_OCTETS);
	rc = file_read(&pem, path);
	if (rc == 0)
		rc = keypair_read_public(&der, &pem);
	if (rc == 0)
		rc = rxp_office_keys_add(&s->identity.office_keys, compartment, der.data, der.len);
	rxp_buf_free(&pem);
	rxp_buf_free(&der);
	return report_failure(path, rc);
}

/* NAME=FILE; the office is one that this part lists (RXP-DSC-013). */
static int add_office_key(struct signing *s, const char *value)
{
	char office[RXP_OFFICE_TEXT];
	enum rxp_compartment compartment;
	size_t len = strcspn(value, "=");

	if (value[len] != '=' || len >= sizeof office)
		return report_failure(value, RXP_ERR_CONFIG);
	memcpy(office, value, len);
	office[len] = '\0';
	if (!lists_office(&s->identity, office) ||
	    rxp_compartment_of_office(&compartment, office) != 0)
		return report_failure(value, RXP_ERR_CONFIG);
	return add_public_key(s, compartment, value + len + 1);
}

static int add_level(struct signing *s, const char *name)
{
	enum rxp_level level;

	if (rxp_level_parse(&level, name) != 0) {
		char words[128] = "no such level; there are";

		for (int i = 0; i < RXP_LEVEL_COUNT; i++) {
			size_t used = strlen(words);

			snprintf(words + used, sizeof words - used, " %s",
			    rxp_level_name((enum rxp_level)i));
		}
		return report_wrong(name, words);
	}
	s->identity.levels |= 1u << level;
	return 0;
}

static int set_next_root(struct signing *s, const char *path)
{
	s->identity.has_next_root = true;
	return read_pin(s->identity.next_root, path);
}

static int set_revoked_since(struct signing *s, const char *time)
{
	if (rxp_time_parse(&s->identity.revoked_since_ms, time) != 0)
		return report_wrong(time, "a time must be as 2026-01-31T12:00:00.000Z");
	return 0;
}

/* Continue the chain of an earlier file; a working part in it is left out. */
static int take_previous(struct signing *s, const struct rxp_buf *file)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_buf working = {0};
	int rc = rxp_descriptor_open(&d, file->data, file->len, NULL);

	if (rc == 0 && strcmp(d->identity.party, s->identity.party) != 0)
		rc = RXP_ERR_MISMATCH;
	if (rc == 0)
		rc = rxp_descriptor_split(s->parts, &s->n_parts, &working, file->data, file->len);
	if (rc == 0 && s->n_parts == RXP_MAX_IDENTITY_PARTS)
		rc = RXP_ERR_BOUND;
	if (rc == 0) {
		s->identity.serial = d->identity.serial + 1;
		s->identity.has_previous = true;
		memcpy(s->identity.previous, d->identity_digest, RXP_DIGEST_OCTETS);
	}
	rxp_buf_free(&working);
	rxp_descriptor_free(d);
	return rc;
}

static int set_previous(struct signing *s, const char *path)
{
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = file_read(&file, path);
	if (rc == 0)
		rc = take_previous(s, &file);
	rxp_buf_free(&file);
	return report_failure(path, rc);
}

/* What each option means for the part; `otherwise` stands in where none is given. */
static const struct {
	enum option option;
	bool is_file;
	int (*take)(struct signing *s, const char *value);
	const char *otherwise;
} takers[] = {
    {OPTION_PREVIOUS, true, set_previous, NULL},
    {OPTION_SEAL_CERT, true, add_seal, NULL},
    {OPTION_TLS_CERT, true, add_pin, NULL},
    {OPTION_ENDPOINT, false, add_endpoint, NULL},
    {OPTION_OFFICE, false, add_office, "NODE"},
    {OPTION_OFFICE_KEY, true, add_office_key, NULL},
    {OPTION_LEVEL, false, add_level, "Core"},
    {OPTION_NEXT_ROOT, true, set_next_root, NULL},
    {OPTION_REVOKED_SINCE, false, set_revoked_since, NULL},
};

static int read_options(struct signing *s, const struct options *o, bool files)
{
	const char *party = options_value(o, OPTION_PARTY);
	int rc = 0;

	if (!rxp_party_valid(party))
		return report_wrong(party, IDENTITY_PARTY_WORDS);
	memcpy(s->identity.party, party, RXP_PARTY_TEXT);
	s->identity.test = rxp_party_is_test(party);
	s->identity.serial = 1;
	s->identity.created_ms = clock_wall_ms();
	for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++) {
		size_t n = o->count[takers[i].option];

		if (takers[i].is_file && !files)
			continue;
		for (size_t k = 0; k < n && rc == 0; k++)
			rc = takers[i].take(s, o->values[takers[i].option][k]);
		if (rc == 0 && n == 0 && takers[i].otherwise != NULL)
			rc = takers[i].take(s, takers[i].otherwise);
	}
	return rc;
}

int identity_check(const struct options *o)
{
	struct signing s = {0};
	int rc;

	rxp_identity_init(&s.identity);
	rc = read_options(&s, o, false);
	rxp_identity_clear(&s.identity);
	return rc;
}

/* The root key as the library reads it: PKCS#8 without encryption, in memory only. */
static int read_root_key(struct rxp_buf *out, const struct options *o)
{
	const char *path = options_value(o, OPTION_ROOT_KEY);
	const char *passphrase_file = options_value(o, OPTION_PASSPHRASE_FILE);
	struct evp_pkey_st *key = NULL;
	struct rxp_buf passphrase;
	struct rxp_buf file;
	int rc = 0;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&file, KEYPAIR_MAX_PEM_OCTETS);
	if (passphrase_file != NULL)
		rc = report_failure(
		    passphrase_file, keypair_passphrase(&passphrase, passphrase_file));
	if (rc != 0)
		goto done;
	if ((rc = file_read(&file, path)) == 0 &&
	    (rc = keypair_read(&key, &file, passphrase_file == NULL ? NULL : &passphrase)) == 0)
		rc = keypair_write(out, key, NULL);
	report_failure(path, rc);
done:
	keypair_free(key);
	rxp_buf_free(&passphrase);
	rxp_buf_free(&file);
	return rc;
}

static int open_root(struct signing *s, const struct options *o)
{
	struct rxp_buf der;
	struct rxp_buf pem;
	int rc;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rc = certificate_read(&der, &s->root_cert, options_value(o, OPTION_ROOT_CERT));
	if (rc == 0)
		rc = read_root_key(&pem, o);
	if (rc == 0)
		rc = report_failure("root key and certificate",
		    rxp_key_signer_open(&s->root, pem.data, pem.len, s->root_cert));
	rxp_buf_free(&der);
	rxp_buf_free(&pem);
	return rc;
}

/* Seal the part, append it to the chain, and read the whole as a peer will. */
static int seal_part(struct signing *s, struct rxp_buf *file)
{
	struct rxp_signer signer = rxp_key_signer_interface(s->root);
	struct rxp_buf *part = &s->parts[s->n_parts];
	struct rxp_descriptor *d = NULL;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc;

	rxp_buf_init(part, RXP_MAX_PART_OCTETS);
	s->n_parts++;
	rc = rxp_identity_seal(part, &s->identity, s->identity.created_ms, &signer, fingerprint);
	if (rc == 0)
		rc = rxp_descriptor_write(file, s->parts, s->n_parts, NULL);
	if (rc == 0)
		rc = rxp_descriptor_open(&d, file->data, file->len, NULL);
	rxp_descriptor_free(d);
	return report_failure("identity part", rc);
}

int identity_sign(const struct options *o)
{
	const char *out = options_value(o, OPTION_OUT);
	struct signing s = {0};
	struct rxp_buf file;
	int rc;

	rxp_identity_init(&s.identity);
	rxp_buf_init(&file, RXP_MAX_DESCRIPTOR_OCTETS);
	if ((rc = read_options(&s, o, true)) == 0 && (rc = open_root(&s, o)) == 0 &&
	    (rc = seal_part(&s, &file)) == 0)
		rc = report_failure(out, file_create(out, &file));
	for (size_t i = 0; i < s.n_parts; i++)
		rxp_buf_free(&s.parts[i]);
	rxp_key_signer_free(s.root);
	rxp_cert_free(s.root_cert);
	rxp_identity_clear(&s.identity);
	rxp_buf_free(&file);
	return rc;
}
