#include "daemon/restore/source.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/base/storage_file.h"
#include "daemon/base/storage_key.h"
#include "daemon/base/word.h"
#include "daemon/registry/store/schema.h"
#include "daemon/restore/say.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define LINE_TEXT 512
#define GROW 256

int source_path(char out[SOURCE_PATH], const char *folder, const char *name)
{
	int n = snprintf(out, SOURCE_PATH, "%s/%s", folder, name);

	return n > 0 && n < SOURCE_PATH ? 0 : say(folder, "is too long a path");
}

/* Room for one more. */
static int grow(void **all, size_t n, size_t one)
{
	void *more;

	if (n % GROW != 0)
		return 0;
	more = realloc(*all, (n + GROW) * one);
	if (more == NULL)
		return say("memory", "there is not enough");
	*all = more;
	return 0;
}

/* --- the manifest -------------------------------------------------------------------------------- */

/* A line that begins with the word; *at is behind it. */
static bool next_line(char line[LINE_TEXT], FILE *f, const char *word, const char **at)
{
	char first[16];

	*at = line;
	return fgets(line, LINE_TEXT, f) != NULL && word_take(first, sizeof first, at) == 0 &&
	       strcmp(first, word) == 0;
}

static int read_head(struct source *s, FILE *f, const char *path)
{
	char line[LINE_TEXT];
	const char *at;
	uint64_t schema;

	if (fgets(line, sizeof line, f) == NULL || strcmp(line, MANIFEST_FIRST) != 0)
		return say(path, "is no manifest of a backup of this form");
	if (!next_line(line, f, "party", &at) || word_take(s->party, sizeof s->party, &at) != 0)
		return say(path, "does not say whose data they are");
	if (!next_line(line, f, "schema", &at) || word_number(&schema, &at) != 0)
		return say(path, "does not say of which version the data are");
	if (schema != SCHEMA_VERSION)
		return say(path, schema > SCHEMA_VERSION
				     ? "the data are of a newer version: install that one"
				     : "the data are of an older version: install that one");
	return next_line(line, f, "made", &at) ? 0 : say(path, "does not say when it was made");
}

static int read_files(struct source *s, FILE *f, const char *path)
{
	char line[LINE_TEXT], end[LINE_TEXT];

	while (fgets(line, sizeof line, f) != NULL) {
		int rc = grow((void **)&s->files, s->n_files, sizeof *s->files);

		if (rc != 0)
			return rc;
		if (manifest_read(&s->files[s->n_files], line) != 0) {
			snprintf(end, sizeof end, "end %zu\n", s->n_files);
			return strcmp(line, end) == 0 && fgets(line, sizeof line, f) == NULL &&
				       s->n_files > 0 && strcmp(s->files[0].name, "readmit.db") == 0
				   ? 0
				   : say(path, "was altered");
		}
		s->n_files++;
	}
	return say(path, "was cut short");
}

static int read_manifest(struct source *s)
{
	char path[SOURCE_PATH];
	FILE *f;
	int rc = source_path(path, s->data, MANIFEST_NAME);

	if (rc != 0)
		return rc;
	f = fopen(path, "re");
	if (f == NULL)
		return say(
		    path, "is not there: the backup was not made to its end, or this is none");
	rc = read_head(s, f, path);
	if (rc == 0)
		rc = read_files(s, f, path);
	fclose(f);
	return rc;
}

static int check_files(const struct source *s)
{
	for (size_t i = 0; i < s->n_files; i++) {
		const struct manifest_file *m = &s->files[i];
		struct manifest_file is;
		char path[SOURCE_PATH];
		int rc = source_path(path, s->data, m->name);

		if (rc != 0)
			return rc;
		rc = manifest_measure(&is, path);
		if (rc == RXP_ERR_NOT_FOUND)
			return say(path, "is missing");
		if (rc != 0)
			return say(path, "cannot be read");
		if (is.length != m->length || memcmp(is.digest, m->digest, sizeof is.digest) != 0)
			return say(path, "is not what the manifest says");
	}
	return 0;
}

/* --- keys ---------------------------------------------------------------------------------------- */

static int read_key(struct source *s, const char *name)
{
	char path[SOURCE_PATH], digits[STORAGE_KEY_FILE_OCTETS + 1];
	uint8_t key[STORAGE_KEY_OCTETS];
	struct rxp_buf file;
	FILE *f = NULL;
	size_t n = 0;
	int rc = source_path(path, s->keys, name);

	rxp_buf_init(&file, STORAGE_KEY_FILE_OCTETS);
	if (rc == 0)
		f = fopen(path, "re");
	if (f != NULL)
		n = fread(digits, 1, sizeof digits, f);
	if (rc == 0 && (rxp_buf_put(&file, digits, n) != 0 || storage_key_read(key, &file) != 0 ||
			   storage_key_check(s->checks[s->n_checks], key) != 0 ||
			   storage_key_tables(s->tables[s->n_checks], key) != 0))
		rc = say(path, "is no storage key");
	if (f != NULL)
		fclose(f);
	OPENSSL_cleanse(digits, sizeof digits);
	OPENSSL_cleanse(key, sizeof key);
	rxp_buf_free(&file);
	s->n_checks += rc == 0;
	return rc;
}

static int read_keys(struct source *s)
{
	DIR *dir = opendir(s->keys);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return say_errno(s->keys);
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		if (storage_file_number(entry->d_name) != 0)
			rc = s->n_checks < SOURCE_KEYS_MAX ? read_key(s, entry->d_name)
							   : say(s->keys, "has too many keys");
	closedir(dir);
	return rc == 0 && s->n_checks == 0
		   ? say(s->keys,
			 "has no storage.key: readmit-pki storage open makes it of the keys of the backup")
		   : rc;
}

/* --- erasures ------------------------------------------------------------------------------------ */

int source_add(struct source *s, const struct erasure *e)
{
	int rc = grow((void **)&s->list, s->n_list, sizeof *s->list);

	if (rc == 0)
		s->list[s->n_list++] = *e;
	return rc;
}

/* Entries from the first on, each bound to the one before. */
static int read_erasures(struct source *s)
{
	uint8_t before[32] = {0}, head[32];
	char line[LINE_TEXT];
	FILE *f = fopen(s->erasures, "re");
	int rc = f == NULL ? say_errno(s->erasures) : 0;

	while (rc == 0 && fgets(line, sizeof line, f) != NULL) {
		struct erasure *e;

		rc = grow((void **)&s->list, s->n_list, sizeof *s->list);
		if (rc != 0)
			break;
		e = &s->list[s->n_list];
		if (erasure_read(e, line) != 0 || e->n != s->n_list + 1 ||
		    erasure_head(head, before, e) != 0 || memcmp(head, e->head, sizeof head) != 0)
			rc = say(s->erasures, "was altered, or is no list of erasures");
		memcpy(before, head, sizeof before);
		s->n_list += rc == 0;
	}
	if (f != NULL)
		fclose(f);
	return rc;
}

/* What the node said when it sealed the keys. */
struct statement {
	char party[4];
	uint64_t erasures;
	uint8_t head[32];
};

static int read_statement(struct statement *out, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[LINE_TEXT];
	const char *at;
	bool good;

	if (f == NULL)
		return say_errno(path);
	good = fgets(line, sizeof line, f) != NULL &&
	       strcmp(line, "readmit storage keys 1\n") == 0 && next_line(line, f, "party", &at) &&
	       word_take(out->party, sizeof out->party, &at) == 0 &&
	       next_line(line, f, "made", &at) && next_line(line, f, "erasures", &at) &&
	       word_number(&out->erasures, &at) == 0 &&
	       word_octets(out->head, sizeof out->head, &at) == 0;
	fclose(f);
	return good ? 0 : say(path, "is not what readmit-pki storage open makes");
}

static int check_statement(const struct source *s)
{
	char path[SOURCE_PATH];
	struct statement is = {.erasures = 0};
	int rc = source_path(path, s->keys, "statement");

	if (rc == 0)
		rc = read_statement(&is, path);
	if (rc != 0)
		return rc;
	if (strcmp(is.party, s->party) != 0)
		return say(path, "the keys are of another party than the data");
	if (is.erasures > s->n_list)
		return say(s->erasures,
		    "is older than the keys: give the list that was made with them, or a newer one");
	return is.erasures == 0 ||
		       memcmp(s->list[is.erasures - 1].head, is.head, sizeof is.head) == 0
		   ? 0
		   : say(s->erasures, "is not the list of this node");
}

int source_read(struct source *out, const char *data, const char *keys, const char *erasures)
{
	int rc;

	*out = (struct source){.data = data, .keys = keys, .erasures = erasures};
	if ((rc = read_manifest(out)) != 0 || (rc = check_files(out)) != 0 ||
	    (rc = read_keys(out)) != 0 || (rc = read_erasures(out)) != 0)
		return rc;
	return check_statement(out);
}

void source_clear(struct source *s)
{
	free(s->files);
	free(s->list);
	OPENSSL_cleanse(s->tables, sizeof s->tables);
	*s = (struct source){.n_files = 0};
}
