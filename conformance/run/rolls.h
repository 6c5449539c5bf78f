/*
 * rolls - what cases change in the next descriptor of a test State (state/roll.h). RXP_ERR_NOT_FOUND: it needs a second State.
 */
#ifndef CONFORM_ROLLS_H
#define CONFORM_ROLLS_H

#include "conformance/state/roll.h"

#define BROUGHT(requirement, number, change, name) roll_change roll_##change;
#include "conformance/run/bring.def"
#undef BROUGHT

/* What the State has, and nothing else; or that, and the key of the roll as a seal. */
roll_change roll_list, roll_list_seal;
/* What the State has, its endpoint behind those of the roll. */
roll_change roll_endpoints;
/* No next part: a working part whose keys have ended. */
roll_change roll_keys_ended, roll_key_ahead;
/* Of those that have ended, a key that is in force: the next part is under a root that nobody announced; what is known is not before it;
 * or all is older than what is known; or the next part lists a certificate of version 1 of X.509. */
roll_change roll_stray_root, roll_unjoined, roll_older, roll_version_1;

#endif
