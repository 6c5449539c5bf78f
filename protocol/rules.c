#include "protocol/rules.h"

#include <stdbool.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/case_table.h"
#include "protocol/err.h"
#include "protocol/facts.h"
#include "protocol/limits.h"
#include "protocol/mrz.h"
#include "protocol/place.h"
#include "protocol/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define DATE_LENGTH 10 /* YYYY-MM-DD; a shorter one has no day */

enum rule {
#define RULE(name, requirement, text) RULE_##name,
#include "protocol/rule.def"
#undef RULE
};

static const char *const texts[] = {
#define RULE(name, requirement, text) [RULE_##name] = (text),
#include "protocol/rule.def"
#undef RULE
};

/* One check of one content. */
struct run {
	const xmlNode *content;
	const xmlNode *manifest; /* NULL if there is none */
	rxp_schema_report *report;
	void *arg;
	unsigned faults;
	bool opens; /* it is of a type that opens a case */
	bool application;
	unsigned last_key; /* of the Person before */
	unsigned principals;
	unsigned evidence;
	bool interview;
	bool named[RXP_MAX_ATTACHMENTS]; /* by number - 1 */
};

static void fault(struct run *r, const xmlNode *root, const xmlNode *element, enum rule rule)
{
	char place[RXP_PLACE_TEXT];

	if (r->faults++ >= RXP_MAX_REPORTS || r->report == NULL)
		return;
	rxp_place_write(place, root, element);
	r->report(r->arg, rxp_xml_line(element), place, texts[rule]);
}

/* A number from 1 to RXP_MAX_ATTACHMENTS; 0 for anything else. */
static unsigned attachment_number(const char *text)
{
	unsigned number = 0;

	for (; *text >= '0' && *text <= '9' && number <= RXP_MAX_ATTACHMENTS; text++)
		number = number * 10 + (unsigned)(*text - '0');
	return *text == '\0' && number <= RXP_MAX_ATTACHMENTS ? number : 0;
}

/* --- checks of one element, named by the table below --------------------------------------- */

static unsigned two_digits(const char *text)
{
	return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
}

static void check_date(struct run *r, const xmlNode *element)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const char *date = rxp_xml_leaf(element);
	unsigned year;
	unsigned month;
	bool leap;

	if (strlen(date) != DATE_LENGTH)
		return;
	year = two_digits(date) * 100 + two_digits(date + 2);
	month = two_digits(date + 5);
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (month < 1 || month > 12 ||
	    two_digits(date + 8) > days[month - 1] + (month == 2 && leap ? 1 : 0))
		fault(r, r->content, element, RULE_DATE);
}

/* Called for every line; acts at the first. */
static void check_mrz(struct run *r, const xmlNode *element)
{
	const char *lines[RXP_MRZ_MAX_LINES];
	const xmlNode *line = rxp_xml_first(element->parent);
	size_t n = 0;

	for (; line != NULL; line = rxp_xml_next(line)) {
		if (!rxp_xml_is(line, NS_BODY, "MrzLine"))
			continue;
		if (n == 0 && line != element)
			return;
		if (n < RXP_MRZ_MAX_LINES)
			lines[n++] = rxp_xml_leaf(line);
	}
	if (rxp_mrz_check(lines, n) != 0)
		fault(r, r->content, element, RULE_MRZ);
}

static const xmlNode *find_attachment(const struct run *r, unsigned number)
{
	const xmlNode *a = r->manifest == NULL ? NULL : rxp_xml_first(r->manifest);

	for (; a != NULL; a = rxp_xml_next(a)) {
		const char *text = rxp_xml_attribute(a, "number");

		if (text != NULL && attachment_number(text) == number)
			return a;
	}
	return NULL;
}

static void check_attachment(struct run *r, const xmlNode *element)
{
	unsigned number = attachment_number(rxp_xml_leaf(element));
	const xmlNode *attachment = number == 0 ? NULL : find_attachment(r, number);
	const xmlNode *type;

	if (attachment == NULL) {
		fault(r, r->content, element, RULE_ATTACHMENT);
		return;
	}
	r->named[number - 1] = true;
	type = rxp_xml_first(attachment);
	if (rxp_xml_is(element->parent, NS_BODY, "Photograph") &&
	    (type == NULL || strcmp(rxp_xml_leaf(type), "photograph") != 0))
		fault(r, r->content, element, RULE_PHOTOGRAPH);
}

/* A Person of the content itself, of any type. */
static void check_key(struct run *r, const xmlNode *element)
{
	unsigned key = rxp_facts_key(element);

	if (element->parent != r->content)
		return;
	if (r->opens && key != r->last_key + 1)
		fault(r, r->content, element, RULE_KEYS_CONSECUTIVE);
	else if (key <= r->last_key)
		fault(r, r->content, element, RULE_KEYS_RISING);
	r->last_key = key;
}

static void check_role(struct run *r, const xmlNode *element)
{
	if (strcmp(rxp_xml_leaf(element), "principal") == 0 && ++r->principals > 1)
		fault(r, r->content, element, RULE_PRINCIPAL);
}

static void check_evidence(struct run *r, const xmlNode *element)
{
	(void)element;
	r->evidence++;
}

static void check_interview(struct run *r, const xmlNode *element)
{
	r->interview = strcmp(rxp_xml_leaf(element), "true") == 0;
}

/* parent is NULL where the name alone says what it is. */
static const struct {
	const char *parent, *name;
	void (*check)(struct run *r, const xmlNode *element);
} checks[] = {
#define CHECK(parent, name, check) {(parent), (name), check_##check},
#include "protocol/check.def"
#undef CHECK
};

static void check_element(struct run *r, const xmlNode *element)
{
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (rxp_xml_is(element, NS_BODY, checks[i].name) &&
		    (checks[i].parent == NULL ||
			rxp_xml_is(element->parent, NS_BODY, checks[i].parent)))
			checks[i].check(r, element);
}

static void check_tree(struct run *r)
{
	const xmlNode *element = r->content;

	while ((element = rxp_xml_below(r->content, element)) != NULL)
		check_element(r, element);
}

/* --- what only the whole shows ------------------------------------------------------------- */

static void check_application(struct run *r)
{
	if (!r->application)
		return;
	if (r->principals == 0)
		fault(r, r->content, r->content, RULE_PRINCIPAL);
	if (r->evidence == 0 && !r->interview)
		fault(r, r->content, r->content, RULE_EVIDENCE);
}

static void check_manifest(struct run *r)
{
	const xmlNode *a = r->manifest == NULL ? NULL : rxp_xml_first(r->manifest);
	unsigned last = 0;

	for (; a != NULL; a = rxp_xml_next(a)) {
		const char *text = rxp_xml_attribute(a, "number");
		unsigned number = text == NULL ? 0 : attachment_number(text);

		if (number != last + 1)
			fault(r, r->manifest, a, RULE_NUMBERS);
		else if (!r->named[number - 1])
			fault(r, r->manifest, a, RULE_UNUSED);
		last = number;
	}
}

int rxp_rules_check(const struct _xmlNode *content, const struct _xmlNode *attachments,
    rxp_schema_report *report, void *arg)
{
	struct run r = {.content = content, .manifest = attachments, .report = report, .arg = arg};
	enum rxp_type type;

	r.opens =
	    rxp_type_parse(&type, (const char *)content->name) == 0 && rxp_case_type(type)->opens;
	r.application = rxp_xml_is(content, NS_BODY, "ReadmissionApplication");
	check_tree(&r);
	check_application(&r);
	check_manifest(&r);
	return r.faults > 0 ? RXP_ERR_SCHEMA : 0;
}
