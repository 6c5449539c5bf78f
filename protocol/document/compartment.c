#include "protocol/document/compartment.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/document/rules.h"
#include "protocol/envelope/encrypted.h"
#include "protocol/xml/only.h"
#include "protocol/xml/place.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define ALGORITHM "RXP-1-P256-OFFICE" /* RXP-CMP-002 */
#define MAX_SPKI_OCTETS 128 /* P-256 takes 91 */

static const struct row {
	const char *element, *content;
} rows[RXP_COMPARTMENT_COUNT] = {
#define COMPARTMENT(name, element, office, content, meaning) \
	[RXP_COMPARTMENT_##name] = {element, content},
#include "protocol/document/compartment.def"
#undef COMPARTMENT
};

/* --- keys ---------------------------------------------------------------------------------- */

int rxp_office_keys_add(
    struct rxp_office_keys *keys, enum rxp_compartment compartment, const uint8_t *spki, size_t len)
{
	struct rxp_office_key key = {.compartment = compartment};
	struct rxp_buf point;
	int rc;

	if (keys->n == RXP_MAX_OFFICE_KEYS)
		return RXP_ERR_FULL;
	rxp_buf_init(&point, RXP_POINT_OCTETS);
	rxp_buf_init(&key.spki, MAX_SPKI_OCTETS);
	rc = rxp_agreement_spki_point(&point, &rxp_suite_p256, spki, len);
	if (rc == 0)
		rc = rxp_buf_put(&key.spki, spki, len);
	if (rc == 0 && EVP_Digest(spki, len, key.key_id, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	if (rc == 0)
		keys->key[keys->n++] = key;
	else
		rxp_buf_free(&key.spki);
	rxp_buf_free(&point);
	return rc;
}

void rxp_office_keys_clear(struct rxp_office_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		rxp_buf_free(&keys->key[i].spki);
	*keys = (struct rxp_office_keys){0};
}

/* The first that a sender may use; NULL if the party has none. */
static const struct rxp_office_key *first_key(
    const struct rxp_office_keys *keys, enum rxp_compartment compartment)
{
	for (size_t i = 0; keys != NULL && i < keys->n; i++)
		if (keys->key[i].compartment == compartment)
			return &keys->key[i];
	return NULL;
}

static bool is_listed(const struct rxp_office_keys *keys, enum rxp_compartment compartment,
    const uint8_t key_id[RXP_DIGEST_OCTETS])
{
	for (size_t i = 0; i < keys->n; i++)
		if (keys->key[i].compartment == compartment &&
		    memcmp(keys->key[i].key_id, key_id, RXP_DIGEST_OCTETS) == 0)
			return true;
	return false;
}

/* --- where they are ------------------------------------------------------------------------ */

static bool is_compartment(enum rxp_compartment *out, const struct _xmlNode *element)
{
	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT; c++) {
		if (rxp_xml_is(element, NS_BODY, rows[c].element)) {
			*out = (enum rxp_compartment)c;
			return true;
		}
	}
	return false;
}

/* The compartment after this element, in document order, below content; NULL after the last. */
static struct _xmlNode *next_compartment(
    enum rxp_compartment *out, const struct _xmlNode *content, const struct _xmlNode *element)
{
	struct _xmlNode *next = rxp_xml_below(content, element);

	while (next != NULL && !is_compartment(out, next))
		next = rxp_xml_below(content, next);
	return next;
}

/* RXP-CMP-002 */
static void make_info(
    struct rxp_info *info, enum rxp_compartment compartment, const struct rxp_binding *binding)
{
	char party_v[RXP_INFO_PART_OCTETS + 1];

	snprintf(party_v, sizeof party_v, "%s%s", binding->to, rxp_compartment_office(compartment));
	rxp_info_make(info, ALGORITHM, binding->from, party_v, binding->salt);
}

/* --- closing ------------------------------------------------------------------------------- */

/* Spaces before the last end tag, which change nothing, hide how much there is (RXP-CMP-004). */
static int pad(struct rxp_buf *out, const struct rxp_buf *plain)
{
	size_t more = (RXP_COMPARTMENT_STEP_OCTETS - plain->len % RXP_COMPARTMENT_STEP_OCTETS) %
		      RXP_COMPARTMENT_STEP_OCTETS;
	const uint8_t *end = memrchr(plain->data, '<', plain->len);
	size_t before = (size_t)(end - plain->data);

	rxp_buf_put(out, plain->data, before);
	while (more-- > 0)
		rxp_buf_putc(out, ' ');
	return rxp_buf_put(out, end, plain->len - before);
}

static int encrypt(struct rxp_buf *out, const struct rxp_buf *plain, const struct rxp_info *info,
    const struct rxp_office_key *key, const struct rxp_random *random)
{
	struct rxp_encrypted data = {0};
	uint8_t cek[RXP_KEY_OCTETS];
	struct rxp_buf padded;
	int rc;

	rxp_buf_init(&padded, RXP_MAX_COMPARTMENT_OCTETS);
	rc = pad(&padded, plain);
	if (rc == 0)
		rc = rxp_encrypted_make(&data, info, padded.data, padded.len, key->spki.data,
		    key->spki.len, random, cek);
	if (rc == 0)
		rc = rxp_encrypted_write(out, &data, info);
	OPENSSL_cleanse(cek, sizeof cek);
	rxp_encrypted_clear(&data);
	rxp_buf_free(&padded);
	return rc;
}

/* NULL if it is not there, or not alone. */
static struct _xmlNode *plain_of(const struct _xmlNode *element, enum rxp_compartment compartment)
{
	struct _xmlNode *plain = rxp_xml_first(element);

	return plain != NULL && rxp_xml_next(plain) == NULL &&
		       rxp_xml_is(plain, NS_BODY, rows[compartment].content)
		   ? plain
		   : NULL;
}

int rxp_compartments_plain(
    unsigned *offices, const struct _xmlNode *content, rxp_schema_report *report, void *arg)
{
	enum rxp_compartment compartment;
	const struct _xmlNode *element = next_compartment(&compartment, content, content);
	unsigned found = 0;
	int rc = 0;

	for (; element != NULL; element = next_compartment(&compartment, content, element)) {
		char place[RXP_PLACE_TEXT];

		found |= 1u << compartment;
		if (plain_of(element, compartment) != NULL)
			continue;
		rxp_place_write(place, content, element);
		report(arg, rxp_xml_line(element), place,
		    "the content must be plain: the node closes it");
		rc = RXP_ERR_SCHEMA;
	}
	if (rc == 0)
		*offices = found;
	return rc;
}

/* Put the EncryptedData in the place of the plain content. */
static int close_one(struct rxp_xml *xml, struct _xmlNode *element,
    enum rxp_compartment compartment, const struct rxp_binding *binding,
    const struct rxp_office_keys *keys, const struct rxp_random *random)
{
	const struct rxp_office_key *key = first_key(keys, compartment);
	struct _xmlNode *plain = plain_of(element, compartment);
	struct rxp_buf octets, data;
	struct rxp_info info;
	int rc;

	if (plain == NULL)
		return RXP_ERR_SCHEMA;
	if (key == NULL)
		return RXP_ERR_KEY;
	make_info(&info, compartment, binding);
	rxp_buf_init(&octets, RXP_MAX_COMPARTMENT_OCTETS);
	rxp_buf_init(&data, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = rxp_xml_c14n(&octets, xml, plain)) == 0 &&
	    (rc = encrypt(&data, &octets, &info, key, random)) == 0)
		rc = rxp_xml_refill(xml, element, data.data, data.len);
	rxp_buf_free(&octets);
	rxp_buf_free(&data);
	return rc;
}

int rxp_compartments_close(struct rxp_buf *out, const struct rxp_buf *content,
    const struct rxp_binding *binding, const struct rxp_office_keys *keys,
    const struct rxp_random *random)
{
	struct _xmlNode *at, *root;
	struct rxp_xml *xml = NULL;
	enum rxp_compartment compartment;
	bool closed = false;
	int rc = rxp_xml_parse(
	    &xml, content->data, content->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);

	if (rc != 0)
		return rc;
	root = rxp_xml_root(xml);
	at = next_compartment(&compartment, root, root);
	for (; rc == 0 && at != NULL; at = next_compartment(&compartment, root, at)) {
		rc = close_one(xml, at, compartment, binding, keys, random);
		closed = true;
	}
	if (rc == 0)
		rc = closed ? rxp_xml_c14n(out, xml, root)
			    : rxp_buf_put(out, content->data, content->len);
	rxp_xml_free(xml);
	return rc;
}

/* --- shells -------------------------------------------------------------------------------- */

static bool has_whole_steps(const struct rxp_encrypted *data)
{
	return (data->cipher.len - RXP_CIPHER_EXTRA_OCTETS) % RXP_COMPARTMENT_STEP_OCTETS == 0;
}

/* RXP-CMP-006. data is zero before; on success the caller clears it. */
static int read_shell(
    struct rxp_encrypted *data, const struct _xmlNode *element, const struct rxp_info *info)
{
	const struct _xmlNode *child = rxp_xml_first(element);
	int rc;

	if (child == NULL || rxp_xml_next(child) != NULL || !rxp_only_elements(element) ||
	    !rxp_only_attributes(element, 0))
		return RXP_ERR_SCHEMA;
	rc = rxp_encrypted_read(data, child, info, RXP_MAX_COMPARTMENT_OCTETS);
	if (rc == 0 &&
	    rxp_agreement_point_check(&rxp_suite_p256, data->point, sizeof data->point) == 0 &&
	    has_whole_steps(data))
		return 0;
	rxp_encrypted_clear(data);
	return rc == RXP_ERR_NOMEM ? rc : RXP_ERR_SCHEMA;
}

int rxp_compartments_check(
    const struct _xmlNode **at, const struct _xmlNode *content, const struct rxp_binding *binding)
{
	enum rxp_compartment compartment;
	const struct _xmlNode *element = next_compartment(&compartment, content, content);

	for (; element != NULL; element = next_compartment(&compartment, content, element)) {
		struct rxp_encrypted data = {0};
		struct rxp_info info;
		int rc;

		make_info(&info, compartment, binding);
		rc = read_shell(&data, element, &info);
		rxp_encrypted_clear(&data);
		if (rc != 0) {
			*at = element;
			return rc;
		}
	}
	return 0;
}

/* --- keys of shells, and what they hold ---------------------------------------------------- */

int rxp_compartments_known(
    const struct _xmlNode **at, const struct _xmlNode *content, const struct rxp_office_keys *keys)
{
	enum rxp_compartment compartment;
	const struct _xmlNode *element = next_compartment(&compartment, content, content);

	for (; element != NULL; element = next_compartment(&compartment, content, element)) {
		uint8_t key_id[RXP_DIGEST_OCTETS];

		if (rxp_encrypted_key_id(key_id, rxp_xml_first(element)) != 0 ||
		    !is_listed(keys, compartment, key_id)) {
			*at = element;
			return RXP_ERR_KEY;
		}
	}
	return 0;
}

/* One element of the right name, as its schema wants it. */
static int check_plain(const struct rxp_buf *plain, enum rxp_compartment compartment)
{
	struct rxp_xml *xml = NULL;
	struct _xmlNode *root;
	int rc = rxp_xml_parse(
	    &xml, plain->data, plain->len, RXP_MAX_COMPARTMENT_OCTETS, RXP_XML_SEALED);

	if (rc != 0)
		return rc == RXP_ERR_NOMEM ? rc : RXP_ERR_SCHEMA;
	root = rxp_xml_root(xml);
	rc = rxp_xml_is(root, NS_BODY, rows[compartment].content) ? 0 : RXP_ERR_SCHEMA;
	if (rc == 0)
		rc = rxp_schema_validate_element(root, NULL, NULL);
	if (rc == 0)
		rc = rxp_rules_check(root, NULL, NULL, NULL);
	rxp_xml_free(xml);
	return rc;
}

int rxp_compartment_open(struct rxp_buf *out, const struct _xmlNode *compartment,
    const struct rxp_binding *binding, const struct rxp_agreement_key *key)
{
	struct rxp_encrypted data = {0};
	enum rxp_compartment which;
	struct rxp_info info;
	struct rxp_buf plain;
	int rc;

	if (!is_compartment(&which, compartment))
		return RXP_ERR_SCHEMA;
	make_info(&info, which, binding);
	rxp_buf_init(&plain, RXP_MAX_COMPARTMENT_OCTETS);
	if ((rc = read_shell(&data, compartment, &info)) == 0 &&
	    (rc = rxp_encrypted_open(&plain, &data, &info, key, NULL)) == 0 &&
	    (rc = check_plain(&plain, which)) == 0)
		rc = rxp_buf_put(out, plain.data, plain.len);
	rxp_encrypted_clear(&data);
	rxp_buf_free(&plain);
	return rc;
}

/* --- for an office ------------------------------------------------------------------------- */

static int key_id_of(uint8_t key_id[RXP_DIGEST_OCTETS], const struct rxp_agreement_key *key)
{
	struct rxp_buf spki;
	int rc;

	rxp_buf_init(&spki, MAX_SPKI_OCTETS);
	rc = rxp_agreement_key_spki(key, &spki);
	if (rc == 0 && EVP_Digest(spki.data, spki.len, key_id, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	rxp_buf_free(&spki);
	return rc;
}

/* Without the spaces that filled it up. */
static void unpad(struct rxp_buf *plain)
{
	uint8_t *end = memrchr(plain->data, '<', plain->len);
	uint8_t *text = end;

	while (text > plain->data && text[-1] == ' ')
		text--;
	memmove(text, end, (size_t)(plain->data + plain->len - end));
	plain->len -= (size_t)(end - text);
}

static int open_in_place(struct rxp_xml *xml, struct _xmlNode *element,
    const struct rxp_binding *binding, const struct rxp_agreement_key *key)
{
	struct rxp_buf plain;
	int rc;

	rxp_buf_init(&plain, RXP_MAX_COMPARTMENT_OCTETS);
	rc = rxp_compartment_open(&plain, element, binding, key);
	if (rc == 0) {
		unpad(&plain);
		rc = rxp_xml_refill(xml, element, plain.data, plain.len);
	}
	rxp_buf_free(&plain);
	return rc;
}

int rxp_compartments_open(struct rxp_buf *out, struct rxp_xml *xml, struct _xmlNode *content,
    const struct rxp_binding *binding, const struct rxp_agreement_key *key)
{
	enum rxp_compartment compartment;
	struct _xmlNode *element = next_compartment(&compartment, content, content);
	uint8_t own[RXP_DIGEST_OCTETS];
	bool opened = false;
	int rc = key_id_of(own, key);

	for (; rc == 0 && element != NULL;
	     element = next_compartment(&compartment, content, element)) {
		uint8_t key_id[RXP_DIGEST_OCTETS];

		rc = rxp_encrypted_key_id(key_id, rxp_xml_first(element));
		if (rc != 0 || memcmp(key_id, own, sizeof own) != 0)
			continue;
		rc = open_in_place(xml, element, binding, key);
		opened = true;
	}
	if (rc == 0)
		rc = opened ? rxp_xml_c14n(out, xml, content) : RXP_ERR_NOT_FOUND;
	return rc;
}
