#include "daemon/gateway/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/ipc.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/client.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/fetch.h"
#include "daemon/gateway/pins.h"
#include "daemon/gateway/resolve.h"
#include "daemon/gateway/server.h"
#include "daemon/gateway/staging.h"
#include "daemon/gateway/tls.h"
#include "daemon/gateway/upload.h"
#include "protocol/err.h"

#define DRAIN_LOOK_MS 20 /* between looks at what is still open */

struct exchange {
	struct exchange_config config;
	struct link *registry;
	struct pins *pins;
	struct tls *tls;
	struct conns *conns;
	struct resolver *resolver;
	struct staging *staging;
	struct server *server;
	struct client *client;
	struct uploads *uploads;
	struct fetches *fetches;
	struct timer *drain_look; /* armed while draining */
	struct timer *drain_end;
	bool draining, ended;
};

static void end(struct exchange *x, int status)
{
	if (x->ended)
		return;
	x->ended = true;
	x->config.ended(x->config.arg, status);
}

/* --- to the registry -------------------------------------------------------------------------- */

static int send_admit(void *arg, const struct msg_admit *m, uint64_t *request)
{
	struct exchange *x = arg;

	return link_request(x->registry, IPC_admit, m, NULL, 0, request);
}

static void send_delivery(void *arg, uint64_t request, const struct msg_delivery *m)
{
	struct exchange *x = arg;

	/* Fails only with the link, whose end is told by itself. */
	(void)link_answer(x->registry, IPC_delivery, request, m, NULL, 0);
}

static int send_stage(void *arg, const struct msg_stage *m, uint64_t *request)
{
	struct exchange *x = arg;

	return link_request(x->registry, IPC_stage, m, NULL, 0, request);
}

static int send_stage_end(void *arg, const struct msg_stage_end *m, uint64_t *request)
{
	struct exchange *x = arg;

	return link_request(x->registry, IPC_stage_end, m, NULL, 0, request);
}

static void send_uploaded(void *arg, uint64_t request, const struct msg_uploaded *m)
{
	struct exchange *x = arg;

	(void)link_answer(x->registry, IPC_uploaded, request, m, NULL, 0);
}

static void send_fetched(void *arg, uint64_t request, const struct msg_descriptor_fetched *m)
{
	struct exchange *x = arg;

	(void)link_answer(x->registry, IPC_descriptor_fetched, request, m, NULL, 0);
}

static void send_contact(void *arg, const char party[4])
{
	struct exchange *x = arg;
	struct msg_contact m;

	memcpy(m.party, party, sizeof m.party);
	/* A hint only: without it the registry's next try comes a little later. */
	(void)link_request(x->registry, IPC_contact, &m, NULL, 0, NULL);
}

/* --- from the registry ------------------------------------------------------------------------ */

static bool own_pin(void *arg, const uint8_t digest[32], char party[4])
{
	const struct exchange *x = arg;

	return pins_party(x->pins, digest, party);
}

static void take_pins(struct exchange *x, const struct msg_pins *m)
{
	int rc = pins_replace(x->pins, m->rows);

	if (rc != 0) {
		log_event(LOG_ROLE_FAILED, LOG_S("pins"), LOG_S(rxp_err_text(rc)));
		end(x, EXIT_FAILURE);
		return;
	}
	conns_recheck(x->conns);
}

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct exchange *x = arg;
	const struct msg_own_descriptor *descriptor;

	(void)l;
	switch (m->type) {
	case IPC_pins:
		take_pins(x, m->body);
		break;
	case IPC_own_descriptor:
		descriptor = m->body;
		if (server_set_descriptor(x->server, descriptor->octets) != 0)
			log_event(LOG_ROLE_FAILED, LOG_S("own descriptor"),
			    LOG_S(rxp_err_text(RXP_ERR_BOUND)));
		break;
	case IPC_admitted:
		server_admitted(x->server, m->request, m->body);
		break;
	case IPC_deliver:
		client_deliver(x->client, m->request, m->body);
		break;
	case IPC_upload:
		uploads_begin(x->uploads, m->request, m->body, m->fds[0]);
		break;
	case IPC_fetch_descriptor:
		fetches_begin(x->fetches, m->request, m->body);
		break;
	case IPC_staged:
		staging_staged(x->staging, m->request, m->body);
		break;
	case IPC_stage_opened:
		staging_opened(x->staging, m->request, m->body, m->fds[0]);
		break;
	case IPC_stage_ended:
		staging_ended(x->staging, m->request, m->body);
		break;
	default:
		abort();
	}
}

static void on_registry_closed(void *arg, struct link *l, int why)
{
	struct exchange *x = arg;

	(void)l;
	if (why != RXP_ERR_CLOSED)
		log_event(LOG_LINK_BROKEN, LOG_S("registry"), LOG_S(rxp_err_text(why)));
	end(x, EXIT_FAILURE);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void drained(struct exchange *x)
{
	timer_disarm(x->drain_look);
	timer_disarm(x->drain_end);
	(void)link_flush(x->registry, GATEWAY_LAST_WORDS_MS);
	end(x, EXIT_SUCCESS);
}

static void on_drain_look(void *arg)
{
	struct exchange *x = arg;

	if (conns_count(x->conns) == 0 && !client_busy(x->client) && !uploads_busy(x->uploads) &&
	    !fetches_busy(x->fetches))
		drained(x);
	else
		timer_arm(x->drain_look, DRAIN_LOOK_MS);
}

static void on_drain_end(void *arg)
{
	struct exchange *x = arg;

	conns_end(x->conns);
	drained(x);
}

void exchange_drain(struct exchange *x, uint32_t deadline_ms)
{
	if (x->draining)
		return;
	x->draining = true;
	server_drain(x->server);
	client_drain(x->client);
	conns_shutdown(x->conns);
	timer_arm(x->drain_look, 0);
	timer_arm(x->drain_end, deadline_ms);
}

/* --- birth and end ---------------------------------------------------------------------------- */

static int parts(struct exchange *x)
{
	const struct exchange_config *config = &x->config;
	int rc;

	rc = pins_new(&x->pins);
	if (rc == 0)
		rc = tls_new(&x->tls, config->key_pem, config->cert_pem, own_pin, x);
	if (rc == 0)
		rc = resolver_new(&x->resolver, config->loop, NULL);
	if (rc == 0)
		rc = timer_new(&x->drain_look, config->loop, on_drain_look, x);
	if (rc == 0)
		rc = timer_new(&x->drain_end, config->loop, on_drain_end, x);
	if (rc == 0)
		rc = conns_new(&x->conns,
		    &(struct conns_config){config->loop, x->tls, x->pins, config->times});
	if (rc == 0)
		rc = staging_new(
		    &x->staging, &(struct staging_config){x->conns, send_stage, send_stage_end, x});
	if (rc == 0)
		rc = server_new(&x->server, &(struct server_config){config->loop, x->conns,
						x->staging, send_admit, send_contact, x});
	if (rc == 0)
		rc = client_new(&x->client, &(struct client_config){x->conns, x->pins, x->resolver,
						send_delivery, send_contact, x});
	if (rc == 0)
		rc = uploads_new(
		    &x->uploads, &(struct uploads_config){x->conns, x->client, send_uploaded, x});
	if (rc == 0)
		rc = fetches_new(
		    &x->fetches, &(struct fetches_config){x->conns, x->client, send_fetched, x});
	return rc;
}

int exchange_new(struct exchange **out, const struct exchange_config *config)
{
	struct exchange *x = calloc(1, sizeof *x);
	int rc = RXP_ERR_NOMEM;

	if (x == NULL) {
		close(config->registry_fd);
		return rc;
	}
	x->config = *config;
	rc = link_new(&x->registry, config->loop,
	    &(struct link_config){.fd = config->registry_fd,
		.self = IPC_GATEWAY,
		.peer = IPC_REGISTRY,
		.handler = on_message,
		.closed = on_registry_closed,
		.arg = x});
	if (rc != 0)
		close(config->registry_fd);
	else
		rc = parts(x);
	x->config.key_pem = x->config.cert_pem = NULL;
	if (rc == 0)
		*out = x;
	else
		exchange_free(x);
	return rc;
}

void exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	x->ended = true;
	if (x->client != NULL)
		client_drain(x->client);
	conns_free(x->conns);
	uploads_free(x->uploads);
	fetches_free(x->fetches);
	client_free(x->client);
	server_free(x->server);
	staging_free(x->staging);
	resolver_free(x->resolver);
	timer_free(x->drain_look);
	timer_free(x->drain_end);
	tls_free(x->tls);
	pins_free(x->pins);
	link_free(x->registry);
	free(x);
}

const uint8_t *exchange_pin(const struct exchange *x)
{
	return tls_own(x->tls);
}

int exchange_listen(struct exchange *x, int fd)
{
	return server_listen(x->server, fd);
}
