/* A bundle: its archive, block by block, and each object in it under the descriptor that it brings. In memory is one object at a
 * time, and of a file of attachments a piece. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

#define BLOCK 512UL
#define NAME_OCTETS 100
#define SIZE_AT 124
#define SIZE_DIGITS 11
#define SUM_AT 148
#define SUM_OCTETS 8
#define TYPE_AT 156
#define LINK_AT 157
#define MAGIC_AT 257
#define PREFIX_AT 345
#define PREFIX_OCTETS 155
#define N_TRAILERS 2
#define NUMBER_DIGITS 10
#define PIECE_OCTETS 65536UL
#define MAX_BUNDLE_OCTETS (UINT64_C(16) << 30) /* RXP-BND-012 */

/* What is still to be read of it. */
struct archive {
	judge_read *read;
	void *arg;
	uint64_t left;
};

enum named { NAMED_PARTY, NAMED_ID, NAMED_DIGEST, NAMED_NUMBER };

static const struct {
	const char *folder, *ending;
	enum named named;
	size_t max;
} rows[] = {
#define BUNDLE_ENTRY(folder, ending, named, max) {folder, ending, NAMED_##named, max},
#include "conformance/judge/bundle_entry.def"
#undef BUNDLE_ENTRY
};
#define N_ROWS (sizeof rows / sizeof rows[0])
enum { ROW_DESCRIPTOR, ROW_ANSWER, ROW_LOG, ROW_ATTACHMENT };

struct entry {
	char name[NAME_OCTETS + 1];
	char id[NAME_OCTETS + 1]; /* without folder and ending */
	size_t row;
	size_t len;
	uint8_t *octets; /* owned; of an attachment NULL, and … */
	uint8_t digest[RXP_DIGEST_OCTETS]; /* … its digest */
};

/* The State whose bundle it is. */
struct bringer {
	struct rxp_descriptor *descriptor;
	struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	size_t n_certs;
};

/* --- headers ----------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (octets[i] != 0)
			return false;
	return true;
}

/* Digits of base eight, behind which a NUL or a space stands; SIZE_MAX: none. */
static size_t octal(const uint8_t *at, size_t n)
{
	size_t value = 0, i = 0;

	for (; i < n && at[i] >= '0' && at[i] <= '7'; i++)
		value = value * 8 + (size_t)(at[i] - '0');
	return i > 0 && (i == n || at[i] == '\0' || at[i] == ' ') ? value : SIZE_MAX;
}

static bool sum_fits(const uint8_t *block)
{
	size_t sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_OCTETS ? (size_t)' ' : block[i];
	return octal(block + SUM_AT, SUM_OCTETS) == sum;
}

static bool is_number(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= NUMBER_DIGITS && strspn(text, "0123456789") == len &&
	       (text[0] != '0' || len == 1);
}

static bool is_id(const struct entry *e)
{
	uint8_t octets[RXP_DIGEST_OCTETS];

	switch (rows[e->row].named) {
	case NAMED_PARTY:
		return rxp_party_valid(e->id);
	case NAMED_ID:
		return rxp_id_parse(octets, e->id, 7) == 0;
	case NAMED_DIGEST:
		return rxp_hex_get(octets, sizeof octets, e->id, false) == 0;
	case NAMED_NUMBER:
		return is_number(e->id);
	}
	abort();
}

/* One of the names of section 43? */
static bool is_name(struct entry *e)
{
	size_t len = strlen(e->name);

	for (e->row = 0; e->row < N_ROWS; e->row++) {
		size_t folder = strlen(rows[e->row].folder), ending = strlen(rows[e->row].ending);

		if (len <= folder + ending || strncmp(e->name, rows[e->row].folder, folder) != 0 ||
		    strcmp(e->name + len - ending, rows[e->row].ending) != 0)
			continue;
		memcpy(e->id, e->name + folder, len - folder - ending);
		e->id[len - folder - ending] = '\0';
		return is_id(e);
	}
	return false;
}

/* What is wrong with a header; NULL: nothing, and *e has its name and length. */
static const char *header_fault(struct entry *e, const uint8_t *block)
{
	memcpy(e->name, block, NAME_OCTETS);
	e->name[NAME_OCTETS] = '\0';
	e->len = octal(block + SIZE_AT, SIZE_DIGITS);
	if (memcmp(block + MAGIC_AT, "ustar\0", 6) != 0 || !sum_fits(block) || e->len == SIZE_MAX)
		return "no header of ustar";
	if (block[TYPE_AT] != '0' && block[TYPE_AT] != '\0')
		return "an entry that is no regular file";
	if (!is_zero(block + LINK_AT, NAME_OCTETS) || !is_zero(block + PREFIX_AT, PREFIX_OCTETS))
		return "a link name or a prefix";
	return is_name(e) ? NULL : "a name that a bundle does not have";
}

/* --- objects ----------------------------------------------------------------------------------- */

static int take_bringer(struct bringer *b, const struct entry *e)
{
	int rc = rxp_descriptor_open(&b->descriptor, e->octets, e->len, NULL);

	for (size_t i = 0; rc == 0 && i < b->descriptor->identity.n_certs; i++) {
		const struct rxp_buf *der = &b->descriptor->identity.certs[i];

		rc = rxp_cert_parse(&b->certs[i], der->data, der->len);
		if (rc == 0)
			b->n_certs++;
	}
	return rc;
}

/* Does the name say what it is? An attachment has no other; of an Envelope and an answer the MessageId stands in its Header, of a page
 * After in its Body. */
static void judge_name(struct judgement *out, const struct entry *e)
{
	const char *element = e->row == ROW_LOG ? "After" : "MessageId";
	char text[NAME_OCTETS + sizeof "<MessageId></MessageId>"];

	if (e->row == ROW_ATTACHMENT) {
		rxp_hex_put(text, e->digest, sizeof e->digest, false);
		if (strcmp(text, e->id) != 0)
			judge_wrong(out, "RXP-BND-001", e->name, "its name is not its digest");
		return;
	}
	(void)snprintf(text, sizeof text, "<%s>%s</%s>", element, e->id, element);
	if (memmem(e->octets, e->len, text, strlen(text)) == NULL)
		judge_wrong(out, "RXP-BND-001", e->name,
		    e->row == ROW_LOG ? "its name is not its After"
				      : "its name is not its MessageId");
}

/* An answer that another State sealed goes back to it: it had answered the State whose bundle it is. 1: it is one, and is judged. */
static int judge_own(struct judgement *out, const struct entry *e, const struct bringer *b)
{
	const struct judge_known nothing = {.n_certs = 0};
	const char *writer = b->descriptor != NULL ? b->descriptor->identity.party : "";
	struct judgement j;
	int rc = judge_object(&j, e->octets, e->len, &nothing);

	if (rc != 0 || j.requirement != NULL || strcmp(j.party, writer) == 0)
		return rc;
	if (strcmp(j.to, writer) != 0)
		judge_wrong(out, "RXP-BND-009", e->name,
		    "an answer that is neither of the State whose bundle it is, nor to it");
	else if (!j.final)
		judge_wrong(out, "RXP-BND-009", e->name,
		    "an answer to the State whose bundle it is that is not final, so that nobody lost it");
	return 1;
}

static int judge_entry(struct judgement *out, const struct entry *e, struct bringer *b)
{
	const struct judge_known known = {.descriptor = b->descriptor,
	    .certs = (const struct rxp_cert *const *)b->certs,
	    .n_certs = b->n_certs};
	const struct judge_known nothing = {.n_certs = 0};
	struct judgement j;
	int rc = e->row == ROW_ANSWER ? judge_own(out, e, b) : 0;

	if (rc < 0)
		return rc;
	if (rc == 1) {
		judge_name(out, e);
		return 0;
	}
	rc = e->row == ROW_ATTACHMENT ? 0
				      : judge_object(&j, e->octets, e->len,
					    e->row == ROW_DESCRIPTOR ? &nothing : &known);

	if (rc != 0)
		return rc;
	if (e->row != ROW_ATTACHMENT && j.requirement != NULL)
		judge_wrong(out, j.requirement, e->name, j.why);
	if (e->row != ROW_DESCRIPTOR) {
		judge_name(out, e);
		return 0;
	}
	memcpy(out->party, j.party, sizeof out->party);
	if (strcmp(j.party, e->id) != 0)
		judge_wrong(out, "RXP-BND-001", e->name, "its name is not its party");
	return out->requirement == NULL ? take_bringer(b, e) : 0;
}

/* --- the archive ------------------------------------------------------------------------------- */

static void judge_place(struct judgement *out, const struct entry *e, size_t row_before, bool first)
{
	if (first != (e->row == ROW_DESCRIPTOR))
		judge_wrong(
		    out, "RXP-BND-002", e->name, "the descriptor stands first, and nowhere else");
	if (e->row < row_before)
		judge_wrong(out, "RXP-BND-002", e->name, "it stands behind what needs it");
	if (e->len == 0 || e->len > rows[e->row].max)
		judge_wrong(
		    out, "RXP-BND-002", e->name, "it is empty, or larger than it may be on a line");
}

static int take(struct archive *a, uint8_t *out, size_t n)
{
	a->left -= n;
	return a->read(a->arg, out, n);
}

/* All that is left, or n octets: are they zeros, if that is asked, and what is their digest, if that is. */
static int pass(struct archive *a, uint64_t n, bool *zeros, EVP_MD_CTX *digest)
{
	uint8_t *piece = malloc(PIECE_OCTETS);
	int rc = piece == NULL ? RXP_ERR_NOMEM : 0;

	while (rc == 0 && n > 0) {
		size_t now = n < PIECE_OCTETS ? (size_t)n : PIECE_OCTETS;

		rc = take(a, piece, now);
		n -= now;
		if (rc == 0 && zeros != NULL)
			*zeros = *zeros && is_zero(piece, now);
		if (rc == 0 && digest != NULL && EVP_DigestUpdate(digest, piece, now) != 1)
			rc = RXP_ERR_CRYPTO;
	}
	free(piece);
	return rc;
}

static int take_digest(struct entry *e, struct archive *a)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	int rc = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1
		     ? pass(a, e->len, NULL, digest)
		     : RXP_ERR_CRYPTO;

	if (rc == 0 && EVP_DigestFinal_ex(digest, e->digest, NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	EVP_MD_CTX_free(digest);
	return rc;
}

/* What it holds, no more than it may, up to the end of its last block, which may be cut. */
static int take_object(struct entry *e, struct archive *a)
{
	size_t padding = (BLOCK - e->len % BLOCK) % BLOCK;
	int rc;

	if (e->row == ROW_ATTACHMENT) {
		rc = take_digest(e, a);
	} else {
		e->octets = malloc(e->len);
		rc = e->octets != NULL ? take(a, e->octets, e->len) : RXP_ERR_NOMEM;
	}
	return rc != 0 ? rc : pass(a, padding < a->left ? padding : a->left, NULL, NULL);
}

/* A block of zeros was read. */
static int judge_end(struct judgement *out, struct archive *a)
{
	bool ends = a->left >= (N_TRAILERS - 1) * BLOCK;
	int rc = ends ? pass(a, a->left, &ends, NULL) : 0;

	if (rc == 0 && !ends)
		judge_wrong(out, "RXP-BND-004", NULL, "it does not end with two blocks of zeros");
	return rc;
}

/* The entry whose header was read. */
static int judge_next(struct judgement *out, struct entry *e, const uint8_t block[BLOCK],
    size_t row_before, bool first, struct archive *a, struct bringer *b)
{
	const char *fault = header_fault(e, block);
	int rc = 0;

	if (fault == NULL && e->len > a->left)
		fault = "it is cut within an entry";
	if (fault != NULL)
		judge_wrong(out, "RXP-BND-001", NULL, fault);
	else
		judge_place(out, e, row_before, first);
	if (out->requirement == NULL)
		rc = take_object(e, a);
	if (rc == 0 && out->requirement == NULL)
		rc = judge_entry(out, e, b);
	free(e->octets);
	return rc;
}

static int judge_entries(struct judgement *out, struct archive *a, struct bringer *b)
{
	size_t row = 0;
	int rc = 0;

	for (bool first = true; rc == 0 && out->requirement == NULL; first = false) {
		struct entry e = {.row = 0};
		uint8_t block[BLOCK] = {0};

		if (a->left >= BLOCK)
			rc = take(a, block, BLOCK);
		if (rc == 0 && is_zero(block, BLOCK))
			return judge_end(out, a);
		if (rc == 0)
			rc = judge_next(out, &e, block, row, first, a, b);
		row = e.row;
	}
	return rc;
}

bool judge_is_bundle(const uint8_t *octets, size_t len)
{
	return len >= BLOCK && memcmp(octets + MAGIC_AT, "ustar", 5) == 0;
}

int judge_bundle(struct judgement *out, uint64_t size, judge_read *read, void *arg)
{
	struct archive a = {.read = read, .arg = arg, .left = size};
	struct bringer b = {.n_certs = 0};
	int rc = 0;

	*out = (struct judgement){.kind = JUDGE_BUNDLE};
	if (size > MAX_BUNDLE_OCTETS)
		judge_wrong(out, "RXP-BND-012", NULL, "it has more than 16 GiB");
	else
		rc = judge_entries(out, &a, &b);
	for (size_t i = 0; i < b.n_certs; i++)
		rxp_cert_free(b.certs[i]);
	rxp_descriptor_free(b.descriptor);
	return rc;
}

static int read_memory(void *arg, uint8_t *out, size_t n)
{
	const uint8_t **at = arg;

	memcpy(out, *at, n);
	*at += n;
	return 0;
}

int judge(struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	if (known->media_type != NULL || judge_is_file(octets, len)) {
		*out = (struct judgement){.kind = JUDGE_FILE};
		return judge_file(out, octets, len, known);
	}
	return judge_is_bundle(octets, len) ? judge_bundle(out, len, read_memory, &octets)
					    : judge_object(out, octets, len, known);
}
