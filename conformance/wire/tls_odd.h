/*
 * tls_odd - how a handshake is made odd (manner.h): what is offered and shown, and what is said first.
 */
#ifndef CONFORM_TLS_ODD_H
#define CONFORM_TLS_ODD_H

#include <stdbool.h>

#include "conformance/wire/wire.h"

struct ssl_st; /* SSL */
struct ssl_ctx_st; /* SSL_CTX */

/* Version, protocols, certificate and key, a session of before. False: the library refuses. */
bool tls_odd_prepare(struct ssl_ctx_st *ctx, const struct wire_target *target);

/* Send the ClientHello in records of one octet each; the handshake goes on as ever. fd: of the connection, which
 * takes that much at once. */
bool tls_odd_greet_in_slivers(struct ssl_st *ssl, int fd);

/* Send the octets as early data of the session that was offered, before the handshake. */
bool tls_odd_send_early(struct ssl_st *ssl, const struct rxp_buf *octets);

#endif
