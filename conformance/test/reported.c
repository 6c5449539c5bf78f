#include "conformance/test/reported.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "conformance/report/forms.h"
#include "conformance/report/report.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"

#define MAX_OCTETS (1024UL * 1024)

const char EARLIER[] = "";
const struct one passed = {
    "ANS-005.R.p1", "RXP-ANS-005", "pass", "a Receipt", "a Receipt", NULL, .name = NULL};
const struct one failed = {"ENV-009.R.n1", "RXP-ENV-009", "fail", "the Refusal rekey", "a Receipt",
    "wanted the Refusal rekey, got a Receipt", .name = NULL};
const struct one untried = {"LOG-002.R.p1", "RXP-LOG-002", "incomplete", "a Receipt", "",
    "it needs a document of the product, and nothing makes it send one: --trigger", .name = NULL};
const struct one hung = {"SEA-011.R.n1", "RXP-SEA-011", "fail", "the Refusal unopenable",
    "no octet of HTTP", UNOPENABLE "no octet of HTTP: no answer in time", .name = NULL};

static void put_octets(json_t *j, const char *member, const char *octets)
{
	struct rxp_buf text;

	if (octets == NULL)
		return;
	rxp_buf_init(&text, MAX_OCTETS);
	assert_int_equal(rxp_base64_put(&text, (const uint8_t *)octets, strlen(octets)), 0);
	(void)json_object_set_new(j, member, json_stringn((const char *)text.data, text.len));
	rxp_buf_free(&text);
}

static json_t *case_json(const struct one *c)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "id", c->id,
	    "requirement", c->requirement, "level", "MUST", "name",
	    c->name == NULL ? "a <change>" : c->name, "base", "a Ping", "stage", "encrypted",
	    "expected", c->expected, "seen", c->seen, "milliseconds", 5);

	(void)json_object_set_new(j, "verdict", json_string(c->verdict));
	if (c->why != NULL)
		(void)json_object_set_new(j, "why", json_string(c->why));
	put_octets(j, "received", c->received);
	put_octets(j, "inside", c->inside);
	put_octets(j, "sent", c->sent);
	if (c->changed != NULL) {
		json_t *changed = json_pack("{s:s, s:i, s:i}", "in", c->changed->in, "at",
		    c->changed->at, "octets", (int)strlen(c->changed->is));

		put_octets(changed, "was", c->changed->was);
		put_octets(changed, "is", c->changed->is);
		(void)json_object_set_new(j, "changed", changed);
	}
	if (c->status != 0)
		(void)json_object_set_new(j, "status", json_integer(c->status));
	return j;
}

char *form_of_part(
    form *make, const char *command, const char *selected, const struct one *cases, size_t n)
{
	char path[] = "/tmp/conform-page-XXXXXX", *text;
	int fd = mkstemp(path);
	json_t *list = json_array(), *root;
	struct report_file *f = NULL;
	struct rxp_buf out;

	assert_true(fd >= 0);
	(void)close(fd);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, case_json(&cases[i]));
	root = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:s*, s:o}", "suite",
	    "readmit-conform", "version", "1", "role", "respond", "product", "party", "QRA",
	    "endpoint", "https://qra.example", "command", command, "began",
	    "2026-11-03T10:00:00.000Z", "selected", selected == EARLIER ? NULL : selected, "cases",
	    list);
	if (selected != EARLIER)
		(void)json_object_set_new(root, "format", json_integer(REPORT_FORMAT));
	assert_int_equal(json_dump_file(root, path, 0), 0);
	json_decref(root);
	assert_int_equal(report_file_open(&f, path), 0);
	(void)unlink(path);
	rxp_buf_init(&out, MAX_OCTETS);
	assert_int_equal(make(&out, f), 0);
	text = strndup((const char *)out.data, out.len);
	assert_non_null(text);
	rxp_buf_free(&out);
	report_file_free(f);
	return text;
}

char *form_of(form *make, const char *command, const struct one *cases, size_t n)
{
	return form_of_part(make, command, NULL, cases, n);
}
