/*
 * on_day - the wall clock of a program is as many milliseconds ahead as ON_DAY_MS says: preloaded by scenarios into
 * programs that have no test clock, such as that of the machine of the root key.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000

int clock_gettime(clockid_t id, struct timespec *out)
{
	const char *ahead = getenv("ON_DAY_MS");
	long long ms = ahead != NULL ? strtoll(ahead, NULL, 10) : 0;
	int rc = (int)syscall(SYS_clock_gettime, id, out);

	if (rc != 0 || id != CLOCK_REALTIME)
		return rc;
	out->tv_sec += ms / MS_PER_S;
	out->tv_nsec += ms % MS_PER_S * NS_PER_MS;
	if (out->tv_nsec >= MS_PER_S * (long)NS_PER_MS) {
		out->tv_nsec -= MS_PER_S * (long)NS_PER_MS;
		out->tv_sec++;
	}
	return 0;
}
