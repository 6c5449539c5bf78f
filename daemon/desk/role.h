/*
 * role - descriptors that the parent gives to the desk, at these numbers.
 */
#ifndef DESK_ROLE_H
#define DESK_ROLE_H

#include "daemon/base/role.h"

enum {
	DESK_FD_REGISTRY = ROLE_FD_FIRST, /* link */
	DESK_FD_SEALERS, /* work queue */
	DESK_FD_API, /* listening Unix socket of the local API */
	DESK_FD_CLOCK, /* clock file of a test node, or closed */
};

#endif
