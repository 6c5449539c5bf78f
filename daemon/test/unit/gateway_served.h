/*
 * gateway_served - a gateway as a server, and one peer that it knows, which says frame by frame what the test wants.
 */
#ifndef TEST_GATEWAY_SERVED_H
#define TEST_GATEWAY_SERVED_H

#include <signal.h>
#include <stdlib.h>

#include "daemon/test/unit/gateway_raw.h"

struct fixture {
	struct rig rig;
	struct node node;
	struct rig_key peer; /* QRA's */
	struct raw raw;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	signal(SIGPIPE, SIG_IGN);
	rig_init(&f->rig);
	node_init(&f->node, &f->rig, "QRB");
	f->peer = rig_key_new();
	node_pins(&f->node, (struct pin_row[]){{"QRA", &f->peer, 0}}, 1);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	rig_key_free(&f->peer);
	node_end(&f->node);
	rig_end(&f->rig);
	free(f);
	return 0;
}

static inline void restart(struct fixture *f)
{
	node_down(&f->node);
	node_up(&f->node);
	node_pins(&f->node, (struct pin_row[]){{"QRA", &f->peer, 0}}, 1);
}

static inline struct raw *open_raw(struct fixture *f)
{
	assert_true(raw_connect(&f->raw, &f->node, &(struct raw_options){.key = &f->peer}));
	assert_true(raw_hello(&f->raw));
	return &f->raw;
}

#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))

/* The node still serves a peer that behaves. */
static inline void assert_serving(struct fixture *f)
{
	static struct raw w;
	unsigned before = f->node.admits;

	assert_true(raw_connect(&w, &f->node, &(struct raw_options){.key = &f->peer}));
	assert_true(raw_hello(&w));
	raw_headers(&w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(&w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "<E/>", 4);
	until(&w, w.ended == 1);
	assert_int_equal(w.status[1], 200);
	assert_int_equal(f->node.admits, before + 1);
	raw_end(&w);
}

#define SERVED_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
