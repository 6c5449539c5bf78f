/*
 * token_uri - where a private key lies in a token: a URI of the scheme pkcs11 (RFC 7512), read strictly.
 *
 * These attributes of its path count: token, manufacturer, model, serial; object, id; and type, which must be
 * private. The module and the PIN have settings of their own, so a query is refused: a URI is copied into notes and
 * tickets, and must not carry a PIN with it.
 */
#ifndef BASE_TOKEN_URI_H
#define BASE_TOKEN_URI_H

#include <stddef.h>
#include <stdint.h>

#define TOKEN_URI_FIELD 64 /* octets of a value */

struct token_uri_value {
	uint8_t octets[TOKEN_URI_FIELD];
	size_t len; /* 0: not given */
};

struct token_uri {
	struct token_uri_value token, manufacturer, model, serial; /* of the token */
	struct token_uri_value object, id; /* label and id of the key; at least one of the two */
};

/* RXP_ERR_SYNTAX: not such a URI, an attribute twice, unknown or too long, neither object nor id, or neither token
 * nor serial. */
int token_uri_read(struct token_uri *out, const char *text);

#endif
