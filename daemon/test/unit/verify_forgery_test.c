/*
 * verify_forgery_test - goals:
 *   each entry with one octet changed, at its beginning, middle and end, is wrong and named; so is each that
 *     is missing, and one that was put in
 *   a receipt of another document, a renamed folder, a gap in the numbers, a missing document of the case, a
 *     body that was not sealed: each is wrong, also if the State seals the container anew
 *   so is one with a time-stamp that is none (RXP-EVI-021)
 *   a container sealed by neither State, or whose receipts name two histories of one log, is wrong
 *   a body that was sealed is told to be (RXP-EVI-019)
 * links: ctl verify
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

/* --- entries ------------------------------------------------------------------------------------------ */

static struct rxp_entry *entry_of(struct rxp_container *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->entries[i].name, name) == 0)
			return &c->entries[i];
	fail_msg("no entry %s", name);
	return NULL;
}

/* A container with the entries of another, but for those whose name begins with from: they get the name with
 * to in its place, or are left out if that is NULL. */
static void copy_but(
    struct rxp_container *out, const struct rxp_container *c, const char *from, const char *to)
{
	rxp_container_init(out);
	for (size_t i = 0; i < c->n; i++) {
		const struct rxp_entry *e = &c->entries[i];
		bool moves = strncmp(e->name, from, strlen(from)) == 0;
		char name[2 * RXP_ENTRY_TEXT];

		if (moves && to == NULL)
			continue;
		snprintf(name, sizeof(name), "%s%s", moves ? to : "",
		    e->name + (moves ? strlen(from) : 0));
		assert_int_equal(rxp_container_add(out, name, e->octets.data, e->octets.len), 0);
	}
}

/* What a State that lies could do: list and seal what is there. */
static void seal_anew(struct world *w, struct rxp_container *c)
{
	struct rxp_container bare, documents;
	struct rxp_buf signatures;

	copy_but(&bare, c, "META-INF/", NULL);
	copy_but(&documents, &bare, RXP_EVIDENCE_MIMETYPE, NULL);
	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	evidence_seal(w, &documents, &signatures);
	assert_int_equal(rxp_dossier_put_seal(&documents, &signatures), 0);
	rxp_buf_free(&signatures);
	rxp_container_clear(&bare);
	rxp_container_clear(c);
	*c = documents;
}

static void assert_wrong(struct world *w, const struct rxp_container *c, const char *says)
{
	evidence_store(w, c);
	assert_int_equal(evidence_verify(w), VERIFY_WRONG);
	evidence_assert_says(w->err, says);
	assert_null(strstr(w->out, "PROVED"));
}

/* --- tests -------------------------------------------------------------------------------------------- */

static void each_octet_counts(void **state)
{
	struct world *w = *state;
	struct rxp_container c;

	evidence_load(w, &c);
	assert_int_equal(c.n, 5 + 2 + DOCUMENTS * 6);
	for (size_t i = 0; i < c.n; i++)
		for (size_t k = 0; k < 3; k++) {
			struct rxp_buf *octets = &c.entries[i].octets;
			size_t at = k * (octets->len - 1) / 2;
			char named[PATH_TEXT];

			octets->data[at] ^= 1;
			snprintf(named, sizeof(named), ".asice: %s: ", c.entries[i].name);
			assert_wrong(w, &c, named);
			octets->data[at] ^= 1;
		}
	evidence_store(w, &c);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	rxp_container_clear(&c);
}

static void each_entry_counts(void **state)
{
	struct world *w = *state;
	struct rxp_container c, without;

	evidence_load(w, &c);
	for (size_t i = 0; i < c.n; i++) {
		char named[PATH_TEXT];

		if (strcmp(c.entries[i].name, RXP_EVIDENCE_MIMETYPE) == 0)
			continue; /* there is no such file at all */
		copy_but(&without, &c, c.entries[i].name, NULL);
		snprintf(named, sizeof(named), ".asice: %s: ", c.entries[i].name);
		assert_wrong(w, &without, named);
		rxp_container_clear(&without);
	}
	copy_but(&without, &c, "documents/03-Withdrawal-QRA/refusal.xml", NULL);
	assert_wrong(
	    w, &without, "03-Withdrawal-QRA/receipt.xml: missing, and no refusal.xml either");
	rxp_container_clear(&without);
	rxp_container_clear(&c);
}

static void one_more_is_named(void **state)
{
	static const char name[] = "withheld/05-Withdrawal-QRA.txt";
	struct world *w = *state;
	struct rxp_container c;

	evidence_load(w, &c);
	assert_int_equal(rxp_container_add(&c, name, "x", 1), 0);
	assert_wrong(
	    w, &c, "withheld/05-Withdrawal-QRA.txt: not in the list of META-INF/manifest.xml");
	rxp_container_clear(&c);
}

static void what_is_misplaced(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} MOVES[] = {
	    {"documents/04-Withdrawal-QRA", "documents/05-Withdrawal-QRA",
		"documents: number 4 is missing"},
	    {"documents/04-Withdrawal-QRA", "documents/04-ReadmissionReply-QRA",
		"header.xml: not what the folder's name says"},
	    {"documents/04-Withdrawal-QRA", "documents/004-Withdrawal-QRA",
		"header.xml: not what the folder's name says"},
	    {"documents/04-Withdrawal-QRA", "documents/04-Withdrawal-QRB",
		"04-Withdrawal-QRB/receipt.xml: "},
	    {"documents/04-Withdrawal-QRA", "documents/04-Withdrawal-QRC",
		"of a party whose descriptor is not here"},
	    {"documents/04-Withdrawal-QRA", NULL, "chronology.txt: not what the documents say"},
	    {"documents/02-ReadmissionReply-QRB", NULL, "documents: number 2 is missing"},
	    {"documents/03-Withdrawal-QRA/refusal.xml", "documents/03-Withdrawal-QRA/receipt.xml",
		"receipt.xml: an answer of the other kind"},
	    {"descriptors/QRA.xml", "descriptors/QRC.xml",
		"descriptors/QRC.xml: the descriptor of another party"},
	    {"descriptors/QRA.xml", NULL, "must hold the descriptors of two parties"},
	    {"documents", NULL, "documents: no document is here"},
	};
	struct world *w = *state;
	struct rxp_container c, moved;

	evidence_load(w, &c);
	for (size_t i = 0; i < sizeof(MOVES) / sizeof(MOVES[0]); i++) {
		copy_but(&moved, &c, MOVES[i].from, MOVES[i].to);
		assert_wrong(w, &moved, MOVES[i].says);
		seal_anew(w, &moved);
		assert_wrong(w, &moved, MOVES[i].says);
		rxp_container_clear(&moved);
	}
	rxp_container_clear(&c);
}

static void what_was_taken_from_another(void **state)
{
	struct world *w = *state;
	struct rxp_entry *first, *last;
	struct rxp_container c;
	struct rxp_buf octets;

	evidence_load(w, &c);
	first = entry_of(&c, "documents/01-ReadmissionApplication-QRA/receipt.xml");
	last = entry_of(&c, "documents/04-Withdrawal-QRA/receipt.xml");
	octets = first->octets;
	first->octets = last->octets;
	last->octets = octets;
	seal_anew(w, &c);
	assert_wrong(
	    w, &c, "01-ReadmissionApplication-QRA/signed-info.xml: not what the answer names");
	evidence_assert_says(
	    w->err, "04-Withdrawal-QRA/signed-info.xml: not what the answer names");
	rxp_container_clear(&c);
}

/* The State's own seal over a chronology that lies is no way around it. */
static void a_chronology_that_lies(void **state)
{
	static const struct {
		const char *name, *says, *lie; /* the lie is as long as what it stands for */
	} rows[] = {
	    {RXP_EVIDENCE_CHRONOLOGY, "2026-11-18T11:09:41", "2026-11-17T11:09:41"},
	    {RXP_EVIDENCE_PAGE, "<td>2026-11-18, wednesday</td><td>11:09:41",
		"<td>2026-11-17, wednesday</td><td>11:09:41"},
	    {RXP_EVIDENCE_PAGE, "default-src 'none'", "default-src  https"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char problem[128];
		struct rxp_container c;
		struct rxp_entry *e;
		char *at;

		evidence_load(w, &c);
		e = entry_of(&c, rows[i].name);
		at = memmem(e->octets.data, e->octets.len, rows[i].says, strlen(rows[i].says));
		assert_non_null(at);
		memcpy(at, rows[i].lie, strlen(rows[i].says));
		seal_anew(w, &c);
		snprintf(problem, sizeof(problem), "%s: not what the documents say", rows[i].name);
		assert_wrong(w, &c, problem);
		evidence_assert_says(w->out, ": 1 problem\n");
		rxp_container_clear(&c);
		remove(w->file);
		assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	}
}

static void a_third_seal(void **state)
{
	struct world *w = *state;
	struct rxp_container c;
	struct pair seal = w->states[0].seal;

	evidence_load(w, &c);
	w->states[0].seal = w->states[0].next; /* in no descriptor */
	seal_anew(w, &c);
	w->states[0].seal = seal;
	assert_wrong(w, &c, "META-INF/signatures.xml: signed by neither of the two States");
	evidence_assert_says(w->out, ": 1 problem\n");
	/* The other of the two is one. */
	w->states[0].seal = w->states[1].seal;
	seal_anew(w, &c);
	w->states[0].seal = seal;
	evidence_store(w, &c);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "QRB put these files together");
	rxp_container_clear(&c);
}

/* All that is named is right, but the value is not of these octets. */
static void another_value(void **state)
{
	static const char begin[] = "<ds:SignatureValue>";
	struct world *w = *state;
	struct rxp_container c;
	struct rxp_buf *octets;
	char *value;

	evidence_load(w, &c);
	octets = &entry_of(&c, RXP_EVIDENCE_SIGNATURES)->octets;
	value = memmem(octets->data, octets->len, begin, strlen(begin));
	assert_non_null(value);
	value += strlen(begin);
	value[8] = value[8] == 'A' ? 'B' : 'A';
	assert_wrong(w, &c, "META-INF/signatures.xml: the seal does not verify");
	evidence_assert_says(w->out, ": 1 problem\n");
	value[8] = '!';
	assert_wrong(w, &c, "META-INF/signatures.xml: not the one allowed shape");
	rxp_container_clear(&c);
}

/* RXP-EVI-018: QRB's receipts of documents 1 and 4 name the same length of one log. */
/* RXP-EVI-021: whoever adds a time-stamp that is none gets a container that is wrong. */
static void no_time_stamp(void **state)
{
	struct world *w = *state;
	struct rxp_buf token, stamped;
	struct rxp_container c;
	struct rxp_entry *signatures;

	evidence_load(w, &c);
	signatures = entry_of(&c, RXP_EVIDENCE_SIGNATURES);
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	rxp_buf_init(&stamped, RXP_MAX_CONTAINER_TEXT_OCTETS);
	assert_int_equal(rxp_buf_puts(&token, "0"), 0);
	assert_int_equal(rxp_container_stamp(&stamped, &signatures->octets, &token), 0);
	rxp_buf_free(&signatures->octets);
	signatures->octets = stamped;
	assert_wrong(w, &c, "META-INF/signatures.xml: its time-stamp does not verify");
	rxp_buf_free(&token);
	rxp_container_clear(&c);
}

static void two_histories(void **state)
{
	struct world *w = *state;

	w->forks = true;
	snprintf(strrchr(w->file, '/'), 16, "/forked");
	evidence_plan_again(w);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_FAILED);
	evidence_assert_says(w->err,
	    "04-Withdrawal-QRA/receipt.xml: names another history of its log than an earlier receipt");
}

/* RXP-EVI-019. */
static void a_body(void **state)
{
	static const char folder[] = "documents/01-ReadmissionApplication-QRA/";
	struct world *w = *state;
	struct rxp_container c;
	struct rxp_entry *body;
	char name[RXP_ENTRY_TEXT];

	snprintf(name, sizeof(name), "%sbody.xml", folder);
	evidence_load(w, &c);
	assert_int_equal(rxp_container_add(&c, name, w->body.data, w->body.len), 0);
	seal_anew(w, &c);
	evidence_store(w, &c);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "    body.xml is what it sealed, to the octet.\n");
	evidence_assert_says(w->out, "- What 3 of 4 documents said: ");
	body = entry_of(&c, name);
	body->octets.data[body->octets.len / 2] ^= 1;
	seal_anew(w, &c);
	snprintf(name, sizeof(name), "%sbody.xml: not what was sealed", folder);
	assert_wrong(w, &c, name);
	rxp_container_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EVIDENCE_TEST(each_octet_counts),
	    EVIDENCE_TEST(each_entry_counts),
	    EVIDENCE_TEST(one_more_is_named),
	    EVIDENCE_TEST(what_is_misplaced),
	    EVIDENCE_TEST(what_was_taken_from_another),
	    EVIDENCE_TEST(a_chronology_that_lies),
	    EVIDENCE_TEST(a_third_seal),
	    EVIDENCE_TEST(another_value),
	    EVIDENCE_TEST(no_time_stamp),
	    EVIDENCE_TEST(two_histories),
	    EVIDENCE_TEST(a_body),
	};

	return cmocka_run_group_tests(tests, evidence_begin, evidence_end);
}
