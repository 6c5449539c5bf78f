#include "daemon/test/unit/registry_clock_rig.h"

#include "daemon/registry/cases/clocks.h"

void clock_rig_hold(struct world *w, const struct rxp_profile *p)
{
	const struct rxp_calendar ours = terms_rig_calendar(OWN), theirs = terms_rig_calendar(PEER);

	w->takes_all = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, p);
	terms_rig_take_calendar(w, &ours);
	terms_rig_take_calendar(w, &theirs);
}

struct rxp_profile clock_rig_two_days(void)
{
	struct rxp_profile p = terms_rig_profile();

	for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++)
		terms_rig_limit(&p, (enum rxp_clock)clock, 0, RXP_UNIT_NONE);
	terms_rig_limit(&p, RXP_CLOCK_REPLY, 2, RXP_UNIT_CALENDAR_DAYS);
	return p;
}

struct fake_envelope clock_rig_asked(struct world *w, uint8_t case_id[16])
{
	unsigned n = w->n_deliveries;
	uint8_t id[16];

	case_accepted(
	    w, "key-of-application", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	return case_receipt(w, n + 1, id);
}

struct fake_envelope clock_rig_asks_us(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));

	memcpy(case_id, their_case, 16);
	assert_string_equal(clock_rig_flags(w, &e), "");
	return e;
}

const char *clock_rig_flags(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 200);
	return w->last_flags;
}

struct fake_envelope clock_rig_reply(
    const uint8_t case_id[16], const struct fake_envelope *application)
{
	struct fake_envelope e = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application->fingerprint));

	case_seen(&e, application);
	return e;
}

struct db *clock_rig_db(struct world *w)
{
	return store_db(w->assembly->node.store);
}

unsigned clock_rig_due(struct world *w, uint32_t s, struct rec_case_row *first)
{
	struct msg_list list = {.list = "due", .due_s = s};
	const struct world_answer *a = world_ask(w, IPC_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct rec_case_row row;
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(record_decode(&row, &record_case_row, fields.data, fields.len), 0);
		if (n++ == 0 && first != NULL)
			*first = row;
	}
	return n;
}

enum store_clock_said clock_rig_said(struct world *w, const uint8_t case_id[16])
{
	struct store_clock_case look;
	struct store_clock c;

	for (unsigned rounds = 0; rounds < 100; rounds++) {
		clocks_tick(w->assembly->clocks);
		clock_rig_due(w, 0, NULL); /* a round of the loop */
		if (store_clock_looks(clock_rig_db(w), &look, 1, clock_wall_ms()) == 0)
			break;
	}
	assert_int_equal(store_clock_looks(clock_rig_db(w), &look, 1, clock_wall_ms()), 0);
	assert_int_equal(store_clock_first(clock_rig_db(w), &c, PEER, case_id), 0);
	return c.said;
}
