/*
 * api_role - what a caller of the local API may do: the parent reads it, the desk enforces it.
 */
#ifndef BASE_API_ROLE_H
#define BASE_API_ROLE_H

enum api_role {
#define API_ROLE(name, word, group, named, meaning) API_##name,
#include "daemon/base/api_role.def"
#undef API_ROLE
	API_ROLES
};

#define API_ROLE_BIT(role) (1u << (unsigned)(role))

const char *api_role_word(enum api_role role);

#define API_ALLOW_MAX 32 /* users and groups that a configuration names */

#endif
