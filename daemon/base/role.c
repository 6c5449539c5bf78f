#include "daemon/base/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/sandbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define EXIT_USAGE 100 /* started by hand or with wrong arguments */
#define EXIT_FAILED 111 /* something that the process needs failed */
#define READ_STEP 4096
#define MINUTE_MS 60000
#define FLUSH_MS 1000 /* for the last words of a process that ends */

_Noreturn static void fail(const char *what, int code)
{
	log_event(LOG_ROLE_FAILED, LOG_S(what), LOG_S(rxp_err_text(code)));
	exit(code == RXP_ERR_CONFIG ? EXIT_USAGE : EXIT_FAILED);
}

/* A decimal user or group id; UINT32_MAX is "stay". */
static uint32_t id_argument(const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > UINT32_MAX)
		fail("arguments", RXP_ERR_CONFIG);
	return (uint32_t)value;
}

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct role *r = arg;

	r->handler(r->arg, l, m);
}

static void on_parent_closed(void *arg, struct link *l, int why)
{
	struct role *r = arg;

	(void)l;
	if (why != RXP_ERR_CLOSED)
		log_event(LOG_LINK_BROKEN, LOG_S("parent"), LOG_S(rxp_err_text(why)));
	role_end(r, why == RXP_ERR_CLOSED ? EXIT_SUCCESS : EXIT_FAILED);
}

static void on_minute(void *arg)
{
	struct role *r = arg;

	log_left_out();
	timer_arm(r->minute, MINUTE_MS);
}

/* Descriptors that the parent gave, by number, as found before this process opened any itself. */
static uint64_t given;
#define GIVEN_MAX 64

static void find_given(void)
{
	for (int fd = 0; fd < GIVEN_MAX; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			given |= UINT64_C(1) << fd;
}

/* Signals of a terminal, or of a service manager to all processes of the service, are the parent's
 * business, which ends its roles by their links. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		if (signal(ignored[i], SIG_IGN) == SIG_ERR)
			fail("signals", RXP_ERR_IO);
}

void role_begin(struct role *r, const char *name, enum ipc_role self, int argc, char **argv,
    link_handler *handler, void *arg)
{
	int rc;

	find_given();
	log_process(name);
	if (argc != 3)
		fail("arguments", RXP_ERR_CONFIG);
	*r = (struct role){
	    .name = name,
	    .self = self,
	    .uid = id_argument(argv[1]),
	    .gid = id_argument(argv[2]),
	    .handler = handler,
	    .arg = arg,
	};
	if (sandbox_harden() != 0)
		fail("process limits", RXP_ERR_IO);
	ignore_signals();
	if (setenv("TZ", "UTC", 1) != 0)
		fail("environment", RXP_ERR_NOMEM);
	tzset();
	rc = loop_new(&r->loop);
	if (rc == 0)
		rc = link_new(&r->parent, r->loop,
		    &(struct link_config){
			.fd = ROLE_FD_PARENT,
			.self = self,
			.peer = IPC_PARENT,
			.handler = on_message,
			.closed = on_parent_closed,
			.arg = r,
		    });
	if (rc == 0)
		rc = timer_new(&r->minute, r->loop, on_minute, r);
	if (rc != 0)
		fail("loop", rc);
	timer_arm(r->minute, MINUTE_MS);
}

static void confine(struct role *r, struct sandbox s)
{
	int rc;

	s.role = r->name;
	s.uid = r->uid;
	s.gid = r->gid;
	rc = sandbox_enter(&s);
	if (rc != 0)
		fail("sandbox", rc);
}

void role_confine(struct role *r, int root_fd, bool files, bool sockets)
{
	confine(r, (struct sandbox){.root_fd = root_fd, .files = files, .sockets = sockets});
}

void role_become(struct role *r)
{
	if (sandbox_become(r->uid, r->gid) != 0)
		fail("user", RXP_ERR_IO);
}

void role_confine_module(struct role *r)
{
	confine(r, (struct sandbox){.root_fd = -1, .module = true});
}

int role_run(struct role *r, enum ipc_type ready_type, const void *ready)
{
	int rc = link_request(r->parent, ready_type, ready, NULL, 0, NULL);

	if (rc == 0)
		rc = loop_run(r->loop);
	if (rc != 0)
		fail("loop", rc);
	(void)link_flush(r->parent, FLUSH_MS);
	log_left_out();
	link_free(r->parent);
	timer_free(r->minute);
	loop_free(r->loop);
	r->parent = NULL;
	r->loop = NULL;
	return r->status;
}

int role_unfit(struct role *r, enum ipc_type type, const void *unfit)
{
	if (link_request(r->parent, type, unfit, NULL, 0, NULL) == 0)
		(void)link_flush(r->parent, FLUSH_MS);
	return ROLE_STATUS_CONFIG;
}

void role_end(struct role *r, int status)
{
	r->status = status;
	loop_stop(r->loop);
}

bool role_fd_open(int fd)
{
	return fd >= 0 && fd < GIVEN_MAX && (given >> fd & 1) != 0;
}

int role_read_fd(struct rxp_buf *out, int fd)
{
	uint8_t step[READ_STEP];
	off_t at = 0;
	int rc = 0;
	ssize_t n;

	/* pread: the place in the file is shared with every other process that got this descriptor. */
	while (rc == 0 && (n = pread(fd, step, sizeof step, at)) != 0) {
		if (n < 0) {
			rc = errno == EINTR ? 0 : RXP_ERR_IO;
			continue;
		}
		rc = rxp_buf_put(out, step, (size_t)n);
		at += n;
	}
	explicit_bzero(step, sizeof step);
	close(fd);
	return rc;
}
