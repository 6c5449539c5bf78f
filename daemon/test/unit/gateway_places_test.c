/*
 * Goal: files of many parties at a time, at a gateway whose clients and registry are the test.
 *  - so many parties as fill all places with files: the next one still has a file taken, and a second one
 *  - when those places are gone too, a file of one more is refused with 503, and nothing else of it: it is told what is held, and
 *    its message is answered; the file goes once a place is free
 *  - nothing of what the others send is lost
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_raw.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "daemon/gateway/limits.h"
#include "protocol/base/codec.h"

#define PATH_ROOT "/rxp/1/attachments/"
#define GREEDY ((GATEWAY_PUTS - GATEWAY_PUTS_LAST) / GATEWAY_PUTS_PER_PARTY)
#define MODEST (GATEWAY_PUTS_LAST / GATEWAY_PUTS_SURE)
#define PARTIES (GREEDY + MODEST + 1)
#define END NGHTTP2_FLAG_END_STREAM
#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))

static struct {
	unsigned opens, heads, ends;
	uint64_t held;
} shelf;

struct fixture {
	struct rig rig;
	struct node node;
	struct rig_key keys[PARTIES];
	char parties[PARTIES][4];
	struct raw clients[PARTIES];
	uint32_t ids[PARTIES]; /* of the last stream */
};

static void on_more(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_stage *stage = m->body;
	int fd;

	(void)arg;
	if (m->type == IPC_stage_end) {
		const struct msg_stage_ended ended = {
		    .http_status = 202, .held = ((const struct msg_stage_end *)m->body)->held};

		shelf.ends++;
		shelf.held += ended.held;
		assert_int_equal(link_answer(l, IPC_stage_ended, m->request, &ended, NULL, 0), 0);
		return;
	}
	assert_int_equal(m->type, IPC_stage);
	if (stage->head != 0) {
		const struct msg_staged none = {.http_status = 404};

		shelf.heads++;
		assert_int_equal(link_answer(l, IPC_staged, m->request, &none, NULL, 0), 0);
		return;
	}
	shelf.opens++;
	fd = memfd_create("staged", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(
	    link_answer(l, IPC_stage_opened, m->request, &(struct msg_stage_opened){0}, &fd, 1), 0);
	close(fd);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct pin_row rows[PARTIES];

	assert_non_null(f);
	signal(SIGPIPE, SIG_IGN);
	memset(&shelf, 0, sizeof shelf);
	rig_init(&f->rig);
	node_init(&f->node, &f->rig, "QRA");
	f->node.more = on_more;
	for (unsigned i = 0; i < PARTIES; i++) {
		f->keys[i] = rig_key_new();
		snprintf(f->parties[i], sizeof f->parties[i], "QS%c", (char)('A' + i));
		rows[i] = (struct pin_row){f->parties[i], &f->keys[i], 0};
	}
	node_pins(&f->node, rows, PARTIES);
	for (unsigned i = 0; i < PARTIES; i++) {
		assert_true(raw_connect(
		    &f->clients[i], &f->node, &(struct raw_options){.key = &f->keys[i]}));
		assert_true(raw_hello(&f->clients[i]));
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < PARTIES; i++)
		raw_end(&f->clients[i]);
	node_end(&f->node);
	for (unsigned i = 0; i < PARTIES; i++)
		rig_key_free(&f->keys[i]);
	rig_end(&f->rig);
	free(f);
	return 0;
}

/* A request of that party for its file of that number. */
static uint32_t ask(struct fixture *f, unsigned party, uint8_t file, const char *method)
{
	const uint8_t digest[32] = {(uint8_t)(party + 1), file};
	bool put = strcmp(method, "PUT") == 0;
	char path[128] = PATH_ROOT;
	struct raw_field fields[RAW_FIELDS] = {RAW_REQUEST(NULL, NULL)};

	f->ids[party] += f->ids[party] == 0 ? 1 : 2;
	rxp_hex_put(path + sizeof PATH_ROOT - 1, digest, sizeof digest, false);
	fields[0].value = method;
	fields[3].value = path;
	fields[4] = (struct raw_field){put ? "content-range" : NULL, "bytes 0-4/10"};
	fields[5] = (struct raw_field){NULL, NULL};
	assert_true(raw_headers(&f->clients[party], put ? 0 : END, f->ids[party], fields));
	return f->ids[party];
}

static unsigned status_of(struct fixture *f, unsigned party, uint32_t id)
{
	struct raw *w = &f->clients[party];

	until(w, w->status[id] != 0);
	return w->status[id];
}

/* So many PUTs of that party are open, and wait for octets. */
static void put(struct fixture *f, unsigned party, unsigned n)
{
	unsigned opens = shelf.opens;

	for (unsigned i = 0; i < n; i++)
		(void)ask(f, party, (uint8_t)i, "PUT");
	until(&f->clients[party], shelf.opens == opens + n);
}

static void test_places(void **state)
{
	struct fixture *f = *state;
	const unsigned last = PARTIES - 1;
	uint32_t id;

	for (unsigned i = 0; i < GREEDY; i++)
		put(f, i, GATEWAY_PUTS_PER_PARTY);
	for (unsigned i = GREEDY; i < last; i++) {
		put(f, i, GATEWAY_PUTS_SURE);
		assert_int_equal(status_of(f, i, ask(f, i, UINT8_MAX, "PUT")), 503);
	}
	assert_int_equal(shelf.opens, GATEWAY_PUTS);

	assert_int_equal(status_of(f, last, ask(f, last, 0, "PUT")), 503);
	assert_int_equal(status_of(f, last, ask(f, last, 0, "HEAD")), 404);
	assert_int_equal(shelf.heads, 1);
	f->ids[last] += 2;
	assert_true(raw_headers(&f->clients[last], 0, f->ids[last],
	    (struct raw_field[]){
		RAW_REQUEST("POST", "/rxp/1/messages"), {"content-type", RAW_TYPE}, {NULL, NULL}}));
	raw_frame(&f->clients[last], NGHTTP2_DATA, END, f->ids[last], "<Envelope/>", 11);
	assert_int_equal(status_of(f, last, f->ids[last]), 200);

	id = f->ids[0]; /* the first party's last file ends */
	raw_frame(&f->clients[0], NGHTTP2_DATA, END, id, "12345", 5);
	assert_int_equal(status_of(f, 0, id), 202);
	put(f, last, 1);
	id = f->ids[last];
	raw_frame(&f->clients[last], NGHTTP2_DATA, END, id, "12345", 5);
	assert_int_equal(status_of(f, last, id), 202);
	for (unsigned i = 1; i < GREEDY; i++) {
		raw_frame(&f->clients[i], NGHTTP2_DATA, END, f->ids[i], "12345", 5);
		assert_int_equal(status_of(f, i, f->ids[i]), 202);
	}
	assert_int_equal(shelf.ends, GREEDY + 1);
	assert_int_equal(shelf.held, 5 * (GREEDY + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_places, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
