/* Tales of compartments, as far as they can be seen without the key of an office (section 35). */
#include <string.h>

#include "conformance/hear/heard.h"
#include "conformance/hear/retorts.h"
#include "conformance/run/hark.h"
#include "conformance/state/product.h"
#include "protocol/base/codec.h"
#include "protocol/envelope/encrypted.h"

#define TYPE "TransitApplication"
#define FILLED_OCTETS 1024
#define MOST_OCTETS 16384
#define IV_DIGITS 16 /* of base64, for its twelve octets */

static const struct sender_wish closed = {BASE_CLOSED, NULL, false, 0, 0};
static const struct retort office_key = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_office_key, NULL};

static const struct heard *transit(const struct tale *t, const struct retort *retort)
{
	const struct rxp_identity *i = &t->s->target->parties->product->descriptor->identity;

	if ((i->levels & 1U << RXP_LEVEL_TRANSIT) == 0) {
		outcome_rule(t->out, VERDICT_NA, "the product does not claim the level of " TYPE);
		return NULL;
	}
	return hark_take(t, &closed, TYPE, retort, retort != NULL);
}

/* What stands in the next such element behind that place of the Document, up to a tag; NULL: there is none. *at goes behind it. */
static const char *content_of(const struct heard *h, size_t *at, const char *element, size_t *len)
{
	const char *text = (const char *)h->document_plain.data,
		   *end = text + h->document_plain.len;
	const char *begin = heard_behind_start(text, text + *at, end, element);
	const char *until = begin == NULL ? NULL : memchr(begin, '<', (size_t)(end - begin));

	if (until == NULL)
		return NULL;
	*len = (size_t)(until - begin);
	*at = (size_t)(until - text);
	return begin;
}

/* What it is encrypted with: the ephemeral point, and the IV and ciphertext, which stand behind the wrapped key; in base64. */
struct closing {
	const char *point, *cipher;
	size_t point_len, cipher_len;
};

static bool read_closing(struct closing *out, const struct heard *h)
{
	size_t at = 0, ignored;

	return content_of(h, &at, "ForHealth", &ignored) != NULL &&
	       (out->point = content_of(h, &at, "PublicKey", &out->point_len)) != NULL &&
	       content_of(h, &at, "CipherValue", &ignored) != NULL &&
	       (out->cipher = content_of(h, &at, "CipherValue", &out->cipher_len)) != NULL;
}

/* What was asked for in the case before may come late, and have none: then it comes behind that. */
static const struct heard *transit_closed(const struct tale *t, struct closing *out)
{
	for (int i = 0; i < 2; i++) {
		const struct heard *h = transit(t, NULL);

		if (h == NULL || read_closing(out, h))
			return h;
	}
	hark_incomplete(t, "of two that came none has a compartment for the health office");
	return NULL;
}

void tale_closes_afresh(struct tale *t)
{
	struct closing a, b;

	if (transit_closed(t, &a) == NULL || transit_closed(t, &b) == NULL)
		return;
	if (a.point_len == b.point_len && memcmp(a.point, b.point, a.point_len) == 0)
		hark_against(t, "two compartments have one ephemeral key");
	else if (memcmp(a.cipher, b.cipher, IV_DIGITS) == 0)
		hark_against(t, "two compartments have one IV");
}

void tale_fills_up(struct tale *t)
{
	struct rxp_buf octets;
	struct closing c;

	if (transit_closed(t, &c) == NULL)
		return;
	rxp_buf_init(&octets, MOST_OCTETS + RXP_CIPHER_EXTRA_OCTETS);
	if (rxp_base64_get(&octets, c.cipher, c.cipher_len) != 0)
		hark_against(t, "it is no base64, or holds too much");
	else if (octets.len <= RXP_CIPHER_EXTRA_OCTETS ||
		 (octets.len - RXP_CIPHER_EXTRA_OCTETS) % FILLED_OCTETS != 0)
		hark_against(t, "it has another length");
	rxp_buf_free(&octets);
}

/* What was refused for the office's key, and then the next one. */
void tale_asks_for_office_key(struct tale *t)
{
	unsigned before = ear_counted(t->s->ear)->descriptors;
	const struct heard *first = transit(t, &office_key);

	if (first == NULL)
		return;
	ear_rest(t->s->ear, HARK_SOON_MS); /* so that the product has taken the Refusal in */
	if (transit(t, NULL) != NULL && ear_counted(t->s->ear)->descriptors == before)
		hark_against(t, "it did not ask");
}
