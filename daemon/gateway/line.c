#include "daemon/gateway/line.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/gateway/pins.h"
#include "daemon/gateway/resolve.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

struct line {
	struct line_config config;
	struct conn_calls calls;
	char party[4];
	struct endpoint endpoints[RXP_MAX_ENDPOINTS];
	size_t n_endpoints, endpoint; /* the one being tried */
	struct resolve_address addresses[GATEWAY_ADDRESSES];
	size_t n_addresses, address;
	struct resolve *resolve; /* under way, or NULL */
	struct conn *conn; /* under way or open, or NULL */
	bool was_open, cancelled;
	bool carried, brought, owed, taken; /* of the last connection that ended */
	enum transport why; /* of the last failure */
};

static void finish(struct line *l)
{
	if (!l->cancelled)
		l->config.closed(l->config.arg, l, l->why);
	free(l);
}

static void next_endpoint(struct line *l);

/* Connect to the next address that can be tried at all; without one, go to the next endpoint. */
static void next_address(struct line *l)
{
	struct conn_config config = {.side = H2_CLIENT,
	    .calls = &l->calls,
	    .arg = l,
	    .expect = l->party,
	    .any_key = l->config.any_key,
	    .trusting = l->config.trusting,
	    .narrow = l->config.narrow,
	    .former_key = l->config.former_key};

	while (l->address < l->n_addresses) {
		const struct resolve_address *a = &l->addresses[l->address++];

		config.address = &a->address.any;
		config.address_len = a->len;
		config.last = l->endpoint + 1 == l->n_endpoints && l->address == l->n_addresses;
		if (conn_connect(&l->conn, l->config.conns, &config) == 0)
			return;
		l->why = TRANSPORT_UNREACHABLE;
	}
	l->endpoint++;
	next_endpoint(l);
}

static void resolved(
    void *arg, enum transport why, const struct resolve_address *addresses, size_t n)
{
	struct line *l = arg;

	l->resolve = NULL;
	l->n_addresses = n < GATEWAY_ADDRESSES ? n : GATEWAY_ADDRESSES;
	l->address = 0;
	if (n > 0)
		memcpy(l->addresses, addresses, l->n_addresses * sizeof *addresses);
	else
		l->why = why;
	next_address(l);
}

static int ask(struct line *l)
{
	const struct endpoint *e = &l->endpoints[l->endpoint];

	return resolve_start(&l->resolve, l->config.resolver, e->host, e->port,
	    rxp_party_is_test(l->party), resolved, l);
}

static void next_endpoint(struct line *l)
{
	if (l->endpoint == l->n_endpoints) {
		finish(l);
	} else if (ask(l) != 0) {
		l->why = TRANSPORT_NO_MEMORY;
		finish(l);
	}
}

static void on_open(void *arg, struct conn *c)
{
	struct line *l = arg;

	(void)c;
	l->was_open = true;
	l->config.open(l->config.arg, l);
}

static void on_closed(void *arg, struct conn *c, enum transport why)
{
	struct line *l = arg;

	l->carried = conn_has_carried(c);
	l->brought = conn_has_brought(c);
	l->owed = conn_was_owed(c);
	l->taken = conn_is_taken(c);
	l->conn = NULL;
	l->why = why;
	if (l->was_open || l->cancelled || why == TRANSPORT_ENDING)
		finish(l);
	else
		next_address(l);
}

static void on_silent(void *arg, struct conn *c)
{
	struct line *l = arg;

	(void)c;
	if (!l->cancelled)
		l->config.silent(l->config.arg, l);
}

int line_start(struct line **out, const struct line_config *config)
{
	struct line *l = calloc(1, sizeof *l);
	int rc = RXP_ERR_NOT_FOUND;

	if (l == NULL)
		return RXP_ERR_NOMEM;
	l->config = *config;
	l->calls = (struct conn_calls){.open = on_open,
	    .closed = on_closed,
	    .silent = config->silent != NULL ? on_silent : NULL,
	    .streams = config->streams};
	memcpy(l->party, config->party, sizeof l->party);
	l->config.party = l->party;
	l->n_endpoints = pins_endpoints(config->pins, l->party, l->endpoints);
	if (l->n_endpoints > 0)
		rc = ask(l);
	if (rc == 0)
		*out = l;
	else
		free(l);
	return rc;
}

void line_cancel(struct line *l)
{
	if (l->was_open)
		return;
	l->cancelled = true;
	if (l->conn != NULL) {
		conn_close(l->conn, TRANSPORT_ENDING);
		return;
	}
	resolve_cancel(l->resolve);
	finish(l);
}

void line_end(const struct line *l, enum transport why)
{
	if (l->conn != NULL)
		conn_close(l->conn, why);
}

bool line_was_open(const struct line *l)
{
	return l->was_open;
}

bool line_is_narrow(const struct line *l)
{
	return l->config.narrow;
}

bool line_has_carried(const struct line *l)
{
	return l->conn != NULL ? conn_has_carried(l->conn) : l->carried;
}

bool line_has_brought(const struct line *l)
{
	return l->conn != NULL ? conn_has_brought(l->conn) : l->brought;
}

bool line_was_owed(const struct line *l)
{
	return l->owed;
}

bool line_was_taken(const struct line *l)
{
	return l->conn != NULL ? conn_is_taken(l->conn) : l->taken;
}

bool line_is_behind(const struct line *l)
{
	return l->conn != NULL && conn_is_behind(l->conn);
}

bool line_lacks(const struct line *l)
{
	return l->conn != NULL && conn_lacks(l->conn);
}

bool line_accepts(const struct line *l)
{
	return l->conn != NULL && conn_is_open(l->conn) && h2_accepts(conn_h2(l->conn));
}

int64_t line_until_ms(const struct line *l)
{
	return conn_until_ms(l->conn);
}

struct h2 *line_h2(const struct line *l)
{
	return conn_h2(l->conn);
}

const char *line_authority(const struct line *l)
{
	return l->endpoints[l->endpoint].authority;
}

enum transport line_stream_why(const struct line *l, enum h2_end end)
{
	return end == H2_END_LOST      ? conn_why(l->conn)
	       : end == H2_END_REFUSED ? TRANSPORT_STREAM_REFUSED
				       : TRANSPORT_STREAM_RESET;
}
