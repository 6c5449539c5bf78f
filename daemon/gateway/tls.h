/*
 * tls - TLS 1.3 with mutual authentication by pins; the only user of OpenSSL's SSL.
 *
 * ALPN h2, both certificates, no tickets, no resumption, no early data (RXP-TLS-001 to RXP-TLS-004). The
 * identity of the other side is the party whose pin its key is; dates, names and chains of
 * certificates play no part. A connection works on a non-blocking socket of its caller and never
 * waits.
 */
#ifndef GATEWAY_TLS_H
#define GATEWAY_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/gateway/transport.h"

struct tls;
struct tls_conn;
struct rxp_buf;

enum tls_side {
	TLS_SERVER,
	TLS_CLIENT,
	TLS_CLIENT_FORMER /* under our former key (RXP-DSC-047) */
};

/* What a call waits for; never an error. */
enum { TLS_WANT_READ = 1, TLS_WANT_WRITE = 2 };

/* Whose key is this? As pins_party(). */
typedef bool tls_lookup(void *arg, const uint8_t digest[32], char party[4]);

/* Contexts of both sides from one key and certificate, both PEM. Makes one handshake with itself in
 * memory, so that the library has loaded all that it needs before the sandbox.
 * RXP_ERR_KEY (unreadable, or the two do not belong together), RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int tls_new(struct tls **out, const struct rxp_buf *key_pem, const struct rxp_buf *cert_pem,
    tls_lookup *lookup, void *arg);
/* A former key of ours beside it, for clients alone. The same errors. */
int tls_add_former(struct tls *t, const struct rxp_buf *key_pem, const struct rxp_buf *cert_pem);
const uint8_t *tls_former(const struct tls *t); /* its digest, 32 octets; NULL: there is none */
void tls_settle_former(
    struct tls *t, bool use); /* from now on it may be used; false: it is forgotten */
bool tls_may_use_former(const struct tls *t);
const uint8_t *tls_own(const struct tls *t); /* digest of our own key, 32 octets */
int64_t tls_until_ms(
    const struct tls *t); /* end of our own certificate; 0: it says none that can be read */
void tls_free(struct tls *t); /* after all its connections; NULL is allowed */

/* fd stays the caller's. expect: the party that must answer (client), or NULL. any_key: it may answer under any key, for
 * what proves itself (RXP-DSC-032); tls_party() is what was expected then. RXP_ERR_NOMEM. */
int tls_conn_new(struct tls_conn **out, struct tls *t, enum tls_side side, int fd,
    const char *expect, bool any_key);
void tls_conn_free(struct tls_conn *c); /* NULL is allowed */

/* 0 when it is done and the other side is authenticated for us; TLS_WANT_*; RXP_ERR_PEER or
 * RXP_ERR_CLOSED with a reason in tls_why(). */
int tls_handshake(struct tls_conn *c);

/* At most one record. 0 with *n > 0; TLS_WANT_*; RXP_ERR_CLOSED (an orderly end, or none), or
 * RXP_ERR_PEER. A client learns here that its certificate was refused: TLS 1.3 tells it late. */
int tls_read(struct tls_conn *c, uint8_t *out, size_t cap, size_t *n);
bool tls_pending(const struct tls_conn *c); /* octets that no event of the socket announces */

/* 0 with *n > 0 octets taken; TLS_WANT_*; RXP_ERR_CLOSED, RXP_ERR_PEER. */
int tls_write(struct tls_conn *c, const uint8_t *octets, size_t len, size_t *n);

/* Send close_notify as far as that goes without waiting. */
void tls_close(struct tls_conn *c);

/* After the handshake: who it is, and by which key. */
const char *tls_party(const struct tls_conn *c);
const uint8_t *tls_digest(const struct tls_conn *c);
const char *tls_expected(const struct tls_conn *c); /* the party; "" of a server */
int64_t tls_peer_until_ms(
    const struct tls_conn *c); /* end of its certificate; 0: it says none that can be read */

/* Why the last call failed. */
enum transport tls_why(const struct tls_conn *c);

#endif
