/*
 * Goals of files that a peer brings, with everything around the registry played:
 * - parts outlive a restart; offset, total and length are checked; 201 comes after the digest is right
 *   and committed, 422 drops the file; one writer at a time, a bounded number in all; what has begun
 *   counts when more is to fit on the disk, and so does what goes on;
 * - what the gateway could still write to is not verified, and ends the node; what is lost is dropped and
 *   taken again, and no document is receipted on it;
 * - what is asked for is not dropped for 72 hours more (RXP-ATT-015);
 * - after a crash at any point between octets, name and row the next start makes both agree.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

/* --- the peer ------------------------------------------------------------------------------------ */

static void test_staged(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_head(w, &s);
	rig_expect(404, 0);
	rig_put(w, &s, 3);
	rig_expect(409, 0);
	rig_put_of(w, &s, 0, REGISTRY_CIPHERTEXT_MAX + 1);
	rig_expect(413, 0);
	rig_put_of(w, &s, 0, REGISTRY_TAG_OCTETS - 1);
	rig_expect(400, 0);
	rig_put_of(w, &s, s.total, s.total);
	rig_expect(400, 0);
	assert_int_equal(rig_files(), 0);
	rig_put(w, &s, 0);
	rig_write_part(&s, 0, 10);
	rig_head(w, &s); /* while it is being written */
	rig_expect(200, 10);
	rig_put(w, &s, 10);
	rig_expect(503, 0);
	rig_end_put(w, &s, 10);
	rig_expect(202, 10);
	rig_end_put(w, &s, 10);
	rig_expect(503, 0);
	world_restart(w);
	rig_head(w, &s);
	rig_expect(200, 10);
	rig_put(w, &s, 9);
	rig_expect(409, 10);
	rig_put_of(w, &s, 10, s.total + 1);
	rig_expect(400, 0);
	rig_put(w, &s, 10);
	rig_write_part(&s, 10, s.total);
	rig_end_put(w, &s, s.total);
	rig_expect(201, s.total);
	assert_true(rig_there(PEER, &s));
	rig_head(w, &s);
	rig_expect(200, s.total);
	rig_put(w, &s, 0);
	rig_expect(409, s.total);
	world_restart(w);
	rig_head(w, &s);
	rig_expect(200, s.total);
	assert_int_equal(rig_files(), 1);
}

static void test_wrong_digest(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), wrong = s;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	wrong.octets[4] ^= 1;
	rig_put(w, &s, 0);
	rig_write_part(&wrong, 0, s.total);
	rig_end_put(w, &s, s.total);
	rig_expect(422, 0);
	assert_int_equal(rig_files(), 0);
	rig_head(w, &s);
	rig_expect(404, 0);
	rig_put(w, &s, 0); /* longer than it said */
	rig_write_part(&s, 0, s.total);
	assert_int_equal(pwrite(rig_seen.fd, "x", 1, (off_t)s.total), 1);
	rig_end_put(w, &s, s.total);
	rig_expect(422, 0);
	assert_int_equal(rig_files(), 0);
	rig_bring(w, &s);
}

/* Larger than a piece of the hash, and more than one at a time. */
static void test_large(void **state)
{
	static uint8_t octets[2 * REGISTRY_HASH_PIECE + 48];
	struct world *w = *state;
	struct sample large = {.total = sizeof octets}, s = rig_sample("portrait");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	memset(octets, 7, sizeof octets);
	node_digest(large.digest, octets, sizeof octets);
	rig_put(w, &large, 0);
	assert_int_equal(pwrite(rig_seen.fd, octets, sizeof octets, 0), sizeof octets);
	rig_end_put(w, &large, sizeof octets);
	rig_expect(201, sizeof octets);
	rig_bring(w, &s);
	rig_head(w, &large);
	rig_expect(200, sizeof octets);
}

static void test_bounds(void **state)
{
	struct world *w = *state;
	struct sample s;
	char text[TEXT_MAX];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < REGISTRY_PEER_STAGINGS_MAX; i++) {
		snprintf(text, sizeof text, "file %u", i);
		s = rig_sample(text);
		rig_put(w, &s, 0);
		rig_expect(0, 0);
	}
	s = rig_sample("one more");
	rig_put(w, &s, 0);
	rig_expect(503, 0);
	world_restart(w);
	rig_put(w, &s, 0);
	rig_expect(0, 0);
}

/* There is room for two such files, but the third is to find none, whatever of the two is written. */
static void test_room(void **state)
{
	struct world *w = *state;
	struct sample first = rig_sample("file 1"), second = rig_sample("file 2"),
		      third = rig_sample("file 3");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_disk_free = REGISTRY_DISK_RESERVE_OCTETS + first.total + second.total;
	rig_put(w, &first, 0);
	rig_expect(0, 0);
	rig_put(w, &second, 0);
	rig_expect(0, 0);
	rig_put(w, &third, 0);
	rig_expect(503, 0);
	rig_end_put(w, &second, 0);
	rig_expect(202, 0);
	/* Announced without an octet, so that it fits; but when it goes on there is no room any more. */
	rig_put(w, &third, 0);
	rig_expect(0, 0);
	rig_put(w, &second, 0);
	rig_expect(503, 0);
	rig_end_put(w, &third, 0);
	rig_expect(202, 0);
	rig_put(w, &second, 0);
	rig_expect(0, 0);
}

/* --- what is verified stays --------------------------------------------------------------------- */

static void kept_open(struct world *w, const struct sample *s)
{
	rig_put(w, s, 0);
	rig_write_part(s, 0, s->total);
	rig_seen.keep_fd = true;
	rig_end_put(w, s, s->total);
	rig_expect(503, 0);
	assert_int_equal(w->ended, 1);
	assert_false(rig_there(PEER, s));
}

/* The gateway keeps its descriptor: no digest means anything then. */
static void test_kept_open(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	kept_open(w, &s);
	assert_int_equal(pwrite(rig_seen.fd, "x", 1, 0), 1);
	rig_restart(w);
	rig_head(w, &s); /* the gateway has gone, and what it wrote shows */
	rig_expect(404, 0);
	rig_bring(w, &s);
}

/* It is a moment late; a file that waits for that holds up no other. */
static void test_closed_late(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), t = rig_sample("passport");
	struct msg_stage_end m = {.party = PEER, .held = s.total};
	unsigned before;
	int late;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_put(w, &s, 0);
	rig_write_part(&s, 0, s.total);
	late = fcntl(rig_seen.fd, F_DUPFD_CLOEXEC, 0);
	memcpy(m.digest, s.digest, sizeof m.digest);
	assert_int_equal(link_request(w->gateway, IPC_stage_end, &m, NULL, 0, NULL), 0);
	rig_bring(w, &t);
	before = rig_seen.staged;
	close(late);
	world_until(w, &rig_seen.staged, before + 1);
	rig_expect(201, s.total);
	assert_true(rig_there(PEER, &s));
	assert_int_equal(w->ended, 0);
}

static void test_lost(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	char path[FILE_PATH_MAX];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	file_path_whole(path, PEER, s.digest);
	rig_bring(w, &s);
	assert_int_equal(truncate(path, 3), 0);
	rig_head(w, &s);
	rig_expect(404, 0);
	assert_int_equal(rig_files(), 0);
	rig_bring(w, &s);
	assert_int_equal(unlink(path), 0);
	rig_put(w, &s, 0);
	rig_expect(422, 0);
	rig_bring(w, &s);
}

/* --- crashes ------------------------------------------------------------------------------------- */

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

/* Between each step and the next. */
static void test_crashes(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), t = rig_sample("passport"),
		      u = rig_sample("statement");
	char path[FILE_PATH_MAX], whole[FILE_PATH_MAX];
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_put(w, &s, 0);
	rig_write_part(&s, 0, s.total);
	rig_restart(w); /* whole, and nobody has said so: verified when it is asked for */
	rig_head(w, &s);
	rig_expect(200, s.total);
	assert_true(rig_there(PEER, &s));

	rig_put(w, &t, 0);
	rig_write_part(&t, 0, t.total);
	file_path_part(path, PEER, t.digest);
	file_path_whole(whole, PEER, t.digest);
	assert_int_equal(rename(path, whole), 0);
	rig_restart(w); /* named, not committed: nothing of it is held */
	assert_false(rig_there(PEER, &t));
	rig_head(w, &t);
	rig_expect(404, 0);
	rig_bring(w, &t);

	rig_keep(w, &u, id);
	file_path_whole(path, "", s.digest); /* one of ours, named and not committed */
	make_file(path);
	file_path_new(path, id);
	make_file(path);
	file_path_part(path, PEER, u.digest);
	make_file(path);
	file_path_part(path, PEER, t.digest); /* its row says that it is whole */
	make_file(path);
	assert_int_equal(rig_files(), 7);
	rig_restart(w);
	assert_int_equal(rig_files(), 3);
	assert_true(rig_there("", &u) && rig_there(PEER, &s) && rig_there(PEER, &t));
}

/* The name is given and the commit fails: the file is where its row says that it is. */
static void test_failed_commit(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	struct rlimit limit;

	world_until(w, &w->own_told, 1);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_put(w, &s, 0);
	rig_write_part(&s, 0, s.total);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rig_end_put(w, &s, s.total);
	rig_expect(503, 0);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_false(rig_there(PEER, &s));
	rig_head(w, &s);
	rig_expect(200, s.total);
	assert_true(rig_there(PEER, &s));
}

#define HOUR INT64_C(3600000)

static void until_files(struct world *w, unsigned n)
{
	pump_while(w->loop, rig_files() != n);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(rig_files(), n);
}

/* RXP-ATT-015: the files of a document may take longer than three days; of one of these three its sender says nothing. */
static void test_asked_for(void **state)
{
	struct world *w = *state;
	struct sample whole = rig_sample("whole"), part = rig_sample("part"),
		      forgotten = rig_sample("forgotten");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_bring(w, &forgotten);
	rig_bring(w, &whole);
	rig_put(w, &part, 0);
	rig_write_part(&part, 0, 4);
	rig_end_put(w, &part, 4);
	world_move_clock(w, 71 * HOUR);
	rig_head(w, &whole);
	rig_expect(200, whole.total);
	rig_head(w, &part);
	rig_expect(200, 4);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	world_move_clock(w, 73 * HOUR);
	until_files(w, 2);
	assert_false(rig_there(PEER, &forgotten));
	world_move_clock(w, (71 + 71) * HOUR);
	until_files(w, 2);
	world_move_clock(w, (71 + 73) * HOUR);
	until_files(w, 0);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_staged),
	    TEST(test_wrong_digest),
	    TEST(test_large),
	    TEST(test_bounds),
	    TEST(test_room),
	    TEST(test_kept_open),
	    TEST(test_closed_late),
	    TEST(test_lost),
	    TEST(test_crashes),
	    TEST(test_failed_commit),
	    TEST(test_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
