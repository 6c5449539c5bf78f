#include "conformance/script/perform.h"

#include <stdio.h>
#include <string.h>

#include "conformance/wire/tls.h"

#define MAX_FIELDS 64
#define MAX_STREAMS 1000 /* that are opened at a time to find the bound */
#define MAX_LONG_FRAME (1024UL * 1024)
#define MAX_FILL (512UL * 1024)
#define LENGTH_TEXT 24
#define LONG_VALUE 10000

/* A script under way. */
struct stage {
	const struct performance *with;
	struct frames *frames;
	char authority[TLS_AUTHORITY];
	uint32_t further; /* streams are so much further than the steps say */
	const struct step *stuck;
	bool too_many;
};

static int64_t deadline(const struct stage *g)
{
	return tls_now_ms() + g->with->patience_ms;
}

static uint32_t stream_of(const struct stage *g, const struct step *step)
{
	return step->stream == 0 ? 0 : step->stream + g->further;
}

/* --- steps that send ------------------------------------------------------------------------- */

static enum wire_end put_headers(struct stage *g, const struct step *step)
{
	struct frames_field fields[MAX_FIELDS];
	struct frames_section section = {step->octets, step->octets_len, fields, 0, step->n};
	char lengths[MAX_FIELDS][LENGTH_TEXT];
	static char longer[LONG_VALUE + 1];
	size_t counted = 0;

	memset(longer, 'x', LONG_VALUE);
	for (const struct script_field *f = step->fields; f->written.name != NULL; f++) {
		struct frames_field *field = &fields[section.n];
		char *length = lengths[section.n++];

		*field = f->written;
		if (f->value == VALUE_AUTHORITY)
			field->value = g->authority;
		if (f->value == VALUE_LONG || f->value == VALUE_FILL)
			field->value = longer;
		if (f->value == VALUE_LENGTH) {
			(void)snprintf(
			    length, LENGTH_TEXT, "%ld", (long)g->with->body_len + f->more);
			field->value = length;
		}
		if (f->value == VALUE_FILL)
			field->value_len = (size_t)f->more - counted - script_counted(field);
		else if (f->value != VALUE_WRITTEN)
			field->value_len = strlen(field->value);
		counted += script_counted(field);
	}
	frames_put_headers(g->frames, step->flags, stream_of(g, step), &section);
	return WIRE_NONE;
}

static enum wire_end put_frame(struct stage *g, const struct step *step)
{
	frames_put_frame(
	    g->frames, step->type, step->flags, stream_of(g, step), step->octets, step->octets_len);
	return WIRE_NONE;
}

static enum wire_end put_long_frame(struct stage *g, const struct step *step)
{
	static const uint8_t zeros[MAX_LONG_FRAME] = {0};
	size_t len = frames_seen(g->frames)->max_frame + 1UL;

	if (len > sizeof zeros)
		g->too_many = true;
	else
		frames_put_frame(
		    g->frames, step->type, step->flags, stream_of(g, step), zeros, len);
	return WIRE_NONE;
}

static enum wire_end put_octets(struct stage *g, const struct step *step)
{
	frames_put(g->frames, step->octets, step->octets_len);
	return WIRE_NONE;
}

static enum wire_end send_body(struct stage *g, const struct step *step)
{
	const uint8_t *body = g->with->body;
	size_t len = g->with->body_len, piece = step->n;

	if (step->kind == STEP_BODY_REST)
		body += len - 1;
	if (step->kind != STEP_BODY)
		piece = FRAMES_PIECE;
	len = step->kind == STEP_BODY ? len : step->kind == STEP_BODY_REST ? 1 : len - 1;
	return frames_send_data(
	    g->frames, step->flags, stream_of(g, step), body, len, piece, g->with->patience_ms);
}

static enum wire_end send_blanks(struct stage *g, const struct step *step)
{
	static uint8_t blanks[MAX_FILL];

	if (step->n > sizeof blanks)
		return WIRE_LOCAL;
	memset(blanks, ' ', sizeof blanks);
	return frames_send_data(g->frames, step->flags, stream_of(g, step), blanks, step->n,
	    FRAMES_PIECE, g->with->patience_ms);
}

/* --- steps of the connection ----------------------------------------------------------------- */

static enum wire_end connect_early(struct stage *g, const struct step *step)
{
	(void)step;
	return frames_connect(g->frames, g->with->target, true, deadline(g));
}

static enum wire_end drip(struct stage *g, const struct step *step)
{
	(void)step;
	frames_drip(g->frames);
	return WIRE_NONE;
}

static enum wire_end send_now(struct stage *g, const struct step *step)
{
	(void)step;
	return frames_flush(g->frames, deadline(g));
}

static enum wire_end update_key(struct stage *g, const struct step *step)
{
	enum wire_end end = send_now(g, step);

	return end == WIRE_NONE ? frames_update_key(g->frames, deadline(g)) : end;
}

static enum wire_end end_writing(struct stage *g, const struct step *step)
{
	enum wire_end end = send_now(g, step);

	if (end == WIRE_NONE)
		tls_end_writing(frames_tls(g->frames));
	return end;
}

static enum wire_end cut(struct stage *g, const struct step *step)
{
	enum wire_end end = send_now(g, step);

	frames_cut(g->frames, step->kind == STEP_ABORT);
	return end;
}

/* --- waiting --------------------------------------------------------------------------------- */

static bool has_come(const struct stage *g, const struct step *step)
{
	const struct frames_seen *seen = frames_seen(g->frames);
	const struct frames_stream *s = frames_stream(g->frames, stream_of(g, step));

	switch (step->await) {
	case AWAIT_SETTINGS:
		return seen->settings >= step->n;
	case AWAIT_SETTINGS_ACK:
		return seen->settings_acks >= step->n;
	case AWAIT_PONG:
		return seen->pongs >= step->n;
	case AWAIT_HEAD:
		return s != NULL && s->response.status != 0;
	case AWAIT_DATA:
		return s != NULL && s->response.body.len > 0;
	case AWAIT_ANSWER:
		return s != NULL && s->ended;
	case AWAIT_NO_TICKET:
		return tls_tickets(frames_tls(g->frames)) == 0;
	case AWAIT_COUNT:
		break;
	}
	return false;
}

static enum wire_end await(struct stage *g, const struct step *step)
{
	int64_t until_ms = deadline(g);
	enum wire_end end = frames_flush(g->frames, until_ms);

	while (end == WIRE_NONE && !has_come(g, step) && step->await != AWAIT_NO_TICKET)
		end = frames_take(g->frames, until_ms);
	if (!has_come(g, step))
		g->stuck = step;
	return end;
}

/* --- all of them ----------------------------------------------------------------------------- */

typedef enum wire_end do_step(struct stage *g, const struct step *step);

static do_step *const doers[] = {
    [STEP_OCTETS] = put_octets,
    [STEP_FRAME] = put_frame,
    [STEP_LONG_FRAME] = put_long_frame,
    [STEP_HEADERS] = put_headers,
    [STEP_BODY] = send_body,
    [STEP_BODY_START] = send_body,
    [STEP_BODY_REST] = send_body,
    [STEP_FILL] = send_blanks,
    [STEP_CONNECT] = connect_early,
    [STEP_DRIP] = drip,
    [STEP_SEND] = send_now,
    [STEP_UPDATE_KEY] = update_key,
    [STEP_AWAIT] = await,
    [STEP_END_WRITING] = end_writing,
    [STEP_CUT] = cut,
    [STEP_ABORT] = cut,
};

/* How often what follows is done. */
static size_t times(struct stage *g, const struct step *step)
{
	uint32_t most = frames_seen(g->frames)->max_streams;

	if (step->kind == STEP_REPEAT)
		return step->n;
	if (most > MAX_STREAMS)
		g->too_many = true;
	return g->too_many ? 0 : most + step->n;
}

static bool may_go_on(const struct stage *g, enum wire_end end)
{
	return end == WIRE_NONE && g->stuck == NULL && !g->too_many;
}

/* Do what stands between the step and END_REPEAT, or the end. Returns the last one. */
static const struct step *repeat(struct stage *g, const struct step *step, enum wire_end *end)
{
	const struct step *last = step;
	size_t n = times(g, step);

	while (last[1].kind != STEP_END && last->kind != STEP_END_REPEAT)
		last++;
	for (size_t i = 0; i < n && may_go_on(g, *end); i++, g->further += step->stream) {
		for (const struct step *s = step + 1; s <= last && may_go_on(g, *end); s++)
			if (s->kind != STEP_END_REPEAT)
				*end = doers[s->kind](g, s);
		if (may_go_on(g, *end))
			*end = frames_flush(g->frames, deadline(g));
	}
	g->further = 0;
	return last;
}

static enum wire_end do_all(struct stage *g, const struct step *steps)
{
	enum wire_end end = WIRE_NONE;

	for (const struct step *s = steps; s->kind != STEP_END && may_go_on(g, end); s++) {
		if (s->kind == STEP_REPEAT || s->kind == STEP_REPEAT_BEYOND)
			s = repeat(g, s, &end);
		else
			end = doers[s->kind](g, s);
	}
	return end == WIRE_NONE ? frames_flush(g->frames, deadline(g)) : end;
}

/* --- what comes of it ------------------------------------------------------------------------ */

static bool stream_has_ended(const struct stage *g, uint32_t stream)
{
	const struct frames_stream *s = frames_stream(g->frames, stream);

	if (stream == 0)
		return frames_seen(g->frames)->resets > 0;
	return s != NULL && (s->ended || s->reset);
}

/* Is there more to wait for? */
static bool is_decided(const struct stage *g, const struct wanted *w)
{
	const struct frames_seen *seen = frames_seen(g->frames);

	if (seen->end != WIRE_NONE || seen->broken)
		return true;
	switch (w->kind) {
	case WANTED_CONNECTION_ENDS:
		return false;
	case WANTED_NO_HTTP:
		return seen->frames > 0;
	case WANTED_NO_ANSWER:
	case WANTED_ANYTHING:
		return true;
	default:
		return stream_has_ended(g, w->stream);
	}
}

static void look(struct sight *out, const struct stage *g, const struct wanted *w)
{
	const struct frames_seen *seen = frames_seen(g->frames);
	const struct frames_stream *s = frames_stream(g->frames, w->stream);
	bool of_stream = w->kind != WANTED_CONNECTION_ENDS && w->kind != WANTED_NO_HTTP;

	*out = (struct sight){.kind = SIGHT_NOTHING,
	    .stream = w->stream,
	    .over = seen->goaway || (seen->end != WIRE_NONE && seen->end != WIRE_TIMEOUT),
	    .stuck = g->stuck,
	    .max_streams = seen->max_streams,
	    .max_fields = seen->max_fields};
	if (g->too_many) {
		out->kind = SIGHT_TOO_MANY;
	} else if (of_stream && s != NULL && s->ended) {
		out->kind = SIGHT_ANSWER;
	} else if (of_stream && stream_has_ended(g, w->stream)) {
		out->kind = SIGHT_RESET;
		out->code = s == NULL ? seen->last_reset_code : s->reset_code;
	} else if (seen->broken) {
		out->kind = SIGHT_BROKEN;
	} else if (seen->goaway) {
		out->kind = seen->end == WIRE_NONE ? SIGHT_GOAWAY_ALONE : SIGHT_GOAWAY;
		out->code = seen->goaway_code;
	} else if (seen->end == WIRE_UNREACHABLE || seen->end == WIRE_UNRESOLVED ||
		   seen->end == WIRE_ADDRESS) {
		out->kind = SIGHT_UNREACHABLE;
	} else if (seen->end != WIRE_NONE && seen->end != WIRE_TIMEOUT) {
		out->kind = SIGHT_END;
	}
}

static bool connects_itself(const struct step *steps)
{
	for (; steps->kind != STEP_END; steps++)
		if (steps->kind == STEP_CONNECT)
			return true;
	return false;
}

enum wire_end perform(struct sight *out, const struct script *s, const struct performance *p)
{
	struct stage g = {.with = p, .frames = p->frames};
	enum wire_end end = WIRE_NONE;
	int64_t until_ms;

	if (!tls_authority_of(g.authority, p->target->endpoint))
		return WIRE_LOCAL;
	if (!connects_itself(s->steps))
		end = frames_connect(p->frames, p->target, false, deadline(&g));
	if (end == WIRE_NONE)
		end = do_all(&g, s->steps);
	until_ms = deadline(&g);
	while (may_go_on(&g, end) && !is_decided(&g, &s->wanted))
		end = frames_take(p->frames, until_ms);
	look(out, &g, &s->wanted);
	return end == WIRE_LOCAL ? WIRE_LOCAL : WIRE_NONE;
}
