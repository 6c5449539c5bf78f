#include "conformance/report/trace_form.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/report/page.h"
#include "conformance/report/text.h"
#include "conformance/requirement/binding.h"
#include "conformance/run/traced.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* --- JSON -------------------------------------------------------------------------------------- */

/* A value that could not be made leaves the array as it is; whoever made the array sees that it is short. */
static void add_case(void *arg, const struct case_facts *c)
{
	(void)json_array_append_new(arg, json_string(c->id));
}

static json_t *json_of_role(const struct requirement *r, char role)
{
	json_t *cases = json_array();
	struct binding_reason reason;
	size_t n = traced_each(r, role, add_case, cases);
	json_t *entry;

	if (json_array_size(cases) != n) {
		json_decref(cases);
		return NULL;
	}
	entry = json_pack("{s:s, s:o}", "role", binding_role_words(role), "cases", cases);
	if (entry != NULL && n == 0 && binding_reason(&reason, r, role) &&
	    json_object_set_new(entry, "no-case",
		json_pack("{s:s, s:s}", "class", reason.class, "words", reason.words)) != 0) {
		json_decref(entry);
		return NULL;
	}
	return entry;
}

static json_t *json_of(const struct requirement *r)
{
	json_t *roles = json_array();
	bool whole = roles != NULL;

	for (const char *role = binding_roles(r); whole && *role != '\0'; role++)
		whole = json_array_append_new(roles, json_of_role(r, *role)) == 0;
	if (!whole) {
		json_decref(roles);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", r->id, "level",
	    requirement_level_word(r->level), "section", r->section, "text", r->text, "roles",
	    roles);
}

int trace_form_json(struct rxp_buf *out)
{
	json_t *all = json_array();
	bool whole = all != NULL;
	char *text = NULL;
	int rc = RXP_ERR_NOMEM;

	for (size_t i = 0; whole && i < requirement_total(); i++)
		whole = json_array_append_new(all, json_of(requirement_at(i))) == 0;
	if (whole)
		text = json_dumps(all, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	if (text != NULL) {
		rc = rxp_buf_puts(out, text);
		if (rc == 0)
			rc = rxp_buf_putc(out, '\n');
	}
	free(text);
	json_decref(all);
	return rc;
}

/* --- the page ---------------------------------------------------------------------------------- */

static void put_case(void *arg, const struct case_facts *c)
{
	struct rxp_buf *out = arg;

	(void)rxp_buf_puts(out, "<br><code>");
	text_escaped(out, c->id);
	(void)rxp_buf_puts(out, "</code> ");
	text_escaped(out, c->name);
}

static void count_case(void *arg, const struct case_facts *c)
{
	size_t *n = arg;

	(void)c;
	++*n;
}

/* How many cases, which can be looked at; or why there are none. */
static void put_role(struct rxp_buf *out, const struct requirement *r, char role)
{
	struct binding_reason reason;
	size_t n = 0;

	(void)traced_each(r, role, count_case, &n);
	text_put(out, "<dt>%s</dt><dd>", binding_role_words(role));
	if (n > 0) {
		text_put(out, "<details><summary>%zu cases</summary>", n);
		(void)traced_each(r, role, put_case, out);
		(void)rxp_buf_puts(out, "</details>");
	} else if (binding_reason(&reason, r, role)) {
		text_put(out, "no case (%s): ", reason.class);
		text_escaped(out, reason.words);
	}
	(void)rxp_buf_puts(out, "</dd>\n");
}

static void put_requirement(struct rxp_buf *out, const struct requirement *r)
{
	text_put(out, "<article id=\"%s\"><h3>%s <span>%s</span></h3>\n<p>", r->id, r->id,
	    requirement_level_word(r->level));
	page_markup(out, r->text);
	(void)rxp_buf_puts(out, "</p>\n<dl>");
	for (const char *role = binding_roles(r); *role != '\0'; role++)
		put_role(out, r, *role);
	(void)rxp_buf_puts(out, "</dl></article>\n");
}

int trace_form_html(struct rxp_buf *out)
{
	const char *section = "";

	page_begin(out, "the suite with the specification");
	text_put(out,
	    "<h1>Requirements and their cases</h1>\n<p class=\"sum\">%zu requirements of RXP/1, the roles of a "
	    "product that each binds, and the cases that try it there, or why there is none.</p>\n",
	    requirement_total());
	for (size_t i = 0; i < requirement_total(); i++) {
		const struct requirement *r = requirement_at(i);

		if (strcmp(section, r->section) != 0) {
			section = r->section;
			(void)rxp_buf_puts(out, "<h2>");
			text_escaped(out, section);
			(void)rxp_buf_puts(out, "</h2>\n");
		}
		put_requirement(out, r);
	}
	page_end(out);
	return rxp_buf_error(out);
}
