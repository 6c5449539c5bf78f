#include "daemon/base/alarm.h"

#include <stddef.h>
#include <string.h>

#include "protocol/base/err.h"

static const struct alarm_words table[ALARM_COUNT] = {
#define ALARM(name, alarm_word, alarm_unready, alarm_meaning, alarm_action) \
	[ALARM_##name] = {alarm_word, alarm_meaning, alarm_action, alarm_unready},
#include "daemon/base/alarm.def"
#undef ALARM
};

struct alarm_words alarm_words(enum alarm a)
{
	return table[a];
}

int alarm_find(struct alarm_words *out, const char *word)
{
	for (int a = 0; word != NULL && a < ALARM_COUNT; a++) {
		if (strcmp(table[a].word, word) != 0)
			continue;
		*out = table[a];
		return 0;
	}
	return RXP_ERR_DAMAGED;
}
