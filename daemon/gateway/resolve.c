#include "daemon/gateway/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <ares.h>

#include "daemon/base/loop.h"
#include "daemon/gateway/limits.h"
#include "protocol/base/err.h"

#define LINK_LOCAL_V4 0xa9feU /* 169.254/16 */

/* A socket of the library. */
struct ask_socket {
	struct ask_socket *next;
	struct watch *watch;
	int fd;
};

struct resolver {
	struct loop *loop;
	ares_channel channel;
	struct timer *timer; /* for the library's own deadlines */
	struct ask_socket *sockets;
};

struct resolve {
	resolve_done *done;
	void *arg;
	struct timer *timer; /* fires with the answer, or when it is late */
	bool asking; /* the library will call once more, and the resolve lives until then */
	bool over; /* nobody waits for that call any longer */
	bool inner; /* addresses of this machine and of its link are wanted */
	bool left_out; /* one that was not */
	enum transport why;
	struct resolve_address found[GATEWAY_ADDRESSES];
	size_t n_found;
};

/* --- addresses -------------------------------------------------------------------------------- */

static bool is_inner_v4(const struct in_addr *address)
{
	uint32_t n = ntohl(address->s_addr);

	return n >> 24 == 0 || n >> 24 == IN_LOOPBACKNET || n >> 16 == LINK_LOCAL_V4;
}

static bool is_inner_v6(const struct in6_addr *address)
{
	struct in_addr v4;

	memcpy(&v4, &address->s6_addr[12], sizeof v4);
	return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address) ||
	       IN6_IS_ADDR_LINKLOCAL(address) ||
	       (IN6_IS_ADDR_V4MAPPED(address) && is_inner_v4(&v4));
}

static bool leave_out(struct resolve *q, bool is_inner)
{
	bool out = is_inner && !q->inner;

	q->left_out = q->left_out || out;
	return out;
}

static void add_v4(struct resolve *q, const struct in_addr *address, uint16_t port)
{
	struct resolve_address *a = &q->found[q->n_found];

	if (leave_out(q, is_inner_v4(address)))
		return;
	q->n_found++;
	a->len = sizeof a->address.v4;
	a->address.v4 = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = *address};
}

static void add_v6(struct resolve *q, const struct in6_addr *address, uint16_t port)
{
	struct resolve_address *a = &q->found[q->n_found];

	if (leave_out(q, is_inner_v6(address)))
		return;
	q->n_found++;
	a->len = sizeof a->address.v6;
	a->address.v6 = (struct sockaddr_in6){
	    .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = *address};
}

static bool look_up_known(struct resolve *q, const char *host, uint16_t port)
{
	struct in_addr v4 = {htonl(INADDR_LOOPBACK)};
	struct in6_addr v6 = in6addr_loopback;

	if (strcmp(host, "localhost") == 0) {
		add_v4(q, &v4, port);
		add_v6(q, &v6, port);
	} else if (inet_pton(AF_INET, host, &v4) == 1) {
		add_v4(q, &v4, port);
	} else if (inet_pton(AF_INET6, host, &v6) == 1) {
		add_v6(q, &v6, port);
	}
	return q->n_found > 0 || q->left_out;
}

/* --- the library on the loop ------------------------------------------------------------------- */

static void arm(struct resolver *r)
{
	struct timeval tv;

	if (ares_timeout(r->channel, NULL, &tv) == NULL)
		timer_disarm(r->timer);
	else
		timer_arm(r->timer, (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000);
}

static void on_library_timer(void *arg)
{
	struct resolver *r = arg;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(r);
}

static void on_socket(void *arg, int fd, unsigned events)
{
	struct resolver *r = arg;
	bool readable = (events & (LOOP_READ | LOOP_HANGUP)) != 0;
	bool writable = (events & LOOP_WRITE) != 0;

	ares_process_fd(
	    r->channel, readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
	arm(r);
}

/* The library says what it waits for; nothing means that it closes the socket next. */
static void on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;
	unsigned events = (readable ? LOOP_READ : 0U) | (writable ? LOOP_WRITE : 0U);
	struct ask_socket **at = &r->sockets, *s;

	while (*at != NULL && (*at)->fd != fd)
		at = &(*at)->next;
	s = *at;
	if (s != NULL && events != 0) {
		watch_set(s->watch, events);
	} else if (s != NULL) {
		*at = s->next;
		watch_free(s->watch);
		free(s);
	} else if (events != 0) {
		/* Without a watcher the question ends by its deadline. */
		s = calloc(1, sizeof *s);
		if (s == NULL)
			return;
		s->fd = fd;
		if (watch_new(&s->watch, r->loop, fd, events, on_socket, r) != 0) {
			free(s);
			return;
		}
		s->next = r->sockets;
		r->sockets = s;
	}
}

static int open_channel(struct resolver *r, const char *servers)
{
	char lookups[] = "b";
	/* No search list, no alias file, no hosts file: what is asked is the name itself. */
	struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
	    .timeout = GATEWAY_RESOLVE_TRY_MS,
	    .tries = GATEWAY_RESOLVE_TRIES,
	    .lookups = lookups,
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = r};

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return RXP_ERR_NOMEM;
	if (ares_init_options(&r->channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
		    ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
		ares_library_cleanup();
		return RXP_ERR_NOMEM;
	}
	if (servers != NULL && ares_set_servers_ports_csv(r->channel, servers) != ARES_SUCCESS)
		return RXP_ERR_CONFIG;
	return 0;
}

int resolver_new(struct resolver **out, struct loop *loop, const char *servers)
{
	struct resolver *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->loop = loop;
	rc = timer_new(&r->timer, loop, on_library_timer, r);
	if (rc == 0)
		rc = open_channel(r, servers);
	if (rc == 0)
		*out = r;
	else
		resolver_free(r);
	return rc;
}

void resolver_free(struct resolver *r)
{
	if (r == NULL)
		return;
	if (r->channel != NULL) {
		ares_destroy(r->channel);
		ares_library_cleanup();
	}
	timer_free(r->timer);
	free(r);
}

/* --- one question ------------------------------------------------------------------------------ */

static void free_resolve(struct resolve *q)
{
	timer_free(q->timer);
	free(q);
}

/* Nobody waits any longer; the library may still hold the resolve. */
static void let_go(struct resolve *q)
{
	q->over = true;
	timer_disarm(q->timer);
	if (!q->asking)
		free_resolve(q);
}

static void on_timer(void *arg)
{
	struct resolve *q = arg;

	if (q->left_out)
		q->why = TRANSPORT_NAME_INNER;
	q->done(q->arg, q->n_found > 0 ? TRANSPORT_NONE : q->why, q->found, q->n_found);
	let_go(q);
}

static void take_addresses(struct resolve *q, const struct ares_addrinfo *info)
{
	const struct ares_addrinfo_node *node;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	for (node = info->nodes; node != NULL && q->n_found < GATEWAY_ADDRESSES;
	     node = node->ai_next) {
		if (node->ai_family == AF_INET && node->ai_addrlen >= sizeof v4) {
			memcpy(&v4, node->ai_addr, sizeof v4);
			add_v4(q, &v4.sin_addr, ntohs(v4.sin_port));
		} else if (node->ai_family == AF_INET6 && node->ai_addrlen >= sizeof v6) {
			memcpy(&v6, node->ai_addr, sizeof v6);
			add_v6(q, &v6.sin6_addr, ntohs(v6.sin6_port));
		}
	}
}

/* The library's last word; it may come inside ares_getaddrinfo(), so done waits for the timer. */
static void on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct resolve *q = arg;

	(void)timeouts;
	q->asking = false;
	if (status == ARES_SUCCESS && !q->over)
		take_addresses(q, info);
	ares_freeaddrinfo(info);
	if (q->over || status == ARES_EDESTRUCTION) {
		free_resolve(q);
		return;
	}
	if (status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA)
		q->why = TRANSPORT_NAME_UNKNOWN;
	timer_arm(q->timer, 0);
}

static void ask(struct resolver *r, struct resolve *q, const char *host, uint16_t port)
{
	const struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT | ARES_AI_NUMERICSERV,
	    .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM};
	char service[8];

	q->asking = true;
	q->why = TRANSPORT_NAME_LATE;
	snprintf(service, sizeof service, "%u", port);
	timer_arm(q->timer, GATEWAY_RESOLVE_MS);
	ares_getaddrinfo(r->channel, host, service, &hints, on_answer, q);
	arm(r);
}

int resolve_start(struct resolve **out, struct resolver *r, const char *host, uint16_t port,
    bool inner, resolve_done *done, void *arg)
{
	struct resolve *q = calloc(1, sizeof *q);

	if (q == NULL)
		return RXP_ERR_NOMEM;
	q->inner = inner;
	q->done = done;
	q->arg = arg;
	if (timer_new(&q->timer, r->loop, on_timer, q) != 0) {
		free(q);
		return RXP_ERR_NOMEM;
	}
	if (look_up_known(q, host, port))
		timer_arm(q->timer, 0);
	else
		ask(r, q, host, port);
	*out = q;
	return 0;
}

void resolve_cancel(struct resolve *q)
{
	if (q != NULL)
		let_go(q);
}
