#include "daemon/registry/desk/file_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/retention/show.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_correction.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

struct file_reads {
	struct node *node;
	const struct terms *terms;
	struct reading *first; /* at most the window of the request */
};

struct reading {
	struct reading *next;
	struct file_reads *set;
	uint64_t request;
	int fd;
	int64_t at_ms;
	char user[RECORD_NAME_MAX], reason[RECORD_NAME_MAX];
	struct show show; /* of the message */
	struct store_file file;
	struct rxp_buf key;
	struct store_item item;
};

static void reading_free(struct reading *r)
{
	if (r->fd >= 0)
		close(r->fd);
	rxp_buf_free(&r->key);
	free(r);
}

/* Its answer was given. */
static void forget(struct reading *r)
{
	struct reading **at = &r->set->first;

	while (*at != NULL && *at != r)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every reading in work is in the list */
	*at = r->next;
	reading_free(r);
}

static void answer_not_got(struct node *n, uint64_t request, int result, const char *problem)
{
	struct msg_attachment_not_got m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem != NULL ? problem : "");
	link_answer(n->desk, IPC_attachment_not_got, request, &m, NULL, 0);
}

static void end_reading(struct reading *r, int result)
{
	answer_not_got(r->set->node, r->request, result, r->show.problem);
	forget(r);
}

static void ticket_made(void *arg, int result, const struct link_message *answer)
{
	struct reading *r = arg;
	const struct msg_attachment_ticketed *m = answer != NULL ? answer->body : NULL;
	struct msg_attachment_got a = {.ticket = {NULL, 0}};
	struct rxp_buf row;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	rxp_buf_init(&row, IPC_INLINE_MAX);
	if (rc == 0)
		rc = store_file_encode(&row, &r->file);
	if (rc != 0) {
		end_reading(r, rc);
	} else {
		a.row = (struct bytes){.data = row.data, .len = row.len};
		a.ticket = m->ticket;
		link_answer(r->set->node->desk, IPC_attachment_got, r->request, &a, &r->fd, 1);
		forget(r);
	}
	rxp_buf_free(&row);
}

static int reading_apply(void *arg, struct db *db)
{
	const struct reading *r = arg;

	return store_journal(
	    db, &(struct store_journal_entry){.at_ms = r->at_ms,
		    .user = r->user,
		    .action = r->show.blocked ? JOURNAL_BLOCKED_READ : JOURNAL_ATTACHMENT_READ,
		    .reason = r->reason,
		    .peer = r->show.peer,
		    .local_id = r->file.message,
		    .number = r->file.number});
}

/* Only now: who reads stands in the journal whatever happens next. */
static void reading_done(void *arg, int result)
{
	struct reading *r = arg;
	struct msg_attachment_ticket q = {.number = r->file.number,
	    .until_ms = clock_mono_ms() + REGISTRY_FILE_TICKET_MS,
	    .key = {.data = r->key.data, .len = r->key.len}};

	memcpy(q.local_id, r->file.message, sizeof q.local_id);
	if (result == 0)
		result = work_submit(
		    r->set->node->work, IPC_attachment_ticket, &q, NULL, 0, ticket_made, r);
	if (result != 0)
		end_reading(r, result);
}

/* Nobody knows whom of a document an attachment shows: if somebody of it is not shown, none of them is. */
static int judge(struct reading *r, const struct msg_attachment_get *m)
{
	bool disputes = m->disputes != 0;
	int rc = show_judge(&r->show, r->set->node, r->set->terms, m->local_id, disputes);

	if (rc == 0 && r->show.blocked && !disputes) {
		r->show.problem = "somebody of it is blocked: only the role dispute opens it";
		rc = RXP_ERR_STATE;
	}
	return rc;
}

/* RXP-COR-014 */
static int judge_correction(struct reading *r, const struct msg_attachment_get *m)
{
	bool erased = false;
	int rc =
	    store_correction_file(store_db(r->set->node->store), &erased, m->local_id, m->number);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	if (erased) {
		r->show.problem = "a correction erased it";
		return RXP_ERR_NOT_FOUND;
	}
	r->show.blocked = true;
	if (m->disputes != 0)
		return 0;
	r->show.problem = "a correction blocks it: only the role dispute opens it";
	return RXP_ERR_STATE;
}

/* RXP-RET-018 */
static int judge_owed(struct reading *r, const struct msg_attachment_get *m)
{
	int rc = store_erasure_owes(store_db(r->set->node->store), m->local_id, m->number);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	r->show.problem =
	    "it was erased before these data were restored, and goes as soon as its document is answered";
	return RXP_ERR_NOT_FOUND;
}

/* RXP-ATT-014 */
static bool awaited(const struct reading *r, const uint8_t local_id[16])
{
	struct store_pending p;

	return store_pending_get(store_db(r->set->node->store), &p, local_id) == 0 && !p.own &&
	       p.complete_ms == 0;
}

static int open_reading(struct reading *r, const struct msg_attachment_get *m)
{
	char path[FILE_PATH_MAX];
	int rc;

	if (m->user[0] == '\0' || !journal_reason_is(m->reason))
		return RXP_ERR_SYNTAX;
	rc = judge(r, m);
	if (rc == 0)
		rc = judge_correction(r, m);
	if (rc == 0)
		rc = judge_owed(r, m);
	if (rc != 0)
		return rc;
	rc = store_file_of_message(
	    store_db(r->set->node->store), &r->file, &r->key, m->local_id, m->number);
	if (rc == 0 && r->file.number != m->number)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == RXP_ERR_NOT_FOUND && awaited(r, m->local_id))
		r->show.problem = "the files follow the document, and this one has not come yet";
	if (rc != 0)
		return rc;
	file_path_whole(path, r->file.party, r->file.ciphertext_digest);
	rc = file_open(path, &r->fd);
	if (rc == RXP_ERR_NOT_FOUND) {
		log_event(LOG_ATTACHMENT_DAMAGED,
		    LOG_X(r->file.ciphertext_digest, sizeof r->file.ciphertext_digest),
		    LOG_N(m->number));
		return RXP_ERR_DAMAGED;
	}
	return rc;
}

void file_read_take(struct file_reads *set, uint64_t request, const struct msg_attachment_get *m)
{
	struct reading *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL) {
		answer_not_got(set->node, request, RXP_ERR_NOMEM, NULL);
		return;
	}
	r->set = set;
	r->next = set->first;
	set->first = r;
	r->request = request;
	r->fd = -1;
	r->at_ms = clock_wall_ms();
	memcpy(r->user, m->user, sizeof r->user);
	memcpy(r->reason, m->reason, sizeof r->reason);
	rxp_buf_init(&r->key, REGISTRY_FILE_KEY_MAX);
	rc = open_reading(r, m);
	if (rc != 0) {
		end_reading(r, rc);
		return;
	}
	r->item = (struct store_item){.apply = reading_apply, .done = reading_done, .arg = r};
	store_submit(set->node->store, &r->item);
}

/* --- the module ---------------------------------------------------------------------------------- */

int file_read_new(struct file_reads **out, struct node *n, const struct terms *terms)
{
	struct file_reads *set = calloc(1, sizeof *set);

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->node = n;
	set->terms = terms;
	*out = set;
	return 0;
}

void file_read_free(struct file_reads *set)
{
	if (set == NULL)
		return;
	while (set->first != NULL) {
		struct reading *r = set->first;

		set->first = r->next;
		reading_free(r);
	}
	free(set);
}
