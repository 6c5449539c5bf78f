#include "daemon/registry/desk/terms_add.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/terms.h"
#include "daemon/base/work.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_terms.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/terms/terms.h"

#define ROOT_PROFILE "Profile"
#define ROOT_CALENDAR "Calendar"

/* One request on its way: opened by a sealer, judged, then committed. */
struct adding {
	struct store_item item;
	const struct terms_add *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	bool is_calendar;
	int64_t at_ms;
	struct rxp_buf sealed, records;
	struct store_profile profile; /* one of the two */
	struct store_calendar calendar;
};

static void adding_free(struct adding *a)
{
	if (a == NULL)
		return;
	rxp_buf_free(&a->sealed);
	rxp_buf_free(&a->records);
	free(a);
}

static struct bytes bytes_of(const struct rxp_buf *b)
{
	return (struct bytes){.data = b->data, .len = b->len};
}

/* --- the answer ----------------------------------------------------------------------------------- */

static void answer(const struct adding *a, int result, struct bytes violations)
{
	struct msg_terms_added m = {.result = (uint32_t)result, .violations = violations};

	if (a->is_calendar) {
		memcpy(m.party, a->calendar.owner, sizeof m.party);
		m.version = a->calendar.version;
	} else {
		memcpy(m.party, a->profile.publisher, sizeof m.party);
		memcpy(m.id, a->profile.id, sizeof m.id);
		m.version = a->profile.version;
	}
	link_answer(a->by->node->desk, IPC_terms_added, a->request, &m, NULL, 0);
}

static void end(struct adding *a, int result)
{
	answer(a, result, (struct bytes){.len = 0});
	adding_free(a);
}

/* With what is wrong, as one violation. */
static void end_with(struct adding *a, int result, const struct rec_violation *wrong)
{
	struct rxp_buf rows;

	rxp_buf_init(&rows, IPC_INLINE_MAX);
	record_list_put(&rows, REC_violation, &record_violation, wrong);
	answer(a, result, bytes_of(&rows));
	rxp_buf_free(&rows);
	adding_free(a);
}

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

static void end_refused(struct adding *a, int result, const struct rxp_reason *reason)
{
	struct rec_violation wrong = {.text = text_bytes(reason->text)};

	snprintf(wrong.requirement, sizeof wrong.requirement, "%s", reason->requirement);
	end_with(a, result, &wrong);
}

/* What the sealer says; without words the result alone tells. */
static void end_unopened(struct adding *a, const struct msg_terms_opened *m)
{
	struct rec_violation wrong = {.line = m->line, .path = m->place, .text = m->text};

	memcpy(wrong.requirement, m->requirement, sizeof wrong.requirement);
	if (m->text.len == 0)
		end(a, (int)(int32_t)m->result);
	else
		end_with(a, (int)(int32_t)m->result, &wrong);
}

/* --- the commit ----------------------------------------------------------------------------------- */

static int add_apply(void *arg, struct db *db)
{
	struct adding *a = arg;
	const struct store_profile *p = &a->profile;
	const struct store_calendar *c = &a->calendar;
	char what[RECORD_NAME_MAX];
	int rc = a->is_calendar ? store_calendar_add(db, c) : store_profile_add(db, p);

	if (a->is_calendar)
		snprintf(what, sizeof what, "version %u", (unsigned)c->version);
	else
		snprintf(what, sizeof what, "%.48s/%u", p->id, (unsigned)p->version);
	if (rc == 0)
		rc = clocks_stale(db, "");
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = a->at_ms,
					       .user = a->user,
					       .action = a->is_calendar ? JOURNAL_CALENDAR_ADD
									: JOURNAL_PROFILE_ADD,
					       .reason = what,
					       .peer = a->is_calendar ? c->owner : p->publisher});
}

static void log_added(const struct adding *a)
{
	if (a->is_calendar)
		log_event(LOG_CALENDAR_ADDED, LOG_S(a->calendar.owner), LOG_N(a->calendar.version),
		    LOG_X(a->calendar.digest, sizeof a->calendar.digest), LOG_S(a->user));
	else
		log_event(LOG_PROFILE_ADDED, LOG_S(a->profile.publisher), LOG_S(a->profile.id),
		    LOG_N(a->profile.version), LOG_X(a->profile.digest, sizeof a->profile.digest),
		    LOG_S(a->user));
}

static void add_done(void *arg, int result)
{
	struct adding *a = arg;
	struct shelf *shelf = terms_shelf(a->by->terms);

	if (result == 0) {
		int rc = a->is_calendar ? shelf_take_calendar(shelf, &a->calendar)
					: shelf_take_profile(shelf, &a->profile);

		if (rc != 0)
			node_fail(a->by->node, "terms", rc);
		log_added(a);
	}
	end(a, result);
}

/* --- what a sealer read --------------------------------------------------------------------------- */

static int judge_profile(struct adding *a, struct rxp_reason *reason)
{
	struct store_profile *row = &a->profile;
	struct rxp_profile p;
	int rc = terms_read_profile(&p, bytes_of(&a->records));

	if (rc != 0)
		return RXP_ERR_DAMAGED;
	memcpy(row->publisher, p.publisher, sizeof row->publisher);
	memcpy(row->id, p.id, sizeof row->id);
	memcpy(row->digest, p.digest, sizeof row->digest);
	row->version = p.version;
	row->overlay = p.has_base;
	row->sealed = bytes_of(&a->sealed);
	row->records = bytes_of(&a->records);
	row->taken_ms = a->at_ms;
	return shelf_judge_profile(terms_shelf(a->by->terms), &p, a->by->node->own, reason);
}

static int judge_calendar(struct adding *a, struct rxp_reason *reason)
{
	struct store_calendar *row = &a->calendar;
	struct rxp_calendar c;
	int rc = terms_read_calendar(&c, bytes_of(&a->records));

	if (rc != 0)
		return RXP_ERR_DAMAGED;
	memcpy(row->owner, c.owner, sizeof row->owner);
	memcpy(row->digest, c.digest, sizeof row->digest);
	row->version = c.version;
	row->sealed = bytes_of(&a->sealed);
	row->records = bytes_of(&a->records);
	row->taken_ms = a->at_ms;
	return shelf_judge_calendar(terms_shelf(a->by->terms), &c, reason);
}

static void opened(void *arg, int result, const struct link_message *m)
{
	struct adding *a = arg;
	const struct msg_terms_opened *o = m != NULL ? m->body : NULL;
	struct rxp_reason reason = {.text = NULL};
	int rc = result != 0 || o == NULL ? RXP_ERR_DAMAGED : 0;

	if (rc == 0 && o->result != 0) {
		end_unopened(a, o);
		return;
	}
	if (rc == 0 && strcmp(o->root, a->is_calendar ? ROOT_CALENDAR : ROOT_PROFILE) != 0)
		rc = rxp_terms_refuse(&reason, RXP_TERMS_ROOT);
	if (rc == 0)
		rc = rxp_buf_put(&a->records, o->rows.data, o->rows.len);
	if (rc == 0)
		rc = a->is_calendar ? judge_calendar(a, &reason) : judge_profile(a, &reason);
	if (rc == 0)
		store_submit(a->by->node->store, &a->item);
	else if (reason.text != NULL)
		end_refused(a, rc, &reason);
	else
		end(a, rc);
}

void terms_add_take(const struct terms_add *by, uint64_t request, const struct msg_terms_add *m)
{
	struct msg_open_terms q = {.octets = m->octets};
	struct adding *a = calloc(1, sizeof *a);
	int fd = -1, rc;

	if (a == NULL) {
		link_answer(by->node->desk, IPC_terms_added, request,
		    &(struct msg_terms_added){.result = (uint32_t)RXP_ERR_NOMEM}, NULL, 0);
		return;
	}
	a->by = by;
	a->request = request;
	a->is_calendar = m->calendar != 0;
	a->at_ms = clock_wall_ms();
	a->item = (struct store_item){.apply = add_apply, .done = add_done, .arg = a};
	memcpy(a->user, m->user, sizeof a->user);
	rxp_buf_init(&a->sealed, RXP_MAX_TERMS_OCTETS);
	rxp_buf_init(&a->records, TERMS_MAX_OCTETS);
	q.at_ms = a->at_ms;
	q.register_number = publish_register(by->publish, &fd);
	rc = rxp_buf_put(&a->sealed, m->octets.data, m->octets.len);
	if (rc == 0)
		rc = work_submit(by->node->work, IPC_open_terms, &q, &fd, 1, opened, a);
	if (rc != 0)
		end(a, rc);
}
