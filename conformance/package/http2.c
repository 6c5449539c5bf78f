/*
 * What is done on a connection below the message, step by step, with the octets that go: the scripts of the plan `wire` as data.
 * One Ping is their message, and one authority their product's, so that every octet can be written down.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/document/vector.h"
#include "conformance/message/draft.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/script/script.h"
#include "conformance/state/credential.h"
#include "protocol/base/err.h"

#define ENVELOPE "http2/ping.envelope"
#define AUTHORITY "qra.example:8443"
#define NAME_TEXT 128
#define WORD_TEXT 48
#define LONG_VALUE 10000
#define MAX_OCTETS (128UL * 1024)
#define PADDING 7
#define NEW_NAME 0x00 /* HPACK: a literal without indexing, with a new name */

/* --- words ------------------------------------------------------------------------------------ */

/* NAME_OF_A_ROW as name-of-a-row. */
static const char *lower(char out[WORD_TEXT], const char *name)
{
	size_t n = 0;

	for (; name[n] != '\0' && n + 1 < WORD_TEXT; n++) {
		out[n] = (char)tolower((unsigned char)name[n]);
		if (out[n] == '_')
			out[n] = '-';
	}
	out[n] = '\0';
	return out;
}

static json_t *word_json(const char *name)
{
	char word[WORD_TEXT];

	return json_string(lower(word, name));
}

static const char *const steps[] = {
#define STEP(name, words) [STEP_##name] = #name,
#include "conformance/script/step.def"
#undef STEP
};
static const char *const awaits[] = {
#define AWAIT(name, words) [AWAIT_##name] = #name,
#include "conformance/script/await.def"
#undef AWAIT
};
static const char *const wanted[] = {
#define WANTED(name, words) [WANTED_##name] = #name,
#include "conformance/script/wanted.def"
#undef WANTED
};
static const char *const probes[] = {
#define PROBE(name, words) [PROBE_##name] = #name,
#include "conformance/script/probe.def"
#undef PROBE
};
static const char *const groups[] = {
#define GROUP(name, option, why) [GROUP_##name] = #name,
#include "conformance/script/group.def"
#undef GROUP
};
static const char *const versions[] = {
    [TLS_1_3] = "1.3", [TLS_1_0] = "1.0", [TLS_1_1] = "1.1", [TLS_1_2] = "1.2"};
static const char *const manners[] = {[MANNER_AS_EVER] = "as-ever",
    [MANNER_PLAIN] = "plain",
    [MANNER_SLIVERS] = "slivers",
    [MANNER_FALSE_PROOF] = "false-proof",
    [MANNER_OLD_SESSION] = "old-session"};

/* --- octets ----------------------------------------------------------------------------------- */

static json_t *hex_json(const uint8_t *octets, size_t len)
{
	char *text = malloc(2 * len + 1);
	json_t *out;

	if (text == NULL)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", octets[i]);
	out = json_string(text);
	free(text);
	return out;
}

static void put_head(struct rxp_buf *out, size_t len, uint8_t type, uint8_t flags, uint32_t stream)
{
	const uint8_t head[FRAMES_HEAD] = {(uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len,
	    type, flags, (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
	    (uint8_t)stream};

	(void)rxp_buf_put(out, head, sizeof head);
}

/* RFC 7541 section 5.1, with a prefix of seven bits. */
static void put_length(struct rxp_buf *out, size_t n)
{
	if (n < 127) {
		(void)rxp_buf_putc(out, (char)n);
		return;
	}
	(void)rxp_buf_putc(out, 127);
	for (n -= 127; n >= 128; n >>= 7)
		(void)rxp_buf_putc(out, (char)(n | 128));
	(void)rxp_buf_putc(out, (char)n);
}

static void put_field(struct rxp_buf *out, const struct frames_field *f)
{
	(void)rxp_buf_putc(out, NEW_NAME);
	put_length(out, f->name_len);
	(void)rxp_buf_put(out, f->name, f->name_len);
	put_length(out, f->value_len);
	(void)rxp_buf_put(out, f->value, f->value_len);
}

/* As frames_put_headers() does: END_HEADERS by itself, PADDED and PRIORITY with what they say. */
static void put_headers(struct rxp_buf *out, const struct step *s, const struct rxp_buf *block)
{
	static const uint8_t priority[5] = {0, 0, 0, 0, 15}, padding[PADDING];
	bool padded = (s->flags & FLAG_PADDED) != 0, prior = (s->flags & FLAG_PRIORITY) != 0;
	size_t piece = s->n == 0 || s->n > block->len ? block->len : s->n, at = piece;

	put_head(out, piece + (padded ? 1 + PADDING : 0) + (prior ? sizeof priority : 0),
	    FRAME_HEADERS, (uint8_t)(s->flags | (at == block->len ? FLAG_END_HEADERS : 0)),
	    s->stream);
	if (padded)
		(void)rxp_buf_putc(out, PADDING);
	if (prior)
		(void)rxp_buf_put(out, priority, sizeof priority);
	(void)rxp_buf_put(out, block->data, piece);
	if (padded)
		(void)rxp_buf_put(out, padding, PADDING);
	for (; at < block->len; at += piece) {
		size_t n = block->len - at < piece ? block->len - at : piece;

		put_head(out, n, FRAME_CONTINUATION, at + n == block->len ? FLAG_END_HEADERS : 0,
		    s->stream);
		(void)rxp_buf_put(out, block->data + at, n);
	}
}

/* --- steps ------------------------------------------------------------------------------------ */

/* A field with its value, which text has room for. counted: what those before it count. */
static struct frames_field field_of(
    const struct script_field *f, char text[LONG_VALUE + 1], size_t body_len, size_t counted)
{
	struct frames_field out = f->written;
	size_t len = LONG_VALUE;

	if (f->value == VALUE_AUTHORITY)
		(void)snprintf(text, LONG_VALUE, "%s", AUTHORITY);
	else if (f->value == VALUE_LENGTH)
		(void)snprintf(text, LONG_VALUE, "%ld", (long)body_len + f->more);
	else
		memset(text, 'x', LONG_VALUE);
	if (f->value == VALUE_FILL)
		len = (size_t)f->more - counted - script_counted(&out);
	if (f->value != VALUE_WRITTEN) {
		text[len] = '\0';
		out.value = text;
		out.value_len = strlen(text);
	}
	return out;
}

static json_t *headers_json(const struct step *s, size_t body_len)
{
	static char text[LONG_VALUE + 1];
	struct rxp_buf block, octets;
	json_t *fields = json_array(), *out;
	size_t counted = 0;

	rxp_buf_init(&block, MAX_OCTETS);
	rxp_buf_init(&octets, MAX_OCTETS);
	(void)rxp_buf_put(&block, s->octets, s->octets_len);
	for (const struct script_field *f = s->fields; f->written.name != NULL; f++) {
		struct frames_field field = field_of(f, text, body_len, counted);

		counted += script_counted(&field);
		put_field(&block, &field);
		(void)json_array_append_new(fields,
		    json_pack("[o, o]", hex_json((const uint8_t *)field.name, field.name_len),
			hex_json((const uint8_t *)field.value, field.value_len)));
	}
	put_headers(&octets, s, &block);
	out = json_pack("{s:s, s:I, s:o, s:o}", "do", "headers", "stream", (json_int_t)s->stream,
	    "fields", fields, "octets", hex_json(octets.data, octets.len));
	rxp_buf_free(&block);
	rxp_buf_free(&octets);
	return out;
}

static json_t *frame_json(const struct step *s)
{
	struct rxp_buf octets;
	json_t *out;

	rxp_buf_init(&octets, MAX_OCTETS);
	put_head(&octets, s->octets_len, s->type, s->flags, s->stream);
	(void)rxp_buf_put(&octets, s->octets, s->octets_len);
	out = json_pack("{s:s, s:I, s:o}", "do", "frame", "stream", (json_int_t)s->stream, "octets",
	    hex_json(octets.data, octets.len));
	rxp_buf_free(&octets);
	return out;
}

static json_t *step_json(const struct step *s, size_t body_len)
{
	char word[WORD_TEXT];

	switch (s->kind) {
	case STEP_OCTETS:
		return json_pack("{s:s, s:o}", "do", "octets", "octets",
		    hex_json((const uint8_t *)s->octets, s->octets_len));
	case STEP_FRAME:
		return frame_json(s);
	case STEP_HEADERS:
		return headers_json(s, body_len);
	case STEP_AWAIT:
		return json_pack("{s:s, s:o, s:I, s:I}", "do", "await", "what",
		    word_json(awaits[s->await]), "stream", (json_int_t)s->stream, "count",
		    (json_int_t)s->n);
	default:
		return json_pack("{s:s, s:I, s:I, s:I, s:I}", "do", lower(word, steps[s->kind]),
		    "type", (json_int_t)s->type, "flags", (json_int_t)s->flags, "stream",
		    (json_int_t)s->stream, "count", (json_int_t)s->n);
	}
}

/* Up to the end, or END_REPEAT; *at moves behind it. */
static json_t *steps_json(const struct step **at, size_t body_len)
{
	json_t *out = json_array();

	for (; (*at)->kind != STEP_END && (*at)->kind != STEP_END_REPEAT; ++*at) {
		const struct step *s = *at;
		json_t *one = step_json(s, body_len);

		if (s->kind == STEP_REPEAT || s->kind == STEP_REPEAT_BEYOND) {
			++*at;
			(void)json_object_set_new(one, "steps", steps_json(at, body_len));
			(void)json_array_append_new(out, one);
			if ((*at)->kind == STEP_END)
				return out;
			continue;
		}
		(void)json_array_append_new(out, one);
	}
	return out;
}

/* --- scripts ---------------------------------------------------------------------------------- */

static json_t *tls_json(const struct script *s)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "manner", manners[s->manner.kind], "version",
	    versions[s->manner.version], "alpn",
	    s->manner.protocols == NULL ? "h2" : s->manner.protocols, "certificate",
	    credential_words(s->credential));
}

/* --- what a player needs ---------------------------------------------------------------------- */

static bool does(const struct script *s, enum step_kind kind)
{
	for (const struct step *at = s->steps; at->kind != STEP_END; at++)
		if (at->kind == kind)
			return true;
	return false;
}

/* Beyond a usual library for TLS 1.3, over which octets are written and read; the README says what each means. */
static json_t *needs_json(const struct script *s)
{
	const struct {
		const char *word;
		bool needed;
	} needs[] = {
	    {"version", s->manner.version != TLS_1_3},
	    {"alpn", s->manner.protocols != NULL && strcmp(s->manner.protocols, "h2") != 0},
	    {"certificate", s->credential != CREDENTIAL_TLS},
	    {"manner", s->manner.kind != MANNER_AS_EVER},
	    {"early-data", does(s, STEP_CONNECT)},
	    {"records", does(s, STEP_DRIP)},
	    {"key-update", does(s, STEP_UPDATE_KEY)},
	    {"half-close", does(s, STEP_END_WRITING)},
	    {"reset", does(s, STEP_ABORT)},
	    {"settings", does(s, STEP_LONG_FRAME) || does(s, STEP_REPEAT_BEYOND)},
	    {"flood", s->group == GROUP_FLOOD},
	    {"minutes", s->group == GROUP_SLOW},
	};
	json_t *out = json_array();

	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
		if (needs[i].needed)
			(void)json_array_append_new(out, json_string(needs[i].word));
	return out;
}

static json_t *expected_json(const struct script *s)
{
	json_t *codes = json_array();
	json_t *out;

	for (unsigned c = 0; c < CODE_COUNT; c++)
		if ((s->wanted.codes >> c & 1) != 0)
			(void)json_array_append_new(codes, json_integer(c));
	out = json_pack("{s:o, s:I, s:o, s:o}", "result", word_json(wanted[s->wanted.kind]),
	    "stream", (json_int_t)s->wanted.stream, "codes", codes, "afterwards",
	    word_json(probes[s->probe]));
	if (s->wanted.status != 0)
		(void)json_object_set_new(out, "status", json_integer(s->wanted.status));
	return out;
}

static int put_script(const struct making *m, const struct script *s, size_t body_len)
{
	const struct step *at = s->steps;
	char name[NAME_TEXT];
	int rc;

	(void)snprintf(name, sizeof name, "http2/%s.json", s->facts.id);
	rc = shelf_json(m->shelf, name,
	    json_pack("{s:o, s:o}", "tls", tls_json(s), "steps", steps_json(&at, body_len)));
	return rc != 0 ? rc
		       : shelf_add(m->shelf,
			     &(struct shelf_vector){s->facts.id, "http2", s->facts.requirement,
				 s->facts.name, m->now_ms,
				 json_pack("{s:s, s:s}", "script", name, "envelope", ENVELOPE),
				 json_pack("{s:s, s:o, s:o}", "authority", AUTHORITY, "group",
				     word_json(groups[s->group]), "needs", needs_json(s)),
				 expected_json(s)});
}

int put_scripts(const struct making *m)
{
	struct draft d;
	size_t body_len;
	int rc;

	making_begin(ENVELOPE);
	rc = draft_begin(&d, vector_world_parties(m->world, false), BASE_PING, m->now_ms);
	if (rc != 0)
		return rc;
	rc = draft_make(&d, NULL);
	if (rc == 0)
		rc = shelf_file(m->shelf, ENVELOPE, &d.envelope);
	body_len = d.envelope.len;
	draft_clear(&d);
	for (size_t i = 0; i < script_total() && rc == 0; i++)
		rc = put_script(m, script_at(i), body_len);
	return rc;
}

/* What a product does with them no library can say. */
json_t *weigh_script(const struct reading *v)
{
	(void)v;
	return json_null();
}
