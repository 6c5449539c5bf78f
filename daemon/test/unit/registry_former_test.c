/*
 * Goals of former descriptors (RXP-EVI-028): whatever identity parts a node meets and however many it misses at a time, those that it
 * keeps and that in force join, each with the next, back to the first that it knew, of a peer and of itself; no more are kept than
 * need be; what people bring joins as well (RXP-EVI-034); what people gave up is kept whole, and what comes behind it is a chain of its own.
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
#include <unistd.h>

#include <cmocka.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_former.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define OWN "QRA"
#define PEER "QRB"
#define TEXT 32
#define REACH (RXP_MAX_IDENTITY_PARTS - 1) /* how far before its Serial a descriptor goes */

static char directory[64];
static struct store *store;

static int set_up(void **s)
{
	(void)s;
	snprintf(directory, sizeof directory, "/tmp/registry-former-XXXXXX");
	if (mkdtemp(directory) == NULL || chdir(directory) != 0 || store_open(&store) != 0)
		return -1;
	return store_node_add(store_db(store), OWN, true);
}

static int tear_down(void **s)
{
	(void)s;
	store_close(store);
	(void)unlink("readmit.db");
	(void)unlink("readmit.db-wal");
	(void)unlink("readmit.lock");
	return chdir("/") != 0 ? -1 : rmdir(directory);
}

/* Its descriptor is the range of its parts, in words. */
static struct store_peer peer_of(uint64_t serial, char text[TEXT])
{
	uint64_t first = serial > REACH ? serial - REACH : 1;
	struct store_peer row = {.party = PEER, .identity_serial = serial, .working_created_ms = 1};

	snprintf(text, TEXT, "%u %u", (unsigned)first, (unsigned)serial);
	row.identity[0] = (uint8_t)serial;
	row.descriptor = (struct bytes){(const uint8_t *)text, strlen(text)};
	return row;
}

static void put_own(uint64_t serial)
{
	char text[TEXT];
	struct store_peer row = peer_of(serial, text);
	struct store_node node = {
	    .identity_serial = serial, .descriptor = row.descriptor, .working = row.descriptor};

	assert_int_equal(store_node_working(store_db(store), &node), 0);
}

/* Do those that are kept and that in force, which has this Serial, go back to the first part? Returns how many are kept. */
static unsigned assert_joins(enum sql q, const char *party, uint64_t serial, unsigned first)
{
	struct db *db = store_db(store);
	unsigned oldest = (unsigned)(serial > REACH ? serial - REACH : 1), n = 0, from, to;
	int rc = db_first(db, q, DB_VALUES(DB_T(party), DB_N(1000)));

	for (; rc == 1; rc = db_next(db, q)) {
		const struct bytes octets = db_octets(db, q, 0);
		char text[TEXT] = "", *rest;

		memcpy(text, octets.data, octets.len);
		from = (unsigned)strtoul(text, &rest, 10);
		to = (unsigned)strtoul(rest, NULL, 10);
		assert_true(from < oldest && oldest <= to);
		oldest = from;
		n++;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(oldest, first);
	return n;
}

static void test_whatever_is_missed(void **st)
{
	unsigned seed = (unsigned)getpid();
	uint64_t serial = 3;
	char text[TEXT];
	struct store_peer row = peer_of(serial, text);
	unsigned n = 0;

	(void)st;
	print_message("seed: %u\n", seed);
	assert_int_equal(store_peer_add(store_db(store), &row), 0);
	put_own(serial);
	for (int i = 0; i < 200; i++) {
		serial += 1 + (uint64_t)rand_r(&seed) % (i % 2 == 0 ? 2 : REACH);
		row = peer_of(serial, text);
		assert_int_equal(store_peer_renew(store_db(store), &row), 0);
		put_own(serial);
		n = assert_joins(SQL_EVIDENCE_FORMER_THEIRS, PEER, serial, 1);
		assert_int_equal(assert_joins(SQL_EVIDENCE_FORMER_OURS, OWN, serial, 1), n);
	}
	assert_true(n <= 2 * (serial / REACH + 1));
}

/* One step at a time every fifteenth is enough. */
static void test_no_more_than_needed(void **st)
{
	char text[TEXT];
	struct store_peer row = peer_of(1, text);

	(void)st;
	assert_int_equal(store_peer_add(store_db(store), &row), 0);
	for (uint64_t serial = 2; serial <= 16; serial++) {
		row = peer_of(serial, text);
		assert_int_equal(store_peer_renew(store_db(store), &row), 0);
	}
	assert_int_equal(assert_joins(SQL_EVIDENCE_FORMER_THEIRS, PEER, 16, 1), 0);
	for (uint64_t serial = 17; serial <= 16 + 4 * REACH; serial++) {
		row = peer_of(serial, text);
		assert_int_equal(store_peer_renew(store_db(store), &row), 0);
	}
	assert_int_equal(assert_joins(SQL_EVIDENCE_FORMER_THEIRS, PEER, 16 + 4 * REACH, 1), 4);
}

static int give(const char *text, uint64_t serial)
{
	return store_former_give(
	    store_db(store), PEER, serial, (struct bytes){(const uint8_t *)text, strlen(text)});
}

/* What people bring stands behind what the node kept, and changes nothing of what it will keep (RXP-EVI-034). */
static void test_brought(void **st)
{
	char text[TEXT];
	struct store_peer row = peer_of(40, text); /* 25 to 40 */
	unsigned n = 2;

	(void)st;
	assert_int_equal(store_peer_add(store_db(store), &row), 0);
	assert_int_equal(give("12 27", 27), 0);
	assert_int_equal(give("1 14", 14), 0);
	assert_int_equal(assert_joins(SQL_EVIDENCE_FORMER_THEIRS, PEER, 40, 1), n);
	for (uint64_t serial = 41; serial <= 80; serial++) {
		row = peer_of(serial, text);
		assert_int_equal(store_peer_renew(store_db(store), &row), 0);
		n = assert_joins(SQL_EVIDENCE_FORMER_THEIRS, PEER, serial, 1);
	}
	assert_true(n <= 2 + 40 / REACH + 1);
	for (; n < 32; n++)
		assert_int_equal(give("1 1", 1), 0);
	assert_int_equal(give("1 1", 1), RXP_ERR_FULL);
}

static unsigned count(void)
{
	struct db *db = store_db(store);
	unsigned n = 0;
	int rc = db_first(db, SQL_EVIDENCE_FORMER_THEIRS, DB_VALUES(DB_T(PEER), DB_N(1000)));

	for (; rc == 1; rc = db_next(db, SQL_EVIDENCE_FORMER_THEIRS))
		n++;
	assert_int_equal(rc, 0);
	return n;
}

static void test_a_chain_that_ended(void **st)
{
	struct db *db = store_db(store);
	char text[TEXT];
	struct store_peer row = peer_of(20, text);

	(void)st;
	assert_int_equal(store_peer_add(db, &row), 0);
	assert_int_equal(store_peer_distrust(db, PEER), 0);
	assert_int_equal(store_peer_trust_anew(db, &row), 0); /* the same again */
	assert_int_equal(count(), 0);
	assert_int_equal(store_peer_distrust(db, PEER), 0);
	row = peer_of(1, text);
	assert_int_equal(store_peer_trust_anew(db, &row), 0);
	assert_int_equal(count(), 1);
	for (uint64_t serial = 2; serial <= 17; serial++) {
		row = peer_of(serial, text);
		assert_int_equal(store_peer_renew(db, &row), 0);
	}
	assert_int_equal(count(), 2); /* that of 20 parts does not stand for one of this chain */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {TEST(whatever_is_missed),
	    TEST(no_more_than_needed), TEST(brought), TEST(a_chain_that_ended)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
