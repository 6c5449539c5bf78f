/*
 * fingerprint - the text forms of a root key's fingerprint, as people read and type it.
 */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

#include "protocol/base/ident.h"

#define FINGERPRINT_GROUPED (RXP_DIGEST_HEX + 15) /* 16 groups of four digits, a NUL */

/* 64 hexadecimal digits of either case, with any spaces, colons and hyphens between, to lower case
 * without them. RXP_ERR_SYNTAX. */
int fingerprint_parse(char out[RXP_DIGEST_HEX], const char *text);

/* Groups of four for reading aloud; hex has 64 digits. */
void fingerprint_group(char out[FINGERPRINT_GROUPED], const char *hex);

#endif
