#include "daemon/base/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "protocol/base/err.h"

#define BATCH 64 /* watchers run in one round; the others stay ready for the next */
#define FIRST_TIMERS 16
#define UNARMED SIZE_MAX

struct watch {
	struct loop *loop;
	int fd;
	watch_fn *fn;
	void *arg;
};

struct timer {
	struct loop *loop;
	int64_t due; /* monotonic ms */
	size_t at; /* index in the heap, UNARMED if in none */
	timer_fn *fn;
	void *arg;
};

struct slot {
	struct timer *timer;
};

struct loop {
	int epoll_fd;
	bool stop;
	struct epoll_event
	    ready[BATCH]; /* data.ptr is NULL where the watcher was freed meanwhile */
	int n_ready;
	struct slot *heap; /* armed timers, the earliest first; room for all that exist */
	size_t n_armed, n_timers, cap;
	struct {
		round_fn *fn;
		void *arg;
	} rounds[LOOP_ROUND_FNS];
	size_t n_rounds;
};

int loop_new(struct loop **out)
{
	struct loop *l = calloc(1, sizeof *l);

	if (l == NULL)
		return RXP_ERR_NOMEM;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0) {
		free(l);
		return RXP_ERR_IO;
	}
	*out = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	close(l->epoll_fd);
	free(l->heap);
	free(l);
}

/* --- watchers -------------------------------------------------------------------------------- */

static int control(struct watch *w, int op, unsigned events)
{
	struct epoll_event event = {
	    .events = ((events & LOOP_READ) != 0 ? EPOLLIN : 0U) |
		      ((events & LOOP_WRITE) != 0 ? EPOLLOUT : 0U) |
		      ((events & LOOP_HANGUP) != 0 ? EPOLLRDHUP : 0U),
	    .data.ptr = w,
	};

	return epoll_ctl(w->loop->epoll_fd, op, w->fd, &event);
}

int watch_new(struct watch **out, struct loop *l, int fd, unsigned events, watch_fn *fn, void *arg)
{
	struct watch *w = malloc(sizeof *w);

	if (w == NULL)
		return RXP_ERR_NOMEM;
	*w = (struct watch){.loop = l, .fd = fd, .fn = fn, .arg = arg};
	if (control(w, EPOLL_CTL_ADD, events) != 0) {
		free(w);
		return RXP_ERR_IO;
	}
	*out = w;
	return 0;
}

void watch_set(struct watch *w, unsigned events)
{
	/* Fails only for a descriptor that was closed under the watcher. */
	if (control(w, EPOLL_CTL_MOD, events) != 0)
		abort();
}

void watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	(void)epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = 0; i < w->loop->n_ready; i++)
		if (w->loop->ready[i].data.ptr == w)
			w->loop->ready[i].data.ptr = NULL;
	free(w);
}

static void run_watchers(struct loop *l)
{
	for (int i = 0; i < l->n_ready; i++) {
		struct watch *w = l->ready[i].data.ptr;
		uint32_t e = l->ready[i].events;

		if (w == NULL)
			continue;
		w->fn(w->arg, w->fd,
		    ((e & EPOLLIN) != 0 ? LOOP_READ : 0U) |
			((e & EPOLLOUT) != 0 ? LOOP_WRITE : 0U) |
			((e & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0 ? LOOP_HANGUP : 0U));
	}
	l->n_ready = 0;
}

/* --- timers: a binary heap, each timer knowing its place ------------------------------------- */

static void place(struct loop *l, struct timer *t, size_t at)
{
	l->heap[at].timer = t;
	t->at = at;
}

static void sift_up(struct loop *l, struct timer *t, size_t at)
{
	while (at > 0 && l->heap[(at - 1) / 2].timer->due > t->due) {
		place(l, l->heap[(at - 1) / 2].timer, at);
		at = (at - 1) / 2;
	}
	place(l, t, at);
}

static void sift_down(struct loop *l, struct timer *t, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < l->n_armed &&
		    l->heap[child + 1].timer->due < l->heap[child].timer->due)
			child++;
		if (child >= l->n_armed || l->heap[child].timer->due >= t->due)
			break;
		place(l, l->heap[child].timer, at);
		at = child;
	}
	place(l, t, at);
}

int timer_new(struct timer **out, struct loop *l, timer_fn *fn, void *arg)
{
	struct timer *t;

	/* Room is made here, so that arming cannot fail. */
	if (l->n_timers == l->cap) {
		size_t cap = l->cap > 0 ? l->cap * 2 : FIRST_TIMERS;
		struct slot *heap = reallocarray(l->heap, cap, sizeof *heap);

		if (heap == NULL)
			return RXP_ERR_NOMEM;
		l->heap = heap;
		l->cap = cap;
	}
	t = malloc(sizeof *t);
	if (t == NULL)
		return RXP_ERR_NOMEM;
	*t = (struct timer){.loop = l, .at = UNARMED, .fn = fn, .arg = arg};
	l->n_timers++;
	*out = t;
	return 0;
}

void timer_arm(struct timer *t, int64_t ms)
{
	struct loop *l = t->loop;

	timer_disarm(t);
	/* The clock is cut to whole milliseconds: one more makes it "at least". */
	t->due = clock_mono_ms() + (ms > 0 ? ms + 1 : 0);
	sift_up(l, t, l->n_armed++);
}

void timer_disarm(struct timer *t)
{
	struct loop *l = t->loop;
	size_t at = t->at;
	struct timer *last;

	if (at == UNARMED)
		return;
	t->at = UNARMED;
	last = l->heap[--l->n_armed].timer;
	if (last == t)
		return;
	sift_up(l, last, at);
	sift_down(l, last, last->at);
}

bool timer_armed(const struct timer *t)
{
	return t->at != UNARMED;
}

void timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	timer_disarm(t);
	t->loop->n_timers--;
	free(t);
}

/* Fire what is due. As many as were armed at the start: one that arms itself anew waits a round. */
static void run_timers(struct loop *l)
{
	int64_t now = clock_mono_ms();

	for (size_t n = l->n_armed; n > 0 && l->n_armed > 0 && l->heap[0].timer->due <= now; n--) {
		struct timer *t = l->heap[0].timer;

		timer_disarm(t);
		t->fn(t->arg);
	}
}

/* --- rounds ---------------------------------------------------------------------------------- */

void loop_on_round(struct loop *l, round_fn *fn, void *arg)
{
	if (l->n_rounds == LOOP_ROUND_FNS)
		abort();
	l->rounds[l->n_rounds].fn = fn;
	l->rounds[l->n_rounds].arg = arg;
	l->n_rounds++;
}

static int timeout_ms(const struct loop *l)
{
	int64_t left;

	if (l->n_armed == 0)
		return -1;
	left = l->heap[0].timer->due - clock_mono_ms();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int loop_run(struct loop *l)
{
	while (!l->stop) {
		int n = epoll_wait(l->epoll_fd, l->ready, BATCH, timeout_ms(l));

		if (n < 0 && errno != EINTR)
			return RXP_ERR_IO;
		l->n_ready = n > 0 ? n : 0;
		run_watchers(l);
		run_timers(l);
		for (size_t i = 0; i < l->n_rounds; i++)
			l->rounds[i].fn(l->rounds[i].arg);
	}
	l->stop = false;
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
