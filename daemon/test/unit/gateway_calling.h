/*
 * gateway_calling - a gateway as a client, and one peer that it knows, which takes its connections and says frame by frame what the test
 * wants.
 */
#ifndef TEST_GATEWAY_CALLING_H
#define TEST_GATEWAY_CALLING_H

#include <signal.h>
#include <stdlib.h>

#include "daemon/test/unit/gateway_raw.h"

struct fixture {
	struct rig rig;
	struct node node;
	struct rig_key peer; /* QRB's */
	int listener;
	uint16_t port;
	struct raw raw, next; /* its connections */
};

#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))
#define ENVELOPE "<Envelope/>"
#define END NGHTTP2_FLAG_END_STREAM
#define FIELDS(...) \
	(struct raw_field[]) \
	{ \
		__VA_ARGS__, \
		{ \
			NULL, NULL \
		} \
	}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct node other = {.listener = -1};

	signal(SIGPIPE, SIG_IGN);
	rig_init(&f->rig);
	node_init(&f->node, &f->rig, "QRA");
	f->peer = rig_key_new();
	node_listen(&other);
	f->listener = other.listener;
	f->port = other.port;
	node_pins(&f->node, (struct pin_row[]){{"QRB", &f->peer, f->port}}, 1);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->listener);
	rig_key_free(&f->peer);
	node_end(&f->node);
	rig_end(&f->rig);
	free(f);
	return 0;
}

/* With the times that it has now. */
static inline void restart(struct fixture *f)
{
	node_down(&f->node);
	node_up(&f->node);
	node_pins(&f->node, (struct pin_row[]){{"QRB", &f->peer, f->port}}, 1);
}

static inline void deliver(struct fixture *f)
{
	node_deliver(&f->node, "QRB", ENVELOPE, sizeof ENVELOPE - 1);
}

/* A connection that waits to be taken, and says nothing more until somebody closes it; or -1. */
static inline int came(const struct fixture *f)
{
	return accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
}

/* The server's side of a new connection, before its SETTINGS. */
static inline void take(struct fixture *f, struct raw *w)
{
	char preface[sizeof RAW_PREFACE - 1];

	assert_true(raw_accept(w, &f->rig, f->listener, &(struct raw_options){.key = &f->peer}));
	rig_until(&f->rig, SSL_peek(w->ssl, preface, 1) == 1);
	assert_int_equal(SSL_read(w->ssl, preface, sizeof preface), sizeof preface);
	assert_memory_equal(preface, RAW_PREFACE, sizeof preface); /* it is no frame */
}

/* As far as its SETTINGS. */
static inline void serve(struct fixture *f, struct raw *w)
{
	take(f, w);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

/* The request on this stream gets its answer. */
static inline void give_answer(struct raw *w, uint32_t stream)
{
	raw_headers(w, 0, stream, FIELDS({":status", "200"}, {"content-type", RAW_TYPE}));
	raw_frame(w, NGHTTP2_DATA, END, stream, RIG_ANSWER, sizeof RIG_ANSWER - 1);
}

/* What is delivered now comes on this one. */
static inline void goes_on(struct fixture *f, struct raw *w, unsigned deliveries)
{
	unsigned ended = w->ended;

	deliver(f);
	until(w, w->ended == ended + 1);
	give_answer(w, w->last_stream);
	rig_until(&f->rig, f->node.deliveries == deliveries);
	assert_int_equal(f->node.delivery.outcome, 0);
	assert_string_equal(f->node.answer, RIG_ANSWER);
}

/* The server ends so many connections in a row, with an answer or without. */
static inline void ends(struct fixture *f, unsigned connections, bool answers)
{
	for (unsigned i = 0; i < connections; i++) {
		unsigned before = f->node.deliveries;

		deliver(f);
		serve(f, &f->raw);
		until(&f->raw, f->raw.ended == 1);
		if (answers) {
			give_answer(&f->raw, f->raw.last_stream);
			rig_until(&f->rig, f->node.deliveries == before + 1);
		}
		raw_end(&f->raw);
		rig_until(&f->rig, f->node.deliveries == before + 1);
		memset(&f->raw, 0, sizeof f->raw);
		rig_settle(&f->rig);
	}
}

#endif
