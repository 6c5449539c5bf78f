#include "conformance/report/statement.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "conformance/report/report.h"
#include "conformance/requirement/requirement_data.h"
#include "conformance/run/plan.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define KIND "urn:rxp:1:conformance-statement"
#define PASSES "passes"
#define FAILS "fails"
#define INCOMPLETE "incomplete"
#define BETWEEN "proxy"
#define MAX_REPORT_OCTETS (256 * 1024UL * 1024)

__attribute__((format(printf, 3, 4))) static int refuse(
    char why[STATEMENT_WHY], int rc, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(why, STATEMENT_WHY, format, arguments);
	va_end(arguments);
	return rc;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static size_t number_of(const json_t *object, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(object, name));

	return n < 0 ? 0 : (size_t)n;
}

static size_t count_of(const json_t *entry, enum verdict v)
{
	return number_of(json_object_get(entry, "verdicts"), verdict_word(v));
}

/* The plan of a role in which a product is tried; NULL: none is. */
static const struct plan *plan_of(const char *role)
{
	for (size_t i = 0; i < plan_total(); i++)
		if (strcmp(plan_at(i)->name, role) == 0 && strcmp(role, "doc") != 0)
			return plan_at(i);
	return NULL;
}

/* Of the numbers alone: what an entry, of one role, may say. */
static const char *result_of(const json_t *entry)
{
	if (count_of(entry, VERDICT_FAIL) > 0)
		return FAILS;
	if (count_of(entry, VERDICT_INCOMPLETE) > 0 || count_of(entry, VERDICT_ERROR) > 0 ||
	    count_of(entry, VERDICT_PASS) == 0 ||
	    number_of(entry, "cases") < number_of(entry, "of"))
		return INCOMPLETE;
	return PASSES;
}

/* The worst of the roles. Every product receives and sends; only for `proxy` it takes another one. */
static const char *result_of_all(const json_t *statement)
{
	const json_t *entries = json_object_get(statement, "reports"),
		     *untried = json_object_get(statement, "untried");
	const char *result = json_array_size(entries) == 0 ? INCOMPLETE : PASSES;

	for (size_t i = 0; i < json_array_size(untried); i++)
		if (strcmp(json_string_value(json_array_get(untried, i)), BETWEEN) != 0)
			result = INCOMPLETE;
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const char *one = result_of(json_array_get(entries, i));

		if (strcmp(one, FAILS) == 0)
			return FAILS;
		if (strcmp(one, INCOMPLETE) == 0)
			result = INCOMPLETE;
	}
	return result;
}

/* Roles in which the product was not tried. */
static int put_untried(json_t *statement)
{
	const json_t *entries = json_object_get(statement, "reports");
	json_t *untried = json_array();
	bool whole = json_object_set_new(statement, "untried", untried) == 0;

	for (size_t p = 0; whole && p < plan_total(); p++) {
		const struct plan *plan = plan_of(plan_at(p)->name);
		bool tried = plan == NULL;

		for (size_t i = 0; !tried && i < json_array_size(entries); i++)
			tried =
			    strcmp(text_of(json_array_get(entries, i), "role"), plan->name) == 0;
		if (!tried)
			whole = json_array_append_new(untried, json_string(plan->name)) == 0;
	}
	return whole ? 0 : RXP_ERR_NOMEM;
}

/* --- one report ------------------------------------------------------------------------------ */

static int read_report(json_t **out, char digest_text[RXP_DIGEST_HEX], const char *path)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, MAX_REPORT_OCTETS);
	rc = files_read(&text, NULL, path);
	if (rc == 0 && EVP_Digest(text.data, text.len, digest, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	if (rc == 0) {
		rxp_hex_put(digest_text, digest, sizeof digest, false);
		*out = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
		rc = *out == NULL ? RXP_ERR_SYNTAX : 0;
	}
	rxp_buf_free(&text);
	return rc;
}

static bool plan_has(const struct plan *plan, const char *id, bool seen[])
{
	for (size_t i = 0; i < plan->total(); i++)
		if (strcmp(plan->facts(i)->id, id) == 0) {
			bool first = !seen[i];

			seen[i] = true;
			return first;
		}
	return false;
}

/* Count and list the cases by what they came to. Each is one of the plan, and stands there once. */
static int put_verdicts(json_t *entry, const json_t *report, const struct plan *plan, bool seen[],
    char why[STATEMENT_WHY])
{
	const json_t *cases = json_object_get(report, "cases"),
		     *summary = json_object_get(report, "summary");
	json_t *counts = json_object(), *lists = json_object();
	bool whole = json_object_set_new(entry, "verdicts", counts) == 0 &&
		     json_object_set_new(entry, "ids", lists) == 0;
	size_t total = 0;

	for (unsigned v = 0; whole && v < VERDICT_COUNT; v++) {
		const char *word = verdict_word((enum verdict)v);
		json_t *ids = json_array();
		size_t n = 0;

		for (size_t i = 0; i < json_array_size(cases); i++) {
			const json_t *c = json_array_get(cases, i);

			if (strcmp(text_of(c, "verdict"), word) != 0)
				continue;
			if (!plan_has(plan, text_of(c, "id"), seen)) {
				json_decref(ids);
				return refuse(why, RXP_ERR_MISMATCH,
				    "%s: a case that is none of %s, or stands there twice",
				    text_of(c, "id"), plan->name);
			}
			n++;
			whole =
			    whole && json_array_append_new(ids, json_string(text_of(c, "id"))) == 0;
		}
		total += n;
		whole =
		    whole && json_object_set_new(counts, word, json_integer((json_int_t)n)) == 0;
		if (v == VERDICT_PASS || n == 0)
			json_decref(ids);
		else
			whole = json_object_set_new(lists, word, ids) == 0 && whole;
		if (number_of(summary, word) != n)
			return refuse(why, RXP_ERR_MISMATCH,
			    "its summary says another number of `%s` than its cases", word);
	}
	if (whole && total != json_array_size(cases))
		return refuse(why, RXP_ERR_SYNTAX, "a case came to what this suite does not know");
	return whole ? 0 : RXP_ERR_NOMEM;
}

/* What was tried once more, since it had come to no end at first: of a report whose product or machine was slow much is (conformance/cli/tries.h). */
static int put_again(json_t *entry, const json_t *report, char why[STATEMENT_WHY])
{
	const json_t *cases = json_object_get(report, "cases");
	json_t *ids = json_array();
	bool whole = json_object_set_new(entry, "again", ids) == 0;

	for (size_t i = 0; whole && i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);

		if (json_object_get(c, "again") != NULL)
			whole = json_array_append_new(ids, json_string(text_of(c, "id"))) == 0;
	}
	if (!whole)
		return RXP_ERR_NOMEM;
	return number_of(json_object_get(report, "summary"), "again") == json_array_size(ids)
		   ? 0
		   : refuse(why, RXP_ERR_MISMATCH,
			 "its summary says another number of `again` than its cases");
}

static int check_origin(const json_t *report, char why[STATEMENT_WHY])
{
	if (strcmp(text_of(report, "suite"), "readmit-conform") != 0)
		return refuse(why, RXP_ERR_SYNTAX, "not a report of readmit-conform");
	if (strcmp(text_of(report, "version"), report_version()) != 0 ||
	    strcmp(text_of(report, "specification"), requirement_specification) != 0)
		return refuse(why, RXP_ERR_MISMATCH,
		    "of another version of the suite or of the specification: that version states what it says");
	if (text_of(json_object_get(report, "product"), "party")[0] == '\0')
		return refuse(why, RXP_ERR_MISMATCH, "of no product");
	return 0;
}

static int put_entry(
    json_t *entries, const json_t *report, const char *digest, char why[STATEMENT_WHY])
{
	const struct plan *plan = plan_of(text_of(report, "role"));
	json_t *entry, *other = json_object_get(report, "other");
	bool *seen;
	int rc = check_origin(report, why);

	if (rc != 0)
		return rc;
	if (plan == NULL)
		return refuse(why, RXP_ERR_MISMATCH, "of a role that no product plays");
	for (size_t i = 0; i < json_array_size(entries); i++)
		if (strcmp(text_of(json_array_get(entries, i), "role"), plan->name) == 0)
			return refuse(why, RXP_ERR_MISMATCH, "a second report of %s", plan->name);
	seen = calloc(plan->total(), sizeof *seen);
	entry = json_pack("{s:s, s:s, s:s, s:I, s:I}", "role", plan->name, "report", digest,
	    "began", text_of(report, "began"), "cases",
	    (json_int_t)json_array_size(json_object_get(report, "cases")), "of",
	    (json_int_t)plan->total());
	rc = seen == NULL || entry == NULL ||
		     (other != NULL && json_object_set(entry, "other", other) != 0)
		 ? RXP_ERR_NOMEM
		 : put_verdicts(entry, report, plan, seen, why);
	if (rc == 0)
		rc = put_again(entry, report, why);
	if (rc == 0 && json_object_set_new(entry, "result", json_string(result_of(entry))) != 0)
		rc = RXP_ERR_NOMEM;
	if (rc == 0 && json_array_append(entries, entry) != 0)
		rc = RXP_ERR_NOMEM;
	json_decref(entry);
	free(seen);
	return rc;
}

/* The first report says which product; every other is of the same. */
static int put_product(json_t *statement, const json_t *report, char why[STATEMENT_WHY])
{
	json_t *product = json_object_get(report, "product"),
	       *before = json_object_get(statement, "product");

	if (before == NULL)
		return json_object_set(statement, "product", product) == 0 ? 0 : RXP_ERR_NOMEM;
	if (strcmp(text_of(before, "descriptor"), text_of(product, "descriptor")) != 0)
		return refuse(why, RXP_ERR_MISMATCH,
		    "of another product, or of another descriptor of it, than the one before");
	return 0;
}

static int put_report(json_t *statement, const char *path, char why[STATEMENT_WHY])
{
	char digest[RXP_DIGEST_HEX], reason[STATEMENT_WHY] = "";
	json_t *report = NULL;
	int rc = read_report(&report, digest, path);

	if (rc != 0)
		(void)snprintf(reason, sizeof reason, "%s", rxp_err_text(rc));
	if (rc == 0)
		rc = put_entry(json_object_get(statement, "reports"), report, digest, reason);
	if (rc == 0)
		rc = put_product(statement, report, reason);
	json_decref(report);
	return rc == 0 ? 0 : refuse(why, rc, "%s: %.100s", path, reason);
}

/* --- the whole ------------------------------------------------------------------------------- */

static int dump(struct rxp_buf *out, const json_t *statement)
{
	char *text = json_dumps(statement, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	int rc = text == NULL ? RXP_ERR_NOMEM : rxp_buf_puts(out, text);

	free(text);
	return rc == 0 ? rxp_buf_putc(out, '\n') : rc;
}

int statement_make(struct rxp_buf *out, const char *const *reports, size_t n, const char *made,
    char why[STATEMENT_WHY])
{
	json_t *s = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[]}", "statement", KIND, "suite",
	    "readmit-conform", "version", report_version(), "protocol", "RXP/1", "specification",
	    requirement_specification, "made", made, "reports");
	int rc = s == NULL ? RXP_ERR_NOMEM : 0;

	(void)snprintf(why, STATEMENT_WHY, "%s", "there is no report");
	if (rc == 0 && n == 0)
		rc = RXP_ERR_NOT_FOUND;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put_report(s, reports[i], why);
	if (rc == 0)
		rc = put_untried(s);
	if (rc == 0 && json_object_set_new(s, "result", json_string(result_of_all(s))) != 0)
		rc = RXP_ERR_NOMEM;
	if (rc == 0)
		rc = dump(out, s);
	json_decref(s);
	return rc;
}

/* What it says of each role, and of all, is what its numbers say. */
static int check_results(const json_t *s, char why[STATEMENT_WHY])
{
	const json_t *entries = json_object_get(s, "reports");

	if (strcmp(text_of(s, "statement"), KIND) != 0 || !json_is_array(entries))
		return refuse(why, RXP_ERR_SYNTAX, "it is no statement");
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *e = json_array_get(entries, i);

		if (strcmp(text_of(e, "result"), result_of(e)) != 0)
			return refuse(why, RXP_ERR_MISMATCH,
			    "it says `%s` of %s, and its numbers say `%s`", text_of(e, "result"),
			    text_of(e, "role"), result_of(e));
	}
	if (strcmp(text_of(s, "result"), result_of_all(s)) != 0)
		return refuse(why, RXP_ERR_MISMATCH, "it says `%s`, and its numbers say `%s`",
		    text_of(s, "result"), result_of_all(s));
	return 0;
}

static int check_reports(const json_t *s, const struct rxp_buf *statement,
    const char *const *reports, size_t n, char why[STATEMENT_WHY])
{
	struct rxp_buf again;
	int rc;

	rxp_buf_init(&again, MAX_REPORT_OCTETS);
	rc = statement_make(&again, reports, n, text_of(s, "made"), why);
	if (rc == 0 &&
	    (again.len != statement->len || memcmp(again.data, statement->data, again.len) != 0))
		rc = refuse(
		    why, RXP_ERR_MISMATCH, "the reports, in this order, come to another statement");
	rxp_buf_free(&again);
	return rc;
}

int statement_check(char result[STATEMENT_RESULT], const struct rxp_buf *statement,
    const char *const *reports, size_t n, char why[STATEMENT_WHY])
{
	json_t *s =
	    json_loadb((const char *)statement->data, statement->len, JSON_REJECT_DUPLICATES, NULL);
	int rc =
	    s == NULL ? refuse(why, RXP_ERR_SYNTAX, "it is no statement") : check_results(s, why);

	if (rc == 0 && n > 0)
		rc = check_reports(s, statement, reports, n, why);
	if (rc == 0)
		(void)snprintf(result, STATEMENT_RESULT, "%s", text_of(s, "result"));
	json_decref(s);
	return rc;
}
