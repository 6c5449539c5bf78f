/* Changes of form: what stands at a bound, or is written in another way that the specification allows or forbids. */
#include "conformance/message/changes.h"

#include <ctype.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "conformance/message/edit.h"
#include "conformance/message/reseal.h"
#include "conformance/state/chance.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define HALF_OCTETS 32 /* of a signature on P-256 */
#define MAX_SIGNATURE_TEXT 200

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

/* The seal covers the sign that readers put in the place of what is no UTF-8. */
int change_text_not_utf8(struct draft *d)
{
	static const struct edit sign = {"Specimen City", NULL,
				     "Specimen\xef\xbf\xbd"
				     "City"},
				 octet = {"\xef\xbf\xbd", NULL, "\xff"};
	int rc = edit_apply(&d->document, &sign);

	if (rc == 0)
		rc = sealed_anew(d);
	return rc == 0 ? edit_apply(&d->document, &octet) : rc;
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

/* --- the encryption -------------------------------------------------------------------------- */

/* The form of the point that says both coordinates and a bit besides. */
int change_point_hybrid(struct draft *d)
{
	d->encrypted.point[0] = (uint8_t)(6 | (d->encrypted.point[RXP_POINT_OCTETS - 1] & 1));
	return 0;
}

int change_info_to(struct draft *d)
{
	rxp_info_make(&d->info, rxp_suite_p256.name, d->outer.from, "QMY", d->outer.message_id);
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
