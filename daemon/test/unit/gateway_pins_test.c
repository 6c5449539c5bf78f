/*
 * Goal: the table of pins and endpoints, and the one form of an endpoint's address.
 *  - a digest leads to its party and to nobody else, in tables of any size
 *  - a table that breaks a rule is refused whole and the old one stays
 *  - an endpoint has exactly the form https://host:port
 *
 * links: gateway
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/gateway/pins.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define LIST_OCTETS 4194304

static void put_pin(struct rxp_buf *list, const char *party, uint32_t number)
{
	struct rec_pin pin;

	memset(&pin, 0, sizeof pin);
	snprintf(pin.party, sizeof pin.party, "%s", party);
	/* Spread, so that the table has to be sorted. */
	number *= 2654435761U;
	memcpy(pin.spki_digest, &number, sizeof number);
	assert_int_equal(record_list_put(list, REC_pin, &record_pin, &pin), 0);
}

static void put_endpoint(struct rxp_buf *list, const char *party, const char *url)
{
	struct rec_endpoint endpoint = {.party = "", .url = {(const uint8_t *)url, strlen(url)}};

	snprintf(endpoint.party, sizeof endpoint.party, "%s", party);
	assert_int_equal(record_list_put(list, REC_endpoint, &record_endpoint, &endpoint), 0);
}

static int replace(struct pins *p, struct rxp_buf *list)
{
	int rc = pins_replace(p, (struct bytes){list->data, list->len});

	rxp_buf_reset(list);
	return rc;
}

static bool knows(const struct pins *p, uint32_t number, const char *party)
{
	uint8_t digest[32] = {0};
	char found[4] = "";

	number *= 2654435761U;
	memcpy(digest, &number, sizeof number);
	return pins_party(p, digest, found) && strcmp(found, party) == 0;
}

static void tables(void **state)
{
	struct rxp_buf list;
	struct pins *p = NULL;
	struct endpoint places[RXP_MAX_ENDPOINTS];
	uint32_t i;

	(void)state;
	rxp_buf_init(&list, LIST_OCTETS);
	assert_int_equal(pins_new(&p), 0);
	assert_false(knows(p, 1, "QRA"));
	for (i = 0; i < 500; i++)
		put_pin(&list, i % 2 == 0 ? "QRA" : "QRB", i);
	put_pin(&list, "QRA", 0);
	put_endpoint(&list, "QRB", "https://b.example:443");
	put_endpoint(&list, "QRA", "https://a.example:1");
	put_endpoint(&list, "QRA", "http://a.example:2");
	put_endpoint(&list, "QRA", "https://a.example:3");
	assert_int_equal(replace(p, &list), 0);
	for (i = 0; i < 500; i++)
		assert_true(knows(p, i, i % 2 == 0 ? "QRA" : "QRB"));
	assert_false(knows(p, 500, "QRA"));
	assert_int_equal(pins_endpoints(p, "QRA", places), 2);
	assert_int_equal(places[0].port, 1);
	assert_int_equal(places[1].port, 3);
	assert_int_equal(pins_endpoints(p, "QRC", places), 0);
	/* Replaced, not added to. */
	put_pin(&list, "QRC", 7);
	assert_int_equal(replace(p, &list), 0);
	assert_true(knows(p, 7, "QRC"));
	assert_false(knows(p, 0, "QRA"));
	assert_int_equal(pins_endpoints(p, "QRA", places), 0);
	pins_free(p);
	rxp_buf_free(&list);
}

static void refused_tables(void **state)
{
	struct rec_office office = {.party = "QRA"};
	struct rxp_buf list;
	struct pins *p = NULL;
	uint32_t i;

	(void)state;
	rxp_buf_init(&list, LIST_OCTETS);
	assert_int_equal(pins_new(&p), 0);
	put_pin(&list, "QRA", 1);
	assert_int_equal(replace(p, &list), 0);
	put_pin(&list, "QRA", 2);
	put_pin(&list, "QRB", 2);
	assert_int_equal(replace(p, &list), RXP_ERR_EXISTS);
	put_pin(&list, "", 2);
	assert_int_equal(replace(p, &list), RXP_ERR_SYNTAX);
	put_pin(&list, "QRA", 2);
	assert_int_equal(record_list_put(&list, REC_office, &record_office, &office), 0);
	assert_int_equal(replace(p, &list), RXP_ERR_SYNTAX);
	put_pin(&list, "QRA", 2);
	list.len--;
	assert_int_equal(replace(p, &list), RXP_ERR_SYNTAX);
	for (i = 0; i <= (uint32_t)GATEWAY_PARTIES * RXP_MAX_TLS_PINS; i++)
		put_pin(&list, "QRA", i);
	assert_int_equal(replace(p, &list), RXP_ERR_BOUND);
	assert_true(knows(p, 1, "QRA"));
	assert_false(knows(p, 2, "QRA"));
	pins_free(p);
	rxp_buf_free(&list);
}

static void endpoints(void **state)
{
	static const struct {
		const char *url, *host, *authority;
		uint16_t port;
	} good[] = {
	    {"https://node.example:8443", "node.example", "node.example:8443", 8443},
	    {"https://192.0.2.1:1", "192.0.2.1", "192.0.2.1:1", 1},
	    {"https://[2001:db8::1]:65535", "2001:db8::1", "[2001:db8::1]:65535", 65535},
	};
	static const char *const bad[] = {
	    "https://node.example:8443/",
	    "https://node.example",
	    "https://node.example:",
	    "https://node.example:0",
	    "https://node.example:08443",
	    "https://node.example:65536",
	    "https://node.example:8443x",
	    "https://node.example:+8443",
	    "https://:8443",
	    "https://",
	    "http://node.example:8443",
	    "HTTPS://node.example:8443",
	    "https://user@node.example:8443",
	    "https://node example:8443",
	    "https://n\303\266de.example:8443",
	    "https://2001:db8::1:443",
	    "https://[2001:db8::1:443",
	    "https://[2001:db8::1]",
	    "https://[]:443",
	    "https://[node.example]:443",
	    "",
	};
	char name[RXP_MAX_ENDPOINT_LENGTH], longer[RXP_MAX_ENDPOINT_LENGTH + 16];
	struct endpoint e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(endpoint_parse(&e, good[i].url, strlen(good[i].url)), 0);
		assert_string_equal(e.host, good[i].host);
		assert_string_equal(e.authority, good[i].authority);
		assert_int_equal(e.port, good[i].port);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(endpoint_parse(&e, bad[i], strlen(bad[i])), RXP_ERR_SYNTAX);
	assert_int_equal(endpoint_parse(&e, "https://a\0b:1", 13), RXP_ERR_SYNTAX);
	/* "https://" and ":443" around as many letters as fit, and one more. */
	for (i = RXP_MAX_ENDPOINT_LENGTH; i <= RXP_MAX_ENDPOINT_LENGTH + 1; i++) {
		memset(name, 'a', sizeof name);
		name[i - 12] = '\0';
		snprintf(longer, sizeof longer, "https://%s:443", name);
		assert_int_equal(strlen(longer), i);
		assert_int_equal(endpoint_parse(&e, longer, i),
		    i == RXP_MAX_ENDPOINT_LENGTH ? 0 : RXP_ERR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables),
	    cmocka_unit_test(refused_tables),
	    cmocka_unit_test(endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
