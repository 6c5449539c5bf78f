#include "conformance/wire/vacant.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/wire/tls.h"

#define SCHEME "https://"
#define BACKLOG 16

/* The host of the authority, an address of IPv6 with its brackets. */
static int host_length(const char *authority)
{
	const char *colon = strrchr(authority, ':');
	bool has_port = colon != NULL && strchr(colon, ']') == NULL;

	return (int)(has_port ? (size_t)(colon - authority) : strlen(authority));
}

/* At any port of all addresses of that family; those of IPv6 are those of IPv4, too. -1: it cannot be had. */
static int bind_any(sa_family_t family)
{
	struct sockaddr_storage at = {.ss_family = family}; /* zero is any address, and any port */
	socklen_t len =
	    family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), off = 0;

	if (fd >= 0 &&
	    (family != AF_INET6 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
	    bind(fd, (const struct sockaddr *)&at, len) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* 0: it has none. */
static unsigned port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} at = {.in6 = {.sin6_port = 0}};
	socklen_t len = sizeof at;

	if (getsockname(fd, &at.any, &len) != 0)
		return 0;
	return ntohs(at.any.sa_family == AF_INET6 ? at.in6.sin6_port : at.in.sin_port);
}

enum wire_end vacant_open(
    int *fd, char endpoint[RXP_MAX_ENDPOINT_LENGTH + 1], const char *beside, bool listens)
{
	char authority[TLS_AUTHORITY], text[RXP_MAX_ENDPOINT_LENGTH + 1];
	enum wire_end end = WIRE_NONE;
	unsigned port;
	int len, s;

	if (!tls_authority_of(authority, beside))
		return WIRE_ADDRESS;
	s = bind_any(AF_INET6);
	if (s < 0)
		s = bind_any(AF_INET); /* a machine without IPv6 */
	if (s < 0)
		return WIRE_LOCAL;
	port = port_of(s);
	len =
	    snprintf(text, sizeof text, SCHEME "%.*s:%u", host_length(authority), authority, port);
	if (port == 0 || (listens && listen(s, BACKLOG) != 0))
		end = WIRE_LOCAL;
	else if (len < 0 || (size_t)len >= sizeof text)
		end = WIRE_ADDRESS;
	if (end != WIRE_NONE) {
		(void)close(s);
		return end;
	}
	memcpy(endpoint, text, sizeof text);
	*fd = s;
	return WIRE_NONE;
}

unsigned vacant_hang_up(int fd)
{
	unsigned n = 0;
	int line;

	while (n < BACKLOG && (line = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		(void)close(line);
		n++;
	}
	return n;
}
