/* What cases change in the response that carries an answer, and in how it is given (retorts.h). */
#include "conformance/hear/retorts.h"

#include <string.h>

#include <openssl/rand.h>

#include "conformance/state/ledger.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define NOISE_OCTETS 1000
#define HUGE_OCTETS (512UL * 1024)
#define SLOW_MS 1500
#define MIDDLE(a) ((long)((a)->text.len / 2))
/* error codes of HTTP/2 (RFC 9113, section 7) */
#define INTERNAL_ERROR 2
#define REFUSED_STREAM 7
#define CANCEL 8

/* --- of a length ------------------------------------------------------------------------------- */

/* Blanks behind the name of its root: the canonical form has none of them, so that its seal stays right. */
static int pad(struct answering *a, size_t len)
{
	static const char root[] = "<Receipt";
	const size_t before = sizeof root - 1, more = len - a->text.len;
	uint8_t *room;
	int rc;

	if (a->text.len > len || memcmp(a->text.data, root, before) != 0)
		return RXP_ERR_NOT_FOUND;
	rc = rxp_buf_room(&a->text, more, &room);
	if (rc != 0)
		return rc;
	memmove(a->text.data + before + more, a->text.data + before, len - more - before);
	memset(a->text.data + before, ' ', more);
	return 0;
}

int retort_largest(struct answering *a)
{
	return pad(a, RXP_MAX_ANSWER_OCTETS);
}

int retort_too_large(struct answering *a)
{
	return pad(a, RXP_MAX_ANSWER_OCTETS + 1);
}

/* --- another response ------------------------------------------------------------------------ */

static int respond(struct answering *a, int status, const char *type, const char *body)
{
	a->reply = (struct host_reply){.status = status, .type = type};
	if (body != NULL) {
		a->reply.body = (const uint8_t *)body;
		a->reply.body_len = strlen(body);
	}
	return 0;
}

static int moved(struct answering *a, int status)
{
	(void)respond(a, status, NULL, NULL);
	a->reply.fields[0] = (struct wire_field){"location", "/rxp/1/elsewhere"};
	return 0;
}

static const char PAGE[] =
    "<!DOCTYPE html><html><body>the service is not available</body></html>\n";

int retort_empty(struct answering *a)
{
	return respond(a, 200, a->reply.type, NULL);
}

int retort_no_content(struct answering *a)
{
	return respond(a, 204, NULL, NULL);
}

int retort_unreadable(struct answering *a)
{
	return respond(a, 422, NULL, NULL);
}

int retort_unavailable(struct answering *a)
{
	return respond(a, 503, NULL, NULL);
}

int retort_retry_after(struct answering *a)
{
	(void)respond(a, 503, NULL, NULL);
	a->reply.fields[0] = (struct wire_field){"retry-after", "1"};
	return 0;
}

int retort_page_500(struct answering *a)
{
	return respond(a, 500, "text/html", PAGE);
}

int retort_page_200(struct answering *a)
{
	return respond(a, 200, "text/html", PAGE);
}

int retort_json(struct answering *a)
{
	return respond(a, 200, "application/json", "{\"status\":\"received\"}");
}

int retort_no_type(struct answering *a)
{
	a->reply.type = NULL;
	return 0;
}

int retort_type_with_charset(struct answering *a)
{
	a->reply.type = "application/rxp+xml; charset=utf-8";
	return 0;
}

int retort_type_in_capitals(struct answering *a)
{
	a->reply.type = "Application/RXP+XML";
	return 0;
}

int retort_text_xml(struct answering *a)
{
	a->reply.type = "text/xml";
	return 0;
}

int retort_moved_301(struct answering *a)
{
	return moved(a, 301);
}

int retort_moved_307(struct answering *a)
{
	return moved(a, 307);
}

int retort_moved_308(struct answering *a)
{
	return moved(a, 308);
}

int retort_unauthorized(struct answering *a)
{
	return respond(a, 401, NULL, NULL);
}

int retort_unknown(struct answering *a)
{
	return respond(a, 404, NULL, NULL);
}

int retort_too_large_413(struct answering *a)
{
	return respond(a, 413, NULL, NULL);
}

/* What the text is now is the body. */
static int with_text(struct answering *a)
{
	a->reply.body = a->text.data;
	a->reply.body_len = a->text.len;
	return rxp_buf_error(&a->text);
}

static int fill_with(struct answering *a, size_t len)
{
	uint8_t *room;
	int rc = rxp_buf_room(&a->text, len, &room);

	if (rc == 0 && RAND_bytes(room, (int)len) != 1)
		rc = RXP_ERR_CRYPTO;
	return rc == 0 ? with_text(a) : rc;
}

int retort_noise(struct answering *a)
{
	rxp_buf_reset(&a->text);
	return fill_with(a, NOISE_OCTETS);
}

int retort_cut(struct answering *a)
{
	a->reply.body_len /= 2;
	return 0;
}

int retort_followed(struct answering *a)
{
	(void)rxp_buf_puts(&a->text, "<Receipt/>");
	return with_text(a);
}

int retort_of_before(struct answering *a)
{
	const struct ledger *l = a->ledger;

	if (l->n == 0)
		return RXP_ERR_NOT_FOUND;
	rxp_buf_reset(&a->text);
	(void)rxp_buf_put(
	    &a->text, l->entries[l->n - 1].answer.data, l->entries[l->n - 1].answer.len);
	return with_text(a);
}

int retort_twice(struct answering *a)
{
	size_t len = a->text.len;
	uint8_t *room;

	if (rxp_buf_room(&a->text, len, &room) == 0)
		memcpy(room, a->text.data, len);
	return with_text(a);
}

/* The Receipt stands first: who stops to read at the bound, or looks at its beginning alone, finds it. */
int retort_large(struct answering *a)
{
	while (a->text.len <= RXP_MAX_ANSWER_OCTETS && rxp_buf_putc(&a->text, '\n') == 0)
		;
	return with_text(a);
}

int retort_huge(struct answering *a)
{
	return fill_with(a, HUGE_OCTETS);
}

/* --- the right answer, in another way -------------------------------------------------------- */

int retort_under_409(struct answering *a)
{
	a->reply.status = 409;
	return 0;
}

int retort_under_500(struct answering *a)
{
	a->reply.status = 500;
	return 0;
}

int retort_under_503(struct answering *a)
{
	a->reply.status = 503;
	return 0;
}

int retort_trickle(struct answering *a)
{
	a->reply.piece = 1;
	return 0;
}

int retort_slow(struct answering *a)
{
	a->reply.delay_ms = SLOW_MS;
	return 0;
}

int retort_more_fields(struct answering *a)
{
	a->reply.fields[0] = (struct wire_field){"server", "unnamed"};
	a->reply.fields[1] = (struct wire_field){"x-request-id", "4711"};
	a->reply.fields[2] = (struct wire_field){"cache-control", "no-store"};
	return 0;
}

int retort_last_stream(struct answering *a)
{
	a->reply.fault = HOST_LAST;
	return 0;
}

/* --- faults ---------------------------------------------------------------------------------- */

static int fault(struct answering *a, enum host_fault what, long at)
{
	a->reply.fault = what;
	a->reply.at = at;
	return 0;
}

static int reset(struct answering *a, unsigned code, long at)
{
	a->reply.code = code;
	return fault(a, HOST_RESET, at);
}

int retort_reset(struct answering *a)
{
	return reset(a, INTERNAL_ERROR, HOST_NO_HEAD);
}

int retort_reset_refused(struct answering *a)
{
	return reset(a, REFUSED_STREAM, HOST_NO_HEAD);
}

int retort_reset_cancel(struct answering *a)
{
	return reset(a, CANCEL, HOST_NO_HEAD);
}

int retort_reset_after_head(struct answering *a)
{
	return reset(a, INTERNAL_ERROR, 0);
}

int retort_reset_in_body(struct answering *a)
{
	return reset(a, INTERNAL_ERROR, MIDDLE(a));
}

int retort_closed(struct answering *a)
{
	return fault(a, HOST_CLOSE, HOST_NO_HEAD);
}

int retort_cut_before_head(struct answering *a)
{
	return fault(a, HOST_CUT, HOST_NO_HEAD);
}

int retort_cut_after_head(struct answering *a)
{
	return fault(a, HOST_CUT, 0);
}

int retort_cut_in_body(struct answering *a)
{
	return fault(a, HOST_CUT, MIDDLE(a));
}

int retort_cut_at_end(struct answering *a)
{
	return fault(a, HOST_CUT, HOST_WHOLE);
}

int retort_abort(struct answering *a)
{
	return fault(a, HOST_ABORT, HOST_NO_HEAD);
}

int retort_abort_in_body(struct answering *a)
{
	return fault(a, HOST_ABORT, MIDDLE(a));
}

int retort_away(struct answering *a)
{
	return fault(a, HOST_AWAY, HOST_NO_HEAD);
}

/* Length, type, flags and stream of a frame (RFC 9113, section 4.1), and what it holds. */
static int break_by(struct answering *a, const uint8_t *frame, size_t len)
{
	a->reply.frame = frame;
	a->reply.frame_len = len;
	return fault(a, HOST_BREAK, HOST_WHOLE);
}

int retort_break_data(struct answering *a)
{
	static const uint8_t data_of_no_stream[] = {0, 0, 1, 0, 0, 0, 0, 0, 0, 0};

	return break_by(a, data_of_no_stream, sizeof data_of_no_stream);
}

int retort_break_ping(struct answering *a)
{
	static const uint8_t short_ping[] = {0, 0, 7, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7};

	return break_by(a, short_ping, sizeof short_ping);
}

int retort_break_window(struct answering *a)
{
	static const uint8_t no_increment[] = {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	return break_by(a, no_increment, sizeof no_increment);
}
