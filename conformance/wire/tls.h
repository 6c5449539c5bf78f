/*
 * tls - a TLS 1.3 connection to an endpoint, with a deadline for each step.
 */
#ifndef CONFORM_TLS_H
#define CONFORM_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/wire.h"

struct tls;

/* Connect and shake hands until deadline_ms of the monotonic clock. WIRE_NONE: the caller owns *out. */
enum wire_end tls_open(struct tls **out, const struct wire_target *target, int64_t deadline_ms);
void tls_close(struct tls *t);

/* All of it. */
enum wire_end tls_write(struct tls *t, const uint8_t *octets, size_t len, int64_t deadline_ms);
/* At least one octet, *len of at most max. */
enum wire_end tls_read(
    struct tls *t, uint8_t *octets, size_t max, size_t *len, int64_t deadline_ms);

/* The host and port, as :authority wants them. Borrowed. */
const char *tls_authority(const struct tls *t);

/* Milliseconds of the monotonic clock. */
int64_t tls_now_ms(void);

#endif
