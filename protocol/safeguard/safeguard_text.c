#include "protocol/safeguard/safeguard_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "protocol/safeguard/fold.h"
#include "protocol/safeguard/warning.h"
#include "protocol/xml/xml.h"

#define NS_DOCUMENT "urn:rxp:1:document"
#define REFERENCE_GROUP 4 /* characters (RXP-SAF-023) */
#define REFERENCE_MIN_GROUPS 2
#define REFERENCE_MAX_GROUPS 4
#define REFERENCE_MAX_LETTERS 2 /* side by side */

enum treatment { PROSE, NAMED, PERSONAL, WORDED, PLAIN };

static const struct free_text {
	const char *name; /* of an attribute with @ before it */
	enum treatment treatment;
} texts[] = {
#define FREE_TEXT(place, name, treatment, reason) {(name), treatment},
#include "protocol/safeguard/free_text.def"
#undef FREE_TEXT
};

static bool is_named(const char *officer)
{
	return officer != NULL && officer[0] != '\0';
}

static bool has_second_officer(const struct rxp_safeguard_context *c)
{
	return is_named(c->officer) && is_named(c->second_officer) &&
	       strcmp(c->officer, c->second_officer) != 0;
}

static bool hints(const char *text, enum treatment treatment)
{
	char folded[RXP_FOLD_TEXT] = "";

	rxp_fold_append(folded, text);
	if (treatment == PERSONAL) /* initials stand alone side by side */
		return rxp_warning_in_name(folded) || rxp_fold_mixes(folded);
	return rxp_warning_in(folded) || rxp_fold_mixes(folded) || rxp_fold_spells(folded);
}

static void judge_text(struct safeguard_run *r, const struct _xmlNode *element, const char *text,
    enum treatment treatment)
{
	bool seconded = has_second_officer(r->context);

	if (treatment == PLAIN || text == NULL)
		return;
	if (treatment == PROSE && !seconded)
		safeguard_fault(r, RXP_SAFEGUARD_SECOND_OFFICER, element, NULL);
	if ((treatment == NAMED || treatment == PERSONAL) && seconded &&
	    r->context->names_confirmed)
		return;
	if (hints(text, treatment))
		safeguard_fault(r, RXP_SAFEGUARD_WORDS, element, NULL);
}

void safeguard_check_hint(struct safeguard_run *r, const struct _xmlNode *element, const char *text)
{
	if (r->context->judged == RXP_SAFEGUARD_SENDER)
		judge_text(r, element, text, WORDED);
}

void safeguard_check_words(struct safeguard_run *r, const struct _xmlNode *element)
{
	bool is_found = false;

	if (r->context->judged != RXP_SAFEGUARD_SENDER)
		return;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const struct free_text *row = &texts[i];

		if (row->name[0] == '@') {
			judge_text(
			    r, element, rxp_xml_attribute(element, row->name + 1), row->treatment);
		} else if (!is_found && rxp_xml_is(element, SAFEGUARD_NS, row->name)) {
			is_found = true;
			judge_text(r, element, rxp_xml_leaf(element), row->treatment);
		}
	}
}

static bool is_opaque(const char *reference)
{
	size_t groups = 1;
	size_t length = 0;
	size_t letters = 0;

	for (const char *c = reference; *c != '\0'; c++) {
		letters = isalpha((unsigned char)*c) ? letters + 1 : 0;
		if (letters > REFERENCE_MAX_LETTERS)
			return false;
		if (*c != '-') {
			length++;
		} else if (length == REFERENCE_GROUP) {
			groups++;
			length = 0;
		} else {
			return false;
		}
	}
	return length == REFERENCE_GROUP && groups >= REFERENCE_MIN_GROUPS &&
	       groups <= REFERENCE_MAX_GROUPS;
}

void safeguard_check_reference(struct safeguard_run *r, const struct _xmlNode *reference)
{
	if (!is_opaque(rxp_xml_leaf(reference)))
		safeguard_fault(r, RXP_SAFEGUARD_REFERENCE, reference, NULL);
}

/* The address may be spread over its lines in another way than the list has it. */
void safeguard_check_centre(struct safeguard_run *r, const struct _xmlNode *address)
{
	char folded[RXP_FOLD_TEXT] = "";

	for (const struct _xmlNode *l = rxp_xml_first(address); l != NULL; l = rxp_xml_next(l))
		rxp_fold_append(folded, rxp_xml_leaf(l));
	for (size_t i = 0; i < r->context->n_centres; i++) {
		char centre[RXP_FOLD_TEXT] = "";

		rxp_fold_append(centre, r->context->centres[i]);
		if (strcmp(centre, " ") != 0 && strstr(folded, centre) != NULL) {
			safeguard_fault(r, RXP_SAFEGUARD_CENTRE, address, NULL);
			return;
		}
	}
}

/* The child of an Attachment of the manifest. */
static const char *said(const struct _xmlNode *attachment, const char *name)
{
	for (const struct _xmlNode *c = rxp_xml_first(attachment); c != NULL; c = rxp_xml_next(c))
		if (rxp_xml_is(c, NS_DOCUMENT, name))
			return rxp_xml_leaf(c);
	return "";
}

void safeguard_check_statements(struct safeguard_run *r)
{
	const struct _xmlNode *a = r->manifest == NULL ? NULL : rxp_xml_first(r->manifest);

	for (; a != NULL; a = rxp_xml_next(a)) {
		const char *role = said(a, "CheckedBy");

		if (strcmp(said(a, "Type"), "statement") == 0 &&
		    strcmp(role, "decision-officer") != 0 && strcmp(role, "legal-officer") != 0)
			safeguard_fault(r, RXP_SAFEGUARD_STATEMENT, a, NULL);
	}
}
