#include "protocol/test/case_rig.h"

#include <string.h>

#include "protocol/base/timestamp.h"
#include "protocol/init.h"

struct case_times case_rig;

int case_rig_set_up(void **state)
{
	(void)state;
	case_times_init(&case_rig);
	return 0;
}

int case_rig_tear_down(void **state)
{
	(void)state;
	case_times_clear(&case_rig);
	return 0;
}

int case_rig_begin(void **state)
{
	(void)state;
	return rxp_init();
}

int case_rig_end(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}

struct rxp_case_document *tell(
    const char *from, enum rxp_case_event event, uint32_t persons, const char *received)
{
	return case_times_tell(&case_rig, from, event, persons, received);
}

void apply(uint32_t persons, unsigned traits)
{
	tell(Q, RXP_CASE_EVENT_APPLY, persons, "06-07 09:15");
	story_mark(&case_rig.story.docs[case_rig.story.n - 1], persons, traits);
}

void accept_them(uint32_t persons)
{
	apply(persons, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, persons, "06-08 08:00");
}

void set_instant(const char *at)
{
	struct rxp_case_document *d = &case_rig.story.docs[case_rig.story.n - 1];

	for (unsigned i = 0; i < d->n_persons; i++)
		d->persons[i].at_ms = case_times_ms(at);
}

void assert_clock(unsigned key, enum rxp_clock clock, const char *as_of,
    enum rxp_clock_status status, const char *last)
{
	struct rxp_case_clock c = case_times_clock(&case_rig, key, clock, as_of);
	char day[RXP_DAY_TEXT] = "";

	if (c.due.outcome == RXP_DUE_SET && c.status != RXP_CLOCK_IDLE && c.due.due_ms > 0)
		rxp_day_text(day, c.due.last_day);
	if (c.status != status || (last != NULL && strcmp(day + 5, last) != 0))
		fail_msg("%s of P%u: %s, %s", rxp_clock_row(clock)->word, key,
		    rxp_clock_status_word(c.status), day);
}
