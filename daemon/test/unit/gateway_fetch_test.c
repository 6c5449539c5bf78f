/*
 * Goal: a peer's descriptor, asked for by the gateway (RXP-HTTP-003).
 *  - between two gateways: the octets that the other's registry gave, as large as they may be
 *  - whatever a server answers, a question has one outcome; only status 200 under the content type of RXP
 *    is a descriptor, and nothing beyond the bound
 *  - without a connection the outcome says why
 *  - a server whose key is another is asked for it all the same, once, and sent nothing else (RXP-DSC-032); not one of a
 *    party that is not trusted
 *  - who comes with a key that its party lists no more gets it, and nothing else (RXP-DSC-031); its connection ends when the
 *    party is no longer trusted, and one under a pin that is no longer listed ends at once (RXP-DSC-030)
 *  - a peer that refuses our key and knows the former one is asked under that, and told our descriptor if its own key is
 *    known, and nothing else; not if no part of ours lists it any more, and not once it is taken (RXP-DSC-047)
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_raw.h"

#include <signal.h>
#include <stdlib.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))

struct fixture {
	struct rig rig;
	struct node a, b;
	unsigned fetched;
	struct msg_descriptor_fetched last; /* octets.data is not kept */
	uint8_t first, final; /* of the octets */
	unsigned posted, heard; /* outcomes at QRA; descriptors at QRB */
	struct msg_posted post;
	struct raw raw;
};

static void more(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;
	struct fixture *f = (struct fixture *)(void *)((char *)n - offsetof(struct fixture, a));

	(void)l;
	if (m->type == IPC_posted) {
		f->posted++;
		memcpy(&f->post, m->body, sizeof f->post);
		return;
	}
	assert_int_equal(m->type, IPC_descriptor_fetched);
	memcpy(&f->last, m->body, sizeof f->last);
	f->fetched++;
	if (f->last.octets.len > 0) {
		f->first = f->last.octets.data[0];
		f->final = f->last.octets.data[f->last.octets.len - 1];
	}
}

/* QRB's registry hears our descriptor. */
static void hear(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_descriptor_taken taken = {.http_status = 204};
	const struct msg_descriptor_posted *posted = m->body;
	struct node *n = arg;
	struct fixture *f = (struct fixture *)(void *)((char *)n - offsetof(struct fixture, b));

	assert_int_equal(m->type, IPC_descriptor_posted);
	assert_string_equal(posted->party, "QRA");
	assert_int_equal(posted->octets.len, 5);
	assert_memory_equal(posted->octets.data, "<Me/>", 5);
	f->heard++;
	assert_int_equal(link_answer(l, IPC_descriptor_taken, m->request, &taken, NULL, 0), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	signal(SIGPIPE, SIG_IGN);
	rig_init(&f->rig);
	node_init(&f->a, &f->rig, "QRA");
	node_init(&f->b, &f->rig, "QRB");
	nodes_introduce(&f->a, &f->b);
	f->a.more = more;
	f->b.more = hear;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	node_end(&f->a);
	node_end(&f->b);
	rig_end(&f->rig);
	free(f);
	return 0;
}

static void ask(struct fixture *f)
{
	const struct msg_fetch_descriptor m = {.peer = "QRB"};

	assert_int_equal(link_request(f->a.link, IPC_fetch_descriptor, &m, NULL, 0, NULL), 0);
}

static void assert_outcome(
    struct fixture *f, unsigned n, int outcome, unsigned status, const char *why, size_t len)
{
	rig_until(&f->rig, f->fetched == n);
	assert_string_equal(f->last.transport, why);
	assert_int_equal((int32_t)f->last.outcome, outcome);
	assert_int_equal(f->last.http_status, status);
	assert_int_equal(f->last.octets.len, len);
}

static void between_two(void **state)
{
	struct fixture *f = *state;
	uint8_t *octets = calloc(1, RXP_MAX_DESCRIPTOR_OCTETS);
	struct msg_own_descriptor own = {.octets = {octets, RXP_MAX_DESCRIPTOR_OCTETS}};

	octets[0] = '<';
	octets[RXP_MAX_DESCRIPTOR_OCTETS - 1] = '>';
	ask(f);
	assert_outcome(f, 1, 0, 503, "", 0); /* it has none yet */
	assert_int_equal(link_request(f->b.link, IPC_own_descriptor, &own, NULL, 0, NULL), 0);
	rig_settle(&f->rig);
	ask(f);
	assert_outcome(f, 2, 0, 200, "", RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(f->first, '<');
	assert_int_equal(f->final, '>');
	/* On the connection of the messages. */
	node_exchange(&f->a, "QRB", "<Envelope/>");
	assert_int_equal(f->a.contacts, 1);
	free(octets);
}

static void unreachable(void **state)
{
	struct fixture *f = *state;

	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, 1}}, 1);
	ask(f);
	assert_outcome(f, 1, RXP_ERR_IO, 0, "connection refused", 0);
	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, 0}}, 1);
	ask(f);
	assert_outcome(f, 2, RXP_ERR_NOT_FOUND, 0, "no endpoint", 0);
}

static void give_descriptor(struct fixture *f)
{
	struct msg_own_descriptor own = {.octets = {(const uint8_t *)"<D/>", 4}};

	assert_int_equal(link_request(f->b.link, IPC_own_descriptor, &own, NULL, 0, NULL), 0);
	rig_settle(&f->rig);
}

static void another_key(void **state)
{
	struct fixture *f = *state;
	struct rig_key other;

	other = rig_key_new();
	give_descriptor(f);
	node_pins(&f->a, (struct pin_row[]){{"QRB", &other, f->b.port}}, 1);
	ask(f);
	assert_outcome(f, 1, 0, 200, "", 4);
	ask(f);
	assert_outcome(f, 2, 0, 200, "", 4);
	assert_int_equal(f->a.contacts, 0);
	node_exchange(&f->a, "QRB", "<Envelope/>");
	assert_string_equal(f->a.delivery.transport, "pin does not match");
	rig_until(&f->rig, f->a.unknown > 0);
	assert_string_equal(f->a.unknown_of, "QRB"); /* RXP-DSC-036 */
	/* Of a party without a pin nothing is asked. */
	node_pins(&f->a, (struct pin_row[]){{"QRB", NULL, f->b.port}}, 1);
	ask(f);
	rig_until(&f->rig, f->fetched == 3);
	assert_int_equal(f->last.octets.len, 0);
	rig_key_free(&other);
}

/* Somebody connects with a key of nobody: it is told; and of so many more in that minute, that they came. */
static void a_key_of_nobody(void **state)
{
	struct fixture *f = *state;
	static const uint8_t nobody[sizeof f->b.unknown_pin];
	unsigned knocked;

	node_pins(&f->b, NULL, 0);
	for (unsigned i = 0; i < 4; i++)
		node_exchange(&f->a, "QRB", "<Envelope/>");
	assert_int_not_equal(f->a.delivery.outcome, 0);
	rig_until(&f->rig, f->b.unknown > 0);
	assert_string_equal(f->b.unknown_of, "");
	assert_memory_equal(f->b.unknown_pin, f->a.key.digest, sizeof f->b.unknown_pin);
	assert_int_equal(f->a.unknown, 0);
	do {
		assert_memory_equal(f->b.unknown_pin, f->a.key.digest, sizeof f->b.unknown_pin);
		knocked = f->b.unknown;
		assert_true(knocked <= 60);
		node_exchange(&f->a, "QRB", "<Envelope/>");
		rig_settle(&f->rig);
	} while (memcmp(f->b.unknown_pin, nobody, sizeof nobody) != 0);
	assert_int_equal(f->b.unknown, 61);
	node_exchange(&f->a, "QRB", "<Envelope/>");
	rig_settle(&f->rig);
	assert_int_equal(f->b.unknown, 61);
}

static void a_former_key(void **state)
{
	struct fixture *f = *state;
	struct rig_key next;

	next = rig_key_new();
	give_descriptor(f);
	node_exchange(&f->a, "QRB", "<Envelope/>");
	assert_int_equal(f->a.delivery.outcome, 0);
	node_pins(&f->b,
	    (struct pin_row[]){{"QRA", &next, f->a.port}, {"QRA", &f->a.key, RIG_FORMER}}, 2);
	ask(f);
	assert_outcome(f, 1, 0, 200, "", 4);
	node_exchange(&f->a, "QRB", "<Envelope/>");
	assert_int_equal(f->a.delivery.http_status, 403);
	node_pins(&f->b, NULL, 0);
	ask(f);
	rig_until(&f->rig, f->fetched == 2);
	assert_int_equal(f->last.octets.len, 0);
	rig_key_free(&next);
}

/* QRA has another key now, and the one before beside it, which QRB knows alone. listed: by QRA's identity part. */
static void changes_key(struct fixture *f, bool listed)
{
	struct rig_key known = f->a.key;
	uint8_t pins[2][32];

	node_down(&f->a);
	f->a.former = known;
	f->a.key = rig_key_new();
	node_up(&f->a);
	memcpy(pins[0], f->a.key.digest, sizeof pins[0]);
	memcpy(pins[1], known.digest, sizeof pins[1]);
	exchange_own_pins(f->a.x, (struct bytes){pins[0], listed ? sizeof pins : sizeof pins[0]});
	node_pins(&f->b, (struct pin_row[]){{"QRA", &known, f->a.port}}, 1);
}

static void tell(struct fixture *f)
{
	const struct msg_post m = {
	    .peer = "QRB", .what = IPC_POST_DESCRIPTOR, .octets = {(const uint8_t *)"<Me/>", 5}};
	unsigned before = f->posted;

	assert_int_equal(link_request(f->a.link, IPC_post, &m, NULL, 0, NULL), 0);
	rig_until(&f->rig, f->posted == before + 1);
}

static void under_our_former_key(void **state)
{
	struct fixture *f = *state;
	struct rig_key other = rig_key_new();

	give_descriptor(f);
	changes_key(f, true);
	/* Its key is not known here either. */
	node_pins(&f->a, (struct pin_row[]){{"QRB", &other, f->b.port}}, 1);
	ask(f);
	assert_outcome(f, 1, 0, 200, "", 4);
	tell(f);
	assert_string_equal(f->post.transport, "pin does not match");
	assert_int_equal(f->heard, 0);
	/* It is by now. */
	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, f->b.port}}, 1);
	ask(f);
	assert_outcome(f, 2, 0, 200, "", 4);
	tell(f);
	assert_int_equal(f->post.http_status, 204);
	assert_int_equal(f->heard, 1);
	node_exchange(&f->a, "QRB", "<Envelope/>");
	assert_int_equal(f->b.admits, 0);
	assert_string_equal(f->a.delivery.transport,
	    "certificate refused by the peer: it may not have added you yet");
	assert_int_equal(f->a.contacts, 0); /* nobody is told that more would go */
	rig_key_free(&other);
}

static void under_a_key_that_no_part_lists(void **state)
{
	struct fixture *f = *state;

	give_descriptor(f);
	changes_key(f, false);
	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, f->b.port}}, 1);
	ask(f);
	assert_outcome(f, 1, RXP_ERR_PEER, 0,
	    "certificate refused by the peer: it may not have added you yet", 0);
	tell(f);
	assert_int_equal(f->heard, 0);
}

/* A peer that takes us is not asked twice, whatever becomes of the connection. */
static void once_it_is_taken(void **state)
{
	struct fixture *f = *state;
	struct node other = {.listener = -1};
	struct raw *w = &f->raw;
	char preface[sizeof RAW_PREFACE - 1];

	changes_key(f, true);
	node_listen(&other);
	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, other.port}}, 1);
	ask(f);
	assert_true(
	    raw_accept(w, &f->rig, other.listener, &(struct raw_options){.key = &f->b.key}));
	rig_until(&f->rig, SSL_peek(w->ssl, preface, 1) == 1);
	assert_int_equal(SSL_read(w->ssl, preface, sizeof preface), sizeof preface);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
	until(w, w->requests == 1);
	raw_end(w);
	assert_outcome(f, 1, RXP_ERR_CLOSED, 0, "closed before the answer", 0);
	assert_true(accept(other.listener, NULL, NULL) < 0);
	close(other.listener);
}

/* One that cuts us off without a word may not know our key; what it gets under the former one a stranger in its place does not. */
static void without_a_word(void **state)
{
	struct fixture *f = *state;
	struct rig_key other = rig_key_new();
	struct node there = {.listener = -1};
	struct raw *w = &f->raw;
	const struct msg_post m = {
	    .peer = "QRB", .what = IPC_POST_DESCRIPTOR, .octets = {(const uint8_t *)"<Me/>", 5}};

	changes_key(f, true);
	node_listen(&there);
	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, there.port}}, 1);
	assert_int_equal(link_request(f->a.link, IPC_post, &m, NULL, 0, NULL), 0);
	assert_true(
	    raw_accept(w, &f->rig, there.listener, &(struct raw_options){.key = &f->b.key}));
	raw_end(w);
	(void)raw_accept(w, &f->rig, there.listener, &(struct raw_options){.key = &other});
	rig_until(&f->rig, f->posted == 1);
	assert_string_equal(f->post.transport, "pin does not match");
	raw_end(w);
	close(there.listener);
	rig_key_free(&other);
}

#define FRAME 16384

static void odd_answers(void **state)
{
	static const struct {
		const char *status, *type;
		size_t frames;
		int outcome;
		unsigned http_status;
		const char *why;
		size_t len;
	} rows[] = {
	    {"200", RAW_TYPE, 1, 0, 200, "", FRAME},
	    {"200", RAW_TYPE, 17, RXP_ERR_BOUND, 200, "answer too large", 0},
	    {"200", "text/html", 1, RXP_ERR_PEER, 200, "not an RXP answer", 0},
	    {"200", NULL, 1, RXP_ERR_PEER, 200, "not an RXP answer", 0},
	    {"302", NULL, 1, RXP_ERR_PEER, 302, "redirected", 0},
	    {"404", "text/html", 1, 0, 404, "", 0},
	    {"503", RAW_TYPE, 1, 0, 503, "", 0},
	};
	static const uint8_t page[FRAME];
	struct fixture *f = *state;
	struct node other = {.listener = -1};
	struct raw *w = &f->raw;
	char preface[sizeof RAW_PREFACE - 1];

	node_listen(&other);
	node_pins(&f->a, (struct pin_row[]){{"QRB", &f->b.key, other.port}}, 1);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask(f);
		if (i == 0) {
			assert_true(raw_accept(
			    w, &f->rig, other.listener, &(struct raw_options){.key = &f->b.key}));
			rig_until(&f->rig, SSL_peek(w->ssl, preface, 1) == 1);
			assert_int_equal(SSL_read(w->ssl, preface, sizeof preface), sizeof preface);
			raw_frame(w, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
		}
		until(w, w->requests == i + 1);
		raw_headers(w, 0, w->last_stream,
		    (struct raw_field[]){{":status", rows[i].status},
			{rows[i].type != NULL ? "content-type" : NULL, rows[i].type},
			{NULL, NULL}});
		for (size_t n = 1; n <= rows[i].frames; n++) {
			raw_frame(w, NGHTTP2_DATA,
			    n == rows[i].frames ? NGHTTP2_FLAG_END_STREAM : 0, w->last_stream, page,
			    sizeof page);
			rig_turn(&f->rig); /* the windows open */
			raw_poll(w);
		}
		assert_outcome(
		    f, i + 1, rows[i].outcome, rows[i].http_status, rows[i].why, rows[i].len);
	}
	raw_end(w);
	close(other.listener);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(between_two),
	    TEST(unreachable),
	    TEST(another_key),
	    TEST(a_key_of_nobody),
	    TEST(a_former_key),
	    TEST(under_our_former_key),
	    TEST(under_a_key_that_no_part_lists),
	    TEST(once_it_is_taken),
	    TEST(without_a_word),
	    TEST(odd_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
