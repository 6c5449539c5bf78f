/*
 * resolve - from the host of an endpoint to addresses, without waiting.
 *
 * IP literals and `localhost` need no question. Other names are asked of the name servers that the
 * system names, by DNS alone: nothing is opened after resolver_new(), which so belongs before the
 * sandbox. What a name says is not trusted with anything: the pin decides who answers. Only for a test
 * node it may lead to this machine or its link (RXP-DSC-023).
 */
#ifndef GATEWAY_RESOLVE_H
#define GATEWAY_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/gateway/transport.h"

struct resolver;
struct resolve;
struct loop;

struct resolve_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t len;
};

/* n > 0 addresses and TRANSPORT_NONE, or none and the reason. The resolve is over after it. */
typedef void resolve_done(
    void *arg, enum transport why, const struct resolve_address *addresses, size_t n);

/* servers: "address:port,…" of name servers, or NULL for those that the system names.
 * RXP_ERR_NOMEM, RXP_ERR_CONFIG. */
int resolver_new(struct resolver **out, struct loop *loop, const char *servers);
/* Open resolves are over without a call of done. NULL is allowed. */
void resolver_free(struct resolver *r);

/* inner: addresses of this machine and of its link are given too. done is called once, never inside this
 * call, at most GATEWAY_RESOLVE_MS later. RXP_ERR_NOMEM. */
int resolve_start(struct resolve **out, struct resolver *r, const char *host, uint16_t port,
    bool inner, resolve_done *done, void *arg);
void resolve_cancel(struct resolve *q); /* done is not called; NULL is allowed */

#endif
