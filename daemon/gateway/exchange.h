/*
 * exchange - the whole gateway without its process: everything between the link to the registry
 * and the sockets.
 */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/gateway/limits.h"

struct exchange;
struct loop;
struct rxp_buf;

struct exchange_config {
	struct loop *loop;
	const struct rxp_buf *key_pem, *cert_pem; /* read in exchange_new() only */
	const struct rxp_buf *former_key_pem, *former_cert_pem; /* the same; NULL: there is none */
	int registry_fd; /* link; owned from exchange_new() on, also on failure */
	struct gateway_times times;
	/* It can end: drained (status 0), or the registry is gone (status 1). Called once. */
	void (*ended)(void *arg, int status);
	void *arg;
};

/* Loads all that needs a file. The errors of its parts. */
int exchange_new(struct exchange **out, const struct exchange_config *config);
void exchange_free(struct exchange *x); /* NULL is allowed */

/* Digest of the key that we show to peers, 32 octets. */
const uint8_t *exchange_pin(const struct exchange *x);
int64_t exchange_until_ms(const struct exchange *x); /* end of its certificate */

/* The pins that our latest identity part lists, 32 octets each: until then, and if it is none of them, the former key is not used
 * (RXP-DSC-047). */
void exchange_own_pins(struct exchange *x, struct bytes pins);

/* Accept peers on this non-blocking listening socket, which stays the caller's. */
int exchange_listen(struct exchange *x, int fd);

/* Take nothing new, finish what is open within this time, then call ended. */
void exchange_drain(struct exchange *x, uint32_t deadline_ms);

#endif
