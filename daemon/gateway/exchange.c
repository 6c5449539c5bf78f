#include "daemon/gateway/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/ipc.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/client.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/download.h"
#include "daemon/gateway/fetch.h"
#include "daemon/gateway/give.h"
#include "daemon/gateway/pages.h"
#include "daemon/gateway/pickup.h"
#include "daemon/gateway/pins.h"
#include "daemon/gateway/rate.h"
#include "daemon/gateway/resolve.h"
#include "daemon/gateway/server.h"
#include "daemon/gateway/staging.h"
#include "daemon/gateway/tls.h"
#include "daemon/gateway/upload.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define DRAIN_LOOK_MS 20 /* between looks at what is still open */
#define UNKNOWN_MS 60000 /* in which so many connections under keys of nobody … */
#define UNKNOWN_TOLD 60 /* … are told by their key, and of more that they came */

struct exchange {
	struct exchange_config config;
	struct link *registry;
	struct pins *pins;
	struct rates *rates;
	struct tls *tls;
	struct conns *conns;
	struct resolver *resolver;
	struct staging *staging;
	struct gives *gives;
	struct pickups *pickups;
	struct pages *pages;
	struct server *server;
	struct client *client;
	struct uploads *uploads;
	struct fetches *fetches;
	struct downloads *downloads;
	struct timer *drain_look; /* armed while draining */
	struct timer *drain_end;
	bool pinned; /* the registry has said which keys are known */
	int64_t unknown_mono; /* when that time of keys of nobody began, and how many came in it */
	unsigned unknown;
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

static int send_body(void *arg, enum server_body what, const struct msg_admit *m, uint64_t *request)
{
	struct exchange *x = arg;
	struct msg_returned returned = {.received_ms = m->received_ms, .answer = m->envelope};
	struct msg_descriptor_posted posted = {.octets = m->envelope};
	struct msg_log_posted page = {.octets = m->envelope};

	memcpy(returned.party, m->party, sizeof returned.party);
	memcpy(posted.party, m->party, sizeof posted.party);
	memcpy(page.party, m->party, sizeof page.party);
	if (what == SERVER_ANSWER)
		return link_request(x->registry, IPC_returned, &returned, NULL, 0, request);
	if (what == SERVER_DESCRIPTOR)
		return link_request(x->registry, IPC_descriptor_posted, &posted, NULL, 0, request);
	if (what == SERVER_LOG_PAGE)
		return link_request(x->registry, IPC_log_posted, &page, NULL, 0, request);
	return link_request(x->registry, IPC_admit, m, NULL, 0, request);
}

static int send_pickup(void *arg, const struct msg_pickup *m, uint64_t *request)
{
	struct exchange *x = arg;

	return link_request(x->registry, IPC_pickup, m, NULL, 0, request);
}

static int send_give(void *arg, const struct msg_give *m, uint64_t *request)
{
	struct exchange *x = arg;

	return link_request(x->registry, IPC_give, m, NULL, 0, request);
}

static void send_posted(void *arg, uint64_t request, const struct msg_posted *m)
{
	struct exchange *x = arg;

	(void)link_answer(x->registry, IPC_posted, request, m, NULL, 0);
}

static void send_polled(void *arg, uint64_t request, const struct msg_polled *m)
{
	struct exchange *x = arg;

	(void)link_answer(x->registry, IPC_polled, request, m, NULL, 0);
}

static void send_downloaded(void *arg, uint64_t request, const struct msg_downloaded *m)
{
	struct exchange *x = arg;

	(void)link_answer(x->registry, IPC_downloaded, request, m, NULL, 0);
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

static void send_log(void *arg, uint64_t request, const struct msg_log_fetched *m)
{
	struct exchange *x = arg;

	(void)link_answer(x->registry, IPC_log_fetched, request, m, NULL, 0);
}

static int send_log_get(void *arg, const struct msg_log_get *m, uint64_t *request)
{
	struct exchange *x = arg;

	return link_request(x->registry, IPC_log_get, m, NULL, 0, request);
}

static void send_contact(struct exchange *x, const char party[4], int64_t until_ms, bool reached)
{
	struct msg_contact m = {.until_ms = until_ms, .reached = reached};

	memcpy(m.party, party, sizeof m.party);
	/* A hint only: without it the registry's next try comes a little later. */
	(void)link_request(x->registry, IPC_contact, &m, NULL, 0, NULL);
}

static void on_called(void *arg, const char party[4], int64_t until_ms)
{
	send_contact(arg, party, until_ms, false);
}

static void on_reached(void *arg, const char party[4], int64_t until_ms)
{
	send_contact(arg, party, until_ms, true);
}

/* Which connection under a key of nobody of this time is the one that came now: 1 is the first. 0: one after the first that was not told. */
static unsigned count_unknown(struct exchange *x)
{
	int64_t now = clock_mono_ms();

	if (x->unknown == 0 || now - x->unknown_mono >= UNKNOWN_MS) {
		x->unknown_mono = now;
		x->unknown = 0;
	}
	return x->unknown > UNKNOWN_TOLD ? 0 : ++x->unknown;
}

/* A hint as well: whoever lists such a key may have said so since. Strangers who come with many keys do not hide another: that more came
 * than are told is told. */
static void send_unknown(void *arg, const char party[4], const uint8_t pin[32])
{
	struct exchange *x = arg;
	struct msg_pin_unknown m = {.pin = {0}};
	unsigned nth = 1;

	if (party[0] == '\0') {
		nth = x->pinned ? count_unknown(x) : 0; /* before that all are nobody's */
		if (nth == 0)
			return;
	}
	memcpy(m.party, party, sizeof m.party);
	if (nth <= UNKNOWN_TOLD)
		memcpy(m.pin, pin, sizeof m.pin);
	(void)link_request(x->registry, IPC_pin_unknown, &m, NULL, 0, NULL);
}

/* --- from the registry ------------------------------------------------------------------------ */

static bool own_pin(void *arg, const uint8_t digest[32], char party[4])
{
	const struct exchange *x = arg;

	return pins_party(x->pins, digest, party) || pins_former(x->pins, digest, party);
}

static void take_pins(struct exchange *x, const struct msg_pins *m)
{
	int rc = pins_replace(x->pins, m->rows);

	if (rc == 0)
		rc = rates_replace(x->rates, m->rows);
	if (rc != 0) {
		log_event(LOG_ROLE_FAILED, LOG_S("pins"), LOG_S(rxp_err_text(rc)));
		end(x, EXIT_FAILURE);
		return;
	}
	x->pinned = true;
	conns_recheck(x->conns);
}

static void take_descriptor(struct exchange *x, const struct msg_own_descriptor *m)
{
	if (server_set_descriptor(x->server, m->octets) != 0)
		log_event(
		    LOG_ROLE_FAILED, LOG_S("own descriptor"), LOG_S(rxp_err_text(RXP_ERR_BOUND)));
}

static void take_admitted(struct exchange *x, uint64_t request, const struct msg_admitted *m)
{
	server_answered(x->server, request,
	    &(struct server_answer){.http_status = m->http_status, .octets = m->answer});
}

/* To a body that is no envelope's: the status says it all. */
static void take_status(struct exchange *x, uint64_t request, uint32_t http_status)
{
	server_answered(x->server, request, &(struct server_answer){.http_status = http_status});
}

/* … or nearly, for a page of a log. */
static void take_log_taken(struct exchange *x, uint64_t request, const struct msg_log_taken *m)
{
	server_answered(x->server, request,
	    &(struct server_answer){.http_status = m->http_status, .offset = m->after});
}

/* What the registry answers to those who fetch and post here. */
static bool on_answer(struct exchange *x, const struct link_message *m)
{
	switch (m->type) {
	case IPC_admitted:
		take_admitted(x, m->request, m->body);
		return true;
	case IPC_return_taken:
		take_status(x, m->request, ((const struct msg_return_taken *)m->body)->http_status);
		return true;
	case IPC_descriptor_taken:
		take_status(
		    x, m->request, ((const struct msg_descriptor_taken *)m->body)->http_status);
		return true;
	case IPC_log_taken:
		take_log_taken(x, m->request, m->body);
		return true;
	case IPC_picked_up:
		pickups_answered(x->pickups, m->request, m->body);
		return true;
	case IPC_log_got:
		pages_got(x->pages, m->request, m->body);
		return true;
	case IPC_given:
		gives_given(x->gives, m->request, m->body, m->fds[0]);
		return true;
	case IPC_not_given:
		gives_not_given(x->gives, m->request, m->body);
		return true;
	default:
		return false;
	}
}

/* Of files that are written here: whoever asked knows the number. */
static bool on_stage(struct exchange *x, const struct link_message *m)
{
	switch (m->type) {
	case IPC_staged:
		staging_staged(x->staging, m->request, m->body);
		downloads_staged(x->downloads, m->request, m->body);
		return true;
	case IPC_stage_opened:
		staging_opened(x->staging, m->request, m->body, m->fds[0]);
		downloads_opened(x->downloads, m->request, m->body, m->fds[0]);
		return true;
	case IPC_stage_ended:
		staging_ended(x->staging, m->request, m->body);
		downloads_ended(x->downloads, m->request, m->body);
		return true;
	default:
		return false;
	}
}

static void take_post(struct exchange *x, uint64_t request, const struct msg_post *m)
{
	if (m->what == IPC_POST_DESCRIPTOR)
		fetches_tell(x->fetches, request, m);
	else
		client_post(x->client, request, m);
}

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct exchange *x = arg;

	(void)l;
	if (on_answer(x, m) || on_stage(x, m))
		return;
	switch (m->type) {
	case IPC_pins:
		take_pins(x, m->body);
		break;
	case IPC_own_descriptor:
		take_descriptor(x, m->body);
		break;
	case IPC_deliver:
		client_deliver(x->client, m->request, m->body);
		break;
	case IPC_post:
		take_post(x, m->request, m->body);
		break;
	case IPC_upload:
		uploads_begin(x->uploads, m->request, m->body, m->fds[0]);
		break;
	case IPC_download:
		downloads_begin(x->downloads, m->request, m->body);
		break;
	case IPC_fetch_descriptor:
		fetches_descriptor(x->fetches, m->request, m->body);
		break;
	case IPC_fetch_log:
		fetches_log(x->fetches, m->request, m->body);
		break;
	case IPC_poll:
		fetches_poll(x->fetches, m->request, m->body);
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
	    !fetches_busy(x->fetches) && !downloads_busy(x->downloads))
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
	pickups_drain(x->pickups);
	client_drain(x->client);
	fetches_drain(x->fetches);
	conns_shutdown(x->conns);
	timer_arm(x->drain_look, 0);
	timer_arm(x->drain_end, deadline_ms);
}

/* --- birth and end ---------------------------------------------------------------------------- */

/* What other States do here. */
static int server_parts(struct exchange *x)
{
	int rc = staging_new(
	    &x->staging, &(struct staging_config){x->conns, send_stage, send_stage_end, x});

	if (rc == 0)
		rc = gives_new(&x->gives, &(struct gives_config){x->conns, send_give, x});
	if (rc == 0)
		rc = pickups_new(&x->pickups, &(struct pickups_config){x->conns, send_pickup, x});
	if (rc == 0)
		rc = pages_new(&x->pages, &(struct pages_config){x->conns, send_log_get, x});
	if (rc != 0)
		return rc;
	return server_new(&x->server, &(struct server_config){x->config.loop, x->conns, x->staging,
					  x->gives, x->pages, x->pickups, send_body, on_called, x});
}

/* What we do there. */
static int client_parts(struct exchange *x)
{
	int rc = client_new(&x->client, &(struct client_config){x->conns, x->pins, x->resolver,
					    send_delivery, send_posted, on_reached, x});

	if (rc == 0)
		rc = uploads_new(
		    &x->uploads, &(struct uploads_config){x->conns, x->client, send_uploaded, x});
	if (rc == 0)
		rc = fetches_new(
		    &x->fetches, &(struct fetches_config){x->conns, x->client, x->pins, x->resolver,
				     send_fetched, send_polled, send_log, send_posted, x});
	if (rc != 0)
		return rc;
	return downloads_new(&x->downloads, &(struct downloads_config){x->conns, x->client,
						send_stage, send_stage_end, send_downloaded, x});
}

static int parts(struct exchange *x)
{
	const struct exchange_config *config = &x->config;
	int rc;

	rc = pins_new(&x->pins);
	if (rc == 0)
		rc = rates_new(&x->rates);
	if (rc == 0)
		rc = tls_new(&x->tls, config->key_pem, config->cert_pem, own_pin, x);
	if (rc == 0 && config->former_key_pem != NULL)
		rc = tls_add_former(x->tls, config->former_key_pem, config->former_cert_pem) == 0
			 ? 0
			 : RXP_ERR_CONFIG;
	if (rc == 0)
		rc = resolver_new(&x->resolver, config->loop, NULL);
	if (rc == 0)
		rc = timer_new(&x->drain_look, config->loop, on_drain_look, x);
	if (rc == 0)
		rc = timer_new(&x->drain_end, config->loop, on_drain_end, x);
	if (rc == 0)
		rc = conns_new(&x->conns, &(struct conns_config){config->loop, x->tls, x->pins,
					      x->rates, config->times, send_unknown, x});
	if (rc == 0)
		rc = server_parts(x);
	return rc != 0 ? rc : client_parts(x);
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
	x->config.former_key_pem = x->config.former_cert_pem = NULL;
	if (rc == 0)
		*out = x;
	else
		exchange_free(x);
	return rc;
}

void exchange_own_pins(struct exchange *x, struct bytes pins)
{
	const uint8_t *former = tls_former(x->tls);
	bool listed = false;

	if (former == NULL)
		return;
	for (size_t i = 0; i + RXP_DIGEST_OCTETS <= pins.len; i += RXP_DIGEST_OCTETS)
		listed = listed || memcmp(pins.data + i, former, RXP_DIGEST_OCTETS) == 0;
	if (!listed)
		log_event(LOG_TLS_FORMER_UNLISTED, LOG_S("tls-former.key"));
	tls_settle_former(
	    x->tls, listed && memcmp(former, tls_own(x->tls), RXP_DIGEST_OCTETS) != 0);
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
	downloads_free(x->downloads);
	client_free(x->client);
	server_free(x->server);
	staging_free(x->staging);
	gives_free(x->gives);
	pickups_free(x->pickups);
	pages_free(x->pages);
	resolver_free(x->resolver);
	timer_free(x->drain_look);
	timer_free(x->drain_end);
	tls_free(x->tls);
	pins_free(x->pins);
	rates_free(x->rates);
	link_free(x->registry);
	free(x);
}

int64_t exchange_until_ms(const struct exchange *x)
{
	return tls_until_ms(x->tls);
}

const uint8_t *exchange_pin(const struct exchange *x)
{
	return tls_own(x->tls);
}

int exchange_listen(struct exchange *x, int fd)
{
	return server_listen(x->server, fd);
}
