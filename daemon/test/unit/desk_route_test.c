/*
 * desk_route_test - goals:
 *   every row of route.def is found by its method and a path made from its template
 *   HEAD finds the route of GET; another method gives the methods that there are
 *   a path that differs in one octet from a good one finds nothing (one resource, one path)
 *   party, id, case and number are taken from the path
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/desk/route.h"
#include "protocol/base/err.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

static int find(const char *method, const char *path, const struct route **r)
{
	struct route_values values;
	char allow[ROUTE_ALLOW_TEXT];

	return route_find(r, &values, allow, method, path);
}

/* The template with good values in its holes. */
static void fill(char *out, size_t size, const char *template)
{
	static const char *const VALUES[][2] = {{"{party}", "QMB"}, {"{id}", ID}, {"{case}", CASE},
	    {"{number}", "128"}, {"{profile}", "a.B-1"}, {"{version}", "1000000000"}};
	size_t used = 0;

	while (*template != '\0') {
		const char *value = NULL;

		for (size_t i = 0; *template == '{' && i < sizeof(VALUES) / sizeof(VALUES[0]); i++)
			if (strncmp(template, VALUES[i][0], strlen(VALUES[i][0])) == 0)
				value = VALUES[i][1];
		used += (size_t)snprintf(out + used, size - used, "%.*s",
		    value != NULL ? (int)strlen(value) : 1, value != NULL ? value : template);
		template += value != NULL ? strcspn(template, "}") + 1 : 1;
	}
}

static void every_row_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *found = NULL;
		char path[128];

		fill(path, sizeof(path), route_table[i].path);
		assert_int_equal(find(route_method_name(route_table[i].method), path, &found), 0);
		assert_ptr_equal(found, &route_table[i]);
		assert_true((route_table[i].media == NULL) == (route_table[i].body_max == 0));
		assert_true((route_table[i].media == NULL) == (route_table[i].body == ROUTE_NONE));
	}
}

/* A profile is named by id and version, each in one form. */
static void profiles(void **state)
{
	static const char *const WRONG[] = {
	    "a/0", "a/01", "a/1000000001", "a/", "a", "/1", ".a/1", "a_b/1", "a/1/2", "a/1 "};
	struct route_values values;

	(void)state;
	assert_true(route_profile(&values, "a.B-1/1000000000"));
	assert_string_equal(values.profile, "a.B-1");
	assert_int_equal(values.number, 1000000000);
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
		assert_false(route_profile(&values, WRONG[i]));
}

static void methods(void **state)
{
	const struct route *r = NULL;
	struct route_values values;
	char allow[ROUTE_ALLOW_TEXT];

	(void)state;
	assert_int_equal(find("HEAD", "/v1/status", &r), 0);
	assert_string_equal(r->name, "status");
	assert_int_equal(
	    route_find(&r, &values, allow, "DELETE", "/v1/peers"), RXP_ERR_UNSUPPORTED);
	assert_string_equal(allow, "GET, HEAD, POST");
	assert_int_equal(
	    route_find(&r, &values, allow, "HEAD", "/v1/peers/QMB/test"), RXP_ERR_UNSUPPORTED);
	assert_string_equal(allow, "POST");
	assert_int_equal(find("get", "/v1/status", &r), RXP_ERR_UNSUPPORTED);
}

static void one_path_each(void **state)
{
	static const char *const BAD[] = {"", "/", "//v1/status", "/v1/status/", "/v1//status",
	    "/V1/status", "/v1/statu", "/v1/statuss", "v1/status", "/v1/peers/qmb",
	    "/v1/peers/QMBX", "/v1/peers/QM", "/v1/peers/", "/v1/peers/Q%4DB",
	    ("/v1/messages/" ID "0"), "/v1/messages/{id}",
	    "/v1/messages/01890A5D-ac96-774b-bcce-b302099a8057",
	    "/v1/messages/01890a5d-ac96-474b-bcce-b302099a8057", "/v1/peers/QMB/test/",
	    "/v1/../v1/status", "/v1/cases/" ID, "/v1/messages/" CASE,
	    "/v1/cases/" CASE "/timelines", "/v1/messages/" ID "/attachments/0",
	    "/v1/messages/" ID "/attachments/01", "/v1/messages/" ID "/attachments/129",
	    "/v1/messages/" ID "/attachments/1x", "/v1/messages/" ID "/attachments/"};
	const struct route *r = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		if (find("GET", BAD[i], &r) != RXP_ERR_NOT_FOUND)
			fail_msg("found %s", BAD[i]);
	assert_null(r);
}

static void values_are_taken(void **state)
{
	const struct route *r = NULL;
	struct route_values values;
	char allow[ROUTE_ALLOW_TEXT], text[RXP_ID_TEXT];

	(void)state;
	assert_int_equal(route_find(&r, &values, allow, "GET", "/v1/peers/QMB"), 0);
	assert_string_equal(values.party, "QMB");
	assert_int_equal(route_find(&r, &values, allow, "GET", "/v1/messages/" ID "/answer"), 0);
	rxp_id_text(text, values.id);
	assert_string_equal(text, ID);
	assert_string_equal(values.party, "");
	assert_int_equal(
	    route_find(&r, &values, allow, "GET", "/v1/inbox/" ID "/attachments/17"), 0);
	assert_int_equal(values.number, 17);
	assert_int_equal(route_find(&r, &values, allow, "GET", "/v1/cases/" CASE), 0);
	rxp_id_text(text, values.id);
	assert_string_equal(text, CASE);
}

static void words_of_a_list(void **state)
{
	(void)state;
	assert_true(route_listed("peer after limit", "after"));
	assert_true(route_listed("peer after limit", "limit"));
	assert_false(route_listed("peer after limit", "aft"));
	assert_false(route_listed("peer after limit", "after limit"));
	assert_false(route_listed("peer after limit", ""));
	assert_false(route_listed("", "peer"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_is_found),
	    cmocka_unit_test(profiles),
	    cmocka_unit_test(methods),
	    cmocka_unit_test(one_path_each),
	    cmocka_unit_test(values_are_taken),
	    cmocka_unit_test(words_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
