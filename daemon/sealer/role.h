/*
 * role - descriptors that the parent gives to the sealer, at these numbers.
 */
#ifndef SEALER_ROLE_H
#define SEALER_ROLE_H

#include "daemon/base/role.h"

enum {
	SEALER_FD_REGISTRY = ROLE_FD_FIRST, /* shared end of the registry's work queue */
	SEALER_FD_DESK, /* shared end of the desk's work queue */
	SEALER_FD_SEAL_KEY, /* PEM file (PKCS#8) */
	SEALER_FD_STORAGE_KEY, /* 32 octets in hexadecimal and a newline */
	SEALER_FD_IDENTITY, /* identity chain of this node, as readmit-pki wrote it */
};

#endif
