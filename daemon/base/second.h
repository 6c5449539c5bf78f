/*
 * second - what of a document a second officer was needed for, as the sealer finds and the registry asks (RXP-SAF-038): bits.
 */
#ifndef BASE_SECOND_H
#define BASE_SECOND_H

#define CHECK_PROSE 1u /* has read its prose */
#define CHECK_NAMES 2u /* confirms a name in it */

#endif
