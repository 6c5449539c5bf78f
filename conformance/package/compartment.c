/* Compartments in a Document as its receiver opened it, and what the key of an office gives of them (section 35). */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "conformance/document/vector.h"
#include "conformance/message/draft.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/document/compartment.h"
#include "protocol/xml/xml.h"

#define NAME_TEXT 96
#define MAX_OCTETS (1024UL * 1024)
#define CLOSED_VALUE "<xenc:CipherValue>"

/* --- changes ---------------------------------------------------------------------------------- */

/* The text behind the nth one of this mark; the table names only what is there. */
static char *behind(struct rxp_buf *document, const char *mark, unsigned n)
{
	char *at = (char *)document->data, *end = at + document->len;

	for (; at != NULL && n > 0; n--) {
		at = memmem(at, (size_t)(end - at), mark, strlen(mark));
		at = at == NULL ? NULL : at + strlen(mark);
	}
	return at;
}

/* One digit of base64 that is another. */
static int turn(char *digit)
{
	if (digit == NULL)
		return RXP_ERR_NOT_FOUND;
	*digit = *digit == 'A' ? 'B' : 'A';
	return 0;
}

static int nothing(struct rxp_buf *document)
{
	(void)document;
	return 0;
}
/* The first value is the wrapped key, the second one what is closed. */
static int wrapped(struct rxp_buf *document)
{
	return turn(behind(document, CLOSED_VALUE, 1));
}
static int first_octet(struct rxp_buf *document)
{
	return turn(behind(document, CLOSED_VALUE, 2));
}
static int tag(struct rxp_buf *document)
{
	char *value = behind(document, CLOSED_VALUE, 2);
	char *end = value == NULL ? NULL : strchr(value, '<');

	return end == NULL ? RXP_ERR_NOT_FOUND : turn(end - 8);
}
static int salt(struct rxp_buf *document)
{
	return turn(behind(document, "<Salt>", 1));
}
static int sender(struct rxp_buf *document)
{
	static const char other[] = {'Q', 'M', 'B'};
	char *party = behind(document, "<From>", 1);

	if (party == NULL)
		return RXP_ERR_NOT_FOUND;
	memcpy(party, other, sizeof other);
	return 0;
}
static int office(struct rxp_buf *document)
{
	static const char social[] = {'S', 'o', 'c', 'i', 'a', 'l'};
	char *open = behind(document, "<ForHealth>", 1),
	     *close = behind(document, "</ForHealth>", 1);

	if (open == NULL || close == NULL)
		return RXP_ERR_NOT_FOUND;
	memcpy(open - strlen("Health>"), social, sizeof social);
	memcpy(close - strlen("Health>"), social, sizeof social);
	return 0;
}

static const struct row {
	const char *id, *requirement, *key;
	int (*change)(struct rxp_buf *document);
	const char *result, *words;
} rows[] = {
#define COMPARTMENT_FOR(requirement, number, key, change, result, words) \
	{requirement "." number, "RXP-" requirement, "keys/" key ".key", change, result, words},
#include "conformance/package/compartment.def"
#undef COMPARTMENT_FOR
};

/* --- opening ---------------------------------------------------------------------------------- */

/* The first one in it. */
static const struct _xmlNode *find(const struct _xmlNode *root)
{
	for (const struct _xmlNode *e = root; e != NULL; e = rxp_xml_below(root, e))
		if (strcmp(rxp_xml_name(e), "ForHealth") == 0 ||
		    strcmp(rxp_xml_name(e), "ForSocial") == 0)
			return e;
	return NULL;
}

/* A Document whose seal was verified before, or is not asked for: what it is bound to is read as it stands. */
static int open_in(
    struct rxp_buf *plain, const struct rxp_buf *document, const struct rxp_agreement_key *key)
{
	static const char ns[] = "urn:rxp:1:document";
	struct rxp_xml *xml = NULL;
	const struct _xmlNode *root, *header, *body, *found;
	struct rxp_buf octets;
	int rc = rxp_xml_parse(&xml, document->data, document->len, MAX_OCTETS, RXP_XML_SEALED);

	rxp_buf_init(&octets, RXP_SALT_OCTETS);
	if (rc != 0)
		goto done;
	root = rxp_xml_root(xml);
	header = rxp_xml_child(root, ns, "Header");
	body = rxp_xml_child(root, ns, "Body");
	found = find(root);
	if (header == NULL || body == NULL || found == NULL) {
		rc = RXP_ERR_NOT_FOUND;
	} else {
		const char *text = rxp_xml_leaf(rxp_xml_child(body, ns, "Salt"));
		struct rxp_binding binding = {
		    .from = rxp_xml_leaf(rxp_xml_child(header, ns, "From")),
		    .to = rxp_xml_leaf(rxp_xml_child(header, ns, "To"))};

		rc = rxp_base64_get(&octets, text, strlen(text));
		binding.salt = octets.data;
		if (rc == 0)
			rc = rxp_compartment_open(plain, found, &binding, key);
	}
done:
	rxp_buf_free(&octets);
	rxp_xml_free(xml);
	return rc;
}

/* --- on the shelf ----------------------------------------------------------------------------- */

static int put(const struct making *m, const struct row *row, const struct rxp_buf *document,
    const struct rxp_buf *plain)
{
	bool opens = strcmp(row->result, "opens") == 0;
	char name[NAME_TEXT], content[NAME_TEXT];
	int rc;

	(void)snprintf(name, sizeof name, "compartment/%s.document", row->id);
	(void)snprintf(content, sizeof content, "compartment/%s.content", row->id);
	rc = shelf_file(m->shelf, name, document);
	if (rc == 0 && opens)
		rc = shelf_file(m->shelf, content, plain);
	return rc != 0 ? rc
		       : shelf_add(m->shelf, &(struct shelf_vector){row->id, "compartment",
						 row->requirement, row->words, m->now_ms,
						 json_pack("{s:s, s:s*}", "document", name,
						     "content", opens ? content : NULL),
						 json_pack("{s:s}", "key", row->key),
						 json_pack("{s:s}", "result", row->result)});
}

/* All of one Document, so that each differs from the sound one by its change. */
int put_compartments(const struct making *m)
{
	const struct state *recipient = vector_world_parties(m->world, true)->own;
	struct rxp_buf plain;
	struct draft d;
	int rc;

	making_begin("compartment");
	rxp_buf_init(&plain, MAX_OCTETS);
	rc = draft_begin(&d, vector_world_parties(m->world, false), BASE_CLOSED, m->now_ms);
	if (rc != 0)
		return rc;
	rc = draft_make(&d, NULL);
	if (rc == 0)
		rc = open_in(&plain, &d.document, recipient->offices[RXP_COMPARTMENT_HEALTH]);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == 0; i++) {
		struct rxp_buf document;

		rxp_buf_init(&document, MAX_OCTETS);
		rc = rxp_buf_put(&document, d.document.data, d.document.len);
		if (rc == 0)
			rc = rxp_buf_putc(&document, '\0'); /* so that the text has an end */
		if (rc == 0)
			rc = rows[i].change(&document);
		if (rc == 0) {
			document.len--;
			rc = put(m, &rows[i], &document, &plain);
		}
		rxp_buf_free(&document);
	}
	rxp_buf_free(&plain);
	draft_clear(&d);
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

json_t *weigh_compartment(const struct reading *r)
{
	struct rxp_buf document, plain, content;
	struct rxp_agreement_key *key = NULL;
	const char *result = NULL;
	int rc = reading_key(&key, r, reading_word(r, "key"));

	rxp_buf_init(&document, MAX_OCTETS);
	rxp_buf_init(&plain, MAX_OCTETS);
	rxp_buf_init(&content, MAX_OCTETS);
	if (rc == 0)
		rc = reading_file(&document, r, "document");
	if (rc == 0 && open_in(&plain, &document, key) != 0)
		result = "closed";
	else if (rc == 0)
		result = reading_file(&content, r, "content") == 0 && content.len == plain.len &&
				 memcmp(content.data, plain.data, plain.len) == 0
			     ? "opens"
			     : "other content";
	rxp_agreement_key_free(key);
	rxp_buf_free(&document);
	rxp_buf_free(&plain);
	rxp_buf_free(&content);
	return result == NULL ? NULL : json_pack("{s:s}", "result", result);
}
