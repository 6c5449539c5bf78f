/*
 * builtin - the profile that belongs to the specification, spec/profiles/customary.xml, as the records of
 * daemon/base/terms.h; made of that file at build time (daemon/tool/terms_embed.c).
 */
#ifndef REGISTRY_BUILTIN_H
#define REGISTRY_BUILTIN_H

#include <stddef.h>

extern const unsigned char builtin_profile[];
extern const size_t builtin_profile_len;

#endif
