#include "daemon/desk/http.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>

#include "daemon/base/loop.h"
#include "daemon/desk/problem.h"
#include "protocol/buf.h"
#include "protocol/err.h"

struct http {
	struct MHD_Daemon *mhd; /* owns the listening socket */
	struct watch *watch;
	struct timer *timer;
	struct api *api;
	struct http_request *suspended; /* list */
};

enum http_state { STATE_BODY, STATE_SERVED, STATE_SUSPENDED, STATE_REPLIED, STATE_ABANDONED };

struct http_request {
	struct http *http;
	struct MHD_Connection *connection;
	enum http_state state;
	const struct route *route; /* NULL if there is none: answered before its body */
	struct route_values values;
	char user[RECORD_NAME_MAX];
	struct rxp_buf body;
	size_t seen; /* octets of the body, kept or not */
	struct MHD_Response *response; /* of STATE_REPLIED */
	unsigned status;
	struct http_request *next, *previous; /* in http->suspended */
};

/* --- libmicrohttpd in our loop ------------------------------------------------------------ */
static void run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(h->mhd);
	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES)
		timer_arm(h->timer, ms < HTTP_IDLE_S * 1000 ? (int64_t)ms : HTTP_IDLE_S * 1000);
	else
		timer_disarm(h->timer);
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
struct api *http_api(const struct http_request *r)
{
	return r->http->api;
}

const struct route_values *http_values(const struct http_request *r)
{
	return &r->values;
}

const char *http_user(const struct http_request *r)
{
	return r->user;
}

struct bytes http_body(const struct http_request *r)
{
	return (struct bytes){r->body.data, r->body.len};
}

const char *http_query(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

static const char *header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

static int identify(struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (info == NULL || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return RXP_ERR_IO;
	if (cred.uid == (uid_t)-1) /* what the kernel says when it knows of none */
		return RXP_ERR_NOT_FOUND;
	snprintf(r->user, sizeof(r->user), "uid:%lu", (unsigned long)cred.uid);
	return 0;
}

struct query_check {
	const char *known;
	const char *wrong; /* a fixed text, NULL while all is well */
	struct http_request *r;
};

static enum MHD_Result check_parameter(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_check *c = arg;

	(void)kind;
	if (!route_listed(c->known, name))
		c->wrong = "a parameter that this resource does not know";
	else if (value == NULL)
		c->wrong = "a parameter without a value";
	else if (http_query(c->r, name) != value) /* the look-up gives the first of a name */
		c->wrong = "a parameter is given twice";
	return c->wrong == NULL ? MHD_YES : MHD_NO;
}

static bool media_listed(const char *list, const char *type)
{
	char lower[64];
	size_t n = 0;

	if (type == NULL)
		return false;
	n = strcspn(type, "; \t");
	if (n >= sizeof(lower))
		return false;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(type[i] >= 'A' && type[i] <= 'Z' ? type[i] - 'A' + 'a' : type[i]);
	lower[n] = '\0';
	return route_listed(list, lower);
}

/* The headers are in: answer at once what cannot succeed, else get ready for the body. */
static void begin(struct http_request *r, const char *method, const char *path)
{
	struct query_check check = {.r = r};
	char allow[ROUTE_ALLOW_TEXT];
	const char *length = header(r, "Content-Length");
	int rc = route_find(&r->route, &r->values, allow, method, path);

	if (identify(r) != 0) {
		problem_reply(r, PROBLEM_NO_IDENTITY, NULL);
		return;
	}
	if (rc != 0) {
		if (rc == RXP_ERR_NOT_FOUND)
			problem_reply(r, PROBLEM_UNKNOWN_PATH, NULL);
		else
			problem_reply_allow(r, allow);
		return;
	}
	check.known = r->route->query;
	MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, check_parameter, &check);
	if (check.wrong != NULL)
		problem_reply(r, PROBLEM_QUERY, check.wrong);
	else if (length != NULL && strtoull(length, NULL, 10) > r->route->body_max)
		problem_reply(r, PROBLEM_TOO_LARGE, NULL);
	else if (r->route->media != NULL &&
		 !media_listed(r->route->media, header(r, "Content-Type")))
		problem_reply(r, PROBLEM_MEDIA, NULL);
	else
		rxp_buf_init(&r->body, r->route->body_max);
}

/* A body of undeclared length may pass its bound; the answer comes after it, so it is read and
 * dropped, but not for ever. */
static enum MHD_Result take(struct http_request *r, const char *octets, size_t len)
{
	if (len > HTTP_DISCARD_OCTETS || r->seen > HTTP_DISCARD_OCTETS - len)
		return MHD_NO;
	r->seen += len;
	if (rxp_buf_put(&r->body, octets, len) == RXP_ERR_NOMEM)
		return MHD_NO;
	return MHD_YES;
}

static void serve(struct http_request *r)
{
	r->state = STATE_SERVED;
	if (r->seen > r->route->body_max)
		problem_reply(r, PROBLEM_TOO_LARGE, NULL);
	else
		r->route->handler(r);
}

static void suspend(struct http_request *r)
{
	struct http *h = r->http;

	MHD_suspend_connection(r->connection);
	r->state = STATE_SUSPENDED;
	r->previous = NULL;
	r->next = h->suspended;
	if (h->suspended != NULL)
		h->suspended->previous = r;
	h->suspended = r;
}

/* The access handler is called again at the next run, which must not be made in its callbacks. */
static void resume(struct http_request *r)
{
	if (r->previous != NULL)
		r->previous->next = r->next;
	else
		r->http->suspended = r->next;
	if (r->next != NULL)
		r->next->previous = r->previous;
	MHD_resume_connection(r->connection);
	timer_arm(r->http->timer, 0);
}

static void settle(struct http_request *r, enum http_state state)
{
	bool was_suspended = r->state == STATE_SUSPENDED;

	if (r->state >= STATE_REPLIED)
		abort(); /* a second answer */
	r->state = state;
	if (was_suspended)
		resume(r);
}

void http_abandon(struct http_request *r)
{
	settle(r, STATE_ABANDONED);
}

/* The library copies the octets in this mode; its parameter is not const for the other modes. */
static struct MHD_Response *response_of(const void *octets, size_t len)
{
	union {
		const void *in;
		void *out;
	} octets_of = {octets};

	return MHD_create_response_from_buffer(len, octets_of.out, MHD_RESPMEM_MUST_COPY);
}

void http_reply(struct http_request *r, const struct http_reply *reply)
{
	struct MHD_Response *m = response_of(reply->octets, reply->len);

	if (m == NULL || MHD_add_response_header(m, "Cache-Control", "no-store") != MHD_YES ||
	    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff") != MHD_YES ||
	    (reply->media != NULL &&
		MHD_add_response_header(m, "Content-Type", reply->media) != MHD_YES) ||
	    (reply->header != NULL &&
		MHD_add_response_header(m, reply->header, reply->value) != MHD_YES)) {
		if (m != NULL)
			MHD_destroy_response(m);
		http_abandon(r);
		return;
	}
	r->response = m;
	r->status = reply->status;
	settle(r, STATE_REPLIED);
}

/* --- callbacks of libmicrohttpd -------------------------------------------------------------- */
static enum MHD_Result on_access(void *arg, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload, size_t *upload_len, void **slot)
{
	struct http_request *r = *slot;

	(void)version;
	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		if (r == NULL)
			return MHD_NO;
		*slot = r;
		r->http = arg;
		r->connection = connection;
		begin(r, method, path);
		if (r->state == STATE_BODY)
			return MHD_YES;
	} else if (*upload_len > 0) {
		size_t len = *upload_len;

		*upload_len = 0;
		return take(r, upload, len);
	}
	if (r->state == STATE_BODY)
		serve(r);
	if (r->state == STATE_SERVED) {
		suspend(r);
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
	rc = timer_new(&h->timer, loop, on_timer, h);
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
	while (h->suspended != NULL)
		http_abandon(h->suspended);
	watch_free(h->watch);
	timer_free(h->timer);
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
