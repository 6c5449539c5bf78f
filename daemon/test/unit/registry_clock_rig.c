#include "daemon/test/unit/registry_clock_rig.h"

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
