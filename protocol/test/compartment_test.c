/*
 * Goals:
 *  - what is closed opens for the office it is closed for, in the Document it is closed in, and nowhere else:
 *    another key, From, To, office or Salt;
 *  - the closed content satisfies its schema, shows nothing of the plain one, and not how long it was;
 *  - each change of the shell is refused by a node that has no key; a plain compartment too;
 *  - a key that the identity part does not list for that office is told from a wrong shell;
 *  - what is not the plain content of its compartment, or has no key to be closed for, is not closed;
 *  - what an office finds inside is checked, and it finds it where it was;
 *  - a desk's content tells for which offices it is, and what is not plain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/encrypted.h"
#include "protocol/init.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"
#include "protocol/test/offices.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define TRANSIT "transit-application.xml"
#define REFERRAL "reintegration-referral.xml"
#define NEEDS(codes) \
	"<X xmlns=\"urn:rxp:1:body\"><ForHealth><HealthNeeds>" codes \
	"</HealthNeeds></ForHealth></X>"

static const uint8_t salt[RXP_SALT_OCTETS] = {
    0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const struct rxp_binding binding = {"QRA", "QRB", salt};
static struct offices offices;

static struct rxp_buf closed(const struct rxp_buf *content)
{
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_compartments_close(&out, content, &binding, &offices.keys, &test_random), 0);
	return out;
}

static struct rxp_buf closed_text(const char *text)
{
	struct rxp_buf content = fixture_text(text);
	struct rxp_buf out = closed(&content);

	rxp_buf_free(&content);
	return out;
}

static const struct _xmlNode *compartment_in(const struct rxp_xml *xml)
{
	const struct _xmlNode *e = rxp_xml_root(xml);

	while (e != NULL && strncmp(rxp_xml_name(e), "For", 3) != 0)
		e = rxp_xml_below(rxp_xml_root(xml), e);
	assert_non_null(e);
	return e;
}

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

static int known_to(const struct rxp_buf *octets, const struct rxp_office_keys *own)
{
	struct rxp_xml *xml = example_parse(octets);
	const struct _xmlNode *at = NULL;
	int rc = rxp_compartments_known(&at, rxp_xml_root(xml), own);

	assert_true((rc != 0) == (at != NULL));
	rxp_xml_free(xml);
	return rc;
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

/* --- closing ------------------------------------------------------------------------------- */

static int close_text(const char *text, const struct rxp_office_keys *to)
{
	struct rxp_buf content = fixture_text(text);
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	rc = rxp_compartments_close(&out, &content, &binding, to, &test_random);
	assert_true((rc == 0) == (out.len > 0));
	rxp_buf_free(&content);
	rxp_buf_free(&out);
	return rc;
}

static void what_does_not_belong_there_is_not_closed(void **unused)
{
#define IN(inner) "<X xmlns=\"urn:rxp:1:body\"><ForHealth>" inner "</ForHealth></X>"
	struct rxp_office_keys social_only = {.n = 1, .key = {offices.keys.key[1]}};
	struct rxp_buf once = closed_text(NEEDS("<Need>infant</Need>"));

	(void)unused;
	assert_int_equal(close_text(IN("<HealthNeeds/>"), &offices.keys), 0);
	assert_int_equal(close_text(IN(" <HealthNeeds/> "), &offices.keys), 0);
	assert_int_equal(close_text(IN("<HealthNeeds/>"), &social_only), RXP_ERR_KEY);
	assert_int_equal(close_text(IN("<HealthNeeds/>"), NULL), RXP_ERR_KEY);
	assert_int_equal(close_text(IN(""), &offices.keys), RXP_ERR_SCHEMA);
	assert_int_equal(close_text(IN("<SocialNeeds/>"), &offices.keys), RXP_ERR_SCHEMA);
	assert_int_equal(
	    close_text(IN("<HealthNeeds xmlns=\"\"/>"), &offices.keys), RXP_ERR_SCHEMA);
	assert_int_equal(
	    close_text(IN("<HealthNeeds/><HealthNeeds/>"), &offices.keys), RXP_ERR_SCHEMA);
	assert_int_equal(close_text("<X xmlns=\"urn:rxp:1:body\"", &offices.keys), RXP_ERR_SYNTAX);
	rxp_buf_putc(&once, '\0');
	assert_int_equal(close_text((const char *)once.data, &offices.keys), RXP_ERR_SCHEMA);
	rxp_buf_free(&once);
#undef IN
}

/* --- at the two ends ------------------------------------------------------------------------- */

static void count_report(void *arg, unsigned long line, const char *path, const char *text)
{
	unsigned *n = arg;

	assert_true(line > 0);
	assert_memory_equal(
	    path, "ReadmissionReply/ForHealth", strlen("ReadmissionReply/ForHealth"));
	assert_non_null(text);
	++*n;
}

/* What a desk gives, as rxp_compartments_plain() sees it; -1: it is refused. */
static int offices_of(const char *inner, unsigned reports)
{
	char text[512];
	struct rxp_buf content;
	struct rxp_xml *xml;
	unsigned found = 99, told = 0;
	int rc;

	snprintf(text, sizeof text,
	    "<ReadmissionReply xmlns=\"urn:rxp:1:body\">%s</ReadmissionReply>", inner);
	content = fixture_text(text);
	xml = example_parse(&content);
	rc = rxp_compartments_plain(&found, rxp_xml_root(xml), count_report, &told);
	assert_int_equal(told, reports);
	assert_int_equal(rc, reports > 0 ? RXP_ERR_SCHEMA : 0);
	assert_true(rc == 0 || found == 99);
	rxp_xml_free(xml);
	rxp_buf_free(&content);
	return rc == 0 ? (int)found : -1;
}

static void a_desk_gives_plain_content_alone(void **unused)
{
#define PLAIN "<ForHealth><HealthNeeds/></ForHealth>"
#define ENCRYPTED \
	"<ForHealth><e:EncryptedData xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"/></ForHealth>"
	const unsigned health = 1u << RXP_COMPARTMENT_HEALTH, social = 1u << RXP_COMPARTMENT_SOCIAL;

	(void)unused;
	assert_int_equal(offices_of("", 0), 0);
	assert_int_equal(offices_of(PLAIN, 0), health);
	assert_int_equal(
	    offices_of(PLAIN PLAIN "<ForSocial><SocialNeeds/></ForSocial>", 0), health | social);
	assert_int_equal(offices_of("<ForHealth/>", 1), -1);
	assert_int_equal(offices_of("<ForHealth><SocialNeeds/></ForHealth>", 1), -1);
	assert_int_equal(offices_of("<ForHealth><HealthNeeds/><HealthNeeds/></ForHealth>", 1), -1);
	assert_int_equal(offices_of(PLAIN ENCRYPTED PLAIN "<ForHealth/>", 2), -1);
#undef PLAIN
#undef ENCRYPTED
}

/* Those for the key in plain, as they were given; the others as they came. */
static void an_office_opens_its_own_in_place(void **unused)
{
	static const char given[] =
	    "<X xmlns=\"urn:rxp:1:body\"><ForHealth><HealthNeeds><Need>infant</Need></HealthNeeds>"
	    "</ForHealth><Between></Between><ForHealth><HealthNeeds><Need>stretcher</Need>"
	    "</HealthNeeds></ForHealth></X>";
	struct rxp_buf social = example_canonical(REFERRAL);
	struct rxp_buf of_social = closed(&social);
	struct rxp_buf out = closed_text(given);
	struct rxp_buf plain;
	struct rxp_xml *xml = example_parse(&out);
	struct rxp_xml *other = example_parse(&of_social);

	(void)unused;
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_compartments_open(&plain, xml, rxp_xml_root(xml), &binding, offices.health_next),
	    RXP_ERR_NOT_FOUND);
	assert_int_equal(
	    rxp_compartments_open(&plain, other, rxp_xml_root(other), &binding, offices.health),
	    RXP_ERR_NOT_FOUND);
	assert_int_equal(plain.len, 0);
	assert_int_equal(
	    rxp_compartments_open(&plain, xml, rxp_xml_root(xml), &binding, offices.health), 0);
	assert_int_equal(plain.len, strlen(given));
	assert_memory_equal(plain.data, given, plain.len);
	rxp_xml_free(xml);
	rxp_xml_free(other);
	rxp_buf_free(&plain);
	rxp_buf_free(&out);
	rxp_buf_free(&of_social);
	rxp_buf_free(&social);
}

static void an_office_opens_nothing_of_another_document(void **unused)
{
	static const struct rxp_binding other = {"QRA", "QRC", salt};
	struct rxp_buf out = closed_text(NEEDS("<Need>infant</Need>"));
	struct rxp_buf moved =
	    example_replaced(&out, "PartyVInfo=\"00515242", "PartyVInfo=\"00515243");
	struct rxp_buf plain;
	struct rxp_xml *xml = example_parse(&moved);

	(void)unused;
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_compartments_open(&plain, xml, rxp_xml_root(xml), &other, offices.health),
	    RXP_ERR_DECRYPT);
	assert_int_equal(plain.len, 0);
	rxp_xml_free(xml);
	rxp_buf_free(&plain);
	rxp_buf_free(&moved);
	rxp_buf_free(&out);
}

static void each_gets_the_first_key_of_its_office(void **unused)
{
	static const char both[] =
	    "<X xmlns=\"urn:rxp:1:body\"><ForSocial><SocialNeeds/></ForSocial>"
	    "<ForHealth><HealthNeeds/></ForHealth><ForHealth><HealthNeeds/></ForHealth></X>";
	struct rxp_buf out = closed_text(both);
	const size_t expected[] = {1, 0, 0};
	const uint8_t *at = out.data;

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		char name[RXP_DIGEST_HEX];

		at = memmem(at, out.len - (size_t)(at - out.data), "KeyName>", 8);
		assert_non_null(at);
		at += 8;
		rxp_hex_put(name, offices.keys.key[expected[i]].key_id, RXP_DIGEST_OCTETS, false);
		assert_memory_equal(at, name, RXP_DIGEST_HEX - 1);
		at += RXP_DIGEST_HEX + sizeof "/ds:KeyName>";
	}
	assert_int_equal(known_to(&out, &offices.keys), 0);
	rxp_buf_free(&out);
}

static void keys_are_checked_when_listed(void **unused)
{
	struct rxp_office_keys list = {0};
	uint8_t spki[128];
	size_t len = offices.keys.key[0].spki.len;

	(void)unused;
	memcpy(spki, offices.keys.key[0].spki.data, len);
	spki[len - 1] ^= 1;
	assert_int_equal(
	    rxp_office_keys_add(&list, RXP_COMPARTMENT_HEALTH, spki, len), RXP_ERR_KEY);
	spki[len - 1] ^= 1;
	assert_int_equal(
	    rxp_office_keys_add(&list, RXP_COMPARTMENT_HEALTH, spki, len - 1), RXP_ERR_KEY);
	for (size_t i = 0; i < RXP_MAX_OFFICE_KEYS; i++)
		assert_int_equal(rxp_office_keys_add(&list, RXP_COMPARTMENT_HEALTH, spki, len), 0);
	assert_int_equal(
	    rxp_office_keys_add(&list, RXP_COMPARTMENT_HEALTH, spki, len), RXP_ERR_FULL);
	rxp_office_keys_clear(&list);
}

static int set_up(void **unused)
{
	(void)unused;
	if (rxp_init() != 0)
		return -1;
	offices_make(&offices);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	offices_clear(&offices);
	rxp_cleanup();
	return 0;
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
	    cmocka_unit_test(what_does_not_belong_there_is_not_closed),
	    cmocka_unit_test(a_desk_gives_plain_content_alone),
	    cmocka_unit_test(an_office_opens_its_own_in_place),
	    cmocka_unit_test(an_office_opens_nothing_of_another_document),
	    cmocka_unit_test(each_gets_the_first_key_of_its_office),
	    cmocka_unit_test(keys_are_checked_when_listed),
	};

	return cmocka_run_group_tests_name("compartment", tests, set_up, tear_down);
}
