/*
 * Goal: two gateways on loopback, each with a registry that the test plays.
 *  - an envelope arrives whole, under the party of the key, and its answer comes back; both ways
 *  - every way in which a delivery cannot be made has its own outcome and text
 *  - where no connection comes about by one endpoint of a party, the next is tried (RXP-DSC-048)
 *  - pins rule: replaced pins end a connection; a peer that was restarted is found again
 *  - drain finishes what is open and ends with status 0
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_rig.h"

#include <signal.h>
#include <stdlib.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"

struct pair {
	struct rig rig;
	struct node a, b;
};

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	signal(SIGPIPE, SIG_IGN);
	rig_init(&p->rig);
	node_init(&p->a, &p->rig, "QRA");
	node_init(&p->b, &p->rig, "QRB");
	nodes_introduce(&p->a, &p->b);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	node_end(&p->a);
	node_end(&p->b);
	rig_end(&p->rig);
	free(p);
	return 0;
}

static void assert_delivered(const struct node *from, const struct node *to)
{
	assert_int_equal(from->delivery.outcome, 0);
	assert_int_equal(from->delivery.http_status, 200);
	assert_string_equal(from->answer, RIG_ANSWER);
	assert_string_equal(from->delivery.transport, "");
	assert_string_equal(to->admit_party, from->party);
	assert_true(from->delivery.started_ms > 0);
	assert_true(from->delivery.started_ms <= from->delivery.sent_ms);
	assert_true(from->delivery.sent_ms <= from->delivery.answered_ms);
	assert_true(from->delivery.started_ms <= to->received_ms);
	assert_true(to->received_ms <= from->delivery.answered_ms);
}

static void assert_failed(const struct node *n, int outcome, const char *why)
{
	assert_string_equal(n->delivery.transport, why);
	assert_int_equal((int32_t)n->delivery.outcome, outcome);
	assert_int_equal(n->delivery.answer.len, 0);
}

static void both_ways(void **state)
{
	struct pair *p = *state;

	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_delivered(&p->a, &p->b);
	assert_int_equal(p->b.admit_len, strlen("<Envelope/>"));
	/* Who called says nothing of who answers at its address. */
	assert_true(p->a.reached);
	assert_false(p->b.reached);
	node_exchange(&p->b, "QRA", "<Envelope/>");
	assert_delivered(&p->b, &p->a);
	/* One contact for each connection, told to both ends. */
	assert_int_equal(p->a.contacts, 2);
	assert_int_equal(p->b.contacts, 2);
	assert_string_equal(p->a.contact, "QRB");
	/* With the end of the certificate that the other side showed (RXP-DSC-041). */
	assert_true(p->a.contact_until_ms == exchange_until_ms(p->b.x));
	assert_true(p->b.contact_until_ms == exchange_until_ms(p->a.x));
	assert_true(p->a.contact_until_ms > 0);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_int_equal(p->b.contacts, 2);
}

static void largest_envelope(void **state)
{
	struct pair *p = *state;
	uint8_t *octets = malloc(RXP_MAX_ENVELOPE_OCTETS + 1);

	assert_non_null(octets);
	memset(octets, 'x', RXP_MAX_ENVELOPE_OCTETS + 1);
	octets[RXP_MAX_ENVELOPE_OCTETS - 1] = 'y';
	node_deliver(&p->a, "QRB", octets, RXP_MAX_ENVELOPE_OCTETS);
	rig_until(&p->rig, p->a.deliveries == 1);
	assert_delivered(&p->a, &p->b);
	assert_int_equal(p->b.admit_len, RXP_MAX_ENVELOPE_OCTETS);
	assert_int_equal(p->b.admit_first, 'x');
	assert_int_equal(p->b.admit_last, 'y');
	node_deliver(&p->a, "QRB", octets, RXP_MAX_ENVELOPE_OCTETS + 1);
	rig_until(&p->rig, p->a.deliveries == 2);
	assert_int_equal(p->a.delivery.outcome, 0);
	assert_int_equal(p->a.delivery.http_status, 413);
	assert_int_equal(p->a.delivery.answer.len, 0);
	assert_int_equal(p->b.admits, 1);
	free(octets);
}

static void many_at_once(void **state)
{
	struct pair *p = *state;
	unsigned i;

	for (i = 0; i < 100; i++)
		node_deliver(&p->a, "QRB", "<Envelope/>", 11);
	rig_until(&p->rig, p->a.deliveries == 100);
	assert_int_equal(p->a.failures, 0);
	assert_int_equal(p->b.admits, 100);
	assert_int_equal(p->b.contacts, 1);
	assert_delivered(&p->a, &p->b);
}

/* More octets than any buffer on the way takes at once. */
static void many_large_at_once(void **state)
{
	struct pair *p = *state;
	uint8_t *octets = calloc(1, RXP_MAX_ENVELOPE_OCTETS);
	unsigned i;

	assert_non_null(octets);
	for (i = 0; i < 100; i++)
		node_deliver(&p->a, "QRB", octets, RXP_MAX_ENVELOPE_OCTETS);
	rig_until(&p->rig, p->a.deliveries == 100);
	assert_int_equal(p->a.failures, 0);
	assert_int_equal(p->b.admits, 100);
	assert_int_equal(p->b.contacts, 1);
	assert_delivered(&p->a, &p->b);
	free(octets);
}

static void unreachable_peers(void **state)
{
	struct pair *p = *state;
	struct rig_key other = rig_key_new();
	struct node c;

	node_exchange(&p->a, "QRC", "<Envelope/>");
	assert_failed(&p->a, RXP_ERR_NOT_FOUND, "no endpoint");
	assert_int_equal(p->a.delivery.started_ms, 0);
	/* Another key than the pinned one answers. */
	node_pins(&p->a, (struct pin_row[]){{"QRB", &other, p->b.port}}, 1);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_failed(&p->a, RXP_ERR_PEER, "pin does not match");
	/* The key is known, and another party's. */
	node_pins(&p->a,
	    (struct pin_row[]){{"QRB", &other, p->b.port}, {"QRC", &p->b.key, p->b.port}}, 2);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_failed(&p->a, RXP_ERR_PEER, "pin does not match");
	/* The peer does not know us: in TLS 1.3 we learn it after our handshake. */
	node_init(&c, &p->rig, "QRC");
	node_pins(&c, (struct pin_row[]){{"QRB", &p->b.key, p->b.port}}, 1);
	node_exchange(&c, "QRB", "<Envelope/>");
	assert_failed(
	    &c, RXP_ERR_PEER, "certificate refused by the peer: it may not have added you yet");
	assert_int_equal(c.contacts, 0);
	node_end(&c);
	/* Nobody listens. */
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, 1}}, 1);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_failed(&p->a, RXP_ERR_IO, "connection refused");
	assert_int_equal(p->b.admits, 0);
	rig_key_free(&other);
}

static void second_endpoint(void **state)
{
	struct pair *p = *state;

	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, 1}, {"QRB", NULL, p->b.port}}, 2);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_delivered(&p->a, &p->b);
}

static void pins_replaced(void **state)
{
	struct pair *p = *state;
	struct rig_key next = rig_key_new();

	node_exchange(&p->a, "QRB", "<Envelope/>");
	/* A's key is no longer known to B while one of A's requests is under way. */
	p->b.hold = true;
	node_deliver(&p->a, "QRB", "<Envelope/>", 11);
	rig_until(&p->rig, p->b.n_admit == 1);
	node_pins(&p->b, (struct pin_row[]){{"QRA", &next, p->a.port}}, 1);
	rig_until(&p->rig, p->a.deliveries == 2);
	assert_failed(&p->a, RXP_ERR_CLOSED, "closed before the answer");
	node_answer(&p->b, p->b.admit[0]);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_failed(
	    &p->a, RXP_ERR_PEER, "certificate refused by the peer: it may not have added you yet");
	/* Its valid twin: with the old pin beside the new one nothing is closed. */
	p->b.hold = false;
	node_pins(&p->b, (struct pin_row[]){{"QRA", &next, 0}, {"QRA", &p->a.key, 0}}, 2);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_delivered(&p->a, &p->b);
	node_pins(&p->b, (struct pin_row[]){{"QRA", &p->a.key, 0}}, 1);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_delivered(&p->a, &p->b);
	assert_int_equal(p->b.contacts, 2);
	rig_key_free(&next);
}

static void pin_of_two_parties(void **state)
{
	struct pair *p = *state;

	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, 0}, {"QRC", &p->b.key, 0}}, 2);
	assert_true(p->a.ended);
	assert_int_equal(p->a.status, EXIT_FAILURE);
}

static void peer_restarts(void **state)
{
	struct pair *p = *state;

	node_exchange(&p->a, "QRB", "<Envelope/>");
	node_down(&p->b);
	node_up(&p->b);
	node_pins(&p->b, (struct pin_row[]){{"QRA", &p->a.key, 0}}, 1);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_delivered(&p->a, &p->b);
	assert_int_equal(p->a.contacts, 2);
}

static void drain(void **state)
{
	struct pair *p = *state;

	p->b.hold = true;
	node_deliver(&p->a, "QRB", "<Envelope/>", 11);
	rig_until(&p->rig, p->b.n_admit == 1);
	exchange_drain(p->b.x, RIG_WAIT_MS);
	rig_settle(&p->rig);
	assert_false(p->b.ended);
	/* A connection that is asked for now is not taken, and does not cost the one under way. */
	node_deliver(&p->b, "QRA", "<Envelope/>", 11);
	rig_until(&p->rig, p->b.deliveries == 1);
	assert_failed(&p->b, RXP_ERR_CLOSED, "this node is ending");
	node_answer(&p->b, p->b.admit[0]);
	rig_until(&p->rig, p->a.deliveries == 1);
	assert_delivered(&p->a, &p->b);
	rig_until(&p->rig, p->b.ended);
	assert_int_equal(p->b.status, 0);
}

static void drain_deadline(void **state)
{
	struct pair *p = *state;

	p->b.hold = true;
	node_deliver(&p->a, "QRB", "<Envelope/>", 11);
	rig_until(&p->rig, p->b.n_admit == 1);
	exchange_drain(p->b.x, 50);
	rig_until(&p->rig, p->b.ended);
	assert_int_equal(p->b.status, 0);
	rig_until(&p->rig, p->a.deliveries == 1);
	assert_failed(&p->a, RXP_ERR_CLOSED, "closed before the answer");
}

static void answer_in_time(void **state)
{
	struct pair *p = *state;

	node_down(&p->a);
	p->a.times.answer_ms = 1000;
	node_up(&p->a);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, p->b.port}}, 1);
	p->b.hold = true;
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_failed(&p->a, RXP_ERR_PEER, "no answer in time");
	assert_true(p->a.delivery.sent_ms > 0);
	/* The connection is still good, and the late answer meets nobody. */
	node_answer(&p->b, p->b.admit[0]);
	p->b.hold = false;
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_delivered(&p->a, &p->b);
	assert_int_equal(p->b.contacts, 1);
}

/* Two messages close behind each other go over one connection, which is closed when it has been idle. */
static void idle_connection(void **state)
{
	enum { IDLE_MS = 50 };
	struct pair *p = *state;
	unsigned contacts;
	int64_t began_ms;

	node_down(&p->a);
	p->a.times.idle_ms = IDLE_MS;
	node_up(&p->a);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, p->b.port}}, 1);
	for (
	    int tries = 0;;
	    tries++) { /* a machine that is busy may take longer for the second than a connection is idle */
		assert_in_range(tries, 0, 200);
		node_exchange(&p->a, "QRB", "<Envelope/>");
		contacts = p->a.contacts;
		began_ms = clock_mono_ms();
		node_exchange(&p->a, "QRB", "<Envelope/>");
		if (clock_mono_ms() - began_ms < IDLE_MS / 2)
			break;
	}
	assert_int_equal(p->a.contacts, contacts);
	rig_until(&p->rig, (node_exchange(&p->a, "QRB", "<Envelope/>"), rig_settle(&p->rig),
			       rig_settle(&p->rig), rig_settle(&p->rig), p->a.contacts > contacts));
	assert_delivered(&p->a, &p->b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(both_ways),
	    TEST(largest_envelope),
	    TEST(many_at_once),
	    TEST(many_large_at_once),
	    TEST(unreachable_peers),
	    TEST(second_endpoint),
	    TEST(pins_replaced),
	    TEST(pin_of_two_parties),
	    TEST(peer_restarts),
	    TEST(drain),
	    TEST(drain_deadline),
	    TEST(answer_in_time),
	    TEST(idle_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
