#include "daemon/desk/ask.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/link.h"
#include "daemon/desk/http.h"
#include "daemon/desk/problem.h"
#include "protocol/err.h"

struct question {
	struct http_request *request; /* NULL: the place is free */
	uint64_t number;
	enum ipc_type type;
	bool waits_long;
	ask_answered *fn;
};

struct ask {
	struct link *link;
	ask_lost *lost;
	void *arg;
	unsigned n_long;
	struct question
	    questions[HTTP_CONNECTIONS_MAX]; /* a connection has one request at a time */
};

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct ask *a = arg;

	(void)l;
	for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
		struct question q = a->questions[i];

		if (q.request == NULL || q.number != m->request)
			continue;
		if (ipc_row(m->type)->answers != q.type)
			abort(); /* the link lets only the answer of the request through */
		a->questions[i].request = NULL;
		a->n_long -= q.waits_long;
		q.fn(q.request, m->body);
		return;
	}
	abort(); /* an answer without a question does not pass the link */
}

static void on_closed(void *arg, struct link *l, int why)
{
	struct ask *a = arg;

	(void)l;
	a->lost(a->arg, why);
}

int ask_new(struct ask **out, struct loop *loop, int fd, ask_lost *lost, void *arg)
{
	struct ask *a = calloc(1, sizeof(*a));
	int rc;

	if (a == NULL) {
		close(fd);
		return RXP_ERR_NOMEM;
	}
	a->lost = lost;
	a->arg = arg;
	rc = link_new(&a->link, loop,
	    &(struct link_config){.fd = fd,
		.self = IPC_DESK,
		.peer = IPC_REGISTRY,
		.handler = on_message,
		.closed = on_closed,
		.arg = a});
	if (rc != 0) {
		free(a);
		return rc;
	}
	*out = a;
	return 0;
}

void ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	link_free(a->link);
	free(a);
}

void ask_put(struct ask *a, struct http_request *r, enum ipc_type type, const void *body,
    bool waits_long, ask_answered *fn)
{
	struct question q = {.request = r, .type = type, .waits_long = waits_long, .fn = fn};
	size_t i = 0;
	int rc = RXP_ERR_FULL;

	while (i < HTTP_CONNECTIONS_MAX && a->questions[i].request != NULL)
		i++;
	if (i < HTTP_CONNECTIONS_MAX && !(waits_long && a->n_long >= ASK_LONG_MAX))
		rc = link_request(a->link, type, body, NULL, 0, &q.number);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	a->questions[i] = q;
	a->n_long += waits_long;
}
