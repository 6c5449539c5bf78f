#include "protocol/facts.h"

#include <string.h>

#include "protocol/err.h"
#include "protocol/xml.h"

#define NS_BODY "urn:rxp:1:body"

unsigned rxp_facts_key(const struct _xmlNode *person)
{
	const char *key = rxp_xml_attribute(person, "key");
	unsigned number = 0;

	if (key == NULL || key[0] != 'P' || key[1] == '0')
		return 0;
	for (const char *c = key + 1; *c != '\0'; c++) {
		if (*c < '0' || *c > '9')
			return 0;
		number = number * 10 + (unsigned)(*c - '0');
		if (number > RXP_MAX_PERSONS)
			return 0;
	}
	return number;
}

/* What a Person element of this type says: the row of case.def with this mark. */
static int event_of(uint8_t *out, enum rxp_type type, const struct _xmlNode *person)
{
	const struct _xmlNode *first = rxp_xml_first(person);

	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row = rxp_case_event_row(event);

		if (row->type == type &&
		    (row->mark[0] == '\0' ||
			(first != NULL && rxp_xml_is(first, NS_BODY, row->mark)))) {
			*out = (uint8_t)event;
			return 0;
		}
	}
	return RXP_ERR_SCHEMA;
}

/* Persons in the order of the content, each once. */
static int read_persons(struct rxp_case_document *facts, const struct _xmlNode *child)
{
	uint32_t named = 0;

	for (; child != NULL; child = rxp_xml_next(child)) {
		unsigned key;
		uint8_t event = 0;

		if (!rxp_xml_is(child, NS_BODY, "Person"))
			continue;
		key = rxp_facts_key(child);
		if (key == 0 || (named & UINT32_C(1) << (key - 1)) != 0 ||
		    event_of(&event, facts->type, child) != 0)
			return RXP_ERR_SCHEMA;
		named |= UINT32_C(1) << (key - 1);
		facts->persons[facts->n_persons].key = (uint8_t)key;
		facts->persons[facts->n_persons++].event = event;
	}
	return facts->n_persons > 0 ? 0 : RXP_ERR_SCHEMA;
}

int rxp_facts_content(
    struct rxp_case_document *out, enum rxp_type type, const struct _xmlNode *content)
{
	struct rxp_case_document facts = {.type = type};
	enum rxp_case_side sender;
	struct rxp_walk w;
	int rc;

	if (rxp_case_sender(&sender, type) != 0)
		return RXP_ERR_UNSUPPORTED;
	if (!rxp_xml_is(content, NS_BODY, rxp_type_row(type)->wire))
		return RXP_ERR_SCHEMA;
	rxp_walk_init(&w, content, NS_BODY);
	facts.has_about = rxp_walk_at(&w, "Application");
	if (facts.has_about &&
	    rxp_walk_octets(&w, "Application", facts.about, sizeof facts.about) != 0)
		return RXP_ERR_SCHEMA;
	rc = read_persons(&facts, w.next);
	if (rc == 0)
		*out = facts;
	return rc;
}

int rxp_facts_read(struct rxp_case_document *out, const struct rxp_document *d)
{
	const struct rxp_header *h = &d->header;
	struct rxp_case_document facts;
	enum rxp_type type;
	int rc;

	if (rxp_type_parse(&type, h->type) != 0 || !h->in_case)
		return RXP_ERR_UNSUPPORTED;
	rc = rxp_facts_content(&facts, type, d->content);
	if (rc != 0)
		return rc;
	memcpy(facts.from, h->outer.from, sizeof facts.from);
	facts.position = h->position;
	facts.has_previous = h->has_previous;
	facts.has_seen = h->has_seen;
	memcpy(facts.previous, h->previous, sizeof facts.previous);
	memcpy(facts.seen, h->seen, sizeof facts.seen);
	memcpy(facts.fingerprint, d->seal.fingerprint, sizeof facts.fingerprint);
	*out = facts;
	return 0;
}
