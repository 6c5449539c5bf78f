/*
 * Goals:
 *  - what is closed opens for the office it is closed for, in the Document it is closed in, and nowhere else:
 *    another key, From, To, office or Salt;
 *  - the closed content satisfies its schema, shows nothing of the plain one, and not how long it was;
 *  - each change of the shell is refused by a node that has no key; a plain compartment too;
 *  - a key that the identity part does not list for that office is told from a wrong shell;
 *  - what an office finds inside is checked.
 * What is closed, and what the two ends do, is compartment_ends_test.c's.
 */
#include "protocol/test/compartment_rig.h"

static bool holds(const struct rxp_buf *octets, const char *text)
{
	return memmem(octets->data, octets->len, text, strlen(text)) != NULL;
}

/* --- opening ------------------------------------------------------------------------------- */

static void what_is_closed_opens(void **unused)
{
	static const struct {
		const char *name, *secret, *root;
		struct rxp_agreement_key **key;
	} cases[] = {
	    {TRANSIT, "wheelchair", "<HealthNeeds xmlns=\"urn:rxp:1:body\">", &offices.health},
	    {REFERRAL, "Eriksson", "<SocialNeeds xmlns=\"urn:rxp:1:body\">", &offices.social},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf content = example_canonical(cases[i].name);
		struct rxp_buf out = closed(&content);
		struct rxp_xml *xml = example_parse(&out);
		const struct _xmlNode *at = NULL;
		struct rxp_buf plain;

		rxp_buf_init(&plain, RXP_MAX_COMPARTMENT_OCTETS);
		assert_int_equal(rxp_schema_validate(xml, NULL, NULL), 0);
		assert_int_equal(rxp_compartments_check(&at, rxp_xml_root(xml), &binding), 0);
		assert_int_equal(rxp_compartments_known(&at, rxp_xml_root(xml), &offices.keys), 0);
		assert_null(at);
		assert_int_equal(
		    rxp_compartment_open(&plain, compartment_in(xml), &binding, *cases[i].key), 0);
		assert_memory_equal(plain.data, cases[i].root, strlen(cases[i].root));
		assert_true(holds(&plain, cases[i].secret));
		assert_int_equal(plain.len % RXP_COMPARTMENT_STEP_OCTETS, 0);
		if (strcmp(cases[i].name, REFERRAL) == 0)
			assert_false(holds(&out, cases[i].secret));
		assert_false(holds(&out, "HealthNeeds"));
		assert_false(holds(&out, "SocialNeeds"));
		rxp_buf_free(&plain);
		rxp_xml_free(xml);
		rxp_buf_free(&out);
		rxp_buf_free(&content);
	}
}

static void the_length_tells_nothing(void **unused)
{
	struct rxp_buf one = closed_text(NEEDS("<Need>infant</Need>"));
	struct rxp_buf more =
	    closed_text(NEEDS("<Need>pregnancy-assistance</Need><Need>infant</Need>"));

	(void)unused;
	assert_int_equal(one.len, more.len);
	rxp_buf_free(&one);
	rxp_buf_free(&more);
}

static void content_without_one_stays_as_it_is(void **unused)
{
	static const char text[] = "<b:Ping xmlns:b='urn:rxp:1:body'  />";
	struct rxp_buf out = closed_text(text);

	(void)unused;
	assert_int_equal(out.len, strlen(text));
	assert_memory_equal(out.data, text, out.len);
	rxp_buf_free(&out);
}

static int open_octets(
    const struct rxp_buf *octets, const struct rxp_binding *b, const struct rxp_agreement_key *key)
{
	struct rxp_xml *xml = example_parse(octets);
	struct rxp_buf plain;
	int rc;

	rxp_buf_init(&plain, RXP_MAX_COMPARTMENT_OCTETS);
	rc = rxp_compartment_open(&plain, compartment_in(xml), b, key);
	assert_true((rc == 0) == (plain.len > 0));
	rxp_buf_free(&plain);
	rxp_xml_free(xml);
	return rc;
}

/* Attributes that say what another Document's would do not help: the key is derived for one. */
static void it_opens_in_its_document_alone(void **unused)
{
	static const uint8_t other_salt[RXP_SALT_OCTETS] = {
	    0x11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	static const struct {
		struct rxp_binding binding;
		const char *from, *to;
	} cases[] = {
	    {{"QRC", "QRB", salt}, "PartyUInfo=\"00515241\"", "PartyUInfo=\"00515243\""},
	    {{"QRA", "QRC", salt}, "PartyVInfo=\"00515242", "PartyVInfo=\"00515243"},
	    {{"QRA", "QRB", other_salt}, "SuppPubInfo=\"0010", "SuppPubInfo=\"0011"},
	};
	struct rxp_buf out = closed_text(NEEDS("<Need>infant</Need>"));
	struct rxp_buf moved, changed;

	(void)unused;
	assert_int_equal(open_octets(&out, &binding, offices.health), 0);
	assert_int_equal(open_octets(&out, &binding, offices.health_next), RXP_ERR_DECRYPT);
	assert_int_equal(open_octets(&out, &binding, offices.social), RXP_ERR_DECRYPT);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    open_octets(&out, &cases[i].binding, offices.health), RXP_ERR_SCHEMA);
		changed = example_replaced(&out, cases[i].from, cases[i].to);
		assert_int_equal(open_octets(&changed, &binding, offices.health), RXP_ERR_SCHEMA);
		assert_int_equal(
		    open_octets(&changed, &cases[i].binding, offices.health), RXP_ERR_DECRYPT);
		rxp_buf_free(&changed);
	}
	moved = example_replaced(
	    &out, "ForHealth", "ForSocial"); /* with the key of the office it was closed for */
	assert_int_equal(open_octets(&moved, &binding, offices.health), RXP_ERR_SCHEMA);
	changed = example_replaced(&moved, "4845414C5448", "534F4349414C"); /* HEALTH, SOCIAL */
	assert_int_equal(open_octets(&changed, &binding, offices.health), RXP_ERR_DECRYPT);
	rxp_buf_free(&changed);
	rxp_buf_free(&moved);
	rxp_buf_free(&out);
}

/* What someone else closed by the rules, but not what belongs there: text, and spaces before </HealthNeeds>. */
static int open_sealed_for_office(const char *text)
{
	struct rxp_encrypted data = {0};
	struct rxp_info info;
	struct rxp_buf octets;
	char padded[RXP_COMPARTMENT_STEP_OCTETS + 1];
	uint8_t cek[RXP_KEY_OCTETS];
	int rc;

	snprintf(padded, sizeof padded, "%-*s</HealthNeeds>",
	    (int)(sizeof padded - sizeof "</HealthNeeds>"), text);
	rxp_info_make(&info, "RXP-1-P256-OFFICE", "QRA", "QRBHEALTH", salt);
	assert_int_equal(
	    rxp_encrypted_make(&data, &info, (const uint8_t *)padded, RXP_COMPARTMENT_STEP_OCTETS,
		offices.keys.key[0].spki.data, offices.keys.key[0].spki.len, &test_random, cek),
	    0);
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&octets, "<X xmlns=\"urn:rxp:1:body\"><ForHealth>");
	assert_int_equal(rxp_encrypted_write(&octets, &data, &info), 0);
	rxp_buf_puts(&octets, "</ForHealth></X>");
	rc = open_octets(&octets, &binding, offices.health);
	rxp_encrypted_clear(&data);
	rxp_buf_free(&octets);
	return rc;
}

static void what_is_inside_is_checked(void **unused)
{
#define HEALTH(inner) "<HealthNeeds xmlns=\"urn:rxp:1:body\">" inner
	(void)unused;
	assert_int_equal(open_sealed_for_office(HEALTH("<Need>infant</Need>")), 0);
	assert_int_equal(
	    open_sealed_for_office(HEALTH("<Need>tuberculosis</Need>")), RXP_ERR_SCHEMA);
	assert_int_equal(open_sealed_for_office(HEALTH("<Need>infant</Need><Need>infant</Need>")),
	    RXP_ERR_SCHEMA);
	assert_int_equal(
	    open_sealed_for_office("<HealthNeeds><Need>infant</Need>"), RXP_ERR_SCHEMA);
	assert_int_equal(open_sealed_for_office(HEALTH("<!-- -->")), RXP_ERR_SCHEMA);
#undef HEALTH
}

/* --- shells -------------------------------------------------------------------------------- */

static int check_shell(const struct rxp_buf *octets)
{
	struct rxp_xml *xml = example_parse(octets);
	const struct _xmlNode *at = NULL;
	int rc = rxp_compartments_check(&at, rxp_xml_root(xml), &binding);

	assert_true((rc != 0) == (at != NULL));
	if (at != NULL)
		assert_string_equal(rxp_xml_name(at), "ForHealth");
	rxp_xml_free(xml);
	return rc;
}

static void one_shell_is_accepted(void **unused)
{
	static const struct {
		const char *from, *to;
		int rc;
	} cases[] = {
	    {"<ForHealth>", "<ForHealth xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 0},
	    {"<ForHealth>", "<ForHealth> ", RXP_ERR_SCHEMA},
	    {"<ForHealth>", "<ForHealth a=\"\">", RXP_ERR_SCHEMA},
	    {"</ForHealth>", "<Need>infant</Need></ForHealth>", RXP_ERR_SCHEMA},
	    {"<ForHealth><xenc:EncryptedData", "<ForHealth><X/><xenc:EncryptedData",
		RXP_ERR_SCHEMA},
	    {"xmlenc#Element", "xmlenc#Content", RXP_ERR_SCHEMA},
	    {"xmlenc11#aes256-gcm", "xmlenc11#aes128-gcm", RXP_ERR_SCHEMA},
	    {"xmlenc#kw-aes256", "xmlenc#rsa-oaep-mgf1p", RXP_ERR_SCHEMA},
	    {"xmlenc11#ECDH-ES", "xmlenc11#dh-es", RXP_ERR_SCHEMA},
	    {"xmlenc11#ConcatKDF", "xmlenc11#pbkdf2", RXP_ERR_SCHEMA},
	    {"xmlenc#sha256", "xmlenc#sha512", RXP_ERR_SCHEMA},
	    {"1.2.840.10045.3.1.7", "1.3.132.0.34", RXP_ERR_SCHEMA},
	    {"AlgorithmID=\"005258502D312D503235362D4F4646494345\"",
		"AlgorithmID=\"005258502D312D50323536\"", RXP_ERR_SCHEMA},
	    {"PartyUInfo=\"00515241\"", "PartyUInfo=\"00515243\"", RXP_ERR_SCHEMA},
	    {"PartyVInfo=\"005152424845414C5448\"", "PartyVInfo=\"00515242534F4349414C\"",
		RXP_ERR_SCHEMA},
	    {"PartyVInfo=\"005152424845414C5448\"", "PartyVInfo=\"00515242\"", RXP_ERR_SCHEMA},
	    {"SuppPubInfo=\"0010", "SuppPubInfo=\"0011", RXP_ERR_SCHEMA},
	    {"<dsig11:PublicKey>B", "<dsig11:PublicKey>A", RXP_ERR_SCHEMA},
	    {"<ds:KeyName>", "<ds:KeyName>0", RXP_ERR_SCHEMA},
	    {"<xenc:EncryptedKey>", "<xenc:EncryptedKey Recipient=\"QRB\">", RXP_ERR_SCHEMA},
	    {"</xenc:EncryptedData>", "</xenc:EncryptedData><X/>", RXP_ERR_SCHEMA},
	};
	struct rxp_buf out = closed_text(NEEDS("<Need>infant</Need>"));
	struct rxp_buf plain = fixture_text(NEEDS("<Need>infant</Need>"));

	(void)unused;
	assert_int_equal(check_shell(&out), 0);
	assert_int_equal(check_shell(&plain), RXP_ERR_SCHEMA);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf changed = example_replaced(&out, cases[i].from, cases[i].to);
		int rc = check_shell(&changed);

		if (rc != cases[i].rc)
			fail_msg("%s -> %s: %d", cases[i].from, cases[i].to, rc);
		rxp_buf_free(&changed);
	}
	rxp_buf_free(&out);
	rxp_buf_free(&plain);
}

/* A shell of any key, point and number of octets. */
static int check_made(size_t len, bool on_curve)
{
	struct rxp_encrypted data = {0};
	uint8_t *octets = calloc(1, len);
	uint8_t cek[RXP_KEY_OCTETS];
	struct rxp_info info;
	struct rxp_buf out;
	int rc;

	assert_non_null(octets);
	rxp_info_make(&info, "RXP-1-P256-OFFICE", "QRA", "QRBHEALTH", salt);
	assert_int_equal(
	    rxp_encrypted_make(&data, &info, octets, len, offices.keys.key[0].spki.data,
		offices.keys.key[0].spki.len, &test_random, cek),
	    0);
	data.point[RXP_POINT_OCTETS - 1] ^= on_curve ? 0 : 1;
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&out, "<X xmlns=\"urn:rxp:1:body\"><ForHealth>");
	assert_int_equal(rxp_encrypted_write(&out, &data, &info), 0);
	rxp_buf_puts(&out, "</ForHealth></X>");
	rc = check_shell(&out);
	rxp_encrypted_clear(&data);
	rxp_buf_free(&out);
	free(octets);
	return rc;
}

static void points_and_lengths_are_checked(void **unused)
{
	(void)unused;
	assert_int_equal(check_made(RXP_COMPARTMENT_STEP_OCTETS, true), 0);
	assert_int_equal(check_made(RXP_COMPARTMENT_STEP_OCTETS, false), RXP_ERR_SCHEMA);
	assert_int_equal(check_made(RXP_COMPARTMENT_STEP_OCTETS + 1, true), RXP_ERR_SCHEMA);
	assert_int_equal(check_made(RXP_COMPARTMENT_STEP_OCTETS - 1, true), RXP_ERR_SCHEMA);
	assert_int_equal(check_made(RXP_MAX_COMPARTMENT_OCTETS, true), 0);
	assert_int_equal(check_made(RXP_MAX_COMPARTMENT_OCTETS + RXP_COMPARTMENT_STEP_OCTETS, true),
	    RXP_ERR_SCHEMA);
}

static void only_keys_of_the_office_are_known(void **unused)
{
	struct rxp_buf out = closed_text(NEEDS("<Need>infant</Need>"));
	struct rxp_office_keys own = {0};

	(void)unused;
	assert_int_equal(known_to(&out, &offices.keys), 0);
	assert_int_equal(known_to(&out, &own), RXP_ERR_KEY);
	own.key[own.n++] = offices.keys.key[1]; /* social */
	own.key[own.n++] = offices.keys.key[2]; /* another of health */
	assert_int_equal(known_to(&out, &own), RXP_ERR_KEY);
	own.key[own.n] = offices.keys.key[0]; /* the very key, for another office */
	own.key[own.n++].compartment = RXP_COMPARTMENT_SOCIAL;
	assert_int_equal(known_to(&out, &own), RXP_ERR_KEY);
	own.key[own.n++] = offices.keys.key[0];
	assert_int_equal(known_to(&out, &own), 0);
	rxp_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_closed_opens),
	    cmocka_unit_test(the_length_tells_nothing),
	    cmocka_unit_test(content_without_one_stays_as_it_is),
	    cmocka_unit_test(it_opens_in_its_document_alone),
	    cmocka_unit_test(what_is_inside_is_checked),
	    cmocka_unit_test(one_shell_is_accepted),
	    cmocka_unit_test(points_and_lengths_are_checked),
	    cmocka_unit_test(only_keys_of_the_office_are_known),
	};

	return cmocka_run_group_tests_name("compartment", tests, set_up, tear_down);
}
