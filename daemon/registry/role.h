/*
 * role - descriptors that the parent gives to the registry, at these numbers.
 */
#ifndef REGISTRY_ROLE_H
#define REGISTRY_ROLE_H

#include "daemon/base/role.h"

enum {
	REGISTRY_FD_GATEWAY = ROLE_FD_FIRST, /* link */
	REGISTRY_FD_SEALERS, /* work queue */
	REGISTRY_FD_DESK, /* link */
	REGISTRY_FD_DATA, /* data directory */
	REGISTRY_FD_CLOCK, /* clock file of a test node, or closed */
};

#endif
