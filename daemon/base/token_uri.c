#include "daemon/base/token_uri.h"

#include <stdbool.h>
#include <string.h>

#include "protocol/base/err.h"

#define SCHEME "pkcs11:"
#define ENDS ";?" /* of an attribute in the path */

static const struct {
	const char *name;
	size_t offset;
} attributes[] = {
    {"token", offsetof(struct token_uri, token)},
    {"manufacturer", offsetof(struct token_uri, manufacturer)},
    {"model", offsetof(struct token_uri, model)},
    {"serial", offsetof(struct token_uri, serial)},
    {"object", offsetof(struct token_uri, object)},
    {"id", offsetof(struct token_uri, id)},
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The octets of a value up to its end, %XX undone. */
static int read_value(struct token_uri_value *out, const char *text, size_t len)
{
	if (out->len != 0 || len == 0)
		return RXP_ERR_SYNTAX;
	for (size_t i = 0; i < len; i++) {
		int octet = (unsigned char)text[i];

		if (text[i] == '%') {
			if (len - i < 3 || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0)
				return RXP_ERR_SYNTAX;
			octet = digit(text[i + 1]) * 16 + digit(text[i + 2]);
			i += 2;
		}
		if (out->len == sizeof out->octets)
			return RXP_ERR_SYNTAX;
		out->octets[out->len++] = (uint8_t)octet;
	}
	return 0;
}

static bool is(const char *name, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(name, word, len) == 0;
}

static int read_attribute(struct token_uri *out, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - text) : len;
	const char *value = text + name_len + 1;
	size_t value_len = equals != NULL ? len - name_len - 1 : 0;

	if (is(text, name_len, "type"))
		return is(value, value_len, "private") ? 0 : RXP_ERR_SYNTAX;
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		if (is(text, name_len, attributes[i].name))
			return read_value(
			    (struct token_uri_value *)((char *)out + attributes[i].offset), value,
			    value_len);
	return RXP_ERR_SYNTAX;
}

int token_uri_read(struct token_uri *out, const char *text)
{
	struct token_uri uri = {.id = {.len = 0}};
	int rc = 0;

	if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
		return RXP_ERR_SYNTAX;
	text += strlen(SCHEME);
	while (rc == 0) {
		size_t len = strcspn(text, ENDS);

		rc = read_attribute(&uri, text, len);
		text += len;
		if (*text == '\0')
			break;
		if (rc == 0 && *text != ';')
			rc = RXP_ERR_SYNTAX;
		text++;
	}
	if (rc == 0 && ((uri.object.len == 0 && uri.id.len == 0) ||
			   (uri.token.len == 0 && uri.serial.len == 0)))
		rc = RXP_ERR_SYNTAX;
	if (rc == 0)
		*out = uri;
	return rc;
}
