#include "daemon/ctl/progress.h"

#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"

#define MEGA 1000000.0

struct progress progress_begin(const struct ctl *c, const char *name, uint64_t total)
{
	return (struct progress){
	    .err = c->terminal && c->args.options[OPT_QUIET] == NULL ? c->err : NULL,
	    .name = name,
	    .total = total,
	    .begun_ms = clock_mono_ms()};
}

void progress_line(
    char out[PROGRESS_TEXT], const struct progress *p, uint64_t octets, int64_t after_ms)
{
	double rate = after_ms > 0 ? (double)octets / MEGA / ((double)after_ms / 1000) : 0;
	char total[32] = "";

	if (p->total > 0)
		snprintf(total, sizeof(total), " of %.1f", (double)p->total / MEGA);
	snprintf(out, PROGRESS_TEXT, "%.40s  %.1f%s MB  %.1f MB/s", p->name, (double)octets / MEGA,
	    total, rate);
}

void progress_step(void *progress, uint64_t octets)
{
	struct progress *p = progress;
	int64_t now = clock_mono_ms();
	char line[PROGRESS_TEXT];

	if (p->err == NULL || now - p->begun_ms < PROGRESS_AFTER_MS ||
	    now - p->shown_ms < PROGRESS_EVERY_MS)
		return;
	p->shown_ms = now;
	progress_line(line, p, octets, now - p->begun_ms);
	fprintf(p->err, "\r%s\033[K", line);
	fflush(p->err);
}

void progress_end(struct progress *p)
{
	if (p->shown_ms != 0)
		fputs("\r\033[K", p->err);
}
