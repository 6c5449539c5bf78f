#include "protocol/case/correction.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/err.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define MANIFEST "Attachments"
#define FILE_NAME "Attachment"

static const char *const asked_elements[RXP_ASKED_COUNT] = {
#define ASKED(name, element, word) [RXP_ASKED_##name] = (element),
#include "protocol/case/correction_asked.def"
#undef ASKED
};

static const char *const answered_elements[RXP_ANSWERED_COUNT] = {
#define ANSWERED(name, element, word) [RXP_ANSWERED_##name] = (element),
#include "protocol/case/correction_answered.def"
#undef ANSWERED
};

/* --- reading --------------------------------------------------------------------------------------- */

/* Which of the elements an Item holds; n if it is none. */
static unsigned row_of(const char *const *elements, unsigned n, const struct _xmlNode *said)
{
	unsigned i = 0;

	while (i < n && (said == NULL || !rxp_xml_is(said, NS_BODY, elements[i])))
		i++;
	return i;
}

/* The next Item among the children; NULL behind the last. */
static const struct _xmlNode *next_item(const struct _xmlNode *child)
{
	while (child != NULL && !rxp_xml_is(child, NS_BODY, "Item"))
		child = rxp_xml_next(child);
	return child;
}

static int read_item(struct rxp_correction_item *out, const struct _xmlNode *item)
{
	const struct _xmlNode *said = rxp_xml_first(item);
	unsigned row = row_of(asked_elements, RXP_ASKED_COUNT, said);
	const struct _xmlNode *field = rxp_xml_child(said, NS_BODY, "Field");

	if (row == RXP_ASKED_COUNT)
		return RXP_ERR_SCHEMA;
	*out = (struct rxp_correction_item){.asked = (enum rxp_asked)row,
	    .field = field != NULL ? rxp_xml_leaf(field) : NULL,
	    .value = rxp_xml_leaf(rxp_xml_child(said, NS_BODY, "Value"))};
	return row == RXP_ASKED_RECTIFY && field == NULL ? RXP_ERR_SCHEMA : 0;
}

int rxp_correction_read(struct rxp_correction_item items[RXP_MAX_CORRECTION_ITEMS], size_t *n,
    const struct _xmlNode *content)
{
	const struct _xmlNode *item = next_item(rxp_xml_first(content));
	size_t count = 0;

	for (; item != NULL; item = next_item(rxp_xml_next(item)))
		if (count == RXP_MAX_CORRECTION_ITEMS || read_item(&items[count++], item) != 0)
			return RXP_ERR_SCHEMA;
	if (count == 0)
		return RXP_ERR_SCHEMA;
	*n = count;
	return 0;
}

int rxp_correction_reply_read(
    enum rxp_answered items[RXP_MAX_CORRECTION_ITEMS], size_t *n, const struct _xmlNode *content)
{
	const struct _xmlNode *item = next_item(rxp_xml_first(content));
	size_t count = 0;

	for (; item != NULL; item = next_item(rxp_xml_next(item))) {
		unsigned row = row_of(answered_elements, RXP_ANSWERED_COUNT, rxp_xml_first(item));

		if (count == RXP_MAX_CORRECTION_ITEMS || row == RXP_ANSWERED_COUNT)
			return RXP_ERR_SCHEMA;
		items[count++] = (enum rxp_answered)row;
	}
	if (count == 0)
		return RXP_ERR_SCHEMA;
	*n = count;
	return 0;
}

/* --- paths (RXP-COR-005) --------------------------------------------------------------------------- */

/* A step of a path, and what is behind it: the name, and the number in brackets or 1. */
struct step {
	const char *name, *rest;
	size_t len;
	unsigned number;
};

static struct step step_of(const char *path)
{
	struct step s = {.name = path, .len = strcspn(path, "[/"), .number = 1};

	s.rest = path + strcspn(path, "/");
	s.rest += *s.rest == '/';
	if (path[s.len] == '[')
		s.number = (unsigned)strtoul(path + s.len + 1, NULL, 10);
	return s;
}

static bool is_named(const struct step *s, const char *name)
{
	return strlen(name) == s->len && strncmp(s->name, name, s->len) == 0;
}

unsigned rxp_correction_file(const char *field)
{
	struct step s = step_of(field);

	if (!is_named(&s, MANIFEST))
		return 0;
	if (*s.rest == '\0')
		return RXP_CORRECTION_EVERY_FILE;
	s = step_of(s.rest);
	return is_named(&s, FILE_NAME) && s.number <= RXP_MAX_ATTACHMENTS
		   ? s.number
		   : RXP_CORRECTION_EVERY_FILE;
}

/* The element at the end of the path; NULL if there is none. */
static struct _xmlNode *find(struct _xmlNode *content, const char *path)
{
	struct _xmlNode *at = content;

	while (at != NULL && *path != '\0') {
		struct step s = step_of(path);
		unsigned number = 0;

		for (at = rxp_xml_first(at); at != NULL; at = rxp_xml_next(at))
			if (is_named(&s, rxp_xml_name(at)) && ++number == s.number)
				break;
		path = s.rest;
	}
	return at != content ? at : NULL;
}

/* --- showing --------------------------------------------------------------------------------------- */

/* Does the element lie within a person who is hidden? */
static bool is_hidden(
    const struct _xmlNode *content, const struct _xmlNode *element, uint32_t hidden)
{
	while (element->parent != content)
		element = element->parent;
	return rxp_xml_is_person(element, hidden);
}

/* Can the field be found, and is it of the kind that can be changed so? */
static struct _xmlNode *target(struct _xmlNode *content, const struct rxp_corrected *c)
{
	struct _xmlNode *element = find(content, c->field);

	if (element != NULL && c->done == RXP_ASKED_RECTIFY && rxp_xml_first(element) != NULL)
		return NULL;
	return element;
}

static int put_text(struct _xmlNode *leaf, const char *value)
{
	xmlNode *text = xmlNewDocText(leaf->doc, (const xmlChar *)value);

	if (text == NULL)
		return RXP_ERR_NOMEM;
	xmlFreeNodeList(leaf->children);
	leaf->children = leaf->last = NULL;
	xmlAddChild(leaf, text);
	return 0;
}

/* Tell of it, and put the value if it is one. */
static int show_one(struct _xmlNode *content, const struct rxp_corrected *corrected, size_t i,
    struct _xmlNode *element, uint32_t hidden, rxp_corrected_fn *told, void *arg)
{
	const struct rxp_corrected *c = &corrected[i];
	bool rectifies = c->done == RXP_ASKED_RECTIFY;

	/* Whom a field that is not there would be of, nobody knows. */
	if (element == NULL ? hidden == 0 : !is_hidden(content, element, hidden))
		told(arg, i, element == NULL ? NULL : rectifies ? rxp_xml_leaf(element) : "");
	return element != NULL && rectifies ? put_text(element, c->value) : 0;
}

/* Each once, and none before all are out of the tree: one may lie within another. */
static void take_out(const struct rxp_corrected *corrected, struct _xmlNode **found, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i && found[i] != NULL; k++)
			if (found[k] == found[i])
				found[i] = NULL;
		if (corrected[i].done == RXP_ASKED_RECTIFY)
			found[i] = NULL;
		if (found[i] != NULL)
			xmlUnlinkNode(found[i]);
	}
	for (size_t i = 0; i < n; i++)
		xmlFreeNode(found[i]);
}

int rxp_correction_show(struct _xmlNode *content, const struct rxp_corrected *corrected, size_t n,
    uint32_t hidden, rxp_corrected_fn *told, void *arg)
{
	struct _xmlNode *found[RXP_MAX_CORRECTED];
	int rc = 0;

	if (n > RXP_MAX_CORRECTED)
		return RXP_ERR_BOUND;
	for (size_t i = 0; i < n; i++)
		found[i] = target(content, &corrected[i]);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = show_one(content, corrected, i, found[i], hidden, told, arg);
	if (rc == 0)
		take_out(corrected, found, n);
	return rc;
}
