/*
 * gateway_shelf - two gateways whose registries are the test: one has a file to send, the other a
 * shelf of one file for what comes. Only for tests that link the gateway.
 */
#ifndef TEST_GATEWAY_SHELF_H
#define TEST_GATEWAY_SHELF_H

#include "daemon/test/unit/gateway_raw.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "daemon/test/unit/dice.h"
#include "protocol/base/err.h"

#define OPENS 16
#define MIB ((size_t)1048576)
#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))

/* What the receiver's registry has and saw. */
struct shelf {
	int fd;
	uint64_t held, total;
	uint8_t digest[32]; /* that the whole must have */
	unsigned heads, opens, ends;
	uint64_t opened_at, end_held;
	/* What it does. */
	bool hold; /* collect in waiting[] instead of answering */
	uint64_t waiting[OPENS];
	struct msg_stage asked[OPENS];
	size_t n_waiting;
	bool blind; /* says 404 to HEAD, whatever it holds */
	bool restless; /* says another offset each time */
	bool read_only; /* gives a file that cannot be written */
	unsigned reject; /* so many whole files */
};

struct pair {
	struct rig rig;
	struct node a, b;
	struct shelf shelf; /* b's */
	int file; /* a's */
	size_t length;
	uint8_t digest[32];
	unsigned uploads;
	struct msg_uploaded uploaded; /* the last */
	struct raw raw; /* another client of b, under a's key */
};

/* --- the registries --------------------------------------------------------------------------- */

static inline void shelf_digest(int fd, size_t len, uint8_t out[32])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t octets[65536];
	size_t at;
	ssize_t n;

	assert_int_equal(EVP_DigestInit_ex(md, EVP_sha256(), NULL), 1);
	for (at = 0; at < len; at += (size_t)n) {
		n = pread(fd, octets, sizeof octets, (off_t)at);
		assert_true(n > 0);
		assert_int_equal(EVP_DigestUpdate(md, octets, (size_t)n), 1);
	}
	assert_int_equal(EVP_DigestFinal_ex(md, out, NULL), 1);
	EVP_MD_CTX_free(md);
}

static inline uint64_t shelf_size(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_size;
}

static inline void shelf_open(struct node *n, struct shelf *shelf, uint64_t request)
{
	const struct msg_stage_opened m = {.held = shelf->held};
	char path[64];
	int fd = shelf->fd;

	if (shelf->read_only) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", shelf->fd);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
	}
	shelf->opens++;
	shelf->opened_at = shelf->held;
	assert_int_equal(link_answer(n->link, IPC_stage_opened, request, &m, &fd, 1), 0);
	if (shelf->read_only)
		close(fd);
}

static inline void shelf_answer(
    struct node *n, struct shelf *shelf, uint64_t request, const struct msg_stage *m)
{
	struct msg_staged staged = {.held = shelf->held};

	assert_string_equal(m->party, "QRA");
	if (m->head != 0) {
		shelf->heads++;
		staged.http_status = shelf->held > 0 && !shelf->blind ? 200 : 404;
	} else if (shelf->restless) {
		staged.http_status = 409;
		staged.held = m->offset + 1;
	} else if (m->offset != shelf->held) {
		staged.http_status = 409;
	}
	shelf->total = m->total;
	if (staged.http_status != 0)
		assert_int_equal(link_answer(n->link, IPC_staged, request, &staged, NULL, 0), 0);
	else
		shelf_open(n, shelf, request);
}

static inline void shelf_end(
    struct node *n, struct shelf *shelf, uint64_t request, const struct msg_stage_end *m)
{
	struct msg_stage_ended ended = {.http_status = 202};
	uint8_t digest[32];

	assert_string_equal(m->party, "QRA");
	shelf->ends++;
	shelf->held = shelf->end_held = m->held;
	assert_int_equal(shelf_size(shelf->fd), m->held);
	if (m->held == shelf->total) {
		shelf_digest(shelf->fd, (size_t)m->held, digest);
		ended.http_status = memcmp(digest, shelf->digest, 32) == 0 ? 201 : 422;
		if (shelf->reject > 0) {
			shelf->reject--;
			ended.http_status = 422;
		}
	}
	if (ended.http_status == 422) {
		assert_int_equal(ftruncate(shelf->fd, 0), 0);
		shelf->held = 0;
	}
	ended.held = shelf->held;
	assert_int_equal(link_answer(n->link, IPC_stage_ended, request, &ended, NULL, 0), 0);
}

static inline void pair_b_more(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;
	struct pair *p = (struct pair *)(void *)((char *)n - offsetof(struct pair, b));
	struct shelf *shelf = &p->shelf;

	(void)l;
	if (m->type == IPC_stage_end) {
		shelf_end(n, shelf, m->request, m->body);
		return;
	}
	assert_int_equal(m->type, IPC_stage);
	if (!shelf->hold) {
		shelf_answer(n, shelf, m->request, m->body);
		return;
	}
	assert_true(shelf->n_waiting < OPENS);
	memcpy(&shelf->asked[shelf->n_waiting], m->body, sizeof shelf->asked[0]);
	shelf->waiting[shelf->n_waiting++] = m->request;
}

static inline void pair_a_more(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;
	struct pair *p = (struct pair *)(void *)((char *)n - offsetof(struct pair, a));

	(void)l;
	assert_int_equal(m->type, IPC_uploaded);
	p->uploads++;
	memcpy(&p->uploaded, m->body, sizeof p->uploaded);
}

static inline void shelf_release(struct pair *p)
{
	struct shelf *shelf = &p->shelf;
	size_t i;

	shelf->hold = false;
	for (i = 0; i < shelf->n_waiting; i++)
		shelf_answer(&p->b, shelf, shelf->waiting[i], &shelf->asked[i]);
	shelf->n_waiting = 0;
}

/* --- fixture ---------------------------------------------------------------------------------- */

/* A file of so many random octets, which the shelf expects. */
static inline void pair_file(struct pair *p, size_t length)
{
	uint32_t words[4096];
	size_t at, n, i;

	assert_int_equal(ftruncate(p->file, 0), 0);
	for (at = 0; at < length; at += n) {
		for (i = 0; i < 4096; i++)
			words[i] = dice_roll(UINT32_MAX);
		n = length - at < sizeof words ? length - at : sizeof words;
		assert_int_equal(pwrite(p->file, words, n, (off_t)at), n);
	}
	p->length = length;
	shelf_digest(p->file, length, p->digest);
	memcpy(p->shelf.digest, p->digest, 32);
}

static inline int pair_setup(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	signal(SIGPIPE, SIG_IGN);
	rig_init(&p->rig);
	node_init(&p->a, &p->rig, "QRA");
	node_init(&p->b, &p->rig, "QRB");
	nodes_introduce(&p->a, &p->b);
	p->a.more = pair_a_more;
	p->b.more = pair_b_more;
	p->file = memfd_create("sent", MFD_CLOEXEC);
	p->shelf.fd = memfd_create("staged", MFD_CLOEXEC);
	assert_true(p->file >= 0 && p->shelf.fd >= 0);
	*state = p;
	return 0;
}

static inline int pair_teardown(void **state)
{
	struct pair *p = *state;

	node_end(&p->a);
	node_end(&p->b);
	rig_end(&p->rig);
	close(p->file);
	close(p->shelf.fd);
	free(p);
	return 0;
}

static inline void pair_upload(struct pair *p)
{
	struct msg_upload m = {.peer = "QRB", .length = p->length};

	memcpy(m.digest, p->digest, sizeof m.digest);
	assert_int_equal(link_request(p->a.link, IPC_upload, &m, &p->file, 1, NULL), 0);
}

static inline void assert_uploaded(struct pair *p, unsigned uploads, unsigned status)
{
	rig_until(&p->rig, p->uploads == uploads);
	assert_string_equal(p->uploaded.transport, "");
	assert_int_equal(p->uploaded.outcome, 0);
	assert_int_equal(p->uploaded.http_status, status);
}

static inline void assert_arrived(const struct pair *p)
{
	uint8_t digest[32];

	assert_int_equal(p->shelf.held, p->length);
	assert_int_equal(shelf_size(p->shelf.fd), p->length);
	shelf_digest(p->shelf.fd, p->length, digest);
	assert_memory_equal(digest, p->digest, sizeof digest);
}

#endif
