/*
 * How long a content may be: what fills a Document exactly, alone or with the manifest of its attachments, is taken, and one
 * octet more is refused as a whole (RXP-ENV-003).
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_desk.h"

#include "daemon/sealer/draft.h"
#include "daemon/sealer/manifest.h"

#define DIGEST "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="
#define DEEP "Person/Person/Person/Person/Person/Person/"
#define CORRECTED 64 /* items of the longest correction */

/* --- a content alone ------------------------------------------------------------------------- */

/* A correction with this many octets in its 64 values, each of at least one character. */
static void correction_with(struct rxp_buf *octets, size_t filling)
{
	filling -= CORRECTED;
	rxp_buf_init(octets, 2UL * RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(octets, "<DataCorrection" BODY ">\n  <Document>" DIGEST "</Document>\n");
	for (unsigned i = 1; i <= CORRECTED; i++) {
		char head[64];

		snprintf(head, sizeof head, "  <Item number=\"%u\">\n    <Rectify>\n", i);
		rxp_buf_puts(octets, head);
		rxp_buf_puts(
		    octets, "      <Field>" DEEP DEEP DEEP "Birth/Place</Field>\n      <Value>a");
		for (unsigned n = 1; n < 500 && filling > 0; n++) {
			bool wide = filling >= strlen("&amp;");

			rxp_buf_puts(octets, wide ? "&amp;" : "a");
			filling -= wide ? strlen("&amp;") : 1;
		}
		rxp_buf_puts(octets, "</Value>\n    </Rectify>\n  </Item>\n");
	}
	rxp_buf_puts(octets, "  <Reason>inaccurate</Reason>\n</DataCorrection>");
	assert_int_equal(rxp_buf_error(octets), 0);
}

/* One whose form on the wire has exactly this length. */
static void correction_of(struct rxp_buf *octets, size_t len)
{
	size_t around;

	correction_with(octets, CORRECTED);
	around = octets->len - CORRECTED;
	rxp_buf_free(octets);
	correction_with(octets, len - around);
	assert_int_equal(octets->len, len);
}

static void assert_length(struct rxp_buf *octets, int want)
{
	struct reply checked;

	assert_int_equal(check_with(&checked, reply_bytes(octets), (struct bytes){NULL, 0}), want);
	if (want != 0)
		assert_int_equal(
		    checked.body.checked.facts.len + checked.body.checked.draft.len, 0);
	reply_clear(&checked);
	rxp_buf_free(octets);
}

static void longest(void **state)
{
	struct rxp_buf octets;

	(void)state;
	correction_of(&octets, DRAFT_MAX_CONTENT_OCTETS);
	assert_length(&octets, 0);
	correction_of(&octets, DRAFT_MAX_CONTENT_OCTETS + 1);
	assert_length(&octets, RXP_ERR_BOUND);
	rxp_buf_init(&octets, 2UL * RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&octets, "<Withdrawal" BODY);
	while (octets.len < RXP_MAX_DOCUMENT_OCTETS)
		rxp_buf_putc(&octets, ' ');
	rxp_buf_puts(&octets, "/>");
	assert_length(&octets, RXP_ERR_BOUND);
}

/* --- with attachments ------------------------------------------------------------------------ */

#define PROVED 12 /* persons of the longest supplement */
#define PROOFS 16 /* items of evidence of each */
#define TEXTS (2UL * PROVED * PROOFS) /* of one character at least */

static void put_text(struct rxp_buf *octets, const char *name, size_t *filling)
{
	char tag[32];

	snprintf(tag, sizeof tag, "        <%s>a", name);
	rxp_buf_puts(octets, tag);
	for (unsigned n = 1; n < 100 && *filling > 0; n++) {
		bool wide = *filling >= strlen("&amp;");

		rxp_buf_puts(octets, wide ? "&amp;" : "a");
		*filling -= wide ? strlen("&amp;") : 1;
	}
	snprintf(tag, sizeof tag, "</%s>\n", name);
	rxp_buf_puts(octets, tag);
}

static void put_proof(struct rxp_buf *octets, bool scanned, size_t *filling)
{
	rxp_buf_puts(octets, "    <Evidence list=\"2\" strength=\"prima-facie\">\n"
			     "      <Kind>birth-certificate</Kind>\n      <Document>\n"
			     "        <Number>4</Number>\n");
	put_text(octets, "IssuedAt", filling);
	put_text(octets, "Authority", filling);
	rxp_buf_puts(octets, "      </Document>\n");
	if (scanned)
		rxp_buf_puts(octets, "      <Attachment>2</Attachment>\n");
	rxp_buf_puts(
	    octets, "      <AuthenticatedCopy>false</AuthenticatedCopy>\n    </Evidence>\n");
}

static void put_photograph(struct rxp_buf *octets, unsigned attachment)
{
	char text[96];

	snprintf(text, sizeof text,
	    "    <Photograph>\n      <Attachment>%u</Attachment>\n    </Photograph>\n", attachment);
	rxp_buf_puts(octets, text);
}

/* A supplement with the attachments of the family and so many octets in its texts, as it leaves the node. */
static void supplement_with(struct rxp_buf *octets, size_t filling)
{
	filling -= TEXTS;
	rxp_buf_init(octets, 2UL * RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(octets, "<Supplement xmlns=\"urn:rxp:1:body\">\n");
	for (unsigned key = 1; key <= PROVED; key++) {
		char head[32];

		snprintf(head, sizeof head, "  <Person key=\"P%u\">\n", key);
		rxp_buf_puts(octets, head);
		for (unsigned i = 0; i < PROOFS; i++)
			put_proof(octets, key == 1 && i == 0, &filling);
		if (key <= 2)
			put_photograph(octets, key == 1 ? 1 : 3);
		rxp_buf_puts(octets, "  </Person>\n");
	}
	rxp_buf_puts(octets, "</Supplement>");
	assert_int_equal(rxp_buf_error(octets), 0);
}

/* Content and manifest share the room of a Document. */
static void longest_with_attachments(void **state)
{
	struct rec_attachment_row rows[3];
	struct rxp_buf list, manifest, body;
	size_t around;

	(void)state;
	family_rows(rows);
	list = row_list(rows, 3);
	rxp_buf_init(&manifest, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(manifest_write_unkeyed(&manifest, reply_bytes(&list)), 0);
	supplement_with(&body, TEXTS);
	around = body.len - TEXTS;
	rxp_buf_free(&body);
	for (size_t more = 0; more < 2; more++) {
		struct reply checked;

		supplement_with(&body, DRAFT_MAX_CONTENT_OCTETS - manifest.len - around + more);
		assert_int_equal(body.len, DRAFT_MAX_CONTENT_OCTETS - manifest.len + more);
		assert_int_equal(check_with(&checked, reply_bytes(&body), reply_bytes(&list)),
		    more == 0 ? 0 : RXP_ERR_BOUND);
		assert_int_equal(checked.body.checked.draft.len > 0, more == 0);
		reply_clear(&checked);
		rxp_buf_free(&body);
	}
	rxp_buf_free(&manifest);
	rxp_buf_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(longest),
	    cmocka_unit_test(longest_with_attachments),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
