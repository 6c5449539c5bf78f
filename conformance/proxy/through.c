#include "conformance/proxy/through_inside.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/state/product.h"
#include "conformance/wire/tls.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/envelope.h"

#define LOG "/rxp/1/log?"
#define MEDIA "application/rxp+xml"
#define SHORTER 40 /* octets that are missing */

static const char PAGE[] = "<html><body>Welcome</body></html>";

enum request_bend { REQUEST_PASS, REQUEST_KEEP, REQUEST_FLIP, REQUEST_SHORT, REQUEST_TWICE };
enum answer_bend {
	ANSWER_ANSWER,
	ANSWER_FLIP,
	ANSWER_SHORT,
	ANSWER_TAIL,
	ANSWER_FORMER,
	ANSWER_EMPTY,
	ANSWER_PAGE,
};

static const struct bend_row {
	long at;
	size_t piece;
	const char *words;
	enum request_bend request;
	enum answer_bend answer;
	enum host_fault fault;
	unsigned code;
	int delay_ms;
} bends[] = {
#define BEND(name, request, answer, fault, at, code, piece, delay, words) \
	{at, piece, words, REQUEST_##request, ANSWER_##answer, HOST_##fault, code, delay},
#include "conformance/proxy/bend.def"
#undef BEND
};

const char *bend_words(enum bend b)
{
	if ((unsigned)b >= BEND_COUNT)
		abort();
	return bends[b].words;
}

enum wire_end through_ask(struct through *t, const char *path, struct wire_response *response)
{
	return through_exchange(
	    t, WAY_ON, &(struct wire_request){.method = "GET", .path = path}, response);
}

enum wire_end through_post(
    struct through *t, const struct rxp_buf *message, struct wire_response *response)
{
	return through_exchange(t, WAY_ON,
	    &(struct wire_request){.method = "POST",
		.path = THROUGH_MESSAGES,
		.content_type = MEDIA,
		.body = message->data,
		.body_len = message->len},
	    response);
}

/* --- what is bent ---------------------------------------------------------------------------- */

static void copy(struct rxp_buf *to, const struct rxp_buf *from)
{
	if (from->len > 0)
		(void)rxp_buf_put(to, from->data, from->len);
}

static void pass_request(
    struct through *t, struct through_try *try, unsigned n, enum request_bend how)
{
	struct wire_response response;
	struct rxp_buf body;

	wire_response_init(&response);
	rxp_buf_init(&body, HOST_MAX_BODY);
	copy(&body, &try->asked);
	if (how == REQUEST_FLIP && body.len > 0)
		body.data[body.len / 2] ^= 1;
	if (how == REQUEST_SHORT && body.len > SHORTER)
		body.len -= SHORTER;
	if (through_post(t, &body, &response) == WIRE_NONE) {
		try->status[n] = response.status;
		copy(&try->answer[n], &response.body);
	}
	rxp_buf_free(&body);
	wire_response_clear(&response);
}

/* What the sender gets of the answer: status, type and body of the reply. */
static void shape_answer(const struct through *t, const struct through_try *try,
    enum answer_bend how, struct host_reply *reply, struct rxp_buf *body)
{
	unsigned n = try->status[1] != 0;

	reply->status = try->status[n] == 0 ? 503 : try->status[n];
	if (how == ANSWER_EMPTY || (how == ANSWER_FORMER && t->former.len == 0)) {
		reply->status = 503;
		return;
	}
	reply->type = MEDIA;
	if (how == ANSWER_PAGE) {
		reply->status = 200;
		reply->type = "text/html";
		(void)rxp_buf_put(body, PAGE, sizeof PAGE - 1);
		return;
	}
	copy(body, how == ANSWER_FORMER ? &t->former : &try->answer[n]);
	if (how == ANSWER_FLIP && body->len > 0)
		body->data[body->len / 2] ^= 1;
	if (how == ANSWER_SHORT && body->len > SHORTER)
		body->len -= SHORTER;
	if (how == ANSWER_TAIL)
		(void)rxp_buf_puts(body, "<Tail></Tail>");
	if (body->len == 0)
		reply->type = NULL;
}

static void bend_message(struct through *t, struct waiting *w, const struct bend_row *b)
{
	struct through_try *try =
	    &t->tries[t->n_tries < THROUGH_TRIES ? t->n_tries++ : THROUGH_TRIES - 1];
	struct host_reply reply = {.fault = b->fault,
	    .at = b->at,
	    .code = b->code,
	    .piece = b->piece,
	    .delay_ms = b->delay_ms};
	struct rxp_buf body;

	rxp_buf_free(&try->asked);
	rxp_buf_init(&try->asked, HOST_MAX_BODY);
	copy(&try->asked, &w->body);
	try->came_ms = tls_now_ms();
	try->bent = b != &bends[BEND_NONE];
	try->place = w->place;
	if (b->request != REQUEST_KEEP)
		pass_request(t, try, 0, b->request);
	if (b->request == REQUEST_TWICE)
		pass_request(t, try, 1, REQUEST_PASS);
	rxp_buf_init(&body, HOST_MAX_BODY);
	shape_answer(t, try, b->answer, &reply, &body);
	reply.body = body.data;
	reply.body_len = body.len;
	(void)host_answer(t->sides[WAY_ON].host, w->place, &reply);
	try->done_ms = tls_now_ms() + b->delay_ms;
	rxp_buf_free(&body);
}

static bool is_former(const struct through *t, const uint8_t id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < THROUGH_FORMERS && i < t->n_formers; i++)
		if (memcmp(t->formers[i], id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

/* Is it a try of the message that is watched? The first new one that comes is. */
static bool is_watched(struct through *t, const struct waiting *w)
{
	struct rxp_envelope *e = NULL;
	const uint8_t *id;
	bool watched;

	if (!through_is_message(w) || rxp_envelope_parse(&e, w->body.data, w->body.len) != 0)
		return false;
	id = rxp_envelope_outer(e)->message_id;
	if (!t->has_id && !is_former(t, id)) {
		t->has_id = true;
		memcpy(t->id, id, sizeof t->id);
	}
	watched = t->has_id && memcmp(id, t->id, sizeof t->id) == 0;
	rxp_envelope_free(e);
	return watched;
}

static bool is_log(const struct waiting *w)
{
	return w->way == WAY_ON && strcmp(w->method, "GET") == 0 &&
	       strncmp(w->path, LOG, sizeof LOG - 1) == 0;
}

/* A page of the log, which is asked for and then bent as an answer is. */
static void bend_log(struct through *t, const struct waiting *w)
{
	const struct bend_row *b = t->log_bend;
	struct host_reply reply = {.fault = b->fault,
	    .at = b->at,
	    .code = b->code,
	    .piece = b->piece,
	    .delay_ms = b->delay_ms};
	struct through_try page = {0};
	struct wire_response response;
	struct rxp_buf body;

	t->log_left--;
	rxp_buf_init(&page.answer[0], HOST_MAX_BODY);
	rxp_buf_init(&body, HOST_MAX_BODY);
	wire_response_init(&response);
	if (b->request != REQUEST_KEEP && through_ask(t, w->path, &response) == WIRE_NONE) {
		page.status[0] = response.status;
		copy(&page.answer[0], &response.body);
	}
	shape_answer(t, &page, b->answer, &reply, &body);
	reply.body = body.data;
	reply.body_len = body.len;
	(void)host_answer(t->sides[WAY_ON].host, w->place, &reply);
	wire_response_clear(&response);
	rxp_buf_free(&body);
	rxp_buf_free(&page.answer[0]);
}

static void answer_one(struct through *t, struct waiting *w)
{
	if (t->log_left > 0 && is_log(w)) {
		bend_log(t, w);
		return;
	}
	if (!is_watched(t, w)) {
		through_pass(t, w);
		return;
	}
	if (t->left == 0) {
		bend_message(t, w, &bends[BEND_NONE]);
		return;
	}
	t->left--;
	bend_message(t, w, t->bend);
}

static void answer_all(struct through *t)
{
	while (t->waiting[0] != NULL) {
		struct waiting *w = t->waiting[0];

		for (size_t n = 0; n < THROUGH_WAITING; n++)
			t->waiting[n] = n + 1 < THROUGH_WAITING ? t->waiting[n + 1] : NULL;
		if (through_poll(t, w))
			continue;
		answer_one(t, w);
		waiting_free(w);
	}
}

/* --- what comes ------------------------------------------------------------------------------ */

static void greet(void *arg, struct greeting *out)
{
	struct side *s = arg;

	s->lines++;
	out->credential = s->ends.tls;
}

static bool at_head(void *arg, const struct host_request *r)
{
	(void)arg;
	(void)r;
	return false;
}

/* Who makes connections on this way is the product behind the other. */
static bool is_known(const struct side *s, const struct guest_facts *line)
{
	const struct side *other = &s->of->sides[s->way == WAY_ON ? WAY_BACK : WAY_ON];
	const struct rxp_identity *i = &other->ends.product->descriptor->identity;

	for (size_t n = 0; n < i->n_pins; n++)
		if (line->has_pin && memcmp(line->pin, i->pins[n], sizeof line->pin) == 0)
			return true;
	return false;
}

static void request(void *arg, const struct host_request *r, struct host_reply *out)
{
	struct side *s = arg;
	size_t n = 0;
	struct waiting *w;

	while (n < THROUGH_WAITING && s->of->waiting[n] != NULL)
		n++;
	*out = (struct host_reply){.status = 503, .at = HOST_WHOLE};
	if (!is_known(s, r->line)) {
		s->strangers++;
		out->status = 403;
		return;
	}
	w = n == THROUGH_WAITING ? NULL : calloc(1, sizeof *w);
	if (w == NULL)
		return;
	w->way = s->way;
	w->place = r->place;
	memcpy(w->method, r->method, sizeof w->method);
	memcpy(w->path, r->path, sizeof w->path);
	memcpy(w->type, r->type, sizeof w->type);
	memcpy(w->range, r->range, sizeof w->range);
	rxp_buf_init(&w->body, HOST_MAX_UPLOAD);
	copy(&w->body, &r->body);
	s->of->waiting[n] = w;
	out->later = true;
}

static void over(void *arg, const struct guest_facts *facts, enum wire_end why)
{
	struct side *s = arg;

	if (facts->shaken && !is_known(s, facts))
		s->strangers++;
	(void)why;
}

/* --- the whole ------------------------------------------------------------------------------- */

static void serve_aside(void *arg)
{
	host_turn(arg, tls_now_ms());
}

enum wire_end through_open(
    struct through **out, const struct through_ends ends[WAY_COUNT], int wait_ms)
{
	struct through *t = calloc(1, sizeof *t);
	enum wire_end end = WIRE_NONE;

	if (t == NULL)
		return WIRE_LOCAL;
	t->wait_ms = wait_ms;
	t->bend = &bends[BEND_NONE];
	rxp_buf_init(&t->former, HOST_MAX_BODY);
	for (enum way way = 0; way < WAY_COUNT && end == WIRE_NONE; way++) {
		struct side *s = &t->sides[way];
		struct host_calls calls = {greet, at_head, request, over, s};

		*s = (struct side){.of = t, .way = way, .ends = ends[way]};
		end = host_open(&s->host, ends[way].ends.at, &calls);
		if (end == WIRE_NONE)
			s->aside = (struct wire_aside){host_fd(s->host), serve_aside, s->host};
	}
	if (end == WIRE_NONE)
		*out = t;
	else
		through_free(t);
	return end;
}

static void forget(struct through *t)
{
	for (size_t i = 0; i < THROUGH_TRIES; i++) {
		rxp_buf_free(&t->tries[i].asked);
		for (unsigned n = 0; n < 2; n++)
			rxp_buf_free(&t->tries[i].answer[n]);
		t->tries[i] = (struct through_try){0};
		rxp_buf_init(&t->tries[i].asked, HOST_MAX_BODY);
		for (unsigned n = 0; n < 2; n++)
			rxp_buf_init(&t->tries[i].answer[n], HOST_MAX_BODY);
	}
	t->n_tries = 0;
}

void through_free(struct through *t)
{
	if (t == NULL)
		return;
	for (enum way way = 0; way < WAY_COUNT; way++)
		host_free(t->sides[way].host);
	for (size_t n = 0; n < THROUGH_WAITING && t->waiting[n] != NULL; n++)
		waiting_free(t->waiting[n]);
	through_polls_end(t);
	forget(t);
	rxp_buf_free(&t->former);
	free(t);
}

/* The answer to the message of before is that of an earlier message from now on. */
static void remember(struct through *t)
{
	const struct through_try *last = t->n_tries == 0 ? NULL : &t->tries[t->n_tries - 1];

	if (t->has_id)
		memcpy(t->formers[t->n_formers++ % THROUGH_FORMERS], t->id, sizeof t->id);
	if (last == NULL || last->status[0] != 200)
		return;
	rxp_buf_free(&t->former);
	rxp_buf_init(&t->former, HOST_MAX_BODY);
	copy(&t->former, &last->answer[0]);
}

void through_arm(struct through *t, enum bend bend, unsigned times)
{
	if ((unsigned)bend >= BEND_COUNT)
		abort();
	for (enum way way = 0; way < WAY_COUNT; way++) {
		host_hang_up(t->sides[way].host);
		t->sides[way].strangers = t->sides[way].lines = 0;
	}
	through_polls_end(t);
	remember(t);
	forget(t);
	t->has_id = false;
	t->others = 0;
	t->bend = &bends[bend];
	t->left = times;
	t->log_left = 0;
	t->failed = WIRE_NONE;
}

void through_arm_log(struct through *t, enum bend bend, unsigned times)
{
	through_arm(t, BEND_NONE, 0);
	t->log_bend = &bends[bend];
	t->log_left = times;
}

unsigned through_log_left(const struct through *t)
{
	return t->log_left;
}

void through_turn(struct through *t, int64_t deadline_ms)
{
	struct pollfd p[WAY_COUNT];
	int64_t left = deadline_ms - tls_now_ms();

	for (enum way way = 0; way < WAY_COUNT; way++)
		p[way] = (struct pollfd){host_fd(t->sides[way].host), POLLIN, 0};
	/* A reply that is delayed makes no descriptor readable. */
	(void)poll(p, WAY_COUNT, left < 0 ? 0 : left > 20 ? 20 : (int)left);
	for (enum way way = 0; way < WAY_COUNT; way++)
		host_turn(t->sides[way].host, tls_now_ms());
	answer_all(t);
	through_polls(t);
}

size_t through_tries(const struct through *t)
{
	return t->n_tries;
}

const struct through_try *through_try_at(const struct through *t, size_t i)
{
	return &t->tries[i];
}

bool through_is_given(const struct through *t)
{
	return t->n_tries == 0 ||
	       host_is_answered(t->sides[WAY_ON].host, t->tries[t->n_tries - 1].place);
}

const uint8_t *through_message(const struct through *t)
{
	return t->has_id ? t->id : NULL;
}

unsigned through_others(const struct through *t)
{
	return t->others;
}

unsigned through_strangers(const struct through *t, enum way way)
{
	return t->sides[way].strangers;
}

unsigned through_lines(const struct through *t, enum way way)
{
	return t->sides[way].lines;
}

enum wire_end through_failed(const struct through *t)
{
	return t->failed;
}
