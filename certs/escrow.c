#include "certs/escrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "certs/escrow_key.h"
#include "certs/file.h"
#include "certs/identity.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/sheet_set.h"
#include "certs/sheet_text.h"
#include "daemon/base/clock.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"

#define CURVE "P-256" /* of what the library agrees keys with */
#define DAY_MS INT64_C(86400000)
#define ENDING ".key"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_priv_bytes_ex(NULL, out, len, 0) == 1 ? 0 : RXP_ERR_CRYPTO;
}

static const struct rxp_random source = {fill, NULL};

/* --- what the sheets say --------------------------------------------------------------------------- */

static int read_number(unsigned *out, const struct options *o, enum option option, unsigned least)
{
	const char *text = options_value(o, option);
	size_t len = strspn(text, "0123456789");
	unsigned long number =
	    len == 0 || len > 2 || text[len] != '\0' ? 0 : strtoul(text, NULL, 10);

	if (number < least || number > SHEET_MAX)
		return RXP_ERR_CONFIG;
	*out = (unsigned)number;
	return 0;
}

static int read_counts(struct sheet_head *h, const struct options *o)
{
	bool single = o->count[OPTION_SINGLE] > 0;

	if (read_number(&h->sheets, o, OPTION_SHEETS, single ? 1 : 2) != 0)
		return report_wrong("--sheets", "2 to 16");
	if (read_number(&h->needed, o, OPTION_NEEDED, 1) != 0 || h->needed > h->sheets)
		return report_wrong("--needed", "2 to the number of sheets");
	if (h->needed == 1 && !single)
		return report_wrong("--needed",
		    "with 1 whoever has one sheet has the key; --single, if that is meant");
	return 0;
}

static int read_head(struct sheet_head *h, const struct options *o, const char *name)
{
	const char *party = options_value(o, OPTION_PARTY);
	int rc;

	if (!rxp_party_valid(party))
		return report_wrong(party, IDENTITY_PARTY_WORDS);
	if (!sheet_name_valid(name))
		return report_wrong(
		    name, "a sheet has room for a name of 16 characters, a-z, 0-9, - and .");
	rc = read_counts(h, o);
	if (rc != 0)
		return rc;
	memcpy(h->party, party, sizeof h->party);
	snprintf(h->name, sizeof h->name, "%s", name);
	h->day = (unsigned)(clock_wall_ms() / DAY_MS);
	return report_failure("sheets", fill(NULL, h->set, sizeof h->set));
}

/* --- the pages ------------------------------------------------------------------------------------- */

/* The path of the sheet of this number. RXP_ERR_BOUND. */
static int page_path(
    char out[FILE_MAX_PATH], const struct options *o, const struct sheet_head *h, unsigned number)
{
	char name[SHEET_NAME + 16];
	size_t len = strlen(h->name);
	size_t ending = strlen(ENDING);

	if (len > ending && strcmp(h->name + len - ending, ENDING) == 0)
		len -= ending;
	snprintf(name, sizeof name, "%.*s-sheet-%u.txt", (int)len, h->name, number);
	return file_path(out, options_value(o, OPTION_OUT), name);
}

/* Do the pages, read as they will be, give the key? */
static int prove_pages(const struct rxp_buf *pages, unsigned n, const struct rxp_buf *key)
{
	struct sheet_set set = {.n = 0};
	char line_why[SHEET_WHY], why[SHEET_SET_WHY];
	struct rxp_buf again;
	unsigned wrong = 0;
	int rc = 0;

	rxp_buf_init(&again, SHEET_OCTETS);
	for (unsigned i = 0; i < n && rc == 0; i++) {
		struct sheet s = {.number = 0};

		rc = sheet_text_read(&s, &pages[i], line_why);
		if (rc == 0)
			rc = sheet_set_add(&set, &s, why);
		sheet_wipe(&s);
	}
	if (rc == 0)
		rc = sheet_set_join(&again, &wrong, &set, why);
	if (rc == 0 && (wrong != 0 || again.len != key->len ||
			   CRYPTO_memcmp(again.data, key->data, key->len) != 0))
		rc = RXP_ERR_MISMATCH;
	rxp_buf_free(&again);
	sheet_set_wipe(&set);
	return rc;
}

static int print_pages(
    struct rxp_buf *pages, const struct sheet_set *set, const struct rxp_buf *key)
{
	int rc = 0;

	for (unsigned i = 0; i < set->n && rc == 0; i++)
		rc = sheet_print(&pages[i], &set->sheets[i]);
	return rc == 0 ? prove_pages(pages, set->n, key) : rc;
}

/* All files or none. */
static int write_pages(
    const struct options *o, const struct sheet_head *h, const struct rxp_buf *pages)
{
	char path[FILE_MAX_PATH];
	unsigned n = 0;
	int rc = 0;

	while (rc == 0 && n < h->sheets) {
		rc = page_path(path, o, h, n + 1);
		if (rc == 0)
			rc = file_create(path, &pages[n]);
		n += rc == 0;
	}
	if (rc == 0)
		return 0;
	report_failure(path, rc);
	while (n > 0)
		if (page_path(path, o, h, n--) == 0)
			unlink(path);
	return rc;
}

/* What a person does next. */
static int say_pages(const struct options *o, const struct sheet_head *h)
{
	struct rxp_buf words;
	int rc;

	rxp_buf_init(&words, FILE_MAX_PATH);
	rc = sheet_words(&words, h);
	if (rc == 0)
		printf(
		    "%u sheets in %s, of which any %u give the key back:\n%.*s"
		    "Print each on a page of its own, give them to %u people, and destroy the files.\n"
		    "Then prove what is on paper: readmit-pki escrow drill\n",
		    h->sheets, options_value(o, OPTION_OUT), h->needed, (int)words.len,
		    (const char *)words.data, h->sheets);
	if (h->needed == h->sheets)
		printf("All sheets are needed: with one that is lost the key is lost.\n");
	rxp_buf_free(&words);
	return report_failure("sheets", rc);
}

/* All sheets of a key. */
static int make_sheets(const struct options *o, struct sheet_head *h, const struct escrow_key *key)
{
	struct sheet_set *set = calloc(1, sizeof *set);
	struct rxp_buf pages[SHEET_MAX];
	int rc = set == NULL ? RXP_ERR_NOMEM : 0;

	for (unsigned i = 0; i < SHEET_MAX; i++)
		rxp_buf_init(&pages[i], FILE_MAX_OCTETS);
	h->kind = key->kind;
	memcpy(h->fingerprint, key->fingerprint, sizeof h->fingerprint);
	if (rc == 0 && (rc = sheet_set_make(set, h, &key->octets, &source)) == 0 &&
	    (rc = print_pages(pages, set, &key->octets)) == 0)
		rc = file_folder(options_value(o, OPTION_OUT));
	if (report_failure(options_value(o, OPTION_OUT), rc) == 0)
		rc = write_pages(o, h, pages);
	for (unsigned i = 0; i < SHEET_MAX; i++)
		rxp_buf_free(&pages[i]);
	if (set != NULL)
		sheet_set_wipe(set);
	free(set);
	return rc;
}

/* A key that nobody but the node may have; others are kept as well as they can be. */
static int check_kept(const char *name)
{
	static const char *const never[] = {"seal.key", "tls.key"};

	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (strcmp(name, never[i]) == 0)
			return report_wrong(name,
			    "a key of the seal or of TLS is kept nowhere else: if it is lost, it is replaced");
	return 0;
}

/* --- the commands ---------------------------------------------------------------------------------- */

static int read_passphrase(struct rxp_buf *out, const struct options *o)
{
	const char *path = options_value(o, OPTION_PASSPHRASE_FILE);

	return path == NULL ? 0 : report_failure(path, keypair_passphrase(out, path));
}

static int report_key(const char *path, int rc)
{
	if (rc == RXP_ERR_KEY)
		report_wrong(path,
		    "no storage key and no private key in PEM, or not its passphrase (--passphrase-file)");
	else if (rc == RXP_ERR_BOUND)
		report_wrong(path, "is longer than a page can keep");
	else
		report_failure(path, rc);
	return rc;
}

static int read_key(struct escrow_key *out, const struct options *o)
{
	bool plain = o->count[OPTION_WITHOUT_PASSPHRASE] > 0;
	struct rxp_buf passphrase;
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&file, KEYPAIR_MAX_PEM_OCTETS);
	rc = read_passphrase(&passphrase, o);
	if (rc != 0)
		goto done;
	rc = report_failure(o->file, file_read(&file, o->file));
	if (rc == 0)
		rc = report_key(o->file,
		    escrow_key_read(out, &file, passphrase.len == 0 ? NULL : &passphrase, plain));
done:
	rxp_buf_free(&passphrase);
	rxp_buf_free(&file);
	return rc;
}

int escrow_split(const struct options *o)
{
	const char *slash = strrchr(o->file, '/');
	struct sheet_head head = {.needed = 0};
	struct escrow_key key;
	const char *name = slash == NULL ? o->file : slash + 1;
	int rc = check_kept(name);

	if (rc == 0)
		rc = read_head(&head, o, name);
	if (rc != 0)
		return rc;
	escrow_key_init(&key);
	if ((rc = read_key(&key, o)) == 0 && (rc = make_sheets(o, &head, &key)) == 0)
		rc = say_pages(o, &head);
	escrow_key_free(&key);
	return rc;
}

/* A new key as its file would be, and its public part. */
static int make_pair(struct escrow_key *out, struct rxp_buf *open, const struct options *o)
{
	struct evp_pkey_st *pair = NULL;
	struct rxp_buf passphrase;
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&file, KEYPAIR_MAX_PEM_OCTETS);
	rc = read_passphrase(&passphrase, o);
	if (rc != 0)
		goto done;
	if ((rc = keypair_make(&pair, CURVE)) == 0 &&
	    (rc = keypair_write_public(open, pair)) == 0 &&
	    (rc = keypair_write(&file, pair, passphrase.len == 0 ? NULL : &passphrase)) == 0)
		rc = escrow_key_read(out, &file, passphrase.len == 0 ? NULL : &passphrase, false);
	report_failure("escrow key", rc);
done:
	keypair_free(pair);
	rxp_buf_free(&passphrase);
	rxp_buf_free(&file);
	return rc;
}

int escrow_new(const struct options *o)
{
	const char *folder = options_value(o, OPTION_OUT);
	struct sheet_head head = {.needed = 0};
	char path[FILE_MAX_PATH];
	struct escrow_key key;
	struct rxp_buf open;
	int rc = read_head(&head, o, "escrow.key");

	if (rc != 0)
		return rc;
	escrow_key_init(&key);
	rxp_buf_init(&open, KEYPAIR_MAX_PEM_OCTETS);
	rc = make_pair(&key, &open, o);
	if (rc == 0)
		rc = report_failure(folder, file_path(path, folder, "escrow.pub"));
	if (rc == 0)
		rc = report_failure(folder, file_folder(folder));
	if (rc == 0)
		rc = report_failure(path, file_create(path, &open));
	if (rc != 0)
		goto done;
	rc = make_sheets(o, &head, &key);
	if (rc == 0)
		rc = say_pages(o, &head);
	else
		unlink(path);
done:
	escrow_key_free(&key);
	rxp_buf_free(&open);
	return rc;
}
