/*
 * rewrap at the sealer: a box under any key of the ring comes back under the first, for the same purpose and place, and with the same
 * secret; for another purpose or place, of a key that is not held, cut short, or as a ticket it does not (RXP-RET-013).
 * links: sealer certs
 */
#include "daemon/sealer/rewrap.h"
#include "daemon/test/unit/sealer_fixture.h"
#include "protocol/init.h"

#define SECRET "thirty-two octets of a secret..."

static const struct box_context place = {.octets = "a place", .len = 7};

/* The key of now becomes the older one of two. */
static void turn(struct node *n)
{
	n->storage.keys[1] = n->storage.keys[0];
	n->storage.n = 2;
	n->storage.keys[0].id[0] ^= 1;
	n->storage.keys[0].octets[0] ^= 1;
}

static int ask(struct reply *reply, struct node *n, uint32_t purpose, const char *at, size_t at_len,
    const struct rxp_buf *box, size_t cut)
{
	const struct msg_rewrap q = {.purpose = purpose,
	    .context = {(const uint8_t *)at, at_len},
	    .box = {box->data, box->len - cut}};

	reply_init(reply);
	assert_int_equal(rewrap_handle(n, &q, reply), 0);
	return (int)reply->body.rewrapped.result;
}

static void test_rewrap(void **state)
{
	static const struct {
		const char *at;
		size_t at_len, cut;
		uint32_t purpose;
		int want;
	} rows[] = {
	    {"a place", 7, 0, BOX_DRAFT, 0},
	    {"a place", 7, 0, BOX_CONTENT_KEY, RXP_ERR_DAMAGED},
	    {"a plane", 7, 0, BOX_DRAFT, RXP_ERR_DAMAGED},
	    {"a place", 6, 0, BOX_DRAFT, RXP_ERR_DAMAGED},
	    {"a place", 7, 1, BOX_DRAFT, RXP_ERR_DAMAGED},
	    {"a place", 7, 0, BOX_TICKET, RXP_ERR_DAMAGED},
	    {"a place", 7, 0, 99, RXP_ERR_DAMAGED},
	};
	struct test_state s;
	struct rxp_buf box;
	uint8_t opened[32];

	(void)state;
	state_new(&s, "QRA");
	rxp_buf_init(&box, 128);
	assert_int_equal(box_seal(&box, &s.node->storage, BOX_DRAFT, &place,
			     (const uint8_t *)SECRET, 32, &s.node->random),
	    0);
	turn(s.node);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct bytes *made;
		struct reply reply;

		assert_int_equal(ask(&reply, s.node, rows[i].purpose, rows[i].at, rows[i].at_len,
				     &box, rows[i].cut),
		    rows[i].want);
		made = &reply.body.rewrapped.box;
		if (rows[i].want == 0) {
			s.node->storage.n = 1; /* the older key is gone */
			assert_int_equal(box_open_exact(opened, sizeof opened, &s.node->storage,
					     BOX_DRAFT, &place, made->data, made->len),
			    0);
			assert_memory_equal(opened, SECRET, 32);
			s.node->storage.n = 2;
		}
		reply_clear(&reply);
	}
	s.node->storage.n = 1;
	{
		struct reply reply;

		assert_int_equal(
		    ask(&reply, s.node, BOX_DRAFT, "a place", 7, &box, 0), RXP_ERR_DAMAGED);
		reply_clear(&reply);
	}
	rxp_buf_free(&box);
	state_free(&s);
}

static int set_up(void **state)
{
	(void)state;
	return rxp_init();
}

static int tear_down(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rewrap)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
