/*
 * terms_file - the shipped profiles and calendars for tests; tests run from the top of the source tree.
 *
 * A failure here aborts: it is a fault of the test, not of what is tested.
 */
#ifndef TERMS_FILE_H
#define TERMS_FILE_H

#include "protocol/base/buf.h"
#include "protocol/seal/seal.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

struct fixture_key;
struct rxp_reason;

/* The octets of spec/profiles/NAME.xml; rxp_buf_free() them. */
struct rxp_buf terms_read(const char *name);

/* The octets with the one occurrence of a text replaced by another. */
struct rxp_buf terms_change(const char *name, const char *from, const char *to);

/* The calendar of spec/profiles/calendars/NAME.xml; free() it. */
struct rxp_calendar *terms_calendar(const char *name);

/* The draft, which is freed, sealed; rxp_buf_free() it. */
struct rxp_buf terms_seal(struct rxp_buf draft, enum rxp_kind kind, const char *party,
    const struct fixture_key *key, int64_t now_ms);

/* What rxp_profile_open() says of the octets, which are freed, under one key's certificate. */
int terms_open(struct rxp_profile *out, struct rxp_buf octets, const char *party,
    const struct fixture_key *key, struct rxp_reason *reason);

#endif
