/*
 * Goals of a node that looks at its files although nobody reads them (spec/storage.md, Attachments), with everything around the registry
 * played: one octet changed, two files exchanged, one taken away and one cut are found within the day, told with the document and
 * the number of the file, of ours and of the peer's; once; what nobody touched is not told, nor one that
 * no document has, nor one that cannot be opened just now.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"
#include "daemon/test/unit/registry_terms_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "daemon/registry/store/store_file.h"

#define DAY INT64_C(86400000)
#define LOOK_MS (2 * REGISTRY_TEST_TICK_MS + 12 * REGISTRY_FILE_LOOK_PAUSE_MS) /* for a few files */

static struct sample s[3];
static uint8_t ids[3][16];

static int set_up(void **state)
{
	int rc = rig_set_up(state);

	watch_moved = 0;
	((struct world *)*state)->key_from_ms = 1;
	assert_int_equal(world_add_peer(*state, 1)->result, 0);
	s[0] = rig_sample("portrait");
	s[1] = rig_sample("passport");
	s[2] = rig_sample("claimed by none");
	for (size_t i = 0; i < 3; i++)
		rig_keep(*state, &s[i], ids[i]);
	return rc;
}

static bool differs(struct world *w, uint64_t n)
{
	return watch_found(w, "own-file-differs", n);
}

/* How many differences there are after a look of some files, which is over when the last of them is found. */
static uint64_t found(struct world *w, uint64_t expected)
{
	pump_while(w->loop, watch_peer(w)->differences < expected);
	pump_for(w->loop, LOOK_MS);
	return watch_peer(w)->differences;
}

static uint64_t looked(struct world *w, uint64_t expected)
{
	watch_later(w, DAY + 1);
	return found(w, expected);
}

/* Other octets of the same length under the name of the file; NULL: none under it. */
static void put(const char *party, const struct sample *name, const struct sample *octets)
{
	char path[FILE_PATH_MAX];
	int fd;

	file_path_whole(path, party, name->digest);
	assert_int_equal(unlink(path), 0);
	if (octets == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets->octets, octets->total), octets->total);
	close(fd);
}

static void test_ours(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	rig_accepted(w, "key", ids[0], 2, id);
	assert_int_equal(looked(w, 0), 0);
	put("", &s[2], &s[0]); /* of no document */
	put("", &s[1], &s[0]);
	assert_int_equal(looked(w, 1), 1);
	assert_true(differs(w, 2));
	assert_false(differs(w, 1));
	put("", &s[0], &s[1]);
	assert_int_equal(looked(w, 2), 2);
	assert_true(differs(w, 1));
	assert_int_equal(looked(w, 2), 2); /* the same */
	put("", &s[1], NULL);
	assert_int_equal(looked(w, 3), 3);
}

static void test_octet(void **state)
{
	struct world *w = *state;
	struct sample changed = s[0];
	uint8_t id[16];

	rig_accepted(w, "key", ids[0], 1, id);
	changed.octets[3] ^= 1;
	put("", &s[0], &changed);
	assert_int_equal(looked(w, 1), 1);
	assert_true(differs(w, 1));
	put("", &s[0], &s[0]);
	assert_int_equal(looked(w, 1), 1);
	changed = s[0];
	changed.total--;
	put("", &s[0], &changed);
	assert_int_equal(looked(w, 2), 2);
}

/* The start looks as well, and a person who noted it is told no more. */
static void test_start(void **state)
{
	const struct msg_log_note note = {.peer = PEER, .user = "anna"};
	struct world *w = *state;
	uint8_t id[16];

	rig_accepted(w, "key", ids[0], 2, id);
	put("", &s[0], NULL);
	rig_restart(w);
	assert_int_equal(found(w, 1), 1);
	assert_true(differs(w, 1));
	world_ask(w, IPC_log_note, &note);
	assert_int_equal(looked(w, 0), 0);
}

/* That nothing can be opened just now is no word of the file, which is looked at when something can. */
static void test_no_means(void **state)
{
	struct world *w = *state;
	struct rlimit limit, none;
	uint8_t id[16];

	rig_accepted(w, "key", ids[0], 1, id);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	watch_later(w, DAY + 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	pump_for(w->loop, LOOK_MS);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	put("", &s[0], &s[1]);
	assert_int_equal(found(w, 1), 1);
	assert_true(differs(w, 1));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_ours),
	    TEST(test_octet),
	    TEST(test_start),
	    TEST(test_no_means),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
