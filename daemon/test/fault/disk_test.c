/*
 * Goals: for each kind of failure of the disk and each operation of SQLite that it may concern, alone and
 * with all behind it:
 *  - opening the store, committing, checkpointing and closing come to an end with a code of their own;
 *  - what was told to be committed is there after the next start, whole; what was told to have failed is
 *    not, unless the store says that it does not know what is on the disk (store_lost);
 *  - the file is sound, and the next start takes it;
 *  - a failure that has passed, and after which the disk is known, does not hinder the next commit.
 *
 * Without RXP_TORTURE set every STEPth operation is tried, the first and from one by chance; RXP_SEED sets which.
 *
 * links: registry
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/test/fault/disk.h"
#include "protocol/base/err.h"

#define ITEMS 18
#define PER_ROUND 3 /* committed together */
#define KEY_OCTETS 3000
#define STEP 4
#define POINTS_MAX 2000 /* operations of one run; far more than there are */

static char directory[64];
static unsigned seed;

struct adding {
	struct store_item item;
	uint8_t id;
	int result; /* 1: not told */
};

static struct {
	struct adding adding[ITEMS];
	int opened, checkpointed;
	bool lost;
	bool there[ITEMS + 1];
} run;

static void clean(void)
{
	(void)unlink("readmit.db");
	(void)unlink("readmit.db-wal");
	(void)unlink("readmit.db-journal");
	(void)unlink("readmit.lock");
}

static int set_up(void **s)
{
	const char *given = getenv("RXP_SEED");

	(void)s;
	seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	print_message("RXP_SEED=%u\n", seed);
	disk_install();
	snprintf(directory, sizeof directory, "/tmp/registry-disk-XXXXXX");
	if (mkdtemp(directory) == NULL || chdir(directory) != 0)
		return -1;
	return db_warm_up();
}

static int tear_down(void **s)
{
	(void)s;
	clean();
	return chdir("/") != 0 ? -1 : rmdir(directory);
}

/* --- a run of the store ------------------------------------------------------------------------------ */

static int add(void *arg, struct db *db)
{
	static uint8_t octets[KEY_OCTETS];
	const struct adding *a = arg;
	struct rec_own_key key = {.spki = {octets, sizeof octets}, .wrapped = {octets, 1}};

	memset(octets, a->id, sizeof octets);
	key.key_id[0] = a->id;
	return store_key_add(db, &key, 1);
}

static void added(void *arg, int result)
{
	struct adding *a = arg;

	a->result = result;
}

static void submit(struct store *s, struct adding *a, uint8_t id)
{
	*a = (struct adding){.id = id, .result = 1};
	a->item = (struct store_item){.apply = add, .done = added, .arg = a};
	store_submit(s, &a->item);
}

/* Start, commit, checkpoint and end, as a registry does. */
static void use_store(void)
{
	struct store *s = NULL;

	memset(&run, 0, sizeof run);
	for (size_t i = 0; i < ITEMS; i++)
		run.adding[i].result = 1;
	run.opened = store_open(&s);
	for (uint8_t i = 0; run.opened == 0 && i < ITEMS; i++) {
		submit(s, &run.adding[i], i);
		if (i % PER_ROUND == PER_ROUND - 1)
			store_round(s);
		if (i == ITEMS / 2 && !store_lost(s))
			run.checkpointed = db_checkpoint(store_db(s));
	}
	run.lost = s != NULL && store_lost(s);
	store_close(s);
}

/* --- what is there afterwards -------------------------------------------------------------------------- */

static int take_key(void *arg, const struct rec_own_key *key, int64_t made_ms)
{
	(void)arg;
	(void)made_ms;
	assert_true(key->key_id[0] <= ITEMS && key->spki.len == KEY_OCTETS);
	for (size_t i = 0; i < key->spki.len; i++)
		assert_int_equal(key->spki.data[i], key->key_id[0]);
	run.there[key->key_id[0]] = true;
	return 0;
}

/* The next start, on a disk that does what it is told. */
static void look_again(void)
{
	struct adding more;
	struct store *s = NULL;

	assert_int_equal(store_open(&s), 0);
	assert_int_equal(store_key_each(store_db(s), take_key, NULL), 0);
	submit(s, &more, ITEMS);
	store_round(s);
	assert_int_equal(more.result, 0);
	store_close(s);
}

static bool is_disk_error(int rc)
{
	return rc == 0 || rc == RXP_ERR_IO || rc == RXP_ERR_DAMAGED;
}

static void judge(void)
{
	assert_true(is_disk_error(run.opened) && is_disk_error(run.checkpointed));
	look_again();
	for (size_t i = 0; i < ITEMS; i++) {
		int result = run.adding[i].result;

		assert_true(result == 1 || is_disk_error(result));
		assert_true(result != 1 || run.lost || run.opened != 0);
		if (result == 0)
			assert_true(run.there[i]);
		else if (!run.lost)
			assert_false(run.there[i]);
	}
}

/* Returns whether the failure came. */
static bool fail_at(enum disk_fault fault, unsigned nth, bool all_behind)
{
	bool failed;

	clean();
	disk_arm(fault, nth, all_behind);
	use_store();
	failed = disk_disarm();
	print_message("%s %u%s: open %d, checkpoint %d, last %d%s\n", disk_fault_name(fault), nth,
	    all_behind ? " and all behind" : "", run.opened, run.checkpointed,
	    run.adding[ITEMS - 1].result, run.lost ? ", lost" : "");
	judge();
	if (failed && !all_behind && !run.lost && run.opened == 0 &&
	    run.adding[ITEMS - 1 - PER_ROUND].result != 0)
		assert_int_equal(run.adding[ITEMS - 1].result, 0);
	return failed;
}

static void fail_each(enum disk_fault fault, bool all_behind)
{
	unsigned step = getenv("RXP_TORTURE") != NULL ? 1 : STEP;
	unsigned nth = 2 + seed % step;

	assert_true(fail_at(fault, 1, all_behind));
	while (fail_at(fault, nth, all_behind)) {
		nth += step;
		assert_true(nth < POINTS_MAX);
	}
	assert_int_equal(run.opened, 0);
	for (size_t i = 0; i < ITEMS; i++)
		assert_int_equal(run.adding[i].result, 0);
}

static void one_operation_fails(void **s)
{
	(void)s;
	for (int fault = 0; fault < DISK_FAULTS; fault++)
		fail_each((enum disk_fault)fault, false);
}

static void all_operations_behind_one_fail(void **s)
{
	(void)s;
	for (int fault = 0; fault < DISK_FAULTS; fault++)
		fail_each((enum disk_fault)fault, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_operation_fails),
	    cmocka_unit_test(all_operations_behind_one_fail),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
