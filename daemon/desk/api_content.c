/* The content of a message, or its sealed Document: the registry journals who reads and why, and gives a ticket; a sealer
 * opens the Envelope with it. */
#include "daemon/desk/api.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/limits.h"

#define NOT_SHOWN "Readmit-Not-Shown"
#define NOT_SHOWN_TEXT (4 * RXP_MAX_PERSONS + 1)
#define CORRECTED "Readmit-Corrected"
#define ASKED "Readmit-Correction-Asked"

/* What an answer says beside the content. */
struct reading {
	bool changes; /* what was corrected is asked for, and not the content */
	bool whole;
	char not_shown[NOT_SHOWN_TEXT], corrected[16], asked[16];
};

/* Whom the answer does not show: a header says so, since the content looks whole without them. */
static void name_hidden(struct reading *k, uint32_t hidden)
{
	size_t used = 0;

	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++)
		if ((hidden & UINT32_C(1) << at) != 0)
			used += (size_t)snprintf(k->not_shown + used, sizeof(k->not_shown) - used,
			    "%sP%u", used > 0 ? " " : "", at + 1);
}

static int count(void *arg, const void *record)
{
	unsigned *n = arg;

	(void)record;
	++*n;
	return 0;
}

static void reply_content(struct http_request *r, const struct msg_content *m)
{
	struct reading *k = http_kept(r);
	struct http_reply reply = {.status = 200,
	    .media = "application/xml",
	    .octets = m->content.data,
	    .len = m->content.len};
	size_t headers = 0;
	unsigned n = 0;
	int rc = row_each(m->corrected, REC_corrected_row, count, &n);

	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	if (k->not_shown[0] != '\0')
		reply.headers[headers++] = (struct http_header){NOT_SHOWN, k->not_shown};
	if (n > 0) {
		snprintf(k->corrected, sizeof(k->corrected), "%u", n);
		reply.headers[headers++] = (struct http_header){CORRECTED, k->corrected};
	}
	if (k->asked[0] != '\0')
		reply.headers[headers] = (struct http_header){ASKED, k->asked};
	http_reply(r, &reply);
}

/* RXP-COR-015 */
static void reply_corrected(struct http_request *r, const struct msg_content *m)
{
	json_t *items = NULL;
	int rc = row_list(&items, m->corrected, REC_corrected_row);

	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o}", "items", items));
}

static void content_read(struct http_request *r, const struct link_message *answer)
{
	const struct msg_content *m = answer->body;
	const struct reading *k = http_kept(r);

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else if (k->changes)
		reply_corrected(r, m);
	else
		reply_content(r, m);
}

static void permitted(struct http_request *r, const struct link_message *answer)
{
	const struct msg_content_ticket *m = answer->body;
	struct reading *k = http_kept(r);

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem[0] != '\0' ? m->problem : NULL);
	} else if (k->whole && m->hidden != 0) {
		problem_reply(
		    r, PROBLEM_STATE, "its sealed document names persons who are not shown");
	} else if (k->whole && m->parted != 0) {
		problem_reply(
		    r, PROBLEM_STATE, "its sealed document has what a correction took out");
	} else {
		name_hidden(k, m->hidden);
		if (m->asked != 0)
			snprintf(k->asked, sizeof(k->asked), "%u", (unsigned)m->asked);
		ask_put(http_api(r)->ask, r, IPC_read,
		    &(struct msg_read){.ticket = m->ticket,
			.whole = k->whole,
			.envelope = m->envelope,
			.corrections = m->corrections},
		    false, content_read);
	}
}

static void read_message(struct http_request *r, bool disputes, struct reading as)
{
	struct msg_content_get m = {.disputes = disputes};
	struct reading *k = malloc(sizeof(*k));

	if (k == NULL) {
		http_abandon(r);
		return;
	}
	*k = as;
	http_keep(r, k, free);
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", http_header(r, "Readmit-Reason"));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_content_get, &m, false, permitted);
}

void api_message_content(struct http_request *r)
{
	read_message(r, false, (struct reading){.whole = false});
}

void api_message_document(struct http_request *r)
{
	read_message(r, false, (struct reading){.whole = true});
}

void api_message_blocked(struct http_request *r)
{
	read_message(r, true, (struct reading){.whole = false});
}

void api_message_corrections(struct http_request *r)
{
	read_message(r, false, (struct reading){.changes = true});
}

void api_inbox_content(struct http_request *r)
{
	read_message(r, false, (struct reading){.whole = false});
}

void api_inbox_document(struct http_request *r)
{
	read_message(r, false, (struct reading){.whole = true});
}

static void acked(struct http_request *r, const struct link_message *answer)
{
	const struct msg_inbox_acked *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_inbox_ack(struct http_request *r)
{
	struct msg_inbox_ack m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_inbox_ack, &m, false, acked);
}
