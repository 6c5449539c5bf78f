/*
 * endpoint - the address of a peer as its descriptor writes it: https://host:port (RXP-DSC-010).
 *
 * host is a DNS name, an IPv4 address, or an IPv6 address in brackets. No user, path, query,
 * fragment or blank.
 */
#ifndef GATEWAY_ENDPOINT_H
#define GATEWAY_ENDPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/gateway/limits.h"

struct endpoint {
	char host[GATEWAY_HOST_TEXT]; /* without brackets */
	char authority[GATEWAY_HOST_TEXT + 8]; /* host:port as :authority carries it */
	uint16_t port;
};

/* url has len octets and need not end in NUL. RXP_ERR_SYNTAX. */
int endpoint_parse(struct endpoint *out, const char *url, size_t len);

#endif
