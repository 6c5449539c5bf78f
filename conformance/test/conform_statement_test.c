/*
 * Goals, for the statement of a tester:
 * - it says `passes` of whole reports in which every case passed, and of no other: one case that failed, could not be tried, was the
 *   suite's own failure or is missing is told, and so is a role that is missing;
 * - what was tried once more is told;
 * - a report is refused if its summary is not that of its cases, if a case is of no plan or stands there twice, if it is of
 *   another version or another product, or of none;
 * - the signature holds over the statement as it was signed, under that certificate: not with one octet changed, not with the key of
 *   another, not with octets behind it; and what is signed by the right key and contradicts its own numbers or the
 *   reports is not believed;
 * - a key on P-256, one on P-384 and one of RSA sign, and a key of another certificate does not.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "conformance/report/report.h"
#include "conformance/report/statement.h"
#include "conformance/requirement/requirement_data.h"
#include "conformance/run/plan.h"
#include "conformance/state/detached.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MADE "2026-11-23T10:00:00.000Z"
#define MAX_OCTETS (16 * 1024UL * 1024)
#define PATH 160

static char folder[64];

static const char *path_of(char out[PATH], const char *name)
{
	(void)snprintf(out, PATH, "%s/%s", folder, name);
	return out;
}

/* --- reports --------------------------------------------------------------------------------- */

/* A report of a plan in which every case passed. */
static json_t *report_passed(const char *role)
{
	const struct plan *plan = plan_named(role);
	json_t *cases = json_array(), *r;

	for (size_t i = 0; i < plan->total(); i++)
		json_array_append_new(
		    cases, json_pack("{s:s, s:s}", "id", plan->facts(i)->id, "verdict", "pass"));
	r = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:[s]}, s:s, s:o, s:{s:I}}",
	    "suite", "readmit-conform", "version", report_version(), "protocol", "RXP/1",
	    "specification", requirement_specification, "role", role, "product", "party", "QRA",
	    "endpoint", "https://qra.example:8443", "descriptor", "aa", "levels", "Core", "began",
	    MADE, "cases", cases, "summary", "pass", (json_int_t)plan->total());
	assert_non_null(r);
	return r;
}

/* The first case came to something else, and the summary says so. */
static void set_first(json_t *r, const char *verdict)
{
	json_t *summary = json_object_get(r, "summary");
	json_int_t n = (json_int_t)json_array_size(json_object_get(r, "cases"));

	json_object_set_new(
	    json_array_get(json_object_get(r, "cases"), 0), "verdict", json_string(verdict));
	json_object_set_new(summary, "pass", json_integer(n - 1));
	json_object_set_new(summary, verdict, json_integer(1));
}

static void save(json_t *r, const char *name)
{
	char path[PATH];

	assert_int_equal(json_dump_file(r, path_of(path, name), 0), 0);
	json_decref(r);
}

/* Of one report and those of the other roles, in which all passed; or of two alone. */
static int make(struct rxp_buf *out, const char *first, const char *second, char why[STATEMENT_WHY])
{
	char at[3][PATH];
	const char *paths[] = {path_of(at[0], first),
	    path_of(at[1], second == NULL ? "respond.json" : second),
	    path_of(at[2], "initiate.json")};

	rxp_buf_init(out, MAX_OCTETS);
	return statement_make(out, paths, second == NULL ? 3 : 2, MADE, why);
}

/* What is stated of it, where all else passed. */
static void assert_stated(const char *name, const char *wanted)
{
	char why[STATEMENT_WHY] = "", result[STATEMENT_RESULT] = "";
	struct rxp_buf s;

	assert_int_equal(make(&s, name, NULL, why), 0);
	assert_int_equal(statement_check(result, &s, NULL, 0, why), 0);
	assert_string_equal(result, wanted);
	rxp_buf_free(&s);
}

static void assert_refused(const char *first, const char *second, const char *words)
{
	char why[STATEMENT_WHY] = "";
	struct rxp_buf s;

	assert_int_not_equal(make(&s, first, second, why), 0);
	assert_non_null(strstr(why, words));
	rxp_buf_free(&s);
}

static void test_results(void **state)
{
	static const struct {
		const char *verdict, *result;
	} rows[] = {{"fail", "fails"}, {"incomplete", "incomplete"}, {"error", "incomplete"},
	    {"weak", "passes"}, {"warn", "passes"}, {"not-asked", "passes"}};
	json_t *r = report_passed("wire");

	(void)state;
	save(r, "good.json");
	assert_stated("good.json", "passes");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		r = report_passed("wire");
		set_first(r, rows[i].verdict);
		save(r, "one.json");
		assert_stated("one.json", rows[i].result);
	}
	r = report_passed("wire");
	json_array_remove(json_object_get(r, "cases"), 0);
	json_object_set_new(json_object_get(r, "summary"), "pass",
	    json_integer((json_int_t)plan_named("wire")->total() - 1));
	save(r, "one.json");
	assert_stated("one.json", "incomplete");
}

/* Who was not asked to receive has not shown that it can. */
static void test_untried(void **state)
{
	char why[STATEMENT_WHY] = "", result[STATEMENT_RESULT] = "";
	struct rxp_buf s;

	(void)state;
	save(report_passed("wire"), "good.json");
	assert_int_equal(make(&s, "good.json", "initiate.json", why), 0);
	assert_int_equal(statement_check(result, &s, NULL, 0, why), 0);
	assert_string_equal(result, "incomplete");
	rxp_buf_free(&s);
}

/* What was tried once more is told, whatever it came to: a product that needs that is not one that passed at once. */
static void test_again(void **state)
{
	char why[STATEMENT_WHY] = "";
	json_t *r = report_passed("wire"), *s;
	const json_t *entry;
	struct rxp_buf statement;
	const char *id;

	(void)state;
	json_object_set_new(
	    json_array_get(json_object_get(r, "cases"), 1), "again", json_string("nothing came"));
	save(json_deep_copy(r), "one.json");
	assert_refused("one.json", NULL, "its summary says another number of `again`");
	json_object_set_new(json_object_get(r, "summary"), "again", json_integer(1));
	save(r, "one.json");
	assert_int_equal(make(&statement, "one.json", NULL, why), 0);
	s = json_loadb((const char *)statement.data, statement.len, 0, NULL);
	rxp_buf_free(&statement);
	id = plan_named("wire")->facts(1)->id;
	entry = json_array_get(json_object_get(s, "reports"), 0);
	assert_int_equal(json_array_size(json_object_get(entry, "again")), 1);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(entry, "again"), 0)), id);
	entry = json_array_get(json_object_get(s, "reports"), 1);
	assert_true(json_is_array(json_object_get(entry, "again")));
	assert_int_equal(json_array_size(json_object_get(entry, "again")), 0);
	json_decref(s);
}

static void test_refused(void **state)
{
	json_t *r = report_passed("wire");

	(void)state;
	save(r, "good.json");
	assert_refused("none.json", NULL, "not found");
	r = report_passed("wire");
	set_first(r, "fail");
	json_object_set_new(json_object_get(r, "summary"), "fail", json_integer(0));
	save(r, "one.json");
	assert_refused("one.json", NULL, "its summary says another number of `fail`");
	r = report_passed("wire");
	json_array_append(
	    json_object_get(r, "cases"), json_array_get(json_object_get(r, "cases"), 0));
	save(r, "one.json");
	assert_refused("one.json", NULL, "stands there twice");
	r = report_passed("wire");
	json_object_set_new(
	    json_array_get(json_object_get(r, "cases"), 0), "id", json_string("XML-001.R.n999"));
	save(r, "one.json");
	assert_refused("one.json", NULL, "a case that is none of wire");
	r = report_passed("wire");
	json_object_set_new(
	    json_array_get(json_object_get(r, "cases"), 0), "verdict", json_string("splendid"));
	json_object_set_new(json_object_get(r, "summary"), "pass",
	    json_integer((json_int_t)plan_named("wire")->total() - 1));
	save(r, "one.json");
	assert_refused("one.json", NULL, "what this suite does not know");
	r = report_passed("wire");
	json_object_set_new(r, "specification", json_string("00"));
	save(r, "one.json");
	assert_refused("one.json", NULL, "of another version");
	r = report_passed("initiate");
	json_object_set_new(json_object_get(r, "product"), "descriptor", json_string("bb"));
	save(r, "one.json");
	assert_refused("good.json", "one.json", "of another product");
	assert_refused("good.json", "good.json", "a second report of wire");
	save(report_passed("doc"), "one.json");
	assert_refused("one.json", NULL, "of a role that no product plays");
}

/* --- signatures ------------------------------------------------------------------------------ */

static void write_key(const char *name, EVP_PKEY *key)
{
	char path[PATH], file[40];
	X509 *x = X509_new();
	FILE *f;

	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(
	    X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	(void)snprintf(file, sizeof file, "%s.key", name);
	f = fopen(path_of(path, file), "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	(void)fclose(f);
	(void)snprintf(file, sizeof file, "%s.crt", name);
	f = fopen(path_of(path, file), "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	(void)fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

static int sign(
    struct rxp_buf *out, const struct rxp_buf *octets, const char *key, const char *certificate)
{
	char a[PATH], b[PATH];

	rxp_buf_init(out, MAX_OCTETS);
	return detached_sign(out, octets, path_of(a, key), path_of(b, certificate));
}

static int verify(
    const struct rxp_buf *octets, const struct rxp_buf *signature, const char *certificate)
{
	char path[PATH];

	return detached_verify(octets, signature, path_of(path, certificate));
}

static void test_signature(void **state)
{
	static const char *const names[] = {"tester", "p384", "rsa"};
	struct rxp_buf s, signature;

	(void)state;
	rxp_buf_init(&s, MAX_OCTETS);
	assert_int_equal(rxp_buf_puts(&s, "{\"result\": \"fails\"}\n"), 0);
	for (size_t i = 0; i < 3; i++) {
		char key[40], certificate[40];

		(void)snprintf(key, sizeof key, "%s.key", names[i]);
		(void)snprintf(certificate, sizeof certificate, "%s.crt", names[i]);
		assert_int_equal(sign(&signature, &s, key, certificate), 0);
		assert_int_equal(verify(&s, &signature, certificate), 0);
		rxp_buf_free(&signature);
	}
	assert_int_equal(sign(&signature, &s, "other.key", "tester.crt"), RXP_ERR_KEY);
	rxp_buf_free(&signature);
	assert_int_equal(sign(&signature, &s, "tester.key", "tester.crt"), 0);
	assert_int_equal(verify(&s, &signature, "other.crt"), RXP_ERR_SEAL);
	s.data[3] ^= 1;
	assert_int_equal(verify(&s, &signature, "tester.crt"), RXP_ERR_SEAL);
	s.data[3] ^= 1;
	assert_int_equal(verify(&s, &signature, "tester.crt"), 0);
	assert_int_equal(rxp_buf_putc(&s, '\n'), 0);
	assert_int_equal(verify(&s, &signature, "tester.crt"), RXP_ERR_SEAL);
	s.len--;
	assert_int_equal(rxp_buf_putc(&signature, 0), 0);
	assert_int_equal(verify(&s, &signature, "tester.crt"), RXP_ERR_SYNTAX);
	signature.len--;
	signature.data[signature.len - 4] ^= 1;
	assert_int_equal(verify(&s, &signature, "tester.crt"), RXP_ERR_SEAL);
	rxp_buf_free(&signature);
	rxp_buf_free(&s);
}

/* What the right key signed, and is not so. */
static void test_false(void **state)
{
	char why[STATEMENT_WHY] = "", result[STATEMENT_RESULT], path[PATH];
	char others[2][PATH];
	const char *reports[] = {path_of(path, "one.json"), path_of(others[0], "respond.json"),
	    path_of(others[1], "initiate.json")};
	json_t *r = report_passed("wire"), *s;
	struct rxp_buf statement, lie;

	(void)state;
	set_first(r, "fail");
	save(r, "one.json");
	assert_int_equal(make(&statement, "one.json", NULL, why), 0);
	assert_int_equal(statement_check(result, &statement, reports, 3, why), 0);
	assert_string_equal(result, "fails");

	/* The result alone is another. */
	s = json_loadb((const char *)statement.data, statement.len, 0, NULL);
	json_object_set_new(s, "result", json_string("passes"));
	rxp_buf_init(&lie, MAX_OCTETS);
	{
		char *text = json_dumps(s, 0);

		assert_int_equal(rxp_buf_puts(&lie, text), 0);
		free(text);
	}
	assert_int_equal(statement_check(result, &lie, NULL, 0, why), RXP_ERR_MISMATCH);
	assert_non_null(strstr(why, "its numbers say `fails`"));
	json_decref(s);
	rxp_buf_free(&lie);

	/* The report is another: one octet of a name. */
	r = report_passed("wire");
	set_first(r, "fail");
	json_object_set_new(r, "began", json_string("2026-11-23T10:00:01.000Z"));
	save(r, "one.json");
	assert_int_equal(statement_check(result, &statement, reports, 3, why), RXP_ERR_MISMATCH);
	assert_non_null(strstr(why, "another statement"));
	rxp_buf_free(&statement);
}

static int begin(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/readmit-statement.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	write_key("tester", EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"));
	write_key("other", EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"));
	write_key("p384", EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384"));
	write_key("rsa", EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048));
	save(report_passed("respond"), "respond.json");
	save(report_passed("initiate"), "initiate.json");
	return 0;
}

static int end(void **state)
{
	static const char *const files[] = {"good.json", "one.json", "respond.json",
	    "initiate.json", "tester.key", "tester.crt", "other.key", "other.crt", "p384.key",
	    "p384.crt", "rsa.key", "rsa.crt"};
	char path[PATH];

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		(void)unlink(path_of(path, files[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_untried),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_signature),
	    cmocka_unit_test(test_false),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
