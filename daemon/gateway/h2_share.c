#include "daemon/gateway/h2_share.h"

#include <nghttp2/nghttp2.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/h2_state.h"
#include "daemon/gateway/limits.h"

#define CREDIT_MAX (2UL * GATEWAY_OUT_OCTETS)

/* Would the peer take octets of a message now that was begun before the stream of that number? */
static bool message_waits(const struct h2 *h, int32_t before)
{
	const struct h2_stream *s;

	for (s = h->streams.first; s != NULL; s = s->next) {
		if (s->read == NULL && s->id < before && s->out_off < s->out_len &&
		    nghttp2_session_get_stream_remote_window_size(h->session, s->id) > 0)
			return true;
	}
	return false;
}

/* May a file send so many octets? */
static bool file_may(const struct h2 *h, size_t octets)
{
	return h->file_credit >= octets || !message_waits(h, INT32_MAX);
}

static bool may(const struct h2_stream *s, size_t octets)
{
	return s->read != NULL ? file_may(s->h, octets) : !message_waits(s->h, s->id);
}

static bool put_off(struct h2_stream *s, size_t octets)
{
	s->put_off = octets;
	s->put_off_until_ms = 0;
	return false;
}

/* Octets of a message go: those that wait behind it have time as long as that is so. */
static void message_goes(struct h2 *h, size_t octets)
{
	struct h2_stream *s;

	h->file_credit += octets / (GATEWAY_FILE_SHARE - 1);
	if (h->file_credit > CREDIT_MAX)
		h->file_credit = CREDIT_MAX;
	for (s = h->streams.first; s != NULL; s = s->next)
		if (s->read == NULL && s->put_off > 0 && s->patience_ms != 0)
			s->deadline_ms = clock_mono_ms() + s->patience_ms;
}

bool h2_share_may(struct h2_stream *s, size_t octets)
{
	struct h2 *h = s->h;
	int64_t wait;

	if (octets > 0 && !may(s, octets))
		return put_off(s, octets);
	if (s->read == NULL)
		message_goes(h, octets);
	if (s->read == NULL || octets == 0)
		return true;
	wait = h->config.host->file != NULL ? h->config.host->file(h->config.host_arg, octets) : 0;
	if (wait > 0) {
		s->put_off = octets;
		s->put_off_until_ms = clock_mono_ms() + wait;
		return false;
	}
	h->file_credit -= octets < h->file_credit ? octets : h->file_credit;
	return true;
}

bool h2_share_resume(struct h2 *h)
{
	bool any = false;
	struct h2_stream *s;

	for (s = h->streams.first; s != NULL; s = s->next) {
		if (s->put_off == 0 || !may(s, s->put_off) ||
		    (s->put_off_until_ms != 0 && clock_mono_ms() < s->put_off_until_ms))
			continue;
		s->put_off = 0;
		any = nghttp2_session_resume_data(h->session, s->id) == 0 || any;
	}
	return any;
}
