#include "certs/compartment.h"

#include <stdio.h>

#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/compartment.h"
#include "protocol/document/document.h"
#include "protocol/peering/descriptor.h"
#include "protocol/xml/place.h"

static int read_passphrase(struct rxp_buf *out, const char *path)
{
	return path == NULL ? 0 : report_failure(path, keypair_passphrase(out, path));
}

static int read_key(struct rxp_agreement_key **out, const struct options *o)
{
	const char *path = options_value(o, OPTION_OFFICE_PRIVATE);
	const char *passphrase_file = options_value(o, OPTION_PASSPHRASE_FILE);
	struct evp_pkey_st *key = NULL;
	struct rxp_buf passphrase;
	struct rxp_buf pem;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rc = read_passphrase(&passphrase, passphrase_file);
	if (rc != 0)
		goto done;
	if ((rc = file_read(&pem, path)) == 0 &&
	    (rc = keypair_read(&key, &pem, passphrase_file == NULL ? NULL : &passphrase)) == 0)
		rc = keypair_agreement(out, key);
	report_failure(path, rc);
done:
	keypair_free(key);
	rxp_buf_free(&passphrase);
	rxp_buf_free(&pem);
	return rc;
}

/* The certificates of the sender, read as seals need them. */
struct sender {
	struct rxp_cert *cert[RXP_MAX_SEAL_CERTIFICATES];
	size_t n;
};

static void sender_clear(struct sender *s)
{
	while (s->n > 0)
		rxp_cert_free(s->cert[--s->n]);
}

static int read_sender(struct sender *s, const char *path)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = file_read(&file, path);
	if (rc == 0)
		rc = rxp_descriptor_open(&d, file.data, file.len, NULL);
	for (size_t i = 0; rc == 0 && i < d->identity.n_certs; i++) {
		const struct rxp_buf *der = &d->identity.certs[i];

		rc = rxp_cert_parse(&s->cert[s->n], der->data, der->len);
		s->n += rc == 0;
	}
	rxp_descriptor_free(d);
	rxp_buf_free(&file);
	return report_failure(path, rc);
}

static int report_opened(const char *path, int rc)
{
	switch (rc) {
	case RXP_ERR_NOT_FOUND:
		report_wrong(path, "no compartment in it is for this key (RXP-CMP-007)");
		break;
	case RXP_ERR_DECRYPT:
		report_wrong(path, "a compartment for this key does not open; ask its sender");
		break;
	case RXP_ERR_SCHEMA:
		report_wrong(path,
		    "what a compartment holds is not as its schema wants it; ask its sender "
		    "(RXP-CMP-008)");
		break;
	default:
		report_failure(path, rc);
	}
	return rc;
}

static int open_document(struct rxp_buf *out, const char *path, const struct rxp_agreement_key *key,
    const struct sender *s)
{
	struct rxp_document *d = NULL;
	struct rxp_buf file;
	struct rxp_buf place;
	int rc;

	rxp_buf_init(&file, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&place, RXP_PLACE_TEXT);
	if ((rc = file_read(&file, path)) == 0 &&
	    (rc = rxp_document_open(&d, file.data, file.len, NULL,
		 (const struct rxp_cert *const *)s->cert, s->n)) == 0)
		rc = rxp_document_check(d, &place);
	report_failure(path, rc);
	if (rc == 0) {
		const struct rxp_binding binding = {
		    d->header.outer.from, d->header.outer.to, d->salt};

		rc = report_opened(
		    path, rxp_compartments_open(out, d->xml, d->content, &binding, key));
	}
	rxp_document_free(d);
	rxp_buf_free(&place);
	rxp_buf_free(&file);
	return rc;
}

static int give(const char *path, const struct rxp_buf *content)
{
	if (path != NULL)
		return report_failure(path, file_create(path, content));
	return fwrite(content->data, 1, content->len, stdout) == content->len &&
		       putchar('\n') != EOF && fflush(stdout) == 0
		   ? 0
		   : report_errno("standard output");
}

int compartment_open(const struct options *o)
{
	struct rxp_agreement_key *key = NULL;
	struct sender sender = {.n = 0};
	struct rxp_buf content;
	int rc;

	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = read_key(&key, o)) == 0 &&
	    (rc = read_sender(&sender, options_value(o, OPTION_SENDER))) == 0 &&
	    (rc = open_document(&content, o->file, key, &sender)) == 0)
		rc = give(options_value(o, OPTION_OUT), &content);
	rxp_agreement_key_free(key);
	sender_clear(&sender);
	rxp_buf_free(&content);
	return rc;
}
