#include "certs/escrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs/drill.h"
#include "certs/escrow_key.h"
#include "certs/file.h"
#include "certs/fingerprint.h"
#include "certs/gather.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "daemon/base/clock.h"
#include "protocol/base/err.h"

/* A key that was joined, and where from. */
struct joined {
	struct gathered g;
	struct rxp_buf key;
	bool passphrase; /* it was given, and is that of the key */
};

static struct joined *joined_new(void)
{
	struct joined *j = calloc(1, sizeof *j);

	if (j != NULL)
		rxp_buf_init(&j->key, SHEET_OCTETS);
	return j;
}

static void joined_free(struct joined *j)
{
	if (j == NULL)
		return;
	rxp_buf_free(&j->key);
	gather_wipe(&j->g);
	free(j);
}

static const struct sheet_head *head_of(const struct joined *j)
{
	return &j->g.set.sheets[0].head;
}

/* Is it the key whose fingerprint the sheets have? What is under a passphrase only that can show. */
static int verify(struct joined *j, const struct options *o)
{
	const struct sheet_head *head = head_of(j);
	const char *path = options_value(o, OPTION_PASSPHRASE_FILE);
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	struct rxp_buf passphrase;
	int rc = 0;

	if (head->kind == SHEET_LOCKED && path == NULL)
		return 0;
	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	if (head->kind == SHEET_LOCKED)
		rc = report_failure(path, keypair_passphrase(&passphrase, path));
	if (rc == 0) {
		rc = escrow_key_fingerprint(fingerprint, head->kind, &j->key, &passphrase);
		if (rc == RXP_ERR_KEY && head->kind == SHEET_LOCKED)
			report_wrong(path, "it is not the passphrase of the key");
		else
			report_failure("the key that was joined", rc);
	}
	if (rc == 0 && memcmp(fingerprint, head->fingerprint, sizeof fingerprint) != 0)
		rc = report_failure(
		    "the key that was joined and its fingerprint on the sheets", RXP_ERR_MISMATCH);
	j->passphrase = rc == 0 && head->kind == SHEET_LOCKED;
	rxp_buf_free(&passphrase);
	return rc;
}

static void say_wrong(const struct joined *j)
{
	for (unsigned number = 1; number <= SHEET_MAX; number++)
		if ((j->g.wrong >> (number - 1) & 1U) != 0)
			fprintf(stderr,
			    "readmit-pki: sheet %u: its lines prove themselves, but it does not fit the others, which give the key\n",
			    number);
}

static int join(struct joined *j, const struct options *o)
{
	int rc = gather_key(&j->key, &j->g, o);

	if (rc == 0) {
		say_wrong(j);
		rc = verify(j, o);
	}
	return rc;
}

static int print_words(const struct joined *j)
{
	struct rxp_buf words;
	int rc;

	rxp_buf_init(&words, FILE_MAX_OCTETS);
	rc = sheet_words(&words, head_of(j));
	if (rc == 0)
		printf("%.*s", (int)words.len, (const char *)words.data);
	rxp_buf_free(&words);
	return report_failure("sheets", rc);
}

static int write_key(const struct joined *j, const char *path)
{
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, KEYPAIR_MAX_PEM_OCTETS);
	rc = escrow_key_write(&file, head_of(j)->kind, &j->key);
	if (rc == 0)
		rc = file_create(path, &file);
	rxp_buf_free(&file);
	return report_failure(path, rc);
}

int escrow_join(const struct options *o)
{
	const char *path = options_value(o, OPTION_OUT);
	struct joined *j = joined_new();
	int rc = report_failure(path, j == NULL ? RXP_ERR_NOMEM : 0);

	if (rc == 0)
		rc = join(j, o);
	if (rc == 0)
		rc = write_key(j, path);
	if (rc == 0) {
		printf("%s is this key again:\n", path);
		rc = print_words(j);
	}
	if (rc == 0 && head_of(j)->kind == SHEET_LOCKED && !j->passphrase)
		printf("Its passphrase was not tried; it is not on the sheets.\n");
	joined_free(j);
	return rc;
}

/* --- the drill ------------------------------------------------------------------------------------- */

/* Is it the key of this file? */
static int compare(const struct joined *j, const char *path)
{
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, FILE_MAX_OCTETS);
	rc = file_read(&file, path);
	if (rc == 0)
		rc = fingerprint_of(fingerprint, &file);
	rxp_buf_free(&file);
	if (report_failure(path, rc) != 0)
		return rc;
	if (memcmp(fingerprint, head_of(j)->fingerprint, sizeof fingerprint) == 0)
		return 0;
	report_wrong(path, "is of another key than the sheets");
	return RXP_ERR_MISMATCH;
}

static int try_all(struct joined *j, const struct options *o)
{
	const char *against = options_value(o, OPTION_AGAINST);
	int rc = join(j, o);

	if (rc == 0 && j->g.wrong != 0)
		rc = RXP_ERR_MISMATCH; /* it was said */
	if (rc == 0 && head_of(j)->kind == SHEET_LOCKED && !j->passphrase)
		rc = report_wrong("--passphrase-file",
		    "the key is under a passphrase, which a drill has to try: this option must be given");
	if (rc == 0 && against != NULL)
		rc = compare(j, against);
	return rc;
}

static int write_record(const struct joined *j, const char *path, const char *against)
{
	struct drill d = {.head = *head_of(j),
	    .at_ms = clock_wall_ms(),
	    .passphrase = j->passphrase,
	    .against = against != NULL};
	struct rxp_buf text;
	int rc;

	for (unsigned i = 0; i < j->g.set.n; i++)
		d.joined |= 1U << (j->g.set.sheets[i].number - 1);
	rxp_buf_init(&text, FILE_MAX_OCTETS);
	rc = drill_write(&text, &d);
	if (rc == 0)
		rc = file_create(path, &text);
	rxp_buf_free(&text);
	return report_failure(path, rc);
}

int escrow_drill(const struct options *o)
{
	const char *path = options_value(o, OPTION_OUT);
	struct joined *j = joined_new();
	int rc = report_failure(path, j == NULL ? RXP_ERR_NOMEM : 0);

	if (rc == 0)
		rc = try_all(j, o);
	if (rc == 0)
		rc = write_record(j, path, options_value(o, OPTION_AGAINST));
	if (rc == 0) {
		printf(
		    "The sheets join to this key; it was not written. The record is %s.\n", path);
		rc = print_words(j);
	}
	joined_free(j);
	return rc;
}
