/*
 * tls - a TLS 1.3 connection to an endpoint, with a deadline for each step; or one that is odd in the way a case wants.
 */
#ifndef CONFORM_TLS_H
#define CONFORM_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/wire.h"

struct tls;

/* Connect and shake hands until deadline_ms of the monotonic clock. WIRE_NONE: the caller owns *out. */
enum wire_end tls_open(struct tls **out, const struct wire_target *target, int64_t deadline_ms);
/* With close_notify, unless tls_cut() was called. NULL is allowed. */
void tls_close(struct tls *t);

/* All of it. */
enum wire_end tls_write(struct tls *t, const uint8_t *octets, size_t len, int64_t deadline_ms);
/* At least one octet, *len of at most max. */
enum wire_end tls_read(
    struct tls *t, uint8_t *octets, size_t max, size_t *len, int64_t deadline_ms);

/* The same address, connected to without TLS: the caller closes *fd, which does not block. */
enum wire_end tls_dial(int *fd, const char *endpoint, int64_t deadline_ms);

/* As many as go, or come, at once: 0 of them is no end. */
enum wire_end tls_write_some(struct tls *t, const uint8_t *octets, size_t len, size_t *n);
enum wire_end tls_read_some(struct tls *t, uint8_t *octets, size_t max, size_t *n);
/* Wait until something can be read or, if asked for, written. */
enum wire_end tls_await(const struct tls *t, bool writing, int64_t deadline_ms);

/* Send close_notify and go on reading. */
void tls_end_writing(struct tls *t);
/* End without a word: the other side sees the end of TCP alone; abort: its reset. */
void tls_cut(struct tls *t, bool abort);
/* A KeyUpdate that asks for none. */
enum wire_end tls_update_key(struct tls *t, int64_t deadline_ms);
/* Session tickets that came. */
unsigned tls_tickets(const struct tls *t);

/* The host and port, as :authority wants them. Borrowed. */
const char *tls_authority(const struct tls *t);

/* The same of an endpoint. False: it is no URL that can be connected to. */
#define TLS_AUTHORITY 256
bool tls_authority_of(char out[TLS_AUTHORITY], const char *endpoint);

/* Is its host this machine, by its address or as localhost? */
bool tls_is_here(const char *endpoint);

/* Milliseconds of the monotonic clock. */
int64_t tls_now_ms(void);

#endif
