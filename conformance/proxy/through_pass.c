/* What passes as it is, and requests for messages that the product behind may keep meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "conformance/proxy/through_inside.h"
#include "conformance/state/product.h"
#include "conformance/wire/tls.h"

#define WAIT "wait="

/* --- towards a product ----------------------------------------------------------------------- */

enum wire_end through_connect(struct wire **out, const struct through *t, enum way way)
{
	const struct side *to = &t->sides[way],
			  *other = &t->sides[way == WAY_ON ? WAY_BACK : WAY_ON];
	const struct rxp_identity *i = &to->ends.product->descriptor->identity;
	struct wire_target target = {.endpoint = to->ends.ends.behind,
	    .pins = i->pins,
	    .n_pins = i->n_pins,
	    .own = other->ends.tls,
	    .wait_ms = t->wait_ms,
	    .aside = &other->aside};

	return wire_open(out, &target);
}

enum wire_end through_exchange(struct through *t, enum way way, const struct wire_request *request,
    struct wire_response *response)
{
	struct wire *w = NULL;
	enum wire_end end = through_connect(&w, t, way);

	if (end == WIRE_NONE)
		end = wire_exchange(w, request, response);
	wire_close(w);
	if (end != WIRE_NONE)
		t->failed = end;
	return end;
}

/* --- what only passes ----------------------------------------------------------------------- */

static struct wire_request request_of(const struct waiting *w)
{
	return (struct wire_request){.method = w->method,
	    .path = w->path,
	    .content_type = w->type[0] == '\0' ? NULL : w->type,
	    .fields = {{w->range[0] == '\0' ? NULL : "content-range", w->range}},
	    .body = w->body.len == 0 ? NULL : w->body.data,
	    .body_len = w->body.len};
}

/* What came of it; a status of 0: nothing did. */
static void give(struct through *t, const struct waiting *w, const struct wire_response *response)
{
	struct host_reply reply = {.at = HOST_WHOLE, .status = 503};

	if (response->status != 0) {
		reply.status = response->status;
		reply.type = response->content_type[0] == '\0' ? NULL : response->content_type;
		reply.body = response->body.data;
		reply.body_len = response->body.len;
		if (response->offset[0] != '\0')
			reply.fields[0] = (struct wire_field){"rxp-offset", response->offset};
	}
	(void)host_answer(t->sides[w->way].host, w->place, &reply);
}

bool through_is_message(const struct waiting *w)
{
	return w->way == WAY_ON && strcmp(w->method, "POST") == 0 &&
	       strcmp(w->path, THROUGH_MESSAGES) == 0;
}

void through_pass(struct through *t, const struct waiting *w)
{
	struct wire_request request = request_of(w);
	struct wire_response response;

	wire_response_init(&response);
	if (through_exchange(t, w->way, &request, &response) != WIRE_NONE)
		response.status = 0;
	t->others += t->has_id && through_is_message(w) && response.status == 200;
	give(t, w, &response);
	wire_response_clear(&response);
}

/* --- requests that wait ---------------------------------------------------------------------- */

/* How many seconds it may be kept; 0: it may not. */
static long kept_for(const struct waiting *w)
{
	const char *wait = strncmp(w->path, THROUGH_MESSAGES "?", sizeof THROUGH_MESSAGES) == 0
			       ? strstr(w->path, WAIT)
			       : NULL;

	return strcmp(w->method, "GET") == 0 && wait != NULL
		   ? strtol(wait + sizeof WAIT - 1, NULL, 10)
		   : 0;
}

void waiting_free(struct waiting *w)
{
	rxp_buf_free(&w->body);
	free(w);
}

static void poll_end(struct poll *p)
{
	if (p->asked == NULL)
		return;
	wire_close(p->wire);
	wire_response_clear(&p->response);
	waiting_free(p->asked);
	*p = (struct poll){.asked = NULL};
}

bool through_poll(struct through *t, struct waiting *w)
{
	struct poll *p = t->polls;
	long seconds = kept_for(w);
	enum wire_end end;

	while (p < t->polls + THROUGH_POLLS && p->asked != NULL)
		p++;
	if (seconds <= 0 || p == t->polls + THROUGH_POLLS)
		return false;
	*p = (struct poll){.asked = w, .until_ms = tls_now_ms() + seconds * 1000 + t->wait_ms};
	wire_response_init(&p->response);
	p->request = request_of(w);
	end = through_connect(&p->wire, t, w->way);
	if (end == WIRE_NONE)
		end = wire_send(p->wire, &p->request, &p->response);
	if (end == WIRE_NONE)
		return true;
	p->response.status = 0;
	give(t, w, &p->response);
	poll_end(p);
	return true;
}

void through_polls(struct through *t)
{
	for (struct poll *p = t->polls; p < t->polls + THROUGH_POLLS; p++) {
		if (p->asked == NULL || (!wire_is_answered(p->wire) && tls_now_ms() < p->until_ms))
			continue;
		give(t, p->asked, &p->response);
		poll_end(p);
	}
}

void through_polls_end(struct through *t)
{
	for (size_t n = 0; n < THROUGH_POLLS; n++)
		poll_end(&t->polls[n]);
}
