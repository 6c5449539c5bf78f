/*
 * page - the rows of a query as records of a list, a page of them. The query is for one row more than the page has, which
 * says that there are more.
 */
#ifndef REGISTRY_PAGE_H
#define REGISTRY_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/db.h"

struct rxp_buf;

/* Append the present row of the query as a record. RXP_ERR_DAMAGED, the buffer's errors. */
typedef int page_put(struct db *db, enum sql q, struct rxp_buf *rows);

/* Append at most limit rows and end the query; first: what db_first() of it gave. *more: there was another row. Errors as
 * in db.h, and of put. */
int page_read(struct db *db, struct rxp_buf *rows, bool *more, enum sql q, int first,
    uint32_t limit, page_put *put);

#endif
