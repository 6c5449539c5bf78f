/*
 * Goals, with products that a child process plays against the suite:
 * - no right product that sends or fetches is failed for its pace: a request that was on its way when the suite broke HTTP/2, a
 *   connection that takes a moment to end, `busy` before an answer, an attachment in parts, a question beside a post, a Void that
 *   comes after many tries;
 * - what cannot be told from a slow product is incomplete;
 * - the wrong product beside each of them fails, and leaves nothing behind that fails the next case.
 *
 * links: conform
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/hear/retorts.h"
#include "conformance/message/attached.h"
#include "conformance/message/draft.h"
#include "conformance/run/plan.h"
#include "conformance/run/sender.h"
#include "conformance/state/ledger.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "conformance/wire/frames.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"
#include "protocol/xml/write.h"

#define WAIT_MS 3000
#define SOON_MS 10000
#define TYPE "application/rxp+xml"
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* --- the product, which is a child process: it ends by _exit(), and proves nothing -------------------- */

struct actor {
	const struct world *w;
	struct wire_target to;
	uint8_t pin[1][32];
	char endpoint[TLS_AUTHORITY + sizeof "https://"];
	struct ledger *ledger;
};

static void need(bool good)
{
	if (!good)
		_exit(1);
}

static struct wire *dial(const struct actor *a)
{
	struct wire *w = NULL;

	need(wire_open(&w, &a->to) == WIRE_NONE);
	return w;
}

static void make_message(struct draft *d, const struct actor *a, enum base base)
{
	need(draft_begin(d, &a->w->back, base, moment_now_ms()) == 0);
	need(draft_make(d, NULL) == 0);
}

/* One request on a connection of its own; the caller clears the response. */
static enum wire_end exchange(
    const struct actor *a, const struct wire_request *request, struct wire_response *response)
{
	struct wire *w = dial(a);
	enum wire_end end;

	wire_response_init(response);
	end = wire_exchange(w, request, response);
	wire_close(w);
	return end;
}

/* The status of the answer to a message. */
static int deliver(const struct actor *a, const struct draft *d)
{
	struct wire_response response;
	int status;

	(void)exchange(a, &d->request, &response);
	status = response.status;
	wire_response_clear(&response);
	return status;
}

static void post(const struct actor *a, const uint8_t *octets, size_t len)
{
	const struct wire_request request = {
	    "POST", "/rxp/1/answers", TYPE, .body = octets, .body_len = len};
	struct wire_response response;

	need(exchange(a, &request, &response) == WIRE_NONE);
	wire_response_clear(&response);
}

/* --- a product that sends on a connection on which the suite breaks HTTP/2 ----------------------------- */

static void put_post(struct frames *f, uint32_t stream, const struct draft *d)
{
	static const struct frames_field fields[] = {{":method", 7, "POST", 4},
	    {":scheme", 7, "https", 5}, {":authority", 10, "localhost", 9},
	    {":path", 5, "/rxp/1/messages", 15}, {"content-type", 12, TYPE, sizeof TYPE - 1}};

	frames_put_headers(f, 0, stream, &(struct frames_section){.fields = fields, .n = 5});
	need(d->envelope.len <= FRAMES_PIECE); /* so that it goes whatever came */
	frames_put_frame(f, FRAME_DATA, FLAG_END_STREAM, stream, d->envelope.data, d->envelope.len);
	need(frames_flush(f, tls_now_ms() + SOON_MS) == WIRE_NONE);
}

/* The first message was answered behind a break. */
static struct frames *break_line(const struct actor *a, const struct draft *d)
{
	struct frames *f = NULL;
	int64_t deadline_ms = tls_now_ms() + SOON_MS;

	need(frames_new(&f) == WIRE_NONE);
	frames_put(f, PREFACE, sizeof PREFACE - 1);
	frames_put_frame(f, FRAME_SETTINGS, 0, 0, NULL, 0);
	need(frames_connect(f, &a->to, false, deadline_ms) == WIRE_NONE);
	put_post(f, 1, d);
	while (!frames_seen(f)->broken && !frames_stream(f, 1)->ended &&
	       frames_take(f, deadline_ms) == WIRE_NONE)
		;
	return f;
}

/* Another message had left before it saw the break. */
static void act_on_its_way(const struct actor *a)
{
	struct draft first, second;
	struct frames *f;

	make_message(&first, a, BASE_PING);
	make_message(&second, a, BASE_PING);
	f = break_line(a, &first);
	put_post(f, 3, &second);
	frames_cut(f, false);
	need(deliver(a, &second) == 200);
}

/* It goes on at once, on another connection, and ends the broken one a moment later. */
static void act_parting_late(const struct actor *a)
{
	struct wire_response response;
	struct draft first, second;
	struct frames *f;
	struct wire *w;

	make_message(&first, a, BASE_PING);
	make_message(&second, a, BASE_PING);
	f = break_line(a, &first);
	w = dial(a);
	wire_response_init(&response);
	need(wire_send(w, &second.request, &response) == WIRE_NONE);
	(void)poll(NULL, 0, 400);
	frames_cut(f, false);
	need(wire_receive(w) == WIRE_NONE);
}

/* It does not end it; and is right in the next case. */
static void act_standing(const struct actor *a)
{
	struct draft first, second;
	struct frames *f;

	make_message(&first, a, BASE_PING);
	make_message(&second, a, BASE_PING);
	f = break_line(a, &first);
	while (frames_take(f, tls_now_ms() + SOON_MS) == WIRE_NONE)
		;
	need(deliver(a, &second) == 200);
}

/* It goes on there although it must have seen it. */
static void act_on_broken(const struct actor *a)
{
	struct draft first, second;
	struct frames *f;

	make_message(&first, a, BASE_PING);
	make_message(&second, a, BASE_PING);
	f = break_line(a, &first);
	(void)poll(NULL, 0, 1300);
	put_post(f, 3, &second);
	frames_cut(f, false);
}

/* --- a product that fetches ---------------------------------------------------------------------------- */

static enum wire_end ask(const struct actor *a, const char *query, struct wire_response *response)
{
	char path[256];
	const struct wire_request request = {.method = "GET", .path = path};

	(void)snprintf(path, sizeof path, "/rxp/1/messages%s", query);
	return exchange(a, &request, response);
}

/* What it is given next; the caller clears it. */
static void fetch(const struct actor *a, struct wire_response *given)
{
	do
		need(ask(a, "?wait=5", given) == WIRE_NONE);
	while (given->status != 200);
}

static const struct retort busy = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy, NULL},
			   no_file = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_attachment, NULL};

/* Post its answer to an Envelope: a Receipt if retort is NULL. */
static void reply(
    const struct actor *a, const struct wire_response *given, const struct retort *retort)
{
	const struct guest_facts line = {.shaken = true};
	struct host_request r = {.line = &line, .method = "POST"};
	struct answering answer;
	struct heard *h;

	rxp_buf_init(&r.body, HOST_MAX_BODY);
	need(rxp_buf_put(&r.body, given->body.data, given->body.len) == 0);
	h = heard_new(&r, &a->w->back);
	need(h != NULL && h->stage == HEARD_OPENED);
	need(retort_make(&answer, &a->w->back, a->ledger, h, retort) == 0);
	post(a, answer.text.data, answer.text.len);
}

/* The attachment from an octet on: how many octets came; -1: not the status for that. */
static long fetch_file(const struct actor *a, const struct wire_response *given, size_t first)
{
	const struct guest_facts line = {.shaken = true};
	struct host_request r = {.line = &line, .method = "POST"};
	char path[128] = "/rxp/1/attachments/", range[32];
	const struct wire_request request = {
	    .method = "GET", .path = path, .fields = {{"range", range}}};
	struct wire_response response;
	struct heard *h;
	long n;

	rxp_buf_init(&r.body, HOST_MAX_BODY);
	need(rxp_buf_put(&r.body, given->body.data, given->body.len) == 0);
	h = heard_new(&r, &a->w->back);
	need(h != NULL && h->n_files == 1);
	rxp_hex_put(path + strlen(path), h->files[0].ciphertext_digest, RXP_DIGEST_OCTETS, false);
	(void)snprintf(range, sizeof range, "bytes=%zu-", first);
	need(exchange(a, &request, &response) == WIRE_NONE);
	n = response.status == 206 ? (long)response.body.len : -1;
	wire_response_clear(&response);
	return n;
}

/* It is busy at first, and then fetches the file in two parts. */
static void act_busy_then_parts(const struct actor *a)
{
	struct wire_response given;
	long all;

	fetch(a, &given);
	reply(a, &given, &busy);
	wire_response_clear(&given);
	fetch(a, &given);
	all = fetch_file(a, &given, 0);
	need(all > 100 && fetch_file(a, &given, 100) == all - 100);
	reply(a, &given, NULL);
}

static void act_busy_then_refuses(const struct actor *a)
{
	struct wire_response given;

	fetch(a, &given);
	reply(a, &given, &busy);
	wire_response_clear(&given);
	fetch(a, &given);
	need(fetch_file(a, &given, 0) == -1);
	reply(a, &given, &no_file);
}

static void act_without_file(const struct actor *a)
{
	struct wire_response given;

	fetch(a, &given);
	reply(a, &given, NULL);
}

static void act_refusing_unasked(const struct actor *a)
{
	struct wire_response given;

	fetch(a, &given);
	reply(a, &given, &no_file);
}

/* It comes when the case is over. */
static void act_seldom(const struct actor *a)
{
	(void)a;
	(void)poll(NULL, 0, 2 * WAIT_MS);
}

/* A Ping is receipted, and its Receipt comes back, or one that is not quite the same. */
static void fetch_back(const struct actor *a, struct wire_response *given)
{
	fetch(a, given);
	reply(a, given, NULL);
	wire_response_clear(given);
	fetch(a, given);
	need(memmem(given->body.data, given->body.len, "<Receipt", 8) != NULL);
}

/* It asks for the next message before it posts what it was given. */
static void act_asking_beside(const struct actor *a)
{
	const struct wire_request next = {.method = "GET", .path = "/rxp/1/messages?wait=5"};
	struct wire_response given, response;
	struct wire *w = dial(a);

	fetch_back(a, &given);
	wire_response_init(&response);
	need(wire_send(w, &next, &response) == WIRE_NONE);
	(void)poll(NULL, 0, 600);
	post(a, given.body.data, given.body.len);
	(void)wire_receive(w);
}

/* It asks for the next message before it has looked at what it was given, and says in the one after that it left that. */
static void act_leaving_later(const struct actor *a)
{
	char query[32 + RXP_DIGEST_HEX] = "?left=";
	struct wire_response given, response;
	uint8_t digest[RXP_DIGEST_OCTETS];

	fetch_back(a, &given);
	need(EVP_Digest(given.body.data, given.body.len, digest, NULL, EVP_sha256(), NULL) == 1);
	rxp_hex_put(query + strlen(query), digest, sizeof digest, false);
	need(ask(a, "?wait=5", &response) == WIRE_NONE);
	wire_response_clear(&response);
	(void)ask(a, query, &response);
}

static void act_leaving_silently(const struct actor *a)
{
	struct wire_response given;

	fetch_back(a, &given);
	for (;;) {
		wire_response_clear(&given);
		need(ask(a, "?wait=5", &given) == WIRE_NONE);
	}
}

/* --- a product that takes back what it sent ------------------------------------------------------------ */

static void make_void(struct draft *d, const struct actor *a, const struct draft *of)
{
	need(draft_begin(d, &a->w->back, BASE_PING, moment_now_ms()) == 0);
	(void)snprintf(d->header.type, sizeof d->header.type, "Void");
	rxp_buf_reset(&d->content);
	(void)rxp_buf_puts(&d->content, "<Void xmlns=\"urn:rxp:1:body\">");
	rxp_write_id(&d->content, "MessageId", of->header.outer.message_id);
	rxp_write_base64(&d->content, "Fingerprint", of->fingerprint, sizeof of->fingerprint);
	(void)rxp_buf_puts(&d->content, "</Void>");
	need(draft_make(d, NULL) == 0);
}

/* It tries an application often before somebody takes it back; after: also behind the Void. */
static void take_back(const struct actor *a, bool after)
{
	struct draft application, taker;

	make_message(&application, a, BASE_OPENS);
	make_void(&taker, a, &application);
	for (int i = 0; i < HEARD_TRIES + 4; i++)
		(void)deliver(a, &application);
	while (deliver(a, &taker) == 503) {
		(void)poll(NULL, 0, 300);
		if (after)
			(void)deliver(a, &application);
	}
}

static void act_taking_back_late(const struct actor *a)
{
	take_back(a, false);
}

static void act_sending_voided(const struct actor *a)
{
	take_back(a, true);
}

/* --- the suite ----------------------------------------------------------------------------------------- */

static pid_t begin_product(
    const struct world *w, const char *at, void (*act)(const struct actor *a))
{
	struct actor a = {.w = w};
	pid_t child = fork();

	if (child != 0)
		return child;
	(void)snprintf(a.endpoint, sizeof a.endpoint, "https://%s", at);
	keypair_pin(&w->own->tls, a.pin[0]);
	a.to = (struct wire_target){.endpoint = a.endpoint,
	    .pins = (const uint8_t(*)[32])a.pin,
	    .n_pins = 1,
	    .own = &w->other->tls,
	    .wait_ms = SOON_MS};
	need(ledger_open(&a.ledger, w->folder, "QRA", "QMA") == 0);
	act(&a);
	_exit(0);
}

/* What the cases come to with that product, one behind the other; ids up to NULL. */
static void play(struct world *w, void (*act)(const struct actor *a), const char *const ids[],
    const enum verdict verdicts[])
{
	struct target target = {
	    .parties = &w->parties, .own = w->own, .dir = w->folder, .wait_ms = WAIT_MS};
	struct sender s = {
	    .target = &target, .own = w->own, .dir = w->folder, .trigger = "true", .refuses = true};
	char at[TLS_AUTHORITY];
	pid_t child;

	(void)world_address(at);
	assert_int_equal(sender_open(&s, at), WIRE_NONE);
	child = begin_product(w, at, act);
	for (size_t n = 0; ids[n] != NULL; n++) {
		struct outcome o;
		size_t i;
		const struct plan *plan = plan_find(ids[n], &i);

		assert_non_null(plan);
		plan->run(&o, i, &target);
		if (o.verdict != verdicts[n])
			fail_msg("%s comes to %s: %s", ids[n], verdict_word(o.verdict), o.why);
		outcome_clear(&o);
	}
	sender_close(&s);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	world_forget(w);
}

#define PLAYED(name, act, id, end) \
	static void name(void **state) \
	{ \
		play(*state, act, (const char *const[]){id, NULL}, \
		    (const enum verdict[]){VERDICT_##end}); \
	}
PLAYED(test_on_its_way, act_on_its_way, "HTTP-011.S.n1", PASS)
PLAYED(test_parting_late, act_parting_late, "HTTP-011.S.n1", PASS)
PLAYED(test_on_broken, act_on_broken, "HTTP-011.S.n1", FAIL)
PLAYED(test_busy_then_parts, act_busy_then_parts, "PUL-007.S.p1", PASS)
PLAYED(test_busy_then_refuses, act_busy_then_refuses, "PUL-007.S.n1", PASS)
PLAYED(test_without_file, act_without_file, "PUL-007.S.p1", FAIL)
PLAYED(test_refusing_unasked, act_refusing_unasked, "PUL-007.S.n1", FAIL)
PLAYED(test_seldom, act_seldom, "PUL-007.S.p1", INCOMPLETE)
PLAYED(test_asking_beside, act_asking_beside, "PUL-013.S.p1", PASS)
PLAYED(test_leaving_later, act_leaving_later, "PUL-013.S.n1", PASS)
PLAYED(test_leaving_silently, act_leaving_silently, "PUL-013.S.n1", FAIL)
PLAYED(test_posting_nothing, act_leaving_silently, "PUL-013.S.p1", FAIL)
PLAYED(test_taking_back_late, act_taking_back_late, "VOI-001.S.n2", PASS)
PLAYED(test_sending_voided, act_sending_voided, "VOI-001.S.n2", FAIL)

static void test_standing(void **state)
{
	play(*state, act_standing, (const char *const[]){"HTTP-011.S.n1", "ANS-019.S.p1", NULL},
	    (const enum verdict[]){VERDICT_FAIL, VERDICT_PASS});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_on_its_way),
	    cmocka_unit_test(test_parting_late),
	    cmocka_unit_test(test_standing),
	    cmocka_unit_test(test_on_broken),
	    cmocka_unit_test(test_busy_then_parts),
	    cmocka_unit_test(test_busy_then_refuses),
	    cmocka_unit_test(test_without_file),
	    cmocka_unit_test(test_refusing_unasked),
	    cmocka_unit_test(test_seldom),
	    cmocka_unit_test(test_asking_beside),
	    cmocka_unit_test(test_leaving_later),
	    cmocka_unit_test(test_leaving_silently),
	    cmocka_unit_test(test_posting_nothing),
	    cmocka_unit_test(test_taking_back_late),
	    cmocka_unit_test(test_sending_voided),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as the suite does: the other end may be gone */
	return cmocka_run_group_tests(tests, world_make, world_end);
}
