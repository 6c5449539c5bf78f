/*
 * link_pair - two ends of a link, or one and a socket at which the test speaks in the place of the other. The registry notes what
 * it gets, and the gateway counts the answers.
 */
#ifndef TEST_LINK_PAIR_H
#define TEST_LINK_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/test/unit/pump.h"
#include "protocol/base/err.h"

struct end {
	struct link *link;
	unsigned got, closed, want;
	int why;
	bool answer, free_in_handler, big_ok, order_ok;
	uint64_t open[256];
	uint64_t last_i64;
	int fd;
	struct stat st;
	size_t last_len;
};

struct pair {
	struct loop *loop;
	struct end gateway, registry;
	int sockets[2];
	unsigned enough; /* the registry has got what it wants */
};

static uint8_t *big;

static inline void on_closed(void *arg, struct link *l, int why)
{
	struct end *e = arg;

	assert_ptr_equal(l, e->link);
	e->closed++;
	e->why = why;
	link_free(l);
	e->link = NULL;
}

static inline void on_registry(void *arg, struct link *l, const struct link_message *m)
{
	struct pair *p = arg;
	struct end *e = &p->registry;

	if (m->type == IPC_admit) {
		const struct msg_admit *admit = m->body;

		e->last_len = admit->envelope.len;
		e->big_ok = memcmp(admit->envelope.data, big, admit->envelope.len) == 0;
		e->order_ok = (uint64_t)admit->received_ms == e->last_i64 + 1;
		e->last_i64 = (uint64_t)admit->received_ms;
		e->open[e->got] = m->request;
		if (e->answer)
			assert_int_equal(link_answer(l, IPC_admitted, m->request,
					     &(struct msg_admitted){.http_status = 200}, NULL, 0),
			    0);
	}
	e->got++;
	if (e->got == e->want)
		p->enough = 1;
	if (e->free_in_handler) {
		link_free(l);
		e->link = NULL;
	}
}

static inline void on_registry_closed(void *arg, struct link *l, int why)
{
	struct pair *p = arg;

	on_closed(&p->registry, l, why);
}

static inline void on_gateway(void *arg, struct link *l, const struct link_message *m)
{
	struct end *e = arg;

	(void)l;
	assert_int_equal(m->type, IPC_admitted);
	e->got++;
}

static inline struct link *end_new(struct loop *loop, int fd, enum ipc_role self,
    enum ipc_role peer, link_handler *handler, link_closed *closed, void *arg)
{
	struct link *l;
	const struct link_config config = {
	    .fd = fd, .self = self, .peer = peer, .handler = handler, .closed = closed, .arg = arg};

	assert_int_equal(link_new(&l, loop, &config), 0);
	return l;
}

static inline int setup(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	assert_int_equal(loop_new(&p->loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p->sockets), 0);
	p->registry.link = end_new(
	    p->loop, p->sockets[1], IPC_REGISTRY, IPC_GATEWAY, on_registry, on_registry_closed, p);
	*state = p;
	return 0;
}

static inline int setup_both(void **state)
{
	struct pair *p;

	setup(state);
	p = *state;
	p->gateway.link = end_new(
	    p->loop, p->sockets[0], IPC_GATEWAY, IPC_REGISTRY, on_gateway, on_closed, &p->gateway);
	p->sockets[0] = -1;
	return 0;
}

static inline int teardown(void **state)
{
	struct pair *p = *state;

	link_free(p->gateway.link);
	link_free(p->registry.link);
	if (p->sockets[0] >= 0)
		close(p->sockets[0]);
	loop_free(p->loop);
	free(p);
	return 0;
}

/* Before and after all tests: octets of a message of the largest size. */
static inline int pair_big(void **state)
{
	(void)state;
	big = malloc(IPC_MESSAGE_MAX);
	assert_non_null(big);
	for (size_t i = 0; i < IPC_MESSAGE_MAX; i++)
		big[i] = (uint8_t)(i * 7 + i / 251);
	return 0;
}

static inline int pair_small(void **state)
{
	(void)state;
	free(big);
	return 0;
}

#endif
