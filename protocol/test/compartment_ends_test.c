/*
 * Goals of compartments at the two ends:
 *  - what is not the plain content of its compartment, or has no key to be closed for, is not closed;
 *  - what an office finds inside is checked, and it finds it where it was;
 *  - a desk's content tells for which offices it is, and what is not plain.
 */
#include "protocol/test/compartment_rig.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_does_not_belong_there_is_not_closed),
	    cmocka_unit_test(a_desk_gives_plain_content_alone),
	    cmocka_unit_test(an_office_opens_its_own_in_place),
	    cmocka_unit_test(an_office_opens_nothing_of_another_document),
	    cmocka_unit_test(each_gets_the_first_key_of_its_office),
	    cmocka_unit_test(keys_are_checked_when_listed),
	};

	return cmocka_run_group_tests_name("compartment ends", tests, set_up, tear_down);
}
