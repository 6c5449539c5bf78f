/*
 * Goal: fetching between two gateways; the test is both registries (RXP-PUL-002 to 008, RXP-ATT-030).
 *  - the query of a request has one form, within its bounds
 *  - a message, answers, a descriptor and pages of a log go over one connection; what the registry answers is what the peer gets; requests
 *    that wait are bounded and hold up no other
 *  - an attachment is fetched whole, from where it stopped, and only as the peer holds it; one that is not given, is too
 *    long or is not what was asked for has one outcome
 *  - a node that ends lets nobody wait
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_shelf.h"

#include "daemon/gateway/pickup.h"

#define ID "01980000-0000-7000-8000-00000000000"
#define ENVELOPE "<Envelope/>"

/* What A's registry was asked, and what B's was told. */
static struct told {
	unsigned pickups, returns, descriptors, pages, gives;
	uint64_t pickup[OPENS];
	struct msg_pickup last; /* skip.data is not kept */
	bool hold; /* let pickups wait */
	unsigned give_status; /* 0: the file */
	uint64_t give_length;
	unsigned polls, posts, downloads;
	struct msg_polled polled; /* envelope.data is not kept */
	struct msg_posted posted;
	struct msg_downloaded downloaded;
	link_handler *shelf;
} told;

static void answer_pickup(struct node *n, uint64_t request, uint32_t status, const char *text)
{
	const struct msg_picked_up m = {
	    .http_status = status, .envelope = {(const uint8_t *)text, strlen(text)}};

	assert_int_equal(link_answer(n->link, IPC_picked_up, request, &m, NULL, 0), 0);
}

static void answer_give(struct node *n, struct pair *p, uint64_t request)
{
	const struct msg_given given = {
	    .length = told.give_length != 0 ? told.give_length : p->length};
	const struct msg_not_given refused = {.http_status = told.give_status};

	told.gives++;
	if (told.give_status != 0)
		assert_int_equal(
		    link_answer(n->link, IPC_not_given, request, &refused, NULL, 0), 0);
	else
		assert_int_equal(link_answer(n->link, IPC_given, request, &given, &p->file, 1), 0);
}

static void a_more(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;
	struct pair *p = (struct pair *)(void *)((char *)n - offsetof(struct pair, a));
	const struct msg_return_taken returned = {.http_status = 204};
	const struct msg_descriptor_taken taken = {.http_status = 422};
	struct msg_log_taken page = {.after = 1234567};

	(void)l;
	if (m->type == IPC_pickup) {
		told.pickup[told.pickups++ % OPENS] = m->request;
		told.last = *(const struct msg_pickup *)m->body;
		assert_string_equal(told.last.party, "QRB");
		if (!told.hold)
			answer_pickup(n, m->request, 200, ENVELOPE);
	} else if (m->type == IPC_returned) {
		told.returns++;
		assert_int_equal(
		    link_answer(n->link, IPC_return_taken, m->request, &returned, NULL, 0), 0);
	} else if (m->type == IPC_descriptor_posted) {
		told.descriptors++;
		assert_int_equal(
		    link_answer(n->link, IPC_descriptor_taken, m->request, &taken, NULL, 0), 0);
	} else if (m->type == IPC_log_posted) {
		assert_int_equal(
		    ((const struct msg_log_posted *)m->body)->octets.len, sizeof RIG_ANSWER - 1);
		page.http_status = told.pages++ == 0 ? 202 : 204;
		assert_int_equal(
		    link_answer(n->link, IPC_log_taken, m->request, &page, NULL, 0), 0);
	} else {
		assert_int_equal(m->type, IPC_give);
		answer_give(n, p, m->request);
	}
}

static void b_more(void *arg, struct link *l, const struct link_message *m)
{
	if (m->type == IPC_polled) {
		told.polls++;
		told.polled = *(const struct msg_polled *)m->body;
	} else if (m->type == IPC_posted) {
		told.posts++;
		told.posted = *(const struct msg_posted *)m->body;
	} else if (m->type == IPC_downloaded) {
		told.downloads++;
		told.downloaded = *(const struct msg_downloaded *)m->body;
	} else {
		told.shelf(arg, l, m);
	}
}

static int set_up(void **state)
{
	int rc = pair_setup(state);
	struct pair *p = *state;

	told = (struct told){.shelf = p->b.more};
	p->a.more = a_more;
	p->b.more = b_more;
	return rc;
}

/* --- the query -------------------------------------------------------------------------------- */

#define REST "cdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define DIGEST "ab" REST

static void test_query(void **state)
{
	static const struct {
		const char *query;
		int rc;
		uint32_t wait_ms;
		size_t n;
		uint8_t left; /* first octet */
	} rows[] = {
	    {"wait=0", 0, 0, 0, 0},
	    {"wait=30", 0, 30000, 0, 0},
	    {"skip=" ID "1", 0, 0, 1, 0},
	    {"wait=7&skip=" ID "1," ID "2", 0, 7000, 2, 0},
	    {"left=" DIGEST, 0, 0, 0, 0xab},
	    {"wait=7&left=" DIGEST, 0, 7000, 0, 0xab},
	    {"wait=7&skip=" ID "1&left=" DIGEST, 0, 7000, 1, 0xab},
	    {"left=", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"left=" DIGEST "&", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"left=" DIGEST "&wait=7", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"left=" DIGEST "&left=" DIGEST, RXP_ERR_SYNTAX, 0, 0, 0},
	    {"left=AB" REST, RXP_ERR_SYNTAX, 0, 0, 0},
	    {"left=a" REST, RXP_ERR_SYNTAX, 0, 0, 0},
	    {"left=" DIGEST "00", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"wait=7left=" DIGEST, RXP_ERR_SYNTAX, 0, 0, 0},
	    {"", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"wait=", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"wait=07", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"wait=31", RXP_ERR_BOUND, 0, 0, 0},
	    {"wait=999999999999", RXP_ERR_BOUND, 0, 0, 0},
	    {"wait=1&", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"wait=1;skip=" ID "1", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"skip=" ID "1&wait=1", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"skip=", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"skip=" ID "1,", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"skip=" ID "1 ", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"skip=" ID "A", RXP_ERR_SYNTAX, 0, 0, 0},
	    {"x=1", RXP_ERR_SYNTAX, 0, 0, 0},
	};
	char many[2048] = "skip=" ID "0";
	struct pickup_query q = {.wait_ms = 5};
	size_t used = strlen(many);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(pickup_parse(&q, rows[i].query), rows[i].rc);
		if (rows[i].rc != 0)
			continue;
		assert_int_equal(q.wait_ms, rows[i].wait_ms);
		assert_int_equal(q.n_skip, rows[i].n);
		assert_int_equal(q.left[0], rows[i].left);
	}
	for (unsigned n = 1; n < GATEWAY_PICKUP_SKIP; n++)
		used += (size_t)snprintf(many + used, sizeof many - used, ",%s", ID "0");
	assert_int_equal(pickup_parse(&q, many), 0);
	snprintf(many + used, sizeof many - used, ",%s", ID "0");
	assert_int_equal(pickup_parse(&q, many), RXP_ERR_BOUND);
	assert_int_equal(q.n_skip, GATEWAY_PICKUP_SKIP); /* untouched */
}

/* --- messages --------------------------------------------------------------------------------- */

static void poll(struct pair *p, size_t n_skip)
{
	uint8_t skip[GATEWAY_PICKUP_SKIP][16];
	struct msg_poll m = {.peer = "QRA", .skip = {skip[0], n_skip * 16}};

	memset(skip, 0x71, sizeof skip); /* a version 7, of a kind */
	for (size_t i = 0; i < n_skip; i++)
		skip[i][8] = 0x80;
	memset(m.left, 0x5a, n_skip > 0 ? sizeof m.left : 0);
	assert_int_equal(link_request(p->b.link, IPC_poll, &m, NULL, 0, NULL), 0);
}

static void post(struct pair *p, enum ipc_post what)
{
	const struct msg_post m = {.peer = "QRA",
	    .what = what,
	    .octets = {(const uint8_t *)RIG_ANSWER, sizeof RIG_ANSWER - 1}};

	assert_int_equal(link_request(p->b.link, IPC_post, &m, NULL, 0, NULL), 0);
}

static void test_messages(void **state)
{
	struct pair *p = *state;

	poll(p, GATEWAY_PICKUP_SKIP);
	rig_until(&p->rig, told.polls == 1);
	assert_int_equal(told.polled.http_status, 200);
	assert_int_equal(told.polled.envelope.len, strlen(ENVELOPE));
	assert_int_equal(told.last.wait_ms, 30000);
	assert_int_equal(told.last.skip.len, GATEWAY_PICKUP_SKIP * 16);
	assert_int_equal(told.last.left[31], 0x5a);
	post(p, IPC_POST_ANSWER);
	rig_until(&p->rig, told.posts == 1);
	assert_int_equal(told.posted.http_status, 204);
	assert_int_equal(told.returns, 1);
	post(p, IPC_POST_DESCRIPTOR);
	rig_until(&p->rig, told.posts == 2);
	assert_int_equal(told.posted.http_status, 422);
	assert_int_equal(told.descriptors, 1);
	assert_true(told.posted.offset < 0);
	post(p, IPC_POST_LOG);
	rig_until(&p->rig, told.posts == 3);
	assert_int_equal(told.posted.http_status, 202);
	assert_true(told.posted.offset == 1234567); /* as the registry said */
	post(p, IPC_POST_LOG);
	rig_until(&p->rig, told.posts == 4);
	assert_int_equal(told.posted.http_status, 204);
	assert_true(told.posted.offset < 0);
	assert_int_equal(p->a.contacts, 1); /* all on one connection */
}

static void test_waiting(void **state)
{
	struct pair *p = *state;
	unsigned i;

	told.hold = true;
	for (i = 0; i < GATEWAY_PICKUPS_PER_PARTY; i++)
		poll(p, 0);
	rig_until(&p->rig, told.pickups == GATEWAY_PICKUPS_PER_PARTY);
	poll(p, 0); /* one too many */
	rig_until(&p->rig, told.polls == 1);
	assert_int_equal(told.polled.http_status, 503);
	node_exchange(&p->b, "QRA", "<Envelope/>"); /* nobody else is held up */
	assert_int_equal(p->b.delivery.http_status, 200);
	answer_pickup(&p->a, told.pickup[0], 204, "");
	rig_until(&p->rig, told.polls == 2);
	assert_int_equal(told.polled.http_status, 204);
	poll(p, 0); /* a place is free again */
	rig_until(&p->rig, told.pickups == GATEWAY_PICKUPS_PER_PARTY + 1);
	exchange_drain(p->a.x, 5000); /* who waits is told, and nobody waits for that */
	rig_until(&p->rig, told.polls == 2 + GATEWAY_PICKUPS_PER_PARTY);
	assert_int_equal(told.polled.http_status, 204);
	rig_until(&p->rig, p->a.ended);
	assert_int_equal(p->a.status, 0);
}

static void test_ending_while_it_waits(void **state)
{
	struct pair *p = *state;

	told.hold = true;
	poll(p, 0);
	rig_until(&p->rig, told.pickups == 1);
	exchange_drain(p->b.x, 5000);
	rig_until(&p->rig, told.polls == 1);
	assert_string_equal(told.polled.transport, "this node is ending");
	rig_until(&p->rig, p->b.ended);
	/* What comes for it now finds nobody, and harms nobody. */
	answer_pickup(&p->a, told.pickup[0], 200, ENVELOPE);
	rig_settle(&p->rig);
}

/* --- attachments ------------------------------------------------------------------------------ */

static void download(struct pair *p)
{
	struct msg_download m = {.peer = "QRA", .total = p->length};

	memcpy(m.digest, p->digest, sizeof m.digest);
	assert_int_equal(link_request(p->b.link, IPC_download, &m, NULL, 0, NULL), 0);
}

static void assert_downloaded(struct pair *p, unsigned n, unsigned status)
{
	rig_until(&p->rig, told.downloads == n);
	assert_string_equal(told.downloaded.transport, "");
	assert_int_equal(told.downloaded.outcome, 0);
	assert_int_equal(told.downloaded.http_status, status);
}

static void test_file(void **state)
{
	struct pair *p = *state;

	pair_file(p, 3 * MIB + 125);
	download(p);
	assert_downloaded(p, 1, 201);
	assert_arrived(p);
	assert_int_equal(told.gives, 1);
	download(p); /* all is held: nothing is asked for */
	assert_downloaded(p, 2, 200);
	assert_int_equal(told.gives, 1);
	/* Of a part that is held the rest, with Range. */
	p->shelf.held = MIB + 1;
	assert_int_equal(ftruncate(p->shelf.fd, (off_t)p->shelf.held), 0);
	download(p);
	assert_downloaded(p, 3, 201);
	assert_int_equal(p->shelf.opened_at, MIB + 1);
	assert_arrived(p);
}

static void test_cut(void **state)
{
	struct pair *p = *state;
	struct rig_key other = rig_key_new();
	uint64_t held;

	pair_file(p, 16 * MIB);
	download(p);
	rig_until(&p->rig, shelf_size(p->shelf.fd) >= MIB);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &other, p->b.port}}, 1); /* A ends the line */
	rig_until(&p->rig, told.downloads == 1 && p->shelf.ends == 1);
	assert_int_not_equal(told.downloaded.outcome, 0);
	held = p->shelf.held;
	assert_true(held >= MIB && held < p->length);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, p->b.port}}, 1);
	download(p);
	assert_downloaded(p, 2, 201);
	assert_int_equal(p->shelf.opened_at, held);
	assert_arrived(p);
	rig_key_free(&other);
}

static void test_not_given(void **state)
{
	struct pair *p = *state;

	pair_file(p, MIB);
	told.give_status = 404;
	download(p);
	assert_downloaded(p, 1, 404);
	told.give_status = 0;
	told.give_length = p->length - 1; /* another length than the document says */
	p->shelf.held = 10;
	assert_int_equal(ftruncate(p->shelf.fd, 10), 0);
	download(p);
	rig_until(&p->rig, told.downloads == 2);
	assert_string_equal(told.downloaded.transport, "not an RXP answer");
	assert_int_equal(p->shelf.held, 10);
	told.give_length = 0;
	told.give_length = GATEWAY_CIPHERTEXT_OCTETS + 1; /* of our own registry: no file of ours */
	download(p);
	assert_downloaded(p, 3, 503);
	told.give_length = 0;
	p->shelf.held = 0;
	assert_int_equal(ftruncate(p->shelf.fd, 0), 0);
	p->shelf.reject = 1; /* it is not what its name says */
	download(p);
	assert_downloaded(p, 4, 422);
	download(p);
	assert_downloaded(p, 5, 201);
	assert_arrived(p);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, pair_teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_query),
	    TEST(test_messages),
	    TEST(test_waiting),
	    TEST(test_ending_while_it_waits),
	    TEST(test_file),
	    TEST(test_cut),
	    TEST(test_not_given),
	};

	dice_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
