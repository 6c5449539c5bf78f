#include "daemon/desk/http.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>

#include "daemon/base/loop.h"
#include "daemon/desk/http_begin.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/http_state.h"
#include "daemon/desk/problem.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define TIMER_MAX_MS (HTTP_IDLE_S * 1000ULL)

struct http {
	struct MHD_Daemon *mhd; /* owns the listening socket */
	struct watch *watch;
	struct api *api;
	struct http_waiting waiting;
};

/* --- libmicrohttpd in our loop ------------------------------------------------------------ */
static void run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(h->mhd);
	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES)
		timer_arm(
		    h->waiting.timer, ms < TIMER_MAX_MS ? (int64_t)ms : (int64_t)TIMER_MAX_MS);
	else
		timer_disarm(h->waiting.timer);
}

static void on_ready(void *arg, int fd, unsigned events)
{
	(void)fd;
	(void)events;
	run(arg);
}

static void on_timer(void *arg)
{
	run(arg);
}

/* --- requests -------------------------------------------------------------------------------- */
/* A body of undeclared length may pass its bound, and one that is answered early goes on; the answer
 * comes after it, so it is read and dropped, but not for ever. */
static enum MHD_Result discard(struct http_request *r, size_t len)
{
	size_t bound = HTTP_DISCARD_OCTETS;

	if (r->route->body == ROUTE_STREAM)
		bound += r->route->body_max;
	if (len > bound || r->seen > bound - len)
		return MHD_NO;
	r->seen += len;
	return MHD_YES;
}

static enum MHD_Result collect(struct http_request *r, const char *octets, size_t len)
{
	if (rxp_buf_put(&r->body, octets, len) == RXP_ERR_NOMEM)
		return MHD_NO;
	return discard(r, len);
}

/* Give octets to the sink; *len: those that are to be offered again. The library does that only when
 * the connection is resumed, or something new has come. */
static enum MHD_Result pass_on(struct http_request *r, const char *octets, size_t *len)
{
	size_t taken = 0, rest;

	if (*len > r->route->body_max - r->seen)
		problem_reply(r, PROBLEM_TOO_LARGE, NULL);
	else
		taken = r->sink->take(r, (const uint8_t *)octets, *len);
	r->seen += taken;
	rest = *len - taken;
	if (r->state == STATE_BODY) {
		*len = rest;
		if (rest > 0)
			http_suspend(r);
		return MHD_YES;
	}
	*len = 0;
	return discard(r, rest);
}

static enum MHD_Result on_octets(struct http_request *r, const char *octets, size_t *len)
{
	size_t all = *len;

	if (r->state == STATE_ABANDONED)
		return MHD_NO;
	if (r->state == STATE_BODY && r->route->body == ROUTE_STREAM)
		return pass_on(r, octets, len);
	*len = 0;
	return r->state == STATE_BODY ? collect(r, octets, all) : discard(r, all);
}

static void serve(struct http_request *r)
{
	r->state = STATE_SERVED;
	if (r->route->body == ROUTE_STREAM)
		r->sink->end(r);
	else if (r->seen > r->route->body_max)
		problem_reply(r, PROBLEM_TOO_LARGE, NULL);
	else
		r->route->handler(r);
}

/* --- callbacks of libmicrohttpd -------------------------------------------------------------- */
static enum MHD_Result on_access(void *arg, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload, size_t *upload_len, void **slot)
{
	struct http_request *r = *slot;
	struct http *h = arg;

	(void)version;
	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		if (r == NULL)
			return MHD_NO;
		*slot = r;
		r->waiting = &h->waiting;
		r->api = h->api;
		r->connection = connection;
		http_begin(r, method, path);
		if (r->state == STATE_BODY)
			return MHD_YES;
	} else if (*upload_len > 0) {
		return on_octets(r, upload, upload_len);
	}
	if (r->state == STATE_BODY)
		serve(r);
	if (r->state == STATE_SERVED) {
		http_suspend(r);
		return MHD_YES;
	}
	return r->state == STATE_REPLIED ? MHD_queue_response(connection, r->status, r->response)
					 : MHD_NO;
}

static void on_completed(
    void *arg, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode why)
{
	struct http_request *r = *slot;

	(void)arg;
	(void)connection;
	(void)why;
	if (r == NULL)
		return;
	if (r->release != NULL)
		r->release(r->kept);
	if (r->response != NULL)
		MHD_destroy_response(r->response);
	rxp_buf_free(&r->body);
	free(r);
	*slot = NULL;
}

/* Paths and values are taken as they stand: nothing of the API needs percent-encoding. */
static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static struct MHD_Daemon *start(struct http *h, int listen_fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access,
	    h, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_OCTETS,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
}

int http_new(struct http **out, struct loop *loop, int listen_fd, struct api *api)
{
	const union MHD_DaemonInfo *info;
	struct http *h = calloc(1, sizeof(*h));
	int rc = RXP_ERR_NOMEM;

	if (h == NULL)
		goto done;
	h->api = api;
	rc = RXP_ERR_IO;
	if (fcntl(listen_fd, F_SETFL, O_NONBLOCK) != 0)
		goto done;
	h->mhd = start(h, listen_fd);
	if (h->mhd == NULL)
		goto done;
	listen_fd = -1;
	info = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		goto done;
	rc = timer_new(&h->waiting.timer, loop, on_timer, h);
	if (rc == 0)
		rc = watch_new(&h->watch, loop, info->epoll_fd, LOOP_READ, on_ready, h);
	if (rc != 0)
		goto done;
	*out = h;
	h = NULL;
done:
	if (listen_fd >= 0)
		close(listen_fd);
	http_free(h);
	return rc;
}

void http_free(struct http *h)
{
	if (h == NULL)
		return;
	while (h->waiting.first != NULL) {
		if (h->waiting.first->state < STATE_REPLIED)
			http_abandon(h->waiting.first);
		else
			http_go_on(h->waiting.first);
	}
	watch_free(h->watch);
	timer_free(h->waiting.timer);
	if (h->mhd != NULL)
		MHD_stop_daemon(h->mhd);
	free(h);
}

int http_warm_up(struct http *h)
{
	static const char REQUEST[] =
	    "GET /health/live HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n";
	static const char EXPECTED[] = "HTTP/1.1 200";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char answer[sizeof(EXPECTED)] = "";
	int fd[2] = {-1, -1}, rc = RXP_ERR_IO;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) != 0)
		return RXP_ERR_IO;
	/* The connection belongs to the library from here on, also if this fails. */
	if (MHD_add_connection(h->mhd, fd[1], (struct sockaddr *)&address, sizeof(address)) !=
		MHD_YES ||
	    write(fd[0], REQUEST, strlen(REQUEST)) != (ssize_t)strlen(REQUEST))
		goto done;
	/* Each run does one step at least: accept, read and answer, close. */
	for (int i = 0; i < 8 && answer[0] == '\0'; i++) {
		run(h);
		if (read(fd[0], answer, strlen(EXPECTED)) < 0)
			answer[0] = '\0';
	}
	if (strcmp(answer, EXPECTED) == 0)
		rc = 0;
done:
	close(fd[0]);
	run(h);
	return rc;
}
