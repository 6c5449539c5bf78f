#include "daemon/registry/out/flight_void.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/registry/out/flight_case.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store_case.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"

#define WORDING_MAX 256 /* octets of the record of one */

bool flight_void_is(const struct store_outbox *row)
{
	return strcmp(row->type, rxp_type_row(RXP_TYPE_VOID)->wire) == 0;
}

/* What it says stands in its facts as long as it has no final answer. */
static int read_name(struct rec_node_void *out, struct db *db, const uint8_t local_id[16])
{
	struct rxp_buf draft, facts;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	int rc;

	rxp_buf_init(&draft, WORDING_MAX);
	rxp_buf_init(&facts, WORDING_MAX);
	rc = store_case_draft(db, &draft, &facts, local_id);
	c = (struct record_cursor){.at = facts.data, .left = facts.len};
	if (rc == 0 && (record_list_next(&c, &tag, &fields) != 1 || tag != REC_node_void ||
			   record_decode(out, &record_node_void, fields.data, fields.len) != 0))
		rc = RXP_ERR_DAMAGED;
	rxp_buf_free(&draft);
	rxp_buf_free(&facts);
	return rc;
}

int flight_void_names(uint8_t message_id[16], struct db *db, const uint8_t local_id[16])
{
	struct rec_node_void name;
	int rc = read_name(&name, db, local_id);

	if (rc == 0)
		memcpy(message_id, name.message_id, sizeof name.message_id);
	return rc;
}

int flight_void_look(struct flight *f, struct db *db)
{
	struct rec_node_void name;
	uint8_t local_id[16];
	int rc;

	if (!flight_void_is(&f->row))
		return 0;
	rc = read_name(&name, db, f->row.local_id);
	if (rc == 0)
		rc = store_outbox_of_message(db, local_id, name.message_id);
	if (rc == 0)
		rc = store_outbox_get(db, &f->voided, NULL, local_id);
	if (rc == 0 && f->voided.state != STATE_VOIDING)
		rc = RXP_ERR_DAMAGED;
	return rc == RXP_ERR_NOT_FOUND ? RXP_ERR_DAMAGED : rc;
}

/* The final answer in f->end is that of the message named; the Void itself has come to its end. */
static void give_to_voided(struct flight *f)
{
	f->end.answers_voided = true;
	f->end.voided = f->end.event;
	f->end.voided_outcome = f->end.outcome;
	f->end.event = EVENT_RECEIPT;
	f->end.outcome = (struct store_outcome){.refusal = "",
	    .why = "answered with the end of the message that it names",
	    .answered_ms = f->answered_ms,
	    .flags = ""};
}

/* A Void leaves no trace, so a receipt of it is none (RXP-VOI-002). */
int flight_void_judge(
    struct flight *f, const struct msg_answer_checked *a, const char *own, int64_t now_ms)
{
	int rc = flight_judge(f, &f->voided, a, own, now_ms);

	if (rc == 0 && f->end.event != EVENT_NO_ANSWER)
		give_to_voided(f);
	if (rc != RXP_ERR_MISMATCH || a->kind == RXP_ANSWER_RECEIPT)
		return rc;
	return flight_judge(f, &f->row, a, own, now_ms);
}

static bool is_refused(enum state_event event)
{
	return event == EVENT_REFUSAL || event == EVENT_REFUSAL_EXPIRED;
}

/* RXP-VOI-006: as before, but for a person to look at. */
static int let_wait(struct flight *f, struct db *db)
{
	char why[RECORD_NAME_MAX];

	snprintf(why, sizeof why, "the peer refused to take it back: %s", f->end.outcome.refusal);
	f->voided.state = state_next(STATE_VOIDING, EVENT_PARK);
	return store_outbox_plan(db, &f->voided, 0, why);
}

static int case_over(struct flight *f, struct db *db, int64_t now_ms)
{
	return flight_case_over(f, db, &f->voided.place, is_refused(f->end.voided), now_ms);
}

/* Without a document that the peer has named as seen there is no case: it stays, and people settle what the refusal
 * of it means (RXP-VOI-007). */
static int finish_contradicted(struct flight *f, struct db *db, int64_t now_ms)
{
	int rc;

	f->end.voided_outcome.flags = STORE_CONTRADICTS_SEEN;
	rc = store_outbox_finish(db, &f->voided, &f->end.voided_outcome);
	return rc != 0 ? rc : case_over(f, db, now_ms);
}

static int finish(struct flight *f, struct db *db, int64_t now_ms)
{
	int rc;

	f->voided.state = state_next(STATE_VOIDING, f->end.voided);
	rc = store_outbox_finish(db, &f->voided, &f->end.voided_outcome);
	if (rc != 0 || !f->voided.place.in_case)
		return rc;
	rc = case_over(f, db, now_ms);
	return rc == RXP_ERR_STATE && is_refused(f->end.voided) ? finish_contradicted(f, db, now_ms)
								: rc;
}

int flight_void_end(struct flight *f, struct db *db, int64_t now_ms)
{
	f->voided_moves =
	    flight_void_is(&f->row) && (f->end.answers_voided || is_refused(f->end.event));
	if (!f->voided_moves)
		return 0;
	return f->end.answers_voided ? finish(f, db, now_ms) : let_wait(f, db);
}

static void log_voided(const struct flight *f)
{
	char id[RXP_ID_TEXT];

	rxp_id_text(id, f->voided.message_id);
	if (!f->end.answers_voided)
		log_event(LOG_MESSAGE_PARKED, LOG_S(f->row.peer), LOG_S(id),
		    LOG_S("the peer refused to take it back"));
	else if (f->end.voided_outcome.refusal[0] == '\0')
		log_event(
		    LOG_MESSAGE_DELIVERED, LOG_S(f->row.peer), LOG_S(id), LOG_S(f->voided.type));
	else
		log_event(LOG_MESSAGE_REFUSED, LOG_S(f->row.peer), LOG_S(id),
		    LOG_S(f->end.voided_outcome.refusal));
}

void flight_void_ended(struct flight *f)
{
	if (!f->voided_moves)
		return;
	peers_count(f->peer, STATE_VOIDING, f->voided.state);
	f->all->changed(f->all->changed_arg, f->voided.local_id);
	log_voided(f);
}
