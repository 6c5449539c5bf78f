#include "daemon/registry/in/heard.h"

#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/registry/in/heard_erased.h"
#include "daemon/registry/in/heard_history.h"
#include "daemon/registry/in/heard_restored.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_contact.h"
#include "daemon/registry/store/store_disturbance.h"
#include "daemon/registry/store/store_offer.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/document.h"

/* The one record of that tag. */
static int read_record(void *out, uint16_t tag, struct bytes records)
{
	struct record_cursor c = {.at = records.data, .left = records.len};
	struct bytes fields;
	uint16_t found;

	if (record_list_next(&c, &found, &fields) != 1 || found != tag || c.left != 0 ||
	    record_decode(out, record_type_of(tag), fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	return 0;
}

static bool is_valid(const struct msg_opened *facts, enum rxp_type wanted)
{
	enum rxp_type type;

	return facts->opened && facts->refusal == 0 && rxp_type_parse(&type, facts->type) == 0 &&
	       type == wanted;
}

int heard_void(bool *voids, struct msg_opened *facts)
{
	struct rec_node_void names;

	if (!is_valid(facts, RXP_TYPE_VOID))
		return 0;
	if (read_record(&names, REC_node_void, facts->facts) != 0)
		return RXP_ERR_DAMAGED;
	memcpy(facts->message_id, names.message_id, sizeof facts->message_id);
	memcpy(facts->fingerprint, names.fingerprint, sizeof facts->fingerprint);
	*voids = true;
	return 0;
}

/* --- notices -------------------------------------------------------------------------------------- */

static bool is_time(int64_t ms)
{
	return ms >= 0 && ms <= RXP_MAX_TIME_MS;
}

static int read_outage(struct rec_node_outage *out, const struct msg_opened *facts)
{
	int rc = read_record(out, REC_node_outage, facts->facts);

	return rc == 0 && (!is_time(out->from_ms) || !is_time(out->until_ms)) ? RXP_ERR_DAMAGED
									      : rc;
}

/*
 * What is known of the outage once the party said that, and until when it was known to last: 0 if it was not known.
 * RXP-NOT-007: an end replaces what was begun; a beginning that comes behind its end changes nothing.
 */
static int after_notice(struct store_outage *out, int64_t *until_ms, struct db *db,
    const char *party, const struct rec_node_outage *r)
{
	struct store_outage known = {.until_ms = 0}, o = {.from_ms = r->from_ms};
	int rc = store_outage_get(db, &known, party, false, r->outage_id);

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	memcpy(o.peer, party, sizeof o.peer);
	memcpy(o.outage_id, r->outage_id, sizeof o.outage_id);
	o.until_ms = r->ends != 0 ? r->until_ms : RXP_DUE_NEVER;
	*out = rc == 0 && r->ends == 0 && known.until_ms != RXP_DUE_NEVER ? known : o;
	*until_ms = known.until_ms;
	return 0;
}

static int put_outage(struct db *db, const char *party, const struct rec_node_outage *r)
{
	struct store_outage o;
	int64_t until_ms;
	int rc = after_notice(&o, &until_ms, db, party, r);

	return rc != 0 ? rc : store_outage_put(db, &o);
}

/* RXP-NOT-002, RXP-NOT-010: kept for people, and nothing more. */
static int read_offer(struct rec_node_offer *out, const struct msg_opened *facts)
{
	return read_record(out, REC_node_offer, facts->facts);
}

static int act_on_notice(struct db *db, const char *party, const struct heard *m)
{
	const struct msg_opened *facts = m->facts;
	struct rec_node_restored restored;
	struct rec_node_contact contact;
	struct rec_node_erased erased;
	struct rec_node_outage outage;
	struct rec_node_offer offer;
	int rc;

	if (read_record(&erased, REC_node_erased, facts->facts) == 0)
		return heard_erased_act(db, party, facts, &erased, m->received_ms);
	if (read_record(&restored, REC_node_restored, facts->facts) == 0)
		return m->back ? heard_restored_back(db, party, &restored, m->received_ms)
			       : heard_restored_act(db, party, &restored, m->received_ms);
	if (read_record(&contact, REC_node_contact, facts->facts) == 0)
		return store_contact_put(db, party, &contact, facts->created_ms);
	if (read_offer(&offer, facts) == 0)
		return store_offer_put(db, facts->message_id, party, &offer, facts->created_ms);
	rc = read_outage(&outage, facts);
	return rc != 0 ? rc : put_outage(db, party, &outage);
}

/* --- attachments ---------------------------------------------------------------------------------- */

/* RXP-ATT-018: does it name a document that we sent to the party? */
static int look_for_sent(
    bool *sent, struct db *db, const char *party, const struct rec_node_attachments *r)
{
	struct store_outbox row = {.attempts = 0};
	uint8_t local_id[16];
	int rc = store_outbox_of_message(db, local_id, r->message_id);

	if (rc == 0)
		rc = store_outbox_get(db, &row, NULL, local_id);
	*sent = rc == 0 && strcmp(row.peer, party) == 0 && row.attempts > 0 &&
		memcmp(row.fingerprint, r->fingerprint, sizeof row.fingerprint) == 0;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* The clock of the case goes on then (RXP-CLK-050). */
static int hear_attachments(struct db *db, const char *party, const struct heard *m)
{
	struct rec_node_attachments r;
	struct store_pending p;
	uint8_t local_id[RXP_ID_OCTETS];
	bool sent = false;
	int rc = read_record(&r, REC_node_attachments, m->facts->facts);

	if (rc == 0)
		rc = look_for_sent(&sent, db, party, &r);
	if (rc != 0 || !sent)
		return rc;
	rc = store_outbox_of_message(db, local_id, r.message_id);
	if (rc == 0)
		rc = store_pending_get(db, &p, local_id);
	if (rc == 0)
		rc = store_pending_heard(db, local_id, r.complete_ms, m->received_ms);
	if (rc == 0)
		rc = store_clock_look(db, p.peer, p.case_id, m->received_ms);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static void tell_attachments(struct db *db, const char *party, const struct rec_node_attachments *r)
{
	char id[RXP_ID_TEXT];
	bool sent = false;

	rxp_id_text(id, r->message_id);
	if (look_for_sent(&sent, db, party, r) == 0)
		log_event(sent ? LOG_ATTACHMENTS_COMPLETE : LOG_ATTACHMENTS_UNKNOWN, LOG_S(party),
		    LOG_S(id));
}

/* --- what is too much ----------------------------------------------------------------------------- */

static int judge_outage(struct heard_objection *out, struct db *db, const char *party,
    const struct msg_opened *facts, int64_t received_ms)
{
	struct rec_node_outage outage;
	struct store_outage o;
	bool too_much = false;
	int64_t until_ms;
	int rc;

	if (read_outage(&outage, facts) != 0)
		return 0;
	rc = after_notice(&o, &until_ms, db, party, &outage);
	if (rc == 0 && o.until_ms > received_ms && until_ms <= received_ms)
		rc = store_outage_is_full(db, &too_much, party, received_ms);
	if (rc == 0 && too_much)
		*out = (struct heard_objection){
		    "too many of its outages last", "RXP-NOT-012", RXP_REFUSAL_BUSY, 0};
	return rc;
}

int heard_judge(struct heard_objection *out, struct db *db, const char *party,
    const struct msg_opened *facts, int64_t received_ms, bool back)
{
	struct rec_node_history_request request;
	struct rec_node_restored restored;
	struct rec_node_history_copy copy;

	*out = (struct heard_objection){.why = NULL};
	if (back)
		return 0;
	if (is_valid(facts, RXP_TYPE_NODE_NOTICE) &&
	    read_record(&restored, REC_node_restored, facts->facts) == 0)
		return heard_restored_judge(out, db, facts, party, &restored, received_ms);
	if (is_valid(facts, RXP_TYPE_NODE_NOTICE))
		return judge_outage(out, db, party, facts, received_ms);
	if (is_valid(facts, RXP_TYPE_HISTORY_REQUEST) &&
	    read_record(&request, REC_node_history_request, facts->facts) == 0)
		return heard_history_judge_request(out, db, party, received_ms);
	if (is_valid(facts, RXP_TYPE_HISTORY_COPY) &&
	    read_record(&copy, REC_node_history_copy, facts->facts) == 0)
		return heard_history_judge_copy(out, db, party, &copy, received_ms);
	return 0;
}

/* --- what follows --------------------------------------------------------------------------------- */

int heard_act(struct db *db, const char *party, const struct heard *m)
{
	struct rec_node_history_request request;
	struct rec_node_history_copy copy;
	int rc;

	if (is_valid(m->facts, RXP_TYPE_ATTACHMENTS_RECEIVED))
		return hear_attachments(db, party, m);
	if (m->back && !is_valid(m->facts, RXP_TYPE_NODE_NOTICE))
		return 0;
	if (is_valid(m->facts, RXP_TYPE_HISTORY_REQUEST)) {
		rc = read_record(&request, REC_node_history_request, m->facts->facts);
		return rc != 0 ? rc : heard_history_request(db, party, m, &request);
	}
	if (is_valid(m->facts, RXP_TYPE_HISTORY_COPY)) {
		rc = read_record(&copy, REC_node_history_copy, m->facts->facts);
		return rc != 0 ? rc : heard_history_copy(db, party, m, &copy);
	}
	return is_valid(m->facts, RXP_TYPE_NODE_NOTICE) ? act_on_notice(db, party, m) : 0;
}

static void tell_outage(const char *party, const struct rec_node_outage *r)
{
	char from[RXP_TIME_TEXT], until[RXP_TIME_TEXT] = "";

	rxp_time_text(from, r->from_ms);
	if (r->until_ms != 0)
		rxp_time_text(until, r->until_ms);
	log_event(LOG_OUTAGE_TOLD, LOG_S(party), LOG_S(r->ends != 0 ? "ends" : "begins"),
	    LOG_S(from), LOG_S(until));
}

static void tell_offer(const char *party, const struct rec_node_offer *r)
{
	char digits[RXP_DIGEST_HEX];

	rxp_hex_put(digits, r->digest, sizeof r->digest, false);
	log_event(LOG_OFFER_TOLD, LOG_S(party), LOG_S(r->calendar != 0 ? "calendar" : "profile"),
	    LOG_S(r->name), LOG_S(r->version), LOG_S(digits));
}

void heard_tell(struct db *db, const char *party, const struct msg_opened *facts)
{
	struct rec_node_attachments attachments;
	struct rec_node_history_request request;
	struct rec_node_history_copy copy;
	struct rec_node_restored restored;
	struct rec_node_contact contact;
	struct rec_node_erased erased;
	struct rec_node_outage outage;
	struct rec_node_offer offer;

	if (is_valid(facts, RXP_TYPE_NODE_NOTICE) &&
	    read_record(&erased, REC_node_erased, facts->facts) == 0)
		heard_erased_tell(db, party, &erased);
	if (is_valid(facts, RXP_TYPE_NODE_NOTICE) &&
	    read_record(&restored, REC_node_restored, facts->facts) == 0)
		heard_restored_tell(party, &restored);
	if (is_valid(facts, RXP_TYPE_NODE_NOTICE) &&
	    read_record(&contact, REC_node_contact, facts->facts) == 0)
		log_event(LOG_CONTACT_TOLD, LOG_S(party), LOG_S(contact.office));
	if (is_valid(facts, RXP_TYPE_NODE_NOTICE) && read_offer(&offer, facts) == 0)
		tell_offer(party, &offer);
	if (is_valid(facts, RXP_TYPE_NODE_NOTICE) && read_outage(&outage, facts) == 0)
		tell_outage(party, &outage);
	if (is_valid(facts, RXP_TYPE_ATTACHMENTS_RECEIVED) &&
	    read_record(&attachments, REC_node_attachments, facts->facts) == 0)
		tell_attachments(db, party, &attachments);
	if (is_valid(facts, RXP_TYPE_HISTORY_REQUEST) &&
	    read_record(&request, REC_node_history_request, facts->facts) == 0)
		heard_history_tell(party, &request);
	if (is_valid(facts, RXP_TYPE_HISTORY_COPY) &&
	    read_record(&copy, REC_node_history_copy, facts->facts) == 0 && copy.last != 0)
		log_event(LOG_HISTORY_CAME, LOG_S(party), LOG_N(copy.number - 1));
}
