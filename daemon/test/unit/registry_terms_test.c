/*
 * Goals of the terms that a node holds, with everything around the registry played:
 * - the profile of the specification is there without any file, as spec/profiles says it (RXP-PRF-021), and a case
 *   that names it otherwise runs under nothing (RXP-PRF-022);
 * - what a sealer opened is taken, listed, and there after a restart; the same again changes nothing; another of a
 *   version, an older one, one that the other State contradicts and one under the reserved id are not;
 * - an overlay is laid on its base and on nothing else;
 * - a node does not start on terms that are not those it took;
 * - calendars of an owner follow each other and are found for the side that counts;
 * - a document of a peer opens a case only under a profile that is held and in force, and the next one names the
 *   same; a refusal leaves nothing, and the next document is taken (RXP-PRF-023, 024);
 * - what we send runs under the profile chosen for the peer then, or the one named; two versions run side by side;
 * - a part of the agreement that is suspended takes no new application (RXP-PRF-019);
 * - on a node that is no test node an unverified profile waits for an attestation, and other cases do not
 *   (RXP-PRF-007);
 * - a check says what is missing.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

#include "daemon/base/terms.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/init.h"

#define HOUR INT64_C(3600000)

/* What the files of spec/profiles say; read before the tests leave the top folder. */
static struct rxp_profile customary, agreement, overlay;
static struct rxp_calendar qra_1, qra_2, qrb_1;

static void read_file(struct rxp_buf *out, const char *name)
{
	char path[128];
	uint8_t octets[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "spec/profiles/%s.xml", name);
	f = fopen(path, "r");
	assert_non_null(f);
	rxp_buf_init(out, RXP_MAX_TERMS_OCTETS);
	while ((n = fread(octets, 1, sizeof octets, f)) > 0)
		assert_int_equal(rxp_buf_put(out, octets, n), 0);
	fclose(f);
	out->len--; /* nothing follows a root element (RXP-XML-002) */
}

static void read_profile(struct rxp_profile *out, const char *name)
{
	struct rxp_buf b;

	read_file(&b, name);
	assert_int_equal(rxp_profile_draft(out, b.data, b.len, NULL), 0);
	rxp_buf_free(&b);
}

static void read_calendar(struct rxp_calendar *out, const char *name)
{
	struct rxp_buf b;

	read_file(&b, name);
	assert_int_equal(rxp_calendar_draft(out, b.data, b.len, NULL), 0);
	rxp_buf_free(&b);
}

static int read_all(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	read_profile(&customary, "customary");
	read_profile(&agreement, "generic-test");
	read_profile(&overlay, "overlay-test");
	read_calendar(&qra_1, "calendars/qra-1");
	read_calendar(&qra_2, "calendars/qra-2");
	read_calendar(&qrb_1, "calendars/qrb-1");
	return 0;
}

/* --- what a sealer finds ------------------------------------------------------------------------- */

static struct {
	int result; /* not 0: the sealer opens nothing */
	bool is_calendar;
	struct rxp_buf records;
} opens;

static void open_terms(struct world *w, struct link *l, const struct link_message *m)
{
	struct msg_terms_opened a = {.result = (uint32_t)opens.result};

	(void)w;
	if (opens.result == 0) {
		snprintf(a.root, sizeof a.root, "%s", opens.is_calendar ? "Calendar" : "Profile");
		a.rows = (struct bytes){opens.records.data, opens.records.len};
	} else {
		snprintf(a.requirement, sizeof a.requirement, "RXP-PRF-003");
		a.text = (struct bytes){(const uint8_t *)"no", 2};
	}
	link_answer(l, IPC_terms_opened, m->request, &a, NULL, 0);
}

static int set_up(void **state)
{
	int rc = world_set_up(state);

	opens.result = 0;
	((struct world *)*state)->other = open_terms;
	return rc;
}

/* As QRB would seal it, with a digest of its own. */
static struct rxp_profile sealed(
    const struct rxp_profile *draft, const char *publisher, uint8_t digest)
{
	struct rxp_profile p = *draft;

	snprintf(p.publisher, sizeof p.publisher, "%s", publisher);
	p.created_ms = 1;
	memset(p.digest, digest, sizeof p.digest);
	return p;
}

static const struct world_answer *add(struct world *w, bool calendar)
{
	struct msg_terms_add m = {
	    .user = "officer", .calendar = calendar, .octets = {(const uint8_t *)"sealed", 6}};
	const struct world_answer *a = world_ask(w, IPC_terms_add, &m);

	rxp_buf_free(&opens.records);
	return a;
}

static const struct world_answer *add_profile(struct world *w, const struct rxp_profile *p)
{
	opens.is_calendar = false;
	rxp_buf_init(&opens.records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_profile(&opens.records, p), 0);
	return add(w, false);
}

static const struct world_answer *add_calendar(struct world *w, const struct rxp_calendar *c)
{
	opens.is_calendar = true;
	rxp_buf_init(&opens.records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_calendar(&opens.records, c), 0);
	return add(w, true);
}

static void taken(struct world *w, const struct rxp_profile *p)
{
	const struct world_answer *a = add_profile(w, p);

	assert_int_equal(a->result, 0);
	assert_string_equal(a->words, p->id);
	assert_string_equal(a->party, p->publisher);
	assert_int_equal(a->more, p->version);
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
	const struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct terms_of_case t;
	struct msg_terms_list list = {.calendars = 0};
	size_t len;

	assert_int_equal(found(&t, w, "generic-test", "1"), RXP_ERR_NOT_FOUND);
	taken(w, &p);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(found(&t, w, "generic-test", "1"), 0);
		assert_memory_equal(t.profile, &p, sizeof p);
		len = world_ask(w, IPC_terms_list, &list)->len;
		assert_true(len > 0);
		world_restart(w);
	}
	not_taken(add_profile(w, &p), RXP_ERR_EXISTS, "");
	opens.result = RXP_ERR_MISMATCH;
	not_taken(add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-003");
	assert_int_equal(n_held(w), 1);
}

static void test_not_taken(void **state)
{
	struct world *w = *state;
	const struct rxp_profile first = sealed(&agreement, PEER, 1);
	struct rxp_profile p;

	p = sealed(&customary, PEER, 1);
	not_taken(add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-021");
	taken(w, &first);
	p = first;
	p.digest[0]++; /* other terms under one version */
	not_taken(add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-016");
	p.version = 2; /* and a start that is not later */
	not_taken(add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-016");
	p = sealed(&agreement, OWN, 2); /* ours, and it says something else */
	not_taken(add_profile(w, &p), RXP_ERR_MISMATCH, "RXP-PRF-025");
	assert_int_equal(n_held(w), 1);
	/* each twin: the same terms from us, others between others, and a later version */
	p = sealed(&agreement, OWN, 1);
	taken(w, &p);
	p = sealed(&agreement, "QRC", 2);
	p.has_sides = true;
	p.sides[0].n = p.sides[1].n = 1;
	strcpy(p.sides[0].parties[0], "QRC");
	strcpy(p.sides[1].parties[0], "QRD");
	taken(w, &p);
	p = first;
	p.digest[0]++;
	p.version = 2;
	p.starts_ms++;
	taken(w, &p);
	not_taken(add_calendar(w, &qra_1), 0, "");
	opens.is_calendar = true; /* a calendar where a profile is to be */
	rxp_buf_init(&opens.records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_calendar(&opens.records, &qrb_1), 0);
	not_taken(add(w, false), RXP_ERR_SCHEMA, "RXP-PRF-002");
}

static void test_overlay(void **state)
{
	struct world *w = *state;
	struct rxp_profile base = sealed(&agreement, PEER, 1), top = sealed(&overlay, OWN, 2);
	struct terms_of_case t;
	char version[12];

	memcpy(top.base.digest, base.digest, sizeof top.base.digest);
	snprintf(version, sizeof version, "%u", (unsigned)top.version);
	not_taken(add_profile(w, &top), RXP_ERR_MISMATCH, "RXP-PRF-014");
	taken(w, &base);
	top.base.digest[0]++; /* another base than the one that is held */
	not_taken(add_profile(w, &top), RXP_ERR_MISMATCH, "RXP-PRF-014");
	top.base.digest[0]--;
	taken(w, &top);
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
	struct rxp_profile base = sealed(&agreement, PEER, 1), top = sealed(&overlay, OWN, 2);

	memcpy(top.base.digest, base.digest, sizeof top.base.digest);
	taken(w, &base);
	taken(w, &top);
	not_taken(add_calendar(w, &qra_1), 0, "");
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		sqlite3 *db = NULL;

		world_restart(w);
		world_stop(w);
		assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
		assert_int_equal(
		    sqlite3_exec(db, "VACUUM INTO 'whole.db'", NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(world_start(w), RXP_ERR_DAMAGED);
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
	const struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct store_case c = case_under("generic-test", "1");
	struct terms_of_case t;

	taken(w, &p);
	not_taken(add_calendar(w, &qra_1), 0, "");
	not_taken(add_calendar(w, &qra_2), 0, "");
	not_taken(add_calendar(w, &qrb_1), 0, "");
	not_taken(add_calendar(w, &qra_2), RXP_ERR_EXISTS, "");
	qra_2.digest[0]++;
	not_taken(add_calendar(w, &qra_2), RXP_ERR_MISMATCH, "RXP-PRF-016");
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

/* --- a peer's documents -------------------------------------------------------------------------- */

static void turned_away(struct world *w, const struct fake_envelope *e, enum rxp_refusal code)
{
	unsigned receipts = w->receipts;
	const struct world_answer *a = world_admit(w, e);

	assert_int_equal(a->http_status, rxp_refusal_row(code)->http_status);
	assert_int_equal(w->last_seal.refusal, code + 1);
	assert_int_equal(w->receipts, receipts);
}

static void receipted(struct world *w, const struct fake_envelope *e)
{
	unsigned receipts = w->receipts;

	assert_int_equal(world_admit(w, e)->http_status, 200);
	assert_int_equal(w->receipts, receipts + 1);
}

static void test_opened_under(void **state)
{
	struct world *w = *state;
	const struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct fake_envelope e, next;
	struct store_case row;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->profile = &p;
	e = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(store_case_get(store_db(w->assembly->node.store), &row, PEER, their_case),
	    RXP_ERR_NOT_FOUND);
	taken(w, &p);
	e = case_document(2, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	e.created_ms = p.starts_ms - 1; /* before the profile starts */
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	e = case_document(3, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	receipted(w, &e);
	assert_int_equal(
	    store_case_get(store_db(w->assembly->node.store), &row, PEER, their_case), 0);
	assert_string_equal(row.profile_id, "generic-test");
	next = case_document(4, their_case, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
	case_previous(&next, &e);
	w->profile = NULL; /* another than that of its case */
	turned_away(w, &next, RXP_REFUSAL_STATE);
	next.message_id[0] = 5;
	next.fingerprint[0] = 5;
	w->profile = &p;
	receipted(w, &next);
}

/* --- ours ---------------------------------------------------------------------------------------- */

static const struct world_answer *submit(
    struct world *w, const char *key, const char *id, const char *version)
{
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct msg_submit m = case_submission(key, NULL, APPLICATION, &f);

	snprintf(m.profile_id, sizeof m.profile_id, "%s", id);
	snprintf(m.profile_version, sizeof m.profile_version, "%s", version);
	return world_ask(w, IPC_submit, &m);
}

static const struct world_answer *use(
    struct world *w, const char *id, uint32_t version, int64_t from_ms)
{
	struct msg_profile_use m = {
	    .user = "officer", .peer = PEER, .version = version, .from_ms = from_ms};

	snprintf(m.id, sizeof m.id, "%s", id);
	return world_ask(w, IPC_profile_use, &m);
}

static void sent_under(struct world *w, const char *key, const char *id, const char *version)
{
	unsigned n = w->n_deliveries;

	assert_int_equal(submit(w, key, "", "")->result, 0);
	case_delivered(w, n + 1);
	assert_string_equal(w->last_close.profile_id, id);
	assert_string_equal(w->last_close.profile_version, version);
}

static void test_chosen(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = sealed(&agreement, PEER, 1), q;
	const struct world_answer *a;
	int64_t now = clock_wall_ms();

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	q = p;
	q.version = 2;
	q.digest[0] = 2;
	q.starts_ms = now + 2 * HOUR;
	taken(w, &p);
	taken(w, &q);
	sent_under(w, "key-1", "customary", "1");
	a = use(w, "generic-test", 3, 0);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	a = use(w, "generic-test", 1, now - HOUR);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_int_equal(use(w, "generic-test", 1, 0)->result, 0);
	assert_int_equal(use(w, "generic-test", 2, now + 3 * HOUR)->result, 0);
	sent_under(w, "key-2", "generic-test", "1");
	a = submit(w, "key-3", "generic-test", "2"); /* named, and it has not begun */
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-PRF-017: the profile is not in force now");
	a = submit(w, "key-4", "other", "1");
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	world_restart(w);
	world_move_clock(w, 4 * HOUR);
	sent_under(w, "key-5", "generic-test", "2");
	assert_int_equal(submit(w, "key-6", "customary", "1")->result, 0);
}

/* RXP-PRF-019: an application of own nationals and one of others, under either part suspended. */
static void test_suspended(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct facts own = case_facts("apply", 1, 1, NULL);
	struct facts foreign = case_facts_marked("apply", 1, 1, "third-country", NULL);
	struct fake_envelope e;
	struct msg_submit m;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(p.chapters.rows[1].name, RXP_CHAPTER_THIRD_COUNTRY);
	p.chapters.rows[1].state = RXP_CHAPTER_STATE_SUSPENDED;
	taken(w, &p);
	assert_int_equal(use(w, "generic-test", 1, 0)->result, 0);
	m = case_submission("key-1", NULL, APPLICATION, &foreign);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_STATE);
	m = case_submission("key-2", NULL, APPLICATION, &own);
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
	w->profile = &p;
	e = case_document(1, their_case, APPLICATION, 1, foreign);
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	e = case_document(2, their_case, APPLICATION, 1, own);
	receipted(w, &e);
	/* a part that is suspended only from tomorrow on takes applications today */
	p.version = 2;
	p.digest[0]++;
	p.starts_ms++;
	p.chapters.rows[1].from_day = (int32_t)(clock_wall_ms() / RXP_DAY_MS) + 2;
	taken(w, &p);
	assert_int_equal(use(w, "generic-test", 2, 0)->result, 0);
	m = case_submission("key-3", NULL, APPLICATION, &foreign);
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
}

/* It ends while the document waits: it is never sealed, and the desk is told why. */
static void test_ended_before_closing(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct rec_message_row row;
	const struct world_answer *a;
	uint8_t id[16];

	w->key_from_ms = clock_wall_ms() + HOUR; /* until then nothing can be closed */
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	p.ends_ms = clock_wall_ms() + HOUR;
	taken(w, &p);
	a = submit(w, "key-1", "generic-test", "1");
	assert_int_equal(a->result, 0);
	memcpy(id, a->id, sizeof id);
	world_until(w, &w->fetches, 1);
	world_move_clock(w, 2 * HOUR);
	world_restart(w);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.refusal, "unsupported");
	assert_int_equal(w->closed, 0);
}

/* --- attestation --------------------------------------------------------------------------------- */

static const struct world_answer *attest(struct world *w, const char *id, uint32_t version)
{
	struct msg_profile_attest m = {
	    .user = "officer", .officer = "L-1001", .publisher = PEER, .version = version};

	snprintf(m.id, sizeof m.id, "%s", id);
	return world_ask(w, IPC_profile_attest, &m);
}

static void test_unverified(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	const struct world_answer *a;

	world_stop(w);
	(void)unlink("readmit.db");
	(void)unlink("readmit.db-wal");
	w->production = true;
	w->descriptor.test_node = 0;
	assert_int_equal(world_start(w), 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	p.status = RXP_STATUS_UNVERIFIED;
	taken(w, &p);
	assert_int_equal(use(w, "generic-test", 1, 0)->result, 0);
	a = submit(w, "key-1", "", "");
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-PRF-007: the profile is unverified, not attested");
	w->profile = &p;
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(submit(w, "key-2", "customary", "1")->result, 0); /* others go on */
	a = attest(w, "generic-test", 2);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(attest(w, "generic-test", 1)->result, 0);
	assert_int_equal((int)attest(w, "generic-test", 1)->result, RXP_ERR_EXISTS);
	world_restart(w);
	assert_int_equal(submit(w, "key-3", "", "")->result, 0);
	e = case_document(2, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	receipted(w, &e);
}

static void test_verified_needs_none(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = sealed(&agreement, PEER, 1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	p.status = RXP_STATUS_VERIFIED;
	taken(w, &p);
	assert_int_equal((int)attest(w, "generic-test", 1)->result, RXP_ERR_STATE);
	p = sealed(&agreement, PEER, 2);
	p.version = 2;
	p.starts_ms++;
	p.status = RXP_STATUS_UNVERIFIED;
	taken(w, &p);
	assert_int_equal(submit(w, "key-1", "generic-test", "2")->result, 0); /* a test node */
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
	struct rxp_profile p = sealed(&agreement, PEER, 1);
	const struct world_answer *a;
	struct rxp_calendar covers = qra_1;

	p.status = RXP_STATUS_UNVERIFIED;
	for (int i = 0; i < RXP_CLOCK_COUNT; i++) /* so that the answer is short */
		p.clocks[i].source = RXP_SOURCE_TEXT;
	p.evidence.n = 0;
	p.clocks[RXP_CLOCK_REPLY].source = RXP_SOURCE_MEMORY;
	p.clocks[RXP_CLOCK_NOTICE].source = RXP_WORD_ABSENT;
	p.chapters.rows[0].state = RXP_CHAPTER_STATE_SUSPENDED;
	taken(w, &p);
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
	not_taken(add_calendar(w, &covers), 0, "");
	assert_true(finds(check(w, PEER), "calendar-ends", OWN));
	covers.version = 2;
	covers.effective_ms = 1;
	covers.last_day += 3;
	not_taken(add_calendar(w, &covers), 0, "");
	assert_int_equal(use(w, "generic-test", 1, 0)->result, 0);
	strcpy(p.publisher, OWN);
	taken(w, &p);
	a = check(w, PEER);
	assert_int_equal((int)a->result, RXP_ERR_STATE); /* of two publishers: which? */
}

static void test_check_of_two(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = sealed(&agreement, PEER, 1);
	struct msg_profile_check m = {
	    .publisher = PEER, .id = "generic-test", .version = 1, .peer = PEER};

	p.evidence.n = 0;
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		p.clocks[i].source = RXP_SOURCE_TEXT;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	taken(w, &p);
	assert_int_equal(use(w, "generic-test", 1, 0)->result, 0);
	assert_true(finds(world_ask(w, IPC_profile_check, &m), "one-sided", PEER));
	strcpy(p.publisher, OWN);
	taken(w, &p);
	assert_true(finds(world_ask(w, IPC_profile_check, &m), "same-terms", PEER));
	assert_true(finds(world_ask(w, IPC_profile_check, &m), "chosen", PEER));
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_specification),
	    WORLD_TEST(test_taken_and_kept),
	    WORLD_TEST(test_not_taken),
	    WORLD_TEST(test_overlay),
	    WORLD_TEST(test_damaged),
	    WORLD_TEST(test_calendars),
	    WORLD_TEST(test_opened_under),
	    WORLD_TEST(test_chosen),
	    WORLD_TEST(test_suspended),
	    WORLD_TEST(test_ended_before_closing),
	    WORLD_TEST(test_unverified),
	    WORLD_TEST(test_verified_needs_none),
	    WORLD_TEST(test_check),
	    WORLD_TEST(test_check_of_two),
	};

	return cmocka_run_group_tests_name("registry_terms", tests, read_all, NULL);
}
