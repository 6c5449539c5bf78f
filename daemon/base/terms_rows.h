/*
 * terms_rows - the lists of a profile as records (record.def), each by one table: which member of a row is which
 * field of its record. Writing and reading go by the same table.
 */
#ifndef BASE_TERMS_ROWS_H
#define BASE_TERMS_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/terms/profile.h"

struct rxp_buf;
struct terms_rows; /* one list */

/* The lists, in the order of their records; NULL behind the last. */
const struct terms_rows *terms_rows_at(size_t i);
/* The list of the records with this tag; NULL: there is none. */
const struct terms_rows *terms_rows_of(uint16_t tag);

/* Append a record for each row of the profile's list. The buffer's errors show there. */
void terms_rows_put(
    struct rxp_buf *out, const struct terms_rows *rows, const struct rxp_profile *p);

/* Add a row to the profile's list. false: these are not the fields of such a record, a word or a text has no place
 * in it, or the list is full. */
bool terms_rows_add(struct rxp_profile *p, const struct terms_rows *rows, struct bytes fields);

#endif
