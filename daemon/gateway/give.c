#include "daemon/gateway/give.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/inbound.h"
#include "daemon/gateway/range.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/base/err.h"

/* One request, from its field section to the last octet of the file. */
struct gift {
	struct gives *set;
	struct gift *next;
	struct inbound *from; /* NULL with stream */
	struct h2_stream *stream; /* NULL: gone, what is left is the registry's */
	bool asked; /* the registry has not answered */
	uint64_t number; /* of the request there */
	char party[4];
	bool part; /* only from `first` on */
	uint64_t first;
	int fd; /* -1 before it is given */
	size_t next_at; /* octets of the body that give it more time */
};

struct gives {
	struct gives_config config;
	struct gift *first;
};

/* --- the end of a request --------------------------------------------------------------------- */

static void forget(struct gift *g)
{
	struct gift **at = &g->set->first;

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	if (g->fd >= 0)
		close(g->fd);
	free(g);
}

static int64_t deadline(const struct gift *g)
{
	return clock_mono_ms() + conns_times(g->set->config.conns)->stall_ms;
}

static void refuse(struct gift *g, unsigned status)
{
	if (g->stream != NULL && !h2_stream_answered(g->stream))
		(void)h2_respond(
		    g->stream, &(struct h2_response){.status = status, .deadline_ms = deadline(g)});
}

/* --- octets ----------------------------------------------------------------------------------- */

/* As long as octets go, there is time for more. */
static int read_file(void *arg, struct h2_stream *s, size_t at, uint8_t *out, size_t len)
{
	struct gift *g = arg;
	ssize_t n;

	if (at >= g->next_at) {
		g->next_at = at + GATEWAY_PUT_OCTETS;
		h2_stream_deadline(s, deadline(g));
	}
	while (len > 0) {
		n = pread(g->fd, out, len, (off_t)(g->first + at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return RXP_ERR_IO;
		out += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* --- streams ---------------------------------------------------------------------------------- */

static void on_nothing(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	(void)s;
	(void)fault;
	refuse(arg, HTTP_BAD);
}

/* The answer is not taken, or too slowly. */
static void on_late(void *arg, struct h2_stream *s)
{
	(void)arg;
	h2_cancel(s);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct gift *g = arg;

	(void)s;
	(void)why;
	g->stream = NULL;
	g->from = NULL;
	if (!g->asked)
		forget(g);
}

static const struct h2_calls calls = {.head = on_nothing,
    .whole = on_nothing,
    .fault = on_fault,
    .sent = on_nothing,
    .late = on_late,
    .gone = on_gone};

/* --- requests --------------------------------------------------------------------------------- */

static bool has_room(const struct gives *set, const char party[4])
{
	size_t all = 0, of_party = 0;

	for (const struct gift *g = set->first; g != NULL; g = g->next) {
		all++;
		of_party += strcmp(g->party, party) == 0;
	}
	return all < GATEWAY_GIVES && of_party < GATEWAY_GIVES_PER_PARTY;
}

unsigned gives_ask(
    struct gives *set, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32])
{
	const struct h2_head *head = h2_stream_head(stream);
	struct msg_give m;
	struct gift *g;
	uint64_t first = 0;

	if (head->wants && range_parse_wanted(&first, head->wanted) != 0)
		return HTTP_BAD;
	if (!has_room(set, conn_party(in->conn)))
		return HTTP_BUSY;
	g = calloc(1, sizeof *g);
	if (g == NULL)
		return HTTP_BUSY;
	*g = (struct gift){.set = set,
	    .from = in,
	    .stream = stream,
	    .asked = true,
	    .part = head->wants,
	    .first = first,
	    .fd = -1};
	memcpy(g->party, conn_party(in->conn), sizeof g->party);
	memcpy(m.party, g->party, sizeof m.party);
	memcpy(m.digest, digest, sizeof m.digest);
	if (set->config.give(set->config.arg, &m, &g->number) != 0) {
		free(g);
		return HTTP_BUSY;
	}
	g->next = set->first;
	set->first = g;
	h2_stream_adopt(stream, &calls, g);
	h2_stream_deadline(stream, 0);
	return 0;
}

/* --- from the registry ------------------------------------------------------------------------ */

/* NULL: there is none, or nobody waits for it any more. */
static struct gift *answered(struct gives *set, uint64_t request)
{
	struct gift *g = set->first;

	while (g != NULL && (!g->asked || g->number != request))
		g = g->next;
	if (g == NULL)
		return NULL;
	g->asked = false;
	if (g->stream != NULL)
		return g;
	forget(g);
	return NULL;
}

static void send_file(struct gift *g, uint64_t length)
{
	const struct range range = {g->first, length - 1, length};
	char text[RANGE_TEXT];

	range_write(text, &range);
	(void)h2_respond(g->stream, &(struct h2_response){.status = g->part ? HTTP_PART : HTTP_OK,
					.type = RXP_HTTP_FILE_TYPE,
					.range = g->part ? text : NULL,
					.read = read_file,
					.len = (size_t)(length - g->first),
					.deadline_ms = deadline(g)});
}

void gives_given(struct gives *set, uint64_t request, const struct msg_given *m, int fd)
{
	struct gift *g = answered(set, request);

	if (g == NULL || h2_stream_answered(g->stream))
		return;
	if (m->length > GATEWAY_CIPHERTEXT_OCTETS) {
		refuse(g, HTTP_BUSY);
		return;
	}
	if (g->first >= m->length) {
		refuse(g, HTTP_RANGE);
		return;
	}
	g->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (g->fd < 0)
		refuse(g, HTTP_BUSY);
	else
		send_file(g, m->length);
}

void gives_not_given(struct gives *set, uint64_t request, const struct msg_not_given *m)
{
	struct gift *g = answered(set, request);
	bool sane = m->http_status > HTTP_OK && m->http_status <= HTTP_LAST;

	if (g != NULL)
		refuse(g, sane ? m->http_status : HTTP_BUSY);
}

/* --- the set ---------------------------------------------------------------------------------- */

int gives_new(struct gives **out, const struct gives_config *config)
{
	struct gives *set = calloc(1, sizeof *set);

	assert(ipc_row(IPC_give)->window >= GATEWAY_GIVES);
	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->config = *config;
	*out = set;
	return 0;
}

void gives_free(struct gives *set)
{
	struct gift *g;

	if (set == NULL)
		return;
	while ((g = set->first) != NULL) {
		assert(g->stream == NULL);
		set->first = g->next;
		if (g->fd >= 0)
			close(g->fd);
		free(g);
	}
	free(set);
}
