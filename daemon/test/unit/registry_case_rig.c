#include "daemon/test/unit/registry_case_rig.h"

const uint8_t their_case[16] = {1, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

static struct facts finish(struct rxp_buf *b, const uint8_t *about)
{
	struct rec_fact_about a;
	struct facts f = {.len = 0};

	if (about != NULL) {
		memcpy(a.document, about, sizeof a.document);
		record_list_put(b, REC_fact_about, &record_fact_about, &a);
	}
	assert_int_equal(rxp_buf_error(b), 0);
	memcpy(f.octets, b->data, b->len);
	f.len = b->len;
	rxp_buf_free(b);
	return f;
}

struct facts case_facts_marked(
    const char *event, unsigned first, unsigned n, const char *trait, const uint8_t *about)
{
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_FACTS_MAX);
	for (unsigned person = first; person <= n; person++) {
		struct rec_fact_person r = {.person = person};
		struct rec_fact_trait t = {.person = person};

		snprintf(r.event, sizeof r.event, "%s", event);
		record_list_put(&b, REC_fact_person, &record_fact_person, &r);
		if (trait == NULL)
			continue;
		snprintf(t.trait, sizeof t.trait, "%s", trait);
		record_list_put(&b, REC_fact_trait, &record_fact_trait, &t);
	}
	return finish(&b, about);
}

struct facts case_facts(const char *event, unsigned first, unsigned n, const uint8_t *about)
{
	return case_facts_marked(event, first, n, NULL, about);
}

/* One event for P1, and what is stated of times. */
static struct facts facts_stating(
    const char *event, const struct rec_fact_times *times, const uint8_t *about)
{
	struct rec_fact_person r = {.person = 1};
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_FACTS_MAX);
	snprintf(r.event, sizeof r.event, "%s", event);
	record_list_put(&b, REC_fact_person, &record_fact_person, &r);
	record_list_put(&b, REC_fact_times, &record_fact_times, times);
	return finish(&b, about);
}

struct facts case_facts_timed(const char *event, int64_t at_ms, const uint8_t *about)
{
	const struct rec_fact_times times = {.person = 1, .at_ms = at_ms};

	return facts_stating(event, &times, about);
}

struct facts case_facts_until(const char *event, uint32_t stated_day, const uint8_t *about)
{
	const struct rec_fact_times times = {.person = 1, .stated_day = stated_day};

	return facts_stating(event, &times, about);
}

struct facts case_facts_named(
    struct facts f, const char *element, const char *parent, const char *value)
{
	struct rec_fact_named named = {.path = {(const uint8_t *)parent, strlen(parent)}};
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_FACTS_MAX);
	rxp_buf_put(&b, f.octets, f.len);
	snprintf(named.element, sizeof named.element, "%s", element);
	snprintf(named.parent, sizeof named.parent, "%s", parent);
	snprintf(named.value, sizeof named.value, "%s", value);
	record_list_put(&b, REC_fact_named, &record_fact_named, &named);
	return finish(&b, NULL);
}

struct facts case_facts_due(const char *event, uint32_t stated_day, const uint8_t *about)
{
	struct rec_fact_times times = {.stated_day = stated_day};
	struct rec_fact_all all;
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_FACTS_MAX);
	snprintf(all.event, sizeof all.event, "%s", event);
	record_list_put(&b, REC_fact_all, &record_fact_all, &all);
	record_list_put(&b, REC_fact_times, &record_fact_times, &times);
	return finish(&b, about);
}

struct facts case_facts_all(const char *event, const uint8_t *about)
{
	struct rec_fact_all all;
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_FACTS_MAX);
	snprintf(all.event, sizeof all.event, "%s", event);
	record_list_put(&b, REC_fact_all, &record_fact_all, &all);
	return finish(&b, about);
}

/* --- the desk ------------------------------------------------------------------------------------ */

struct msg_submit case_submission(
    const char *key, const uint8_t *case_id, const char *type, const struct facts *f)
{
	struct msg_submit m = {.user = "officer",
	    .peer = PEER,
	    .facts = {f->octets, f->len},
	    .draft = {f->octets, f->len}};

	snprintf(m.key, sizeof m.key, "%s", key);
	snprintf(m.type, sizeof m.type, "%s", type);
	memcpy(m.body_digest, key, strlen(key));
	world_new_case(m.for_case);
	if (case_id != NULL)
		memcpy(m.case_id, case_id, sizeof m.case_id);
	return m;
}

const struct world_answer *case_submit(struct world *w, const char *key, const uint8_t *case_id,
    const char *type, const struct facts *f)
{
	const struct msg_submit m = case_submission(key, case_id, type, f);

	return world_ask(w, IPC_submit, &m);
}

void case_accepted(struct world *w, const char *key, uint8_t case_id[16], const char *type,
    struct facts f, uint8_t id[16])
{
	const struct world_answer *a =
	    case_submit(w, key, strcmp(type, APPLICATION) == 0 ? NULL : case_id, type, &f);

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	memcpy(case_id, a->case_id, sizeof a->case_id);
	memcpy(id, a->id, sizeof a->id);
}

void case_not_accepted(struct world *w, const uint8_t *case_id, const char *type, struct facts f,
    int result, const char *words)
{
	const struct world_answer *a = case_submit(w, "key-of-refused", case_id, type, &f);

	assert_int_equal((int)a->result, result);
	assert_string_equal(a->words, words);
}

struct fake_envelope case_receipt(struct world *w, unsigned n, const uint8_t id[16])
{
	const struct world_delivery *d = world_delivered(w, n);
	struct fake_answer f = world_receipt(d);
	struct rec_message_row row;

	world_deliver(w, d, 200, &f);
	if (id != NULL)
		world_until_state(w, id, "delivered", &row);
	else
		world_until_delivered(w, d->envelope.message_id);
	return d->envelope;
}

static void read_clock(struct shown *s, struct bytes fields)
{
	struct rec_case_clock_row *r = &s->clocks[s->n_clocks++];

	assert_int_equal(record_decode(r, &record_case_clock_row, fields.data, fields.len), 0);
	for (size_t i = 0; i < r->steps.len; i++)
		s->n_steps += r->steps.data[i] == '\n';
}

static void read_list(struct shown *s, const uint8_t *at, size_t len)
{
	struct record_cursor c = {at, len};
	struct rec_case_person_row p;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1) {
		if (tag == REC_case_person_row) {
			assert_int_equal(
			    record_decode(&p, &record_case_person_row, fields.data, fields.len), 0);
			memcpy(s->persons[p.person], p.state, sizeof p.state);
			snprintf(s->traits[p.person], sizeof s->traits[0], "%.*s",
			    (int)p.traits.len, (const char *)p.traits.data);
		} else if (tag == REC_hold_row) {
			assert_int_equal(record_decode(&s->holds[s->n_holds++], &record_hold_row,
					     fields.data, fields.len),
			    0);
		} else if (tag == REC_case_clock_row) {
			read_clock(s, fields);
		} else if (tag == REC_clock_mark_row) {
			assert_int_equal(record_decode(&s->marks[s->n_marks++],
					     &record_clock_mark_row, fields.data, fields.len),
			    0);
		} else {
			assert_int_equal(tag, REC_timeline_row);
			assert_int_equal(record_decode(&s->timeline[s->n++], &record_timeline_row,
					     fields.data, fields.len),
			    0);
		}
	}
}

static void show(struct world *w, const uint8_t case_id[16], bool steps, struct shown *s)
{
	struct msg_case_show m = {.steps = steps};
	const struct world_answer *a;

	memset(s, 0, sizeof *s);
	memcpy(m.case_id, case_id, sizeof m.case_id);
	a = world_ask(w, IPC_case_show, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(record_decode(&s->row, &record_case_row, a->octets, a->row_len), 0);
	read_list(s, a->octets + a->row_len, a->len - a->row_len);
}

void case_show(struct world *w, const uint8_t case_id[16], struct shown *s)
{
	show(w, case_id, false, s);
}

void case_show_steps(struct world *w, const uint8_t case_id[16], struct shown *s)
{
	show(w, case_id, true, s);
}

unsigned case_listed(struct world *w, const struct msg_list *list)
{
	const struct world_answer *a = world_ask(w, IPC_list, list);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1)
		n++;
	return n;
}

/* --- the peer ------------------------------------------------------------------------------------ */

struct fake_envelope case_document(
    uint8_t id, const uint8_t case_id[16], const char *type, uint64_t position, struct facts f)
{
	struct fake_envelope e = world_envelope(id);

	snprintf(e.type, sizeof e.type, "%s", type);
	e.place.in_case = true;
	memcpy(e.place.case_id, case_id, 16);
	e.place.position = position;
	memcpy(e.facts, f.octets, f.len);
	e.facts_len = (uint32_t)f.len;
	return e;
}

struct fake_envelope case_asked(struct world *w, uint8_t case_id[16])
{
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	return case_receipt(w, 1, id);
}

void case_previous(struct fake_envelope *e, const struct fake_envelope *previous)
{
	e->place.has_previous = true;
	memcpy(e->place.previous, previous->fingerprint, sizeof e->place.previous);
}

void case_seen(struct fake_envelope *e, const struct fake_envelope *seen)
{
	e->place.has_seen = true;
	memcpy(e->place.seen, seen->fingerprint, sizeof e->place.seen);
}

/* --- another peer -------------------------------------------------------------------------------- */

const struct world_answer *case_admit_other(struct world *w, const struct fake_envelope *e)
{
	const struct msg_admit m = {.party = CASE_OTHER,
	    .received_ms = clock_wall_ms() + 1000,
	    .envelope = {(const uint8_t *)e, sizeof *e}};
	unsigned n = w->n_admitted;

	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
	world_until(w, &w->n_admitted, n + 1);
	return &w->admitted[n];
}

struct fake_envelope case_asked_beside(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope application = case_asked(w, case_id);

	snprintf(w->descriptor.party, sizeof w->descriptor.party, "%s", CASE_OTHER);
	w->pin = 2;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return application;
}
