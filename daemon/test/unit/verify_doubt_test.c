/*
 * verify_doubt_test - goals:
 *   a document or an answer under a seal that is revoked keeps no evidence back: the container is made, and readmit-verify says of
 *     which it is not proved, and why, with an exit status of its own (RXP-EVI-007, RXP-EVI-030)
 *   an answer of before the revocation, which who stole the seal can have dated back, stands by its entry in a page of the log under
 *     another seal, and not by a page under the stolen one (RXP-EVI-029), nor by an entry that was made when it had come back (RXP-EVI-033)
 *   a certificate that the descriptor in force has outgrown is proved by a former descriptor that joins; by one that does not if its
 *     root is given too (RXP-EVI-028)
 *   what States sealed later, under seals that stand, is said of a doubtful document
 *   a container under a seal that is revoked is wrong whatever date it bears (RXP-EVI-013)
 *   a former descriptor with another octet, of another State or with a number too high is wrong, and named
 * links: ctl verify
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

/* Document 4 was received then, the last; the answers of the others bear earlier times. */
#define LAST_MS (NOW_MS + 181000)

static void export(struct world *w)
{
	(void)remove(w->file);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
}

static void assert_in_part(struct world *w, const char *const *says)
{
	export(w);
	evidence_assert_says(w->err, "not all of it is proved");
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
	for (; *says != NULL; says++)
		evidence_assert_says(w->out, *says);
}

static void assert_proved(struct world *w)
{
	export(w);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
}

/* The part of what was said that is about the document of that number. */
static void said_of(const struct world *w, const char *number, char out[TEXT_MAX])
{
	char heading[16];
	const char *begin, *end;

	snprintf(heading, sizeof(heading), "\n%s  ", number);
	begin = strstr(w->out, heading);
	assert_non_null(begin);
	end = strstr(begin + 1, "\n0");
	end = end != NULL ? end : strstr(begin + 1, "\nNOT PROVED\n");
	assert_non_null(end);
	snprintf(out, TEXT_MAX, "%.*s", (int)(end - begin), begin);
}

/* The page does not say that all of it is proved. */
static void assert_page(const struct world *w, bool doubts)
{
	static const char ITEM[] =
	    "<li>That a State sealed, or answered, what is NOT PROVED above.</li>\n";
	const struct rxp_entry *page;
	struct rxp_container c;

	evidence_load(w, &c);
	page = rxp_container_find(&c, RXP_EVIDENCE_PAGE);
	assert_int_equal(
	    memmem(page->octets.data, page->octets.len, ITEM, strlen(ITEM)) != NULL, doubts);
	rxp_container_clear(&c);
}

static void a_revoked_seal_of_the_sender(void **state)
{
	struct world *w = *state;
	char said[TEXT_MAX];

	evidence_log_page(w, 0, 0, DOCUMENTS, NULL);
	evidence_make_descriptor(&w->states[0], LAST_MS);
	json_array_clear(w->log_pages);
	evidence_log_page(w, 0, 0, DOCUMENTS, NULL); /* of QRA, under its next seal */
	assert_in_part(w,
	    (const char *const[]){"NOT PROVED that QRA sealed it: the seal is revoked, and nothing",
		"- Of 1 of 4 documents who sealed them", NULL});
	said_of(w, "04", said);
	evidence_assert_says(said, "NOT PROVED that QRA sealed it");
	evidence_assert_says(said, "What follows proves that QRB had it as one of QRA");
	evidence_assert_says(said, "QRB sealed, at ");
	said_of(w, "01", said); /* QRB received it before */
	assert_null(strstr(said, "NOT PROVED"));

	assert_page(w, true);

	evidence_make_descriptor(&w->states[0], LAST_MS + 1);
	assert_proved(w);
	assert_page(w, false);
}

static void a_revoked_seal_of_the_receiver(void **state)
{
	struct world *w = *state;
	char said[TEXT_MAX];

	evidence_make_descriptor(&w->states[1], LAST_MS + 1); /* all is dated before */
	assert_in_part(w,
	    (const char *const[]){"NOT PROVED that QRB answered it. The answer that is here says",
		"whoever stole it can have dated it back", "- Of 3 of 4 documents", NULL});
	said_of(w, "02", said); /* QRB sealed it, and QRA received it before */
	assert_null(strstr(said, "NOT PROVED"));
	said_of(w, "01", said);
	evidence_assert_says(said, "Yet QRB sealed document 02, which names it as seen.");
	said_of(w, "04", said);
	assert_null(strstr(said, "Yet"));

	/* By the log, under a seal that is not revoked. */
	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	assert_proved(w);
	evidence_assert_says(w->out, "QRB sealed its log, in which it had received all of it at ");
	evidence_assert_says(w->out, "QRB sealed its log, in which it refused it at ");

	/* Only the first of them is in it. */
	json_array_clear(w->log_pages);
	evidence_log_page(w, 1, 0, 1, NULL);
	assert_in_part(w, (const char *const[]){"- Of 2 of 4 documents", NULL});

	/* The thief has a page too. */
	json_array_clear(w->log_pages);
	w->states[1].rolled = false;
	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	assert_in_part(w, (const char *const[]){"- Of 3 of 4 documents", NULL});
}

/* The log that began when its owner had lost the one before: what it answered came back into that (RXP-LOG-020). */
static void another_log(struct rxp_log_page *page)
{
	page->log_id[0] ^= 1;
	assert_int_equal(
	    rxp_logchain_start(page->after_head, page->owner, page->peer, page->log_id), 0);
	memcpy(page->head, page->after_head, sizeof(page->head));
	for (size_t i = 0; i < page->n_entries; i++)
		assert_int_equal(rxp_logchain_extend(page->head, i + 1, &page->entries[i]), 0);
}

/* RXP-EVI-033: its owner got it back from the other State, and its log says no more than that. */
static void an_entry_made_since_it_came_back(void **state)
{
	struct world *w = *state;
	char said[TEXT_MAX];

	evidence_log_page(w, 1, 0, DOCUMENTS, another_log);
	assert_proved(w); /* by its own seal; what the entry is worth is said */
	evidence_assert_says(w->out, "entry 1 of another log than the receipt names, one of QRB");
	assert_null(strstr(w->out, "CONTRADICTIONS"));

	evidence_make_descriptor(&w->states[1], LAST_MS + 1);
	json_array_clear(w->log_pages);
	evidence_log_page(w, 1, 0, DOCUMENTS, another_log);
	assert_in_part(w,
	    (const char *const[]){
		"it was put there when the answer had come back to QRB, and does not show that it was given",
		"- Of 3 of 4 documents", NULL});
	said_of(w, "03", said); /* refused, and no receipt that stands names that log */
	evidence_assert_says(said, "NOT PROVED that QRB answered it");
	evidence_assert_says(said, "nothing here shows that this one was there then");

	/* The twin: the log that the receipts name. Both: that one counts. */
	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	assert_proved(w);
}

/* A page under the stolen seal proves nothing by itself; a receipt under another one stands to its entries. */
static void a_page_under_the_stolen_seal(void **state)
{
	struct world *w = *state;

	w->states[1].answers_next = 4;
	evidence_plan_again(w);
	evidence_make_descriptor(&w->states[1], LAST_MS + 1);
	assert_in_part(w, (const char *const[]){"- Of 2 of 4 documents", NULL});
	w->states[1].rolled = false;
	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	assert_proved(w);
	evidence_assert_says(w->out, "the receipt of document 04 stands to that log");
	json_array_clear(w->log_pages);
	evidence_log_page(w, 1, 0, DOCUMENTS, another_log);
	assert_in_part(w, (const char *const[]){"- Of 2 of 4 documents", NULL});
}

/* The entry says another time than the answer, which is what it can have been dated back to. */
static void other_time(struct rxp_log_page *page)
{
	page->entries[0].received_ms += 1;
}

static void a_log_that_says_something_else(void **state)
{
	struct world *w = *state;

	evidence_make_descriptor(&w->states[1], LAST_MS + 1);
	evidence_log_page(w, 1, 0, DOCUMENTS, other_time);
	assert_in_part(
	    w, /* the refusal names no log, and the first receipt shows no more that this one was there */
	    (const char *const[]){"- Of 2 of 4 documents",
		"its answer says something else than its entry in the log; but one of the two is under a seal",
		NULL});
}

static void the_chain_is_longer_than_the_descriptor(void **state)
{
	struct world *w = *state;

	evidence_outgrow(&w->states[0]);
	assert_proved(w);
	evidence_assert_says(w->asked, "?after=4 ");
	w->states[0].n_former = 0;
	(void)remove(w->file);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	w->states[0].n_former = 1;
	evidence_outgrow(&w->states[1]);
	assert_proved(w);
}

static void a_state_that_began_anew(void **state)
{
	struct world *w = *state;
	char a[80], b[80], c[80];
	const char *argv[] = {"readmit-verify", w->file, "--root", a, "--root", b, "--root", c};

	snprintf(c, sizeof(c), "QRB=%s", w->states[1].fingerprint);
	evidence_begin_anew(&w->states[1]);
	assert_in_part(
	    w, (const char *const[]){"NOT PROVED that QRB sealed it: the seal is of a former root",
		   "NOT PROVED that QRB answered it",
		   "before, and with nothing that joins it: root key",
		   "NOT COMPARED: what was sealed under it is not proved", "- Of 4 of 4 documents",
		   NULL});
	snprintf(a, sizeof(a), "QRA=%s", w->states[0].fingerprint);
	snprintf(b, sizeof(b), "QRB=%s", w->states[1].fingerprint);
	assert_int_equal(evidence_verify_with(w, 8, argv), VERIFY_PROVED);
	evidence_assert_says(
	    w->out, "which was given too, and counts for what was sealed under it");
	assert_null(strstr(w->out, "NOT PROVED that"));
	/* The former one alone says nothing of the keys in force. */
	assert_int_equal(evidence_verify_with(w, 4, argv), VERIFY_IN_PART);
	snprintf(b, sizeof(b), "%s", c);
	assert_int_equal(evidence_verify_with(w, 6, argv), VERIFY_NOT_COMPARED);
	/* That of a chain of which nothing is here is of no use, unless it is the only one. */
	snprintf(c, sizeof(c), "QRB=%s", w->states[0].fingerprint);
	assert_int_equal(evidence_verify_with(w, 8, argv), VERIFY_NOT_COMPARED);
	snprintf(b, sizeof(b), "%s", c);
	assert_int_equal(evidence_verify_with(w, 6, argv), VERIFY_WRONG);
	evidence_assert_says(w->err, "not sealed under the root given");
}

static void a_container_under_a_revoked_seal(void **state)
{
	struct world *w = *state;

	evidence_make_descriptor(&w->states[0], SEALED_MS + 1);
	w->states[0].rolled = false;
	(void)remove(w->file);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_FAILED);
	evidence_assert_says(
	    w->err, "META-INF/signatures.xml: signed under a certificate that is revoked");
}

static void former_descriptors_count(void **state)
{
	static const char NAME[] = "descriptors/01-QRA.xml";
	struct world *w = *state;
	struct rxp_container c, other;

	evidence_outgrow(&w->states[0]);
	export(w);
	evidence_load(w, &c);
	for (size_t i = 0; i < c.n; i++) {
		struct rxp_buf *octets = &c.entries[i].octets;

		if (strcmp(c.entries[i].name, NAME) != 0)
			continue;
		for (size_t k = 0; k < 3; k++) {
			octets->data[k * (octets->len - 1) / 2] ^= 1;
			evidence_store(w, &c);
			assert_int_equal(evidence_verify(w), VERIFY_WRONG);
			evidence_assert_says(w->err, "descriptors/01-QRA.xml: ");
			octets->data[k * (octets->len - 1) / 2] ^= 1;
		}
	}
	for (size_t k = 0; k < 3; k++) {
		static const char *const names[] = {
		    "descriptors/02-QRA.xml", "descriptors/01-QRB.xml", "descriptors/01-QRC.xml"};

		rxp_container_init(&other);
		for (size_t i = 0; i < c.n; i++)
			assert_int_equal(
			    rxp_container_add(&other,
				strcmp(c.entries[i].name, NAME) == 0 ? names[k] : c.entries[i].name,
				c.entries[i].octets.data, c.entries[i].octets.len),
			    0);
		evidence_store(w, &other);
		assert_int_equal(evidence_verify(w), VERIFY_WRONG);
		evidence_assert_says(w->err, names[k]);
		rxp_container_clear(&other);
	}
	evidence_store(w, &c);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	rxp_container_clear(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    EVIDENCE_TEST(a_revoked_seal_of_the_sender),
	    EVIDENCE_TEST(a_revoked_seal_of_the_receiver),
	    EVIDENCE_TEST(an_entry_made_since_it_came_back),
	    EVIDENCE_TEST(a_page_under_the_stolen_seal),
	    EVIDENCE_TEST(a_log_that_says_something_else),
	    EVIDENCE_TEST(the_chain_is_longer_than_the_descriptor),
	    EVIDENCE_TEST(a_state_that_began_anew),
	    EVIDENCE_TEST(a_container_under_a_revoked_seal),
	    EVIDENCE_TEST(former_descriptors_count),
	};

	return cmocka_run_group_tests(tests, evidence_begin, evidence_end);
}
