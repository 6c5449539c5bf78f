#include "certs/seal_key.h"

#include "certs/certificate.h"
#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/token_key.h"
#include "daemon/base/locked.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/seal/cert.h"

/* The key file as it is without a passphrase. */
static int read_file(struct rxp_buf *out, const char *path, const char *passphrase_file)
{
	struct rxp_buf passphrase;
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&file, LOCKED_MAX_OCTETS);
	rc = report_failure(path, file_read(&file, path));
	if (rc == 0 && !locked_is(&file))
		rc = rxp_buf_put(out, file.data, file.len);
	else if (rc == 0 && passphrase_file == NULL)
		rc = report_wrong(path, "it is encrypted: --passphrase-file");
	else if (rc == 0)
		rc = report_failure(
		    passphrase_file, keypair_passphrase(&passphrase, passphrase_file));
	if (rc == 0 && locked_is(&file))
		rc = report_failure(path, locked_open(out, &file, &passphrase));
	rxp_buf_free(&passphrase);
	rxp_buf_free(&file);
	return rc;
}

static int open_file(struct seal_key *k, const struct options *o)
{
	const char *path = options_value(o, OPTION_SEAL_KEY);
	struct rxp_buf pem;
	int rc;

	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rc = read_file(&pem, path, options_value(o, OPTION_PASSPHRASE_FILE));
	if (rc == 0)
		rc =
		    report_failure(path, rxp_key_signer_open(&k->file, pem.data, pem.len, k->cert));
	if (rc == 0)
		k->signer = rxp_key_signer_interface(k->file);
	rxp_buf_free(&pem);
	return rc;
}

static int open_token(struct seal_key *k, const struct options *o)
{
	int rc = token_key_open(&k->token, o);

	if (rc == 0)
		k->signer = token_key_interface(k->token, k->cert);
	return rc;
}

int seal_key_open(struct seal_key *out, const struct options *o)
{
	const bool in_token = o->count[OPTION_TOKEN_KEY] > 0;
	struct seal_key k = {.cert = NULL};
	struct rxp_buf der;
	int rc;

	if (in_token == (o->count[OPTION_SEAL_KEY] > 0))
		return report_wrong("--seal-key, --token-key", "one of the two must be given");
	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = certificate_read(&der, &k.cert, options_value(o, OPTION_SEAL_CERT));
	if (rc == 0)
		rc = in_token ? open_token(&k, o) : open_file(&k, o);
	rxp_buf_free(&der);
	if (rc == 0)
		*out = k;
	else
		seal_key_close(&k);
	return rc;
}

void seal_key_close(struct seal_key *k)
{
	rxp_key_signer_free(k->file);
	token_key_close(k->token);
	rxp_cert_free(k->cert);
}
