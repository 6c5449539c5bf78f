/*
 * Goals of files that follow their documents (RXP-ATT-019), with the database and the ferry played:
 * - what waits for a peer that does not answer, however much it is, holds back nothing of another peer for ever;
 * - nothing is brought twice at a time, and no more than REGISTRY_LATE_MAX;
 * - a document that has changed is begun with at once, wherever it stands, and nothing else;
 * - a peer that is not known, or distrusted, is brought nothing, and takes no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/registry/limits.h"
/* Alone, so that what it calls can be played. */
#include "daemon/registry/out/late.c" /* NOLINT(bugprone-suspicious-include) */

#define WAITING 250
#define DEAD "QRB"
#define ALIVE "QRC"
#define UNKNOWN "QRD"

static struct {
	struct store_pending waiting[WAITING]; /* by local id */
	struct {
		const struct store_pending *of;
		ferry_done *done;
		void *arg;
	} under_way[REGISTRY_LATE_MAX];
	size_t n;
	unsigned alive; /* documents of ALIVE that were brought */
} played;

struct db *store_db(struct store *s)
{
	(void)s;
	return NULL;
}

int store_pending_late(struct db *db, struct store_pending *out, const uint8_t from[16], size_t max)
{
	size_t n = 0;

	(void)db;
	for (size_t i = 0; i < WAITING && n < max; i++)
		if (memcmp(played.waiting[i].local_id, from, RXP_ID_OCTETS) >= 0)
			out[n++] = played.waiting[i];
	return (int)n;
}

struct peer *peers_active(struct peers *p, const char *party)
{
	static struct peer known[] = {{.party = DEAD}, {.party = ALIVE}};

	(void)p;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(party, known[i].party) == 0)
			return &known[i];
	return NULL;
}

/* It is always an hour of attachments. */
int64_t peers_goes_until(const struct peer *peer, bool files, int64_t now_ms)
{
	(void)peer;
	(void)now_ms;
	return files ? INT64_MAX : 0;
}

static const struct store_pending *waiting(const uint8_t local_id[16])
{
	for (size_t i = 0; i < WAITING; i++)
		if (memcmp(played.waiting[i].local_id, local_id, RXP_ID_OCTETS) == 0)
			return &played.waiting[i];
	fail_msg("nothing of this id waits");
	return NULL;
}

int ferry_begin(
    struct ferry *f, struct peer *peer, const uint8_t local_id[16], ferry_done *done, void *arg)
{
	const struct store_pending *of = waiting(local_id);

	(void)f;
	assert_string_equal(peer->party, of->peer);
	assert_true(played.n < REGISTRY_LATE_MAX);
	for (size_t i = 0; i < played.n; i++)
		assert_ptr_not_equal(played.under_way[i].of, of);
	played.under_way[played.n].of = of;
	played.under_way[played.n].done = done;
	played.under_way[played.n++].arg = arg;
	return 1;
}

/* The line to DEAD fails, the others take all. */
static void end_all(void)
{
	for (size_t i = 0; i < played.n; i++) {
		bool dead = strcmp(played.under_way[i].of->peer, DEAD) == 0;

		played.alive += !dead;
		played.under_way[i].done(
		    played.under_way[i].arg, dead ? FERRY_PEER : FERRY_ALL, dead ? "no" : "");
	}
	played.n = 0;
}

static struct late *set_up(const char *peer)
{
	static struct node node;
	struct late *l;

	memset(&played, 0, sizeof played);
	for (size_t i = 0; i < WAITING; i++) {
		played.waiting[i].local_id[14] = (uint8_t)((i + 1) >> 8);
		played.waiting[i].local_id[15] = (uint8_t)(i + 1);
		snprintf(played.waiting[i].peer, sizeof played.waiting[i].peer, "%s", peer);
	}
	assert_int_equal(late_new(&l, &node, NULL, NULL), 0);
	return l;
}

static void tick(struct late *l, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		late_tick(l);
		end_all();
	}
}

static void test_in_turn(void **unused)
{
	struct late *l = set_up(DEAD);
	const unsigned round = (WAITING + REGISTRY_LATE_MAX - 1) / REGISTRY_LATE_MAX + 1;

	(void)unused;
	memcpy(played.waiting[WAITING - 1].peer, ALIVE, sizeof ALIVE);
	tick(l, round);
	assert_int_equal(played.alive, 1);
	memcpy(played.waiting[0].peer, ALIVE, sizeof ALIVE); /* and from the first again */
	tick(l, round);
	assert_int_equal(played.alive, 3);
	late_free(l);
}

static void test_room(void **unused)
{
	struct late *l = set_up(ALIVE);

	(void)unused;
	for (int i = 0; i < 3; i++)
		late_tick(l);
	assert_int_equal(played.n, REGISTRY_LATE_MAX);
	late_changed(l, played.waiting[REGISTRY_LATE_MAX].local_id);
	assert_int_equal(played.n, REGISTRY_LATE_MAX);
	end_all();
	late_tick(l);
	assert_ptr_equal(played.under_way[0].of, &played.waiting[REGISTRY_LATE_MAX]);
	late_free(l);
}

static void test_changed(void **unused)
{
	static const uint8_t none[RXP_ID_OCTETS] = {0};
	struct late *l = set_up(DEAD);

	(void)unused;
	late_changed(l, none);
	assert_int_equal(played.n, 0);
	late_changed(l, played.waiting[WAITING - 1].local_id);
	late_changed(l, played.waiting[WAITING - 1].local_id);
	assert_int_equal(played.n, 1);
	assert_ptr_equal(played.under_way[0].of, &played.waiting[WAITING - 1]);
	late_free(l);
}

static void test_unknown(void **unused)
{
	struct late *l = set_up(UNKNOWN);

	(void)unused;
	memcpy(played.waiting[WAITING - 1].peer, ALIVE, sizeof ALIVE);
	for (int i = 0; i <= WAITING / REGISTRY_PAGE_MAX; i++)
		late_tick(l);
	assert_int_equal(played.n, 1);
	late_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_in_turn),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
