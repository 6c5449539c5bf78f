#include "protocol/safeguard/safeguard_person.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/document/mrz.h"
#include "protocol/xml/xml.h"

#define DAYS_CONFIRMED 30 /* GuardianConfirmed (RXP-SAF-006) */
#define DAYS_BETWEEN_ZONES 1 /* RXP-SAF-004 */
#define ADULT_YEARS 18
#define ADULT_YEARS_IF_ESTIMATED 20 /* RXP-SAF-009 */

/* --- children -------------------------------------------------------------------------------- */

/* The last day that a date of year, year and month, or day leaves open. That the day exists does not matter:
 * days are compared as texts. */
static void latest_day(char out[SAFEGUARD_DAY_TEXT], const char *date)
{
	static const char last[] = "0000-12-31";
	size_t known = strlen(date);

	memcpy(out, last, sizeof last);
	for (size_t i = 0; i < known && i < sizeof last - 1; i++)
		out[i] = date[i];
}

/* The day of Created, so many years before. */
static void years_ago(char out[SAFEGUARD_DAY_TEXT], const struct safeguard_run *r, int years)
{
	char day[SAFEGUARD_DAY_TEXT];
	int year = 0;

	safeguard_day(day, r, 0);
	for (int i = 0; i < 4; i++)
		year = year * 10 + (day[i] - '0');
	snprintf(out, SAFEGUARD_DAY_TEXT, "%04u%.6s", (unsigned)(year - years) % 10000u, day + 4);
}

/* Could one who was born on this date be younger? */
static bool is_younger(const struct safeguard_run *r, const char *date, int years)
{
	char latest[SAFEGUARD_DAY_TEXT];
	char limit[SAFEGUARD_DAY_TEXT];

	latest_day(latest, date);
	years_ago(limit, r, years);
	return strcmp(latest, limit) >= 0;
}

static bool is_young(const struct safeguard_run *r, const struct _xmlNode *birth_date)
{
	const char *certainty = rxp_xml_attribute(birth_date, "certainty");
	bool is_estimated = certainty != NULL && strcmp(certainty, "estimated") == 0;

	return is_younger(
	    r, rxp_xml_leaf(birth_date), is_estimated ? ADULT_YEARS_IF_ESTIMATED : ADULT_YEARS);
}

static bool are_digits(const char *two)
{
	return two[0] >= '0' && two[0] <= '9' && two[1] >= '0' && two[1] <= '9';
}

/* The date in a century, as much of it as is known. */
static void date_of_line(char out[SAFEGUARD_DAY_TEXT], unsigned century, const char *birth)
{
	bool month = are_digits(birth + 2);
	bool day = month && are_digits(birth + 4);
	const char form[] = {(char)('0' + century / 10 % 10), (char)('0' + century % 10), birth[0],
	    birth[1], '-', birth[2], birth[3], '-', birth[4], birth[5]};
	size_t known = day ? sizeof form : month ? sizeof "YYYY-MM" - 1 : sizeof "YYYY" - 1;

	memcpy(out, form, known);
	out[known] = '\0';
}

/* Could one whose machine-readable lines have this date be a child? Of the year the last century counts in which it is
 * not after Created; of texts of dates the shorter is before those that it leaves open. */
static bool is_young_by_line(const struct safeguard_run *r, const char *birth)
{
	char date[SAFEGUARD_DAY_TEXT];
	char last[SAFEGUARD_DAY_TEXT];
	unsigned century;

	if (!are_digits(birth))
		return false;
	safeguard_day(last, r, DAYS_BETWEEN_ZONES);
	century = (unsigned)(last[0] - '0') * 10 + (unsigned)(last[1] - '0');
	date_of_line(date, century, birth);
	if (strcmp(date, last) > 0)
		date_of_line(date, century - 1, birth);
	return is_younger(r, date, ADULT_YEARS);
}

/* Is it the second of the lines of a document? */
static bool is_second_line(const struct _xmlNode *line)
{
	const struct _xmlNode *before = rxp_xml_first(line->parent);
	unsigned n = 0;

	for (; before != line; before = rxp_xml_next(before))
		n += rxp_xml_is(before, SAFEGUARD_NS, "MrzLine");
	return n == 1;
}

/* Is it a second line, and one by which somebody could be a child (RXP-SAF-036)? */
static bool tells_of_child(const struct safeguard_run *r, const struct _xmlNode *element)
{
	const char *birth = NULL;

	if (rxp_xml_is(element, SAFEGUARD_NS, "MrzLine") && is_second_line(element))
		birth = rxp_mrz_birth(rxp_xml_leaf(element));
	return birth != NULL && is_young_by_line(r, birth);
}

static bool has_line_of_child(const struct safeguard_run *r, const struct _xmlNode *person)
{
	const struct _xmlNode *e = person;

	while (e != NULL && !tells_of_child(r, e))
		e = rxp_xml_below(person, e);
	return e != NULL;
}

/* A document or an assessment of the age, and not what somebody says or estimates. */
static bool is_shown(const struct _xmlNode *birth_date)
{
	const char *certainty = rxp_xml_attribute(birth_date, "certainty");

	return certainty != NULL &&
	       (strcmp(certainty, "documented") == 0 || strcmp(certainty, "age-assessed") == 0);
}

/* RXP-SAF-009, RXP-SAF-036 */
static bool is_child(const struct safeguard_run *r, const struct _xmlNode *person)
{
	const struct _xmlNode *date = safeguard_child(safeguard_child(person, "Birth"), "Date");

	if (safeguard_child(person, "Minor") != NULL ||
	    strcmp(rxp_xml_leaf(safeguard_child(person, "Category")), "minor-child") == 0)
		return true;
	if (date != NULL && (is_young(r, date) || is_shown(date)))
		return is_young(r, date);
	return has_line_of_child(r, person);
}

/* An unaccompanied child. */
static bool is_alone(const struct _xmlNode *person)
{
	const struct _xmlNode *minor = safeguard_child(person, "Minor");

	return strcmp(rxp_xml_leaf(safeguard_child(minor, "Unaccompanied")), "true") == 0;
}

static bool has_adult(const struct safeguard_run *r)
{
	for (const struct _xmlNode *p = rxp_xml_first(r->content); p != NULL; p = rxp_xml_next(p))
		if (rxp_xml_is(p, SAFEGUARD_NS, "Person") && !is_child(r, p))
			return true;
	return false;
}

void safeguard_check_child(struct safeguard_run *r, const struct _xmlNode *person)
{
	const struct _xmlNode *minor = safeguard_child(person, "Minor");

	if (!is_child(r, person))
		return;
	if (minor == NULL) {
		safeguard_fault(r, RXP_SAFEGUARD_CHILD, person, "Minor");
		return;
	}
	if (is_alone(person)) {
		if (safeguard_child(minor, "Guardian") == NULL)
			safeguard_fault(r, RXP_SAFEGUARD_GUARDIAN, minor, "Guardian");
	} else if (!has_adult(r)) {
		safeguard_fault(
		    r, RXP_SAFEGUARD_ALONE, safeguard_child(minor, "Unaccompanied"), NULL);
	}
}

/* --- children of whom the case may not know yet (RXP-SAF-033) --------------------------------- */

void safeguard_check_told(struct safeguard_run *r, const struct _xmlNode *person)
{
	if (is_child(r, person) && safeguard_child(person, "Minor") == NULL)
		safeguard_fault(r, RXP_SAFEGUARD_CHILD_TOLD, person, "Minor");
}

/* Is the path that of the date of a birth? Any name in it may have its number in brackets. */
static bool is_birth_date(const char *path)
{
	static const char *const wanted[] = {"Birth", "Date"};
	size_t found = 0;

	for (; *path != '\0'; path += *path == '/') {
		const char *name = path;
		size_t len = strcspn(path, "[/");

		path += strcspn(path, "/");
		if (found == 1 && strlen(wanted[1]) == len && strncmp(name, wanted[1], len) == 0)
			return *path == '\0';
		found = strlen(wanted[0]) == len && strncmp(name, wanted[0], len) == 0;
	}
	return false;
}

/* A Value that is no date breaks no rule of this kind: nobody can carry it out. */
static bool is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	size_t len = strlen(text);

	for (size_t i = 0; i < len && i < sizeof form - 1; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return len == strlen("dddd") || len == strlen("dddd-dd") || len == sizeof form - 1;
}

/* Is the path that of the second line of a document? */
static bool is_birth_line(const char *path)
{
	const char *last = strrchr(path, '/');

	return strcmp(last == NULL ? path : last + 1, "MrzLine[2]") == 0;
}

void safeguard_check_birth(struct safeguard_run *r, const struct _xmlNode *rectify)
{
	const char *field = rxp_xml_leaf(safeguard_child(rectify, "Field"));
	const char *value = rxp_xml_leaf(safeguard_child(rectify, "Value"));
	const char *birth = is_birth_line(field) ? rxp_mrz_birth(value) : NULL;
	bool young = birth != NULL ? is_young_by_line(r, birth)
				   : is_birth_date(field) && is_date(value) &&
					 is_younger(r, value, ADULT_YEARS);

	if (young && safeguard_child(rectify, "Person") == NULL)
		safeguard_fault(r, RXP_SAFEGUARD_CHILD_TOLD, rectify, "Person");
}

void safeguard_check_unplaced(struct safeguard_run *r, const struct _xmlNode *line)
{
	if (tells_of_child(r, line))
		safeguard_fault(r, RXP_SAFEGUARD_CHILD_LINES, line, NULL);
}

/* --- attestations ---------------------------------------------------------------------------- */

/* Of whom, and the rule that is broken without. */
enum whom { EACH, CHILD, ALONE };
static const enum rxp_safeguard demands[] = {[EACH] = RXP_SAFEGUARD_ATTESTED,
    [CHILD] = RXP_SAFEGUARD_BEST_INTERESTS,
    [ALONE] = RXP_SAFEGUARD_RECEPTION};

static const struct attested {
	enum rxp_type type;
	const char *group, *element;
	enum whom whom;
	int days;
	const char *roles;
} attested[] = {
#define ATTESTED(type, group, element, whom, days, roles) \
	{RXP_TYPE_##type, (group), (element), whom, (days), (roles)},
#include "protocol/safeguard/safeguard.def"
};

/* Is a word one of a list with spaces between? */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; *at != '\0'; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strncmp(at, word, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
			return len > 0;
	}
	return false;
}

/* On or before Created, and at most so many days before; texts of dates are in the order of the days. */
static void judge_date(struct safeguard_run *r, const struct _xmlNode *element, int days)
{
	const struct _xmlNode *date = safeguard_child(element, "Date");
	char first[SAFEGUARD_DAY_TEXT];
	char last[SAFEGUARD_DAY_TEXT];

	safeguard_day(first, r, -days - DAYS_BETWEEN_ZONES);
	safeguard_day(last, r, DAYS_BETWEEN_ZONES);
	if (strcmp(rxp_xml_leaf(date), first) < 0 || strcmp(rxp_xml_leaf(date), last) > 0)
		safeguard_fault(r, RXP_SAFEGUARD_ATTESTED_WHEN, date, NULL);
}

static void judge_attested(
    struct safeguard_run *r, const struct _xmlNode *person, const struct attested *row)
{
	const struct _xmlNode *group = safeguard_child(person, row->group);
	const struct _xmlNode *a = safeguard_child(group, row->element);
	const struct _xmlNode *role = safeguard_child(a, "Role");

	if (a != NULL) {
		judge_date(r, a, row->days);
		if (!is_listed(row->roles, rxp_xml_leaf(role)))
			safeguard_fault(r, RXP_SAFEGUARD_ATTESTED_BY, role, NULL);
	} else if (row->whom == EACH || (row->whom == CHILD && is_child(r, person)) ||
		   (row->whom == ALONE && is_alone(person))) {
		safeguard_fault(r, demands[row->whom], group, row->element);
	}
}

void safeguard_check_attestations(struct safeguard_run *r, const struct _xmlNode *person)
{
	for (size_t i = 0; i < sizeof attested / sizeof attested[0]; i++)
		if (attested[i].type == r->type && person->parent == r->content)
			judge_attested(r, person, &attested[i]);
}

void safeguard_check_confirmed(struct safeguard_run *r, const struct _xmlNode *confirmed)
{
	judge_date(r, confirmed, DAYS_CONFIRMED);
}

void safeguard_check_officer(struct safeguard_run *r, const struct _xmlNode *officer)
{
	const char *who = r->context->officer;

	if (who != NULL && strcmp(rxp_xml_leaf(officer), who) == 0)
		safeguard_fault(r, RXP_SAFEGUARD_ATTESTED_BY_SENDER, officer, NULL);
}

/* --- the family and the return --------------------------------------------------------------- */

void safeguard_check_family(struct safeguard_run *r, const struct _xmlNode *content)
{
	const struct _xmlNode *family = safeguard_child(content, "Family");
	const char *together;
	unsigned persons = 0;

	for (const struct _xmlNode *p = rxp_xml_first(content); p != NULL; p = rxp_xml_next(p))
		persons += rxp_xml_is(p, SAFEGUARD_NS, "Person");
	if (persons < 2)
		return;
	if (family == NULL) {
		safeguard_fault(r, RXP_SAFEGUARD_FAMILY, content, "Family");
		return;
	}
	together = rxp_xml_attribute(family, "moveTogether");
	if ((together == NULL || strcmp(together, "true") != 0) &&
	    rxp_xml_attribute(family, "split") == NULL)
		safeguard_fault(r, RXP_SAFEGUARD_FAMILY, family, NULL);
}

/* --- what the person wants, and what awaits the person ---------------------------------------- */

void safeguard_check_declared(struct safeguard_run *r, const struct _xmlNode *declared)
{
	char last[SAFEGUARD_DAY_TEXT];

	safeguard_day(last, r, DAYS_BETWEEN_ZONES);
	if (strcmp(rxp_xml_leaf(declared), last) > 0)
		safeguard_fault(r, RXP_SAFEGUARD_DECLARED, declared, NULL);
}

/* A YesNo of an element says anything but this. */
static void judge_said(struct safeguard_run *r, enum rxp_safeguard rule,
    const struct _xmlNode *element, const char *name, const char *wanted)
{
	const struct _xmlNode *said = safeguard_child(element, name);

	if (strcmp(rxp_xml_leaf(said), wanted) != 0)
		safeguard_fault(r, rule, said == NULL ? element : said, NULL);
}

void safeguard_check_consent(struct safeguard_run *r, const struct _xmlNode *consent)
{
	safeguard_check_declared(r, safeguard_child(consent, "Date"));
	judge_said(r, RXP_SAFEGUARD_WITHDRAWABLE, consent, "Withdrawable", "true");
}

static void judge_escort(struct safeguard_run *r, const struct _xmlNode *transit)
{
	const struct _xmlNode *escorts = safeguard_child(transit, "Escorts");

	for (const struct _xmlNode *p = rxp_xml_first(r->content); p != NULL; p = rxp_xml_next(p))
		if (rxp_xml_is(p, SAFEGUARD_NS, "Person") && is_alone(p) &&
		    safeguard_child(escorts, "ChildProtection") == NULL) {
			safeguard_fault(r, RXP_SAFEGUARD_ESCORT, escorts, "ChildProtection");
			return;
		}
}

void safeguard_check_transit(struct safeguard_run *r, const struct _xmlNode *transit)
{
	judge_said(r, RXP_SAFEGUARD_ADMISSION, transit, "AdmissionGuaranteed", "true");
	judge_said(r, RXP_SAFEGUARD_ADMISSION, transit, "RefusalGroundKnown", "false");
	judge_escort(r, transit);
}
