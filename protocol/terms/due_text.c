#include <stdio.h>
#include <stdlib.h>

#include "protocol/base/buf.h"
#include "protocol/base/timestamp.h"
#include "protocol/terms/due.h"

/* RXP-CLK-030 */
static const struct {
	const char *requirement;
	const char *text;
} rows[RXP_DUE_STEP_COUNT] = {
#define DUE_STEP(name, requirement, text) [RXP_DUE_STEP_##name] = {requirement, text},
#include "protocol/terms/due_step.def"
#undef DUE_STEP
};

static void put_number(struct rxp_buf *out, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof text, "%u", number);
	rxp_buf_puts(out, text);
}

static void put_day(struct rxp_buf *out, int32_t day)
{
	char text[RXP_DAY_TEXT];

	rxp_day_text(text, day);
	rxp_buf_puts(out, rxp_weekday_name(rxp_day_weekday(day)));
	rxp_buf_putc(out, ' ');
	rxp_buf_puts(out, text);
}

static void put_time(struct rxp_buf *out, int64_t ms)
{
	char text[RXP_TIME_TEXT];

	rxp_time_text(text, ms);
	rxp_buf_puts(out, text);
}

static void put_field(struct rxp_buf *out, char field, const struct rxp_due_step *step)
{
	switch (field) {
	case 't':
		put_time(out, step->at_ms);
		break;
	case 'f':
		put_day(out, step->from_day);
		break;
	case 'd':
		put_day(out, step->to_day);
		break;
	case 'n':
		put_number(out, step->number);
		break;
	case 'w':
		rxp_buf_puts(
		    out, step->word == RXP_WORD_ABSENT ? "its event" : rxp_word_text(step->word));
		break;
	case 'a':
		put_number(out, step->weekend);
		break;
	case 'h':
		put_number(out, step->holidays);
		break;
	case 'x':
		put_number(out, step->disturbed);
		break;
	default:
		abort();
	}
}

int rxp_due_explain(struct rxp_buf *out, const struct rxp_due *due)
{
	for (size_t i = 0; i < due->n_steps; i++) {
		const struct rxp_due_step *step = &due->steps[i];

		for (const char *at = rows[step->kind].text; *at != '\0'; at++) {
			if (*at == '%')
				put_field(out, *++at, step);
			else
				rxp_buf_putc(out, (uint8_t)*at);
		}
		rxp_buf_puts(out, " (");
		rxp_buf_puts(out, rows[step->kind].requirement);
		rxp_buf_puts(out, ")\n");
	}
	return rxp_buf_error(out);
}
