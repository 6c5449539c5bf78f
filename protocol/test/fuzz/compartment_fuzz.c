/*
 * Input: typed content with compartments, plain as a desk gives them, or closed as a Document has them, for the
 * parties, the Salt and the key of the worked example.
 * Promise: plain content that satisfies schema and rules is closed, each shell of it is accepted and known, and
 * the office gets content that satisfies them again; a shell that is refused opens nothing, and what an office
 * gets satisfies its schema.
 * seeds: spec/examples
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/document/compartment.h"
#include "protocol/document/rules.h"
#include "protocol/test/fuzz/fuzz.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define SPKI_OCTETS_MAX 128

static const uint8_t salt[RXP_SALT_OCTETS] = {
    0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const struct rxp_binding binding = {"QRA", "QRB", salt};

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

/* One key for every office. */
static void list_keys(struct rxp_office_keys *keys)
{
	struct rxp_buf spki;

	rxp_buf_init(&spki, SPKI_OCTETS_MAX);
	MUST(rxp_agreement_key_spki(fuzz_state()->agreement_key, &spki) == 0);
	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT; c++)
		MUST(rxp_office_keys_add(keys, (enum rxp_compartment)c, spki.data, spki.len) == 0);
	rxp_buf_free(&spki);
}

static bool is_valid(struct _xmlNode *content)
{
	return rxp_schema_validate_element(content, NULL, NULL) == 0 &&
	       rxp_rules_check(content, NULL, NULL, NULL) == 0;
}

static bool is_valid_text(const struct rxp_buf *octets)
{
	struct rxp_xml *xml = NULL;
	bool valid;

	MUST(rxp_xml_parse(
		 &xml, octets->data, octets->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED) == 0);
	valid = is_valid(rxp_xml_root(xml));
	rxp_xml_free(xml);
	return valid;
}

/* What an office gets. */
static int open_all(struct rxp_buf *out, struct rxp_xml *xml)
{
	return rxp_compartments_open(
	    out, xml, rxp_xml_root(xml), &binding, fuzz_state()->agreement_key);
}

static void close_and_open(const struct rxp_buf *content, const struct rxp_office_keys *keys)
{
	static const struct rxp_random source = {fill, NULL};
	const struct _xmlNode *at = NULL;
	struct rxp_xml *xml = NULL;
	struct rxp_buf closed, plain;

	rxp_buf_init(&closed, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	if (rxp_compartments_close(&closed, content, &binding, keys, &source) == RXP_ERR_BOUND)
		goto done;
	MUST(closed.len > 0);
	MUST(rxp_xml_parse(
		 &xml, closed.data, closed.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED) == 0);
	MUST(is_valid(rxp_xml_root(xml)));
	MUST(rxp_compartments_check(&at, rxp_xml_root(xml), &binding) == 0);
	MUST(rxp_compartments_known(&at, rxp_xml_root(xml), keys) == 0);
	MUST(open_all(&plain, xml) == 0);
	MUST(is_valid_text(&plain));
done:
	rxp_xml_free(xml);
	rxp_buf_free(&closed);
	rxp_buf_free(&plain);
}

static void count(void *arg, unsigned long line, const char *path, const char *text)
{
	unsigned *reports = arg;

	(void)line;
	MUST(path[0] != '\0' && text[0] != '\0');
	++*reports;
}

/* Whatever it is: the shells are looked at, and opened if they may be. */
static void look_at_shells(struct rxp_xml *xml, const struct rxp_office_keys *keys)
{
	const struct _xmlNode *root = rxp_xml_root(xml);
	const struct _xmlNode *at = NULL;
	struct rxp_buf plain;

	if (rxp_compartments_check(&at, root, &binding) != 0) {
		MUST(at != NULL);
		return;
	}
	(void)rxp_compartments_known(&at, root, keys);
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	if (open_all(&plain, xml) != 0)
		MUST(plain.len == 0);
	rxp_buf_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct rxp_office_keys keys = {0};
	struct rxp_xml *xml = NULL;
	struct rxp_buf content;
	unsigned offices = 0, reports = 0;
	int rc;

	fuzz_state();
	if (len > 0 && octets[len - 1] == '\n')
		len--;
	if (rxp_xml_parse(&xml, octets, len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY) != 0)
		return 0;
	list_keys(&keys);
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	rc = rxp_compartments_plain(&offices, rxp_xml_root(xml), count, &reports);
	MUST((rc == 0) == (reports == 0));
	if (rc == 0 && offices != 0 && is_valid(rxp_xml_root(xml)) &&
	    rxp_xml_c14n(&content, xml, rxp_xml_root(xml)) == 0)
		close_and_open(&content, &keys);
	look_at_shells(xml, &keys);
	rxp_buf_free(&content);
	rxp_office_keys_clear(&keys);
	rxp_xml_free(xml);
	return 0;
}
