#include "conformance/package/shelf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define MAX_PATH 4096
#define MAX_JSON_OCTETS (32UL * 1024 * 1024)

struct shelf {
	char dir[MAX_PATH];
	json_t *vectors;
};

/* 0 also if it is there, for then *made is false. */
static int make_folder(const char *path, bool *made)
{
	*made = mkdir(path, 0755) == 0;
	return *made || errno == EEXIST ? 0 : RXP_ERR_IO;
}

int shelf_new(struct shelf **out, const char *dir)
{
	struct shelf *s;
	bool made;
	int rc;

	if (strlen(dir) >= MAX_PATH)
		return RXP_ERR_BOUND;
	rc = make_folder(dir, &made);
	if (rc != 0 || !made)
		return rc != 0 ? rc : RXP_ERR_EXISTS;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return RXP_ERR_NOMEM;
	memcpy(s->dir, dir, strlen(dir) + 1);
	s->vectors = json_array();
	if (s->vectors == NULL) {
		free(s);
		return RXP_ERR_NOMEM;
	}
	*out = s;
	return 0;
}

void shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	json_decref(s->vectors);
	free(s);
}

int shelf_file(struct shelf *s, const char *name, const struct rxp_buf *octets)
{
	char path[MAX_PATH];
	bool made;
	int rc = 0;

	for (const char *slash = strchr(name, '/'); slash != NULL && rc == 0;
	     slash = strchr(slash + 1, '/')) {
		int n = snprintf(path, sizeof path, "%s/%.*s", s->dir, (int)(slash - name), name);

		rc = n < 0 || (size_t)n >= sizeof path ? RXP_ERR_BOUND : make_folder(path, &made);
	}
	return rc == 0 ? files_write(s->dir, name, octets) : rc;
}

int shelf_json(struct shelf *s, const char *name, json_t *value)
{
	char *dumped =
	    value == NULL ? NULL : json_dumps(value, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	struct rxp_buf text;
	int rc;

	json_decref(value);
	if (dumped == NULL)
		return RXP_ERR_NOMEM;
	rxp_buf_init(&text, MAX_JSON_OCTETS);
	rc = rxp_buf_puts(&text, dumped);
	if (rc == 0)
		rc = rxp_buf_putc(&text, '\n');
	if (rc == 0)
		rc = shelf_file(s, name, &text);
	rxp_buf_free(&text);
	free(dumped);
	return rc;
}

int shelf_add(struct shelf *s, const struct shelf_vector *v)
{
	char clock[RXP_TIME_TEXT];
	json_t *row;

	if (v->files == NULL || v->given == NULL || v->expected == NULL) {
		json_decref(v->files);
		json_decref(v->given);
		json_decref(v->expected);
		return RXP_ERR_NOMEM;
	}
	rxp_time_text(clock, v->clock_ms);
	row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", v->id, "kind", v->kind,
	    "requirement", v->requirement, "words", v->words, "clock", clock, "files", v->files,
	    "given", v->given, "expected", v->expected);
	return row == NULL || json_array_append_new(s->vectors, row) != 0 ? RXP_ERR_NOMEM : 0;
}

size_t shelf_count(const struct shelf *s)
{
	return json_array_size(s->vectors);
}

int shelf_close(struct shelf *s, json_t *facts)
{
	if (facts != NULL && json_object_set(facts, "vectors", s->vectors) != 0) {
		json_decref(facts);
		return RXP_ERR_NOMEM;
	}
	return shelf_json(s, "index.json", facts);
}
