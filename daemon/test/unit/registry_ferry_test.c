/*
 * Goals of bringing attachments to a peer (RXP-ATT-014), with the database, the files and the gateway played:
 * - a message has REGISTRY_UPLOADS_PER_MESSAGE of its attachments under way, in their order, and ends when all have ended;
 * - every message has its first before another has its second, and a peer no more than REGISTRY_UPLOADS_PER_PEER; one peer
 *   takes no room of another;
 * - what fails ends its message once, with its own reason, when nothing of it is under way any more, and nothing more of it
 *   is begun; a line that fails ends what waits for it, and nothing that is under way;
 * - a file that is missing ends its message alone;
 * - a message that fails with the line is told apart if the peer holds more of one of its files than it held before, or all of
 *   it now; what is known of so many files is not given up for others, and for a while only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
/* Alone, so that what it calls can be played. */
#include "daemon/registry/out/ferry.c" /* NOLINT(bugprone-suspicious-include) */

#define MESSAGES 6
#define WAITS 999 /* an outcome that is none: done was not called */
#define HTTP_REFUSED 422
#define HTTP_BUSY 503

static struct {
	unsigned files[MESSAGES]; /* of each message, whose local id begins with its number */
	uint8_t missing; /* number of the attachment without a file */
	struct {
		uint8_t message, number;
		bool ended;
	} sent[MESSAGES * RXP_MAX_ATTACHMENTS]; /* request: the place from 1 */
	unsigned n;
	unsigned outcome[MESSAGES];
	char why[MESSAGES][RECORD_NAME_MAX];
} played;

static struct peer peers[2] = {{.party = "QRB"}, {.party = "QRC"}};
static int64_t mono;

static unsigned node_failed; /* how often */

void pace_node_failed(struct peer *peer)
{
	(void)peer;
	node_failed++;
}

int64_t clock_mono_ms(void)
{
	return mono;
}

struct db *store_db(struct store *s)
{
	(void)s;
	return NULL;
}

int store_file_of_message(struct db *db, struct store_file *out, struct rxp_buf *key,
    const uint8_t local_id[16], uint32_t number)
{
	(void)db;
	(void)key;
	if (number > played.files[local_id[0]])
		return RXP_ERR_NOT_FOUND;
	*out = (struct store_file){.ciphertext_digest = {local_id[0], (uint8_t)number}};
	return 0;
}

void file_path_whole(char out[FILE_PATH_MAX], const char *party, const uint8_t digest[32])
{
	(void)party;
	snprintf(out, FILE_PATH_MAX, "%u", (unsigned)digest[1]);
}

int file_open(const char *path, int *fd)
{
	if (strtoul(path, NULL, 10) == played.missing)
		return RXP_ERR_NOT_FOUND;
	*fd = dup(STDIN_FILENO);
	assert_true(*fd >= 0);
	return 0;
}

bool link_has_room(const struct link *l, enum ipc_type type)
{
	(void)l;
	return type == IPC_upload;
}

int link_request(struct link *l, enum ipc_type type, const void *body, const int *fds, size_t n_fds,
    uint64_t *request)
{
	const struct msg_upload *q = body;

	(void)l;
	(void)fds;
	assert_int_equal(type, IPC_upload);
	assert_int_equal(n_fds, 1);
	played.sent[played.n].message = q->digest[0];
	played.sent[played.n].number = q->digest[1];
	played.n++;
	if (request != NULL)
		*request = played.n;
	return 0;
}

static void done(void *arg, enum ferry_outcome outcome, const char *why)
{
	size_t message = (size_t)((unsigned *)arg - played.outcome);

	assert_int_equal(played.outcome[message], WAITS);
	played.outcome[message] = outcome;
	snprintf(played.why[message], RECORD_NAME_MAX, "%s", why);
}

/* --- what the test does -------------------------------------------------------------------------- */

static struct ferry *set_up(void)
{
	static struct node node;
	struct ferry *f = NULL;

	memset(&played, 0, sizeof played);
	for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++)
		memset(peers[i].held, 0, sizeof peers[i].held);
	mono = 1;
	assert_int_equal(ferry_new(&f, &node), 0);
	return f;
}

static void begin(struct ferry *f, uint8_t message, const char *peer, unsigned files)
{
	const uint8_t id[16] = {message};

	played.files[message] = files;
	played.outcome[message] = WAITS;
	assert_int_equal(
	    ferry_begin(f, &peers[strcmp(peer, "QRC") == 0], id, done, &played.outcome[message]),
	    files > 0);
}

/* The request under way that has this attachment. */
static unsigned request_of(uint8_t message, uint8_t number)
{
	for (unsigned i = 0; i < played.n; i++)
		if (!played.sent[i].ended && played.sent[i].message == message &&
		    played.sent[i].number == number)
			return i + 1;
	fail_msg("attachment %u of message %u is not under way", number, message);
	return 0;
}

static void answer(struct ferry *f, uint8_t message, uint8_t number, const struct msg_uploaded *m)
{
	unsigned request = request_of(message, number);

	played.sent[request - 1].ended = true;
	ferry_uploaded(f, request, m);
	ferry_round(f);
}

static void status(struct ferry *f, uint8_t message, uint8_t number, uint32_t http_status)
{
	const struct msg_uploaded m = {.http_status = http_status};

	answer(f, message, number, &m);
}

static void line_fails_at(struct ferry *f, uint8_t message, uint8_t number, uint64_t held)
{
	const struct msg_uploaded m = {
	    .outcome = (uint32_t)RXP_ERR_TIMEOUT, .transport = "line is down", .held = held};

	answer(f, message, number, &m);
}

static void line_fails(struct ferry *f, uint8_t message, uint8_t number)
{
	line_fails_at(f, message, number, 0);
}

static void expect_sent(unsigned n)
{
	assert_int_equal(played.n, n);
}

static void expect_end(uint8_t message, unsigned outcome, const char *why)
{
	assert_int_equal(played.outcome[message], outcome);
	assert_string_equal(played.why[message], why);
}

/* --- tests --------------------------------------------------------------------------------------- */

static void test_two_at_a_time(void **unused)
{
	struct ferry *f = set_up();

	(void)unused;
	begin(f, 0, "QRB", 0);
	begin(f, 1, "QRB", 4);
	ferry_round(f);
	expect_sent(2);
	(void)request_of(1, 1);
	status(f, 1, 2, 201); /* the second is whole first */
	expect_sent(3);
	status(f, 1, 3, 200);
	expect_sent(4);
	status(f, 1, 4, 201);
	expect_end(1, WAITS, "");
	status(f, 1, 1, 201);
	expect_end(1, FERRY_ALL, "");
	expect_sent(4);
	ferry_free(f);
}

static void test_each_its_first(void **unused)
{
	struct ferry *f = set_up();

	(void)unused;
	begin(f, 0, "QRB", 2);
	begin(f, 1, "QRB", 2);
	begin(f, 2, "QRB", 2);
	begin(f, 3, "QRC", 1);
	ferry_round(f);
	expect_sent(REGISTRY_UPLOADS_PER_PEER + 1);
	for (uint8_t i = 0; i < 4; i++)
		(void)request_of(i, 1);
	(void)request_of(0, 2);
	status(f, 0, 2, 201);
	(void)request_of(1, 2); /* the next in turn */
	begin(
	    f, 4, "QRB", 1); /* one that comes now has its first before others have their second */
	status(f, 1, 2, 201);
	(void)request_of(4, 1);
	expect_sent(REGISTRY_UPLOADS_PER_PEER + 3);
	ferry_free(f);
}

static void test_refused(void **unused)
{
	struct ferry *f = set_up();

	(void)unused;
	begin(f, 0, "QRB", 4);
	begin(f, 1, "QRB", 1);
	ferry_round(f);
	status(f, 0, 1, HTTP_REFUSED);
	expect_sent(3);
	expect_end(0, WAITS, "");
	line_fails(f, 0, 2); /* the first reason counts */
	expect_end(0, FERRY_MESSAGE, "attachment 1 not taken, HTTP status 422");
	expect_end(1, WAITS, "");
	expect_sent(3);
	ferry_free(f);
}

static void test_line(void **unused)
{
	static const struct {
		uint32_t http_status;
		const char *why;
	} rows[] = {{0, "line is down"}, {HTTP_BUSY, "attachment 1 not taken, HTTP status 503"}};
	struct ferry *f;

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		f = set_up();
		for (uint8_t m = 0; m < MESSAGES - 1; m++)
			begin(f, m, "QRB", 1);
		begin(f, MESSAGES - 1, "QRC", 1);
		ferry_round(f);
		expect_sent(REGISTRY_UPLOADS_PER_PEER + 1);
		if (rows[i].http_status == 0)
			line_fails(f, 0, 1);
		else
			status(f, 0, 1, rows[i].http_status);
		/* that of the line is none of the peer's node */
		assert_int_equal(node_failed, rows[i].http_status != 0);
		expect_end(0, FERRY_PEER, rows[i].why);
		expect_end(4, FERRY_PEER, rows[i].why);
		for (uint8_t m = 1; m < 4; m++)
			expect_end(m, WAITS, "");
		expect_end(MESSAGES - 1, WAITS, "");
		status(f, 1, 1, 201); /* it may have gone before the line failed */
		expect_end(1, FERRY_ALL, "");
		ferry_free(f);
	}
}

static void test_missing(void **unused)
{
	struct ferry *f = set_up();

	(void)unused;
	played.missing = 2;
	begin(f, 0, "QRB", 3);
	begin(f, 1, "QRB", 1);
	ferry_round(f);
	expect_sent(2);
	expect_end(0, WAITS, "");
	status(f, 0, 1, 201);
	expect_end(0, FERRY_MESSAGE, "the file of an attachment is missing");
	status(f, 1, 1, 201);
	expect_end(1, FERRY_ALL, "");
	expect_sent(2);
	ferry_free(f);
}

/* Begin it, fail with so much held, and end so. */
static void go_and_fail(struct ferry *f, uint8_t message, uint64_t held, unsigned outcome)
{
	begin(f, message, "QRB", 1);
	ferry_round(f);
	line_fails_at(f, message, 1, held);
	expect_end(message, outcome, "line is down");
}

static void test_further(void **unused)
{
	struct ferry *f = set_up();

	(void)unused;
	go_and_fail(f, 0, 0, FERRY_PEER);
	go_and_fail(f, 0, 5, FERRY_FURTHER);
	go_and_fail(f, 0, 5, FERRY_PEER);
	go_and_fail(f, 0, 4, FERRY_PEER); /* it dropped some, … */
	go_and_fail(f, 0, 5, FERRY_PEER); /* … and is where it was */
	go_and_fail(f, 1, 5, FERRY_FURTHER);
	go_and_fail(f, 0, 6, FERRY_FURTHER);
	begin(f, 2, "QRB", 2);
	ferry_round(f);
	status(f, 2, 1, 200); /* it held all of it before */
	line_fails(f, 2, 2);
	expect_end(2, FERRY_PEER, "line is down");
	begin(f, 2, "QRB", 2);
	ferry_round(f);
	line_fails(f, 2, 2);
	status(f, 2, 1, 201);
	expect_end(2, FERRY_FURTHER, "line is down");
	ferry_free(f);
}

static void test_further_known(void **unused)
{
	struct ferry *f = set_up();

	(void)unused;
	go_and_fail(f, 0, 5, FERRY_FURTHER);
	for (size_t i = 1; i < REGISTRY_HELDS_MAX; i++)
		peers[0].held[i - 1 + (peers[0].held[i - 1].until_mono != 0)] = (struct peer_held){
		    .digest = {UINT8_MAX, (uint8_t)i}, .until_mono = 1 + REGISTRY_HELD_KNOWN_MS};
	go_and_fail(f, 1, 5, FERRY_PEER); /* no place for it */
	go_and_fail(f, 1, 6, FERRY_PEER);
	go_and_fail(f, 0, 6, FERRY_FURTHER);
	begin(f, 0, "QRB", 1);
	ferry_round(f);
	status(f, 0, 1, 201); /* its place is free again */
	go_and_fail(f, 1, 6, FERRY_FURTHER);
	mono += REGISTRY_HELD_KNOWN_MS;
	go_and_fail(f, 1, 6, FERRY_FURTHER); /* as if it had never been asked */
	ferry_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_at_a_time),
	    cmocka_unit_test(test_each_its_first),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_further),
	    cmocka_unit_test(test_further_known),
	};

	return cmocka_run_group_tests_name("registry_ferry", tests, NULL, NULL);
}
