#include "daemon/gateway/endpoint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define SCHEME "https://"
#define SCHEME_LENGTH (sizeof SCHEME - 1)
#define PORT_DIGITS 5

static const char NAME_OCTETS[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
static const char V6_OCTETS[] = "0123456789abcdefABCDEF:.";

static bool only(const char *text, size_t len, const char *allowed)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\0' || strchr(allowed, text[i]) == NULL)
			return false;
	}
	return len > 0;
}

/* The port behind the host: a colon and a number from 1 to 65535 without leading 0. */
static int parse_port(uint16_t *out, const char *text, size_t len)
{
	unsigned long value = 0;
	size_t i;

	if (len < 2 || len > PORT_DIGITS + 1 || text[0] != ':' || text[1] == '0' ||
	    !only(text + 1, len - 1, "0123456789"))
		return RXP_ERR_SYNTAX;
	for (i = 1; i < len; i++)
		value = value * 10 + (unsigned long)(text[i] - '0');
	if (value > UINT16_MAX)
		return RXP_ERR_SYNTAX;
	*out = (uint16_t)value;
	return 0;
}

int endpoint_parse(struct endpoint *out, const char *url, size_t len)
{
	struct endpoint e;
	const char *host, *end;
	size_t host_len, rest;
	bool v6;

	if (len <= SCHEME_LENGTH || len > RXP_MAX_ENDPOINT_LENGTH ||
	    memcmp(url, SCHEME, SCHEME_LENGTH) != 0)
		return RXP_ERR_SYNTAX;
	host = url + SCHEME_LENGTH;
	rest = len - SCHEME_LENGTH;
	v6 = host[0] == '[';
	if (v6) {
		host++;
		rest--;
	}
	end = memchr(host, v6 ? ']' : ':', rest);
	if (v6 && end == NULL)
		return RXP_ERR_SYNTAX;
	host_len = end != NULL ? (size_t)(end - host) : rest;
	if (host_len >= sizeof e.host || !only(host, host_len, v6 ? V6_OCTETS : NAME_OCTETS))
		return RXP_ERR_SYNTAX;
	memset(&e, 0, sizeof e);
	memcpy(e.host, host, host_len);
	host += host_len + (v6 ? 1 : 0);
	rest -= host_len + (v6 ? 1 : 0);
	if (parse_port(&e.port, host, rest) != 0)
		return RXP_ERR_SYNTAX;
	snprintf(e.authority, sizeof e.authority, v6 ? "[%s]:%u" : "%s:%u", e.host, e.port);
	*out = e;
	return 0;
}
