#include "daemon/parent/rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/parent/files.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define REHEARSAL_MS 20000
#define DATABASE "readmit.db" /* of the registry: without it there are no data yet */

struct stage {
	const struct rehearsal *r;
	struct files files;
	struct loop *loop;
	struct set *set;
	struct timer *limit;
	bool same_data; /* as the daemon that asks */
	bool wrong, compared;
};

static void wrong(struct stage *s, unsigned long line, const char *where, const char *what)
{
	s->wrong = true;
	s->r->report(s->r->arg, line, where, what);
}

void rehearsal_unfit(const struct config *c, enum unfit why, config_report *report, void *arg)
{
	const char *about = unfit_about(why);
	char path[CONFIG_TEXT_MAX + 32];

	if (strcmp(about, "data") == 0)
		report(arg, c->data_dir_line, c->data_dir, unfit_words(why));
	else if (strcmp(about, "test/@clock") == 0)
		report(arg, c->clock_file_line, about, unfit_words(why));
	else {
		snprintf(path, sizeof path, "%s/%s", c->key_dir, about);
		report(arg, c->key_dir_line, path, unfit_words(why));
	}
}

/* --- what the set says ---------------------------------------------------------------------------- */

static void on_unfit(void *arg, enum unfit why)
{
	struct stage *s = arg;

	s->wrong = true;
	rehearsal_unfit(s->r->config, why, s->r->report, s->r->arg);
}

static bool has_check(const struct set_identity *i, const uint8_t check[32])
{
	for (size_t k = 0; k < i->n_storage; k++)
		if (memcmp(i->storage_checks[k], check, sizeof i->storage_checks[k]) == 0)
			return true;
	return false;
}

/* Every key that the running daemon holds is there, and the present one is its present one or a new one. */
static bool storage_goes_on(const struct set_identity *before, const struct set_identity *now)
{
	const uint8_t *present = now->storage_checks[0];

	for (size_t k = 0; k < before->n_storage; k++)
		if (!has_check(now, before->storage_checks[k]))
			return false;
	return now->n_storage > 0 &&
	       (memcmp(present, before->storage_checks[0], 32) == 0 || !has_check(before, present));
}

/* The daemon that asks holds the lock of its data, and knows whose they are. */
static void compare(struct stage *s, const struct set_identity *now)
{
	const struct set_identity *before = s->r->identity;

	s->compared = true;
	if (strcmp(before->own, now->own) != 0 || before->test_node != now->test_node)
		on_unfit(s, UNFIT_DATA_PARTY);
	else if (!storage_goes_on(before, now)) /* RXP-RET-014 */
		on_unfit(s, UNFIT_STORAGE_OTHER);
	else if (now->serial < before->serial ||
		 (now->serial == before->serial &&
		     memcmp(now->identity, before->identity, sizeof now->identity) != 0))
		on_unfit(s, UNFIT_IDENTITY_OLDER); /* RXP-DSC-034 */
}

/* No peer takes it, nor a later part, which must not be older (RXP-DSC-038); not of the one that the daemon works with already, of which it
 * tells people itself. */
static void look_ahead(struct stage *s, const struct set_identity *now)
{
	const struct set_identity *before = s->r->identity;

	if (now->identity_created_ms > clock_wall_ms() + RXP_MAX_PART_AHEAD_MS &&
	    (before == NULL || now->serial != before->serial))
		on_unfit(s, UNFIT_IDENTITY_AHEAD);
}

static void on_ready(void *arg, const struct set_identity *identity, unsigned processes)
{
	struct stage *s = arg;

	(void)processes;
	look_ahead(s, identity);
	if (s->same_data && s->r->identity != NULL)
		compare(s, identity);
	loop_stop(s->loop);
}

static void on_over(void *arg, enum set_end why)
{
	struct stage *s = arg;

	(void)why;
	if (!s->wrong)
		wrong(s, 0, "start",
		    "a process ended before it was ready; memory or process limits?");
	loop_stop(s->loop);
}

static void on_limit(void *arg)
{
	struct stage *s = arg;

	wrong(s, 0, "start", "the processes were not ready in time");
	loop_stop(s->loop);
}

static void on_child(void *arg, int fd, unsigned events)
{
	struct stage *s = arg;
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	(void)events;
	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (s->set != NULL)
			set_reaped(s->set, pid, status);
}

/* --- the stage ------------------------------------------------------------------------------------- */

static bool same_directory(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/* The registry takes part if there are data and nobody else works with them. */
static void open_data(struct stage *s)
{
	const struct config *c = s->r->config;
	int fd = s->r->data ? open(c->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	s->same_data =
	    s->r->running != NULL && same_directory(c->data_dir, s->r->running->data_dir);
	if (fd < 0 || faccessat(fd, DATABASE, F_OK, 0) != 0)
		s->compared = true;
	else if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		s->files.data = fd;
		s->compared = true;
		return;
	} else if (s->r->running != NULL && !s->same_data)
		on_unfit(s, UNFIT_DATA_USED);
	if (fd >= 0)
		close(fd);
}

static int open_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void play(struct stage *s)
{
	const struct set_config config = {.loop = s->loop,
	    .config = s->r->config,
	    .files = &s->files,
	    .libexec = s->r->libexec,
	    .rehearsal = true,
	    .ready = on_ready,
	    .unfit = on_unfit,
	    .over = on_over,
	    .arg = s};

	timer_arm(s->limit, REHEARSAL_MS);
	if (set_start(&s->set, &config) != 0 || loop_run(s->loop) != 0)
		on_over(s, SET_END_CRASH);
	set_free(s->set);
}

int rehearse(const struct rehearsal *r, bool *compared)
{
	struct stage s = {.r = r};
	struct watch *child = NULL;
	int fd = open_signal();

	files_init(&s.files);
	if (files_user(r->config, &s.files.uid, &s.files.gid) != 0 || fd < 0 ||
	    loop_new(&s.loop) != 0 || watch_new(&child, s.loop, fd, LOOP_READ, on_child, &s) != 0 ||
	    timer_new(&s.limit, s.loop, on_limit, &s) != 0) {
		wrong(&s, 0, "start", strerror(errno));
		goto done;
	}
	open_data(&s);
	if (r->config->clock_file[0] != '\0')
		s.files.clock = open(r->config->clock_file, O_RDONLY | O_CLOEXEC);
	clock_set_offset_file(s.files.clock);
	play(&s);
done:
	timer_free(s.limit);
	watch_free(child);
	if (fd >= 0)
		close(fd);
	loop_free(s.loop);
	clock_set_offset_file(-1);
	files_close(&s.files);
	*compared = s.compared;
	return s.wrong ? RXP_ERR_CONFIG : 0;
}
