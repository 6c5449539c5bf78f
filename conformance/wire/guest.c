#include "conformance/wire/guest.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "conformance/state/keypair.h"
#include "conformance/wire/tls.h"

#define EARLY_OCTETS 16384 /* that are invited, to see whether they come */
#define DROP_OCTETS 16384 /* at once: who sends without end is not waited for */
#define MAX_PROTOCOL 32

struct guest {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	unsigned char protocol[MAX_PROTOCOL]; /* that is chosen; "": none */
	struct guest_facts facts;
};

/* --- what the other side shows --------------------------------------------------------------- */

static int on_hello(SSL *ssl, int *alert, void *arg)
{
	struct guest *g = arg;
	const unsigned char *value;
	size_t len;

	(void)alert;
	g->facts.hello = true;
	g->facts.resumes = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &value, &len) == 1;
	g->facts.early = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_early_data, &value, &len) == 1;
	return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *offered, unsigned len, void *arg)
{
	struct guest *g = arg;

	(void)ssl;
	for (unsigned at = 0; at < len; at += 1 + offered[at])
		if (offered[at] == 2 && at + 2 < len && memcmp(offered + at + 1, "h2", 2) == 0)
			g->facts.offers_h2 = true;
	if (g->protocol[0] == '\0')
		return SSL_TLSEXT_ERR_NOACK;
	*out = g->protocol;
	*out_len = (unsigned char)strlen((const char *)g->protocol);
	return SSL_TLSEXT_ERR_OK;
}

/* Stands in place of the library's check of chains: who it is, a case judges. */
static int accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)arg;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

static void look(struct guest *g)
{
	X509 *other = SSL_get0_peer_certificate(g->ssl);
	unsigned char *spki = NULL;
	int len;

	g->facts.shaken = true;
	g->facts.is_tls13 = SSL_version(g->ssl) == TLS1_3_VERSION;
	if (other == NULL)
		return;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(other), &spki);
	g->facts.has_pin =
	    len > 0 && EVP_Digest(spki, (size_t)len, g->facts.pin, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(spki);
}

/* --- the connection -------------------------------------------------------------------------- */

static bool set_up(struct guest *g, const struct greeting *greeting)
{
	int version = greeting->old_tls ? TLS1_2_VERSION : TLS1_3_VERSION;
	static const unsigned char context[] = "conform";
	const char *protocol = greeting->protocol == NULL ? "h2" : greeting->protocol;

	if (strlen(protocol) >= sizeof g->protocol)
		return false;
	memcpy(g->protocol, protocol, strlen(protocol) + 1);
	g->ctx = SSL_CTX_new(TLS_server_method());
	if (g->ctx == NULL || SSL_CTX_set_min_proto_version(g->ctx, version) != 1 ||
	    SSL_CTX_set_max_proto_version(g->ctx, version) != 1 ||
	    SSL_CTX_use_certificate(g->ctx, greeting->credential->certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(g->ctx, greeting->credential->key) != 1 ||
	    SSL_CTX_set_session_id_context(g->ctx, context, sizeof context - 1) != 1)
		return false;
	/* Tickets and early data are offered, so that it shows who would use them. */
	(void)SSL_CTX_set_max_early_data(g->ctx, EARLY_OCTETS);
	SSL_CTX_set_verify(g->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(g->ctx, accept_any, NULL);
	SSL_CTX_set_client_hello_cb(g->ctx, on_hello, g);
	SSL_CTX_set_alpn_select_cb(g->ctx, on_protocols, g);
	SSL_CTX_set_mode(
	    g->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	g->ssl = SSL_new(g->ctx);
	return g->ssl != NULL && SSL_set_fd(g->ssl, g->fd) == 1;
}

struct guest *guest_new(int fd, const struct greeting *greeting)
{
	struct guest *g = calloc(1, sizeof *g);

	if (g == NULL) {
		(void)close(fd);
		return NULL;
	}
	g->fd = fd;
	g->facts.odd = greeting->odd;
	if (!greeting->plain && !greeting->closed && !set_up(g, greeting)) {
		guest_free(g, PART_SILENTLY);
		return NULL;
	}
	return g;
}

void guest_free(struct guest *g, enum parting how)
{
	const struct linger at_once = {1, 0};

	if (g == NULL)
		return;
	if (g->ssl != NULL && how == PART_POLITELY && g->facts.shaken)
		(void)SSL_shutdown(g->ssl);
	if (how == PART_RUDELY)
		(void)setsockopt(g->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	ERR_clear_error();
	SSL_free(g->ssl);
	SSL_CTX_free(g->ctx);
	(void)close(g->fd);
	free(g);
}

int guest_fd(const struct guest *g)
{
	return g->fd;
}

void guest_break(struct guest *g)
{
	g->facts.broken_ms = tls_now_ms();
}

const struct guest_facts *guest_facts(const struct guest *g)
{
	return &g->facts;
}

/* --- octets ---------------------------------------------------------------------------------- */

static enum wire_end why(SSL *ssl, int result)
{
	unsigned long error = ERR_peek_error();
	int kind = SSL_get_error(ssl, result);

	ERR_clear_error();
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		return WIRE_WAIT;
	if (kind == SSL_ERROR_ZERO_RETURN || kind == SSL_ERROR_SYSCALL ||
	    ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return WIRE_CLOSED;
	return ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET ? WIRE_ALERT : WIRE_TLS;
}

enum wire_end guest_shake(struct guest *g)
{
	int n = SSL_accept(g->ssl);

	if (n != 1)
		return why(g->ssl, n);
	look(g);
	return WIRE_NONE;
}

enum wire_end guest_read(struct guest *g, uint8_t *octets, size_t max, size_t *len)
{
	int n = SSL_read(g->ssl, octets, max > INT_MAX ? INT_MAX : (int)max);

	if (n <= 0)
		return why(g->ssl, n);
	*len = (size_t)n;
	return WIRE_NONE;
}

enum wire_end guest_write(struct guest *g, const uint8_t *octets, size_t len, size_t *done)
{
	int n = SSL_write(g->ssl, octets, len > INT_MAX ? INT_MAX : (int)len);

	if (n <= 0)
		return why(g->ssl, n);
	*done = (size_t)n;
	return WIRE_NONE;
}

bool guest_leave(struct guest *g)
{
	if (g->facts.shaken)
		(void)SSL_shutdown(g->ssl);
	ERR_clear_error();
	return shutdown(g->fd, SHUT_WR) == 0;
}

bool guest_drop(struct guest *g)
{
	uint8_t octets[DROP_OCTETS];
	ssize_t n = recv(g->fd, octets, sizeof octets, MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}
