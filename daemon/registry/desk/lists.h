/*
 * lists - one message, or a page of a list, as the desk asks for them.
 *
 * What people ask is in the order of local ids, by pages of at most REGISTRY_PAGE_MAX rows (of cases,
 * and all that share the last id).
 */
#ifndef REGISTRY_LISTS_H
#define REGISTRY_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;

/* Answer `message_shown` or `listed`; unless last, a message that is not final and an empty inbox are
 * not answered and true is returned: the request may wait for more. */
bool lists_show(struct node *n, uint64_t request, const struct msg_message_show *q, bool last);
bool lists_page(
    struct node *n, struct peers *peers, uint64_t request, const struct msg_list *q, bool last);

#endif
