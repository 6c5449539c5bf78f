#include "protocol/envelope/envelope.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/encrypted.h"
#include "protocol/xml/only.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define NS_ENVELOPE "urn:rxp:1:envelope"

struct rxp_envelope {
	struct rxp_outer outer;
	struct rxp_encrypted data;
};

/* RXP-ENV-007 */
static void make_info(struct rxp_info *info, const struct rxp_outer *outer)
{
	rxp_info_make(info, rxp_suite_p256.name, outer->from, outer->to, outer->message_id);
}

static bool lifetime_fits(const struct rxp_outer *outer)
{
	return outer->expires_ms > outer->created_ms &&
	       outer->expires_ms - outer->created_ms <= RXP_MAX_LIFETIME_MS; /* RXP-TIM-002 */
}

/* --- closing ------------------------------------------------------------------------------- */

static int write_envelope(struct rxp_buf *out, const struct rxp_outer *outer,
    const struct rxp_encrypted *data, const struct rxp_info *info)
{
	size_t before = out->len;
	int rc;

	rxp_buf_puts(out, "<Envelope xmlns=\"" NS_ENVELOPE "\" Suite=\"");
	rxp_buf_puts(out, rxp_suite_p256.name);
	rxp_buf_puts(out, "\"><Header>");
	rxp_write_id(out, "MessageId", outer->message_id);
	rxp_write_text(out, "From", outer->from);
	rxp_write_text(out, "To", outer->to);
	rxp_write_time(out, "Created", outer->created_ms);
	rxp_write_time(out, "Expires", outer->expires_ms);
	rxp_buf_puts(out, "</Header>");
	rc = rxp_encrypted_write(out, data, info);
	if (rc == 0)
		rc = rxp_buf_puts(out, "</Envelope>");
	if (rc != 0)
		rxp_buf_cut(out, before);
	return rc;
}

int rxp_envelope_close(struct rxp_buf *out, const struct rxp_outer *outer, const uint8_t *document,
    size_t document_len, const uint8_t *spki, size_t spki_len, const struct rxp_random *random,
    uint8_t cek[RXP_KEY_OCTETS])
{
	struct rxp_encrypted data = {0};
	struct rxp_info info;
	uint8_t key[RXP_KEY_OCTETS];
	int rc;

	if (document_len > RXP_MAX_DOCUMENT_OCTETS || !lifetime_fits(outer))
		return RXP_ERR_BOUND;
	make_info(&info, outer);
	if ((rc = rxp_encrypted_make(
		 &data, &info, document, document_len, spki, spki_len, random, key)) != 0 ||
	    (rc = write_envelope(out, outer, &data, &info)) != 0)
		goto done;
	memcpy(cek, key, sizeof key);
done:
	OPENSSL_cleanse(key, sizeof key);
	rxp_encrypted_clear(&data);
	return rc;
}

int rxp_envelope_rekey(struct rxp_buf *out, const struct rxp_envelope *e,
    const uint8_t cek[RXP_KEY_OCTETS], const uint8_t *spki, size_t spki_len,
    const struct rxp_random *random)
{
	struct rxp_encrypted anew = e->data; /* borrows the ciphertext */
	struct rxp_info info;
	int rc;

	make_info(&info, &e->outer);
	rc = rxp_encrypted_wrap(&anew, &info, cek, spki, spki_len, random);
	return rc != 0 ? rc : write_envelope(out, &e->outer, &anew, &info);
}

/* --- taking apart -------------------------------------------------------------------------- */

static int read_outer(struct rxp_outer *outer, const struct _xmlNode *header)
{
	struct rxp_walk w;
	int rc;

	if (!rxp_only_elements(header) || !rxp_only_attributes(header, 0))
		return RXP_ERR_STRUCTURE;
	for (const struct _xmlNode *e = rxp_xml_first(header); e != NULL; e = rxp_xml_next(e))
		if (!rxp_only_attributes(e, 0))
			return RXP_ERR_STRUCTURE;
	rxp_walk_init(&w, header, NS_ENVELOPE);
	rxp_walk_id(&w, "MessageId", outer->message_id, 7);
	rxp_walk_party(&w, "From", outer->from);
	rxp_walk_party(&w, "To", outer->to);
	rxp_walk_time(&w, "Created", &outer->created_ms);
	rxp_walk_time(&w, "Expires", &outer->expires_ms);
	if ((rc = rxp_walk_end(&w)) != 0)
		return rc;
	return lifetime_fits(outer) ? 0 : RXP_ERR_STRUCTURE;
}

static int read_suite(const struct _xmlNode *root)
{
	const char *suite = rxp_xml_attribute(root, "Suite");

	if (!rxp_xml_is(root, NS_ENVELOPE, "Envelope") || suite == NULL ||
	    !rxp_only_attributes(root, 1) || !rxp_only_elements(root))
		return RXP_ERR_STRUCTURE;
	return strcmp(suite, rxp_suite_p256.name) == 0 ? 0 : RXP_ERR_UNSUPPORTED;
}

static int read_envelope(struct rxp_envelope *e, const struct _xmlNode *root)
{
	const struct _xmlNode *header;
	const struct _xmlNode *data;
	struct rxp_info info;
	struct rxp_walk w;
	int rc = read_suite(root);

	if (rc != 0)
		return rc;
	rxp_walk_init(&w, root, NS_ENVELOPE);
	header = rxp_walk_element(&w, "Header");
	data = w.next;
	if (header == NULL || data == NULL || rxp_xml_next(data) != NULL)
		return RXP_ERR_STRUCTURE;
	if ((rc = read_outer(&e->outer, header)) != 0)
		return rc;
	make_info(&info, &e->outer);
	return rxp_encrypted_read(&e->data, data, &info, RXP_MAX_DOCUMENT_OCTETS);
}

int rxp_envelope_parse(struct rxp_envelope **out, const uint8_t *octets, size_t len)
{
	struct rxp_envelope *e = NULL;
	struct rxp_xml *xml = NULL;
	int rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_ENVELOPE_OCTETS, RXP_XML_ENVELOPE);

	if (rc != 0)
		return rc;
	e = calloc(1, sizeof *e);
	rc = e == NULL ? RXP_ERR_NOMEM : read_envelope(e, rxp_xml_root(xml));
	if (rc == 0) {
		*out = e;
		e = NULL;
	}
	rxp_envelope_free(e);
	rxp_xml_free(xml);
	return rc;
}

void rxp_envelope_free(struct rxp_envelope *e)
{
	if (e == NULL)
		return;
	rxp_encrypted_clear(&e->data);
	free(e);
}

const struct rxp_outer *rxp_envelope_outer(const struct rxp_envelope *e)
{
	return &e->outer;
}

const uint8_t *rxp_envelope_key_id(const struct rxp_envelope *e)
{
	return e->data.key_id;
}

int rxp_envelope_decrypt_with(
    struct rxp_buf *document, const struct rxp_envelope *e, const uint8_t cek[RXP_KEY_OCTETS])
{
	return rxp_encrypted_open_with(document, &e->data, cek);
}

int rxp_envelope_decrypt(struct rxp_buf *document, const struct rxp_envelope *e,
    const struct rxp_agreement_key *key, uint8_t cek[RXP_KEY_OCTETS])
{
	struct rxp_info info;

	make_info(&info, &e->outer);
	return rxp_encrypted_open(document, &e->data, &info, key, cek);
}
