/* links: registry
 *
 * Goals of the terms that a node holds:
 * - the profile of the specification is there without any file, as spec/profiles says it (RXP-PRF-021);
 * - a case that names it otherwise than id and version in decimal runs under nothing (RXP-PRF-022).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/registry/terms/terms.h"
#include "protocol/err.h"
#include "protocol/init.h"
#include "protocol/limits.h"

static struct store_case case_under(const char *id, const char *version)
{
	struct store_case c = {.peer = "QRB", .requesting = true};

	snprintf(c.profile_id, sizeof c.profile_id, "%s", id);
	snprintf(c.profile_version, sizeof c.profile_version, "%s", version);
	return c;
}

static void test_specification_is_the_one_source(void **state)
{
	static struct rxp_profile want;
	static uint8_t octets[RXP_MAX_TERMS_OCTETS];
	FILE *f = fopen("spec/profiles/customary.xml", "r");
	struct terms *terms = NULL;
	size_t len;

	(void)state;
	assert_non_null(f);
	len = fread(octets, 1, sizeof octets, f);
	fclose(f);
	assert_true(len > 0 && octets[len - 1] == '\n');
	len--; /* nothing follows a root element (RXP-XML-002) */
	assert_int_equal(rxp_profile_draft(&want, octets, len, NULL), 0);
	assert_int_equal(terms_new(&terms, NULL), 0);
	assert_memory_equal(terms_builtin(terms), &want, sizeof want);
	terms_free(terms);
}

static void test_named_in_one_way(void **state)
{
	static const struct {
		const char *id, *version;
	} wrong[] = {{"customary", "2"}, {"customary", "1.0"}, {"customary", "01"},
	    {"customary", ""}, {"Customary", "1"}, {"model", "1"}};
	struct store_case c = case_under("customary", "1");
	struct terms_of_case found = {.profile = NULL};
	struct terms *terms = NULL;

	(void)state;
	assert_int_equal(terms_new(&terms, NULL), 0);
	assert_int_equal(terms_find(&found, terms, &c), 0);
	assert_ptr_equal(found.profile, terms_builtin(terms));
	assert_int_equal(found.calendars.n, 0);
	terms_name(&c, found.profile);
	assert_string_equal(c.profile_version, "1");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		c = case_under(wrong[i].id, wrong[i].version);
		assert_int_equal(terms_find(&found, terms, &c), RXP_ERR_NOT_FOUND);
	}
	terms_free(terms);
}

static int set_up(void **state)
{
	(void)state;
	return rxp_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_specification_is_the_one_source),
	    cmocka_unit_test(test_named_in_one_way),
	};

	return cmocka_run_group_tests_name("registry_terms", tests, set_up, NULL);
}
