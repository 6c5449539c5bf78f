#include "daemon/base/work.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "protocol/base/err.h"

#define TICK_MS 250 /* between looks at requests that nobody has taken yet */

/* One request, from work_submit() to its done function. */
struct job {
	struct job *next;
	uint64_t request;
	work_done *done;
	void *arg;
	bool taken;
	uint32_t taken_by; /* number of the sealer that said so last */
	unsigned deaths; /* of sealers that had taken it */
	int64_t sent_ms;
	uint64_t order; /* of sending; the queue is first in, first out */
	uint64_t epoch; /* deaths of all sealers when it was sent */
};

struct work {
	struct link *link;
	struct timer *timer;
	enum ipc_type taken_type;
	struct job *jobs;
	uint64_t last_order; /* given to a job */
	uint64_t taken_order; /* the highest of a job that was taken */
	uint64_t epoch; /* deaths of all sealers */
	int64_t heard_ms; /* when any sealer last said anything */
	work_lost *lost;
	void *arg;
};

static void on_message(void *arg, struct link *l, const struct link_message *m);
static void on_closed(void *arg, struct link *l, int why);
static void on_tick(void *arg);

int work_new(
    struct work **out, struct loop *loop, int fd, enum ipc_role self, work_lost *lost, void *arg)
{
	struct work *w = calloc(1, sizeof *w);
	int rc = RXP_ERR_NOMEM;

	if (self != IPC_REGISTRY && self != IPC_DESK)
		abort();
	if (w == NULL)
		goto done;
	w->taken_type = self == IPC_REGISTRY ? IPC_taken : IPC_desk_taken;
	w->lost = lost;
	w->arg = arg;
	rc = timer_new(&w->timer, loop, on_tick, w);
	if (rc == 0)
		rc = link_new(&w->link, loop,
		    &(struct link_config){
			.fd = fd,
			.self = self,
			.peer = IPC_SEALER,
			.shared = true,
			.handler = on_message,
			.closed = on_closed,
			.arg = w,
		    });
	if (rc != 0)
		goto done;
	*out = w;
	w = NULL;
done:
	work_free(w);
	return rc;
}

void work_free(struct work *w)
{
	struct job *job;

	if (w == NULL)
		return;
	link_free(w->link);
	timer_free(w->timer);
	while ((job = w->jobs) != NULL) {
		w->jobs = job->next;
		free(job);
	}
	free(w);
}

bool work_has_room(const struct work *w, enum ipc_type type)
{
	return link_has_room(w->link, type);
}

static void watch_over(struct work *w)
{
	if (!timer_armed(w->timer))
		timer_arm(w->timer, TICK_MS);
}

static void mark_sent(struct work *w, struct job *job)
{
	job->taken = false;
	job->sent_ms = clock_mono_ms();
	job->order = ++w->last_order;
	job->epoch = w->epoch;
	watch_over(w);
}

int work_submit(struct work *w, enum ipc_type type, const void *body, const int *fds, size_t n_fds,
    work_done *done, void *arg)
{
	struct job *job = calloc(1, sizeof *job);
	int rc;

	if (job == NULL)
		return RXP_ERR_NOMEM;
	rc = link_request(w->link, type, body, fds, n_fds, &job->request);
	if (rc != 0) {
		free(job);
		return rc;
	}
	job->done = done;
	job->arg = arg;
	job->next = w->jobs;
	w->jobs = job;
	mark_sent(w, job);
	return 0;
}

static struct job **find(struct work *w, uint64_t request)
{
	struct job **at = &w->jobs;

	while (*at != NULL && (*at)->request != request)
		at = &(*at)->next;
	return at;
}

static void finish(struct job **at, int result, const struct link_message *answer)
{
	struct job *job = *at;
	work_done *done = job->done;
	void *arg = job->arg;

	*at = job->next;
	free(job);
	done(arg, result, answer);
}

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct work *w = arg;
	struct job **at = find(w, m->request);

	(void)l;
	if (*at == NULL)
		abort(); /* the link passes on only what belongs to an open request */
	w->heard_ms = clock_mono_ms();
	if (w->taken_order < (*at)->order)
		w->taken_order = (*at)->order;
	if (m->type != w->taken_type) {
		finish(at, 0, m);
		return;
	}
	(*at)->taken = true;
	(*at)->taken_by = ((const struct msg_taken *)m->body)->number;
}

static void on_closed(void *arg, struct link *l, int why)
{
	struct work *w = arg;

	(void)l;
	w->lost(w->arg, why);
}

/* A request that nobody took in time is lost if a later one was taken, if a sealer died meanwhile
 * (it may have died between reading and saying so), or if the sealers say nothing at all. */
static bool is_lost(const struct work *w, const struct job *job, int64_t now)
{
	return !job->taken && now - job->sent_ms >= WORK_TAKEN_MS &&
	       (job->order < w->taken_order || job->epoch != w->epoch ||
		   now - w->heard_ms >= WORK_TAKEN_MS);
}

static void on_tick(void *arg)
{
	struct work *w = arg;
	int64_t now = clock_mono_ms();

	for (struct job *job = w->jobs; job != NULL; job = job->next) {
		if (is_lost(w, job, now)) {
			link_resend(w->link, job->request);
			mark_sent(w, job);
		}
		if (!job->taken)
			watch_over(w);
	}
}

void work_sealer_died(struct work *w, uint32_t number)
{
	struct job *doomed = NULL;
	struct job **at = &w->jobs;

	w->epoch++;
	while (*at != NULL) {
		struct job *job = *at;

		if (!job->taken || job->taken_by != number) {
			at = &job->next;
		} else if (++job->deaths < WORK_DEATHS_MAX) {
			link_resend(w->link, job->request);
			mark_sent(w, job);
			at = &job->next;
		} else {
			link_forget(w->link, job->request);
			*at = job->next;
			job->next = doomed;
			doomed = job;
		}
	}
	while (doomed != NULL)
		finish(&doomed, RXP_ERR_DAMAGED, NULL);
}
