#include "daemon/desk/ask.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/work.h"
#include "daemon/desk/attachment.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "protocol/base/err.h"

/* A connection has one request at a time; a file that is given up may outlive its request. */
#define QUESTIONS_MAX (HTTP_CONNECTIONS_MAX + ATTACHMENT_TRANSFERS_MAX)

#define QUESTION_MAX 2048 /* octets of the struct of one */

struct question {
	struct ask *ask;
	bool open;
	bool waits_long;
	enum ipc_type type;
	uint64_t number; /* of a question to the registry; 0 for the sealers' */
	struct http_request *request; /* with answered */
	ask_answered *answered;
	void *arg; /* with heard */
	ask_heard *heard;
};

struct ask {
	struct link *registry;
	struct work *sealers;
	ask_lost *lost;
	void *arg;
	unsigned n_long;
	struct question questions[QUESTIONS_MAX];
};

static void deliver(struct question *at, const struct link_message *m)
{
	struct question q = *at;

	at->open = false;
	q.ask->n_long -= q.waits_long;
	if (q.heard != NULL)
		q.heard(q.arg, m);
	else if (m == NULL)
		problem_reply(q.request, PROBLEM_UNWORKABLE, NULL);
	else
		q.answered(q.request, m);
}

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct ask *a = arg;

	(void)l;
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		struct question *q = &a->questions[i];

		if (!q->open || q->number != m->request)
			continue;
		if (ipc_row(m->type)->answers != q->type)
			abort(); /* the link lets only the answer of the request through */
		deliver(q, m);
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

static void on_worked(void *arg, int result, const struct link_message *m)
{
	deliver(arg, result == 0 ? m : NULL);
}

static void on_sealers_lost(void *arg, int why)
{
	struct ask *a = arg;

	a->lost(a->arg, why);
}

int ask_new(
    struct ask **out, struct loop *loop, int registry_fd, int sealers_fd, ask_lost *lost, void *arg)
{
	struct ask *a = calloc(1, sizeof(*a));
	int rc = RXP_ERR_NOMEM;

	if (a == NULL)
		goto done;
	a->lost = lost;
	a->arg = arg;
	rc = link_new(&a->registry, loop,
	    &(struct link_config){.fd = registry_fd,
		.self = IPC_DESK,
		.peer = IPC_REGISTRY,
		.handler = on_message,
		.closed = on_closed,
		.arg = a});
	if (rc != 0)
		goto done;
	registry_fd = -1;
	rc = work_new(&a->sealers, loop, sealers_fd, IPC_DESK, on_sealers_lost, a);
	if (rc != 0)
		goto done;
	sealers_fd = -1;
	*out = a;
	a = NULL;
done:
	if (registry_fd >= 0)
		close(registry_fd);
	if (sealers_fd >= 0)
		close(sealers_fd);
	ask_free(a);
	return rc;
}

void ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	link_free(a->registry);
	work_free(a->sealers);
	free(a);
}

void ask_sealer_died(struct ask *a, uint32_t number)
{
	work_sealer_died(a->sealers, number);
}

static struct question *free_place(struct ask *a)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		if (!a->questions[i].open)
			return &a->questions[i];
	return NULL;
}

static int put(struct ask *a, struct question q, const void *body)
{
	struct question *place = free_place(a);
	int rc;

	if (place == NULL || (q.waits_long && a->n_long >= ASK_LONG_MAX))
		return RXP_ERR_FULL;
	if (ipc_row(q.type)->to == IPC_SEALER)
		rc = work_submit(a->sealers, q.type, body, NULL, 0, on_worked, place);
	else
		rc = link_request(a->registry, q.type, body, NULL, 0, &q.number);
	if (rc != 0)
		return rc;
	q.ask = a;
	q.open = true;
	*place = q;
	a->n_long += q.waits_long;
	return 0;
}

/* A copy of the question that says what the caller does not see; body itself if it does not ask. */
static const void *for_caller(
    uint8_t copy[QUESTION_MAX], enum ipc_type type, const void *body, const struct http_request *r)
{
	const struct record_type *row = &ipc_row(type)->type;
	const struct field *field = record_field(row, "unseen");
	uint32_t unseen = http_unseen(r);

	if (field == NULL)
		return body;
	if (row->size > QUESTION_MAX)
		abort();
	memcpy(copy, body, row->size);
	memcpy(copy + field->offset, &unseen, sizeof(unseen));
	return copy;
}

void ask_put(struct ask *a, struct http_request *r, enum ipc_type type, const void *body,
    bool waits_long, ask_answered *fn)
{
	_Alignas(max_align_t) uint8_t copy[QUESTION_MAX];
	struct question q = {.type = type, .waits_long = waits_long, .request = r, .answered = fn};
	int rc = put(a, q, for_caller(copy, type, body, r));

	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
}

int ask_tell(struct ask *a, enum ipc_type type, const void *body, ask_heard *fn, void *arg)
{
	return put(a, (struct question){.type = type, .arg = arg, .heard = fn}, body);
}
