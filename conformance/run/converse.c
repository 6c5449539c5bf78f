#include "conformance/run/converse.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "conformance/message/attached.h"
#include "conformance/run/control.h"
#include "conformance/run/form.h"
#include "conformance/run/line.h"
#include "conformance/run/seen.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/envelope/envelope.h"

#define MESSAGES "/rxp/1/messages"
#define MAX_PATH 2048
#define DATE_TEXT 96
#define AGO_S 2 /* of what is said to be just now: the clock of a product may be a little behind */
#define MAX_BODY_OCTETS (4UL * 1024 * 1024)

/* An exchange on its way to its outcome. */
struct talk {
	const struct exchange *exchange;
	struct outcome *out;
	struct line line;
	struct draft application;
	struct rxp_buf answer; /* the last one to it */
	char name[ATTACHED_NAME], id[RXP_ID_TEXT];
};

/* What a step got, and what is wrong with it besides. */
struct got {
	struct seen seen;
	const char *fault; /* NULL: nothing */
	bool disturbed; /* the product gave a message that it has for the State */
};

static void words_of(char out[SEEN_WORDS], const struct exchange_step *s)
{
	seen_words(out, &s->expected);
	if (s->or_status != 0)
		(void)snprintf(
		    out + strlen(out), SEEN_WORDS - strlen(out), ", or %d", s->or_status);
}

void converse_describe(struct outcome *out, const struct exchange *e)
{
	const struct exchange_step *s = &e->tried;

	outcome_init(out, &e->facts,
	    s->method[0] == '\0' ? "an application with an attachment" : body_words(s->body),
	    stage_word(STAGE_REQUEST));
	words_of(out->expected, s);
}

/* --- requests -------------------------------------------------------------------------------- */

/* Put what stands for the marks of the path. */
static int write_path(struct rxp_buf *out, const struct talk *t, const char *path)
{
	int rc = 0;

	while (*path != '\0' && rc == 0) {
		if (strncmp(path, "@NAME@", 6) == 0) {
			rc = rxp_buf_puts(out, t->name);
			path += 6;
		} else if (strncmp(path, "@ID@", 4) == 0) {
			rc = rxp_buf_puts(out, t->id);
			path += 4;
		} else {
			rc = rxp_buf_putc(out, (uint8_t)*path++);
		}
	}
	return rc == 0 ? rxp_buf_putc(out, '\0') : rc;
}

/* A time of HTTP (RFC 9110, section 5.6.7), in English whatever the locale is. */
static const char *field_value(const char *value, char date[DATE_TEXT])
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t at = (time_t)(moment_now_ms() / 1000) - AGO_S;
	struct tm utc;

	if (value == NULL || strcmp(value, "@JUST NOW@") != 0 || gmtime_r(&at, &utc) == NULL)
		return value;
	(void)snprintf(date, DATE_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
	    utc.tm_mday, months[utc.tm_mon], 1900 + utc.tm_year, utc.tm_hour, utc.tm_min,
	    utc.tm_sec);
	return date;
}

static bool is_of_file(enum body body)
{
	return body == BODY_FILE || body == BODY_FILE_BIT;
}

/* One request; body and path live until its response is there. */
static int ask(struct talk *t, const struct exchange_step *s, struct got *got,
    struct wire_response *response, struct rxp_buf *path, struct rxp_buf *body)
{
	size_t from = (size_t)s->from,
	       to = s->to == EXCHANGE_END ? t->application.file.len : (size_t)s->to;
	struct wire_request request = {.method = s->method, .content_type = s->type};
	char range[64], date[DATE_TEXT];
	int rc = write_path(path, t, s->path);

	if (rc == 0)
		rc = body_make(body, s->body, &t->application, &t->answer);
	if (rc != 0)
		return rc;
	request.path = (const char *)path->data;
	request.fields[0] = (struct wire_field){s->field, field_value(s->value, date)};
	if (s->body != BODY_NONE) {
		request.body = body->len > 0 ? body->data : (const uint8_t *)"";
		request.body_len = body->len;
	}
	if (is_of_file(s->body)) {
		request.body += from;
		request.body_len = to - from;
		(void)snprintf(range, sizeof range, "bytes %zu-%zu/%zu", from, to - 1,
		    t->application.file.len);
		request.fields[0] =
		    (struct wire_field){"content-range", s->range != NULL ? s->range : range};
	}
	if (s == &t->exchange->tried && request.body_len > 0)
		(void)rxp_buf_put(&t->out->sent, request.body, request.body_len);
	got->seen = (struct seen){.what = {EXPECT_NO_HTTP, 0}};
	got->seen.end = line_ask(&t->line, &request, response);
	if (response->status != 0)
		got->seen.what = (struct expect){EXPECT_STATUS, response->status};
	return 0;
}

/* The application itself; the octets that were given before are EXPECT_SAME. */
static int send_application(struct talk *t, struct got *got, struct wire_response *response)
{
	bool again = t->answer.len > 0;
	int rc = 0;

	line_send(&t->line, &t->application, &got->seen, response);
	if (again && response->body.len == t->answer.len &&
	    memcmp(response->body.data, t->answer.data, t->answer.len) == 0)
		got->seen.what = (struct expect){EXPECT_SAME, 0};
	if (got->seen.what.kind == EXPECT_RECEIPT)
		rc = rxp_buf_put(&t->answer, response->body.data, response->body.len);
	return rc;
}

static const char *fault_of(
    const struct talk *t, const struct exchange_step *s, const struct wire_response *response)
{
	long offset = s->offset == EXCHANGE_END ? (long)t->application.file.len : s->offset;
	char text[24];

	(void)snprintf(text, sizeof text, "%ld", offset);
	if (s->offset != EXCHANGE_NO_OFFSET && strcmp(text, response->offset) != 0)
		return "its rxp-offset is not what is held";
	return form_fault(s->form, t->line.target->parties, response);
}

/* Where no message was to be, there is one: that is nobody's fault. */
static bool is_message(
    const struct talk *t, const struct exchange_step *s, const struct wire_response *response)
{
	struct rxp_envelope *e = NULL;
	bool is;

	if (s->path == NULL || strncmp(s->path, MESSAGES, sizeof MESSAGES - 1) != 0 ||
	    response->status != 200)
		return false;
	is = rxp_envelope_parse(&e, response->body.data, response->body.len) == 0 &&
	     strcmp(rxp_envelope_outer(e)->to, t->line.target->parties->own->party) == 0;
	rxp_envelope_free(e);
	return is;
}

static int take_step(struct talk *t, const struct exchange_step *s, struct got *got)
{
	struct wire_response response;
	struct rxp_buf path, body;
	int rc;

	*got = (struct got){.fault = NULL};
	wire_response_init(&response);
	rxp_buf_init(&path, MAX_PATH);
	rxp_buf_init(&body, MAX_BODY_OCTETS);
	rc = s->method[0] == '\0' ? send_application(t, got, &response)
				  : ask(t, s, got, &response, &path, &body);
	if (rc == 0) {
		got->fault = fault_of(t, s, &response);
		got->disturbed = is_message(t, s, &response);
	}
	if (s == &t->exchange->tried) {
		(void)rxp_buf_put(&t->out->received, response.body.data, response.body.len);
		t->out->status = response.status;
	}
	wire_response_clear(&response);
	rxp_buf_free(&path);
	rxp_buf_free(&body);
	return rc;
}

static bool is_wanted(const struct exchange_step *s, const struct expect *what)
{
	return (what->kind == s->expected.kind && what->value == s->expected.value) ||
	       (s->or_status != 0 && what->kind == EXPECT_STATUS && what->value == s->or_status);
}

/* --- the steps ------------------------------------------------------------------------------- */

/* Rules, and returns a positive number, if one does not get what it must. */
static int take_steps(struct talk *t, const struct exchange_step *steps, enum verdict otherwise)
{
	char wanted[SEEN_WORDS], words[SEEN_WORDS];

	for (size_t i = 0; i < EXCHANGE_MAX_STEPS && steps[i].method != NULL; i++) {
		const struct exchange_step *s = &steps[i];
		struct got got;
		int rc = take_step(t, s, &got);

		if (rc != 0)
			return rc;
		if (is_wanted(s, &got.seen.what) && got.fault == NULL)
			continue;
		words_of(wanted, s);
		seen_words(words, &got.seen.what);
		outcome_rule(t->out, line_verdict(&t->line, t->out, otherwise),
		    "%s, '%s %s' wants %s and gets %s%s%s",
		    otherwise == VERDICT_INCOMPLETE ? "before it" : "after it",
		    s->method[0] == '\0' ? "the application" : s->method,
		    s->path == NULL ? "" : s->path, wanted, words, got.fault == NULL ? "" : ": ",
		    got.fault == NULL ? "" : got.fault);
		return 1;
	}
	return 0;
}

static int try_it(struct talk *t)
{
	const struct exchange_step *s = &t->exchange->tried;
	struct got got;
	int rc = take_step(t, s, &got);

	if (rc != 0)
		return rc;
	if (got.disturbed) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "the product has a message of its own for this State: let it come first");
		return 1;
	}
	seen_judge(t->out, &got.seen, is_wanted(s, &got.seen.what) ? &got.seen.what : &s->expected);
	if (t->out->verdict == VERDICT_PASS && got.fault != NULL)
		outcome_rule(t->out, outcome_against(t->out), "%s", got.fault);
	return 0;
}

static int run(struct talk *t)
{
	int rc;

	if (!control(t->out, &t->line, BASE_PING, VERDICT_INCOMPLETE, "before it"))
		return 1;
	rc = take_steps(t, t->exchange->before, VERDICT_INCOMPLETE);
	if (rc == 0)
		rc = try_it(t);
	/* What follows is tried on a connection that has seen nothing. */
	line_hang_up(&t->line);
	if (rc == 0 && outcome_goes_on(t->out))
		rc = take_steps(t, t->exchange->after, VERDICT_FAIL);
	if (rc == 0 && outcome_goes_on(t->out))
		(void)control(t->out, &t->line, BASE_PING, VERDICT_FAIL, "after it");
	return rc;
}

static int make_application(struct talk *t)
{
	int rc =
	    draft_begin(&t->application, t->line.target->parties, BASE_ATTACHED, moment_now_ms());

	if (rc == 0)
		rc = draft_make(&t->application, NULL);
	if (rc == 0)
		rc = attached_name(t->name, &t->application.file);
	rxp_id_text(t->id, t->application.header.outer.message_id);
	return rc;
}

void converse_run(struct outcome *out, const struct exchange *e, const struct target *target)
{
	struct talk t = {.exchange = e, .out = out, .line = {.target = target}};
	int64_t began_ms = tls_now_ms();
	int rc = make_application(&t);

	rxp_buf_init(&t.answer, WIRE_MAX_RESPONSE_OCTETS);
	if (rc == 0)
		rc = run(&t);
	if (rc < 0)
		outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	rxp_buf_free(&t.answer);
	draft_clear(&t.application);
	line_judge(&t.line, out);
	line_hang_up(&t.line);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
