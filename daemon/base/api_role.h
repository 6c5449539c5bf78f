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

/*
 * The cases that there are for a caller: bits. A referral of reintegration is for its office alone, and nobody
 * else learns that there is one (RXP-RIN-007).
 */
#define API_CASES_OTHER 1u
#define API_CASES_REFERRALS 2u
#define API_CASES_ALL (API_CASES_OTHER | API_CASES_REFERRALS)

#define API_ALLOW_MAX 32 /* users and groups that a configuration names */

#endif
