#include "conformance/hear/ear_inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conformance/hear/pulls.h"
#include "conformance/state/ledger.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define MESSAGES "/rxp/1/messages"
#define ANSWERS "/rxp/1/answers"
#define DESCRIPTOR "/rxp/1/descriptor"
#define LOG "/rxp/1/log"
#define LOG_AFTER LOG "?after="
#define MAX_GIVEN_OCTETS (4UL * RXP_MAX_ENVELOPE_OCTETS)
#define ON_ITS_WAY_MS 1000
#define IN_THE_WAY_MS 1000
#define ANSWER_TYPE "application/rxp+xml"

/* --- answers --------------------------------------------------------------------------------- */

static void give_stored(struct host_reply *out, const struct ledger_entry *e)
{
	*out = (struct host_reply){
	    .status = 200, .type = ANSWER_TYPE, .body = e->answer.data, .body_len = e->answer.len};
}

static void mark_ended(struct heard *h, const struct answering *a)
{
	h->ended = true;
	h->ended_ms = tls_now_ms();
	h->refused = a->answer.kind != RXP_ANSWER_RECEIPT;
	h->lost = a->reply.fault != HOST_WELL && a->reply.fault != HOST_LAST;
}

/* What the log has of that answer. */
static struct rxp_log_entry entry_of(const struct heard *h, const struct answering *a)
{
	bool receipt = a->answer.kind == RXP_ANSWER_RECEIPT;
	struct rxp_log_entry entry = {
	    .received_ms = receipt ? a->answer.received_ms : a->answer.created_ms,
	    .outcome = receipt ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL};

	memcpy(entry.message_id, h->is_void ? a->answer.message_id : h->message_id,
	    sizeof entry.message_id);
	memcpy(entry.fingerprint, h->is_void ? a->answer.fingerprint : h->fingerprint,
	    sizeof entry.fingerprint);
	return entry;
}

/* Of a Void the answer ends the message that it names, unless it is about the Void itself. */
static void end(struct ear *e, struct heard *h, const struct answering *a)
{
	struct rxp_log_entry entry = entry_of(h, a);

	ear_fail(e, ledger_add(e->ledger, &entry, a->text.data, a->text.len));
	mark_ended(h, a);
	if (h->voided != NULL &&
	    memcmp(h->voided->message_id, entry.message_id, sizeof entry.message_id) == 0)
		mark_ended(h->voided, a);
}

static bool is_meant(const struct ear *e, const struct heard *h)
{
	return e->type == NULL || strcmp(h->header.type, e->type) == 0;
}

/* Does this try get the answer that the case armed? */
static bool is_armed(struct ear *e, struct heard *h)
{
	if (e->mode != ARMED || !is_meant(e, h) || (e->taken != NULL && e->taken != h))
		return false;
	e->taken = h;
	return e->left > 0 && e->retort != NULL && e->retort->stage != RETORT_LINE;
}

/* The caller clears *a when the reply was passed on. */
static void answer(struct ear *e, struct heard *h, struct answering *a)
{
	bool armed = is_armed(e, h);
	int rc = retort_make(a, e->parties, e->ledger, h, armed ? e->retort : NULL);

	if (armed) {
		e->left--;
		rxp_buf_reset(&e->said);
		if (a->reply.body_len > 0)
			(void)rxp_buf_put(&e->said, a->reply.body, a->reply.body_len);
		e->said_entry = entry_of(h, a);
	}
	h->waits = (struct host_place){0};
	ear_fail(e, rc);
	if (rc != 0)
		a->reply = (struct host_reply){.status = 503};
	else if (h->stage != HEARD_OPENED)
		a->reply =
		    (struct host_reply){.status = 422}; /* it has no name to be answered under */
	else if (!armed || e->is_final)
		end(e, h, a);
}

static struct heard *note(struct ear *e, const struct host_request *r)
{
	uint8_t id[RXP_ID_OCTETS];
	struct heard *h = heard_id(id, &r->body) ? ear_find(e, id) : NULL;

	if (h != NULL) {
		heard_again(h, r);
		return h;
	}
	h = heard_new(r, e->parties);
	if (h == NULL) {
		ear_fail(e, RXP_ERR_NOMEM);
		return NULL;
	}
	h->during = e->during;
	h->voided = h->is_void ? ear_find(e, h->voids) : NULL;
	*e->last = h;
	e->last = &h->next;
	e->counts.messages++;
	return h;
}

static bool is_to_wait(const struct ear *e, const struct heard *h)
{
	return e->mode == HOLDS ||
	       (e->mode == ARMED && is_meant(e, h) && e->taken != NULL && e->taken != h);
}

/* The caller clears *a. */
static void pass_on(struct ear *e, const struct answering *a, struct host_reply *out)
{
	*out = a->reply;
	rxp_buf_reset(&e->page);
	if (a->reply.body_len > 0 && rxp_buf_put(&e->page, a->reply.body, a->reply.body_len) != 0)
		*out = (struct host_reply){.status = 503};
	out->body = e->page.data;
}

static void put_off(struct ear *e, struct heard *h, struct host_reply *out)
{
	struct answering a;
	int rc = retort_make(&a, e->parties, e->ledger, h, h->doubt);

	ear_fail(e, rc);
	h->waits = (struct host_place){0};
	if (rc == 0)
		pass_on(e, &a, out);
	retort_clear(&a);
}

/* Who saw the break does not begin another request there; one that was on its way then is nobody's fault. */
static bool is_behind_break(const struct host_request *r)
{
	int64_t broken_ms = r->line->broken_ms;

	return broken_ms != 0 && r->began_ms - broken_ms > ON_ITS_WAY_MS;
}

static void message(struct ear *e, const struct host_request *r, struct host_reply *out)
{
	struct heard *h = note(e, r);
	const struct ledger_entry *stored = h == NULL ? NULL : ear_stored(e, h);
	struct answering a;

	e->counts.odd += r->line->odd || is_behind_break(r);
	*out = (struct host_reply){.status = 503};
	if (h == NULL)
		return;
	h->came_at = ++e->counts.moments;
	if (stored != NULL) {
		h->ended = true; /* by an earlier run, if not by this one */
		h->waits = (struct host_place){0};
		give_stored(out, stored);
	} else if (h->doubt != NULL) {
		put_off(e, h, out);
	} else if (is_to_wait(e, h)) {
		out->later = true;
	} else {
		answer(e, h, &a);
		pass_on(e, &a, out);
		retort_clear(&a);
	}
}

/* --- requests -------------------------------------------------------------------------------- */

static void give_page(struct ear *e, const char *after, struct host_reply *out)
{
	struct rxp_signer seal = keypair_signer(&e->parties->own->seal);
	struct timespec now;
	int rc;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	e->counts.logs++;
	rxp_buf_reset(&e->page);
	rc = ledger_page(&e->page, e->ledger, strtoull(after, NULL, 10),
	    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, &seal);
	ear_fail(e, rc);
	*out = (struct host_reply){.status = rc == 0 ? 200 : 503,
	    .type = rc == 0 ? ANSWER_TYPE : NULL,
	    .body = e->page.data,
	    .body_len = rc == 0 ? e->page.len : 0};
}

/* Does the head of a request to send a message get the answer that the case armed? */
static bool is_for_head(const struct ear *e, const struct host_request *r)
{
	return e->mode == ARMED && e->taken == NULL && e->left > 0 && e->retort != NULL &&
	       e->retort->stage == RETORT_HEAD && strcmp(r->method, "POST") == 0 &&
	       strcmp(r->path, MESSAGES) == 0;
}

static void answer_head(struct ear *e, struct host_reply *out)
{
	struct answering a = {.parties = e->parties};

	e->left--;
	ear_fail(e, e->retort->function(&a));
	*out = a.reply;
}

static bool is_under(const struct host_request *r, const char *path)
{
	return strncmp(r->path, path, strlen(path)) == 0;
}

static void give_descriptor(struct ear *e, const struct host_request *r, struct host_reply *out)
{
	const struct rxp_buf *own = e->served != NULL ? e->served : &e->parties->own->descriptor;

	e->counts.descriptors++;
	e->counts.asked_ms = tls_now_ms();
	e->counts.odd_descriptors += r->line->odd;
	*out = (struct host_reply){
	    .status = 200, .type = ANSWER_TYPE, .body = own->data, .body_len = own->len};
	if (e->serves_none)
		*out = (struct host_reply){.status = 503};
}

/* What is asked for. false: RXP/1 has no such path. */
static bool get(struct ear *e, const struct host_request *r, struct host_reply *out)
{
	if (strcmp(r->path, DESCRIPTOR) == 0) {
		give_descriptor(e, r, out);
	} else if (is_under(r, LOG_AFTER)) {
		give_page(e, r->path + sizeof LOG_AFTER - 1, out);
	} else if (is_under(r, MESSAGES)) {
		e->counts.fetches++;
		pulls_ask(e->pulls, r, out);
	} else {
		return false;
	}
	return true;
}

/* What is posted; the same. A descriptor is taken, and of a log no further page is wanted (RXP-PUL-008, 010): the suite has the
 * one that its user gave it, and compares no log. */
static bool post(struct ear *e, const struct host_request *r, struct host_reply *out)
{
	if (strcmp(r->path, MESSAGES) == 0) {
		message(e, r, out);
	} else if (strcmp(r->path, ANSWERS) == 0) {
		e->counts.answers++;
		*out = (struct host_reply){.status = ear_bring(e, &r->body)};
		if (out->status == 422 && pulls_posted(e->pulls, &r->body))
			out->status = 204;
	} else if (strcmp(r->path, DESCRIPTOR) == 0 || strcmp(r->path, LOG) == 0) {
		e->counts.posted++;
		*out = (struct host_reply){.status = 204};
	} else {
		return false;
	}
	return true;
}

static void on_request(void *arg, const struct host_request *r, struct host_reply *out)
{
	struct ear *e = arg;

	if (is_for_head(e, r)) {
		answer_head(e, out);
	} else if (uploads_are_asked(r) && strcmp(r->method, "GET") == 0) {
		pulls_give_file(e->pulls, r, out);
	} else if (uploads_are_asked(r)) {
		uploads_answer(e->uploads, r, out);
	} else if (!(strcmp(r->method, "POST") == 0 && post(e, r, out)) &&
		   !(strcmp(r->method, "GET") == 0 && get(e, r, out))) {
		e->counts.elsewhere++;
		*out = (struct host_reply){.status = 404};
	}
}

static bool on_head(void *arg, const struct host_request *r)
{
	return is_for_head(arg, r);
}

static void on_greet(void *arg, struct greeting *out)
{
	struct ear *e = arg;

	e->counts.lines++;
	e->counts.asked_ms = tls_now_ms();
	out->credential = &e->parties->own->tls;
	if (e->mode != ARMED || e->taken != NULL || e->left == 0 || e->retort == NULL ||
	    e->retort->stage != RETORT_LINE)
		return;
	e->retort->greet(out, e->parties);
	e->left--;
}

static void on_over(void *arg, const struct guest_facts *facts, enum wire_end why)
{
	struct ear *e = arg;

	if (facts->odd)
		e->counts.odd_shaken += facts->shaken;
	else if (!facts->shaken) {
		e->counts.ended = true;
		e->counts.last_end = why;
	}
}

/* --- what waits ------------------------------------------------------------------------------ */

struct heard *ear_waiting(const struct ear *e)
{
	struct heard *h = e->first;

	while (h != NULL && (h->ended || !host_awaits(e->host, h->waits)))
		h = h->next;
	return h;
}

static void answer_waiting(struct ear *e, struct heard *h)
{
	struct host_place at = h->waits;
	struct answering a;

	answer(e, h, &a);
	(void)host_answer(e->host, at, &a.reply);
	retort_clear(&a);
}

/* So that it comes again: nothing of it was processed. */
static void send_away(struct ear *e, struct heard *h)
{
	const struct host_reply away = {.fault = HOST_AWAY, .at = HOST_NO_HEAD};

	(void)host_answer(e->host, h->waits, &away);
	h->waits = (struct host_place){0};
}

void ear_arm(struct ear *e, const struct retort *retort, unsigned times, bool is_final)
{
	ear_arm_for(e, NULL, retort, times, is_final);
}

void ear_arm_for(
    struct ear *e, const char *type, const struct retort *retort, unsigned times, bool is_final)
{
	struct heard *h;
	bool is_of_line =
	    retort != NULL && (retort->stage == RETORT_LINE || retort->stage == RETORT_HEAD);

	host_turn(e->host, 0); /* whose connection ended waits no more */
	e->mode = ARMED;
	e->retort = retort;
	e->left = times;
	e->is_final = is_final;
	e->type = type;
	e->taken = NULL;
	e->counts.failed = 0;
	rxp_buf_reset(&e->said);
	while ((h = ear_waiting(e)) != NULL && e->taken == NULL)
		if (is_of_line && is_meant(e, h))
			send_away(e, h);
		else
			answer_waiting(e, h);
	if (is_of_line) {
		host_turn(e->host, 0);
		host_hang_up(e->host);
	}
}

struct heard *ear_taken(const struct ear *e)
{
	return e->taken;
}

unsigned ear_left(const struct ear *e)
{
	return e->left;
}

void ear_settle(struct ear *e, const struct heard *h)
{
	struct heard *own = ear_find(e, h->message_id);

	if (own == NULL)
		abort(); /* the ear has heard it */
	if (own->ended || e->said.len == 0)
		return;
	ear_fail(e, ledger_add(e->ledger, &e->said_entry, e->said.data, e->said.len));
	own->ended = true;
	own->ended_ms = tls_now_ms();
	own->lost = true; /* it may come again all the same */
}

void ear_hold(struct ear *e)
{
	e->mode = HOLDS;
}

void ear_rest(struct ear *e, int ms)
{
	int64_t deadline_ms = tls_now_ms() + ms;

	ear_hold(e);
	while (tls_now_ms() < deadline_ms)
		ear_turn(e, deadline_ms);
}

void ear_forgive(struct ear *e, const struct heard *h)
{
	struct heard *own = ear_own(e, h);

	own->differs = false;
	own->lost = true;
}

void ear_doubt(struct ear *e, const struct heard *h, const struct retort *answer)
{
	ear_own(e, h)->doubt = answer;
}

const struct ledger *ear_ledger(const struct ear *e)
{
	return e->ledger;
}

void ear_serve(struct ear *e, const struct rxp_buf *descriptor)
{
	e->served = descriptor;
}

void ear_serve_none(struct ear *e, bool none)
{
	e->serves_none = none;
}

void ear_take_all(struct ear *e)
{
	struct heard *h;

	e->mode = TAKES;
	for (h = e->first; h != NULL; h = h->next)
		h->doubt = NULL;
	while ((h = ear_waiting(e)) != NULL)
		answer_waiting(e, h);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void serve(void *arg)
{
	ear_turn(arg, 0);
}

enum wire_end ear_open(
    struct ear **out, const struct parties *parties, const char *dir, const char *at)
{
	struct ear *e = calloc(1, sizeof *e);
	enum wire_end end = WIRE_LOCAL;

	if (e == NULL)
		return end;
	e->parties = parties;
	e->last = &e->first;
	rxp_buf_init(&e->page, MAX_GIVEN_OCTETS);
	rxp_buf_init(&e->said, MAX_GIVEN_OCTETS);
	e->uploads = uploads_new();
	e->pulls = pulls_new();
	if (e->uploads != NULL && e->pulls != NULL &&
	    ledger_open(&e->ledger, dir, parties->own->party, product_party(parties->product)) == 0)
		end = host_open(
		    &e->host, at, &(struct host_calls){on_greet, on_head, on_request, on_over, e});
	if (end != WIRE_NONE) {
		ear_close(e);
		return end;
	}
	e->aside = (struct wire_aside){host_fd(e->host), serve, e};
	*out = e;
	return WIRE_NONE;
}

void ear_close(struct ear *e)
{
	if (e == NULL)
		return;
	host_free(e->host);
	while (e->first != NULL) {
		struct heard *h = e->first;

		e->first = h->next;
		heard_free(h);
	}
	rxp_buf_free(&e->page);
	rxp_buf_free(&e->said);
	ledger_free(e->ledger);
	uploads_free(e->uploads);
	pulls_free(e->pulls);
	free(e);
}

/* A product that opens few requests at a time may have none left for the message that a case waits for, if each of them waits for
 * the next case: after a while what waits gets its Receipt. *until_ms: when to look again, or sooner. */
static void clear_the_way(struct ear *e, int64_t *until_ms)
{
	if (e->mode != ARMED || e->taken == NULL || e->taken->ended)
		return;
	for (struct heard *h = e->first; h != NULL; h = h->next) {
		int64_t at_ms = h->last_ms + IN_THE_WAY_MS;

		if (h->ended || !host_awaits(e->host, h->waits))
			continue;
		if (at_ms <= tls_now_ms())
			answer_waiting(e, h);
		else if (at_ms < *until_ms)
			*until_ms = at_ms;
	}
}

void ear_begin(struct ear *e, const char *case_id)
{
	e->during = case_id;
}

void ear_turn(struct ear *e, int64_t deadline_ms)
{
	struct host_reply reply;
	struct host_place at;

	clear_the_way(e, &deadline_ms);
	if (pulls_due(e->pulls, &at, &reply, &deadline_ms) && !host_answer(e->host, at, &reply) &&
	    reply.status == 200)
		pulls_not_given(e->pulls);
	host_turn(e->host, deadline_ms);
}

struct uploads *ear_uploads(struct ear *e)
{
	return e->uploads;
}

struct pulls *ear_pulls(struct ear *e)
{
	return e->pulls;
}

const struct wire_aside *ear_aside(const struct ear *e)
{
	return &e->aside;
}

unsigned ear_broken(const struct ear *e)
{
	return host_broken(e->host);
}

void ear_end_broken(struct ear *e)
{
	host_end_broken(e->host);
}

const struct heard *ear_first(const struct ear *e)
{
	return e->first;
}

const struct ear_counts *ear_counted(const struct ear *e)
{
	return &e->counts;
}

const struct rxp_buf *ear_said(const struct ear *e)
{
	return &e->said;
}
