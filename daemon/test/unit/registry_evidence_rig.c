#include "daemon/test/unit/registry_evidence_rig.h"

#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_outbox.h"

const uint8_t evidence_case_id[16] = {0x44, [6] = 0x40, [8] = 0x80};

/* Take a list apart; the rows borrow from its octets. */
size_t evidence_rows(struct rec_evidence_row *rows, size_t max, const uint8_t *octets, size_t len)
{
	struct record_cursor c = {octets, len};
	struct bytes fields;
	uint16_t tag;
	size_t n = 0;

	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(tag, REC_evidence_row);
		assert_true(n < max);
		assert_int_equal(
		    record_decode(&rows[n++], &record_evidence_row, fields.data, fields.len), 0);
	}
	return n;
}

/* --- a case, put as the registry puts it ------------------------------------------------------------- */

static struct store_place place_of(uint64_t position)
{
	struct store_place p = {.in_case = true, .position = position};

	memcpy(p.case_id, evidence_case_id, sizeof p.case_id);
	return p;
}

static struct bytes own_evidence; /* of each of our documents */
static const char *their_type; /* of the last of the peer's */

/* Our document i: the second is refused, so that the third has its Position. */
static int put_own(struct db *db, uint8_t i)
{
	bool refused = i == 1;
	char key[16];
	struct store_outbox m = {.local_id = {0x10, i},
	    .peer = PEER,
	    .state = STATE_WAITING,
	    .type = "Withdrawal",
	    .place = place_of(i >= 2 ? i : i + 1U),
	    .message_id = {0x20, i},
	    .fingerprint = {0x21, i},
	    .created_ms = AT_MS,
	    .expires_ms = AT_MS + 1};
	const struct store_draft draft = {
	    .key = key, .body_digest = m.fingerprint, .draft = OCTETS("d"), .facts = OCTETS("f")};
	const struct store_outcome outcome = {.refusal = refused ? "state" : "",
	    .received_ms = refused ? 0 : AT_MS + i * INT64_C(10),
	    .answered_ms = AT_MS + i * INT64_C(10),
	    .flags = "",
	    .why = "",
	    .answer = OCTETS("answer")};
	int rc;

	snprintf(key, sizeof key, "key-%u", i);
	rc = store_case_submit(db, &m, &draft, AT_MS);
	m.state = STATE_CLOSED;
	if (rc == 0)
		rc = store_outbox_close(db, &m, OCTETS("e"), own_evidence, OCTETS("k"));
	m.state = refused ? STATE_REFUSED : STATE_DELIVERED;
	return rc != 0 ? rc : store_outbox_finish(db, &m, &outcome);
}

/* The peer's document i, received after ours of that number. */
static int put_theirs(struct db *db, uint8_t i)
{
	const uint8_t id[16] = {0x30, i}, fingerprint[32] = {0x31, i};
	struct store_log log;
	const struct store_final final = {.peer = PEER,
	    .message_id = id,
	    .fingerprint = fingerprint,
	    .envelope_digest = fingerprint,
	    .refusal = "",
	    .flags = "",
	    .received_ms = AT_MS + i * INT64_C(10) + 5,
	    .octets = OCTETS("receipt")};
	const struct store_received m = {.local_id = {0x40, i},
	    .state = STATE_RECEIVED,
	    .type = i + 1U < PAIRS ? "ReadmissionReply" : their_type,
	    .created_ms = AT_MS,
	    .expires_ms = AT_MS + 1,
	    .seal_cert = fingerprint,
	    .envelope = OCTETS("e"),
	    .evidence = OCTETS("evidence"),
	    .wrapped_key = OCTETS("k"),
	    .place = place_of(i + 1U),
	    .facts = OCTETS("f")};
	int rc = store_answer_put(db, &final, &log);

	return rc != 0 ? rc : store_inbox_put(db, &m, &final);
}

static int put_case(void *arg, struct db *db)
{
	struct store_case c = {.peer = PEER,
	    .requesting = true,
	    .profile_id = "model",
	    .profile_version = "1",
	    .state = "open",
	    .opened_ms = AT_MS,
	    .changed_ms = AT_MS};
	int rc;

	(void)arg;
	memcpy(c.case_id, evidence_case_id, sizeof c.case_id);
	rc = store_case_add(db, &c);
	for (uint8_t i = 0; rc == 0 && i < PAIRS; i++)
		if ((rc = put_own(db, i)) == 0)
			rc = put_theirs(db, i);
	return rc;
}

void evidence_put_done(void *arg, int result)
{
	assert_int_equal(result, 0);
	*(unsigned *)arg = 1;
}

void evidence_case_of(struct world *w, struct bytes evidence)
{
	unsigned done = 0;
	struct store_item item = {.apply = put_case, .done = evidence_put_done, .arg = &done};

	own_evidence = evidence;
	their_type = "Re ply\xff";
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	store_submit(w->assembly->node.store, &item);
	store_round(w->assembly->node.store);
	assert_int_equal(done, 1);
}

void evidence_case(struct world *w)
{
	evidence_case_of(w, OCTETS("evidence"));
}
