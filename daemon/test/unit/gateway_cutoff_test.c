/*
 * Goal: a pin that is no longer listed, or a party that is no longer trusted, cuts off what stands on it within a second
 * (RXP-DSC-030), whoever opened the connection, whichever side hears of it, and whatever is under way: nothing, a message
 * that waits for its answer, an attachment in the midst of its octets, a request that waits for a message. The other side
 * goes on as after any cut, and what has its pin goes on under the new one alone.
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_shelf.h"

#define CUT_MS 1000

static struct told {
	unsigned pickups, polls;
	struct msg_polled polled; /* envelope.data is not kept */
	link_handler *a_more, *b_more;
} told;

static void a_more(void *arg, struct link *l, const struct link_message *m)
{
	if (m->type == IPC_pickup)
		told.pickups++; /* and it waits */
	else
		told.a_more(arg, l, m);
}

static void b_more(void *arg, struct link *l, const struct link_message *m)
{
	if (m->type != IPC_polled) {
		told.b_more(arg, l, m);
		return;
	}
	told.polls++;
	told.polled = *(const struct msg_polled *)m->body;
}

/* --- what is under way --------------------------------------------------------------------------- */

static void begin_message(struct pair *p)
{
	p->b.hold = true;
	node_deliver(&p->a, "QRB", "<Envelope/>", 11);
	rig_until(&p->rig, p->b.admits == 1);
}

static bool message_over(struct pair *p)
{
	return p->a.deliveries == 1 && p->a.delivery.outcome != 0;
}

static void begin_file(struct pair *p)
{
	pair_file(p, 48 * MIB);
	pair_upload(p);
	rig_until(&p->rig, shelf_size(p->shelf.fd) > 0);
}

/* Both sides have heard of it, and what has come is kept. */
static bool file_over(struct pair *p)
{
	return p->uploads == 1 && p->uploaded.outcome != 0 && p->shelf.ends == 1 &&
	       p->shelf.held < p->length;
}

static void begin_poll(struct pair *p)
{
	struct msg_poll m = {.peer = "QRA"};

	assert_int_equal(link_request(p->b.link, IPC_poll, &m, NULL, 0, NULL), 0);
	rig_until(&p->rig, told.pickups == 1);
}

static bool poll_over(struct pair *p)
{
	(void)p;
	return told.polls == 1 && told.polled.outcome != 0;
}

/* A connection that is open and has nothing to do; B's server, and a client under A's key. */
static void begin_idle(struct pair *p)
{
	assert_true(raw_connect(&p->raw, &p->b, &(struct raw_options){.key = &p->a.key}));
	rig_until(&p->rig, p->b.contacts == 1);
}

static bool idle_over(struct pair *p)
{
	raw_poll(&p->raw);
	return p->raw.closed;
}

enum why { PIN_LEFT_OUT, PIN_FORMER, PARTY_DISTRUSTED, WHYS };

static const struct traffic {
	void (*begin)(struct pair *p);
	bool (*over)(struct pair *p);
	bool one_side; /* B alone is a node */
} traffics[] = {
    {begin_message, message_over, false},
    {begin_file, file_over, false},
    {begin_poll, poll_over, false},
    {begin_idle, idle_over, true},
};

/* --- the cut ----------------------------------------------------------------------------------------- */

/* The node hears of the other one. */
static void hear(struct node *n, const struct node *other, const struct rig_key *next, enum why why)
{
	const struct pin_row rows[] = {
	    {other->party, next, other->port}, {other->party, &other->key, RIG_FORMER}};
	const size_t n_rows[WHYS] = {[PIN_LEFT_OUT] = 1, [PIN_FORMER] = 2};

	node_pins(n, rows, n_rows[why]);
}

static void cut(const struct traffic *t, bool at_b, enum why why)
{
	struct rig_key next = rig_key_new();
	struct pair *p;
	void *state;
	int64_t began;

	assert_int_equal(pair_setup(&state), 0);
	p = state;
	told = (struct told){.a_more = p->a.more, .b_more = p->b.more};
	p->a.more = a_more;
	p->b.more = b_more;
	t->begin(p);
	began = clock_mono_ms();
	hear(at_b ? &p->b : &p->a, at_b ? &p->a : &p->b, &next, why);
	rig_until(&p->rig, t->over(p));
	assert_in_range(clock_mono_ms() - began, 0, CUT_MS);
	if (p->raw.fd > 0)
		raw_end(&p->raw);
	rig_key_free(&next);
	pair_teardown(&state);
}

static void closed_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof traffics / sizeof traffics[0]; i++)
		for (int why = 0; why < WHYS; why++) {
			cut(&traffics[i], true, (enum why)why);
			if (!traffics[i].one_side)
				cut(&traffics[i], false, (enum why)why);
		}
}

/* Its twin: news that leave the pin as it was cut nothing off. */
static void others_stay(void **state)
{
	struct rig_key other = rig_key_new();
	struct pair *p;
	void *set;

	(void)state;
	assert_int_equal(pair_setup(&set), 0);
	p = set;
	told = (struct told){.a_more = p->a.more, .b_more = p->b.more};
	p->a.more = a_more;
	p->b.more = b_more;
	begin_poll(p);
	begin_message(p);
	node_pins(&p->a,
	    (struct pin_row[]){{"QRB", &p->b.key, p->b.port}, {"QRC", &other, p->b.port}}, 2);
	node_pins(&p->b,
	    (struct pin_row[]){{"QRA", &p->a.key, p->a.port}, {"QRA", &other, p->a.port}}, 2);
	assert_int_equal(told.polls, 0);
	assert_int_equal(p->a.deliveries, 0);
	node_answer(&p->b, p->b.admit[0]);
	rig_until(&p->rig, p->a.deliveries == 1);
	assert_int_equal(p->a.delivery.outcome, 0);
	rig_key_free(&other);
	pair_teardown(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(closed_at_once),
	    cmocka_unit_test(others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
