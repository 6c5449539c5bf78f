/*
 * version - of all programs of this source.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define READMIT_VERSION "0.1"

#endif
