/*
 * verify_logs_test - goals (RXP-EVI-023 to RXP-EVI-025):
 *   of each document whose answer stands in a page of a log it is told at which entry, and by which later receipt its
 *     State stands to it, also over two pages that follow one another
 *   a page that its owner did not seal, of other States, out of order: wrong
 *   what a State sealed in a page and otherwise in a receipt, an answer or another page is told as a contradiction, and the
 *     container is proved all the same; a page in which nothing differs gives none
 * links: ctl verify
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

static void assert_proved(struct world *w)
{
	remove(w->file);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
}

/* --- what pages prove -------------------------------------------------------------------------------- */

/* The first State sent documents 1, 3 (refused) and 4: the log of the second has three entries. */
static void names_the_entry(void **state)
{
	struct world *w = *state;

	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	assert_proved(w);
	evidence_assert_says(w->out,
	    "entry 1 of the log of QRB, as its page logs/01-QRB.xml has it;\n"
	    "    the receipt of document 04 stands to that log with this entry in it");
	evidence_assert_says(w->out, "entry 2 of the log of QRB");
	evidence_assert_says(
	    w->out, "entry 3 of the log of QRB, as its page logs/01-QRB.xml has it.");
	evidence_assert_says(w->out, "That the logs have no other entries");
	assert_null(strstr(w->out, "CONTRADICTIONS"));
	assert_null(strstr(w->out, "log of QRA, as its page"));
}

static void follows_from_page_to_page(void **state)
{
	struct world *w = *state;

	evidence_log_page(w, 1, 0, 1, NULL);
	evidence_log_page(w, 1, 1, 2, NULL);
	evidence_log_page(w, 0, 0, 1, NULL);
	assert_proved(w);
	evidence_assert_says(w->out,
	    "entry 1 of the log of QRB, as its page logs/01-QRB.xml has it;\n"
	    "    the receipt of document 04 stands");
	evidence_assert_says(
	    w->out, "entry 2 of the log of QRB, as its page logs/02-QRB.xml has it;");
	evidence_assert_says(
	    w->out, "entry 1 of the log of QRA, as its page logs/03-QRA.xml has it.");
	assert_null(strstr(w->out, "CONTRADICTIONS"));
}

/* A gap between two pages: what is behind it does not follow. */
static void does_not_follow_over_a_gap(void **state)
{
	struct world *w = *state;

	evidence_log_page(w, 1, 0, 1, NULL);
	evidence_log_page(w, 1, 2, 1, NULL);
	assert_proved(w);
	evidence_assert_says(
	    w->out, "entry 1 of the log of QRB, as its page logs/01-QRB.xml has it.");
}

/* --- contradictions ---------------------------------------------------------------------------------- */

static void later(struct rxp_log_page *page)
{
	page->entries[0].received_ms += 1000;
}

static void refused(struct rxp_log_page *page)
{
	page->entries[0].outcome = RXP_OUTCOME_REFUSAL;
}

static void another_document(struct rxp_log_page *page)
{
	page->entries[0].fingerprint[0] ^= 1;
}

static void another_start(struct rxp_log_page *page)
{
	page->after_head[0] ^= 1;
}

static void another_end(struct rxp_log_page *page)
{
	page->head[0] ^= 1;
}

static void another_message(struct rxp_log_page *page)
{
	page->entries[0].message_id[15] ^= 0x55;
}

/* The last of them first: a receipt names no log that has its own entry already (RXP-ANS-007). */
static void last_first(struct rxp_log_page *page)
{
	const struct rxp_log_entry first = page->entries[0];

	page->entries[0] = page->entries[2];
	page->entries[2] = first;
	memcpy(page->head, page->after_head, sizeof(page->head));
	for (size_t i = 0; i < page->n_entries; i++)
		assert_int_equal(rxp_logchain_extend(page->head, i + 1, &page->entries[i]), 0);
}

static void tells_contradictions(void **state)
{
	static const struct {
		evidence_change_fn *change;
		const char *says;
	} rows[] = {
	    {later,
		"QRB, documents/01-ReadmissionApplication-QRA/header.xml: its answer says something else"},
	    {refused,
		"documents/01-ReadmissionApplication-QRA/header.xml: its answer says something else"},
	    {another_document,
		"documents/01-ReadmissionApplication-QRA/header.xml: its answer says"},
	    {later,
		"QRB, documents/04-Withdrawal-QRA/receipt.xml: names another history of its log"},
	    {another_message,
		"QRB, documents/04-Withdrawal-QRA/receipt.xml: names another history"},
	    {another_start, "QRB, logs/01-QRB.xml: does not begin where its log begins"},
	    {another_end, "QRB, logs/01-QRB.xml: its entries do not lead to the end"},
	    {last_first,
		"QRB, documents/04-Withdrawal-QRA/receipt.xml: names entries of its log among which its own stands already"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		evidence_plan_again(w);
		evidence_log_page(w, 1, 0, DOCUMENTS, rows[i].change);
		assert_proved(w);
		evidence_assert_says(w->out, "CONTRADICTIONS");
		evidence_assert_says(w->out, rows[i].says);
		assert_null(strstr(w->out, "another log than"));
	}
}

/* The second page begins where the first ends, with another head: nothing follows over that. */
static void does_not_follow_from_another_head(void **state)
{
	struct world *w = *state;

	evidence_log_page(w, 1, 0, 1, another_start);
	evidence_log_page(w, 1, 1, 2, NULL);
	assert_proved(w);
	evidence_assert_says(
	    w->out, "QRB, logs/02-QRB.xml: shows another history of its log than an earlier page");
	evidence_assert_says(
	    w->out, "entry 1 of the log of QRB, as its page logs/01-QRB.xml has it.");
}

static void tells_two_histories(void **state)
{
	struct world *w = *state;

	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	evidence_log_page(w, 1, 1, DOCUMENTS, later);
	assert_proved(w);
	evidence_assert_says(
	    w->out, "QRB, logs/02-QRB.xml: shows another history of its log than an earlier page");
}

/* --- what is wrong ----------------------------------------------------------------------------------- */

static void third_party(struct rxp_log_page *page)
{
	memcpy(page->peer, "QRC", sizeof(page->peer));
}

/* What is kept and is none is left out, by both who make the container, and said. */
static void leaves_out_what_is_no_page(void **state)
{
	static const char *const owners[] = {"QRA", "QRC"};
	struct world *w = *state;
	json_t *item;

	evidence_log_page(w, 1, 0, DOCUMENTS, third_party);
	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	remove(w->file);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	evidence_assert_says(
	    w->err, "a page of the log of QRB that this node keeps does not verify");
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "as its page logs/01-QRB.xml has it");
	evidence_plan_again(w);
	evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
	item = json_array_get(w->log_pages, 0);
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		json_object_set_new(item, "owner", json_string(owners[i]));
		remove(w->file);
		assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
		evidence_assert_says(w->err, "a page of the log of ");
		evidence_assert_says(w->err, "does not verify, and is left out");
		assert_int_equal(evidence_verify(w), VERIFY_PROVED);
		assert_null(strstr(w->out, "as its page"));
	}
	json_object_set_new(item, "owner", json_string("../"));
	remove(w->file);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_FAILED);
}

/* A State that puts it in all the same, and seals that. */
static void takes_no_other_page(void **state)
{
	static const struct {
		const char *name, *says;
	} rows[] = {
	    {"logs/02-QRB.xml", "logs: numbers from 1, each once, without a gap"},
	    {"logs/01-QRA.xml", "logs/01-QRA.xml: "},
	    {"logs/01-QRC.xml", "logs/01-QRC.xml: of a party whose descriptor is not here"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rxp_container c, documents;
		struct rxp_buf signatures;

		evidence_plan_again(w);
		evidence_log_page(w, 1, 0, DOCUMENTS, NULL);
		assert_proved(w);
		evidence_load(w, &c);
		rxp_container_init(&documents);
		for (size_t k = 0; k < c.n; k++) {
			const struct rxp_entry *e = &c.entries[k];
			bool moves = strcmp(e->name, "logs/01-QRB.xml") == 0;

			if (strncmp(e->name, "META-INF/", 9) != 0 &&
			    strcmp(e->name, "mimetype") != 0)
				assert_int_equal(
				    rxp_container_add(&documents, moves ? rows[i].name : e->name,
					e->octets.data, e->octets.len),
				    0);
		}
		rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
		evidence_seal(w, &documents, &signatures);
		assert_int_equal(rxp_dossier_put_seal(&documents, &signatures), 0);
		evidence_store(w, &documents);
		assert_int_equal(evidence_verify(w), VERIFY_WRONG);
		evidence_assert_says(w->err, rows[i].says);
		rxp_buf_free(&signatures);
		rxp_container_clear(&documents);
		rxp_container_clear(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EVIDENCE_TEST(names_the_entry),
	    EVIDENCE_TEST(follows_from_page_to_page),
	    EVIDENCE_TEST(does_not_follow_over_a_gap),
	    EVIDENCE_TEST(tells_contradictions),
	    EVIDENCE_TEST(does_not_follow_from_another_head),
	    EVIDENCE_TEST(tells_two_histories),
	    EVIDENCE_TEST(leaves_out_what_is_no_page),
	    EVIDENCE_TEST(takes_no_other_page),
	};

	return cmocka_run_group_tests(tests, evidence_begin, evidence_end);
}
