/*
 * row - records of the registry as JSON.
 *
 * The table of a record's fields gives the JSON object: a member for each field under its name. A time
 * (I64 named …_ms) loses that ending and is written as on the wire, ids as UUIDs, digests in lower
 * hexadecimal, days (named day or …_day) as dates, octets as the text that they are; what is absent (zeros, an empty text) is null.
 */
#ifndef DESK_ROW_H
#define DESK_ROW_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct json_t;

/* A time, null for 0; NULL for an impossible one, or without memory. */
struct json_t *row_time(int64_t ms);

/* One record. RXP_ERR_NOMEM, RXP_ERR_DAMAGED (a text that is not UTF-8, an impossible time). */
int row_json(struct json_t **out, const struct record_type *type, const void *record);

/* All records of a list, which are of this kind, as an array. RXP_ERR_NOMEM, RXP_ERR_DAMAGED. */
int row_list(struct json_t **out, struct bytes rows, enum record_tag tag);
/* The same of a list with records of other kinds too. */
int row_list_of(struct json_t **out, struct bytes rows, enum record_tag tag);

/*
 * A page of a list: {"items": […], "next": …}; next is the member `key` of the last item if more
 * follow, else null. RXP_ERR_NOMEM, RXP_ERR_DAMAGED (also for a record of another kind).
 */
int row_page(
    struct json_t **out, const struct msg_listed *listed, enum record_tag tag, const char *key);

/* The record's octets as the struct of this tag, called for each in the list. A negative code of fn
 * ends the walk and is returned. RXP_ERR_DAMAGED as above. */
typedef int row_fn(void *arg, const void *record);
int row_each(struct bytes rows, enum record_tag tag, row_fn *fn, void *arg);
/* The same of a list with records of other kinds too. */
int row_each_of(struct bytes rows, enum record_tag tag, row_fn *fn, void *arg);

#endif
