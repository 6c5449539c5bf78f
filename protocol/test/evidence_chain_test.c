/*
 * Goals:
 *  - an answer must be final and name the same document; a receipt must not be older than the document
 *    (RXP-EVI-006);
 *  - the documents of a case stand in a chain: a missing, doubled or foreign one, a broken Previous, a
 *    Seen that names nothing or goes back (RXP-EVI-008); one that was refused and seen nonetheless keeps
 *    its place (RXP-EVI-011); of each sender as many may be missing as are withheld, and no more (RXP-EVI-032).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/evidence/evidence.h"
#include "protocol/test/fixture.h"

#define DOCUMENTS 4

static struct rxp_evidence_withheld withheld = {.from = {"QRA", "QRB"}};

static struct rxp_header header_at(const char *from, const char *to, uint64_t position)
{
	struct rxp_header h = {.in_case = true, .position = position, .has_previous = position > 1};

	h.outer.created_ms = FIXTURE_TIME_MS + (int64_t)position;
	memcpy(h.outer.from, from, sizeof h.outer.from);
	memcpy(h.outer.to, to, sizeof h.outer.to);
	h.outer.message_id[0] = (uint8_t)(from[2] + (int)position);
	memset(h.case_id, 0x44, sizeof h.case_id);
	return h;
}

static void answers_fit(void **state)
{
	struct rxp_evidence_proof proof = {.header = header_at("QRA", "QRB", 1)};
	struct rxp_answer good, a;

	(void)state;
	memset(proof.fingerprint, 5, sizeof proof.fingerprint);
	rxp_answer_init(&good);
	memcpy(good.message_id, proof.header.outer.message_id, sizeof good.message_id);
	memcpy(good.from, "QRB", sizeof good.from);
	memcpy(good.to, "QRA", sizeof good.to);
	good.has_fingerprint = true;
	memcpy(good.fingerprint, proof.fingerprint, sizeof good.fingerprint);
	good.received_ms = proof.header.outer.created_ms - RXP_MAX_CLOCK_AHEAD_MS;
	assert_int_equal(rxp_evidence_answered(&proof, &good), 0);
	a = good;
	a.received_ms--;
	assert_int_equal(rxp_evidence_answered(&proof, &a), RXP_ERR_MISMATCH);
	a = good;
	a.message_id[15] ^= 1;
	assert_int_equal(rxp_evidence_answered(&proof, &a), RXP_ERR_MISMATCH);
	a = good;
	a.fingerprint[31] ^= 1;
	assert_int_equal(rxp_evidence_answered(&proof, &a), RXP_ERR_MISMATCH);
	a = good;
	memcpy(a.from, "QRC", sizeof a.from);
	assert_int_equal(rxp_evidence_answered(&proof, &a), RXP_ERR_MISMATCH);
	a = good;
	memcpy(a.to, "QRC", sizeof a.to);
	assert_int_equal(rxp_evidence_answered(&proof, &a), RXP_ERR_MISMATCH);
	a = good;
	a.kind = RXP_ANSWER_REFUSAL;
	a.refusal = RXP_REFUSAL_STATE;
	assert_int_equal(rxp_evidence_answered(&proof, &a), 0);
	a.refusal = RXP_REFUSAL_BUSY;
	assert_int_equal(rxp_evidence_answered(&proof, &a), RXP_ERR_MISMATCH);
}

/* A1, B1 (saw A1), A2 (saw B1), A3 (saw B1). */
static void tell(struct rxp_evidence_proof story[DOCUMENTS])
{
	story[0].header = header_at("QRA", "QRB", 1);
	story[1].header = header_at("QRB", "QRA", 1);
	story[2].header = header_at("QRA", "QRB", 2);
	story[3].header = header_at("QRA", "QRB", 3);
	for (size_t i = 0; i < DOCUMENTS; i++) {
		memset(story[i].fingerprint, (int)i + 1, 32);
		story[i].header.has_seen = i > 0;
		memset(story[i].header.seen, i == 1 ? 1 : 2, 32);
	}
	memset(story[2].header.previous, 1, 32);
	memset(story[3].header.previous, 3, 32);
}

static void assert_chain(
    const struct rxp_evidence_proof *story, size_t n, size_t where, const char *broken)
{
	struct rxp_evidence_place shuffled[DOCUMENTS] = {0};
	const char *requirement = "";
	size_t at = 0;
	int rc;

	for (size_t i = 0; i < n; i++)
		shuffled[n - 1 - i].proof = &story[i];
	rc = rxp_evidence_chain(&at, &requirement, shuffled, n, &withheld);
	assert_int_equal(rc, broken == NULL ? 0 : RXP_ERR_MISMATCH);
	if (broken != NULL) {
		assert_string_equal(requirement, broken);
		assert_ptr_equal(shuffled[at].proof, &story[where]);
	}
}

static void documents_form_a_chain(void **state)
{
	struct rxp_evidence_proof story[DOCUMENTS] = {0};

	(void)state;
	tell(story);
	assert_chain(story, DOCUMENTS, 0, NULL);
	assert_chain(story + 3, 1, 0, NULL);
	story[2] = story[3];
	assert_chain(story, 3, 2, "RXP-CHN-003"); /* A2 is missing */
	tell(story);
	story[3].header.position = 2;
	assert_chain(story, DOCUMENTS, 2, "RXP-CHN-001");
	tell(story);
	story[3].header.case_id[0] ^= 1;
	assert_chain(story, DOCUMENTS, 2, "RXP-CHN-001");
	tell(story);
	memcpy(story[3].header.outer.to, "QRC", 4);
	assert_chain(story, DOCUMENTS, 2, "RXP-CHN-001");
	tell(story);
	story[3].header.previous[0] ^= 1;
	assert_chain(story, DOCUMENTS, 3, "RXP-CHN-003");
	tell(story);
	story[0].header.has_previous = true;
	assert_chain(story, DOCUMENTS, 0, "RXP-CHN-003");
	tell(story);
	memset(story[3].header.seen, 9, 32);
	assert_chain(story, DOCUMENTS, 3, "RXP-CHN-004");
	tell(story);
	story[3].header.has_seen = false; /* goes back */
	assert_chain(story, DOCUMENTS, 3, "RXP-CHN-004");
}

/* RXP-EVI-011: A2 and B1 were refused. A2 is taken if B2 names it as seen; B1 is not, though A2 names it, as
 * long as A2 is not. */
static void refused_though_seen(void **state)
{
	struct rxp_evidence_proof story[DOCUMENTS] = {0};
	struct rxp_evidence_place places[DOCUMENTS] = {0};
	const char *requirement = "";
	size_t at = 9;

	(void)state;
	tell(story);
	story[3].header = header_at("QRB", "QRA", 2);
	memset(story[3].header.previous, 2, 32);
	story[3].header.has_seen = true;
	memset(story[3].header.seen, 3, 32); /* A2 */
	for (size_t i = 0; i < DOCUMENTS; i++)
		places[i] =
		    (struct rxp_evidence_place){.proof = &story[i], .refused = i == 1 || i == 2};
	assert_int_equal(rxp_evidence_chain(&at, &requirement, places, DOCUMENTS, &withheld), 0);
	assert_true(places[1].contradicted && places[2].contradicted);
	memset(story[3].header.seen, 1, 32); /* A1 alone */
	assert_int_equal(
	    rxp_evidence_chain(&at, &requirement, places, DOCUMENTS, &withheld), RXP_ERR_MISMATCH);
	assert_false(places[1].contradicted || places[2].contradicted);
	assert_int_equal(at, 3);
	assert_string_equal(requirement, "RXP-CHN-003");
	/* The sender's own word for it, and another case, do not count. */
	memset(story[3].header.seen, 3, 32);
	story[3].header.case_id[0] ^= 1;
	assert_int_equal(
	    rxp_evidence_chain(&at, &requirement, places, DOCUMENTS, &withheld), RXP_ERR_MISMATCH);
	assert_false(places[2].contradicted);
	story[3].header = header_at("QRA", "QRB", 2);
	story[3].header.has_previous = true;
	memset(story[3].header.previous, 3, 32);
	assert_int_equal(
	    rxp_evidence_chain(&at, &requirement, places, DOCUMENTS, &withheld), RXP_ERR_MISMATCH);
	assert_false(places[2].contradicted);
}

/* RXP-EVI-035, RXP-EVI-008: A1 was received and A2 refused, which goes on from A1; each time one thing of A2 is another. */
static void what_was_refused_goes_on(void **state)
{
	static const struct {
		size_t seen, previous, position;
		bool rooted;
	} rows[] = {{0, 1, 2, true}, {1, 1, 2, true}, {9, 1, 2, false}, {0, 9, 2, false},
	    {0, 9, 1, false}, {0, 0, 1, true}, {0, 0, 2, false}, {0, 1, 3, false}};
	struct rxp_evidence_proof story[DOCUMENTS] = {0};
	struct rxp_evidence_place places[3] = {
	    {.proof = &story[0]}, {.proof = &story[1], .refused = true}, {.proof = &story[2]}};
	struct rxp_header *refused = &story[1].header;
	const char *requirement = "";
	size_t at = 9;

	(void)state;
	tell(story);
	story[2].header = header_at("QRB", "QRA", 1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		*refused = header_at("QRA", "QRB", rows[i].position);
		refused->has_previous = rows[i].previous != 0;
		memset(refused->previous, (int)rows[i].previous, 32);
		refused->has_seen = rows[i].seen != 0;
		memset(refused->seen, rows[i].seen == 1 ? 3 : 9, 32); /* B1, or none */
		assert_int_equal(rxp_evidence_chain(&at, &requirement, places, 3, &withheld), 0);
		assert_true(places[0].rooted && places[2].rooted);
		assert_int_equal(places[1].rooted, rows[i].rooted);
	}
	refused->case_id[0] ^= 1;
	assert_int_equal(
	    rxp_evidence_chain(&at, &requirement, places, 3, &withheld), RXP_ERR_MISMATCH);
	assert_int_equal(at, 1);
	assert_string_equal(requirement, "RXP-EVI-008");
}

/* Without A2, which A3 names as the one before, and then without A1 too, which B1 names as seen. */
static void withheld_may_be_missing(void **state)
{
	struct rxp_evidence_proof story[DOCUMENTS] = {0};

	(void)state;
	tell(story);
	story[2] = story[3];
	withheld.n[1] = 3;
	assert_chain(story, 3, 2, "RXP-CHN-003");
	withheld.n[0] = 1;
	assert_chain(story, 3, 0, NULL);
	assert_chain(story + 1, 2, 1, "RXP-CHN-003");
	withheld.n[0] = 2;
	assert_chain(story + 1, 2, 0, NULL);
	/* What is there fits. */
	story[0].header.case_id[0] ^= 1;
	assert_chain(story, 3, 0, "RXP-CHN-001");
	tell(story);
	story[3].header.previous[0] ^= 1;
	assert_chain(story, DOCUMENTS, 3, "RXP-CHN-003");
	/* Seen may name one that is withheld by its sender alone. */
	tell(story);
	memset(story[3].header.seen, 9, 32);
	assert_chain(story, DOCUMENTS, 0, NULL);
	withheld.n[1] = 0;
	assert_chain(story, DOCUMENTS, 3, "RXP-CHN-004");
	withheld.n[0] = 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_fit),
	    cmocka_unit_test(documents_form_a_chain),
	    cmocka_unit_test(withheld_may_be_missing),
	    cmocka_unit_test(refused_though_seen),
	    cmocka_unit_test(what_was_refused_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
