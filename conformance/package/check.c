#include "conformance/package/check.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define INDEX "index.json"
#define MAX_INDEX_OCTETS (32UL * 1024 * 1024)

static const struct {
	const char *name;
	json_t *(*weigh)(const struct reading *r);
} kinds[] = {
#define KIND(name, words, put, weigh) {#name, weigh},
#include "conformance/package/kind.def"
#undef KIND
};

static int read_index(json_t **out, const char *dir)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, MAX_INDEX_OCTETS);
	rc = files_read(&octets, dir, INDEX);
	if (rc == 0) {
		*out = json_loadb((const char *)octets.data, octets.len, 0, NULL);
		rc = *out == NULL ? RXP_ERR_SYNTAX : 0;
	}
	rxp_buf_free(&octets);
	return rc;
}

bool check_is_package(const char *dir)
{
	json_t *index = NULL;
	bool is = read_index(&index, dir) == 0;

	json_decref(index);
	return is;
}

/* What was expected, of all that was said: of an answer that a receiver alone gives nothing is said. */
static bool as_expected(const json_t *expected, json_t *seen)
{
	const char *key;
	json_t *value;

	if (json_object_get(seen, "result") == NULL)
		return false;
	json_object_foreach(seen, key, value)
	{
		if (!json_equal(json_object_get(expected, key), value))
			return false;
	}
	return true;
}

static void tell_of(const json_t *row, const json_t *seen, check_tell *tell)
{
	char *expected = json_dumps(json_object_get(row, "expected"), JSON_COMPACT);
	char *was = seen == NULL ? NULL : json_dumps(seen, JSON_COMPACT);
	const char *id = json_string_value(json_object_get(row, "id"));
	const char *words = json_string_value(json_object_get(row, "words"));

	tell(id != NULL ? id : "?", words != NULL ? words : "", expected != NULL ? expected : "",
	    was != NULL ? was : "it could not be judged");
	free(expected);
	free(was);
}

static void judge_row(struct check_counts *out, struct reading *r, check_tell *tell)
{
	const char *kind = json_string_value(json_object_get(r->row, "kind"));
	const char *clock = json_string_value(json_object_get(r->row, "clock"));
	json_t *(*weigh)(const struct reading *r) = NULL;
	json_t *seen;

	for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, kind) == 0)
			weigh = kinds[i].weigh;
	if (weigh == NULL || clock == NULL || rxp_time_parse(&r->now_ms, clock) != 0) {
		out->otherwise++;
		tell_of(r->row, NULL, tell);
		return;
	}
	seen = weigh(r);
	if (json_is_null(seen)) {
		out->left++;
		return;
	}
	out->judged++;
	if (!as_expected(json_object_get(r->row, "expected"), seen)) {
		out->otherwise++;
		tell_of(r->row, seen, tell);
	}
	json_decref(seen);
}

int check_package(struct check_counts *out, const char *dir, check_tell *tell)
{
	struct reading r = {.dir = dir};
	json_t *vectors, *row;
	size_t i;
	int rc = read_index(&r.index, dir);

	*out = (struct check_counts){0};
	if (rc != 0)
		return rc;
	vectors = json_object_get(r.index, "vectors");
	json_array_foreach(vectors, i, row)
	{
		r.row = row;
		judge_row(out, &r, tell);
	}
	json_decref(r.index);
	return 0;
}
