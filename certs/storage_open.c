#include "certs/storage_open.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "daemon/base/escrow_box.h"
#include "daemon/base/storage_file.h"
#include "daemon/base/storage_key.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/envelope/agreement.h"

#define TEXT_MAX 4096
#define KEYS_MAX 8
#define FIRST "readmit storage keys 1\n"
#define KEY "key "
#define CHECK_HEX (2UL * STORAGE_KEY_CHECK_OCTETS)
#define KEY_LINE (sizeof KEY - 1 + CHECK_HEX + 1 + STORAGE_KEY_FILE_OCTETS)

/* --- the box ------------------------------------------------------------------------------------- */

static int read_key(struct rxp_agreement_key **out, const struct options *o)
{
	const char *path = options_value(o, OPTION_OFFICE_PRIVATE);
	const char *passphrase_file = options_value(o, OPTION_PASSPHRASE_FILE);
	struct evp_pkey_st *key = NULL;
	struct rxp_buf passphrase, pem;
	int rc = 0;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	if (passphrase_file != NULL)
		rc = keypair_passphrase(&passphrase, passphrase_file);
	if (rc == 0)
		rc = file_read(&pem, path);
	if (rc == 0)
		rc = keypair_read(&key, &pem, passphrase_file == NULL ? NULL : &passphrase);
	if (rc == 0)
		rc = keypair_agreement(out, key);
	report_failure(path, rc);
	keypair_free(key);
	rxp_buf_free(&passphrase);
	rxp_buf_free(&pem);
	return rc;
}

static int open_box(struct rxp_buf *text, const struct options *o)
{
	const char *path = o->file;
	struct rxp_agreement_key *key = NULL;
	struct rxp_buf box;
	int rc;

	rxp_buf_init(&box, TEXT_MAX + ESCROW_BOX_OVERHEAD);
	rc = report_failure(path, file_read(&box, path));
	if (rc == 0)
		rc = read_key(&key, o);
	if (rc == 0) {
		rc = escrow_box_open(text, key, box.data, box.len);
		if (rc == RXP_ERR_SYNTAX)
			rc = report_wrong(path, "is not the keys of a backup");
		else if (rc == RXP_ERR_DECRYPT)
			rc = report_wrong(path, "is of another escrow key, or was altered");
		else
			report_failure(path, rc);
	}
	rxp_agreement_key_free(key);
	rxp_buf_free(&box);
	return rc;
}

/* --- what is in it ------------------------------------------------------------------------------- */

/* A line `key CHECK DIGITS`: the file of the key, if it is that of the check value. */
static int read_line(struct rxp_buf *file, const char *line)
{
	uint8_t key[STORAGE_KEY_OCTETS], check[STORAGE_KEY_CHECK_OCTETS];
	char hex[CHECK_HEX + 1];
	int rc = rxp_buf_put(file, line + sizeof KEY - 1 + CHECK_HEX + 1, STORAGE_KEY_FILE_OCTETS);

	if (rc == 0)
		rc = storage_key_read(key, file);
	if (rc == 0)
		rc = storage_key_check(check, key);
	memset(key, 0, sizeof key);
	if (rc != 0)
		return rc;
	rxp_hex_put(hex, check, sizeof check, false);
	return strncmp(line + sizeof KEY - 1, hex, CHECK_HEX) == 0 ? 0 : RXP_ERR_KEY;
}

static int write_file(const char *folder, const char *name, const struct rxp_buf *octets)
{
	char path[FILE_MAX_PATH];
	int rc = file_path(path, folder, name);

	return report_failure(name, rc != 0 ? rc : file_create(path, octets));
}

/* The first line is of the present key: the last file. */
static int write_keys(const char *folder, const char *at, size_t n)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		char name[STORAGE_FILE_NAME];
		struct rxp_buf file;

		storage_file_name(name, (unsigned)(n - i));
		rxp_buf_init(&file, STORAGE_KEY_FILE_OCTETS);
		rc = report_failure("keys", read_line(&file, at + i * KEY_LINE));
		if (rc == 0)
			rc = write_file(folder, name, &file);
		rxp_buf_free(&file);
	}
	return rc;
}

static int write_all(const char *folder, const char *text)
{
	const char *keys = strstr(text, "\n" KEY);
	size_t n = keys != NULL ? strlen(keys + 1) / KEY_LINE : 0;
	struct rxp_buf statement;
	int rc;

	if (strncmp(text, FIRST, sizeof FIRST - 1) != 0 || n == 0 || n > KEYS_MAX ||
	    strlen(keys + 1) != n * KEY_LINE)
		return report_wrong("keys", "are of another form");
	rxp_buf_init(&statement, TEXT_MAX);
	rc = report_failure(folder, file_folder(folder));
	if (rc == 0)
		rc = rxp_buf_put(&statement, text, (size_t)(keys + 1 - text));
	if (rc == 0)
		rc = write_keys(folder, keys + 1, n);
	if (rc == 0)
		rc = write_file(folder, "statement", &statement);
	rxp_buf_free(&statement);
	return rc;
}

int storage_open(const struct options *o)
{
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, TEXT_MAX);
	rc = open_box(&text, o);
	if (rc == 0)
		rc = rxp_buf_putc(&text, '\0');
	if (rc == 0)
		rc = write_all(options_value(o, OPTION_OUT), (const char *)text.data);
	rxp_buf_free(&text);
	return rc;
}
