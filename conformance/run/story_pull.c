/* Stories of requests for messages that wait (section 42). */
#include <stdio.h>
#include <string.h>

#include "conformance/hear/retorts.h"
#include "conformance/run/both.h"
#include "conformance/run/desk.h"
#include "conformance/run/story_tell.h"
#include "protocol/base/ident.h"

#define LONGEST_S 20
#define MOST_GIVEN 64
#define PATH_TEXT 96

/* How long a request is to wait: less than a step may take. */
static int seconds(const struct teller *t)
{
	int most = t->line.target->wait_ms / 1000 - 1;

	return most < 1 ? 1 : most > LONGEST_S ? LONGEST_S : most;
}

static int show(struct teller *t, const struct wire_response *r)
{
	(void)snprintf(t->out->seen, sizeof t->out->seen,
	    r->status == 0 ? "no response" : "the status %d", r->status);
	return rxp_buf_put(&t->out->received, r->body.data, r->body.len);
}

/* One waits, a later one does not. *lasted_ms: until both had their answers. */
static int have_two_wait(struct teller *t, int *status, int64_t *lasted_ms)
{
	char path[PATH_TEXT];
	struct wire_request requests[2] = {
	    {.method = "GET", .path = path}, {.method = "GET", .path = "/rxp/1/messages?wait=0"}};
	struct wire_response responses[2];
	int rc;

	(void)snprintf(path, sizeof path, "/rxp/1/messages?wait=%d", seconds(t));
	wire_response_init(&responses[0]);
	wire_response_init(&responses[1]);
	line_ask_beside(&t->line, requests, responses, lasted_ms);
	*status = responses[0].status;
	rc = show(t, &responses[0]);
	wire_response_clear(&responses[0]);
	wire_response_clear(&responses[1]);
	return rc;
}

/* Who has a message gives it at once, and nobody waits: it rests then (RXP-PUL-004), and the next tells. */
int tell_two_wait(struct teller *t)
{
	int64_t lasted_ms = 0;
	int status = 0, rc = have_two_wait(t, &status, &lasted_ms);

	for (int given = 1; rc == 0 && status == 200 && given < MOST_GIVEN; given++)
		rc = have_two_wait(t, &status, &lasted_ms);
	if (rc != 0)
		return rc;
	if (status == 200)
		return both_incomplete(t, "it gives messages all the time, so that none waits");
	if (status != 204)
		return teller_against(t, "the first does not end with 204");
	if (lasted_ms >= seconds(t) * 1000LL)
		return teller_against(t, "the first waits on, although a later one came");
	return 0;
}

/* A message of the product that is fetched, and has no answer yet. */
static int fetch_one(struct teller *t, struct heard **came)
{
	struct draft *wanted = teller_draft(t);
	int rc = both_has_desk(t);

	if (rc == 0)
		rc = teller_open(t, wanted);
	return rc == 0 ? both_fetch(t, wanted, came) : rc;
}

static int is_given_again(struct teller *t, const struct heard *came, const char *id)
{
	static const struct retort busy = {RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy, NULL};
	char path[PATH_TEXT];
	struct wire_request requests[2] = {{.method = "GET", .path = path}};
	struct wire_response responses[2];
	struct rxp_buf answer;
	int64_t ignored_ms;
	int rc;

	(void)snprintf(path, sizeof path, "/rxp/1/messages?wait=%d&skip=%s", seconds(t), id);
	wire_response_init(&responses[0]);
	wire_response_init(&responses[1]);
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = desk_make_answer(t->line.target->desk, came, &busy, &answer);
	if (rc == 0) {
		requests[1] = (struct wire_request){.method = "POST",
		    .path = "/rxp/1/answers",
		    .content_type = "application/rxp+xml",
		    .body = answer.data,
		    .body_len = answer.len};
		line_ask_beside(&t->line, requests, responses, &ignored_ms);
		rc = show(t, &responses[0]);
	}
	if (rc == 0 && responses[1].status != 204)
		rc = teller_against(t, "the Refusal `busy` is not taken");
	else if (rc == 0 && responses[0].status == 204)
		rc = both_incomplete(t, "it is not given again in time, and may rest longer");
	else if (rc == 0 && responses[0].status != 200)
		rc = teller_against(t, "it is not given again");
	wire_response_clear(&responses[0]);
	wire_response_clear(&responses[1]);
	rxp_buf_free(&answer);
	return rc;
}

int tell_no_more_in_work(struct teller *t)
{
	struct heard *came = NULL;
	char id[RXP_ID_TEXT];
	int ignored = 0, rc = fetch_one(t, &came);

	if (rc == 0) {
		rxp_id_text(id, came->message_id);
		rc = is_given_again(t, came, id);
	}
	if (came == NULL)
		return rc;
	if (came->stage == HEARD_OPENED)
		(void)desk_answer(t->line.target->desk, &t->line, came, NULL, true, &ignored);
	heard_free(came);
	return rc;
}
