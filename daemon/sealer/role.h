/*
 * role - descriptors that the parent gives to the sealer, at these numbers.
 */
#ifndef SEALER_ROLE_H
#define SEALER_ROLE_H

#include "daemon/base/role.h"

/* Living epochs of the storage key: the present one, and those whose boxes are being rewrapped. */
#define SEALER_STORAGE_KEYS 4

enum {
	SEALER_FD_REGISTRY = ROLE_FD_FIRST, /* shared end of the registry's work queue */
	SEALER_FD_DESK, /* shared end of the desk's work queue */
	SEALER_FD_SEAL_KEY, /* PEM file (PKCS#8); closed if the key lies in a token */
	SEALER_FD_SEAL_CERT, /* then: its certificate, PEM */
	SEALER_FD_SEAL_PASSPHRASE, /* first line: under which the key is encrypted, or closed */
	SEALER_FD_STORAGE_PASSPHRASE, /* the same for storage keys */
	SEALER_FD_STORAGE_KEY, /* 32 octets in hexadecimal and a newline: of the present epoch … */
	SEALER_FD_STORAGE_LAST =
	    SEALER_FD_STORAGE_KEY + SEALER_STORAGE_KEYS - 1, /* … and older ones */
	SEALER_FD_ESCROW, /* public key in PEM to which storage keys are sealed for a backup; may be closed */
	SEALER_FD_IDENTITY, /* identity chain of this node, as readmit-pki wrote it */
};

#endif
