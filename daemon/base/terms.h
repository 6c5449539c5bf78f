/*
 * terms - profiles and calendars as records (record.def), so that a sealer alone reads their XML.
 *
 * What is read back equals what was written, octet for octet; both are plain structures.
 */
#ifndef BASE_TERMS_H
#define BASE_TERMS_H

#include "daemon/base/record.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

struct rxp_buf;

#define TERMS_MAX_OCTETS (64 * 1024UL) /* of the records of one profile or calendar */

/* Append the records. The buffer's errors. */
int terms_put_profile(struct rxp_buf *out, const struct rxp_profile *p);
int terms_put_calendar(struct rxp_buf *out, const struct rxp_calendar *c);

/* RXP_ERR_STRUCTURE: not the records of one profile, or one calendar. */
int terms_read_profile(struct rxp_profile *out, struct bytes records);
int terms_read_calendar(struct rxp_calendar *out, struct bytes records);

#endif
