/*
 * Goal: what a client that is played frame by frame can do to an attachment.
 *  - each request that cannot be has its status; nothing of it reaches the registry or the file
 *  - the registry hears of the end of each PUT, with the octets that are in the file
 *  - no file of the process grows beyond the largest ciphertext
 *  - a party has a bounded number of files under way, and a bounded time for each octet
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_shelf.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "daemon/gateway/staging.h"
#include "protocol/base/codec.h"

#define PATH_ROOT "/rxp/1/attachments/"

/* --- a client frame by frame ------------------------------------------------------------------ */

static struct raw *open_raw(struct pair *p)
{
	assert_true(raw_connect(&p->raw, &p->b, &(struct raw_options){.key = &p->a.key}));
	assert_true(raw_hello(&p->raw));
	return &p->raw;
}

static void path_of(char out[128], const uint8_t digest[32])
{
	char hex[65];

	rxp_hex_put(hex, digest, 32, false);
	snprintf(out, 128, PATH_ROOT "%s", hex);
}

/* HEADERS of a request for the pair's file; range and length may be NULL. */
static void ask(struct pair *p, uint32_t id, uint8_t flags, const char *method, const char *range,
    const char *length)
{
	struct raw_field fields[RAW_FIELDS] = {RAW_REQUEST(NULL, NULL)};
	char path[128];
	size_t n = 4;

	path_of(path, p->digest);
	fields[0].value = method;
	fields[3].value = path;
	if (range != NULL)
		fields[n++] = (struct raw_field){"content-range", range};
	if (length != NULL)
		fields[n++] = (struct raw_field){"content-length", length};
	fields[n] = (struct raw_field){NULL, NULL};
	assert_true(raw_headers(&p->raw, flags, id, fields));
}

static unsigned status_of(struct raw *w, uint32_t id)
{
	until(w, w->status[id] != 0);
	return w->status[id];
}

static void head_of_file(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);

	ask(p, 1, NGHTTP2_FLAG_END_STREAM, "HEAD", NULL, NULL);
	assert_int_equal(status_of(w, 1), 404);
	assert_string_equal(w->offset, "");
	p->shelf.held = 12345678901;
	ask(p, 3, NGHTTP2_FLAG_END_STREAM, "HEAD", NULL, NULL);
	assert_int_equal(status_of(w, 3), 200);
	assert_string_equal(w->offset, "12345678901");
	until(w, w->ended == 2);
	assert_int_equal(w->data_len, 0);
	raw_end(w);
}

static void other_paths(void **state)
{
	static const char digest[] =
	    "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789";
	static const char *const paths[] = {
	    PATH_ROOT "ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
	    PATH_ROOT "abcdef0123456789abcdef0123456789abcdef0123456789abcdef012345678",
	    PATH_ROOT "abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567890",
	    PATH_ROOT "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789/",
	    PATH_ROOT "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789?",
	    PATH_ROOT "gbcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
	    PATH_ROOT,
	    "/rxp/1/attachments",
	    "/rxp/1/Attachments/abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
	};
	struct pair *p = *state;
	struct raw *w = open_raw(p);
	uint32_t id = 1;
	size_t i;

	for (i = 0; i < sizeof paths / sizeof paths[0]; i++, id += 2) {
		raw_headers(w, NGHTTP2_FLAG_END_STREAM, id,
		    (struct raw_field[]){RAW_REQUEST("HEAD", paths[i]), {NULL, NULL}});
		assert_int_equal(status_of(w, id), 404);
	}
	assert_int_equal(p->shelf.heads, 0);
	/* The valid twin is known to the registry as not held. */
	assert_int_equal(rxp_hex_get(p->digest, 32, digest, false), 0);
	ask(p, id, NGHTTP2_FLAG_END_STREAM, "HEAD", NULL, NULL);
	assert_int_equal(status_of(w, id), 404);
	assert_int_equal(p->shelf.heads, 1);
	raw_end(w);
}

static void other_methods(void **state)
{
	static const char *const methods[] = {"POST", "DELETE", "PATCH", "head", "OPTIONS"};
	struct pair *p = *state;
	struct raw *w = open_raw(p);
	uint32_t id = 1;
	size_t i;

	for (i = 0; i < sizeof methods / sizeof methods[0]; i++, id += 2) {
		w->allow[0] = '\0';
		ask(p, id, NGHTTP2_FLAG_END_STREAM, methods[i], NULL, NULL);
		assert_int_equal(status_of(w, id), 405);
		assert_string_equal(w->allow, "HEAD, PUT, GET");
	}
	assert_int_equal(p->shelf.heads, 0);
	raw_end(w);
}

static void bad_ranges(void **state)
{
	static const struct {
		const char *range, *length;
		unsigned status;
	} rows[] = {
	    {NULL, NULL, 400},
	    {"", NULL, 400},
	    {"bytes", NULL, 400},
	    {"bytes 0-9", NULL, 400},
	    {"bytes 0-9/*", NULL, 400},
	    {"bytes */10", NULL, 400},
	    {"bytes=0-9/10", NULL, 400},
	    {"Bytes 0-9/10", NULL, 400},
	    {"octets 0-9/10", NULL, 400},
	    {"bytes  0-9/10", NULL, 400},
	    {"bytes 0 - 9/10", NULL, 400},
	    {"bytes 00-9/10", NULL, 400},
	    {"bytes 0-09/10", NULL, 400},
	    {"bytes 0-9/010", NULL, 400},
	    {"bytes 0-9/10,", NULL, 400},
	    {"bytes 0-9/10, 0-9/10", NULL, 400},
	    {"bytes -9/10", NULL, 400},
	    {"bytes +0-9/10", NULL, 400},
	    {"bytes 0-9/-10", NULL, 400},
	    {"bytes 0x0-9/10", NULL, 400},
	    {"bytes 0-9/1000000000000000000", NULL, 400},
	    {"bytes 0-9/18446744073709551626", NULL, 400},
	    {"bytes 9-0/10", NULL, 416},
	    {"bytes 0-10/10", NULL, 416},
	    {"bytes 10-10/10", NULL, 416},
	    {"bytes 0-0/0", NULL, 416},
	    {"bytes 0-9/10", "9", 400},
	    {"bytes 0-9/10", "11", 400},
	    {"bytes 0-9/67109889", NULL, 413},
	    {"bytes 0-9/999999999999999999", NULL, 413},
	    {"bytes 0-67109888/67109889", "67109889", 413},
	    /* Valid twins; the registry opens nothing, as it holds no more than 0 octets. */
	    {"bytes 1-9/10", "9", 409},
	    {"bytes 1-1/67109888", NULL, 409},
	};
	struct pair *p = *state;
	struct raw *w = open_raw(p);
	uint32_t id = 1;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++, id += 2) {
		ask(p, id, 0, "PUT", rows[i].range, rows[i].length);
		if (status_of(w, id) != rows[i].status)
			print_error("%s: %u\n", rows[i].range, w->status[id]);
		assert_int_equal(w->status[id], rows[i].status);
		if (rows[i].status == 409)
			assert_string_equal(w->offset, "0");
	}
	assert_int_equal(p->shelf.opens, 0);
	raw_end(w);
}

static void wrong_offset(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);

	p->shelf.held = 700;
	assert_int_equal(ftruncate(p->shelf.fd, 700), 0);
	ask(p, 1, 0, "PUT", "bytes 0-0/1000", NULL);
	assert_int_equal(status_of(w, 1), 409);
	assert_string_equal(w->offset, "700");
	ask(p, 3, 0, "PUT", "bytes 700-700/1000", NULL);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 3, "x", 1);
	assert_int_equal(status_of(w, 3), 202);
	assert_string_equal(w->offset, "701");
	raw_end(w);
}

/* Exactly what was written is what the registry hears, wherever the connection is cut. */
static void cut_anywhere(void **state)
{
	struct pair *p = *state;
	uint8_t octets[4000];
	char range[64];
	size_t n, at, held;
	ssize_t got;

	pair_file(p, 20000);
	while (p->shelf.held < p->length) {
		struct raw *w = open_raw(p);

		held = (size_t)p->shelf.held;
		n = dice_roll(sizeof octets);
		at = p->length - held;
		snprintf(range, sizeof range, "bytes %zu-%zu/%zu", held, p->length - 1, p->length);
		ask(p, 1, 0, "PUT", range, NULL);
		rig_until(&p->rig, (raw_poll(w), p->shelf.opens > p->shelf.ends));
		rig_settle(&p->rig); /* what comes before the file is known need not be kept */
		got = pread(p->file, octets, n, (off_t)held);
		assert_true(got >= 0);
		raw_frame(w, NGHTTP2_DATA, (size_t)got == at ? NGHTTP2_FLAG_END_STREAM : 0, 1,
		    octets, (size_t)got);
		if ((size_t)got == at)
			assert_int_equal(status_of(w, 1), 201);
		raw_end(w);
		rig_until(&p->rig, p->shelf.ends == p->shelf.opens);
		assert_int_equal(p->shelf.held, held + (size_t)got);
		memset(&p->raw, 0, sizeof p->raw);
	}
	assert_arrived(p);
}

/* A body that is not what its range says; what came of it is held all the same. */
static void wrong_length(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);

	ask(p, 1, 0, "PUT", "bytes 0-9/100", NULL);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "12345", 5);
	assert_int_equal(status_of(w, 1), 400);
	rig_until(&p->rig, p->shelf.ends == p->shelf.opens);
	p->shelf.held = 0;
	assert_int_equal(ftruncate(p->shelf.fd, 0), 0);
	ask(p, 3, 0, "PUT", "bytes 0-4/100", NULL);
	rig_until(&p->rig, (raw_poll(w), p->shelf.opens > p->shelf.ends));
	rig_settle(&p->rig);
	raw_frame(w, NGHTTP2_DATA, 0, 3, "6789012", 7);
	assert_int_equal(status_of(w, 3), 400);
	rig_until(&p->rig, p->shelf.ends == p->shelf.opens);
	assert_int_equal(p->shelf.held, 0);
	/* HEAD has none, said or not. */
	ask(p, 5, 0, "HEAD", NULL, "5");
	assert_int_equal(status_of(w, 5), 413);
	p->shelf.hold = true;
	ask(p, 7, 0, "HEAD", NULL, NULL);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 7, "12345", 5);
	assert_int_equal(status_of(w, 7), 413);
	shelf_release(p);
	raw_end(w);
}

static void unwritable_file(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);

	p->shelf.read_only = true;
	ask(p, 1, 0, "PUT", "bytes 0-4/5", NULL);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "12345", 5);
	assert_int_equal(status_of(w, 1), 503);
	rig_until(&p->rig, p->shelf.ends == 1);
	assert_int_equal(p->shelf.end_held, 0);
	p->shelf.read_only = false;
	ask(p, 3, 0, "PUT", "bytes 0-4/6", NULL);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 3, "12345", 5);
	assert_int_equal(status_of(w, 3), 202);
	raw_end(w);
}

static void one_put_of_a_file(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);
	uint32_t id;

	ask(p, 1, 0, "PUT", "bytes 0-4/10", NULL);
	rig_until(&p->rig, (raw_poll(w), p->shelf.opens == 1));
	ask(p, 3, 0, "PUT", "bytes 0-4/10", NULL);
	assert_int_equal(status_of(w, 3), 503);
	/* Other files (RXP-ATT-036), as many as a party may have under way. */
	for (id = 5; id < 5 + 2 * (GATEWAY_PUTS_PER_PARTY - 1); id += 2) {
		p->digest[0]++;
		ask(p, id, 0, "PUT", "bytes 0-4/10", NULL);
	}
	rig_until(&p->rig, (raw_poll(w), p->shelf.opens == GATEWAY_PUTS_PER_PARTY));
	p->digest[0]++;
	ask(p, id, 0, "PUT", "bytes 0-4/10", NULL);
	assert_int_equal(status_of(w, id), 503);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "12345", 5);
	assert_int_equal(status_of(w, 1), 202);
	/* A place is free again; the last digest's first try left nothing behind. */
	p->shelf.held = 0;
	ask(p, id + 2, 0, "PUT", "bytes 0-4/10", NULL);
	rig_until(&p->rig, (raw_poll(w), p->shelf.opens == GATEWAY_PUTS_PER_PARTY + 1));
	raw_end(w);
}

/* A line that was cut without a word leaves a PUT that never ends; that of the next line ends it (RXP-ATT-032). */
static void put_after_cut(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p), cut;

	ask(p, 1, 0, "PUT", "bytes 0-9/20", NULL);
	raw_frame(w, NGHTTP2_DATA, 0, 1, "12345", 5);
	rig_until(&p->rig, (raw_poll(w), shelf_size(p->shelf.fd) == 5));
	cut = *w;
	memset(w, 0, sizeof *w);
	w = open_raw(p);
	p->shelf.held = 5; /* as its registry reads the file */
	ask(p, 1, 0, "PUT", "bytes 5-9/20", NULL);
	rig_until(&p->rig, (raw_poll(w), p->shelf.opens == 2));
	assert_int_equal(p->shelf.ends, 1);
	assert_int_equal(p->shelf.end_held, 5);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "67890", 5);
	assert_int_equal(status_of(w, 1), 202);
	assert_int_equal(p->shelf.held, 10);
	raw_end(w);
	raw_end(&cut);
}

#define PERIODS ((size_t)5)

static void late_octets(void **state)
{
	static uint8_t octets[8192];
	struct pair *p = *state;
	struct raw *w;
	size_t i;

	node_down(&p->b);
	p->b.times.body_ms = 2000;
	node_up(&p->b);
	node_pins(&p->b, (struct pin_row[]){{"QRA", &p->a.key, p->a.port}}, 1);
	w = open_raw(p);
	ask(p, 1, 0, "PUT", "bytes 0-999999/1000000", NULL);
	/* Longer than that in all, but never too few octets … */
	for (i = 0; i < PERIODS * GATEWAY_PUT_OCTETS / sizeof octets; i++) {
		rig_settle(&p->rig);
		raw_frame(w, NGHTTP2_DATA, 0, 1, octets, sizeof octets);
		raw_poll(w);
		assert_int_equal(w->resets, 0);
	}
	/* … and then one at a time, which holds no place. */
	until(w, (raw_frame(w, NGHTTP2_DATA, 0, 1, octets, 1), w->resets == 1));
	assert_int_equal(w->reset_code, NGHTTP2_CANCEL);
	rig_until(&p->rig, p->shelf.ends == 1);
	assert_true(p->shelf.held >= PERIODS * GATEWAY_PUT_OCTETS);
	raw_end(w);
}

/* Who asks without end leaves room for the questions of others. */
static void many_questions(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);
	uint32_t id;

	p->shelf.hold = true;
	for (id = 1; id < 1 + 2 * GATEWAY_ASKS_PER_PARTY; id += 2)
		ask(p, id, NGHTTP2_FLAG_END_STREAM, "HEAD", NULL, NULL);
	rig_until(&p->rig, (raw_poll(w), p->shelf.n_waiting == GATEWAY_ASKS_PER_PARTY));
	ask(p, id, NGHTTP2_FLAG_END_STREAM, "HEAD", NULL, NULL);
	assert_int_equal(status_of(w, id), 503);
	ask(p, id + 2, 0, "PUT", "bytes 0-4/5", NULL);
	assert_int_equal(status_of(w, id + 2), 503);
	assert_int_equal(p->shelf.n_waiting, GATEWAY_ASKS_PER_PARTY);
	shelf_release(p);
	assert_int_equal(status_of(w, 1), 404);
	ask(p, id + 4, NGHTTP2_FLAG_END_STREAM, "HEAD", NULL, NULL);
	assert_int_equal(status_of(w, id + 4), 404);
	raw_end(w);
}

static void drain(void **state)
{
	struct pair *p = *state;
	struct raw *w = open_raw(p);

	ask(p, 1, 0, "PUT", "bytes 0-9/10", NULL);
	raw_frame(w, NGHTTP2_DATA, 0, 1, "12345", 5);
	rig_until(&p->rig, (raw_poll(w), shelf_size(p->shelf.fd) == 5));
	exchange_drain(p->b.x, 50);
	rig_until(&p->rig, p->b.ended && p->shelf.ends == 1);
	assert_int_equal(p->b.status, 0);
	assert_int_equal(p->shelf.held, 5);
	raw_end(w);
}

/* In a process of its own, since the bound is for good. 0: as it is to be. */
static int bounded_child(int log_fd, bool bounded)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	ssize_t longest, longer;

	if (staging_bound_files(log_fd) != 0)
		return 1;
	longest = pwrite(fd, "x", 1, GATEWAY_CIPHERTEXT_OCTETS - 1);
	longer = pwrite(fd, "x", 1, GATEWAY_CIPHERTEXT_OCTETS);
	return longest == 1 && longer == (bounded ? -1 : 1) ? 0 : 2;
}

static int bounded_status(int log_fd, bool bounded)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(bounded_child(log_fd, bounded));
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Whatever the gateway is made to do with a file that it was given; a log that is a file goes on. */
static void bounded_files(void **state)
{
	int log = memfd_create("log", MFD_CLOEXEC), ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(bounded_status(ends[1], true), 0);
	assert_int_equal(bounded_status(log, false), 0);
	close(ends[0]);
	close(ends[1]);
	close(log);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(head_of_file),
	    TEST(other_paths),
	    TEST(other_methods),
	    TEST(bad_ranges),
	    TEST(wrong_offset),
	    TEST(cut_anywhere),
	    TEST(wrong_length),
	    TEST(unwritable_file),
	    TEST(one_put_of_a_file),
	    TEST(put_after_cut),
	    TEST(late_octets),
	    TEST(many_questions),
	    TEST(drain),
	    cmocka_unit_test(bounded_files),
	};

	dice_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
