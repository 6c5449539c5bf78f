/*
 * verify_withheld_test - goals (RXP-EVI-032):
 *   a document of which anything that is stored was altered, or whose seal no descriptor names, keeps back no other: the container is
 *     made, the command names it and has a status of its own
 *   readmit-verify says that it is not given, by whose word, which documents name it and by which fingerprint, and its status is that of
 *     a container of which not all is proved
 *   a container that names none, another number, other words or a stranger is wrong, also if the State seals it anew
 *   a stored type that is none keeps back no other, nor what is larger than it can be, nor what is of another message, nor a content
 *     that is another
 *   if nothing is left there is no container: the command asks the node once, which alarms, and says so with the same status
 * links: ctl verify
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

#include <unistd.h>

#define ALTERED rxp_withheld_words(RXP_WITHHELD_ALTERED)->entry
#define NAME "withheld/01-ReadmissionReply-QRB.txt"

static void restart(struct world *w)
{
	(void)remove(w->file);
	evidence_plan_again(w);
}

/* Another octet in the middle of what is stored of the document, counted from 0. */
static void alter(struct world *w, size_t at, const char *member)
{
	json_t *row = json_array_get(w->rows, at);
	char *text = strdup(json_string_value(json_object_get(row, member)));

	assert_non_null(text);
	text[strlen(text) / 2] = text[strlen(text) / 2] == 'a' ? 'b' : 'a';
	assert_int_equal(json_object_set_new(row, member, json_string(text)), 0);
	free(text);
}

static void assert_in_part(struct world *w, const char *complains)
{
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	evidence_assert_says(w->err, complains);
	evidence_assert_says(w->err, "3 documents, ");
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
}

static void whatever_was_altered(void **state)
{
	static const char *const MEMBERS[] = {
	    "header", "properties", "signed_info", "value", "answer", "seal_cert"};
	struct world *w = *state;
	char hex[RXP_DIGEST_HEX];

	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++) {
		const bool named = strcmp(MEMBERS[i], "seal_cert") != 0;

		restart(w);
		alter(w, 1, MEMBERS[i]);
		assert_in_part(w, named ? "what is stored of it does not verify: it was altered"
					: "no descriptor that this node has names its seal");
		evidence_assert_says(
		    w->out, "NOT GIVEN: QRA says that it has such a document of QRB");
		rxp_hex_put(hex, w->fingerprints[1], sizeof(w->fingerprints[1]), false);
		evidence_assert_says(w->out, hex);
		evidence_assert_says(w->out, "is missing, but for those that are NOT GIVEN.");
		evidence_assert_says(w->out, "it is QRA\n  alone that says so.");
	}
	/* The first of a sender, which its next one names. */
	restart(w);
	alter(w, 0, "answer");
	assert_in_part(w, "ReadmissionApplication of QRA, ");
	evidence_assert_says(w->out, "names document 1 of QRA, with the fingerprint");
}

static void what_it_has_was_empty(void **state)
{
	struct world *w = *state;

	restart(w);
	json_object_set_new(json_array_get(w->rows, 1), "header", json_string(""));
	assert_in_part(w, "ReadmissionReply of QRB, ");
}

/* chronology.txt has this line. */
static void assert_chronology(struct world *w, const char *line)
{
	const struct rxp_entry *text;
	struct rxp_container c;

	evidence_load(w, &c);
	text = rxp_container_find(&c, RXP_EVIDENCE_CHRONOLOGY);
	snprintf(
	    w->out, sizeof(w->out), "%.*s", (int)text->octets.len, (const char *)text->octets.data);
	evidence_assert_says(w->out, line);
	rxp_container_clear(&c);
}

/* It is named by a word that is no type. */
static void its_type_was_altered(void **state)
{
	static const char *const TYPES[] = {"../Reply", "", "Readmission Reply"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		restart(w);
		json_object_set_new(json_array_get(w->rows, 1), "type", json_string(TYPES[i]));
		assert_in_part(w, " of QRB, ");
		evidence_assert_says(w->out, "Document");
	}
}

/* It came back under a seal that was revoked: no answer is given, and the command says what it waits for (RXP-RCV-018). */
static void it_is_unproved(void **state)
{
	struct world *w = *state;
	json_t *row;

	restart(w);
	row = json_array_get(w->rows, 1);
	json_object_set_new(row, "answer", json_string(""));
	json_object_set_new(row, "unproved", json_true());
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	evidence_assert_says(w->err, "came back under a seal that was revoked");
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
	evidence_assert_says(w->out,
	    "NOT GIVEN: QRA says that it has such a document of QRB, and that it, or its answer, came back\n");
	assert_chronology(w,
	    "Not here: ReadmissionReply from QRB, since it or its answer came back after a loss under a "
	    "revoked seal\n");
}

/* What is stored of it was put into the place of another, or is kept for another: each octet of it verifies. */
static void it_is_another(void **state)
{
	static const struct {
		const char *member, *value;
	} rows[] = {{"message_id", "01890a5d-ac96-774b-bcce-b302099a8099"},
	    {"message_id", "00000000-0000-0000-0000-000000000000"},
	    {"fingerprint", "0000000000000000000000000000000000000000000000000000000000000000"}};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		restart(w);
		json_object_set_new(
		    json_array_get(w->rows, 1), rows[i].member, json_string(rows[i].value));
		assert_in_part(w, "what is stored of it does not verify: it was altered");
	}
}

/* It is larger than anything that is stored of a document. */
static void it_is_too_large(void **state)
{
	static const char *const MEMBERS[] = {"header", "answer", "value"};
	struct world *w = *state;
	const size_t len = 400000;
	uint8_t *octets = calloc(1, len);

	assert_non_null(octets);
	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++) {
		restart(w);
		evidence_put_octets(json_array_get(w->rows, 1), MEMBERS[i], octets, len);
		assert_in_part(w, "what is stored of it does not verify: it was altered");
	}
	free(octets);
}

static void with_content(void **state)
{
	struct world *w = *state;

	restart(w);
	alter(w, 1, "value");
	assert_int_equal(evidence_export_content(w, CASE, w->file), EXIT_IN_PART);
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
	evidence_assert_says(w->out, "03  Withdrawal");
	evidence_assert_says(w->out, "body.xml is what it sealed, to the octet.");
}

/* What is stored of its content is not what was sealed: that is left out, and said. */
static void its_content_is_another(void **state)
{
	struct world *w = *state;
	uint8_t *at;

	restart(w);
	at = memmem(w->sealed[1].data, w->sealed[1].len, "</Ping>", 7);
	assert_non_null(at);
	at[3] = 'o'; /* </Pong> */
	at -= strlen("<Ping xmlns=\"urn:rxp:1:body\">");
	at[2] = 'o';
	assert_int_equal(evidence_export_content(w, CASE, w->file), EXIT_OK);
	evidence_assert_says(
	    w->err, "what is stored of what document 02 says is not what was sealed");
	evidence_assert_says(w->asked, "/evidence/seal?bodies=1011 ");
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
}

/* One that is left out keeps nothing back that does not need it (RXP-EVI-028). */
static void a_former_descriptor_was_altered(void **state)
{
	struct world *w = *state;
	struct state *s = &w->states[0];

	restart(w);
	rxp_buf_init(&s->former[0], RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_buf_put(&s->former[0], s->descriptor.data, s->descriptor.len), 0);
	s->former[0].data[s->former[0].len / 2] ^= 1;
	s->n_former = 1;
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	evidence_assert_says(w->err, "a former descriptor that this node keeps does not verify");
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
}

/* --- containers that a State that lies could make ------------------------------------------------------- */

/* Without the entries that speak of the others, without the one of that name, and with one of these octets in its place. */
static void make_anew(struct world *w, const struct rxp_container *c, const char *name,
    const char *octets, const char *says)
{
	struct rxp_container out;
	struct rxp_buf signatures;

	rxp_container_init(&out);
	for (size_t i = 0; i < c->n; i++)
		if (strncmp(c->entries[i].name, "META-INF/", 9) != 0 &&
		    strcmp(c->entries[i].name, RXP_EVIDENCE_MIMETYPE) != 0 &&
		    strcmp(c->entries[i].name, NAME) != 0)
			assert_int_equal(rxp_container_add(&out, c->entries[i].name,
					     c->entries[i].octets.data, c->entries[i].octets.len),
			    0);
	if (name != NULL)
		assert_int_equal(rxp_container_add(&out, name, octets, strlen(octets)), 0);
	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	evidence_seal(w, &out, &signatures);
	assert_int_equal(rxp_dossier_put_seal(&out, &signatures), 0);
	evidence_store(w, &out);
	rxp_buf_free(&signatures);
	rxp_container_clear(&out);
	if (says == NULL) {
		assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
		return;
	}
	assert_int_equal(evidence_verify(w), VERIFY_WRONG);
	evidence_assert_says(w->err, says);
}

static void it_says_so_in_one_way(void **state)
{
	struct world *w = *state;
	struct rxp_container c;

	restart(w);
	alter(w, 1, "value");
	assert_in_part(w, "ReadmissionReply of QRB, ");
	evidence_load(w, &c);
	make_anew(w, &c, NAME, ALTERED, NULL);
	make_anew(w, &c, NULL, NULL, "does not fit the other documents of its case (RXP-CHN-004)");
	make_anew(w, &c, NAME, "All is well.\n", NAME ": not what it must say");
	make_anew(w, &c, "withheld/02-ReadmissionReply-QRB.txt", ALTERED,
	    "withheld: numbers from 1, each once, without a gap");
	make_anew(w, &c, "withheld/01-ReadmissionReply-QRC.txt", ALTERED,
	    "of a party whose descriptor is not here");
	make_anew(w, &c, "withheld/01-ReadmissionReply-QRA.txt", ALTERED,
	    "does not fit the other documents of its case (RXP-CHN-004)");
	make_anew(w, &c, "withheld/01-Withdrawal-QRB.txt", ALTERED,
	    "chronology.txt: not what the documents say");
	rxp_container_clear(&c);
}

static void nothing_is_left(void **state)
{
	struct world *w = *state;
	const char *asked;

	restart(w);
	for (size_t i = 0; i < DOCUMENTS; i++)
		alter(w, i, "value");
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	evidence_assert_says(w->err, "nothing of it can be given");
	assert_null(strstr(w->err, "export it again"));
	asked = strstr(w->asked, "/evidence/seal");
	assert_non_null(asked);
	assert_null(strstr(asked + 1, "/evidence"));
	assert_int_equal(access(w->file, F_OK), -1);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, evidence_set_up, evidence_tear_down)
	const struct CMUnitTest tests[] = {TEST(whatever_was_altered), TEST(what_it_has_was_empty),
	    TEST(its_type_was_altered), TEST(it_is_unproved), TEST(it_is_another),
	    TEST(it_is_too_large), TEST(its_content_is_another), TEST(with_content),
	    TEST(a_former_descriptor_was_altered), TEST(it_says_so_in_one_way),
	    TEST(nothing_is_left)};
	int failed;

	if (rxp_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rxp_cleanup();
	return failed;
}
