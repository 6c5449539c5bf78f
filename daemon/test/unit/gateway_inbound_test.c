/*
 * Goal: how many connections of one host may be in their handshake: an IPv4 host is an address, mapped into
 * IPv6 or not; an IPv6 host is a /64, whatever addresses of it it uses; others have their own room.
 *
 * links: gateway
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "daemon/gateway/inbound.h"
#include "daemon/gateway/limits.h"

static struct sockaddr_storage address_of(const char *text)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(&storage, &v4, sizeof v4);
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
		memcpy(&storage, &v6, sizeof v6);
	}
	return storage;
}

static bool come(struct inbound_set *set, const char *text)
{
	struct sockaddr_storage address = address_of(text);

	return inbound_new(set, NULL, &address) != NULL;
}

/* As many as there is room for, of the addresses that the form gives, and one more. */
static void fill(struct inbound_set *set, const char *first, const char *last, bool other)
{
	for (int i = 0; i < GATEWAY_HALF_OPEN_PER_ADDRESS; i++)
		assert_true(come(set, first));
	assert_int_equal(come(set, last), other);
	while (set->first != NULL)
		inbound_free(set->first);
}

static void hosts(void **state)
{
	struct inbound_set set = {0};

	(void)state;
	fill(&set, "192.0.2.1", "192.0.2.1", false);
	fill(&set, "192.0.2.1", "192.0.2.2", true);
	fill(&set, "::ffff:192.0.2.1", "::ffff:192.0.2.1", false);
	fill(&set, "::ffff:192.0.2.1", "::ffff:192.0.2.2", true);
	fill(&set, "2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", false);
	fill(&set, "2001:db8:0:1::1", "2001:db8:0:2::1", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hosts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
