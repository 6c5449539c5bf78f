#include "certs/token_key.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "daemon/base/token.h"
#include "daemon/base/token_seal.h"
#include "daemon/base/token_uri.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

struct token_key {
	const char *name; /* the URI; borrowed */
	struct token *token;
	struct evp_pkey_st *public_key; /* owned */
	const struct rxp_cert *cert; /* borrowed; under which token_key_interface() seals */
};

static int judge(const struct token_key *k, enum token_state state)
{
	if (state == TOKEN_READY)
		return 0;
	report_wrong(k->name, token_state_meaning(state));
	return RXP_ERR_KEY;
}

static int open_token(struct token_key *k, const struct options *o, const struct token_uri *uri)
{
	const char *module = options_value(o, OPTION_TOKEN_MODULE);
	const char *pin_file = options_value(o, OPTION_PIN_FILE);
	struct rxp_buf pin;
	int rc;

	rxp_buf_init(&pin, KEYPAIR_MAX_PASSPHRASE);
	rc = report_failure(pin_file, keypair_passphrase(&pin, pin_file));
	if (rc == 0 && token_load(&k->token, module) != 0)
		rc = judge(k, TOKEN_NO_MODULE);
	if (rc == 0)
		rc = judge(k, token_open(k->token, uri, pin.data, pin.len));
	if (rc == 0)
		rc = report_failure("public part of the key in the token",
		    token_public(&k->public_key, k->token, uri));
	rxp_buf_free(&pin);
	return rc;
}

int token_key_open(struct token_key **out, const struct options *o)
{
	struct token_key *k = NULL;
	struct token_uri uri;
	int rc;

	if (o->count[OPTION_TOKEN_MODULE] == 0 || o->count[OPTION_TOKEN_KEY] == 0 ||
	    o->count[OPTION_PIN_FILE] == 0)
		return report_wrong(
		    "--token-module, --token-key, --pin-file", "a key in a token needs all three");
	if (token_uri_read(&uri, options_value(o, OPTION_TOKEN_KEY)) != 0)
		return report_wrong(options_value(o, OPTION_TOKEN_KEY),
		    "must be pkcs11: with token or serial, and object or id; no PIN and no module in it");
	k = calloc(1, sizeof *k);
	if (k == NULL)
		return report_failure("token", RXP_ERR_NOMEM);
	k->name = options_value(o, OPTION_TOKEN_KEY);
	rc = open_token(k, o, &uri);
	if (rc == 0) {
		*out = k;
		k = NULL;
	}
	token_key_close(k);
	return rc;
}

void token_key_close(struct token_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->public_key);
	token_free(k->token);
	free(k);
}

struct evp_pkey_st *token_key_public(const struct token_key *k)
{
	return k->public_key;
}

static int sign(void *arg, const struct rxp_cert *cert, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	struct token_key *k = arg;

	return judge(k, token_seal(k->token, cert, octets, len, value, value_len));
}

struct certificate_signer token_key_signer(struct token_key *k)
{
	return (struct certificate_signer){.sign = sign, .arg = k};
}

static int seal(void *arg, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	const struct token_key *k = arg;

	return sign(arg, k->cert, octets, len, value, value_len);
}

struct rxp_signer token_key_interface(struct token_key *k, const struct rxp_cert *cert)
{
	k->cert = cert;
	return (struct rxp_signer){.sign = seal, .arg = k, .cert = cert};
}
