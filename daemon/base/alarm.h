/*
 * alarm - what stands at a node until somebody, or what it waits for, ends it: one table of all (alarm.def), so that whoever asks
 * how the node is cannot be told of some alone.
 */
#ifndef BASE_ALARM_H
#define BASE_ALARM_H

enum alarm {
#define ALARM(name, word, unready, meaning, action) ALARM_##name,
#include "daemon/base/alarm.def"
#undef ALARM
	ALARM_COUNT
};

struct alarm_words {
	const char *word, *meaning, *action;
	const char *unready; /* "": the node can do all its work for all that */
};

struct alarm_words alarm_words(enum alarm a); /* fixed */

/* By its word, of which NULL is none. RXP_ERR_DAMAGED. */
int alarm_find(struct alarm_words *out, const char *word);

#endif
