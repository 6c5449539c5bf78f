#include "daemon/parent/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

int address_parse(struct sockaddr_storage *out, socklen_t *len, const char *text)
{
	struct sockaddr_storage made = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&made;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&made;
	const char *colon = strrchr(text, ':');
	unsigned long port = colon != NULL ? strtoul(colon + 1, NULL, 10) : 0;
	char host[64];
	int good;

	if (port == 0 || port > 65535)
		return RXP_ERR_SYNTAX;
	if (text[0] == '[') {
		snprintf(host, sizeof host, "%.*s", (int)(colon - text - 2), text + 1);
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		good = inet_pton(AF_INET6, host, &v6->sin6_addr);
	} else {
		snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		good = inet_pton(AF_INET, host, &v4->sin_addr);
	}
	if (good != 1)
		return RXP_ERR_SYNTAX;
	*out = made;
	*len = made.ss_family == AF_INET6 ? sizeof *v6 : sizeof *v4;
	return 0;
}

/* Where the port stands in an address of its family. */
static in_port_t *port_of(struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)a)->sin6_port
					: &((struct sockaddr_in *)a)->sin_port;
}

unsigned address_port(const struct sockaddr_storage *a)
{
	struct sockaddr_storage copy = *a;

	return ntohs(*port_of(&copy));
}

bool address_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	return memcmp(a, b, sizeof *a) == 0; /* what a parsed address does not use is zeros */
}
