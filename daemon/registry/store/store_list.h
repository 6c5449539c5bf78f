/*
 * store_list - pages of lists and single messages as the desk wants them: records, by key.
 */
#ifndef REGISTRY_STORE_LIST_H
#define REGISTRY_STORE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct db;
struct rxp_buf;

/* Lists of messages by name, from list.def. */
enum store_list {
#define LIST(name, order, all, of_peer) STORE_LIST_##name,
#include "daemon/registry/store/list.def"
#undef LIST
	STORE_LIST_COUNT
};

/* RXP_ERR_NOT_FOUND for a name that is no list of messages. */
int store_list_parse(enum store_list *out, const char *name);

/* Append records message_row: those after that id (zeros: from the first on) in the order of the list, of the peer unless that is
 * "", at most limit. *more: there are others behind the last. Errors as in db.h and of the buffer. */
int store_list_page(struct db *db, struct rxp_buf *rows, bool *more, enum store_list list,
    uint32_t unseen, const char *peer, const uint8_t after[16], uint32_t limit);

/* One message of either box by its local id. Its flags, to which the row points then, and its answer are
 * appended to a buffer each; NULL if they are not wanted. RXP_ERR_NOT_FOUND. */
int store_list_message(struct db *db, struct rec_message_row *row, struct rxp_buf *flags,
    struct rxp_buf *answer, const uint8_t local_id[16]);

#endif
