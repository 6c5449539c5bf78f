#include "certs/signing.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "certs/certificate.h"
#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "daemon/base/clock.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/document.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signer.h"

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

int signing_add_seal(struct signing *s, const char *path)
{
	struct rxp_identity *i = &s->identity;
	struct rxp_buf *der = &i->certs[i->n_certs];
	struct rxp_cert *cert = NULL;
	int rc;

	if (i->n_certs == RXP_MAX_SEAL_CERTIFICATES)
		return report_wrong(path, "more seal certificates than an identity holds");
	rxp_buf_init(der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = certificate_read(der, &cert, path);
	rxp_cert_free(cert);
	for (size_t k = 0; k < i->n_certs && rc == 0; k++)
		if (i->certs[k].len == der->len &&
		    memcmp(i->certs[k].data, der->data, der->len) == 0)
			rc = report_wrong(path, "this seal certificate is listed already");
	if (rc == 0)
		i->n_certs++;
	else
		rxp_buf_free(der);
	return rc;
}

/* The digest that the digits name, or else that of the certificate in the file: of its key, or of itself. */
static int read_digest(uint8_t out[RXP_DIGEST_OCTETS], const char *value, bool of_key)
{
	struct rxp_cert *cert = NULL;
	struct rxp_buf der;
	int rc;

	if (strlen(value) == RXP_DIGEST_HEX - 1 &&
	    rxp_hex_get(out, RXP_DIGEST_OCTETS, value, false) == 0)
		return 0;
	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = certificate_read(&der, &cert, value);
	if (rc == 0 && of_key)
		rxp_cert_spki_digest(cert, out);
	else if (rc == 0)
		rxp_cert_digest(cert, out);
	rxp_cert_free(cert);
	rxp_buf_free(&der);
	return rc;
}

/* Is it the certificate of this digest? */
static bool is_certificate(const struct rxp_buf *der, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	uint8_t is[RXP_DIGEST_OCTETS];
	struct rxp_cert *cert = NULL;
	bool same;

	if (rxp_cert_parse(&cert, der->data, der->len) != 0)
		return false;
	rxp_cert_digest(cert, is);
	same = memcmp(is, digest, sizeof is) == 0;
	rxp_cert_free(cert);
	return same;
}

int signing_leave_seal(struct signing *s, const char *value)
{
	struct rxp_identity *i = &s->identity;
	uint8_t digest[RXP_DIGEST_OCTETS];
	size_t at = 0;
	int rc = read_digest(digest, value, false);

	if (rc != 0)
		return rc;
	while (at < i->n_certs && !is_certificate(&i->certs[at], digest))
		at++;
	if (at == i->n_certs)
		return report_wrong(value, "no such seal certificate is listed");
	rxp_buf_free(&i->certs[at]);
	for (i->n_certs--; at < i->n_certs; at++)
		i->certs[at] = i->certs[at + 1];
	rxp_buf_init(&i->certs[i->n_certs], RXP_MAX_CERTIFICATE_OCTETS);
	return 0;
}

int signing_add_pin(struct signing *s, const char *path)
{
	struct rxp_identity *i = &s->identity;

	uint8_t pin[RXP_DIGEST_OCTETS];
	int rc = read_pin(pin, path);

	if (rc != 0)
		return rc;
	if (i->n_pins == RXP_MAX_TLS_PINS)
		return report_wrong(path, "more TLS certificates than an identity holds");
	for (size_t k = 0; k < i->n_pins; k++)
		if (memcmp(i->pins[k], pin, sizeof pin) == 0)
			return report_wrong(
			    path, "the key of this TLS certificate is listed already");
	memcpy(i->pins[i->n_pins++], pin, sizeof pin);
	return 0;
}

int signing_leave_pin(struct signing *s, const char *value)
{
	struct rxp_identity *i = &s->identity;
	uint8_t pin[RXP_DIGEST_OCTETS];
	size_t at = 0;
	int rc = read_digest(pin, value, true);

	if (rc != 0)
		return rc;
	while (at < i->n_pins && memcmp(i->pins[at], pin, sizeof pin) != 0)
		at++;
	if (at == i->n_pins)
		return report_wrong(value, "no such TLS pin is listed");
	for (i->n_pins--; at < i->n_pins; at++)
		memcpy(i->pins[at], i->pins[at + 1], sizeof pin);
	return 0;
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

int signing_add_endpoint(struct signing *s, const char *url)
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

int signing_add_office(struct signing *s, const char *office)
{
	struct rxp_identity *i = &s->identity;

	if (i->n_offices == RXP_MAX_OFFICES || !rxp_office_valid(office))
		return report_wrong(office, "no such office; there are "
#define OFFICE(name) name " "
#include "protocol/message/office.def"
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
int signing_add_office_key(struct signing *s, const char *value)
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

int signing_add_level(struct signing *s, const char *name)
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

int signing_next_root(struct signing *s, const char *path)
{
	s->identity.has_next_root = true;
	return read_pin(s->identity.next_root, path);
}

int signing_revoked_since(struct signing *s, const char *time)
{
	if (rxp_time_parse(&s->identity.revoked_since_ms, time) != 0)
		return report_wrong(time, "a time must be as 2026-01-31T12:00:00.000Z");
	return 0;
}

/* A working part in the file is left out. */
static int take_previous(struct signing *s, const struct rxp_buf *file)
{
	struct rxp_buf working = {0};
	int rc = rxp_descriptor_open(&s->before, file->data, file->len, NULL);

	if (rc == 0)
		rc = rxp_descriptor_split(s->parts, &s->n_parts, &working, file->data, file->len);
	if (rc == 0) {
		memcpy(s->identity.party, s->before->identity.party, RXP_PARTY_TEXT);
		s->identity.test = s->before->identity.test;
		s->identity.serial = s->before->identity.serial + 1;
		s->identity.has_previous = true;
		memcpy(s->identity.previous, s->before->identity_digest, RXP_DIGEST_OCTETS);
	}
	rxp_buf_free(&working);
	return rc;
}

int signing_previous(struct signing *s, const char *path)
{
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = file_read(&file, path);
	if (rc == 0)
		rc = take_previous(s, &file);
	rxp_buf_free(&file);
	if (rc == 0 && s->identity.created_ms < s->before->identity.created_ms)
		return report_wrong(
		    path, "was signed later than this machine's clock says it is now");
	return report_failure(path, rc);
}

void signing_inherit(struct signing *s)
{
	const struct rxp_identity made = s->identity;

	s->identity = s->before->identity;
	rxp_identity_init(&s->before->identity);
	s->identity.serial = made.serial;
	s->identity.created_ms = made.created_ms;
	s->identity.has_previous = true;
	memcpy(s->identity.previous, made.previous, sizeof made.previous);
	s->identity.revoked_since_ms = 0;
}

void signing_begin(struct signing *s)
{
	*s = (struct signing){0};
	rxp_identity_init(&s->identity);
	s->identity.serial = 1;
	s->identity.created_ms = clock_wall_ms();
}

void signing_clear(struct signing *s)
{
	for (size_t i = 0; i < s->n_parts; i++)
		rxp_buf_free(&s->parts[i]);
	rxp_cert_free(s->root_cert);
	rxp_descriptor_free(s->before);
	rxp_identity_clear(&s->identity);
	*s = (struct signing){0};
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

int signing_root(struct signing *s, const struct options *o)
{
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = certificate_read(&der, &s->root_cert, options_value(o, OPTION_ROOT_CERT));
	rxp_buf_free(&der);
	return rc;
}

static int open_key(struct rxp_key_signer **out, struct signing *s, const struct options *o)
{
	struct rxp_buf pem;
	int rc;

	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rc = read_root_key(&pem, o);
	if (rc == 0)
		rc = report_failure("root key and certificate",
		    rxp_key_signer_open(out, pem.data, pem.len, s->root_cert));
	rxp_buf_free(&pem);
	return rc;
}

/* Room for one part more (RXP-DSC-026). */
static void leave_oldest(struct signing *s)
{
	if (s->n_parts < RXP_MAX_IDENTITY_PARTS)
		return;
	rxp_buf_free(&s->parts[0]);
	s->n_parts--;
	memmove(&s->parts[0], &s->parts[1], s->n_parts * sizeof s->parts[0]);
}

int signing_seal(struct signing *s, const struct options *o, struct rxp_buf *file)
{
	struct rxp_key_signer *key = NULL;
	struct rxp_descriptor *d = NULL;
	struct rxp_signer signer;
	struct rxp_buf *part;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc = open_key(&key, s, o);

	if (rc != 0)
		return rc;
	leave_oldest(s);
	signer = rxp_key_signer_interface(key);
	part = &s->parts[s->n_parts++];
	rxp_buf_init(part, RXP_MAX_PART_OCTETS);
	rc = rxp_identity_seal(part, &s->identity, s->identity.created_ms, &signer, fingerprint);
	if (rc == 0)
		rc = rxp_descriptor_write(file, s->parts, s->n_parts, NULL);
	if (rc == 0)
		rc = rxp_descriptor_open(&d, file->data, file->len, NULL);
	rxp_descriptor_free(d);
	rxp_key_signer_free(key);
	return report_failure("identity part", rc);
}
