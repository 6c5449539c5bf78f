#include "conformance/wire/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCHEME "https://"
#define MAX_HOST 254
#define BACKLOG 16

static bool split(const char *at, char host[MAX_HOST], const char **port)
{
	const char *from =
	    strncmp(at, SCHEME, sizeof SCHEME - 1) == 0 ? at + sizeof SCHEME - 1 : at;
	const char *colon = strrchr(from, ':');
	size_t len;

	if (colon == NULL || colon == from || colon[1] == '\0' || strchr(colon, ']') != NULL)
		return false;
	len = (size_t)(colon - from);
	if (from[0] == '[' && from[len - 1] == ']') {
		from++;
		len -= 2;
	}
	if (len == 0 || len >= MAX_HOST)
		return false;
	(void)snprintf(host, MAX_HOST, "%.*s", (int)len, from);
	*port = colon + 1;
	return true;
}

enum wire_end listen_at(int *fd, const char *at)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_ADDRCONFIG};
	struct addrinfo *list = NULL;
	char host[MAX_HOST];
	const char *port;
	int on = 1, s;
	bool good;

	if (!split(at, host, &port))
		return WIRE_ADDRESS;
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return WIRE_UNRESOLVED;
	s = socket(
	    list->ai_family, list->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, list->ai_protocol);
	good = s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	       bind(s, list->ai_addr, list->ai_addrlen) == 0 && listen(s, BACKLOG) == 0;
	freeaddrinfo(list);
	if (!good) {
		if (s >= 0)
			(void)close(s);
		return WIRE_BUSY;
	}
	*fd = s;
	return WIRE_NONE;
}
