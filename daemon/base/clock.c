#include "daemon/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "protocol/base/limits.h"

#define OFFSET_TEXT_MAX 24 /* sign, 19 digits, a newline */

static int offset_fd = -1;

static int64_t now_ms(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		abort();
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The clock file's number; 0 while it is empty, being rewritten, or no number in the range of time. */
static int64_t offset_ms(void)
{
	char text[OFFSET_TEXT_MAX + 1];
	char *end;
	long long value;
	ssize_t len = pread(offset_fd, text, OFFSET_TEXT_MAX, 0);

	if (len <= 0)
		return 0;
	text[len] = '\0';
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || (*end != '\0' && *end != '\n') || errno != 0)
		return 0;
	return llabs(value / 2) > RXP_MAX_TIME_MS / 2 ? 0 : value;
}

int64_t clock_wall_ms(void)
{
	int64_t ms = now_ms(CLOCK_REALTIME);

	if (offset_fd >= 0)
		ms += offset_ms();
	if (ms < 0)
		return 0;
	return ms > RXP_MAX_TIME_MS ? RXP_MAX_TIME_MS : ms;
}

int64_t clock_mono_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

void clock_set_offset_file(int fd)
{
	offset_fd = fd;
}
