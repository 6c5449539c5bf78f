#include "protocol/safeguard/safeguard_country.h"

#include <stdbool.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/safeguard/safeguard_text.h"
#include "protocol/xml/xml.h"

#define CODE_LENGTH 3

/* Where lines of ICAO Doc 9303 have the State that issued, in the first, and the nationality, in the second. */
#define MRZ_ISSUER_AT 2
static const struct {
	size_t length, nationality_at;
} mrz[] = {{30, 15}, {36, 10}, {44, 10}};
#define MRZ_CODE_LENGTH 2 /* of the document, at the beginning of the first */
#define MRZ_MAX_LENGTH 44

/* Codes of documents that are given to those whom a State protects: refugees, and aliens without a passport. */
static const char *const protecting[] = {"PR", "PT"};

/* Where a line of this length and number has optional data; a visa has them to its end. */
static const struct {
	size_t length;
	unsigned number;
	size_t from, end;
} optional[] = {{30, 1, 15, 30}, {30, 2, 18, 29}, {36, 2, 28, 36}, {44, 2, 28, 44}};

/* `UTO`, and `QMA` to `QZZ` (RXP-MSG-002). */
static bool is_test_code(const char *code)
{
	return strncmp(code, "UTO", CODE_LENGTH) == 0 ||
	       (code[0] == 'Q' && code[1] >= 'M' && code[1] <= 'Z' && code[2] >= 'A' &&
		   code[2] <= 'Z');
}

/* What a code is used for. */
enum meant { MEANT_COUNTRY, MEANT_NATIONALITY };

static const struct {
	const char *name;
	enum meant meant;
} countries[] = {
#define COUNTRY(name, meant_) {(name), MEANT_##meant_},
#include "protocol/safeguard/safeguard.def"
};

/* Stateless or unspecified: no State is named. */
static bool is_no_state(const char *code)
{
	return strncmp(code, "XXA", CODE_LENGTH) == 0 || strncmp(code, "XXX", CODE_LENGTH) == 0;
}

/* code has CODE_LENGTH characters at least. */
static void judge(
    struct safeguard_run *r, const struct _xmlNode *element, const char *code, enum meant meant)
{
	if (strncmp(code, "XXB", CODE_LENGTH) == 0 || strncmp(code, "XXC", CODE_LENGTH) == 0)
		safeguard_fault(r, RXP_SAFEGUARD_PROTECTED, element, NULL);
	else if (meant == MEANT_NATIONALITY && is_no_state(code))
		return;
	else if (is_test_code(code) != r->context->test_node)
		safeguard_fault(r, RXP_SAFEGUARD_NODE_KIND, element, NULL);
}

/* Is a name of so many octets that of an element that is a country, and of which meaning? */
static bool is_country(enum meant *meant, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++)
		if (strlen(countries[i].name) == len && memcmp(countries[i].name, name, len) == 0) {
			*meant = countries[i].meant;
			return true;
		}
	return false;
}

void safeguard_check_country(struct safeguard_run *r, const struct _xmlNode *element)
{
	const char *name = rxp_xml_name(element);
	enum meant meant;

	if (is_country(&meant, name, strlen(name)) && strlen(rxp_xml_leaf(element)) == CODE_LENGTH)
		judge(r, element, rxp_xml_leaf(element), meant);
}

/* Field is a path, and the last name in it may have its number in brackets (RXP-COR-005). */
void safeguard_check_rectified(struct safeguard_run *r, const struct _xmlNode *rectify)
{
	const char *path = rxp_xml_leaf(safeguard_child(rectify, "Field"));
	const struct _xmlNode *value = safeguard_child(rectify, "Value");
	const char *last = strrchr(path, '/');
	const char *name = last == NULL ? path : last + 1;
	enum meant meant;

	if (is_country(&meant, name, strcspn(name, "[")) &&
	    strlen(rxp_xml_leaf(value)) == CODE_LENGTH)
		judge(r, value, rxp_xml_leaf(value), meant);
}

static void judge_code(struct safeguard_run *r, const struct _xmlNode *line, const char *text)
{
	for (size_t i = 0; i < sizeof protecting / sizeof protecting[0]; i++)
		if (strncmp(text, protecting[i], MRZ_CODE_LENGTH) == 0)
			safeguard_fault(r, RXP_SAFEGUARD_PROTECTED, line, NULL);
}

static void judge_optional(
    struct safeguard_run *r, const struct _xmlNode *line, const char *text, unsigned number)
{
	char data[MRZ_MAX_LENGTH + 1] = "";

	for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
		if (optional[i].length != strlen(text) || optional[i].number != number)
			continue;
		memcpy(data, text + optional[i].from, optional[i].end - optional[i].from);
		safeguard_check_hint(r, line, data);
	}
}

/* Lines have the form of RXP-APP-014. */
void safeguard_check_mrz(struct safeguard_run *r, const struct _xmlNode *line)
{
	const struct _xmlNode *before = rxp_xml_first(line->parent);
	const char *text = rxp_xml_leaf(line);
	unsigned number = 1;

	for (; before != line; before = rxp_xml_next(before))
		number += rxp_xml_is(before, SAFEGUARD_NS, "MrzLine");
	for (size_t i = 0; i < sizeof mrz / sizeof mrz[0]; i++) {
		if (strlen(text) != mrz[i].length)
			continue;
		if (number == 1) {
			judge_code(r, line, text);
			judge(r, line, text + MRZ_ISSUER_AT, MEANT_COUNTRY);
		}
		if (number == 2)
			judge(r, line, text + mrz[i].nationality_at, MEANT_NATIONALITY);
	}
	judge_optional(r, line, text, number);
}
