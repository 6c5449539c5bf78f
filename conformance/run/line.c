#include "conformance/run/line.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "conformance/run/patience.h"
#include "conformance/run/sender.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"

#define PAUSE_MS 50
#define TURN_MS 50
#define PASSED_MS 2000 /* in which the answer to what was passed over may still come */
#define ANSWER_TYPE "application/rxp+xml"
#define STATUS_ANSWERED 200
#define STATUS_NO_ANSWER 422

void line_hang_up(struct line *l)
{
	if (l->wire != l->held)
		wire_close(l->wire);
	l->wire = NULL;
}

/* d: the draft that says how; NULL: as ever. */
static enum wire_end connect_for(
    struct wire **out, const struct target *target, const struct draft *d)
{
	const struct rxp_identity *identity = &target->parties->product->descriptor->identity;
	struct wire_target to = {.endpoint = target->endpoint,
	    .pins = identity->pins,
	    .n_pins = identity->n_pins,
	    .own = d == NULL ? &target->parties->own->tls : d->credential,
	    .manner = {.version = d != NULL && d->old_tls ? TLS_1_2 : TLS_1_3,
		.protocols = d == NULL ? NULL : d->protocol},
	    .wait_ms = target->wait_ms,
	    .aside = target->aside};

	return wire_open(out, &to);
}

/* A product that ended is begun again, within a moment if it is looked after. */
static enum wire_end connect_again(struct wire **out, struct line *l, const struct draft *d)
{
	int64_t until_ms = tls_now_ms() + l->target->wait_ms;
	enum wire_end end = connect_for(out, l->target, d);

	while (end == WIRE_UNREACHABLE && tls_now_ms() < until_ms) {
		l->was_away = l->has_answered;
		(void)poll(NULL, 0, PAUSE_MS);
		end = connect_for(out, l->target, d);
	}
	return end;
}

enum wire_end line_connect(struct line *l)
{
	return l->wire != NULL ? WIRE_NONE : connect_again(&l->wire, l, NULL);
}

/* --- one try --------------------------------------------------------------------------------- */

static void note_end(struct line *l, enum wire_end end)
{
	l->was_cut = l->was_cut || end == WIRE_CLOSED || end == WIRE_UNREACHABLE;
	l->was_late = l->was_late || end == WIRE_TIMEOUT;
}

/* On the connection that there is, if there is one still. *fresh: it was made for this. */
static enum wire_end ask_once(
    struct line *l, const struct wire_request *request, struct wire_response *response, bool *fresh)
{
	enum wire_end end = WIRE_NONE;

	*fresh = false;
	if (target_pulls(l->target))
		return WIRE_UNREACHABLE;
	if (l->wire != NULL && wire_is_over(l->wire))
		line_hang_up(l);
	*fresh = l->wire == NULL;
	if (*fresh)
		end = connect_again(&l->wire, l, NULL);
	if (end == WIRE_NONE)
		end = wire_exchange(l->wire, request, response);
	note_end(l, end);
	l->has_answered = l->has_answered || end == WIRE_NONE;
	/* A stream that is refused leaves its connection as it was; one that is over shows when it is used next. */
	if (end != WIRE_NONE && !(end == WIRE_RESET && response->unprocessed))
		line_hang_up(l);
	return end;
}

/* It may have ended the connection before the request came, or says that it did nothing with it. */
static bool may_come_at_once(enum wire_end end, const struct wire_response *response, bool fresh)
{
	if (end == WIRE_NONE || response->status != 0)
		return false;
	return response->unprocessed || (!fresh && end == WIRE_CLOSED);
}

static enum wire_end ask(
    struct line *l, const struct wire_request *request, struct wire_response *response)
{
	bool fresh;
	enum wire_end end = ask_once(l, request, response, &fresh);

	if (may_come_at_once(end, response, fresh)) {
		wire_response_clear(response);
		end = ask_once(l, request, response, &fresh);
	}
	return end;
}

/* By a product that opens no port, which fetches it and posts the answer. What it passes over gets no signed answer, which on a
 * connection is the status 422 (RXP-OPN-004). */
static enum wire_end have_fetched(
    struct line *l, const struct draft *d, struct wire_response *response)
{
	struct ear *ear = l->target->sender->ear;
	struct pulls *pulls = ear_pulls(ear);
	int64_t now_ms = tls_now_ms(), until_ms = now_ms + l->target->wait_ms;
	const struct rxp_buf *answer = NULL;
	bool passed = false;

	if (d->own_line || strcmp(d->request.method, "POST") != 0 ||
	    pulls_offer(pulls, d->outer.message_id, d->request.body, d->request.body_len) != 0)
		return WIRE_LOCAL;
	while (answer == NULL && !passed && now_ms < until_ms) {
		ear_turn(ear, now_ms + TURN_MS < until_ms ? now_ms + TURN_MS : until_ms);
		answer = pulls_answer(pulls);
		now_ms = tls_now_ms();
		passed = pulls_passed_ms(pulls) != 0 && now_ms - pulls_passed_ms(pulls) > PASSED_MS;
	}
	if (answer != NULL) {
		response->status = STATUS_ANSWERED;
		(void)snprintf(response->content_type, sizeof response->content_type, ANSWER_TYPE);
		(void)rxp_buf_put(&response->body, answer->data, answer->len);
	} else if (passed) {
		response->status = STATUS_NO_ANSWER;
	}
	pulls_take_back(pulls);
	l->was_late = l->was_late || response->status == 0;
	return response->status != 0 ? WIRE_NONE : WIRE_TIMEOUT;
}

/* On a connection of its own. */
static enum wire_end ask_alone(
    struct line *l, const struct draft *d, struct wire_response *response)
{
	struct wire *own = NULL;
	enum wire_end end = connect_again(&own, l, d);

	if (end == WIRE_NONE)
		end = wire_exchange(own, &d->request, response);
	note_end(l, end);
	wire_close(own);
	return end;
}

/* --- until the product can take it ----------------------------------------------------------- */

enum wire_end line_ask(
    struct line *l, const struct wire_request *request, struct wire_response *response)
{
	struct patience p = patience_of(l->target);
	enum wire_end end = ask(l, request, response);

	while (response->status == PATIENCE_STATUS && patience_bear(&p)) {
		wire_response_clear(response);
		end = ask(l, request, response);
	}
	l->is_busy = response->status == PATIENCE_STATUS;
	l->refuses = false;
	return end;
}

static void note(struct line *l, const struct seen *seen)
{
	l->is_busy = l->refuses = patience_asked(seen);
}

static void send_once(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response)
{
	enum wire_end end = target_pulls(l->target) ? have_fetched(l, d, response)
			    : d->own_line           ? ask_alone(l, d, response)
						    : ask(l, &d->request, response);

	seen_read(seen, d, end, response);
}

void line_send(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response)
{
	struct patience p = patience_of(l->target);

	send_once(l, d, seen, response);
	while (!l->busy_is_said && patience_asked(seen) && patience_bear(&p)) {
		wire_response_clear(response);
		send_once(l, d, seen, response);
	}
	note(l, seen);
}

/* Once more, if the other side says that it did nothing with the request. */
static enum wire_end receive_or_again(struct line *l, struct wire **w,
    const struct wire_request *request, struct wire_response *response)
{
	enum wire_end end = wire_receive(*w);

	if (!may_come_at_once(end, response, true))
		return end;
	wire_response_clear(response);
	wire_close(*w);
	*w = NULL;
	end = connect_again(w, l, NULL);
	return end == WIRE_NONE ? wire_exchange(*w, request, response) : end;
}

static void send_at_once(struct line *l, const struct draft *const d[2], struct seen seen[2],
    struct wire_response responses[2])
{
	struct wire *wires[2] = {NULL, NULL};
	enum wire_end ends[2];

	for (size_t i = 0; i < 2; i++)
		ends[i] = connect_again(&wires[i], l, NULL);
	for (size_t i = 0; i < 2; i++)
		if (ends[i] == WIRE_NONE)
			ends[i] = wire_send(wires[i], &d[i]->request, &responses[i]);
	for (size_t i = 0; i < 2; i++) {
		if (ends[i] == WIRE_NONE)
			ends[i] = receive_or_again(l, &wires[i], &d[i]->request, &responses[i]);
		seen_read(&seen[i], d[i], ends[i], &responses[i]);
		wire_close(wires[i]);
	}
}

void line_send_at_once(struct line *l, const struct draft *const d[2], struct seen seen[2],
    struct wire_response responses[2])
{
	struct patience p = patience_of(l->target);

	send_at_once(l, d, seen, responses);
	/* Of both nothing came: they are still to come at once. */
	while (patience_asked(&seen[0]) && patience_asked(&seen[1]) && patience_bear(&p)) {
		wire_response_clear(&responses[0]);
		wire_response_clear(&responses[1]);
		send_at_once(l, d, seen, responses);
	}
	note(l, &seen[0]);
	/* Who has the other one in work may put this one off. */
	for (size_t i = 0; i < 2; i++)
		if (patience_asked(&seen[i])) {
			wire_response_clear(&responses[i]);
			line_send(l, d[i], &seen[i], &responses[i]);
		}
}

static void ask_beside_once(
    struct line *l, const struct wire_request requests[2], struct wire_response responses[2])
{
	struct wire *wires[2] = {NULL, NULL};
	enum wire_end ends[2];

	for (size_t i = 0; i < 2; i++) {
		ends[i] = connect_again(&wires[i], l, NULL);
		if (ends[i] == WIRE_NONE)
			ends[i] = i == 0 ? wire_send(wires[i], &requests[i], &responses[i])
					 : wire_exchange(wires[i], &requests[i], &responses[i]);
	}
	if (ends[0] == WIRE_NONE)
		(void)wire_receive(wires[0]);
	wire_close(wires[0]);
	wire_close(wires[1]);
}

static void send_late_once(struct line *l, const struct draft *d, int late_ms, int64_t *last_ms,
    struct seen *seen, struct wire_response *response)
{
	struct wire_request request = d->request;
	struct wire *wire = NULL;
	enum wire_end end = connect_again(&wire, l, NULL);

	request.hold = request.body_len - 1;
	if (end == WIRE_NONE)
		end = wire_hold(wire, &request, response);
	(void)poll(NULL, 0, late_ms);
	*last_ms = moment_now_ms();
	if (end == WIRE_NONE)
		end = wire_resume(wire);
	seen_read(seen, d, end, response);
	wire_close(wire);
}

/* That nothing was done with it, or that it comes too early. */
static bool is_put_off(const struct wire_response *response)
{
	return response->status == PATIENCE_STATUS ||
	       (response->status == 0 && response->unprocessed);
}

void line_send_late(struct line *l, const struct draft *d, int late_ms, int64_t *last_ms,
    struct seen *seen, struct wire_response *response)
{
	struct patience p = patience_of(l->target);

	send_late_once(l, d, late_ms, last_ms, seen, response);
	while ((is_put_off(response) || patience_asked(seen)) && patience_bear(&p)) {
		wire_response_clear(response);
		send_late_once(l, d, late_ms, last_ms, seen, response);
	}
	note(l, seen);
}

void line_ask_beside(struct line *l, const struct wire_request requests[2],
    struct wire_response responses[2], int64_t *lasted_ms)
{
	struct patience p = patience_of(l->target);
	int64_t began_ms = tls_now_ms();

	ask_beside_once(l, requests, responses);
	while ((is_put_off(&responses[0]) || is_put_off(&responses[1])) && patience_bear(&p)) {
		for (size_t i = 0; i < 2; i++)
			wire_response_clear(&responses[i]);
		began_ms = tls_now_ms();
		ask_beside_once(l, requests, responses);
	}
	*lasted_ms = tls_now_ms() - began_ms;
	l->is_busy =
	    responses[0].status == PATIENCE_STATUS || responses[1].status == PATIENCE_STATUS;
	l->refuses = false;
}

/* --- a request that stays open --------------------------------------------------------------- */

enum wire_end line_hold(
    struct line *l, const struct wire_request *request, struct wire_response *response)
{
	enum wire_end end;

	line_hang_up(l);
	end = line_connect(l);
	l->held = l->wire;
	return end == WIRE_NONE ? wire_hold(l->wire, request, response) : end;
}

void line_drop(struct line *l)
{
	struct wire *held = l->held;

	if (l->wire == held)
		l->wire = NULL;
	l->held = NULL;
	wire_close(held);
}

bool line_is_put_off(
    const struct line *l, const struct wire_response *response, int64_t deadline_ms)
{
	return l->held != NULL && wire_held_ends(l->held, deadline_ms) && is_put_off(response);
}

void line_put_of(struct line_put *out, const struct draft *d, size_t from)
{
	char name[ATTACHED_NAME] = "";

	(void)attached_name(name, &d->file);
	(void)snprintf(out->path, sizeof out->path, "/rxp/1/attachments/%s", name);
	(void)snprintf(
	    out->range, sizeof out->range, "bytes %zu-%zu/%zu", from, d->file.len - 1, d->file.len);
	out->request = (struct wire_request){.method = "PUT",
	    .path = out->path,
	    .fields = {{"content-range", out->range}},
	    .body = d->file.data + from,
	    .body_len = d->file.len - from};
}

bool line_upload(struct line *l, const struct draft *d)
{
	struct wire_response response;
	struct line_put put = {.path = ""};

	if (d->file.len == 0)
		return true;
	line_put_of(&put, d, 0);
	wire_response_init(&response);
	(void)line_ask(l, &put.request, &response);
	wire_response_clear(&response);
	return !l->is_busy;
}

void line_send_with(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response)
{
	if (line_upload(l, d))
		line_send(l, d, seen, response);
	else
		*seen = (struct seen){
		    .what = {EXPECT_STATUS, PATIENCE_STATUS}, .status = PATIENCE_STATUS};
}

/* Does it take a Ping now? Who says `busy` to one message alone refuses it, and in the wrong way. */
static bool takes_others(struct line *l)
{
	struct draft d;
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	int rc = draft_begin(&d, l->target->parties, BASE_PING, moment_now_ms());

	if (rc == 0) {
		rc = line_send_valid(l, &d, &seen, NULL);
		draft_clear(&d);
	}
	return rc == 0 && seen.what.kind == EXPECT_RECEIPT;
}

enum verdict line_verdict(const struct line *l, struct outcome *out, enum verdict otherwise)
{
	out->refused_busy = out->refused_busy || (l->refuses && otherwise != VERDICT_INCOMPLETE);
	return l->is_busy ? VERDICT_INCOMPLETE : otherwise;
}

void line_judge(struct line *l, struct outcome *out)
{
	if (l->refuses && out->verdict == VERDICT_INCOMPLETE && out->refused_busy &&
	    takes_others(l))
		outcome_rule(out, VERDICT_FAIL,
		    "wanted %s, got 503 or `busy` for %d seconds, and a Ping behind it a Receipt",
		    out->expected, l->target->wait_ms / 1000);
	else if (l->is_busy && out->verdict != VERDICT_PASS && out->verdict != VERDICT_ERROR)
		patience_ended(l->target, out);
	out->was_cut = out->was_cut || l->was_cut || l->was_away;
	out->was_away = out->was_away || l->was_away;
	out->was_late = out->was_late || l->was_late;
	if (l->was_away && (out->verdict == VERDICT_PASS || out->verdict == VERDICT_WEAK))
		outcome_rule(
		    out, VERDICT_FAIL, "the product ended: nothing listened there for a while");
}

int line_send_valid(struct line *l, struct draft *d, struct seen *seen, struct rxp_buf *answer)
{
	struct wire_response response;
	int rc = draft_make(d, NULL);

	if (rc != 0)
		return rc;
	wire_response_init(&response);
	line_send_with(l, d, seen, &response);
	if (answer != NULL)
		rc = rxp_buf_put(answer, response.body.data, response.body.len);
	wire_response_clear(&response);
	return rc;
}
