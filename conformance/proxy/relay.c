#include "conformance/proxy/relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/wire/listen.h"
#include "conformance/wire/tls.h"
#include "protocol/base/buf.h"

#define MAX_LINES 16
#define PIPE_OCTETS 65536
#define MESSAGE_OCTETS 4000 /* more than a handshake, settings and a request without a body have */
#define ANSWER_OCTETS 1000 /* more than settings and acknowledgements have */
#define HELLO_OCTETS 100
#define QUIET_MS 100 /* after which an answer is taken to be whole */
#define LATE_MS 500
#define DROP_OCTETS 16
#define DROP_MS 1
#define RECORD_OCTETS (256UL * 1024)
#define DIAL_MS 5000

/* One direction of a connection. */
struct pipe {
	int from, to; /* descriptors */
	uint8_t octets[PIPE_OCTETS];
	size_t len; /* that wait */
	int64_t due_ms; /* before which they do not go on */
	bool ended, told; /* no more comes; and the other side was told */
	bool held; /* nothing of it goes on any more */
};

struct line {
	enum way way;
	struct pipe on, back;
	bool dead, rude, answered_once;
	size_t asked, next_asked; /* octets of the present message; of what may be the next */
	size_t answered; /* octets that came behind it */
	size_t before; /* octets that came before any message: of the handshake, and settings */
	int64_t last_ms; /* of the answer's last octet */
	size_t sent; /* octets of who made the connection */
	struct relay_try *of; /* NULL: no message is under way */
	struct rxp_buf record; /* of what the sender sent */
};

struct relay {
	const char *behind[WAY_COUNT];
	int fd[WAY_COUNT];
	struct line *lines[MAX_LINES];
	enum fault fault;
	unsigned left; /* times that it still strikes */
	size_t at; /* of FAULT_UPLOAD */
	size_t sent; /* octets of the sender, on all connections */
	struct relay_try tries[RELAY_TRIES];
	size_t n_tries;
	unsigned n_lines[WAY_COUNT];
	enum wire_end failed;
	struct rxp_buf record; /* of the connection of the first message that passed */
	size_t before; /* of the same */
};

const char *fault_words(enum fault f)
{
	static const char *const words[] = {
#define FAULT(name, words) words,
#include "conformance/proxy/fault.def"
#undef FAULT
	};

	if ((unsigned)f >= FAULT_COUNT)
		abort();
	return words[f];
}

/* --- connections ----------------------------------------------------------------------------- */

static void close_fd(int fd, bool rudely)
{
	struct linger none = {1, 0};

	if (fd < 0)
		return;
	if (rudely)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	(void)close(fd);
}

static void line_free(struct line *l)
{
	close_fd(l->on.from, l->rude);
	close_fd(l->on.to, l->rude);
	rxp_buf_free(&l->record);
	free(l);
}

static struct relay_try *note_try(struct relay *r)
{
	struct relay_try *t = &r->tries[r->n_tries < RELAY_TRIES ? r->n_tries++ : RELAY_TRIES - 1];

	*t = (struct relay_try){.began_ms = tls_now_ms()};
	return t;
}

/* The fault has struck. */
static void strike(struct relay *r, struct line *l)
{
	l->of->struck = true;
	l->of->ended_ms = tls_now_ms();
	r->left--;
	l->of = NULL;
}

static void cut(struct relay *r, struct line *l, bool rudely)
{
	strike(r, l);
	l->dead = true;
	l->rude = rudely;
}

static bool is_armed(const struct relay *r, const struct line *l, enum fault fault)
{
	return l->way == WAY_ON && r->left > 0 && r->fault == fault;
}

static void let_in(struct relay *r, enum way way)
{
	int fd = accept4(r->fd[way], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), at_once = 1,
	    other = -1;
	bool armed = way == WAY_ON && r->left > 0;
	size_t i = 0;
	struct line *l;
	enum wire_end end;

	if (fd < 0)
		return;
	r->n_lines[way]++;
	if (armed && (r->fault == FAULT_SHUT || r->fault == FAULT_RESET)) {
		struct relay_try *t = note_try(r);

		close_fd(fd, r->fault == FAULT_RESET);
		t->struck = true;
		t->ended_ms = t->began_ms;
		r->left--;
		return;
	}
	while (i < MAX_LINES && r->lines[i] != NULL)
		i++;
	l = i == MAX_LINES ? NULL : calloc(1, sizeof *l);
	end = l == NULL ? WIRE_LOCAL : tls_dial(&other, r->behind[way], tls_now_ms() + DIAL_MS);
	if (end != WIRE_NONE) {
		r->failed = end;
		close_fd(fd, false);
		free(l);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
	l->way = way;
	l->on.from = l->back.to = fd;
	l->on.to = l->back.from = other;
	rxp_buf_init(&l->record, RECORD_OCTETS);
	r->lines[i] = l;
	if (is_armed(r, l, FAULT_HELLO))
		l->of = note_try(r);
}

/* --- what passes ----------------------------------------------------------------------------- */

/* The message and its answer have passed. */
static void pass(struct relay *r, struct line *l)
{
	l->of->passed = true;
	l->of->ended_ms = l->last_ms;
	l->of = NULL;
	if (r->record.len == 0 && rxp_buf_put(&r->record, l->record.data, l->record.len) == 0)
		r->before = l->before;
}

/* Octets came from who made the connection; the first of them that belongs to a message begins a try. */
static void count_asked(struct relay *r, struct line *l, const uint8_t *octets, size_t n)
{
	if (l->way != WAY_ON)
		return;
	(void)rxp_buf_put(&l->record, octets, n);
	l->sent += n;
	r->sent += n;
	l->next_asked += l->answered_once ? n : 0;
	if (l->next_asked >= MESSAGE_OCTETS && l->answered >= ANSWER_OCTETS) {
		if (l->of != NULL)
			pass(r, l);
		l->asked = l->answered = 0;
	}
	if (l->of == NULL && l->asked == 0 && l->next_asked >= MESSAGE_OCTETS) {
		l->of = note_try(r);
		l->asked = l->next_asked;
		l->next_asked = 0;
	} else if (l->of != NULL) {
		l->asked += n;
	}
	if (l->of != NULL)
		l->of->asked = l->asked;
}

static void count_answered(struct line *l, size_t n)
{
	if (l->way != WAY_ON)
		return;
	if (!l->answered_once) { /* of its handshake */
		l->answered_once = true;
		l->next_asked = 0;
	}
	if (l->record.len < MESSAGE_OCTETS)
		l->before += n;
	if (l->of == NULL || l->asked < MESSAGE_OCTETS)
		return;
	l->answered += n;
	l->of->answered = l->answered;
	l->last_ms = tls_now_ms();
}

/* Does what waits go on, or is it struck? */
static void meet_request(struct relay *r, struct line *l)
{
	struct pipe *p = &l->on;

	if (is_armed(r, l, FAULT_UPLOAD) && l->sent >= r->at) {
		if (l->of == NULL)
			l->of = note_try(r);
		cut(r, l, false);
		return;
	}
	if (l->of == NULL || l->asked < MESSAGE_OCTETS || l->answered > 0 || p->len == 0)
		return;
	if (is_armed(r, l, FAULT_FLIP_REQUEST)) {
		p->octets[p->len - 1] ^= 1;
		strike(r, l);
	} else if (is_armed(r, l, FAULT_REQUEST) || is_armed(r, l, FAULT_HALF_ON)) {
		/* Half of what came goes on. */
		(void)send(p->to, p->octets, p->len / 2, MSG_NOSIGNAL);
		p->len = 0;
		if (r->fault == FAULT_REQUEST) {
			cut(r, l, false);
			return;
		}
		(void)shutdown(p->to, SHUT_WR);
		p->held = true;
		strike(r, l);
	}
}

static void meet_answer(struct relay *r, struct line *l)
{
	struct pipe *p = &l->back;

	if (l->of == NULL)
		return;
	if (is_armed(r, l, FAULT_HELLO) && l->answered_once) {
		(void)send(
		    p->to, p->octets, p->len < HELLO_OCTETS ? p->len : HELLO_OCTETS, MSG_NOSIGNAL);
		cut(r, l, false);
		return;
	}
	if (l->answered < ANSWER_OCTETS)
		return;
	if (is_armed(r, l, FAULT_FLIP_ANSWER) && p->len > 0) {
		p->octets[p->len - 1] ^= 1;
		strike(r, l);
	} else if (is_armed(r, l, FAULT_ANSWER) && p->len > 0) {
		(void)send(p->to, p->octets, p->len / 2, MSG_NOSIGNAL);
		cut(r, l, false);
	} else if (is_armed(r, l, FAULT_HALF_BACK)) {
		(void)shutdown(p->to, SHUT_WR);
		p->held = true;
		strike(r, l);
	}
}

/* An answer that is lost is awaited first: what the receiver has answered it has stored. */
static bool is_lost(const struct relay *r, const struct line *l)
{
	return (is_armed(r, l, FAULT_LOSE) || is_armed(r, l, FAULT_LOSE_RUDELY)) && l->of != NULL &&
	       l->asked >= MESSAGE_OCTETS;
}

static void look(struct relay *r, struct line *l)
{
	if (l->of == NULL || l->answered < ANSWER_OCTETS || tls_now_ms() < l->last_ms + QUIET_MS)
		return;
	if (is_lost(r, l))
		cut(r, l, r->fault == FAULT_LOSE_RUDELY);
	else if (l->back.len == 0)
		pass(r, l);
}

static void take(struct relay *r, struct line *l, struct pipe *p)
{
	ssize_t n = recv(p->from, p->octets + p->len, sizeof p->octets - p->len, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		p->ended = true;
		l->dead = l->dead || n < 0;
		return;
	}
	if (p->len == 0 && r->fault == FAULT_LATE)
		p->due_ms = tls_now_ms() + LATE_MS;
	if (p == &l->on)
		count_asked(r, l, p->octets + p->len, (size_t)n);
	else
		count_answered(l, (size_t)n);
	p->len += (size_t)n;
	if (p == &l->on)
		meet_request(r, l);
	else
		meet_answer(r, l);
	if (p->held)
		p->len = 0;
}

static void give(const struct relay *r, struct line *l, struct pipe *p)
{
	bool drops = r->fault == FAULT_DROPS;
	size_t len = drops && p->len > DROP_OCTETS ? DROP_OCTETS : p->len;
	ssize_t n;

	if (p->held || l->dead || (p == &l->back && is_lost(r, l)))
		return;
	if (len > 0 && tls_now_ms() >= p->due_ms) {
		n = send(p->to, p->octets, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			l->dead = true;
		if (n > 0) {
			p->len -= (size_t)n;
			memmove(p->octets, p->octets + n, p->len);
			p->due_ms = drops ? tls_now_ms() + DROP_MS : 0;
		}
	}
	if (p->len == 0 && p->ended && !p->told) {
		(void)shutdown(p->to, SHUT_WR);
		p->told = true;
	}
}

static void serve(struct relay *r, struct line *l)
{
	give(r, l, &l->on);
	give(r, l, &l->back);
	look(r, l);
	/* What ends on both ways is over; so is a connection of which one end is gone while the other way is held. */
	if (l->on.ended && l->back.ended && l->on.len + l->back.len == 0)
		l->dead = true;
	if ((l->on.ended || l->back.ended) && (l->on.held || l->back.held))
		l->dead = true;
	if (l->dead && l->of != NULL && is_lost(r, l))
		strike(r, l);
	if (l->dead && l->of != NULL && l->answered >= ANSWER_OCTETS && l->back.len == 0)
		pass(r, l);
}

static void sweep(struct relay *r, bool all)
{
	for (size_t i = 0; i < MAX_LINES; i++)
		if (r->lines[i] != NULL && (all || r->lines[i]->dead)) {
			line_free(r->lines[i]);
			r->lines[i] = NULL;
		}
}

/* --- the whole ------------------------------------------------------------------------------- */

enum wire_end relay_open(struct relay **out, const struct way_ends ends[WAY_COUNT])
{
	struct relay *r = calloc(1, sizeof *r);
	enum wire_end end = WIRE_NONE;

	if (r == NULL)
		return WIRE_LOCAL;
	rxp_buf_init(&r->record, RECORD_OCTETS);
	r->fd[WAY_ON] = r->fd[WAY_BACK] = -1;
	for (enum way way = 0; way < WAY_COUNT && end == WIRE_NONE; way++) {
		r->behind[way] = ends[way].behind;
		end = listen_at(&r->fd[way], ends[way].at);
	}
	if (end == WIRE_NONE)
		*out = r;
	else
		relay_free(r);
	return end;
}

void relay_free(struct relay *r)
{
	if (r == NULL)
		return;
	sweep(r, true);
	for (enum way way = 0; way < WAY_COUNT; way++)
		close_fd(r->fd[way], false);
	rxp_buf_free(&r->record);
	free(r);
}

void relay_arm(struct relay *r, enum fault fault, unsigned times)
{
	sweep(r, true);
	r->fault = fault;
	r->left = times;
	r->n_tries = 0;
	r->sent = 0;
	r->n_lines[WAY_ON] = r->n_lines[WAY_BACK] = 0;
	r->failed = WIRE_NONE;
	rxp_buf_free(&r->record);
	rxp_buf_init(&r->record, RECORD_OCTETS);
}

void relay_arm_at(struct relay *r, size_t octets)
{
	relay_arm(r, FAULT_UPLOAD, 1);
	r->at = octets;
}

size_t relay_sent(const struct relay *r)
{
	return r->sent;
}

/* Until when nothing has to be done that no octet brings about. */
static int64_t next_due(const struct relay *r, int64_t until_ms)
{
	for (size_t i = 0; i < MAX_LINES; i++) {
		const struct line *l = r->lines[i];

		if (l == NULL)
			continue;
		if (l->on.len > 0 && !l->on.held && l->on.due_ms < until_ms)
			until_ms = l->on.due_ms;
		if (l->back.len > 0 && !l->back.held && !is_lost(r, l) && l->back.due_ms < until_ms)
			until_ms = l->back.due_ms;
		if (l->of != NULL && l->answered >= ANSWER_OCTETS &&
		    l->last_ms + QUIET_MS < until_ms)
			until_ms = l->last_ms + QUIET_MS;
	}
	return until_ms;
}

static bool has_room(const struct pipe *p)
{
	return !p->ended && p->len < sizeof p->octets;
}

void relay_turn(struct relay *r, int64_t deadline_ms)
{
	struct pollfd p[WAY_COUNT + 2 * MAX_LINES];
	int64_t left = next_due(r, deadline_ms) - tls_now_ms();

	for (enum way way = 0; way < WAY_COUNT; way++)
		p[way] = (struct pollfd){r->fd[way], POLLIN, 0};
	for (size_t i = 0; i < MAX_LINES; i++) {
		const struct line *l = r->lines[i];
		bool on = l != NULL && has_room(&l->on), back = l != NULL && has_room(&l->back);

		p[WAY_COUNT + 2 * i] = (struct pollfd){on ? l->on.from : -1, POLLIN, 0};
		p[WAY_COUNT + 2 * i + 1] = (struct pollfd){back ? l->back.from : -1, POLLIN, 0};
	}
	(void)poll(p, sizeof p / sizeof p[0], left < 0 ? 0 : left > 1000 ? 1000 : (int)left);
	for (size_t i = 0; i < MAX_LINES; i++) {
		struct line *l = r->lines[i];

		if (l == NULL)
			continue;
		if (p[WAY_COUNT + 2 * i].revents != 0)
			take(r, l, &l->on);
		if (p[WAY_COUNT + 2 * i + 1].revents != 0 && !l->dead)
			take(r, l, &l->back);
		serve(r, l);
	}
	for (enum way way = 0; way < WAY_COUNT; way++)
		if (p[way].revents != 0)
			let_in(r, way);
	sweep(r, false);
}

size_t relay_tries(const struct relay *r)
{
	return r->n_tries;
}

const struct relay_try *relay_try_at(const struct relay *r, size_t i)
{
	return &r->tries[i];
}

unsigned relay_lines(const struct relay *r, enum way way)
{
	return r->n_lines[way];
}

enum wire_end relay_failed(const struct relay *r)
{
	return r->failed;
}

bool relay_is_answer(const struct relay *r, size_t came)
{
	return came >= r->before + ANSWER_OCTETS;
}

enum wire_end relay_replay(struct relay *r, size_t *came, int64_t deadline_ms)
{
	uint8_t octets[1024];
	int fd = -1;
	enum wire_end end = tls_dial(&fd, r->behind[WAY_ON], deadline_ms);
	ssize_t n;

	*came = 0;
	if (end != WIRE_NONE)
		return end;
	/* The receiver ends it while it is being written, so that not all of it has to go. */
	(void)send(fd, r->record.data, r->record.len, MSG_NOSIGNAL);
	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left = deadline_ms - tls_now_ms();

		if (left <= 0 || poll(&p, 1, (int)left) <= 0) {
			end = WIRE_TIMEOUT;
			break;
		}
		n = recv(fd, octets, sizeof octets, 0);
		if (n <= 0)
			break;
		*came += (size_t)n;
	}
	(void)close(fd);
	return end;
}
