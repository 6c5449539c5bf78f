/*
 * role - descriptors that the parent gives to the gateway, at these numbers.
 */
#ifndef GATEWAY_ROLE_H
#define GATEWAY_ROLE_H

#include "daemon/base/role.h"

enum {
	GATEWAY_FD_REGISTRY = ROLE_FD_FIRST, /* link */
	GATEWAY_FD_TLS_KEY, /* PEM file, perhaps under … */
	GATEWAY_FD_TLS_PASSPHRASE, /* … the first line of this one; closed if there is none */
	GATEWAY_FD_TLS_CERT, /* PEM file */
	GATEWAY_FD_TLS_FORMER_KEY, /* the key before, as the key, … */
	GATEWAY_FD_TLS_FORMER_CERT, /* … with its certificate; both closed if there is none */
	GATEWAY_FD_CLOCK, /* clock file of a test node, or closed */
	GATEWAY_FD_LISTEN, /* listening TCP sockets from here on, at most GATEWAY_LISTENERS */
};

#define GATEWAY_LISTENERS 8

#endif
