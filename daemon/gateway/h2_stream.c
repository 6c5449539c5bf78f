#include "daemon/gateway/h2_stream.h"

#include <stdlib.h>

#include "daemon/gateway/h2_shared.h"
#include "daemon/gateway/h2_state.h"
#include "daemon/gateway/limits.h"

struct h2_stream *h2_stream_new(struct h2_streams *list, struct h2 *h, int32_t id)
{
	struct h2_stream *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->h = h;
	s->list = list;
	s->id = id;
	h2_stream_adopt(s, NULL, NULL);
	h2_head_init(&s->head);
	rxp_buf_init(&s->body, 0);
	s->next = list->first;
	if (list->first != NULL)
		list->first->prev = s;
	list->first = s;
	list->count++;
	return s;
}

void h2_stream_unlink(struct h2_stream *s)
{
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		s->list->first = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	s->list->count--;
	if (s->ended)
		s->list->n_ended--;
}

void h2_stream_free(struct h2_stream *s)
{
	rxp_buf_free(&s->body);
	free(s->copy);
	h2_shared_free(s->shared);
	free(s);
}

int64_t h2_stream_first_deadline(const struct h2_streams *list)
{
	const struct h2_stream *s;
	int64_t first = INT64_MAX;

	for (s = list->first; s != NULL; s = s->next) {
		if (s->deadline_ms != 0 && s->deadline_ms < first)
			first = s->deadline_ms;
		if (s->put_off != 0 && s->put_off_until_ms != 0 && s->put_off_until_ms < first)
			first = s->put_off_until_ms;
	}
	return first;
}

void h2_stream_adopt(struct h2_stream *s, const struct h2_calls *calls, void *arg)
{
	s->calls = calls != NULL ? calls : s->h->config.calls;
	s->arg = calls != NULL ? arg : s->h->config.arg;
}

const struct h2_head *h2_stream_head(const struct h2_stream *s)
{
	return &s->head;
}

struct rxp_buf *h2_stream_body(struct h2_stream *s)
{
	return &s->body;
}

void h2_stream_bound(struct h2_stream *s, size_t max_body, int64_t deadline_ms)
{
	s->body.max = max_body;
	s->deadline_ms = deadline_ms;
}

void h2_stream_deadline(struct h2_stream *s, int64_t deadline_ms)
{
	s->deadline_ms = deadline_ms;
}

void h2_stream_patience(struct h2_stream *s, int64_t patience_ms)
{
	s->body_patience_ms = patience_ms;
	s->body_next = GATEWAY_PIECE_OCTETS;
}

bool h2_stream_started(const struct h2_stream *s)
{
	return s->started;
}

bool h2_stream_answered(const struct h2_stream *s)
{
	return s->answered;
}

void *h2_stream_user(const struct h2_stream *s)
{
	return s->user;
}

void h2_stream_set_user(struct h2_stream *s, void *user)
{
	s->user = user;
}
