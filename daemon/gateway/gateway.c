/*
 * gateway - the process that speaks with peers: TLS 1.3 and HTTP/2, both directions.
 *
 * It holds the TLS key and nothing else that is worth taking: no document key, no database, no
 * XML, no file but those of ciphertext that the registry opens for it, one by one. Envelopes pass
 * through it as octets.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/locked_fd.h"
#include "daemon/base/log.h"
#include "daemon/base/unfit.h"
#include "daemon/gateway/exchange.h"
#include "daemon/gateway/role.h"
#include "daemon/gateway/staging.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define PEM_OCTETS 16384 /* of the key and of the certificate */
#define EXIT_START 111 /* something needed at the start failed */

struct gateway {
	struct role role;
	struct exchange *exchange;
};

static void fail(const char *what, int rc)
{
	log_event(LOG_ROLE_FAILED, LOG_S(what), LOG_S(rxp_err_text(rc)));
	exit(EXIT_START);
}

static void listen_on(struct gateway *g, uint32_t listeners)
{
	uint32_t i;
	int fd, flags, rc;

	for (i = 0; i < listeners && i < GATEWAY_LISTENERS; i++) {
		fd = GATEWAY_FD_LISTEN + (int)i;
		flags = fcntl(fd, F_GETFL);
		rc = flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ? RXP_ERR_IO : 0;
		if (rc == 0)
			rc = exchange_listen(g->exchange, fd);
		if (rc != 0)
			fail("listener", rc);
	}
}

static void on_parent(void *arg, struct link *l, const struct link_message *m)
{
	struct gateway *g = arg;
	const struct msg_gateway_config *config;
	const struct msg_drain *drain;

	(void)l;
	switch (m->type) {
	case IPC_gateway_config:
		config = m->body;
		exchange_own_pins(g->exchange, config->pins);
		listen_on(g, config->listeners);
		break;
	case IPC_drain:
		drain = m->body;
		exchange_drain(g->exchange, drain->deadline_ms);
		break;
	default:
		abort();
	}
}

static void on_ended(void *arg, int status)
{
	struct gateway *g = arg;

	role_end(&g->role, status);
}

struct pems {
	struct rxp_buf key, certificate, former_key,
	    former_certificate; /* the latter empty: none */
};

/* RXP_ERR_CONFIG: the former key does not open, or there is half of it. */
static int read_former(struct pems *p, const struct rxp_buf *passphrase)
{
	bool key = role_fd_open(GATEWAY_FD_TLS_FORMER_KEY);
	bool certificate = role_fd_open(GATEWAY_FD_TLS_FORMER_CERT);

	if (!key && !certificate)
		return 0;
	if (!key || !certificate ||
	    locked_read_fd(&p->former_key, GATEWAY_FD_TLS_FORMER_KEY, passphrase) != 0 ||
	    role_read_fd(&p->former_certificate, GATEWAY_FD_TLS_FORMER_CERT) != 0)
		return RXP_ERR_CONFIG;
	return 0;
}

static int read_files(struct pems *p)
{
	struct rxp_buf passphrase;
	int rc;

	rxp_buf_init(&passphrase, LOCKED_MAX_PASSPHRASE);
	rc = locked_passphrase_fd(&passphrase, GATEWAY_FD_TLS_PASSPHRASE);
	if (rc == 0)
		rc = locked_read_fd(&p->key, GATEWAY_FD_TLS_KEY, &passphrase);
	if (rc == 0)
		rc = role_read_fd(&p->certificate, GATEWAY_FD_TLS_CERT);
	if (rc == 0)
		rc = read_former(p, &passphrase);
	rxp_buf_free(&passphrase);
	return rc;
}

/* Keys and certificates come as open files; what is left of them is in the TLS contexts.
 * RXP_ERR_KEY: they are none, or not of each other; RXP_ERR_NOT_FOUND, RXP_ERR_DECRYPT: as locked_read_fd(); RXP_ERR_CONFIG: it
 * is one of these of the former key. */
static int warm_up(struct gateway *g)
{
	struct pems p;
	bool former;
	int rc;

	if (staging_bound_files(ROLE_FD_LOG) != 0)
		fail("process limits", RXP_ERR_IO);
	rxp_buf_init(&p.key, PEM_OCTETS);
	rxp_buf_init(&p.certificate, PEM_OCTETS);
	rxp_buf_init(&p.former_key, PEM_OCTETS);
	rxp_buf_init(&p.former_certificate, PEM_OCTETS);
	rc = read_files(&p);
	former = p.former_certificate.len > 0;
	if (role_fd_open(GATEWAY_FD_CLOCK))
		clock_set_offset_file(GATEWAY_FD_CLOCK);
	if (rc == 0)
		rc = exchange_new(
		    &g->exchange, &(struct exchange_config){.loop = g->role.loop,
				      .key_pem = &p.key,
				      .cert_pem = &p.certificate,
				      .former_key_pem = former ? &p.former_key : NULL,
				      .former_cert_pem = former ? &p.former_certificate : NULL,
				      .registry_fd = GATEWAY_FD_REGISTRY,
				      .times = GATEWAY_TIMES,
				      .ended = on_ended,
				      .arg = g});
	rxp_buf_free(&p.key);
	rxp_buf_free(&p.certificate);
	rxp_buf_free(&p.former_key);
	rxp_buf_free(&p.former_certificate);
	return rc == RXP_ERR_BOUND ? RXP_ERR_KEY : rc;
}

static enum unfit unfit_of(int rc)
{
	if (rc == RXP_ERR_CONFIG)
		return UNFIT_TLS_FORMER;
	if (rc == RXP_ERR_NOT_FOUND)
		return UNFIT_TLS_LOCKED;
	return rc == RXP_ERR_DECRYPT ? UNFIT_TLS_PASSPHRASE : UNFIT_TLS_PAIR;
}

int main(int argc, char **argv)
{
	static struct gateway g;
	struct msg_gateway_ready ready = {.pid = 0};
	int rc;

	role_begin(&g.role, "gateway", IPC_GATEWAY, argc, argv, on_parent, &g);
	rc = warm_up(&g);
	if (rc == RXP_ERR_KEY || rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_DECRYPT ||
	    rc == RXP_ERR_CONFIG)
		return role_unfit(
		    &g.role, IPC_gateway_unfit, &(struct msg_gateway_unfit){.why = unfit_of(rc)});
	if (rc != 0)
		fail("TLS key and certificate", rc);
	role_confine(&g.role, -1, false, true);
	ready.pid = (uint32_t)getpid();
	memcpy(ready.pin, exchange_pin(g.exchange), sizeof ready.pin);
	ready.until_ms = exchange_until_ms(g.exchange);
	return role_run(&g.role, IPC_gateway_ready, &ready);
}
