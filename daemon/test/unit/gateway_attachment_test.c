/*
 * Goal: attachments between two gateways; the test is both registries.
 *  - a file arrives whole and as it was (RXP-ATT-010); after a cut it goes on where the receiver's registry says
 *  - other offsets and dropped files are followed, a bounded number of times
 *  - messages overtake a file, and octets without a file do not hold up a connection
 *  - whatever a server answers, an upload has one outcome; a page in the answer changes none
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_shelf.h"

/* --- between two gateways --------------------------------------------------------------------- */

static void whole_file(void **state)
{
	struct pair *p = *state;

	pair_file(p, 3 * MIB + 125);
	pair_upload(p);
	assert_uploaded(p, 1, 201);
	assert_arrived(p);
	assert_int_equal(p->shelf.opens, 1);
	assert_int_equal(p->shelf.ends, 1);
	/* All is there: HEAD says so, and nothing is sent. */
	pair_upload(p);
	assert_uploaded(p, 2, 200);
	assert_int_equal(p->shelf.opens, 1);
	/* One octet, the smallest that a range can name. */
	p->shelf.held = 0;
	assert_int_equal(ftruncate(p->shelf.fd, 0), 0);
	pair_file(p, 1);
	pair_upload(p);
	assert_uploaded(p, 3, 201);
	assert_arrived(p);
}

static void resume_after_cut(void **state)
{
	struct pair *p = *state;
	struct rig_key other = rig_key_new();
	uint64_t cut, held;

	pair_file(p, 16 * MIB);
	cut = 1 + dice_roll(8 * (uint32_t)MIB);
	pair_upload(p);
	rig_until(&p->rig, shelf_size(p->shelf.fd) >= cut);
	/* B ends the connection, in the midst of the file. */
	node_pins(&p->b, (struct pin_row[]){{"QRA", &other, p->a.port}}, 1);
	rig_until(&p->rig, p->uploads == 1 && p->shelf.ends == 1);
	assert_int_equal((int32_t)p->uploaded.outcome, RXP_ERR_CLOSED);
	assert_string_equal(p->uploaded.transport, "closed before the answer");
	held = p->shelf.held;
	assert_true(held >= cut && held < p->length);
	node_pins(&p->b, (struct pin_row[]){{"QRA", &p->a.key, p->a.port}}, 1);
	pair_upload(p);
	assert_uploaded(p, 2, 201);
	assert_int_equal(p->shelf.opened_at, held);
	assert_arrived(p);
	rig_key_free(&other);
}

static void message_overtakes(void **state)
{
	struct pair *p = *state;

	pair_file(p, 48 * MIB);
	pair_upload(p);
	rig_until(&p->rig, shelf_size(p->shelf.fd) > 0);
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_int_equal(p->a.delivery.http_status, 200);
	assert_int_equal(p->uploads, 0);
	assert_true(shelf_size(p->shelf.fd) < p->length / 2);
	assert_uploaded(p, 1, 201);
	assert_arrived(p);
	assert_int_equal(p->b.contacts, 1); /* all on one connection */
}

/* Eight files that B's registry does not open yet take no more than their own windows. */
static void waiting_files(void **state)
{
	struct pair *p = *state;
	unsigned i;

	pair_file(p, 4 * MIB);
	p->shelf.hold = true;
	for (i = 0; i < 8; i++) {
		p->digest[0] = (uint8_t)i;
		pair_upload(p);
	}
	rig_until(&p->rig, p->shelf.n_waiting == 8);
	shelf_release(p);
	p->shelf.hold = true; /* HEAD is answered, PUT is not */
	rig_until(&p->rig, p->shelf.n_waiting == 8);
	for (i = 0; i < 20; i++)
		node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_int_equal(p->a.failures, 0);
	assert_int_equal(shelf_size(p->shelf.fd), 0);
	/* One of them goes on; the connection ends under the others, which are never begun. */
	shelf_digest(p->file, p->length, p->digest);
	shelf_answer(&p->b, &p->shelf, p->shelf.waiting[0], &p->shelf.asked[0]);
	assert_uploaded(p, 1, 201);
	assert_arrived(p);
	node_down(&p->a);
	p->shelf.held = 0;
	rig_settle(&p->rig);
	assert_int_equal(p->shelf.ends, 1);
	/* The registry opens one nevertheless: it hears at once that nothing more comes. */
	assert_int_equal(ftruncate(p->shelf.fd, 0), 0);
	shelf_answer(&p->b, &p->shelf, p->shelf.waiting[1], &p->shelf.asked[1]);
	if (p->shelf.opens < 2)
		shelf_open(&p->b, &p->shelf, p->shelf.waiting[1]);
	rig_until(&p->rig, p->shelf.ends == 2);
	assert_int_equal(p->shelf.end_held, 0);
	node_up(&p->a);
}

static void other_offset(void **state)
{
	struct pair *p = *state;
	uint8_t octets[1000];

	pair_file(p, 100000);
	assert_int_equal(pread(p->file, octets, sizeof octets, 0), sizeof octets);
	assert_int_equal(pwrite(p->shelf.fd, octets, sizeof octets, 0), sizeof octets);
	p->shelf.held = sizeof octets;
	p->shelf.blind = true;
	pair_upload(p);
	assert_uploaded(p, 1, 201);
	assert_int_equal(p->shelf.opened_at, sizeof octets);
	assert_int_equal(p->shelf.heads, 1);
	assert_arrived(p);
	/* A peer that names another one each time is not followed for ever. */
	p->shelf.restless = true;
	pair_upload(p);
	assert_uploaded(p, 2, 409);
	assert_int_equal(p->shelf.opens, 1);
	assert_int_equal(p->shelf.ends, 1);
}

static void dropped_file(void **state)
{
	struct pair *p = *state;

	pair_file(p, 100000);
	p->shelf.reject = 1;
	pair_upload(p);
	assert_uploaded(p, 1, 201);
	assert_int_equal(p->shelf.heads, 2);
	assert_int_equal(p->shelf.ends, 2);
	assert_arrived(p);
	p->shelf.held = 0;
	assert_int_equal(ftruncate(p->shelf.fd, 0), 0);
	p->shelf.reject = 2;
	pair_upload(p);
	assert_uploaded(p, 2, 422);
	assert_int_equal(p->shelf.heads, 4);
	assert_int_equal(p->shelf.ends, 4);
}

static void unreadable_file(void **state)
{
	struct pair *p = *state;

	pair_file(p, 100000);
	assert_int_equal(ftruncate(p->file, 50000), 0);
	pair_upload(p);
	rig_until(&p->rig, p->uploads == 1 && p->shelf.ends == 1);
	assert_int_equal((int32_t)p->uploaded.outcome, RXP_ERR_IO);
	assert_string_equal(p->uploaded.transport, "a system call failed");
	assert_true(p->shelf.held <= 50000);
	/* The connection is still good. */
	node_exchange(&p->a, "QRB", "<Envelope/>");
	assert_int_equal(p->a.delivery.http_status, 200);
	assert_int_equal(p->a.contacts, 1);
}

static void unreachable_peer(void **state)
{
	struct pair *p = *state;

	pair_file(p, 1000);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, 1}}, 1);
	pair_upload(p);
	rig_until(&p->rig, p->uploads == 1);
	assert_int_equal((int32_t)p->uploaded.outcome, RXP_ERR_IO);
	assert_string_equal(p->uploaded.transport, "connection refused");
}

/* B's registry does not answer, so B takes no octets after the first: A does not wait for ever. */
static void no_progress(void **state)
{
	struct pair *p = *state;

	node_down(&p->a);
	p->a.times.answer_ms = 1000;
	node_up(&p->a);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, p->b.port}}, 1);
	pair_file(p, 4 * MIB);
	p->shelf.hold = true;
	pair_upload(p);
	rig_until(&p->rig, p->shelf.n_waiting == 1);
	shelf_release(p);
	p->shelf.hold = true;
	rig_until(&p->rig, p->uploads == 1);
	assert_int_equal((int32_t)p->uploaded.outcome, RXP_ERR_PEER);
	assert_string_equal(p->uploaded.transport, "no answer in time");
}

/* --- a server frame by frame ------------------------------------------------------------------ */

/* Take the first connection. */
static void raw_serve(struct raw *w, struct rig *rig, int listener, const struct rig_key *key)
{
	char preface[sizeof RAW_PREFACE - 1];

	assert_true(raw_accept(w, rig, listener, &(struct raw_options){.key = key}));
	rig_until(rig, SSL_peek(w->ssl, preface, 1) == 1);
	assert_int_equal(SSL_read(w->ssl, preface, sizeof preface), sizeof preface);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static void odd_answers(void **state)
{
	static const struct {
		const char *status, *offset;
		int outcome;
		unsigned http_status;
		const char *why;
	} rows[] = {
	    {"200", NULL, RXP_ERR_PEER, 200, "not an RXP answer"},
	    {"200", "", RXP_ERR_PEER, 200, "not an RXP answer"},
	    {"200", "-1", RXP_ERR_PEER, 200, "not an RXP answer"},
	    {"200", "0x1", RXP_ERR_PEER, 200, "not an RXP answer"},
	    {"200", "1001", RXP_ERR_PEER, 200, "not an RXP answer"},
	    {"200", "1000", 0, 200, ""},
	    {"302", "1000", RXP_ERR_PEER, 302, "redirected"},
	    {"405", NULL, 0, 405, ""},
	    {"503", NULL, 0, 503, ""},
	};
	struct pair *p = *state;
	struct node other = {.listener = -1};
	struct raw *w = &p->raw;
	size_t i;

	pair_file(p, 1000);
	node_listen(&other);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, other.port}}, 1);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		pair_upload(p);
		if (i == 0)
			raw_serve(w, &p->rig, other.listener, &p->b.key);
		until(w, w->requests == i + 1);
		raw_headers(w, NGHTTP2_FLAG_END_STREAM, w->last_stream,
		    (struct raw_field[]){{":status", rows[i].status},
			{rows[i].offset != NULL ? "rxp-offset" : NULL, rows[i].offset},
			{NULL, NULL}});
		rig_until(&p->rig, p->uploads == i + 1);
		assert_string_equal(p->uploaded.transport, rows[i].why);
		assert_int_equal((int32_t)p->uploaded.outcome, rows[i].outcome);
		assert_int_equal(p->uploaded.http_status, rows[i].http_status);
	}
	raw_end(w);
	close(other.listener);
}

/* What a proxy before the peer says, with a page for people: the status counts (RXP-ATT-012). */
static void pages(void **state)
{
	static const struct {
		const char *status, *encoding;
		size_t frames; /* of the page */
		unsigned http_status;
	} rows[] = {
	    {"403", NULL, 1, 403},
	    {"413", NULL, 3, 413},
	    {"404", "gzip", 1, 404},
	    {"502", NULL, 1, 502},
	    {"201", NULL, 1, 201},
	};
	static const uint8_t page[16384];
	struct pair *p = *state;
	struct node other = {.listener = -1};
	struct raw *w = &p->raw;

	pair_file(p, 1000);
	node_listen(&other);
	node_pins(&p->a, (struct pin_row[]){{"QRB", &p->b.key, other.port}}, 1);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		pair_upload(p);
		if (i == 0)
			raw_serve(w, &p->rig, other.listener, &p->b.key);
		until(w, w->requests == 2 * i + 1);
		raw_headers(w, NGHTTP2_FLAG_END_STREAM, w->last_stream,
		    (struct raw_field[]){{":status", "404"}, {NULL, NULL}});
		until(w, w->requests == 2 * i + 2);
		raw_headers(w, 0, w->last_stream,
		    (struct raw_field[]){{":status", rows[i].status},
			{rows[i].encoding != NULL ? "content-encoding" : NULL, rows[i].encoding},
			{NULL, NULL}});
		for (size_t n = 1; n <= rows[i].frames; n++)
			raw_frame(w, NGHTTP2_DATA,
			    n == rows[i].frames ? NGHTTP2_FLAG_END_STREAM : 0, w->last_stream, page,
			    sizeof page);
		assert_uploaded(p, i + 1, rows[i].http_status);
	}
	raw_end(w);
	close(other.listener);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(whole_file),
	    TEST(resume_after_cut),
	    TEST(message_overtakes),
	    TEST(waiting_files),
	    TEST(other_offset),
	    TEST(dropped_file),
	    TEST(unreadable_file),
	    TEST(unreachable_peer),
	    TEST(no_progress),
	    TEST(odd_answers),
	    TEST(pages),
	};

	dice_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
