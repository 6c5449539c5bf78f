/*
 * terms_show - what the desk sees of profiles and calendars: lists, one of them, and what a check finds.
 */
#ifndef REGISTRY_TERMS_SHOW_H
#define REGISTRY_TERMS_SHOW_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;
struct terms;

/* What it works on; all borrowed. It stays where it is. */
struct terms_show {
	const struct node *node;
	struct peers *peers;
	const struct terms *terms;
};

/* Each answers its request on the desk's link. RXP_ERR_NOT_FOUND; RXP_ERR_STATE: more than one State published
 * the profile, and none was named. */
void terms_show_list(const struct terms_show *by, uint64_t request, const struct msg_terms_list *m);
void terms_show_profile(
    const struct terms_show *by, uint64_t request, const struct msg_profile_get *m);
void terms_show_check(
    const struct terms_show *by, uint64_t request, const struct msg_profile_check *m);
void terms_show_calendar(
    const struct terms_show *by, uint64_t request, const struct msg_calendar_get *m);

#endif
