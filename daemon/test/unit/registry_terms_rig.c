#include "daemon/test/unit/registry_terms_rig.h"

#include "daemon/base/terms.h"
#include "protocol/init.h"

static struct rxp_profile generic, taken;
static struct rxp_buf records; /* what the sealer finds in what it opens next */
static bool is_calendar;

int terms_rig_read(void **state)
{
	static const char name[] = "spec/profiles/generic-test.xml";
	uint8_t octets[RXP_MAX_TERMS_OCTETS];
	FILE *f = fopen(name, "r");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(octets, 1, sizeof octets, f);
	fclose(f);
	assert_int_equal(rxp_init(), 0);
	/* nothing follows a root element (RXP-XML-002) */
	return rxp_profile_draft(&generic, octets, n - 1, NULL);
}

struct rxp_profile terms_rig_profile(void)
{
	struct rxp_profile p = generic;

	memcpy(p.publisher, PEER, sizeof p.publisher);
	p.created_ms = p.starts_ms = 1;
	p.ends_ms = RXP_MAX_TIME_MS;
	memset(p.digest, 1, sizeof p.digest);
	return p;
}

void terms_rig_limit(
    struct rxp_profile *p, enum rxp_clock clock, uint32_t value, enum rxp_word unit)
{
	p->clocks[clock].unit = unit;
	p->clocks[clock].value = value;
	p->clocks[clock].start = RXP_WORD_ABSENT;
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
	struct msg_terms_opened a = {.rows = {records.data, records.len}};

	(void)w;
	snprintf(a.root, sizeof a.root, "%s", is_calendar ? "Calendar" : "Profile");
	link_answer(l, IPC_terms_opened, m->request, &a, NULL, 0);
}

static void add(struct world *w)
{
	struct msg_terms_add m = {
	    .user = "officer", .calendar = is_calendar, .octets = {(const uint8_t *)"sealed", 6}};

	w->other = open_terms;
	assert_int_equal(world_ask(w, IPC_terms_add, &m)->result, 0);
	rxp_buf_free(&records);
}

void terms_rig_take_profile(struct world *w, const struct rxp_profile *p)
{
	struct msg_profile_use use = {.user = "officer", .peer = PEER, .version = p->version};

	taken = *p;
	w->profile = &taken;
	is_calendar = false;
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_profile(&records, p), 0);
	add(w);
	snprintf(use.id, sizeof use.id, "%s", p->id);
	assert_int_equal(world_ask(w, IPC_profile_use, &use)->result, 0);
}

void terms_rig_take_calendar(struct world *w, const struct rxp_calendar *c)
{
	is_calendar = true;
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_calendar(&records, c), 0);
	add(w);
}
