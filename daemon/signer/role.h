/*
 * role - descriptors that the parent gives to the signer, at these numbers. Its links to the sealers come later, by
 * `signer_sealer`, as either side is started anew.
 */
#ifndef SIGNER_ROLE_H
#define SIGNER_ROLE_H

#include "daemon/base/role.h"

enum {
	SIGNER_FD_PIN = ROLE_FD_FIRST, /* file whose first line is the PIN of the token's user */
	SIGNER_FD_CERT, /* seal certificate, PEM, to which the key must belong */
};

#define SIGNER_CALL_MS \
	10000 /* in which the module must have done whatever it is asked, or the process ends */

#endif
