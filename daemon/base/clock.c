#include "daemon/base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "protocol/base/limits.h"

#define OFFSET_TEXT_MAX 45 /* of two numbers each sign and 19 digits, a space, a newline */

static int offset_fd = -1;

static int64_t now_ms(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		abort();
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct offsets {
	int64_t wall_ms, mono_ms;
};
static struct offsets last; /* what the present file said */

/* A number in the range of time, behind which *at is then. */
static bool take_number(int64_t *out, const char **at)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(*at, &end, 10);
	if (end == *at || errno != 0 || llabs(value / 2) > RXP_MAX_TIME_MS / 2)
		return false;
	*out = value;
	*at = end;
	return true;
}

/* The clock file's numbers; 0 if it has none. One that is empty is being rewritten, and says still what it said: time does not go
 * back and forth. */
static struct offsets offsets(void)
{
	char text[OFFSET_TEXT_MAX + 1];
	const char *at = text;
	struct offsets o = {.mono_ms = 0};
	ssize_t len = pread(offset_fd, text, OFFSET_TEXT_MAX, 0);
	bool good;

	if (len <= 0)
		return last;
	text[len] = '\0';
	good = take_number(&o.wall_ms, &at);
	if (good && *at == ' ')
		good = take_number(&o.mono_ms, &at);
	last = good && (*at == '\0' || *at == '\n') ? o : (struct offsets){.wall_ms = 0};
	return last;
}

int64_t clock_wall_ms(void)
{
	int64_t ms = now_ms(CLOCK_REALTIME);

	if (offset_fd >= 0)
		ms += offsets().wall_ms;
	if (ms < 0)
		return 0;
	return ms > RXP_MAX_TIME_MS ? RXP_MAX_TIME_MS : ms;
}

int64_t clock_mono_ms(void)
{
	static int64_t ahead_ms; /* never less than it was */
	int64_t moved_ms = offset_fd >= 0 ? offsets().mono_ms : 0;

	if (moved_ms > ahead_ms)
		ahead_ms = moved_ms;
	return now_ms(CLOCK_MONOTONIC) + ahead_ms;
}

void clock_set_offset_file(int fd)
{
	offset_fd = fd;
	last = (struct offsets){.wall_ms = 0};
}
