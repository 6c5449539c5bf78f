/*
 * gateway_raw - a peer that says exactly what the test wants: TLS as asked for, HTTP/2 frame by
 * frame, in either role. What comes is cut into frames and counted.
 */
#ifndef TEST_GATEWAY_RAW_H
#define TEST_GATEWAY_RAW_H

#include <fcntl.h>

#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "daemon/test/unit/gateway_rig.h"

#define RAW_STREAMS 16384 /* highest stream number that is followed, and one */
#define RAW_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define RAW_TYPE "application/rxp+xml"

struct raw_options {
	const struct rig_key *key; /* NULL: no certificate */
	int version; /* the only one; 0: TLS 1.3 */
	const char *alpn; /* with its length octet; NULL: h2, "": none */
};

struct raw {
	struct rig *rig;
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	nghttp2_hd_deflater *deflater;
	nghttp2_hd_inflater *inflater;
	uint8_t in[65536];
	size_t in_len;
	/* What came. */
	bool closed;
	unsigned frames, resets, acks, goaways, window_updates;
	uint32_t goaway_code, reset_code;
	unsigned status[RAW_STREAMS];
	char allow[16];
	char offset[24]; /* rxp-offset of the last response, "" if it had none */
	size_t data_len; /* of all streams */
	unsigned ended; /* streams with END_STREAM */
	unsigned requests; /* HEADERS of the other side as a client */
	uint32_t last_stream;
};

/* --- TLS -------------------------------------------------------------------------------------- */

static inline int raw_any(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static inline int raw_choose(SSL *ssl, const unsigned char **out, unsigned char *len,
    const unsigned char *in, unsigned int in_len, void *arg)
{
	(void)ssl;
	(void)in_len;
	(void)arg;
	*out = in + 1;
	*len = in[0];
	return SSL_TLSEXT_ERR_OK;
}

static inline void raw_tls(struct raw *w, const struct raw_options *o, bool server)
{
	const char *alpn = o->alpn != NULL ? o->alpn : "\2h2";
	int version = o->version != 0 ? o->version : TLS1_3_VERSION;

	w->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	assert_non_null(w->ctx);
	SSL_CTX_set_min_proto_version(w->ctx, version);
	SSL_CTX_set_max_proto_version(w->ctx, version);
	SSL_CTX_set_cert_verify_callback(w->ctx, raw_any, NULL);
	SSL_CTX_set_num_tickets(w->ctx, 0);
	SSL_CTX_set_verify(w->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_alpn_select_cb(w->ctx, raw_choose, NULL);
	SSL_CTX_set_mode(w->ctx, SSL_MODE_AUTO_RETRY);
	if (alpn[0] != '\0')
		assert_int_equal(
		    SSL_CTX_set_alpn_protos(w->ctx, (const uint8_t *)alpn, (unsigned)strlen(alpn)),
		    0);
	if (o->key != NULL) {
		assert_int_equal(SSL_CTX_use_certificate(w->ctx, o->key->certificate), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(w->ctx, o->key->key), 1);
	}
	w->ssl = SSL_new(w->ctx);
	assert_int_equal(SSL_set_fd(w->ssl, w->fd), 1);
	if (server)
		SSL_set_accept_state(w->ssl);
	else
		SSL_set_connect_state(w->ssl);
}

static inline void raw_init(struct raw *w, struct rig *rig, int fd)
{
	memset(w, 0, sizeof *w);
	w->rig = rig;
	w->fd = fd;
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(nghttp2_hd_deflate_new(&w->deflater, 4096), 0);
	assert_int_equal(nghttp2_hd_inflate_new(&w->inflater), 0);
}

/* Shake hands; false if TLS failed on our side. The other side may still refuse us afterwards. */
static inline bool raw_handshake(struct raw *w)
{
	int64_t end = clock_mono_ms() + RIG_WAIT_MS;
	int result, error;

	for (;;) {
		ERR_clear_error();
		result = SSL_do_handshake(w->ssl);
		if (result == 1)
			return true;
		error = SSL_get_error(w->ssl, result);
		if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
			return false;
		assert_true(clock_mono_ms() < end);
		rig_turn(w->rig);
	}
}

/* As a client to the node. */
static inline bool raw_connect(struct raw *w, struct node *to, const struct raw_options *o)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(to->port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (void *)&address, sizeof address), 0);
	raw_init(w, to->rig, fd);
	raw_tls(w, o, false);
	return raw_handshake(w);
}

/* As a server: take the connection that waits at the listener. */
static inline bool raw_accept(
    struct raw *w, struct rig *rig, int listener, const struct raw_options *o)
{
	int fd = -1;

	rig_until(rig, (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0);
	raw_init(w, rig, fd);
	raw_tls(w, o, true);
	return raw_handshake(w);
}

static inline void raw_end(struct raw *w)
{
	nghttp2_hd_deflate_del(w->deflater);
	nghttp2_hd_inflate_del(w->inflater);
	SSL_free(w->ssl);
	SSL_CTX_free(w->ctx);
	close(w->fd);
}

/* --- what comes ------------------------------------------------------------------------------- */

static inline uint32_t raw_u32(const uint8_t *o)
{
	return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
}

static inline void raw_section(struct raw *w, uint32_t id, const uint8_t *octets, size_t len)
{
	nghttp2_nv nv;
	int flags;
	ssize_t n;

	w->offset[0] = '\0';
	for (;;) {
		flags = 0;
		n = nghttp2_hd_inflate_hd2(w->inflater, &nv, &flags, octets, len, 1);
		assert_true(n >= 0);
		octets += n;
		len -= (size_t)n;
		if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
			if (nv.namelen == 7 && memcmp(nv.name, ":status", 7) == 0)
				w->status[id] = (unsigned)strtoul((const char *)nv.value, NULL, 10);
			if (nv.namelen == 5 && memcmp(nv.name, "allow", 5) == 0)
				snprintf(w->allow, sizeof w->allow, "%.*s", (int)nv.valuelen,
				    (const char *)nv.value);
			if (nv.namelen == 10 && memcmp(nv.name, "rxp-offset", 10) == 0)
				snprintf(w->offset, sizeof w->offset, "%.*s", (int)nv.valuelen,
				    (const char *)nv.value);
		}
		if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0)
			break;
	}
	nghttp2_hd_inflate_end_headers(w->inflater);
}

static inline void raw_frame_in(
    struct raw *w, uint8_t type, uint8_t flags, uint32_t id, const uint8_t *octets, size_t len)
{
	w->frames++;
	assert_true(id < RAW_STREAMS);
	if (type == NGHTTP2_RST_STREAM) {
		w->resets++;
		w->reset_code = raw_u32(octets);
	}
	if (type == NGHTTP2_GOAWAY) {
		w->goaways++;
		w->goaway_code = raw_u32(octets + 4);
	}
	if (type == NGHTTP2_WINDOW_UPDATE)
		w->window_updates++;
	if (type == NGHTTP2_PING || (type == NGHTTP2_SETTINGS && (flags & NGHTTP2_FLAG_ACK) != 0))
		w->acks++;
	if (type == NGHTTP2_DATA)
		w->data_len += len;
	if (type == NGHTTP2_HEADERS) {
		w->requests++;
		w->last_stream = id;
		raw_section(w, id, octets, len);
	}
	if ((type == NGHTTP2_DATA || type == NGHTTP2_HEADERS) &&
	    (flags & NGHTTP2_FLAG_END_STREAM) != 0)
		w->ended++;
}

/* Take what is there. Usable as a condition: raw_poll(w), w->… */
static inline void raw_poll(struct raw *w)
{
	size_t n, at, len;

	while (!w->closed) {
		ERR_clear_error();
		if (SSL_read_ex(w->ssl, w->in + w->in_len, sizeof w->in - w->in_len, &n) != 1) {
			w->closed = SSL_get_error(w->ssl, 0) != SSL_ERROR_WANT_READ;
			return;
		}
		w->in_len += n;
		for (at = 0; w->in_len - at >= 9; at += 9 + len) {
			len = raw_u32(w->in + at) >> 8;
			if (w->in_len - at < 9 + len)
				break;
			raw_frame_in(w, w->in[at + 3], w->in[at + 4], raw_u32(w->in + at + 5),
			    w->in + at + 9, len);
		}
		memmove(w->in, w->in + at, w->in_len - at);
		w->in_len -= at;
	}
}

/* --- what goes -------------------------------------------------------------------------------- */

/* Send all of it, taking turns with the other side; false if the connection has ended. */
static inline bool raw_send(struct raw *w, const void *octets, size_t len)
{
	int64_t end = clock_mono_ms() + RIG_WAIT_MS;
	const uint8_t *at = octets;
	size_t n;

	while (len > 0) {
		ERR_clear_error();
		if (SSL_write_ex(w->ssl, at, len, &n) == 1) {
			at += n;
			len -= n;
			continue;
		}
		if (SSL_get_error(w->ssl, 0) != SSL_ERROR_WANT_WRITE) {
			raw_poll(w);
			w->closed = true;
			return false;
		}
		assert_true(clock_mono_ms() < end);
		rig_turn(w->rig);
		raw_poll(w);
	}
	return true;
}

static inline size_t raw_head(uint8_t out[9], uint8_t type, uint8_t flags, uint32_t id, size_t len)
{
	const uint8_t head[9] = {(uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, type,
	    flags, (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};

	memcpy(out, head, sizeof head);
	return sizeof head;
}

static inline bool raw_frame(
    struct raw *w, uint8_t type, uint8_t flags, uint32_t id, const void *octets, size_t len)
{
	uint8_t frame[9 + 16384];
	size_t at = raw_head(frame, type, flags, id, len);

	assert_true(len <= 16384);
	if (len > 0)
		memcpy(frame + at, octets, len);
	return raw_send(w, frame, at + len);
}

static inline bool raw_hello(struct raw *w)
{
	return raw_send(w, RAW_PREFACE, sizeof RAW_PREFACE - 1) &&
	       raw_frame(w, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

struct raw_field {
	const char *name, *value;
};

#define RAW_FIELDS 16

/* HEADERS with END_HEADERS and these flags; the list ends with a NULL name. */
static inline bool raw_headers(
    struct raw *w, uint8_t flags, uint32_t id, const struct raw_field *fields)
{
	nghttp2_nv nv[RAW_FIELDS];
	uint8_t block[16384];
	size_t n;
	ssize_t len;

	for (n = 0; n < RAW_FIELDS && fields[n].name != NULL; n++)
		nv[n] = (nghttp2_nv){.name = (uint8_t *)(uintptr_t)fields[n].name,
		    .namelen = strlen(fields[n].name),
		    .value = (uint8_t *)(uintptr_t)fields[n].value,
		    .valuelen = strlen(fields[n].value)};
	len = nghttp2_hd_deflate_hd(w->deflater, block, sizeof block, nv, n);
	assert_true(len > 0);
	return raw_frame(
	    w, NGHTTP2_HEADERS, flags | NGHTTP2_FLAG_END_HEADERS, id, block, (size_t)len);
}

#define RAW_REQUEST(method, path) \
	{":method", method}, {":scheme", "https"}, {":authority", "test"}, \
	{ \
		":path", path \
	}
#define RAW_POST \
	RAW_REQUEST("POST", "/rxp/1/messages"), \
	{ \
		"content-type", RAW_TYPE \
	}

#endif
