#include "daemon/desk/http_request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "daemon/base/loop.h"
#include "daemon/desk/http_state.h"

struct api *http_api(const struct http_request *r)
{
	return r->api;
}

const struct route_values *http_values(const struct http_request *r)
{
	return &r->values;
}

unsigned http_unseen(const struct http_request *r)
{
	return r->unseen;
}

const char *http_user(const struct http_request *r)
{
	return r->user;
}

struct bytes http_body(const struct http_request *r)
{
	return (struct bytes){r->body.data, r->body.len};
}

const char *http_query(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct collect {
	const char *name;
	const char **values;
	size_t n, max;
};

static enum MHD_Result collect(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct collect *c = arg;
	bool same =
	    kind == MHD_HEADER_KIND ? strcasecmp(name, c->name) == 0 : strcmp(name, c->name) == 0;

	if (same && c->n < c->max)
		c->values[c->n] = value;
	c->n += same;
	return MHD_YES;
}

static size_t all_of(const struct http_request *r, enum MHD_ValueKind kind, const char *name,
    const char **values, size_t max)
{
	struct collect c = {.name = name, .values = values, .max = max};

	MHD_get_connection_values(r->connection, kind, collect, &c);
	return c.n;
}

size_t http_query_all(
    const struct http_request *r, const char *name, const char **values, size_t max)
{
	return all_of(r, MHD_GET_ARGUMENT_KIND, name, values, max);
}

size_t http_header_all(
    const struct http_request *r, const char *name, const char **values, size_t max)
{
	return all_of(r, MHD_HEADER_KIND, name, values, max);
}

const char *http_header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

void http_keep(struct http_request *r, void *kept, void (*release)(void *kept))
{
	if (r->kept != NULL)
		abort();
	r->kept = kept;
	r->release = release;
}

void *http_kept(const struct http_request *r)
{
	return r->kept;
}

void http_take(struct http_request *r, const struct http_sink *sink)
{
	r->sink = sink;
}

/* --- waiting ------------------------------------------------------------------------------------ */

void http_suspend(struct http_request *r)
{
	struct http_waiting *w = r->waiting;

	MHD_suspend_connection(r->connection);
	r->suspended = true;
	r->previous = NULL;
	r->next = w->first;
	if (w->first != NULL)
		w->first->previous = r;
	w->first = r;
}

/* The library calls again at the next run, which must not be made in its callbacks. */
void http_go_on(struct http_request *r)
{
	if (!r->suspended)
		return;
	r->suspended = false;
	if (r->previous != NULL)
		r->previous->next = r->next;
	else
		r->waiting->first = r->next;
	if (r->next != NULL)
		r->next->previous = r->previous;
	MHD_resume_connection(r->connection);
	timer_arm(r->waiting->timer, 0);
}

/* --- answers ------------------------------------------------------------------------------------- */
static void settle(struct http_request *r, enum http_state state)
{
	if (r->state >= STATE_REPLIED)
		abort(); /* a second answer */
	r->state = state;
	http_go_on(r);
}

void http_abandon(struct http_request *r)
{
	settle(r, STATE_ABANDONED);
}

static bool add_headers(struct MHD_Response *m, const char *media, const struct http_header *extra)
{
	if (MHD_add_response_header(m, "Cache-Control", "no-store") != MHD_YES ||
	    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff") != MHD_YES ||
	    (media != NULL && MHD_add_response_header(m, "Content-Type", media) != MHD_YES))
		return false;
	for (size_t i = 0; i < HTTP_REPLY_HEADERS && extra != NULL && extra[i].name != NULL; i++)
		if (MHD_add_response_header(m, extra[i].name, extra[i].value) != MHD_YES)
			return false;
	return true;
}

/* Takes over m. */
static void answer(struct http_request *r, unsigned status, struct MHD_Response *m,
    const char *media, const struct http_header *extra)
{
	if (m == NULL || !add_headers(m, media, extra)) {
		if (m != NULL)
			MHD_destroy_response(m);
		http_abandon(r);
		return;
	}
	r->response = m;
	r->status = status;
	settle(r, STATE_REPLIED);
}

void http_reply(struct http_request *r, const struct http_reply *reply)
{
	/* The library copies the octets in this mode; its parameter is not const for the others. */
	union {
		const void *in;
		void *out;
	} octets = {reply->octets};

	answer(r, reply->status,
	    MHD_create_response_from_buffer(reply->len, octets.out, MHD_RESPMEM_MUST_COPY),
	    reply->media, reply->headers);
}

static ssize_t on_read(void *arg, uint64_t at, char *out, size_t max)
{
	struct http_request *r = arg;
	ssize_t n = r->read(r, (uint8_t *)out, max);

	(void)at;
	if (n == 0)
		http_suspend(r);
	return n < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : n;
}

void http_reply_stream(struct http_request *r, const struct http_stream *stream)
{
	r->read = stream->read;
	answer(r, 200,
	    MHD_create_response_from_callback(stream->length, HTTP_STREAM_OCTETS, on_read, r, NULL),
	    stream->media, NULL);
}
