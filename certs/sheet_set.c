#include "certs/sheet_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "certs/sharing.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"

#define PURPOSE "readmit escrow 1"

_Static_assert(SHEET_MAX <= SHARING_MAX, "sheets and shares");
_Static_assert(RXP_DIGEST_OCTETS == SHA256_DIGEST_LENGTH, "digest of what is shared");

void sheet_set_wipe(struct sheet_set *set)
{
	OPENSSL_cleanse(set, sizeof *set);
}

/* Over what the sheets say alike, and the key. */
static int digest_of(
    uint8_t out[RXP_DIGEST_OCTETS], const struct sheet_head *head, const uint8_t *key, size_t len)
{
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, sizeof PURPOSE + SHEET_OCTETS);
	rxp_buf_puts(&text, PURPOSE);
	sheet_head_put(&text, head);
	rc = rxp_buf_put(&text, key, len);
	if (rc == 0)
		SHA256(text.data, text.len, out);
	rxp_buf_free(&text);
	return rc;
}

int sheet_set_make(struct sheet_set *out, const struct sheet_head *head, const struct rxp_buf *key,
    const struct rxp_random *random)
{
	struct sheet_head h = *head;
	uint8_t secret[SHEET_SHARE_OCTETS];
	uint8_t noise[SHEET_MAX * SHEET_SHARE_OCTETS];
	int rc;

	h.len = RXP_DIGEST_OCTETS + key->len;
	if (key->len == 0 || h.len > sizeof secret)
		return RXP_ERR_BOUND;
	if ((rc = digest_of(secret, &h, key->data, key->len)) != 0 ||
	    (rc = random->fill(random->arg, noise, (h.needed - 1) * h.len)) != 0)
		goto done;
	memcpy(secret + RXP_DIGEST_OCTETS, key->data, key->len);
	memset(out, 0, sizeof *out);
	for (unsigned i = 0; i < h.sheets; i++) {
		out->sheets[i].head = h;
		out->sheets[i].number = i + 1;
		sharing_make(out->sheets[i].share, i + 1, secret, h.len, noise, h.needed);
	}
	out->n = h.sheets;
done:
	OPENSSL_cleanse(secret, sizeof secret);
	OPENSSL_cleanse(noise, sizeof noise);
	return rc;
}

static bool same_head(const struct sheet_head *a, const struct sheet_head *b)
{
	struct rxp_buf one, other;
	bool same;

	rxp_buf_init(&one, SHEET_HEAD_OCTETS);
	rxp_buf_init(&other, SHEET_HEAD_OCTETS);
	same = sheet_head_put(&one, a) == 0 && sheet_head_put(&other, b) == 0 &&
	       memcmp(one.data, other.data, one.len) == 0;
	rxp_buf_free(&one);
	rxp_buf_free(&other);
	return same;
}

int sheet_set_add(struct sheet_set *set, const struct sheet *s, char why[SHEET_SET_WHY])
{
	const struct sheet_head *first = &set->sheets[0].head;

	if (set->n > 0 && memcmp(first->set, s->head.set, sizeof first->set) != 0) {
		snprintf(why, SHEET_SET_WHY, "sheet %u is of another set than sheet %u", s->number,
		    set->sheets[0].number);
		return RXP_ERR_MISMATCH;
	}
	if (set->n > 0 && !same_head(first, &s->head)) {
		snprintf(why, SHEET_SET_WHY,
		    "sheet %u is of the same set as sheet %u and says something else of the key: one of "
		    "them was changed",
		    s->number, set->sheets[0].number);
		return RXP_ERR_MISMATCH;
	}
	for (unsigned i = 0; i < set->n; i++) {
		if (set->sheets[i].number != s->number)
			continue;
		snprintf(why, SHEET_SET_WHY, "sheet %u was given before", s->number);
		return RXP_ERR_EXISTS;
	}
	set->sheets[set->n++] = *s;
	return 0;
}

/* The shares of the sheets of a subset. */
static unsigned choose(
    struct sharing_share out[SHEET_MAX], const struct sheet_set *set, unsigned subset)
{
	unsigned n = 0;

	for (unsigned i = 0; i < set->n; i++)
		if ((subset >> i & 1U) != 0)
			out[n++] =
			    (struct sharing_share){set->sheets[i].number, set->sheets[i].share};
	return n;
}

static unsigned count(unsigned subset)
{
	unsigned n = 0;

	for (; subset != 0; subset &= subset - 1)
		n++;
	return n;
}

/* Do these sheets give a key that its digest proves? Then out has what was shared. */
static bool proves(uint8_t out[SHEET_SHARE_OCTETS], const struct sheet_set *set, unsigned subset)
{
	const struct sheet_head *head = &set->sheets[0].head;
	struct sharing_share shares[SHEET_MAX];
	uint8_t digest[RXP_DIGEST_OCTETS];

	if (head->len <= RXP_DIGEST_OCTETS)
		return false;
	sharing_at(out, 0, shares, choose(shares, set, subset), head->len);
	return digest_of(digest, head, out + RXP_DIGEST_OCTETS, head->len - RXP_DIGEST_OCTETS) ==
		   0 &&
	       CRYPTO_memcmp(digest, out, sizeof digest) == 0;
}

/* The sheets that are not what those of the subset say of their number: a bit for each number. */
static unsigned find_wrong(const struct sheet_set *set, unsigned subset)
{
	struct sharing_share shares[SHEET_MAX];
	uint8_t right[SHEET_SHARE_OCTETS];
	unsigned n = choose(shares, set, subset);
	unsigned wrong = 0;

	for (unsigned i = 0; i < set->n; i++) {
		const struct sheet *s = &set->sheets[i];

		sharing_at(right, s->number, shares, n, s->head.len);
		if (CRYPTO_memcmp(right, s->share, s->head.len) != 0)
			wrong |= 1U << (s->number - 1);
	}
	OPENSSL_cleanse(right, sizeof right);
	return wrong;
}

/*
 * Sheets that prove the key and that the most others fit; 0 if none do. Two or more that were changed together can prove
 * it too; fewer than half of those beyond the needed ones never mislead, as the others fit no second polynomial.
 */
static unsigned find_subset(
    unsigned *wrong, uint8_t out[SHEET_SHARE_OCTETS], const struct sheet_set *set)
{
	const unsigned needed = set->sheets[0].head.needed;
	uint8_t secret[SHEET_SHARE_OCTETS];
	unsigned best = 0;

	for (unsigned subset = 1; subset < 1U << set->n; subset++) {
		unsigned others;

		if (count(subset) != needed || !proves(secret, set, subset))
			continue;
		others = find_wrong(set, subset);
		if (best != 0 && count(others) >= count(*wrong))
			continue;
		best = subset;
		*wrong = others;
		memcpy(out, secret, sizeof secret);
		if (count(others) <= (set->n - needed) / 2)
			break;
	}
	OPENSSL_cleanse(secret, sizeof secret);
	return best;
}

int sheet_set_join(
    struct rxp_buf *key, unsigned *wrong, const struct sheet_set *set, char why[SHEET_SET_WHY])
{
	const struct sheet_head *head = &set->sheets[0].head;
	uint8_t secret[SHEET_SHARE_OCTETS];
	unsigned others = 0;
	int rc = RXP_ERR_MISMATCH;

	if (set->n == 0 || set->n < head->needed) {
		snprintf(why, SHEET_SET_WHY, "%u of the %u sheets that are needed", set->n,
		    head->needed);
		return RXP_ERR_NOT_FOUND;
	}
	if (find_subset(&others, secret, set) != 0) {
		rc = rxp_buf_put(key, secret + RXP_DIGEST_OCTETS, head->len - RXP_DIGEST_OCTETS);
		if (rc == 0)
			*wrong = others;
	} else if (set->n == head->needed) {
		snprintf(why, SHEET_SET_WHY,
		    "they do not fit together: one of them is not as it was made. Add a further sheet of "
		    "the set, and it is named");
	} else {
		snprintf(why, SHEET_SET_WHY,
		    "no %u of these %u sheets fit together: too many are not as they were made",
		    head->needed, set->n);
	}
	OPENSSL_cleanse(secret, sizeof secret);
	return rc;
}
