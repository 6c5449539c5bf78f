#include "conformance/report/report_file.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/report/forms.h"
#include "conformance/report/report.h"
#include "conformance/state/files.h"
#include "protocol/base/err.h"

#define MAX_REPORT_OCTETS (256 * 1024UL * 1024)

struct report_file {
	json_t *root;
	size_t counts[VERDICT_COUNT];
};

static int verdict_named(enum verdict *out, const char *word)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (strcmp(verdict_word((enum verdict)v), word) == 0) {
			*out = (enum verdict)v;
			return 0;
		}
	return RXP_ERR_SYNTAX;
}

/* A format that this program knows; every case has an id and a verdict that this program knows. */
static int check(struct report_file *f)
{
	const json_t *cases = json_object_get(f->root, "cases");
	const json_t *format = json_object_get(f->root, "format");

	if (!json_is_array(cases) || strcmp(report_text(f, "suite"), "readmit-conform") != 0 ||
	    (format != NULL && (json_integer_value(format) < REPORT_FORMAT_OLDEST ||
				   json_integer_value(format) > REPORT_FORMAT)))
		return RXP_ERR_SYNTAX;
	for (size_t i = 0; i < json_array_size(cases); i++) {
		enum verdict v;

		if (report_case_text(f, i, "id")[0] == '\0' ||
		    verdict_named(&v, report_case_text(f, i, "verdict")) != 0)
			return RXP_ERR_SYNTAX;
		f->counts[v]++;
	}
	return 0;
}

int report_file_open(struct report_file **out, const char *path)
{
	struct report_file *f = calloc(1, sizeof *f);
	struct rxp_buf text;
	int rc = f == NULL ? RXP_ERR_NOMEM : 0;

	rxp_buf_init(&text, MAX_REPORT_OCTETS);
	if (rc == 0)
		rc = files_read(&text, NULL, path);
	if (rc == 0) {
		f->root =
		    json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
		rc = f->root == NULL ? RXP_ERR_SYNTAX : check(f);
	}
	rxp_buf_free(&text);
	if (rc == 0)
		*out = f;
	else
		report_file_free(f);
	return rc;
}

void report_file_free(struct report_file *f)
{
	if (f == NULL)
		return;
	json_decref(f->root);
	free(f);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

const char *report_text(const struct report_file *f, const char *name)
{
	return text_of(f->root, name);
}

bool report_has_format(const struct report_file *f)
{
	return json_object_get(f->root, "format") != NULL;
}

const char *report_product(const struct report_file *f, const char *name)
{
	return text_of(json_object_get(f->root, "product"), name);
}

static const json_t *case_of(const struct report_file *f, size_t i)
{
	return json_array_get(json_object_get(f->root, "cases"), i);
}

size_t report_file_cases(const struct report_file *f)
{
	return json_array_size(json_object_get(f->root, "cases"));
}

const char *report_case_text(const struct report_file *f, size_t i, const char *name)
{
	return text_of(case_of(f, i), name);
}

bool report_case_change(struct report_change *out, const struct report_file *f, size_t i)
{
	const json_t *changed = json_object_get(case_of(f, i), "changed");
	json_int_t at = json_integer_value(json_object_get(changed, "at"));
	json_int_t len = json_integer_value(json_object_get(changed, "octets"));

	if (changed == NULL)
		return false;
	*out = (struct report_change){.was = text_of(changed, "was"),
	    .is = text_of(changed, "is"),
	    .in = at < 0 || len < 0 ? "" : text_of(changed, "in"),
	    .at = at < 0 ? 0 : (size_t)at,
	    .len = len < 0 ? 0 : (size_t)len};
	return true;
}

int report_case_status(const struct report_file *f, size_t i)
{
	return (int)json_integer_value(json_object_get(case_of(f, i), "status"));
}

int report_case_ms(const struct report_file *f, size_t i)
{
	return (int)json_integer_value(json_object_get(case_of(f, i), "milliseconds"));
}

enum verdict report_case_verdict(const struct report_file *f, size_t i)
{
	enum verdict v = VERDICT_ERROR;

	(void)verdict_named(&v, report_case_text(f, i, "verdict"));
	return v;
}

size_t report_file_count(const struct report_file *f, enum verdict v)
{
	return f->counts[v];
}
