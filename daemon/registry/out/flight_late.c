#include "daemon/registry/out/flight_late.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_pending.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"

/* Octets of all its files. */
static int weigh(uint64_t *octets, struct db *db, const uint8_t local_id[16])
{
	struct store_file file = {.number = 0};
	int rc;

	*octets = 0;
	while ((rc = store_file_of_message(db, &file, NULL, local_id, file.number + 1)) == 0)
		*octets += file.ciphertext_length;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static bool profile_lets(const struct flight *f, struct db *db)
{
	struct terms_of_case terms;
	struct store_case row;

	if (store_case_get(db, &row, f->row.peer, f->row.place.case_id) != 0 ||
	    terms_find(&terms, f->all->terms, &row) != 0)
		return false;
	return terms.profile->attachments.pending == RXP_PENDING_CLOCK_WAITS ||
	       terms.profile->attachments.pending == RXP_PENDING_CLOCK_RUNS;
}

int flight_late(const struct flight *f)
{
	struct db *db = store_db(f->all->node->store);
	struct store_pending p;
	uint64_t octets = 0;
	int rc;

	if (!f->row.place.in_case || f->again)
		return 0;
	rc = store_pending_get(db, &p, f->row.local_id);
	if (rc != RXP_ERR_NOT_FOUND)
		return rc == 0 ? 1 : rc;
	if (f->row.attempts > 0)
		return 0;
	rc = weigh(&octets, db, f->row.local_id);
	if (rc != 0)
		return rc;
	return octets > REGISTRY_FIRST_OCTETS && profile_lets(f, db) ? 1 : 0;
}

int flight_late_attempt(const struct flight *f, struct db *db)
{
	struct store_pending p = {.own = true};

	if (!f->late)
		return 0;
	memcpy(p.local_id, f->row.local_id, sizeof p.local_id);
	memcpy(p.peer, f->row.peer, sizeof p.peer);
	memcpy(p.case_id, f->row.place.case_id, sizeof p.case_id);
	return store_pending_add(db, &p);
}

static bool is_receipt(enum state_event event)
{
	return event == EVENT_RECEIPT || event == EVENT_RECEIPT_LATE;
}

/* The peer has our word that all of its attachments are here. */
static int heard(const struct flight *f, struct db *db, int64_t now_ms)
{
	struct store_pending p;
	int rc = store_pending_said(db, &p, f->row.local_id, f->end.outcome.received_ms);

	if (rc == 0)
		rc = store_clock_look(db, p.peer, p.case_id, now_ms);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

int flight_late_end(const struct flight *f, struct db *db, int64_t now_ms)
{
	bool receipted = is_receipt(f->end.event);

	if (receipted &&
	    strcmp(f->row.type, rxp_type_row(RXP_TYPE_ATTACHMENTS_RECEIVED)->wire) == 0)
		return heard(f, db, now_ms);
	if (f->end.answers_voided && is_receipt(f->end.voided) &&
	    !rxp_flag_among(f->end.voided_outcome.flags, RXP_FLAG_PENDING))
		return store_pending_drop(db, f->voided.local_id);
	/* One that was lost there went behind its attachments when it was sent again; and of one that was fetched with
	 * them, or for which they had come before, nothing more is said (RXP-ATT-031). */
	if (f->end.lacks_files ||
	    (receipted && (f->again || !rxp_flag_among(f->end.outcome.flags, RXP_FLAG_PENDING))))
		return store_pending_drop(db, f->row.local_id);
	return 0;
}
