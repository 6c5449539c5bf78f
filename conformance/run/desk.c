#include "conformance/run/desk.h"

#include <poll.h>
#include <signal.h>
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
#define LOOK_MS 5
#define WAIT_SECONDS "5" /* of one request: within what a step may take */

struct desk {
	const struct target *target;
	const char *trigger, *dir;
	struct ledger *ledger;
	struct standing standing;
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

void desk_close(struct desk *d)
{
	if (d == NULL)
		return;
	ledger_free(d->ledger);
	free(d);
}

struct standing *desk_standing(struct desk *d)
{
	return &d->standing;
}

/* --- asking ---------------------------------------------------------------------------------- */

/* Did it end well, in bounded time? */
static bool pull(const struct desk *d, const char *const words[])
{
	int64_t deadline_ms = tls_now_ms() + d->target->wait_ms;
	pid_t child = trigger_start(d->trigger, d->target->parties->own->party, words);
	pid_t ended = 0;
	int status = 0;

	if (child < 0)
		return false;
	while ((ended = waitpid(child, &status, WNOHANG)) == 0 && tls_now_ms() < deadline_ms)
		(void)poll(NULL, 0, LOOK_MS);
	if (ended == 0) {
		(void)kill(child, SIGTERM);
		(void)waitpid(child, &status, 0);
		return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_of_desk(const struct draft *d)
{
	enum rxp_type type;

	return rxp_type_parse(&type, d->header.type) != 0 || rxp_type_row(type)->collected;
}

static int ask(struct desk *d, const char *case_id, const struct draft *wanted,
    const struct history *h, char why[OUTCOME_WHY])
{
	char path[4096], id[RXP_ID_TEXT] = "";
	bool by_desk = is_of_desk(wanted);
	int rc = files_write(d->dir, WANTED_FILE, &wanted->content);

	if (rc != 0)
		return rc;
	if (h->n > 0)
		rxp_id_text(id, h->header.case_id);
	(void)snprintf(path, sizeof path, "%s/%s", d->dir, WANTED_FILE);
	if (pull(d, (const char *const[]){case_id, by_desk ? "document" : "handed-over",
			by_desk ? path : "", id, NULL}))
		return 0;
	(void)snprintf(
	    why, OUTCOME_WHY, "the trigger does not have the product send %s", wanted->header.type);
	return 1;
}

/* --- fetching -------------------------------------------------------------------------------- */

/* The Receipt, and its entry of the log. */
static int receipt(struct desk *d, struct line *l, struct heard *of)
{
	struct rxp_log_entry entry = {.outcome = RXP_OUTCOME_RECEIPT};
	struct wire_response response;
	struct answering a;
	int rc = retort_make(&a, d->target->parties, d->ledger, of, NULL);

	wire_response_init(&response);
	if (rc == 0) {
		memcpy(entry.message_id, of->message_id, sizeof entry.message_id);
		memcpy(entry.fingerprint, of->fingerprint, sizeof entry.fingerprint);
		entry.received_ms = a.answer.received_ms;
		rc = ledger_add(d->ledger, &entry, a.text.data, a.text.len);
	}
	if (rc == 0 && (line_ask(l,
			    &(struct wire_request){.method = "POST",
				.path = "/rxp/1/answers",
				.content_type = "application/rxp+xml",
				.body = a.text.data,
				.body_len = a.text.len},
			    &response) != WIRE_NONE ||
			   response.status != 204))
		rc = RXP_ERR_STATE;
	wire_response_clear(&response);
	retort_clear(&a);
	return rc;
}

/* The next message, receipted; NULL: none within the time of one request. */
static int fetch(struct desk *d, struct line *l, struct heard **out)
{
	struct guest_facts nobody = {0};
	struct host_request request = {.line = &nobody};
	struct wire_response response;
	int rc = 0;

	*out = NULL;
	wire_response_init(&response);
	if (line_ask(l,
		&(struct wire_request){
		    .method = "GET", .path = "/rxp/1/messages?wait=" WAIT_SECONDS},
		&response) == WIRE_NONE &&
	    response.status == 200) {
		request.body = response.body;
		*out = heard_new(&request, d->target->parties);
		rc = *out == NULL ? RXP_ERR_NOMEM : 0;
	}
	if (rc == 0 && *out != NULL)
		rc = (*out)->stage == HEARD_OPENED ? receipt(d, l, *out) : RXP_ERR_STATE;
	if (rc != 0 && *out != NULL) {
		heard_free(*out);
		*out = NULL;
	}
	wire_response_clear(&response);
	return rc;
}

int desk_send(struct desk *d, struct line *l, const char *case_id, const struct draft *wanted,
    const struct history *h, struct heard **out, char why[OUTCOME_WHY])
{
	int64_t deadline_ms = tls_now_ms() + d->target->wait_ms;
	struct heard *came = NULL;
	int rc = ask(d, case_id, wanted, h, why);

	while (rc == 0 && tls_now_ms() < deadline_ms) {
		rc = fetch(d, l, &came);
		if (came == NULL)
			continue;
		if (strcmp(came->header.type, wanted->header.type) == 0 &&
		    (h->n == 0 ||
			memcmp(came->header.case_id, h->header.case_id, RXP_ID_OCTETS) == 0)) {
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
