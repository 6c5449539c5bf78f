#include "conformance/run/desk.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "conformance/hear/retort.h"
#include "conformance/run/trigger.h"
#include "conformance/state/files.h"
#include "conformance/state/ledger.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define WANTED_FILE "wanted.xml"
#define WANTED_PICTURE "wanted.jpg"
#define PICTURE_OCTETS 5000
#define LOOK_MS 5
#define MAX_PATH 256
#define MAX_LEFT 64

struct desk {
	const struct target *target;
	const char *trigger, *dir;
	struct ledger *ledger;
	struct standing standing;
	bool is_given_up; /* the trigger is pulled no more */
};

int desk_open(struct desk **out, const struct target *target, const char *trigger, const char *dir)
{
	struct desk *d = calloc(1, sizeof *d);
	int rc;

	if (d == NULL)
		return RXP_ERR_NOMEM;
	d->target = target;
	d->trigger = trigger;
	d->dir = dir;
	rc = ledger_open(
	    &d->ledger, dir, target->parties->own->party, product_party(target->parties->product));
	if (rc == 0)
		*out = d;
	else
		desk_close(d);
	return rc;
}

const struct ledger *desk_ledger(const struct desk *d)
{
	return d->ledger;
}

int desk_lose(struct desk *d, size_t n)
{
	return ledger_lose(d->ledger, n);
}

int desk_bring(struct desk *d, const struct rxp_buf *answer, enum ledger_back *out)
{
	return ledger_bring(d->ledger, answer->data, answer->len, out);
}

void desk_give_up(struct desk *d)
{
	d->is_given_up = true;
}

struct standing *desk_standing(struct desk *d)
{
	return &d->standing;
}

/* --- asking ---------------------------------------------------------------------------------- */

/* Did it end well, in bounded time? */
static bool pull(const struct desk *d, const char *const words[])
{
	int64_t deadline_ms = tls_now_ms() + (int64_t)TRIGGER_SLOWEST * d->target->wait_ms;
	pid_t child = trigger_start(d->trigger, d->target->parties->own->party, words);
	pid_t ended = 0;
	int status = 0;

	if (child < 0)
		return false;
	while ((ended = waitpid(child, &status, WNOHANG)) == 0 && tls_now_ms() < deadline_ms)
		(void)poll(NULL, 0, LOOK_MS);
	if (ended == 0) {
		trigger_end(child);
		return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_of_desk(const struct draft *d)
{
	enum rxp_type type;

	return rxp_type_parse(&type, d->header.type) != 0 || rxp_type_row(type)->collected;
}

int desk_ask(struct desk *d, const char *case_id, const struct draft *wanted,
    const struct history *h, char why[OUTCOME_WHY])
{
	char path[4096], picture[4096], id[RXP_ID_TEXT] = "";
	bool by_desk = is_of_desk(wanted), attaches = wanted->manifest.len > 0;
	const char *words[] = {case_id,
	    !by_desk   ? "handed-over"
	    : attaches ? "attached"
		       : "document",
	    by_desk ? path : "", id, attaches ? picture : NULL, NULL};
	int rc;

	if (d->is_given_up) {
		(void)snprintf(why, OUTCOME_WHY, TRIGGER_GIVEN_UP);
		return 1;
	}
	rc = files_write(d->dir, WANTED_FILE, &wanted->content);
	if (rc == 0 && attaches)
		rc = trigger_picture(d->dir, WANTED_PICTURE, PICTURE_OCTETS);
	if (rc != 0)
		return rc;
	if (h->n > 0)
		rxp_id_text(id, h->header.case_id);
	(void)snprintf(path, sizeof path, "%s/%s", d->dir, WANTED_FILE);
	(void)snprintf(picture, sizeof picture, "%s/%s", d->dir, WANTED_PICTURE);
	if (pull(d, words))
		return 0;
	(void)snprintf(
	    why, OUTCOME_WHY, "the trigger does not have the product send %s", wanted->header.type);
	return 1;
}

/* --- fetching -------------------------------------------------------------------------------- */

/* As in the log of the State: a Receipt, or a final Refusal. */
static int note(struct desk *d, const struct heard *of, const struct answering *a)
{
	bool receipt = a->answer.kind == RXP_ANSWER_RECEIPT;
	struct rxp_log_entry entry = {
	    .received_ms = receipt ? a->answer.received_ms : a->answer.created_ms,
	    .outcome = receipt ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL};
	const struct ledger_entry *stored = ledger_find(d->ledger, of->message_id);

	memcpy(entry.message_id, of->message_id, sizeof entry.message_id);
	memcpy(entry.fingerprint, of->fingerprint, sizeof entry.fingerprint);
	return stored != NULL ? 0 : ledger_add(d->ledger, &entry, a->text.data, a->text.len);
}

/* The answer that stands is given again, octet for octet. */
static struct wire_request post_of(
    const struct desk *d, const struct heard *of, const struct answering *a)
{
	const struct ledger_entry *stored = ledger_find(d->ledger, of->message_id);
	const struct rxp_buf *body = stored != NULL ? &stored->answer : &a->text;

	return (struct wire_request){.method = "POST",
	    .path = "/rxp/1/answers",
	    .content_type = "application/rxp+xml",
	    .body = body->data,
	    .body_len = body->len};
}

int desk_make_answer(
    const struct desk *d, const struct heard *of, const struct retort *retort, struct rxp_buf *out)
{
	struct answering a;
	int rc = retort_make(&a, d->target->parties, d->ledger, of, retort);

	if (rc == 0)
		rc = rxp_buf_put(out, a.text.data, a.text.len);
	retort_clear(&a);
	return rc;
}

int desk_answer(struct desk *d, struct line *l, struct heard *of, const struct retort *retort,
    bool final, int *status)
{
	struct wire_response response;
	struct wire_request post;
	struct answering a;
	int rc = retort_make(&a, d->target->parties, d->ledger, of, retort);

	wire_response_init(&response);
	if (rc == 0 && (retort == NULL || final))
		rc = note(d, of, &a);
	if (rc == 0) {
		post = post_of(d, of, &a);
		(void)line_ask(l, &post, &response);
		*status = response.status;
	}
	wire_response_clear(&response);
	retort_clear(&a);
	return rc;
}

int desk_fetch(struct desk *d, struct line *l, const char *query, int *status, struct heard **out)
{
	struct guest_facts nobody = {0};
	struct host_request request = {.line = &nobody};
	struct wire_response response;
	char path[MAX_PATH];
	int rc = 0;

	*out = NULL;
	(void)snprintf(path, sizeof path, "/rxp/1/messages%s", query);
	wire_response_init(&response);
	(void)line_ask(l, &(struct wire_request){.method = "GET", .path = path}, &response);
	*status = response.status;
	if (response.status == 200) {
		request.body = response.body;
		*out = heard_new(&request, d->target->parties);
		rc = *out == NULL ? RXP_ERR_NOMEM : 0;
	}
	wire_response_clear(&response);
	return rc;
}

/* The next message, receipted; NULL: there is none now. *again: the State has an answer to it already. */
static int take(struct desk *d, struct line *l, struct heard **out, bool *again)
{
	int status = 0, rc = desk_fetch(d, l, "", &status, out);

	*again = rc == 0 && *out != NULL && ledger_find(d->ledger, (*out)->message_id) != NULL;
	if (rc == 0 && *out != NULL)
		rc = (*out)->stage == HEARD_OPENED ? desk_answer(d, l, *out, NULL, true, &status)
						   : RXP_ERR_STATE;
	if (rc == 0 && *out != NULL && status != 204)
		rc = RXP_ERR_STATE;
	if (rc != 0 && *out != NULL) {
		heard_free(*out);
		*out = NULL;
	}
	return rc;
}

/* Is it what was asked for? What is sent again since its answer was lost (RXP-NOT-006) may be of the same type, but of an older case. */
static bool is_wanted(
    const struct heard *came, bool again, const struct draft *wanted, const struct history *h)
{
	return !again && strcmp(came->header.type, wanted->header.type) == 0 &&
	       (h->n == 0 || memcmp(came->header.case_id, h->header.case_id, RXP_ID_OCTETS) == 0);
}

int desk_send(struct desk *d, struct line *l, const char *case_id, const struct draft *wanted,
    const struct history *h, struct heard **out, char why[OUTCOME_WHY])
{
	int64_t deadline_ms = tls_now_ms() + d->target->wait_ms;
	struct heard *came = NULL;
	bool again = false;
	int rc = desk_ask(d, case_id, wanted, h, why);

	while (rc == 0 && tls_now_ms() < deadline_ms) {
		rc = take(d, l, &came, &again);
		if (came == NULL) {
			(void)poll(NULL, 0, LOOK_MS);
			continue;
		}
		if (is_wanted(came, again, wanted, h)) {
			*out = came;
			return 0;
		}
		heard_free(came);
	}
	if (rc == RXP_ERR_STATE || rc == 0) {
		(void)snprintf(why, OUTCOME_WHY, "of the product comes no %s that can be fetched",
		    wanted->header.type);
		rc = 1;
	}
	return rc;
}

/* What still comes is receipted, so that nothing waits for the State when the next run begins. */
static void drain(struct desk *d)
{
	struct line l = {.target = d->target};
	struct heard *came = NULL;
	bool again = false;

	for (int i = 0; i < MAX_LEFT && take(d, &l, &came, &again) == 0 && came != NULL; i++)
		heard_free(came);
	line_hang_up(&l);
}

void desk_close(struct desk *d)
{
	if (d == NULL)
		return;
	if (d->ledger != NULL)
		drain(d);
	ledger_free(d->ledger);
	free(d);
}
