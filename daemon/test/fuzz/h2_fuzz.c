/*
 * Input: an octet that says which side we are and in how large pieces the rest comes, then HTTP/2 frames
 * of the peer. The preface and a SETTINGS frame go before them.
 * Promise: every stream that began has ended once the session is gone, and each is told so once.
 * links: gateway
 */
#include <string.h>

#include "daemon/gateway/h2.h"
#include "protocol/test/fuzz/fuzz.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define BODY_MAX 4096 /* octets */
#define FAR_MS INT64_MAX

static struct {
	unsigned began, ended;
} streams;

static void on_head(void *arg, struct h2_stream *s)
{
	(void)arg;
	streams.began++;
	h2_stream_bound(s, BODY_MAX, FAR_MS);
}

static void on_whole(void *arg, struct h2_stream *s)
{
	const struct h2_response response = {.status = 200,
	    .type = "text/plain",
	    .body = (const uint8_t *)"x",
	    .len = 1,
	    .deadline_ms = FAR_MS};
	bool *server = arg;

	if (*server)
		(void)h2_respond(s, &response);
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	const struct h2_response response = {.status = 413, .deadline_ms = FAR_MS};
	bool *server = arg;

	(void)fault;
	if (*server && !h2_stream_answered(s))
		(void)h2_respond(s, &response);
	else if (!*server)
		h2_cancel(s);
}

static void on_stream(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end end)
{
	(void)arg;
	(void)s;
	(void)end;
	streams.ended++;
}

static void on_host(void *arg)
{
	(void)arg;
}

static void on_abuse(void *arg, const char *why)
{
	(void)arg;
	MUST(why != NULL);
}

static void drain(struct h2 *h)
{
	uint8_t out[4096];
	size_t n = 1;

	while (n > 0 && h2_fill(h, out, sizeof out, &n) == 0)
		;
	h2_flushed(h);
}

static void ask(struct h2 *h)
{
	const struct h2_request request = {.method = "POST",
	    .path = "/rxp/1/messages",
	    .authority = "localhost:1",
	    .type = "application/rxp+xml",
	    .body = (const uint8_t *)"x",
	    .len = 1,
	    .max_body = BODY_MAX,
	    .deadline_ms = FAR_MS};
	struct h2_stream *s;

	for (int i = 0; i < 2; i++)
		MUST(h2_request(h, &request, &s) == 0);
}

static int give(struct h2 *h, const void *octets, size_t len)
{
	int rc = h2_recv(h, octets, len);

	drain(h);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static const struct h2_calls calls = {.head = on_head,
	    .whole = on_whole,
	    .fault = on_fault,
	    .sent = on_stream,
	    .late = on_stream,
	    .gone = on_gone};
	static const struct h2_host host = {.wake = on_host, .settled = on_host, .abuse = on_abuse};
	bool server = len > 0 && octets[0] % 2 == 0;
	size_t piece = len > 0 && octets[0] >= 64 ? 1 + octets[0] % 7U : len;
	const struct h2_config config = {.side = server ? H2_SERVER : H2_CLIENT,
	    .calls = &calls,
	    .arg = &server,
	    .host = &host,
	    .head_ms = 1000};
	struct h2 *h = NULL;

	if (len == 0)
		return 0;
	memset(&streams, 0, sizeof streams);
	MUST(h2_new(&h, &config) == 0);
	if (!server)
		ask(h);
	drain(h);
	if (server)
		MUST(give(h, PREFACE, sizeof PREFACE - 1) == 0);
	MUST(give(h, SETTINGS, sizeof SETTINGS - 1) == 0);
	for (size_t at = 1; at < len; at += piece)
		if (give(h, octets + at, len - at < piece ? len - at : piece) != 0)
			break;
	h2_expire(h, 0);
	h2_free(h);
	MUST(streams.ended >= streams.began);
	return 0;
}
