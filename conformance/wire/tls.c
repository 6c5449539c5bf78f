#include "conformance/wire/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "conformance/state/keypair.h"
#include "conformance/wire/tls_odd.h"

#define SCHEME "https://"
#define DEFAULT_PORT "443"
#define MAX_HOST 254
#define MAX_PORT 6

struct tls {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl; /* NULL: octets go as they are */
	const struct wire_aside *aside;
	unsigned tickets;
	bool mute; /* nothing is said at the end */
	char authority[TLS_AUTHORITY];
};

int64_t tls_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the address ----------------------------------------------------------------------------- */

/* https://host:port, with a slash or nothing behind; an IPv6 address stands in brackets. */
static bool split(
    const char *endpoint, char authority[TLS_AUTHORITY], char host[MAX_HOST], char port[MAX_PORT])
{
	const char *at = endpoint + sizeof SCHEME - 1, *end, *colon;
	size_t len;

	if (strncmp(endpoint, SCHEME, sizeof SCHEME - 1) != 0)
		return false;
	end = at + strcspn(at, "/?#");
	if (end == at || (size_t)(end - at) >= TLS_AUTHORITY)
		return false;
	(void)snprintf(authority, TLS_AUTHORITY, "%.*s", (int)(end - at), at);
	colon = strrchr(authority, ':');
	if (colon != NULL && strchr(colon, ']') != NULL)
		colon = NULL;
	len = colon == NULL ? strlen(authority) : (size_t)(colon - authority);
	if (len >= MAX_HOST || (colon != NULL && strlen(colon + 1) >= MAX_PORT))
		return false;
	(void)snprintf(port, MAX_PORT, "%s", colon == NULL ? DEFAULT_PORT : colon + 1);
	if (authority[0] == '[' && len > 2)
		(void)snprintf(host, MAX_HOST, "%.*s", (int)(len - 2), authority + 1);
	else
		(void)snprintf(host, MAX_HOST, "%.*s", (int)len, authority);
	return true;
}

bool tls_authority_of(char out[TLS_AUTHORITY], const char *endpoint)
{
	char host[MAX_HOST], port[MAX_PORT];

	return split(endpoint, out, host, port);
}

bool tls_is_here(const char *endpoint)
{
	char authority[TLS_AUTHORITY], host[MAX_HOST], port[MAX_PORT];
	struct in6_addr v6;
	struct in_addr v4;

	if (!split(endpoint, authority, host, port))
		return false;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return strcmp(host, "localhost") == 0;
}

/* --- waiting --------------------------------------------------------------------------------- */

static enum wire_end await(
    int fd, short events, int64_t deadline_ms, const struct wire_aside *aside)
{
	struct pollfd p[2] = {{fd, events, 0}, {aside == NULL ? -1 : aside->fd, POLLIN, 0}};

	for (;;) {
		int64_t left = deadline_ms - tls_now_ms();
		int n;

		if (left <= 0)
			return WIRE_TIMEOUT;
		n = poll(p, 2, left > INT_MAX ? INT_MAX : (int)left);
		if (n > 0 && aside != NULL && p[1].revents != 0)
			aside->serve(aside->arg);
		if (n > 0 && p[0].revents != 0)
			return WIRE_NONE;
		if (n < 0 && errno != EINTR)
			return WIRE_LOCAL;
	}
}

static enum wire_end connect_one(
    int *out, const struct addrinfo *a, int64_t deadline_ms, const struct wire_aside *aside)
{
	int fd =
	    socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	enum wire_end end = WIRE_NONE;
	socklen_t len = sizeof(int);
	int error = 0, at_once = 1;

	if (fd < 0)
		return WIRE_LOCAL;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
		if (errno != EINPROGRESS)
			end = WIRE_UNREACHABLE;
		else
			end = await(fd, POLLOUT, deadline_ms, aside);
	}
	if (end == WIRE_NONE &&
	    (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0))
		end = WIRE_UNREACHABLE;
	if (end == WIRE_NONE)
		*out = fd;
	else
		(void)close(fd);
	return end;
}

static enum wire_end reach(int *out, const char *host, const char *port, int64_t deadline_ms,
    const struct wire_aside *aside)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list;
	enum wire_end end = WIRE_UNREACHABLE;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return WIRE_UNRESOLVED;
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		end = connect_one(out, a, deadline_ms, aside);
		if (end == WIRE_NONE)
			break;
	}
	freeaddrinfo(list);
	return end;
}

enum wire_end tls_dial(int *fd, const char *endpoint, int64_t deadline_ms)
{
	char authority[TLS_AUTHORITY], host[MAX_HOST], port[MAX_PORT];

	return split(endpoint, authority, host, port) ? reach(fd, host, port, deadline_ms, NULL)
						      : WIRE_ADDRESS;
}

/* --- TLS ------------------------------------------------------------------------------------- */

/* Stands in place of the library's check of chains: pins are compared after the handshake. */
static int accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)arg;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

static enum wire_end why(SSL *ssl, int result)
{
	unsigned long error = ERR_peek_error();
	int kind = SSL_get_error(ssl, result);

	ERR_clear_error();
	if (kind == SSL_ERROR_ZERO_RETURN || kind == SSL_ERROR_SYSCALL)
		return WIRE_CLOSED;
	if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return WIRE_CLOSED;
	return ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET ? WIRE_ALERT : WIRE_TLS;
}

/* After a call that wants to be made again: wait for what it wants. */
static enum wire_end wanted(const struct tls *t, int result, int64_t deadline_ms)
{
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return await(t->fd, POLLIN, deadline_ms, t->aside);
	case SSL_ERROR_WANT_WRITE:
		return await(t->fd, POLLOUT, deadline_ms, t->aside);
	default:
		return why(t->ssl, result);
	}
}

/* Session tickets are told by nothing else. */
static void see_message(
    int sent, int version, int type, const void *octets, size_t len, SSL *ssl, void *arg)
{
	struct tls *t = arg;

	(void)version;
	(void)ssl;
	if (!sent && type == SSL3_RT_HANDSHAKE && len > 0 &&
	    *(const uint8_t *)octets == SSL3_MT_NEWSESSION_TICKET)
		t->tickets++;
}

static bool set_up(struct tls *t, const struct wire_target *target)
{
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx == NULL)
		return false;
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(t->ctx, accept_any, NULL);
	SSL_CTX_set_mode(
	    t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_msg_callback(t->ctx, see_message);
	SSL_CTX_set_msg_callback_arg(t->ctx, t);
	if (!tls_odd_prepare(t->ctx, target))
		return false;
	t->ssl = SSL_new(t->ctx);
	return t->ssl != NULL && SSL_set_fd(t->ssl, t->fd) == 1;
}

/* What is said before the answer to the ClientHello, if it is not what the library would say by itself. */
static enum wire_end greet(struct tls *t, const struct manner *m)
{
	if (m->kind == MANNER_SLIVERS)
		return tls_odd_greet_in_slivers(t->ssl, t->fd) ? WIRE_NONE : WIRE_CLOSED;
	if (m->early != NULL)
		return tls_odd_send_early(t->ssl, m->early) ? WIRE_NONE : WIRE_LOCAL;
	return WIRE_NONE;
}

static enum wire_end shake_hands(struct tls *t, const struct manner *m, int64_t deadline_ms)
{
	enum wire_end end = greet(t, m);

	while (end == WIRE_NONE) {
		int n = SSL_connect(t->ssl);

		if (n == 1)
			return WIRE_NONE;
		end = wanted(t, n, deadline_ms);
	}
	return end;
}

static enum wire_end check_other_side(const struct tls *t, const struct wire_target *target)
{
	X509 *other = SSL_get0_peer_certificate(t->ssl);
	const unsigned char *protocol;
	unsigned protocol_len;
	unsigned char *spki = NULL;
	uint8_t digest[32];
	bool known = false;
	int len;

	SSL_get0_alpn_selected(t->ssl, &protocol, &protocol_len);
	/* Who agrees to anything else that was offered shows it by what it answers then. */
	if (other == NULL || (target->manner.protocols == NULL &&
				 (protocol_len != 2 || memcmp(protocol, "h2", 2) != 0)))
		return WIRE_TLS;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(other), &spki);
	if (len <= 0 || EVP_Digest(spki, (size_t)len, digest, NULL, EVP_sha256(), NULL) != 1)
		len = 0;
	OPENSSL_free(spki);
	for (size_t i = 0; len > 0 && i < target->n_pins; i++)
		known = known || memcmp(digest, target->pins[i], sizeof digest) == 0;
	return known ? WIRE_NONE : WIRE_PIN;
}

enum wire_end tls_open(struct tls **out, const struct wire_target *target, int64_t deadline_ms)
{
	struct tls *t = calloc(1, sizeof *t);
	char host[MAX_HOST], port[MAX_PORT];
	enum wire_end end;

	if (t == NULL)
		return WIRE_LOCAL;
	t->fd = -1;
	t->aside = target->aside;
	end = split(target->endpoint, t->authority, host, port) ? WIRE_NONE : WIRE_ADDRESS;
	if (end == WIRE_NONE)
		end = reach(&t->fd, host, port, deadline_ms, t->aside);
	if (end == WIRE_NONE && target->manner.kind != MANNER_PLAIN) {
		end = set_up(t, target) ? shake_hands(t, &target->manner, deadline_ms) : WIRE_LOCAL;
		if (end == WIRE_NONE)
			end = check_other_side(t, target);
	}
	if (end == WIRE_NONE)
		*out = t;
	else
		tls_close(t);
	return end;
}

void tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->ssl != NULL && !t->mute)
		(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	if (t->fd >= 0)
		(void)close(t->fd);
	free(t);
}

/* --- octets ---------------------------------------------------------------------------------- */

static enum wire_end socket_said(ssize_t result, size_t *n)
{
	*n = result > 0 ? (size_t)result : 0;
	if (result > 0 || (result < 0 && (errno == EAGAIN || errno == EINTR)))
		return WIRE_NONE;
	return WIRE_CLOSED;
}

/* A call of the library that did nothing: not now, or never again. */
static enum wire_end library_said(const struct tls *t, int result, size_t *n)
{
	int kind = SSL_get_error(t->ssl, result);

	*n = 0;
	return kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE ? WIRE_NONE
									   : why(t->ssl, result);
}

enum wire_end tls_write_some(struct tls *t, const uint8_t *octets, size_t len, size_t *n)
{
	int result;

	if (t->ssl == NULL)
		return socket_said(send(t->fd, octets, len, MSG_NOSIGNAL), n);
	ERR_clear_error();
	result = SSL_write_ex(t->ssl, octets, len, n);
	return result == 1 ? WIRE_NONE : library_said(t, result, n);
}

enum wire_end tls_read_some(struct tls *t, uint8_t *octets, size_t max, size_t *n)
{
	int result;

	if (t->ssl == NULL)
		return socket_said(recv(t->fd, octets, max, 0), n);
	ERR_clear_error();
	result = SSL_read_ex(t->ssl, octets, max, n);
	return result == 1 ? WIRE_NONE : library_said(t, result, n);
}

enum wire_end tls_await(const struct tls *t, bool writing, int64_t deadline_ms)
{
	if (t->ssl != NULL && SSL_pending(t->ssl) > 0)
		return WIRE_NONE;
	return await(t->fd, writing ? POLLIN | POLLOUT : POLLIN, deadline_ms, t->aside);
}

enum wire_end tls_write(struct tls *t, const uint8_t *octets, size_t len, int64_t deadline_ms)
{
	while (len > 0) {
		size_t n;
		enum wire_end end = tls_write_some(t, octets, len, &n);

		if (end == WIRE_NONE && n == 0)
			end = await(t->fd, POLLOUT, deadline_ms, t->aside);
		if (end != WIRE_NONE)
			return end;
		octets += n;
		len -= n;
	}
	return WIRE_NONE;
}

enum wire_end tls_read(struct tls *t, uint8_t *octets, size_t max, size_t *len, int64_t deadline_ms)
{
	for (;;) {
		enum wire_end end = tls_read_some(t, octets, max, len);

		if (end == WIRE_NONE && *len > 0)
			return WIRE_NONE;
		if (end == WIRE_NONE)
			end = await(t->fd, POLLIN, deadline_ms, t->aside);
		if (end != WIRE_NONE)
			return end;
	}
}

void tls_end_writing(struct tls *t)
{
	if (t->ssl != NULL)
		(void)SSL_shutdown(t->ssl);
	else
		(void)shutdown(t->fd, SHUT_WR);
	ERR_clear_error();
}

void tls_cut(struct tls *t, bool abort)
{
	const struct linger at_once = {1, 0};

	t->mute = true;
	if (abort)
		(void)setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	(void)close(t->fd);
	t->fd = -1;
}

enum wire_end tls_update_key(struct tls *t, int64_t deadline_ms)
{
	if (SSL_key_update(t->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1)
		return WIRE_LOCAL;
	for (;;) {
		int n = SSL_do_handshake(t->ssl);
		enum wire_end end;

		if (n == 1)
			return WIRE_NONE;
		end = wanted(t, n, deadline_ms);
		if (end != WIRE_NONE)
			return end;
	}
}

unsigned tls_tickets(const struct tls *t)
{
	return t->tickets;
}

const char *tls_authority(const struct tls *t)
{
	return t->authority;
}
