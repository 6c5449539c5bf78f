/* Changes of form: what stands at a bound, or is written in another way that the specification allows or forbids. */
#include "conformance/message/changes.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "conformance/message/edit.h"
#include "conformance/message/reseal.h"
#include "conformance/state/chance.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define HALF_OCTETS 32 /* of a signature on P-256 */
#define MAX_SIGNATURE_TEXT 200
#define SECOND_MS 1000LL
#define DAY_MS (86400 * SECOND_MS)
#define YEAR_CHARACTERS 4
#define MONTH_CHARACTERS 7
#define DAY_CHARACTERS 10

/* --- the text -------------------------------------------------------------------------------- */

/* Each occurrence of find. */
static int replace_all(struct rxp_buf *text, const char *find, const char *put)
{
	const size_t len = strlen(find);
	struct rxp_buf whole;
	const uint8_t *at = text->data, *end = text->data + text->len, *found;
	int rc;

	rxp_buf_init(&whole, text->max);
	while ((found = memmem(at, (size_t)(end - at), find, len)) != NULL) {
		(void)rxp_buf_put(&whole, at, (size_t)(found - at));
		(void)rxp_buf_puts(&whole, put);
		at = found + len;
	}
	rc = rxp_buf_put(&whole, at, (size_t)(end - at));
	rxp_buf_reset(text);
	if (rc == 0)
		rc = rxp_buf_put(text, whole.data, whole.len);
	rxp_buf_free(&whole);
	return rc;
}

struct pair {
	const char *find, *put;
};

static int replace_each(struct rxp_buf *text, const struct pair *pairs, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = replace_all(text, pairs[i].find, pairs[i].put);
	return rc;
}

static size_t elements_of(const struct rxp_buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < text->len; i++)
		n += text->data[i] == '<' && isalpha(text->data[i + 1]) != 0;
	return n;
}

/* Elements in the Ping, until the Document has so many. */
static int fill(struct draft *d, size_t elements)
{
	struct rxp_buf inside;
	int rc = 0;

	rxp_buf_init(&inside, d->document.max);
	rc = rxp_buf_puts(&inside, ">");
	for (size_t n = elements_of(&d->document); n < elements && rc == 0; n++)
		rc = rxp_buf_puts(&inside, "<a></a>");
	if (rc == 0)
		rc = rxp_buf_puts(&inside, "</Ping>");
	if (rc == 0)
		rc = rxp_buf_putc(&inside, '\0');
	if (rc == 0)
		rc = edit_apply(
		    &d->document, &(struct edit){"></Ping>", NULL, (const char *)inside.data});
	rxp_buf_free(&inside);
	return rc;
}

int change_elements_most(struct draft *d)
{
	return fill(d, RXP_MAX_XML_ELEMENTS);
}

int change_elements_too_many(struct draft *d)
{
	return fill(d, RXP_MAX_XML_ELEMENTS + 1);
}

static int sealed_anew(struct draft *d)
{
	d->knows_fingerprint = false;
	return reseal(&d->document, d->signer->key);
}

#define SIGN "\xef\xbf\xbd"

/* The seal covers the signs that readers put in the place of what is no UTF-8, or no character. */
static int put_in_place(struct draft *d, const char *signs, const char *octets)
{
	const struct edit sign = {" City", NULL, signs}, gives_way = {signs, NULL, octets};
	int rc = edit_apply(&d->document, &sign);

	if (rc == 0)
		rc = sealed_anew(d);
	return rc == 0 ? edit_apply(&d->document, &gives_way) : rc;
}

int change_text_not_utf8(struct draft *d)
{
	return put_in_place(d, SIGN "City",
	    "\xff"
	    "City");
}

int change_text_of_no_number(struct draft *d)
{
	return put_in_place(d, SIGN "City", "&#0;City");
}

int change_text_of_no_character(struct draft *d)
{
	return put_in_place(d, SIGN "City",
	    "\xef\xbf\xbe"
	    "City");
}

/* Each of its three octets is no UTF-8. */
int change_text_of_half(struct draft *d)
{
	return put_in_place(d, SIGN SIGN SIGN "City",
	    "\xed\xa0\x80"
	    "City");
}

int change_prefixes_of_seal(struct draft *d)
{
	static const struct pair pairs[] = {
	    {"ds:", "sig:"}, {":ds=", ":sig="}, {"xades:", "q:"}, {":xades=", ":q="}};
	int rc = replace_each(&d->document, pairs, sizeof pairs / sizeof pairs[0]);

	return rc == 0 ? sealed_anew(d) : rc;
}

int change_prefixes_of_envelope(struct draft *d)
{
	static const struct pair pairs[] = {{"xenc:", ""}, {":xenc=", "="}, {"xenc11:", "x:"},
	    {":xenc11=", ":x="}, {"dsig11:", "n:"}, {":dsig11=", ":n="}};

	return replace_each(&d->envelope, pairs, sizeof pairs / sizeof pairs[0]);
}

/* Of the MessageId that is meant. */
int change_id_in_capitals(struct draft *d)
{
	static const char tag[] = "<MessageId>";
	uint8_t *at = memmem(d->envelope.data, d->envelope.len, tag, sizeof tag - 1);

	if (at == NULL)
		return RXP_ERR_NOT_FOUND;
	for (at += sizeof tag - 1; *at != '<'; at++)
		*at = (uint8_t)toupper(*at);
	return 0;
}

int change_id_of_other_variant(struct draft *d)
{
	uint8_t *octet = &d->header.outer.message_id[8];

	*octet = (uint8_t)((*octet & 0x1f) | 0xc0);
	return 0;
}

/* --- the signature --------------------------------------------------------------------------- */

static int read_signature(const struct draft *d, uint8_t pair[2 * HALF_OCTETS])
{
	static const char tag[] = "<ds:SignatureValue>";
	char text[MAX_SIGNATURE_TEXT];
	const uint8_t *at = memmem(d->document.data, d->document.len, tag, sizeof tag - 1);
	size_t n = 0;

	if (at == NULL)
		return RXP_ERR_NOT_FOUND;
	for (at += sizeof tag - 1; *at != '<' && n < sizeof text - 1; at++)
		text[n++] = (char)*at;
	text[n] = '\0';
	return rxp_base64_get_exact(pair, 2 * (size_t)HALF_OCTETS, text);
}

static int write_signature(struct draft *d, const uint8_t *octets, size_t len)
{
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, MAX_SIGNATURE_TEXT);
	(void)rxp_buf_puts(&text, "<ds:SignatureValue>");
	(void)rxp_base64_put(&text, octets, len);
	(void)rxp_buf_puts(&text, "</ds:SignatureValue>");
	rc = rxp_buf_putc(&text, '\0');
	if (rc == 0)
		rc = edit_apply(&d->document, &(struct edit){"<ds:SignatureValue>",
						  "</ds:SignatureValue>", (const char *)text.data});
	rxp_buf_free(&text);
	return rc;
}

/* The order of P-256, which nobody chooses. */
static int negated(uint8_t s[HALF_OCTETS])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *n = BN_bin2bn(s, HALF_OCTETS, NULL);
	int rc = RXP_ERR_CRYPTO;

	if (group != NULL && n != NULL && BN_sub(n, EC_GROUP_get0_order(group), n) == 1 &&
	    BN_bn2binpad(n, s, HALF_OCTETS) == HALF_OCTETS)
		rc = 0;
	BN_free(n);
	EC_GROUP_free(group);
	return rc;
}

/* Of (r, s) and (r, n - s) the one of the greater: some libraries take the other alone. */
int change_signature_high(struct draft *d)
{
	uint8_t pair[2 * HALF_OCTETS], other[HALF_OCTETS], *s = pair + HALF_OCTETS;
	int rc = read_signature(d, pair);

	if (rc != 0)
		return rc;
	memcpy(other, s, sizeof other);
	rc = negated(other);
	if (rc != 0 || memcmp(other, s, sizeof other) < 0)
		return rc;
	memcpy(s, other, sizeof other);
	return write_signature(d, pair, sizeof pair);
}

static size_t put_integer(uint8_t *out, const uint8_t half[HALF_OCTETS])
{
	size_t skip = 0, n = 2;

	while (skip < HALF_OCTETS - 1 && half[skip] == 0)
		skip++;
	if (half[skip] >= 0x80)
		out[n++] = 0;
	memcpy(out + n, half + skip, HALF_OCTETS - skip);
	n += HALF_OCTETS - skip;
	out[0] = 0x02;
	out[1] = (uint8_t)(n - 2);
	return n;
}

/* As a SEQUENCE of two INTEGERs. */
int change_signature_der(struct draft *d)
{
	uint8_t pair[2 * HALF_OCTETS], der[2 + 2 * (3 + HALF_OCTETS)];
	size_t n = 2;
	int rc = read_signature(d, pair);

	if (rc != 0)
		return rc;
	n += put_integer(der + n, pair);
	n += put_integer(der + n, pair + HALF_OCTETS);
	der[0] = 0x30;
	der[1] = (uint8_t)(n - 2);
	return write_signature(d, der, n);
}

/* --- base64 ------------------------------------------------------------------------------------ */

/* Before this end tag stands base64 of two octets of padding: its last character tells two bits, and has room for four more. */
static int set_unused_bit(struct rxp_buf *text, const char *end_tag)
{
	static const char padding[] = "==";
	uint8_t *at = memmem(text->data, text->len, end_tag, strlen(end_tag));

	if (at == NULL || at < text->data + sizeof padding ||
	    memcmp(at - (sizeof padding - 1), padding, sizeof padding - 1) != 0)
		return RXP_ERR_NOT_FOUND;
	at[-(
	    ptrdiff_t)sizeof padding]++; /* A, Q, g or w: another one follows each in the alphabet */
	return 0;
}

int change_signature_unused_bit(struct draft *d)
{
	return set_unused_bit(&d->document, "</ds:SignatureValue>");
}

/* The first value is that of the wrapped key. */
int change_wrapped_unused_bit(struct draft *d)
{
	return set_unused_bit(&d->envelope, "</xenc:CipherValue>");
}

/* --- the encryption -------------------------------------------------------------------------- */

/* The form of the point that says both coordinates and a bit besides. */
int change_point_hybrid(struct draft *d)
{
	d->encrypted.point[0] = (uint8_t)(6 | (d->encrypted.point[RXP_POINT_OCTETS - 1] & 1));
	return 0;
}

int change_info_id(struct draft *d)
{
	uint8_t other[sizeof d->outer.message_id];

	memcpy(other, d->outer.message_id, sizeof other);
	other[sizeof other - 1] ^= 1;
	rxp_info_make(&d->info, rxp_suite_p256.name, d->outer.from, d->outer.to, other);
	return 0;
}

/* A node may keep all its private keys in one place. */
int change_recipient_office(struct draft *d)
{
	const struct rxp_office_keys *keys = &d->parties->product->descriptor->identity.office_keys;

	if (keys->n == 0)
		return RXP_ERR_KEY;
	rxp_buf_reset(&d->spki);
	return rxp_buf_put(&d->spki, keys->key[0].spki.data, keys->key[0].spki.len);
}

/* --- compartments ----------------------------------------------------------------------------- */

/* In the place of the first text between two tags: the one before, and that text behind it. */
static int put_between(struct rxp_buf *text, const char *tag, const char *end, const char *value)
{
	struct rxp_buf whole;
	int rc;

	rxp_buf_init(&whole, text->max);
	(void)rxp_buf_puts(&whole, tag);
	(void)rxp_buf_puts(&whole, value);
	(void)rxp_buf_puts(&whole, end);
	rc = rxp_buf_putc(&whole, '\0');
	if (rc == 0)
		rc = edit_apply(text, &(struct edit){tag, end, (const char *)whole.data});
	rxp_buf_free(&whole);
	return rc;
}

int change_compartment_too_large(struct draft *d)
{
	static const uint8_t octets[17 * 1024 + RXP_CIPHER_EXTRA_OCTETS];
	/* Not the value before, which is the wrapped key. */
	static const char behind_key[] =
	    "</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>";
	struct rxp_buf value;
	int rc;

	rxp_buf_init(&value, RXP_BASE64_LENGTH(sizeof octets) + 1);
	(void)rxp_base64_put(&value, octets, sizeof octets);
	rc = rxp_buf_putc(&value, '\0');
	if (rc == 0)
		rc = put_between(
		    &d->document, behind_key, "</xenc:CipherValue>", (const char *)value.data);
	rxp_buf_free(&value);
	return rc;
}

/* Of two offices the key, each under its own name. */
int change_compartment_of_other_office(struct draft *d)
{
	const struct rxp_office_keys *keys = &d->parties->product->descriptor->identity.office_keys;
	char name[2 * RXP_DIGEST_OCTETS + 1] = "";
	size_t i = 0;

	while (i < keys->n && keys->key[i].compartment == RXP_COMPARTMENT_HEALTH)
		i++;
	if (i == keys->n)
		return RXP_ERR_KEY;
	rxp_hex_put(name, keys->key[i].key_id, RXP_DIGEST_OCTETS, false);
	return put_between(&d->document, "<ds:KeyName>", "</ds:KeyName>", name);
}

/* --- times near now, and far from it ---------------------------------------------------------- */

static int lasts(struct draft *d, int64_t created_ms, int64_t expires_ms)
{
	d->header.outer.created_ms = created_ms;
	d->header.outer.expires_ms = expires_ms;
	return rxp_id_make_v7(d->header.outer.message_id, created_ms, chance());
}

/* By the product's clock, for sure. */
int change_expired_just_now(struct draft *d)
{
	return lasts(d, d->now_ms - DAY_MS, d->now_ms + d->clock.least_ms - SECOND_MS);
}

int change_expires_soon(struct draft *d)
{
	return lasts(d, d->now_ms, d->now_ms + d->clock.most_ms + 120 * SECOND_MS);
}

int change_created_long_ago(struct draft *d)
{
	return lasts(d, d->now_ms - 89 * DAY_MS, d->now_ms + DAY_MS);
}

/* --- days near the bound of a safeguard (RXP-SAF-004, RXP-SAF-009) ------------------------------ */

static int32_t day_of(const struct draft *d)
{
	return (int32_t)(d->header.outer.created_ms / DAY_MS);
}

/* The Profile sets none but the 30 days of the table, and one more is allowed on either side. */
static int checked(struct draft *d, int32_t days)
{
	static const char tag[] = "<RefoulementChecked>\n        <Date>"; /* RXP-DOC-016 */
	char text[RXP_DAY_TEXT];

	rxp_day_text(text, day_of(d) + days);
	return put_between(&d->content, tag, "</Date>", text);
}

int change_checked_31_days_before(struct draft *d)
{
	return checked(d, -31);
}

int change_checked_32_days_before(struct draft *d)
{
	return checked(d, -32);
}

int change_checked_a_day_after(struct draft *d)
{
	return checked(d, 1);
}

int change_checked_two_days_after(struct draft *d)
{
	return checked(d, 2);
}

/* A date of birth so many years earlier, and days, of which the first so many characters are known. */
static int born(struct draft *d, const char *certainty, int years, int32_t days, size_t known)
{
	char text[sizeof "documented\">" + RXP_DAY_TEXT], born[RXP_DAY_TEXT];
	int year, month, day;

	rxp_day_split(day_of(d), &year, &month, &day);
	/* Of 29 February 1 March, if that year has none. */
	rxp_day_text(born, (int32_t)rxp_day_number(year - years, month, day) - days);
	(void)snprintf(text, sizeof text, "%s\">%.*s", certainty, (int)known, born);
	return put_between(&d->content, "<Date certainty=\"", "</Date>", text);
}

int change_born_18_years_before(struct draft *d)
{
	return born(d, "documented", 18, 0, DAY_CHARACTERS);
}

int change_born_a_day_earlier(struct draft *d)
{
	return born(d, "documented", 18, 1, DAY_CHARACTERS);
}

int change_born_in_a_month(struct draft *d)
{
	return born(d, "documented", 18, 0, MONTH_CHARACTERS);
}

int change_born_in_a_year(struct draft *d)
{
	return born(d, "documented", 18, 0, YEAR_CHARACTERS);
}

int change_born_by_estimate(struct draft *d)
{
	return born(d, "estimated", 19, 0, DAY_CHARACTERS);
}

/* --- what is the same to who compares too little ----------------------------------------------- */

int change_position_past_32_bits(struct draft *d)
{
	d->header.position += INT64_C(1) << 32;
	return 0;
}

int change_case_of(uint8_t digest[RXP_DIGEST_OCTETS])
{
	struct rxp_buf text;
	size_t i = 0;
	int rc;

	rxp_buf_init(&text, RXP_BASE64_LENGTH(RXP_DIGEST_OCTETS) + 1);
	(void)rxp_base64_put(&text, digest, RXP_DIGEST_OCTETS);
	rc = rxp_buf_putc(&text, '\0');
	while (rc == 0 && text.data[i] != '\0' && isalpha(text.data[i]) == 0)
		i++;
	if (rc == 0 && text.data[i] != '\0') {
		text.data[i] ^= 'a' ^ 'A';
		rc = rxp_base64_get_exact(digest, RXP_DIGEST_OCTETS, (const char *)text.data);
	}
	rxp_buf_free(&text);
	return rc;
}

int change_previous_in_other_case(struct draft *d)
{
	return change_case_of(d->header.previous);
}

int change_profile_in_capitals(struct draft *d)
{
	for (char *at = d->header.profile_id; *at != '\0'; at++)
		*at = (char)toupper((unsigned char)*at);
	return 0;
}

int change_profile_of_version_2(struct draft *d)
{
	memcpy(d->header.profile_version, "2", sizeof "2");
	return 0;
}

/* --- two faults: which is told (RXP-ANS-011, RXP-SAF-004) ------------------------------------- */

int change_expired_unknown(struct draft *d)
{
	int rc = change_expired(d);

	return rc == 0 ? change_type_unknown(d) : rc;
}

static int gap_and(struct draft *d, const char *find, const char *until, const char *put)
{
	int rc = change_position_gap(d);

	return rc == 0 ? edit_apply(&d->content, &(struct edit){find, until, put}) : rc;
}

int change_gap_and_form(struct draft *d)
{
	return gap_and(d, ">generic<", NULL, ">zebra<");
}

int change_gap_and_state(struct draft *d)
{
	return gap_and(d, "key=\"P1\"", NULL, "key=\"P2\"");
}

int change_gap_and_safeguard(struct draft *d)
{
	d->header.has_previous = true;
	return gap_and(d, "<DecisionFinal>", "</DecisionFinal>", "");
}

/* No receiver judges it (RXP-DOC-019). */
int change_from_office_other(struct draft *d)
{
	memcpy(d->header.from_office, "CONSULAR", sizeof "CONSULAR");
	return 0;
}
