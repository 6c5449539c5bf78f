/*
 * Goals of the terms that a node holds, with everything around the registry played:
 * - the profile of the specification is there without any file, as spec/profiles says it (RXP-PRF-021), and a case
 *   that names it otherwise runs under nothing (RXP-PRF-022);
 * - what a sealer opened is taken, listed, and there after a restart; the same again changes nothing; another of a
 *   version, an older one, one that the other State contradicts and one under the reserved id are not;
 * - an overlay is laid on its base and on nothing else;
 * - a node does not start on terms that are not those it took;
 * - calendars of an owner follow each other and are found for the side that counts;
 * - a check says what is missing.
 * Under which of them a case runs is registry_terms_case_test.c's.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_terms_rig.h"

#include <sqlite3.h>

#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"

/* What the files of spec/profiles say; read before the tests leave the top folder. */
static struct rxp_profile customary, overlay;
static struct rxp_calendar qra_1, qra_2, qrb_1;

static void read_profile(struct rxp_profile *out, const char *name)
{
	struct rxp_buf b;

	terms_rig_file(&b, name);
	assert_int_equal(rxp_profile_draft(out, b.data, b.len, NULL), 0);
	rxp_buf_free(&b);
}

static void read_calendar(struct rxp_calendar *out, const char *name)
{
	struct rxp_buf b;

	terms_rig_file(&b, name);
	assert_int_equal(rxp_calendar_draft(out, b.data, b.len, NULL), 0);
	rxp_buf_free(&b);
}

static int read_all(void **state)
{
	assert_int_equal(terms_rig_read(state), 0);
	read_profile(&customary, "customary");
	read_profile(&overlay, "overlay-test");
	read_calendar(&qra_1, "calendars/qra-1");
	read_calendar(&qra_2, "calendars/qra-2");
	read_calendar(&qrb_1, "calendars/qrb-1");
	return 0;
}

/* Not taken, for this requirement ("" for a result that says enough), and nothing is held that was not before. */
static void not_taken(const struct world_answer *a, int result, const char *requirement)
{
	struct record_cursor c = {a->octets, a->len};
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal((int)a->result, result);
	if (requirement[0] == '\0') {
		assert_int_equal(a->len, 0);
		return;
	}
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_string_equal(v.requirement, requirement);
}

static size_t n_held(struct world *w)
{
	size_t n = 0;

	while (shelf_profile_at(terms_shelf(w->assembly->terms), n) != NULL)
		n++;
	return n - 1; /* beside that of the specification */
}

static struct store_case case_under(const char *id, const char *version)
{
	struct store_case c = {.peer = PEER, .requesting = true};

	snprintf(c.profile_id, sizeof c.profile_id, "%s", id);
	snprintf(c.profile_version, sizeof c.profile_version, "%s", version);
	return c;
}

static int found(struct terms_of_case *out, struct world *w, const char *id, const char *version)
{
	const struct store_case c = case_under(id, version);

	return terms_find(out, w->assembly->terms, &c);
}

/* --- the profile of the specification ------------------------------------------------------------ */

static void test_specification(void **state)
{
	static const struct {
		const char *id, *version;
	} wrong[] = {{"customary", "2"}, {"customary", "1.0"}, {"customary", "01"},
	    {"customary", ""}, {"Customary", "1"}, {"model", "1"}};
	struct world *w = *state;
	struct terms_of_case t;
	struct store_case c;

	assert_int_equal(found(&t, w, "customary", "1"), 0);
	assert_memory_equal(t.profile, &customary, sizeof customary);
	assert_int_equal(t.calendars.n, 0);
	terms_name(&c, t.profile);
	assert_string_equal(c.profile_version, "1");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(found(&t, w, wrong[i].id, wrong[i].version), RXP_ERR_NOT_FOUND);
}

/* --- taking -------------------------------------------------------------------------------------- */

static void test_taken_and_kept(void **state)
{
	struct world *w = *state;
	const struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct terms_of_case t;
	struct msg_terms_list list = {.calendars = 0};
	size_t len;

	assert_int_equal(found(&t, w, "generic-test", "1"), RXP_ERR_NOT_FOUND);
	terms_rig_taken(w, &p);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(found(&t, w, "generic-test", "1"), 0);
		assert_memory_equal(t.profile, &p, sizeof p);
		len = world_ask(w, IPC_terms_list, &list)->len;
		assert_true(len > 0);
		world_restart(w);
	}
	not_taken(terms_rig_add_profile(w, &p), RXP_ERR_EXISTS, "");
	not_taken(terms_rig_add_unopened(w, RXP_ERR_MISMATCH), RXP_ERR_MISMATCH, "RXP-PRF-003");
	assert_int_equal(n_held(w), 1);
}

static void test_not_taken(void **state)
{
	struct world *w = *state;
	const struct rxp_profile first = terms_rig_agreement(PEER, 1);
	struct rxp_profile p;

	p = terms_rig_sealed(&customary, PEER, 1);
	not_taken(terms_rig_add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-021");
	terms_rig_taken(w, &first);
	p = first;
	p.digest[0]++; /* other terms under one version */
	not_taken(terms_rig_add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-016");
	p.version = 2; /* and a start that is not later */
	not_taken(terms_rig_add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-016");
	p = terms_rig_agreement(OWN, 2); /* ours, and it says something else */
	not_taken(terms_rig_add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-025");
	assert_int_equal(n_held(w), 1);
	/* each twin: the same terms from us, others between others, and a later version */
	p = terms_rig_agreement(OWN, 1);
	terms_rig_taken(w, &p);
	p = terms_rig_agreement("QRC", 2);
	p.has_sides = true;
	p.sides[0].n = p.sides[1].n = 1;
	strcpy(p.sides[0].parties[0], "QRC");
	strcpy(p.sides[1].parties[0], "QRD");
	terms_rig_taken(w, &p);
	p = first;
	p.digest[0]++;
	p.version = 2;
	p.starts_ms++;
	terms_rig_taken(w, &p);
	not_taken(terms_rig_add_calendar(w, &qra_1), 0, "");
	not_taken(terms_rig_add_misnamed(w, &qrb_1), RXP_ERR_SCHEMA, "RXP-PRF-002");
}

static void test_overlay(void **state)
{
	struct world *w = *state;
	struct rxp_profile base = terms_rig_agreement(PEER, 1),
			   top = terms_rig_sealed(&overlay, OWN, 2);
	struct terms_of_case t;
	char version[12];

	memcpy(top.base.digest, base.digest, sizeof top.base.digest);
	snprintf(version, sizeof version, "%u", (unsigned)top.version);
	not_taken(terms_rig_add_profile(w, &top), RXP_ERR_MISMATCH, "RXP-PRF-014");
	terms_rig_taken(w, &base);
	top.base.digest[0]++; /* another base than the one that is held */
	not_taken(terms_rig_add_profile(w, &top), RXP_ERR_MISMATCH, "RXP-PRF-014");
	top.base.digest[0]--;
	terms_rig_taken(w, &top);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(found(&t, w, top.id, version), 0);
		assert_false(t.profile->has_base);
		assert_int_equal(t.profile->clocks[RXP_CLOCK_NOTICE].source,
		    base.clocks[RXP_CLOCK_NOTICE].source);
		world_restart(w);
	}
}

/* What is stored is not what was taken: the node does not start on it, as nobody agreed to that. */
static void test_damaged(void **state)
{
	static const char *const changes[] = {"UPDATE profile SET records = substr(records, 9)",
	    "DELETE FROM profile WHERE overlay = 0", "UPDATE calendar SET records = x''"};
	struct world *w = *state;
	struct rxp_profile base = terms_rig_agreement(PEER, 1),
			   top = terms_rig_sealed(&overlay, OWN, 2);

	memcpy(top.base.digest, base.digest, sizeof top.base.digest);
	terms_rig_taken(w, &base);
	terms_rig_taken(w, &top);
	not_taken(terms_rig_add_calendar(w, &qra_1), 0, "");
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		sqlite3 *db = NULL;

		world_restart(w);
		world_stop(w);
		assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
		assert_int_equal(
		    sqlite3_exec(db, "VACUUM INTO 'whole.db'", NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(world_start(w), RXP_ERR_CONFIG); /* what no start mends */
		world_stop(w);
		(void)unlink("readmit.db-wal");
		assert_int_equal(rename("whole.db", "readmit.db"), 0);
		assert_int_equal(world_start(w), 0);
	}
	assert_int_equal(n_held(w), 2);
}

static void test_calendars(void **state)
{
	struct world *w = *state;
	const struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct store_case c = case_under("generic-test", "1");
	struct terms_of_case t;

	terms_rig_taken(w, &p);
	not_taken(terms_rig_add_calendar(w, &qra_1), 0, "");
	not_taken(terms_rig_add_calendar(w, &qra_2), 0, "");
	not_taken(terms_rig_add_calendar(w, &qrb_1), 0, "");
	not_taken(terms_rig_add_calendar(w, &qra_2), RXP_ERR_EXISTS, "");
	qra_2.digest[0]++;
	not_taken(terms_rig_add_calendar(w, &qra_2), RXP_ERR_MISMATCH, "RXP-PRF-016");
	qra_2.digest[0]--;
	for (int round = 0; round < 2; round++) {
		c.requesting = true; /* the calendar of the requested State counts */
		assert_int_equal(terms_find(&t, w->assembly->terms, &c), 0);
		assert_int_equal(t.calendars.n, 1);
		assert_string_equal(t.calendars.versions[0]->owner, PEER);
		c.requesting = false;
		assert_int_equal(terms_find(&t, w->assembly->terms, &c), 0);
		assert_int_equal(t.calendars.n, 2);
		assert_int_equal(t.calendars.versions[0]->version, 1);
		assert_memory_equal(t.calendars.versions[1], &qra_2, sizeof qra_2);
		world_restart(w);
	}
}

/* --- the check ----------------------------------------------------------------------------------- */

/* Is there a finding of this kind about the subject? "" for any subject. */
static bool finds(const struct world_answer *a, const char *finding, const char *subject)
{
	struct record_cursor c = {a->octets, a->len};
	struct rec_finding_row r;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&r, &record_finding_row, fields.data, fields.len), 0);
		if (strcmp(r.finding, finding) == 0 &&
		    (subject[0] == '\0' || strcmp(r.subject, subject) == 0))
			return true;
	}
	return false;
}

static const struct world_answer *check(struct world *w, const char *peer)
{
	struct msg_profile_check m = {.id = "generic-test", .version = 1};

	snprintf(m.peer, sizeof m.peer, "%s", peer);
	return world_ask(w, IPC_profile_check, &m);
}

static void test_check(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1);
	const struct world_answer *a;
	struct rxp_calendar covers = qra_1;

	p.status = RXP_STATUS_UNVERIFIED;
	for (int i = 0; i < RXP_CLOCK_COUNT; i++) /* so that the answer is short */
		p.clocks[i].source = RXP_SOURCE_TEXT;
	p.evidence.n = 0;
	p.clocks[RXP_CLOCK_REPLY].source = RXP_SOURCE_MEMORY;
	p.clocks[RXP_CLOCK_NOTICE].source = RXP_WORD_ABSENT;
	p.chapters.rows[0].state = RXP_CHAPTER_STATE_SUSPENDED;
	terms_rig_taken(w, &p);
	a = check(w, "");
	assert_true(finds(a, "no-peer", ""));
	assert_int_equal((int)check(w, PEER)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	a = check(w, PEER);
	assert_int_equal(a->result, 0);
	assert_true(finds(a, "unverified", ""));
	assert_false(finds(a, "unattested", "")); /* a test node */
	assert_true(finds(a, "value-unverified", "clock reply: M"));
	assert_false(finds(a, "value-unverified", "clock transfer: T"));
	assert_true(finds(a, "clock-absent", "notice"));
	assert_true(finds(a, "suspended", "own-nationals"));
	assert_true(finds(a, "no-calendar", OWN));
	assert_true(finds(a, "one-sided", PEER));
	assert_false(finds(a, "chosen", ""));
	covers.effective_ms = 0;
	covers.last_day = (int32_t)(clock_wall_ms() / RXP_DAY_MS) + 364;
	not_taken(terms_rig_add_calendar(w, &covers), 0, "");
	assert_true(finds(check(w, PEER), "calendar-ends", OWN));
	covers.version = 2;
	covers.effective_ms = 1;
	covers.last_day += 3;
	not_taken(terms_rig_add_calendar(w, &covers), 0, "");
	assert_int_equal(terms_rig_use(w, "generic-test", 1, 0)->result, 0);
	strcpy(p.publisher, OWN);
	terms_rig_taken(w, &p);
	a = check(w, PEER);
	assert_int_equal((int)a->result, RXP_ERR_STATE); /* of two publishers: which? */
}

static void test_check_of_two(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct msg_profile_check m = {
	    .publisher = PEER, .id = "generic-test", .version = 1, .peer = PEER};

	p.evidence.n = 0;
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		p.clocks[i].source = RXP_SOURCE_TEXT;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_taken(w, &p);
	assert_int_equal(terms_rig_use(w, "generic-test", 1, 0)->result, 0);
	assert_true(finds(world_ask(w, IPC_profile_check, &m), "one-sided", PEER));
	strcpy(p.publisher, OWN);
	terms_rig_taken(w, &p);
	assert_true(finds(world_ask(w, IPC_profile_check, &m), "same-terms", PEER));
	assert_true(finds(world_ask(w, IPC_profile_check, &m), "chosen", PEER));
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_specification),
	    WORLD_TEST(test_taken_and_kept),
	    WORLD_TEST(test_not_taken),
	    WORLD_TEST(test_overlay),
	    WORLD_TEST(test_damaged),
	    WORLD_TEST(test_calendars),
	    WORLD_TEST(test_check),
	    WORLD_TEST(test_check_of_two),
	};

	return cmocka_run_group_tests_name("registry_terms", tests, read_all, NULL);
}
