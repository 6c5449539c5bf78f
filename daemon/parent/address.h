/*
 * address - an address and port of the configuration as the kernel wants it.
 */
#ifndef PARENT_ADDRESS_H
#define PARENT_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* a.b.c.d:port or [v6]:port. RXP_ERR_SYNTAX. */
int address_parse(struct sockaddr_storage *out, socklen_t *len, const char *text);

/* The port of a parsed address. */
unsigned address_port(const struct sockaddr_storage *a);

/* Same family, address and port. */
bool address_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

#endif
