#include "daemon/test/unit/registry_terms_rig.h"

#include "daemon/base/terms.h"
#include "protocol/init.h"

static struct rxp_profile generic, taken;

/* What the sealer finds in what it opens next. */
static struct {
	int result; /* not 0: it opens nothing */
	bool is_calendar;
	struct rxp_buf records;
} opens;

void terms_rig_file(struct rxp_buf *out, const char *name)
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

int terms_rig_read(void **state)
{
	struct rxp_buf b;
	int rc;

	(void)state;
	assert_int_equal(rxp_init(), 0);
	terms_rig_file(&b, "generic-test");
	rc = rxp_profile_draft(&generic, b.data, b.len, NULL);
	rxp_buf_free(&b);
	return rc;
}

struct rxp_profile terms_rig_sealed(
    const struct rxp_profile *draft, const char *publisher, uint8_t digest)
{
	struct rxp_profile p = *draft;

	snprintf(p.publisher, sizeof p.publisher, "%s", publisher);
	p.created_ms = 1;
	memset(p.digest, digest, sizeof p.digest);
	return p;
}

struct rxp_profile terms_rig_agreement(const char *publisher, uint8_t digest)
{
	return terms_rig_sealed(&generic, publisher, digest);
}

struct rxp_profile terms_rig_profile(void)
{
	struct rxp_profile p = terms_rig_agreement(PEER, 1);

	p.starts_ms = 1;
	p.ends_ms = RXP_MAX_TIME_MS;
	return p;
}

void terms_rig_limit(
    struct rxp_profile *p, enum rxp_clock clock, uint32_t value, enum rxp_word unit)
{
	p->clocks[clock].unit = unit;
	p->clocks[clock].value = value;
	p->clocks[clock].start = RXP_WORD_ABSENT;
	p->clocks[clock].extendable = false;
}

struct rxp_calendar terms_rig_calendar(const char *owner)
{
	struct rxp_calendar c = {.version = 1,
	    .created_ms = 1,
	    .effective_ms = 1,
	    .last_day = RXP_MAX_DAY - 1,
	    .zone = "three hours east",
	    .n_offsets = 1,
	    .offsets = {{0, 180}}};

	snprintf(c.owner, sizeof c.owner, "%s", owner);
	memset(c.digest, owner[2], sizeof c.digest);
	return c;
}

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

static const struct world_answer *add(struct world *w, bool calendar)
{
	struct msg_terms_add m = {
	    .user = "officer", .calendar = calendar, .octets = {(const uint8_t *)"sealed", 6}};
	const struct world_answer *a;

	w->other = open_terms;
	a = world_ask(w, IPC_terms_add, &m);
	rxp_buf_free(&opens.records);
	return a;
}

const struct world_answer *terms_rig_add_profile(struct world *w, const struct rxp_profile *p)
{
	opens.is_calendar = false;
	rxp_buf_init(&opens.records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_profile(&opens.records, p), 0);
	return add(w, false);
}

static void find_calendar(const struct rxp_calendar *c)
{
	opens.is_calendar = true;
	rxp_buf_init(&opens.records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_calendar(&opens.records, c), 0);
}

const struct world_answer *terms_rig_add_calendar(struct world *w, const struct rxp_calendar *c)
{
	find_calendar(c);
	return add(w, true);
}

const struct world_answer *terms_rig_add_misnamed(struct world *w, const struct rxp_calendar *c)
{
	find_calendar(c);
	return add(w, false);
}

const struct world_answer *terms_rig_add_unopened(struct world *w, int result)
{
	const struct world_answer *a;

	opens.result = result;
	a = add(w, false);
	opens.result = 0;
	return a;
}

const struct world_answer *terms_rig_use(
    struct world *w, const char *id, uint32_t version, int64_t from_ms)
{
	struct msg_profile_use m = {
	    .user = "officer", .peer = PEER, .version = version, .from_ms = from_ms};

	snprintf(m.id, sizeof m.id, "%s", id);
	return world_ask(w, IPC_profile_use, &m);
}

void terms_rig_taken(struct world *w, const struct rxp_profile *p)
{
	const struct world_answer *a = terms_rig_add_profile(w, p);

	assert_int_equal(a->result, 0);
	assert_string_equal(a->words, p->id);
	assert_string_equal(a->party, p->publisher);
	assert_int_equal(a->more, p->version);
}

void terms_rig_take_profile(struct world *w, const struct rxp_profile *p)
{
	taken = *p;
	w->profile = &taken;
	terms_rig_taken(w, p);
	assert_int_equal(terms_rig_use(w, p->id, p->version, 0)->result, 0);
}

void terms_rig_take_calendar(struct world *w, const struct rxp_calendar *c)
{
	assert_int_equal(terms_rig_add_calendar(w, c)->result, 0);
}
