/*
 * desk_shelf - a registry that keeps one file, sealers that turn its octets around, and a ministry that
 * uploads and fetches it; for desk_attachment_test alone.
 */
#ifndef DESK_SHELF_H
#define DESK_SHELF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/desk/attachment.h"
#include "daemon/desk/hash.h"
#include "daemon/test/unit/desk_fixture.h"
#include "protocol/base/codec.h"

#define SEGMENT ATTACHMENT_SEGMENT_OCTETS
#define LEAST 27 /* octets of the smallest file */
#define QUERY "?type=photograph&media_type=image/jpeg&checked_by=return-officer"
#define GET_FILE(path) "GET " path HEAD_LINES "Readmit-Reason: incident\r\n\r\n"

struct office {
	int fd; /* the one file of the registry */
	int key_result, denied, seal_result, kept_result, not_got, open_result;
	uint64_t fails_at; /* counter of the segment that seal_result or open_result is about */
	uint64_t next; /* counter expected */
	uint64_t cut; /* octets that the sealer leaves away when it opens */
	unsigned news, dones, dropped, segments;
	struct msg_attachment_new facts;
	struct msg_attachment_done done;
	char key[16], reason[RECORD_NAME_MAX];
	struct rec_attachment_row row; /* given out */
};

/* --- the sealer: the octets turned, and a tag that says where they belong ------------------------ */
static inline void turn(uint8_t *out, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = in[i] ^ 0x5a;
}

static inline void make_tag(uint8_t tag[ATTACHMENT_TAG_OCTETS], uint64_t counter, uint32_t last)
{
	memset(tag, 0x77, ATTACHMENT_TAG_OCTETS);
	tag[0] = (uint8_t)counter;
	tag[1] = (uint8_t)last;
}

static inline void answer_seal(struct office *o, struct link *l, const struct link_message *m)
{
	static uint8_t octets[SEGMENT + ATTACHMENT_TAG_OCTETS];
	const struct msg_segment_seal *q = m->body;
	struct msg_segment_sealed a = {.octets = {octets, q->octets.len + ATTACHMENT_TAG_OCTETS}};

	assert_int_equal(q->key.len, 5);
	assert_memory_equal(q->key.data, "boxed", 5);
	assert_int_equal(q->counter, o->next++);
	assert_true(q->octets.len == SEGMENT || q->last == 1);
	o->segments++;
	turn(octets, q->octets.data, q->octets.len);
	make_tag(octets + q->octets.len, q->counter, q->last);
	if (o->seal_result != 0 && q->counter == o->fails_at) {
		a.result = (uint32_t)o->seal_result;
		a.octets.len = 0;
	}
	assert_int_equal(link_answer(l, IPC_segment_sealed, m->request, &a, NULL, 0), 0);
}

static inline void answer_open(struct office *o, struct link *l, const struct link_message *m)
{
	static uint8_t octets[SEGMENT];
	const struct msg_segment_open *q = m->body;
	struct msg_segment_opened a = {.octets = {octets, q->octets.len - ATTACHMENT_TAG_OCTETS}};
	uint8_t tag[ATTACHMENT_TAG_OCTETS];

	assert_memory_equal(q->ticket.data, "ticket", 6);
	make_tag(tag, q->counter, q->last);
	turn(octets, q->octets.data, a.octets.len);
	if (memcmp(tag, q->octets.data + a.octets.len, sizeof(tag)) != 0)
		a.result = (uint32_t)RXP_ERR_DECRYPT;
	if (o->open_result != 0 && q->counter == o->fails_at)
		a.result = (uint32_t)o->open_result;
	a.octets.len = a.result != 0 ? 0 : a.octets.len - o->cut;
	assert_int_equal(link_answer(l, IPC_segment_opened, m->request, &a, NULL, 0), 0);
}

static inline void on_work_asked(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct office *o = f->more;
	struct msg_attachment_keyed key = {
	    .result = (uint32_t)o->key_result, .key = {(const uint8_t *)"boxed", 5}};

	assert_int_equal(
	    link_answer(l, IPC_desk_taken, m->request, &(struct msg_desk_taken){1}, NULL, 0), 0);
	if (m->type == IPC_segment_seal)
		answer_seal(o, l, m);
	else if (m->type == IPC_segment_open)
		answer_open(o, l, m);
	else
		assert_int_equal(
		    link_answer(l, IPC_attachment_keyed, m->request, &key, NULL, 0), 0);
}

/* --- the registry ------------------------------------------------------------------------------- */
static inline void answer_new(struct office *o, struct link *l, const struct link_message *m)
{
	struct msg_attachment_opened a = {0};
	struct msg_attachment_denied denied = {.result = (uint32_t)o->denied};

	o->news++;
	o->next = 0;
	o->facts = *(const struct msg_attachment_new *)m->body;
	rxp_id_parse(a.attachment, ID, 7);
	if (o->denied != 0) {
		assert_int_equal(
		    link_answer(l, IPC_attachment_denied, m->request, &denied, NULL, 0), 0);
		return;
	}
	assert_int_equal(ftruncate(o->fd, 0), 0);
	assert_int_equal(link_answer(l, IPC_attachment_opened, m->request, &a, &o->fd, 1), 0);
}

static inline void answer_done(struct office *o, struct link *l, const struct link_message *m)
{
	const struct msg_attachment_done *q = m->body;
	struct msg_attachment_kept a = {.result = (uint32_t)o->kept_result};

	if (q->key.len == 0) {
		assert_int_equal(q->length, 0);
		o->dropped++;
	} else {
		o->dones++;
		snprintf(
		    o->key, sizeof(o->key), "%.*s", (int)q->key.len, (const char *)q->key.data);
		o->done = *q;
	}
	assert_int_equal(link_answer(l, IPC_attachment_kept, m->request, &a, NULL, 0), 0);
}

static inline void answer_get(struct office *o, struct link *l, const struct link_message *m)
{
	const struct msg_attachment_get *q = m->body;
	struct msg_attachment_not_got none = {.result = (uint32_t)o->not_got};
	struct msg_attachment_got a = {.ticket = {(const uint8_t *)"ticket", 6}};
	struct rxp_buf row;

	snprintf(o->reason, sizeof(o->reason), "%s", q->reason);
	if (o->not_got != 0) {
		assert_int_equal(
		    link_answer(l, IPC_attachment_not_got, m->request, &none, NULL, 0), 0);
		return;
	}
	assert_int_equal(q->number, 7);
	rxp_buf_init(&row, 4096);
	record_encode(&row, &record_attachment_row, &o->row);
	a.row = (struct bytes){row.data, row.len};
	assert_int_equal(link_answer(l, IPC_attachment_got, m->request, &a, &o->fd, 1), 0);
	rxp_buf_free(&row);
}

static inline void on_registry_asked(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct office *o = f->more;

	if (f->registry.hold) {
		f->registry.held[f->registry.n_held++] = (struct held){m->type, m->request};
		return;
	}
	if (m->type == IPC_attachment_new)
		answer_new(o, l, m);
	else if (m->type == IPC_attachment_done)
		answer_done(o, l, m);
	else
		answer_get(o, l, m);
}

static inline int open_office(void **state)
{
	struct fixture *f;
	struct office *o = calloc(1, sizeof(*o));

	assert_non_null(o);
	assert_int_equal(set_up(state), 0);
	f = *state;
	o->fd = memfd_create("attachment", MFD_CLOEXEC);
	assert_true(o->fd >= 0);
	f->more = o;
	f->registry.handler = on_registry_asked;
	f->worker = on_work_asked;
	return 0;
}

static inline int close_office(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;

	assert_int_equal(tear_down(state), 0);
	close(o->fd);
	free(o);
	return 0;
}

/* --- the ministry -------------------------------------------------------------------------------- */
/* A JPEG of so many octets, of which most are its coded data. */
static inline void fill(uint8_t *octets, size_t len)
{
	static const uint8_t HEAD[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0,
	    0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0};
	static const uint8_t TAIL[] = {0xff, 0xd9};

	assert_int_equal(sizeof(HEAD) + sizeof(TAIL), LEAST);
	assert_true(len >= LEAST);
	memcpy(octets, HEAD, sizeof(HEAD));
	for (size_t i = sizeof(HEAD); i < len - sizeof(TAIL); i++)
		octets[i] = (uint8_t)((i * 31 + i / 251 + i / SEGMENT) % 255);
	memcpy(octets + len - sizeof(TAIL), TAIL, sizeof(TAIL));
}

static inline void digest_of(uint8_t out[32], const uint8_t *octets, size_t len)
{
	struct hash *h = NULL;

	assert_int_equal(hash_new(&h), 0);
	hash_put(h, octets, len);
	assert_int_equal(hash_end(h, out), 0);
	hash_free(h);
}

/* A request that gives these octets; in chunks of this size, or 0: with their length. */
static inline void put_octets(
    struct rxp_buf *request, const char *query, const uint8_t *octets, size_t len, size_t chunk)
{
	char text[64];

	rxp_buf_init(request, CLIENT_MAX);
	rxp_buf_puts(request, "POST /v1/attachments");
	rxp_buf_puts(request, query);
	rxp_buf_puts(request, HEAD_LINES "Content-Type: application/octet-stream\r\n");
	if (chunk == 0) {
		snprintf(text, sizeof(text), "Content-Length: %zu\r\n\r\n", len);
		rxp_buf_puts(request, text);
		rxp_buf_put(request, octets, len);
	} else {
		rxp_buf_puts(request, "Transfer-Encoding: chunked\r\n\r\n");
		for (size_t at = 0; at < len; at += chunk) {
			size_t n = len - at < chunk ? len - at : chunk;

			snprintf(text, sizeof(text), "%zx\r\n", n);
			rxp_buf_puts(request, text);
			rxp_buf_put(request, octets + at, n);
			rxp_buf_puts(request, "\r\n");
		}
		rxp_buf_puts(request, "0\r\n\r\n");
	}
	assert_int_equal(rxp_buf_error(request), 0);
}

/* The same for a file of so many octets. */
static inline void put_upload(struct rxp_buf *request, const char *query, size_t len, size_t chunk)
{
	uint8_t *octets = malloc(len);

	assert_non_null(octets);
	fill(octets, len);
	put_octets(request, query, octets, len, chunk);
	free(octets);
}

static inline const char *upload_octets(
    struct fixture *f, const char *query, const uint8_t *octets, size_t len, size_t chunk)
{
	struct rxp_buf request;
	const char *a;

	put_octets(&request, query, octets, len, chunk);
	a = exchange_octets(f, request.data, request.len);
	rxp_buf_free(&request);
	return a;
}

static inline const char *upload(struct fixture *f, const char *query, size_t len, size_t chunk)
{
	struct rxp_buf request;
	const char *a;

	put_upload(&request, query, len, chunk);
	a = exchange_octets(f, request.data, request.len);
	rxp_buf_free(&request);
	return a;
}

static inline void assert_digest(
    const char *answer_text, const char *name, const uint8_t digest[32])
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, digest, 32, false);
	assert_member(answer_text, name, hex);
}

/* The registry holds what the sealers made of the pattern, and was told its facts. */
static inline void assert_kept(struct fixture *f, const char *a, size_t len)
{
	struct office *o = f->more;
	size_t sealed = (size_t)attachment_ciphertext_length(len), at = 0;
	uint8_t *octets = malloc(len + 1), *expected = malloc(sealed), digest[32];
	off_t size = lseek(o->fd, 0, SEEK_END);

	assert_int_equal(status_of(a), 201);
	assert_int_equal(size, sealed);
	fill(octets, len);
	for (uint64_t i = 0; i < attachment_segments(len); i++) {
		size_t n = attachment_segment_length(len, i);

		turn(expected + at, octets + i * SEGMENT, n);
		make_tag(expected + at + n, i, i + 1 == attachment_segments(len));
		at += n + ATTACHMENT_TAG_OCTETS;
	}
	assert_int_equal(at, sealed);
	digest_of(digest, octets, len);
	assert_memory_equal(o->done.file_digest, digest, 32);
	assert_digest(a, "file_digest", digest);
	digest_of(digest, expected, sealed);
	assert_memory_equal(o->done.ciphertext_digest, digest, 32);
	assert_digest(a, "ciphertext_digest", digest);
	assert_member(a, "attachment", ID);
	assert_int_equal(o->done.length, len);
	assert_int_equal(o->done.ciphertext_length, sealed);
	assert_string_equal(o->key, "boxed");
	for (at = 0; at < sealed;) {
		uint8_t piece[4096];
		size_t n = sealed - at < sizeof(piece) ? sealed - at : sizeof(piece);

		assert_int_equal(pread(o->fd, piece, n, (off_t)at), n);
		assert_memory_equal(piece, expected + at, n);
		at += n;
	}
	free(octets);
	free(expected);
}

/* The row that the registry would give out for what it was told. */
static inline void row_as_told(struct office *o)
{
	o->row = (struct rec_attachment_row){.number = 7,
	    .type = "photograph",
	    .media_type = "image/jpeg",
	    .length = o->done.length,
	    .ciphertext_length = o->done.ciphertext_length};
	memcpy(o->row.file_digest, o->done.file_digest, 32);
	memcpy(o->row.ciphertext_digest, o->done.ciphertext_digest, 32);
}

/* Fetch the file; says how many octets of it came, all of which are right, and the status. */
static inline size_t fetch(struct fixture *f, const char *request, unsigned *status)
{
	struct office *o = f->more;
	struct client c;
	unsigned open = 0;
	const uint8_t *body;
	uint8_t *octets;
	size_t n;

	client_new(&c, f, request, strlen(request), &open);
	run(f);
	*status = status_of((char *)c.in.data);
	body =
	    *status == 200 ? (const uint8_t *)body_of((char *)c.in.data) : c.in.data + c.in.len - 1;
	n = (size_t)(c.in.data + c.in.len - 1 - body); /* without the NUL of the client */
	assert_true(n <= o->done.length);
	octets = malloc(o->done.length);
	fill(octets, o->done.length);
	assert_memory_equal(body, octets, n);
	free(octets);
	client_free(&c);
	return n;
}

#endif
