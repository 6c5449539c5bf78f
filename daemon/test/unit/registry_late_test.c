/*
 * Goals of files that follow their documents (RXP-ATT-019), with the database and the ferry played:
 * - what waits for a peer that does not answer, however much it is, holds back nothing of another peer for ever;
 * - nothing is brought twice at a time, and no more than REGISTRY_LATE_MAX;
 * - a document that has changed is begun with at once, wherever it stands, and nothing else;
 * - a peer that is not known, or distrusted, is brought nothing, and takes no room; nor is one of whom the tables are not proved
 *   (RXP-LOG-032);
 * - what the line failed is begun again after a second, then after twice that, up to a minute, and not at a tick before; once the
 *   peer is heard, after a second, or after an eighth of that time, and no sooner however often it is heard; what got further, or
 *   all that went well, begins that anew;
 * - of a peer whose files do not all find room, the next goes when one has ended, and all of them once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
/* Alone, so that what it calls can be played. */
#include "daemon/registry/out/late.c" /* NOLINT(bugprone-suspicious-include) */

#define WAITING 250
#define DEAD "QRB"
#define ALIVE "QRC"
#define UNKNOWN "QRD"

struct under_way {
	const struct store_pending *of;
	ferry_done *done;
	void *arg;
};

static struct {
	struct store_pending waiting[WAITING]; /* by local id */
	struct under_way under_way[REGISTRY_LATE_MAX];
	size_t n;
	unsigned alive; /* documents of ALIVE that were brought */
	enum ferry_outcome dead; /* what comes of those of DEAD */
	int64_t now, fires; /* monotonic; of the timer, or INT64_MAX */
	timer_fn *fn;
	void *arg;
	struct peer peers[2];
	const char *unproved; /* of whom nothing is proved */
} played;

bool node_may_send(const struct node *n, const char *peer)
{
	(void)n;
	return strcmp(peer, played.unproved) != 0;
}

int64_t clock_mono_ms(void)
{
	return played.now;
}

int64_t clock_wall_ms(void)
{
	return 0;
}

int timer_new(struct timer **out, struct loop *l, timer_fn *fn, void *arg)
{
	(void)l;
	*out = NULL;
	played.fn = fn;
	played.arg = arg;
	played.fires = INT64_MAX;
	return 0;
}

void timer_arm(struct timer *t, int64_t ms)
{
	(void)t;
	played.fires = played.now + ms;
}

void timer_free(struct timer *t)
{
	(void)t;
}

/* Without its jitter. */
int64_t pace_backoff(struct pace *p, unsigned tries)
{
	int64_t delay = REGISTRY_RETRY_FIRST_MS;

	(void)p;
	while (--tries > 0 && delay < REGISTRY_RETRY_LAST_MS)
		delay *= 2;
	return delay < REGISTRY_RETRY_LAST_MS ? delay : REGISTRY_RETRY_LAST_MS;
}

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

struct peer *peers_at(struct peers *p, size_t i)
{
	(void)p;
	return i < sizeof played.peers / sizeof played.peers[0] ? &played.peers[i] : NULL;
}

struct peer *peers_active(struct peers *p, const char *party)
{
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(p, i)) != NULL; i++)
		if (strcmp(party, peer->party) == 0)
			return peer;
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
	const size_t n = played.n;
	struct under_way ended[REGISTRY_LATE_MAX];
	enum ferry_outcome outcomes[REGISTRY_LATE_MAX];

	for (size_t i = 0; i < played.n; i++) {
		bool dead = strcmp(played.under_way[i].of->peer, DEAD) == 0;

		played.alive += !dead;
		ended[i] = played.under_way[i];
		outcomes[i] = dead ? played.dead : FERRY_ALL;
	}
	played.n = 0;
	for (size_t i = 0; i < n; i++)
		ended[i].done(ended[i].arg, outcomes[i], "");
}

static struct late *set_up(const char *peer)
{
	static struct node node;
	struct late *l = NULL;

	memset(&played, 0, sizeof played);
	for (size_t i = 0; i < WAITING; i++) {
		played.waiting[i].local_id[14] = (uint8_t)((i + 1) >> 8);
		played.waiting[i].local_id[15] = (uint8_t)(i + 1);
		snprintf(played.waiting[i].peer, sizeof played.waiting[i].peer, "%s", peer);
	}
	snprintf(played.peers[0].party, sizeof played.peers[0].party, "%s", DEAD);
	snprintf(played.peers[1].party, sizeof played.peers[1].party, "%s", ALIVE);
	played.peers[0].active = played.peers[1].active = true;
	played.dead = FERRY_PEER;
	played.now = 1000000;
	played.unproved = "";
	assert_int_equal(late_new(&l, &node, NULL, NULL, NULL), 0);
	return l;
}

static void tick(struct late *l, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		played.now += REGISTRY_TICK_MS;
		late_tick(l);
		end_all();
	}
}

/* The timer fires at its time. */
static void fire(void)
{
	assert_true(played.fires != INT64_MAX);
	do {
		if (played.now < played.fires)
			played.now = played.fires;
		played.fires = INT64_MAX;
		played.fn(played.arg);
	} while (played.fires <= played.now); /* another page */
}

/* One document alone waits, of DEAD. */
static struct late *one_waits(void)
{
	struct late *l = set_up(UNKNOWN);

	snprintf(played.waiting[0].peer, sizeof played.waiting[0].peer, "%s", DEAD);
	late_tick(l);
	assert_int_equal(played.n, 1);
	return l;
}

/* After so long, and not at a tick before, it is begun again. */
static void begun_after(struct late *l, int64_t ms)
{
	assert_int_equal(played.fires, played.now + ms);
	for (int i = 0; i <= WAITING / REGISTRY_PAGE_MAX; i++)
		late_tick(l);
	assert_int_equal(played.n, 0);
	fire();
	assert_int_equal(played.n, 1);
}

static void test_again(void **unused)
{
	struct late *l = one_waits();

	(void)unused;
	for (int64_t ms = 1000; ms < REGISTRY_LATE_LAST_MS; ms *= 2) {
		end_all();
		begun_after(l, ms);
	}
	for (int i = 0; i < 2; i++) {
		end_all();
		begun_after(l, REGISTRY_LATE_LAST_MS);
	}
	played.dead = FERRY_FURTHER;
	end_all();
	begun_after(l, 1000);
	played.dead = FERRY_PEER;
	end_all();
	begun_after(l, 2000);
	played.dead = FERRY_ALL;
	end_all();
	assert_int_equal(played.fires, INT64_MAX);
	for (int i = 0; i <= WAITING / REGISTRY_PAGE_MAX; i++)
		late_tick(l);
	assert_int_equal(played.n, 1);
	played.dead = FERRY_PEER;
	end_all();
	begun_after(l, 1000);
	late_free(l);
}

static void test_heard(void **unused)
{
	struct late *l = one_waits();
	int64_t failed;

	(void)unused;
	late_heard(l, &played.peers[0]); /* nothing has failed */
	assert_int_equal(played.fires, INT64_MAX);
	for (int64_t ms = 1000; ms < REGISTRY_LATE_LAST_MS; ms *= 2) {
		end_all();
		begun_after(l, ms);
	}
	end_all();
	failed = played.now;
	played.now += 100;
	late_heard(l, &played.peers[1]);
	assert_int_equal(played.fires, failed + REGISTRY_LATE_LAST_MS);
	late_heard(l, &played.peers[0]);
	assert_int_equal(played.fires, failed + REGISTRY_LATE_LAST_MS / HEARD_SHARE);
	late_heard(l, &played.peers[0]);
	begun_after(l, failed + REGISTRY_LATE_LAST_MS / HEARD_SHARE - played.now);
	played.dead = FERRY_FURTHER;
	end_all();
	late_heard(l, &played.peers[0]);
	begun_after(l, 1000);
	end_all();
	played.now += 900;
	late_heard(l, &played.peers[0]);
	begun_after(l, 100);
	late_free(l);
}

/* More change at once than find room. */
static void test_behind(void **unused)
{
	const unsigned many = 3 * REGISTRY_LATE_MAX;
	struct late *l = set_up(UNKNOWN);

	(void)unused;
	for (unsigned i = 0; i < many; i++) {
		snprintf(played.waiting[i].peer, sizeof played.waiting[i].peer, "%s", ALIVE);
		late_changed(l, played.waiting[i].local_id);
	}
	assert_int_equal(played.n, REGISTRY_LATE_MAX);
	for (unsigned i = 0; i < many && played.n > 0; i++) {
		end_all();
		while (played.n == 0 && played.fires != INT64_MAX)
			fire();
	}
	/* What was brought before the pass began is asked for once more: it says so itself when it is there. */
	assert_in_range(played.alive, many, many + REGISTRY_LATE_MAX);
	assert_int_equal(played.fires, INT64_MAX);
	late_free(l);
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

static void test_unproved(void **unused)
{
	struct late *l = set_up(ALIVE);

	(void)unused;
	played.unproved = ALIVE;
	late_tick(l);
	assert_int_equal(played.n, 0);
	played.unproved = DEAD;
	late_tick(l);
	assert_int_equal(played.n, REGISTRY_LATE_MAX);
	late_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_in_turn),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_unproved),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_heard),
	    cmocka_unit_test(test_behind),
	};

	return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
