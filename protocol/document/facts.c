#include "protocol/document/facts.h"

#include <string.h>

#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/case/case_clock.h"
#include "protocol/document/document.h"
#include "protocol/xml/xml.h"

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

/* Has the content a child of this name? */
static bool has_child(const struct _xmlNode *content, const char *name)
{
	for (const struct _xmlNode *c = rxp_xml_first(content); c != NULL; c = rxp_xml_next(c))
		if (rxp_xml_is(c, NS_BODY, name))
			return true;
	return false;
}

/* Does what is said at this element bear the mark: first below a Person, anywhere below content? */
static bool bears(const struct _xmlNode *element, const char *mark, bool is_person)
{
	const struct _xmlNode *first = rxp_xml_first(element);

	if (mark[0] == '\0')
		return true;
	return is_person ? first != NULL && rxp_xml_is(first, NS_BODY, mark)
			 : has_child(element, mark);
}

/* What an element of this type says: the first row of case.def that fits. */
static int event_of(
    uint8_t *out, enum rxp_type type, const struct _xmlNode *element, bool is_person)
{
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row = rxp_case_event_row(event);

		if (row->type == type && bears(element, row->mark, is_person)) {
			*out = (uint8_t)event;
			return 0;
		}
	}
	return RXP_ERR_SCHEMA;
}

/* The traits that an element and those below it give (CASE_MARK). */
static rxp_traits traits_of(enum rxp_type type, const struct _xmlNode *element)
{
	const struct rxp_case_mark *mark;
	rxp_traits traits = 0;

	for (size_t i = 0; (mark = rxp_case_mark(i)) != NULL; i++)
		for (const struct _xmlNode *e = element; mark->type == type && e != NULL;
		     e = rxp_xml_below(element, e))
			if (rxp_xml_is(e, NS_BODY, mark->element) &&
			    (mark->value[0] == '\0' || strcmp(rxp_xml_leaf(e), mark->value) == 0))
				traits |= (rxp_traits)1 << mark->trait;
	return traits;
}

/* The element itself, or the first of this name below it. */
static const struct _xmlNode *find(const struct _xmlNode *element, const char *name)
{
	const struct _xmlNode *e = element;

	while (e != NULL && !rxp_xml_is(e, NS_BODY, name))
		e = rxp_xml_below(element, e);
	return e;
}

/* The day that it states (CASE_DAY). */
static int32_t day_of(enum rxp_type type, const struct _xmlNode *element)
{
	const char *name = rxp_case_day(type);
	const struct _xmlNode *date = name != NULL ? find(element, name) : NULL;
	int32_t day = 0;

	return date != NULL && rxp_day_parse(&day, rxp_xml_leaf(date)) == 0 ? day : 0;
}

/* The instant that it states (CASE_INSTANT). */
static int64_t instant_of(enum rxp_type type, const struct _xmlNode *element)
{
	const char *name = rxp_case_instant(type);
	const struct _xmlNode *stop = name != NULL ? find(element, name) : NULL;
	const struct _xmlNode *local = stop != NULL ? find(stop, "Local") : NULL;
	const struct _xmlNode *offset = stop != NULL ? find(stop, "Offset") : NULL;
	int64_t ms = 0;

	return local != NULL && offset != NULL &&
		       rxp_time_local(&ms, rxp_xml_leaf(local), rxp_xml_leaf(offset)) == 0
		   ? ms
		   : 0;
}

/* What stands outside every Person is said of each. */
static void read_common(struct rxp_case_document *facts, const struct _xmlNode *content)
{
	for (const struct _xmlNode *c = rxp_xml_first(content); c != NULL; c = rxp_xml_next(c)) {
		rxp_traits gives = traits_of(facts->type, c);
		int64_t at_ms = instant_of(facts->type, c);

		for (unsigned i = 0; i < facts->n_persons && !rxp_xml_is(c, NS_BODY, "Person");
		     i++) {
			facts->persons[i].gives |= gives;
			if (facts->persons[i].at_ms == 0)
				facts->persons[i].at_ms = at_ms;
		}
	}
}

/* Has the content this child, with the attribute's value if one is asked for? */
static bool has_mark(const struct _xmlNode *content, const struct rxp_case_mark_all *mark)
{
	for (const struct _xmlNode *c = rxp_xml_first(content); c != NULL; c = rxp_xml_next(c)) {
		const char *value;

		if (!rxp_xml_is(c, NS_BODY, mark->element))
			continue;
		if (mark->attribute[0] == '\0')
			return true;
		value = rxp_xml_attribute(c, mark->attribute);
		if (value != NULL && strcmp(value, mark->value) == 0)
			return true;
	}
	return false;
}

/* The traits that the content gives to everybody whom it names (CASE_MARK_ALL). */
static rxp_traits traits_of_all(enum rxp_type type, const struct _xmlNode *content)
{
	const struct rxp_case_mark_all *mark;
	rxp_traits traits = 0;

	for (size_t i = 0; (mark = rxp_case_mark_all(i)) != NULL; i++)
		if (mark->type == type && has_mark(content, mark))
			traits |= (rxp_traits)1 << mark->trait;
	return traits;
}

/* Persons in the order of the content, each once. */
static int read_persons(struct rxp_case_document *facts, const struct _xmlNode *content)
{
	const rxp_traits of_all = traits_of_all(facts->type, content);
	const struct _xmlNode *child = rxp_xml_first(content);
	uint32_t named = 0;

	for (; child != NULL; child = rxp_xml_next(child)) {
		unsigned key;
		uint8_t event = 0;

		if (!rxp_xml_is(child, NS_BODY, "Person"))
			continue;
		key = rxp_facts_key(child);
		if (key == 0 || (named & UINT32_C(1) << (key - 1)) != 0 ||
		    event_of(&event, facts->type, child, true) != 0)
			return RXP_ERR_SCHEMA;
		named |= UINT32_C(1) << (key - 1);
		facts->persons[facts->n_persons].key = (uint8_t)key;
		facts->persons[facts->n_persons].gives = traits_of(facts->type, child) | of_all;
		facts->persons[facts->n_persons].stated_day = day_of(facts->type, child);
		facts->persons[facts->n_persons].at_ms = instant_of(facts->type, child);
		facts->persons[facts->n_persons++].event = event;
	}
	return facts->n_persons > 0 ? 0 : RXP_ERR_SCHEMA;
}

/* Of whom a document of the whole case says something besides (RXP-CAS-013). */
static int read_besides(struct rxp_case_document *facts, const struct _xmlNode *content)
{
	const struct _xmlNode *e = content;

	while ((e = rxp_xml_below(content, e)) != NULL) {
		unsigned key = rxp_facts_key(e);
		unsigned i = 0;

		if (!rxp_xml_is(e, NS_BODY, "Person"))
			continue;
		if (key == 0)
			return RXP_ERR_SCHEMA;
		while (i < facts->n_persons && facts->persons[i].key != key)
			i++;
		if (i == facts->n_persons)
			facts->n_persons++;
		facts->persons[i].key = (uint8_t)key;
		facts->persons[i].event = facts->event;
		facts->persons[i].gives |= traits_of(facts->type, e);
	}
	return 0;
}

int rxp_facts_content(
    struct rxp_case_document *out, enum rxp_type type, const struct _xmlNode *content)
{
	struct rxp_case_document facts = {.type = type};
	const struct rxp_case_answers *answers = rxp_case_answers(type);
	struct rxp_walk w;
	int rc;

	if (!rxp_case_type(type)->in_case)
		return RXP_ERR_UNSUPPORTED;
	if (!rxp_xml_is(content, NS_BODY, rxp_type_row(type)->wire))
		return RXP_ERR_SCHEMA;
	rxp_walk_init(&w, content, NS_BODY);
	facts.has_about = answers != NULL;
	if (facts.has_about &&
	    rxp_walk_octets(&w, answers->element, facts.about, sizeof facts.about) != 0)
		return RXP_ERR_SCHEMA;
	if (rxp_case_type(type)->names_persons) {
		rc = read_persons(&facts, content);
		read_common(&facts, content);
	} else {
		rc = event_of(&facts.event, type, content, false);
		if (rc == 0)
			rc = read_besides(&facts, content);
		facts.stated_day = day_of(type, content);
	}
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
