#include "protocol/document/rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/case/case_table.h"
#include "protocol/document/facts.h"
#include "protocol/document/mrz.h"
#include "protocol/xml/place.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define DATE_FORM "0000-00-00" /* of what begins with a date, a 0 for each digit */
#define DATE_LENGTH (sizeof DATE_FORM - 1)

enum rule {
#define RULE(name, requirement, text) RULE_##name,
#include "protocol/document/rule.def"
#undef RULE
};

static const char *const texts[] = {
#define RULE(name, requirement, text) [RULE_##name] = (text),
#include "protocol/document/rule.def"
#undef RULE
};

/* One check of one content. */
struct run {
	const xmlNode *content;
	const xmlNode *manifest; /* NULL if there is none */
	rxp_schema_report *report;
	void *arg;
	unsigned faults;
	bool opens; /* a case (RXP-CAS-003) */
	unsigned last_key; /* of the Person before */
	unsigned last_item; /* number of the Item before */
	bool has_roles;
	unsigned principals;
	unsigned evidence;
	bool needs_evidence;
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

static bool date_exists(const char *date)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year = two_digits(date) * 100 + two_digits(date + 2);
	unsigned month = two_digits(date + 5);
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month >= 1 && month <= 12 &&
	       two_digits(date + 8) <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* A full date, alone or at the beginning of a time; one of known year or month alone has no day. */
static bool has_day(const char *text)
{
	for (const char *form = DATE_FORM; *form != '\0'; form++, text++)
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return true;
}

static void check_date(struct run *r, const xmlNode *element)
{
	const char *date = rxp_xml_leaf(element);

	if (has_day(date) && !date_exists(date))
		fault(r, r->content, element, RULE_DATE);
}

/* --- periods ------------------------------------------------------------------------------- */

static const xmlNode *child_of(const xmlNode *element, const char *name)
{
	return rxp_xml_child(element, NS_BODY, name);
}

/* Is an element's date before another's? Dates and times of one form are in the order of their texts; one
 * that is missing or has no day is before none. */
static bool is_before(const xmlNode *element, const xmlNode *other)
{
	const char *date = rxp_xml_leaf(element);
	const char *limit = rxp_xml_leaf(other);

	return has_day(date) && has_day(limit) && strcmp(date, limit) < 0;
}

static void check_until(struct run *r, const xmlNode *element)
{
	if (is_before(element, child_of(element->parent, "From")))
		fault(r, r->content, element, RULE_PERIOD);
}

/* When a Stop is, UTC; false if there is none, or its Local is no time that exists. */
static bool stop_ms(int64_t *out, const xmlNode *stop)
{
	const xmlNode *at = child_of(stop, "At");

	return rxp_time_local(out, rxp_xml_leaf(child_of(at, "Local")),
		   rxp_xml_leaf(child_of(at, "Offset"))) == 0;
}

static void check_exit(struct run *r, const xmlNode *element)
{
	int64_t entry_ms;
	int64_t exit_ms;

	if (stop_ms(&entry_ms, child_of(element->parent, "Entry")) && stop_ms(&exit_ms, element) &&
	    exit_ms < entry_ms)
		fault(r, r->content, element, RULE_EXIT);
}

/* --- lists --------------------------------------------------------------------------------- */

/* A code or an id that a list names again. */
static void check_once(struct run *r, const xmlNode *element)
{
	const xmlNode *before = rxp_xml_first(element->parent);

	for (; before != element; before = rxp_xml_next(before)) {
		if (rxp_xml_is(before, NS_BODY, rxp_xml_name(element)) &&
		    strcmp(rxp_xml_leaf(before), rxp_xml_leaf(element)) == 0) {
			fault(r, r->content, element, RULE_TWICE);
			return;
		}
	}
}

static void check_counter(struct run *r, const xmlNode *element)
{
	const char *code = rxp_xml_attribute(element, "code");
	const xmlNode *before = rxp_xml_first(element->parent);

	for (; code != NULL && before != element; before = rxp_xml_next(before)) {
		const char *other = rxp_xml_attribute(before, "code");

		if (other != NULL && strcmp(other, code) == 0) {
			fault(r, r->content, element, RULE_TWICE);
			return;
		}
	}
}

static void check_item(struct run *r, const xmlNode *element)
{
	const char *number = rxp_xml_attribute(element, "number");

	r->last_item++;
	if (number != NULL && attachment_number(number) != r->last_item)
		fault(r, r->content, element, RULE_ITEMS);
}

/* --- octets and names ---------------------------------------------------------------------- */

static void check_field(struct run *r, const xmlNode *element)
{
	const char *name = rxp_xml_leaf(element);

	while (*name != '\0') {
		size_t len = strcspn(name, "[/");

		if (!rxp_place_declared(name, len)) {
			fault(r, r->content, element, RULE_FIELD);
			return;
		}
		name += strcspn(name, "/");
		name += *name == '/';
	}
}

static void check_base64(struct run *r, const xmlNode *element)
{
	const char *text = rxp_xml_leaf(element);
	struct rxp_buf octets;

	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	if (rxp_base64_get(&octets, text, strlen(text)) != 0)
		fault(r, r->content, element, RULE_BASE64);
	rxp_buf_free(&octets);
}

static void check_piece(struct run *r, const xmlNode *element)
{
	const char *piece = rxp_xml_attribute(element, "piece");
	const char *pieces = rxp_xml_attribute(element, "pieces");

	if (piece != NULL && pieces != NULL && strcmp(piece, pieces) > 0)
		fault(r, r->content, element, RULE_PIECE);
}

/* --- what persons of an application and evidence must be ----------------------------------- */

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

/* A Person of the content itself, of any type (RXP-SUP-005, RXP-WDR-002). One without a key stands where the next
 * would. */
static void check_key(struct run *r, const xmlNode *element)
{
	unsigned key = rxp_facts_key(element);

	if (element->parent != r->content)
		return;
	if (key == 0)
		key = r->last_key + 1;
	if (r->opens && key != r->last_key + 1)
		fault(r, r->content, element, RULE_KEYS_CONSECUTIVE);
	else if (key <= r->last_key)
		fault(r, r->content, element, RULE_KEYS_RISING);
	r->last_key = key;
}

static void check_role(struct run *r, const xmlNode *element)
{
	r->has_roles = true;
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
	r->needs_evidence = strcmp(rxp_xml_leaf(element), "false") == 0;
}

static void check_said(struct run *r, const xmlNode *element)
{
	if (rxp_xml_first(element) == NULL)
		fault(r, r->content, element, RULE_NOTHING_SAID);
}

static void check_fallback(struct run *r, const xmlNode *element)
{
	bool is_reply = strcmp(rxp_xml_leaf(element), "reply") == 0;

	if (is_reply != (child_of(element->parent, "TravelDocument") == NULL))
		fault(r, r->content, element, RULE_FALLBACK);
}

static void check_expiry(struct run *r, const xmlNode *element)
{
	if (is_before(element, child_of(element->parent, "IssuedOn")))
		fault(r, r->content, element, RULE_DOCUMENT_DATES);
}

/* A Person of a notice in advance, which replaces the application: the document must be good. */
static void check_valid(struct run *r, const xmlNode *element)
{
	const xmlNode *arrival = child_of(child_of(r->content, "Transfer"), "Arrival");
	const xmlNode *local = child_of(child_of(arrival, "At"), "Local");
	const xmlNode *expires = child_of(child_of(element, "TravelDocument"), "ExpiresOn");

	if (has_day(rxp_xml_leaf(local)) && has_day(rxp_xml_leaf(expires)) &&
	    strncmp(rxp_xml_leaf(local), rxp_xml_leaf(expires), DATE_LENGTH) > 0)
		fault(r, r->content, expires, RULE_DOCUMENT_VALID);
}

static void check_point(struct run *r, const xmlNode *element)
{
	static const struct {
		const char *scheme;
		size_t length, letters; /* of these, so many letters first */
	} forms[] = {{"iata", 3, 3}, {"icao", 4, 4}, {"locode", 5, 2}};
	const char *scheme = rxp_xml_attribute(element, "scheme");
	const char *code = rxp_xml_attribute(element, "code");

	if (scheme == NULL || code == NULL)
		return;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(forms[i].scheme, scheme) == 0 &&
		    (strlen(code) != forms[i].length ||
			strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < forms[i].letters))
			fault(r, r->content, element, RULE_POINT);
}

static void check_departure(struct run *r, const xmlNode *element)
{
	int64_t departure_ms;
	int64_t arrival_ms;

	if (stop_ms(&departure_ms, element) &&
	    stop_ms(&arrival_ms, child_of(element->parent, "Arrival")) &&
	    departure_ms >= arrival_ms)
		fault(r, r->content, element, RULE_TRAVEL_TIMES);
}

/* parent is NULL where the name alone says what it is. */
static const struct {
	const char *parent, *name;
	void (*check)(struct run *r, const xmlNode *element);
} checks[] = {
#define CHECK(parent, name, check) {(parent), (name), check_##check},
#include "protocol/document/check.def"
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

static void check_whole(struct run *r)
{
	if (r->has_roles && r->principals == 0)
		fault(r, r->content, r->content, RULE_PRINCIPAL);
	if (r->needs_evidence && r->evidence == 0)
		fault(r, r->content, r->content, RULE_EVIDENCE);
}

static void check_manifest(struct run *r)
{
	const xmlNode *a = r->manifest == NULL ? NULL : rxp_xml_first(r->manifest);
	unsigned last = 0;

	for (; a != NULL; a = rxp_xml_next(a)) {
		const char *text = rxp_xml_attribute(a, "number");
		unsigned number = text == NULL ? last + 1 : attachment_number(text);

		if (number != last + 1)
			fault(r, r->manifest, a, RULE_NUMBERS);
		else if (text != NULL && !r->named[number - 1])
			fault(r, r->manifest, a, RULE_UNUSED);
		last = number;
	}
}

static bool opens_case(const xmlNode *content)
{
	enum rxp_type type;

	return rxp_type_parse(&type, rxp_xml_name(content)) == 0 && rxp_case_type(type)->opens;
}

int rxp_rules_check(const struct _xmlNode *content, const struct _xmlNode *attachments,
    rxp_schema_report *report, void *arg)
{
	struct run r = {.content = content, .manifest = attachments, .report = report, .arg = arg};

	r.opens = opens_case(content);
	check_tree(&r);
	check_whole(&r);
	check_manifest(&r);
	return r.faults > 0 ? RXP_ERR_SCHEMA : 0;
}
