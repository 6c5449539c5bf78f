#include "daemon/parent/parent.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/parent/check.h"
#include "daemon/parent/config.h"
#include "daemon/parent/epochs.h"
#include "daemon/parent/files.h"
#include "daemon/parent/inspect.h"
#include "daemon/parent/rehearsal.h"
#include "daemon/parent/set.h"
#include "daemon/parent/signing.h"
#include "protocol/base/err.h"

#define DRAIN_MS 5000
#define DRAIN_GRACE_MS 1000 /* a gateway that does not finish in time is ended with the rest */
#define RESTARTS_MAX 5 /* within RESTARTS_MS */
#define RESTARTS_MS 60000
#define RESTART_PAUSE_MS 50 /* before the first restart; doubled by each further one */
#define PATH_TEXT 1024

enum phase { RUNNING, RELOADING, RENEWING, ENDING };

struct parent {
	const char *config_path;
	char libexec[PATH_TEXT];
	struct config config;
	struct config before; /* what worked, while the new one has yet to */
	struct files files;
	struct signing signing; /* if the seal key lies in a token */
	struct loop *loop;
	struct set *set;
	struct timer *restart; /* starts the next set */
	enum phase phase;
	bool proving; /* the configuration was read anew, and its set is not ready yet */
	int64_t failures[RESTARTS_MAX]; /* monotonic; a ring */
	unsigned n_failures;
	unsigned over[SEALER_STORAGE_KEYS]; /* epochs whose keys go before the next set begins */
	size_t n_over;
	pid_t checker; /* child that checks the configuration, 0 if none */
	bool
	    asked; /* SIGHUP came while another was under way: what it asks for may have been written after that was read */
	int status;
};

static void print_problem(void *arg, unsigned long line, const char *where, const char *what)
{
	const char *const *path = arg;

	if (line > 0)
		fprintf(stderr, "%s:%lu: %s: %s\n", *path, line, where, what);
	else
		fprintf(stderr, "%s: %s: %s\n", *path, where, what);
}

/* The log of the service is one JSON object a line, whatever is wrong. */
static void log_problem(void *arg, unsigned long line, const char *where, const char *what)
{
	const char *const *path = arg;

	log_event(LOG_CONFIG_PROBLEM, LOG_S(*path), LOG_N(line), LOG_S(where), LOG_S(what));
}

/* The role programs stand beside this one: bin/readmitd and libexec/readmitd/. */
static int find_libexec(char out[PATH_TEXT])
{
	char exe[PATH_TEXT];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash;

	if (n <= 0)
		return RXP_ERR_IO;
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (slash == NULL)
			return RXP_ERR_IO;
		*slash = '\0';
	}
	n = snprintf(out, PATH_TEXT, "%s/libexec/readmitd", exe);
	return n > 0 && n < PATH_TEXT ? 0 : RXP_ERR_IO;
}

int parent_check(const char *config_path)
{
	char libexec[PATH_TEXT];
	const struct check check = {
	    .path = config_path, .libexec = libexec, .report = print_problem, .arg = &config_path};
	bool compared;

	if (find_libexec(libexec) != 0)
		return PARENT_STATUS_FAILED;
	if (check_configuration(&check, &compared) != 0)
		return PARENT_STATUS_CONFIG;
	if (!compared)
		printf("%s: a daemon works with the data: the keys were not held against them\n",
		    config_path);
	printf("%s: no problem found\n", config_path);
	return PARENT_STATUS_OK;
}

/* Before a start: the roles judge their keys themselves. */
static int read_configuration(struct parent *p, struct config *out)
{
	struct config c;

	if (config_read(&c, p->config_path, log_problem, &p->config_path) != 0 ||
	    inspect(&c, NULL, log_problem, &p->config_path) != 0)
		return RXP_ERR_CONFIG;
	*out = c;
	return 0;
}

static void end(struct parent *p, int status)
{
	p->status = status;
	loop_stop(p->loop);
}

/* --- a set's life ------------------------------------------------------------------------------- */

static void look_for_asked(struct parent *p);

static void on_ready(void *arg, const struct set_identity *identity, unsigned processes)
{
	struct parent *p = arg;

	if (p->proving)
		log_event(LOG_CONFIG_RELOADED, LOG_S("SIGHUP"));
	p->proving = false;
	log_event(LOG_NODE_STARTED, LOG_S(identity->own), LOG_N(processes));
	look_for_asked(p);
}

static void on_unfit(void *arg, enum unfit why)
{
	struct parent *p = arg;

	rehearsal_unfit(&p->config, why, log_problem, &p->config_path);
}

/* Doubling pauses keep a broken node from burning its machine; the ring tells when to give up. */
static void plan_restart(struct parent *p)
{
	int64_t now = clock_mono_ms(), pause = RESTART_PAUSE_MS;
	unsigned recent = 0; /* this failure is one of them */

	p->failures[p->n_failures++ % RESTARTS_MAX] = now;
	for (unsigned i = 0; i < RESTARTS_MAX && i < p->n_failures; i++)
		if (now - p->failures[i] < RESTARTS_MS && ++recent > 1)
			pause *= 2;
	if (recent >= RESTARTS_MAX) {
		log_event(LOG_SET_GIVEN_UP, LOG_N(recent));
		end(p, PARENT_STATUS_GIVEN_UP);
		return;
	}
	timer_arm(p->restart, pause);
}

static void drain(struct parent *p);

static void on_over(void *arg, enum set_end why)
{
	struct parent *p = arg;

	if (p->phase == ENDING)
		end(p, PARENT_STATUS_OK);
	else if (p->phase == RELOADING || p->phase == RENEWING || p->proving)
		timer_arm(p->restart, 0);
	else if (why == SET_END_CONFIG)
		end(p, PARENT_STATUS_CONFIG);
	else
		plan_restart(p);
}

/* The key goes when no process of a set holds it any more: politely, as at a reload. What cannot be
 * removed here is a person's to remove. */
static void on_epoch_over(void *arg, const uint8_t check[32])
{
	struct parent *p = arg;
	unsigned number;

	if (!set_epoch(p->set, check, &number) || p->n_over == SEALER_STORAGE_KEYS)
		return;
	if (access(p->config.key_dir, W_OK) != 0) {
		log_event(LOG_EPOCH_LEFT, LOG_N(number), LOG_S(strerror(errno)));
		return;
	}
	p->over[p->n_over++] = number;
	if (p->phase != RUNNING || p->proving || p->checker != 0)
		return; /* the next set tells it again */
	p->phase = RENEWING;
	drain(p);
}

/* Nobody holds them. */
static void destroy_epochs(struct parent *p)
{
	while (p->n_over > 0) {
		unsigned number = p->over[--p->n_over];

		if (epochs_destroy(&p->config, number) == 0)
			log_event(LOG_EPOCH_DESTROYED, LOG_N(number));
		else
			log_event(LOG_EPOCH_LEFT, LOG_N(number), LOG_S(strerror(errno)));
	}
}

static int open_files(struct parent *p)
{
	return files_open(&p->files, &p->config, log_problem, &p->config_path);
}

static void start_set(struct parent *p)
{
	struct set_config c = {.loop = p->loop,
	    .config = &p->config,
	    .files = &p->files,
	    .signing = &p->signing,
	    .libexec = p->libexec,
	    .ready = on_ready,
	    .unfit = on_unfit,
	    .over = on_over,
	    .epoch_over = on_epoch_over,
	    .arg = p};
	int rc = set_start(&p->set, &c);

	if (rc != 0) {
		log_event(LOG_ROLE_FAILED, LOG_S("start"), LOG_S(rxp_err_text(rc)));
		plan_restart(p);
	}
}

/* Back to what worked. */
static int take_back(struct parent *p)
{
	log_event(LOG_CONFIG_WRONG, LOG_S("see the lines before this one"));
	p->proving = false;
	p->config = p->before;
	files_close(&p->files);
	return open_files(p);
}

/* The child found it right, and it is read once more, here: what has changed since is noticed too. */
static int take_new(struct parent *p)
{
	p->before = p->config;
	p->asked = false; /* whatever was asked for until now is read here */
	files_close(&p->files);
	if (read_configuration(p, &p->config) != 0 || open_files(p) != 0)
		return take_back(p);
	p->proving = true;
	return 0;
}

/* Listeners are kept over a crash, and opened anew only when the configuration was read anew. What an
 * administrator does to the data meanwhile does not mend itself by further starts. */
static int prepare_start(struct parent *p)
{
	const enum phase phase = p->phase;

	p->phase = RUNNING;
	(void)epochs_sweep(&p->config); /* what is left is tried again at the next start */
	if (phase == RENEWING)
		destroy_epochs(p);
	p->n_over = 0;
	if (phase == RELOADING)
		return take_new(p);
	if (p->proving)
		return take_back(p);
	return inspect_data(&p->config, log_problem, &p->config_path) != 0 ? RXP_ERR_CONFIG : 0;
}

static void on_restart(void *arg)
{
	struct parent *p = arg;

	set_free(p->set);
	p->set = NULL;
	if (p->phase == ENDING)
		end(p, PARENT_STATUS_OK);
	else if (prepare_start(p) != 0)
		end(p, PARENT_STATUS_CONFIG);
	else
		start_set(p);
}

/* The set says when it is over; the timer is for one that does not. */
static void drain(struct parent *p)
{
	if (p->set == NULL) {
		timer_arm(p->restart, 0);
		return;
	}
	timer_arm(p->restart, DRAIN_MS + DRAIN_GRACE_MS);
	set_drain(p->set, DRAIN_MS);
}

/* --- signals -------------------------------------------------------------------------------------- */

static int check_beside(struct parent *p)
{
	struct config running = p->config;
	const struct check check = {.path = p->config_path,
	    .libexec = p->libexec,
	    .running = &running,
	    .identity = p->set != NULL ? set_identity(p->set) : NULL,
	    .report = log_problem,
	    .arg = &p->config_path};
	bool compared;

	return check_configuration(&check, &compared) == 0 ? PARENT_STATUS_OK
							   : PARENT_STATUS_CONFIG;
}

static void start_check(struct parent *p)
{
	p->asked = p->checker != 0 || p->phase != RUNNING || p->proving;
	if (p->asked)
		return; /* look_for_asked, when that is over */
	p->checker = fork();
	if (p->checker == 0)
		_exit(check_beside(p));
	if (p->checker < 0)
		p->checker = 0;
}

static void look_for_asked(struct parent *p)
{
	if (p->asked)
		start_check(p);
}

static void checked(struct parent *p, int status)
{
	p->checker = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != PARENT_STATUS_OK) {
		log_event(LOG_CONFIG_WRONG, LOG_S("see the lines before this one"));
		look_for_asked(p);
		return;
	}
	if (p->phase != RUNNING)
		return;
	p->phase = RELOADING;
	drain(p);
}

static void reap(struct parent *p)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->checker)
			checked(p, status);
		else if (p->set != NULL)
			set_reaped(p->set, pid, status);
	}
}

static void start_end(struct parent *p)
{
	bool first = p->phase != ENDING;

	p->phase = ENDING;
	if (first)
		drain(p);
	else
		end(p, PARENT_STATUS_OK);
}

static void on_signal(void *arg, int fd, unsigned events)
{
	struct parent *p = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(p);
		else if (info.ssi_signo == SIGHUP)
			start_check(p);
		else
			start_end(p);
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int prepare(struct parent *p, struct watch **signals, int *signal_fd)
{
	if (find_libexec(p->libexec) != 0 || loop_new(&p->loop) != 0)
		return RXP_ERR_IO;
	*signal_fd = open_signals();
	if (*signal_fd < 0)
		return RXP_ERR_IO;
	if (watch_new(signals, p->loop, *signal_fd, LOOP_READ, on_signal, p) != 0)
		return RXP_ERR_IO;
	return timer_new(&p->restart, p->loop, on_restart, p);
}

int parent_run(const char *config_path)
{
	struct parent p = {.config_path = config_path, .status = PARENT_STATUS_FAILED};
	struct watch *signals = NULL;
	int signal_fd = -1;

	log_process("parent");
	files_init(&p.files);
	signing_init(&p.signing);
	if (read_configuration(&p, &p.config) != 0 || open_files(&p) != 0)
		return PARENT_STATUS_CONFIG;
	if (prepare(&p, &signals, &signal_fd) != 0) {
		log_event(LOG_ROLE_FAILED, LOG_S("start"), LOG_S(strerror(errno)));
		goto done;
	}
	timer_arm(p.restart, 0);
	if (loop_run(p.loop) != 0)
		p.status = PARENT_STATUS_FAILED;
	log_event(LOG_NODE_STOPPED, LOG_N(p.status));
done:
	set_free(p.set);
	timer_free(p.restart);
	watch_free(signals);
	if (signal_fd >= 0)
		close(signal_fd);
	loop_free(p.loop);
	files_close(&p.files);
	return p.status;
}
