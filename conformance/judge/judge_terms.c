/* Profiles and calendars, sealed or as drafts. */
#include <stdlib.h>
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/err.h"
#include "protocol/peering/descriptor.h"
#include "protocol/terms/profile.h"
#include "protocol/terms/terms.h"

union terms {
	struct rxp_profile profile;
	struct rxp_calendar calendar;
};

static int read_draft(union terms *t, enum judge_kind kind, const uint8_t *octets, size_t len,
    struct rxp_reason *reason)
{
	return kind == JUDGE_PROFILE_DRAFT ? rxp_profile_draft(&t->profile, octets, len, reason)
					   : rxp_calendar_draft(&t->calendar, octets, len, reason);
}

static int open_sealed(union terms *t, enum judge_kind kind, const uint8_t *octets, size_t len,
    const struct judge_under *by, const char *party, struct rxp_reason *reason)
{
	return kind == JUDGE_PROFILE
		   ? rxp_profile_open(&t->profile, octets, len, party, by->certs, by->n, reason)
		   : rxp_calendar_open(&t->calendar, octets, len, party, by->certs, by->n, reason);
}

/* The seal first, and who it says that it is of. */
static int judge_sealed(struct judgement *out, union terms *t, struct rxp_xml *xml,
    const uint8_t *octets, size_t len, const struct judge_known *known, struct rxp_reason *reason)
{
	enum rxp_kind kind = out->kind == JUDGE_PROFILE ? RXP_KIND_PROFILE : RXP_KIND_CALENDAR;
	const struct _xmlNode *header =
	    rxp_xml_child(rxp_xml_root(xml), rxp_kind_namespace(kind), "Header");
	const char *party = header == NULL || rxp_xml_first(header) == NULL
				? ""
				: rxp_xml_leaf(rxp_xml_first(header));
	struct judge_under under;
	struct rxp_seal seal = {0};
	int rc = judge_under(&under, octets, len, kind, known);

	if (rxp_party_valid(party))
		memcpy(out->party, party, sizeof out->party);
	if (rc == 0)
		rc = judge_seal(out, &seal, xml, kind, known);
	rxp_seal_clear(&seal);
	if (rc == 0 && out->requirement == NULL && known->descriptor != NULL &&
	    strcmp(known->descriptor->identity.party, party) != 0)
		judge_wrong(
		    out, "RXP-PRF-003", "Header/Party", "sealed by another State than it names");
	if (rc == 0 && out->requirement == NULL)
		rc = open_sealed(t, out->kind, octets, len, &under, out->party, reason);
	judge_under_clear(&under);
	return rc;
}

/* What librxp says of terms; of what a schema finds, more than that. */
static void note_reason(struct judgement *out, const struct rxp_reason *reason)
{
	const char *ns = out->kind == JUDGE_PROFILE || out->kind == JUDGE_PROFILE_DRAFT
			     ? rxp_kind_namespace(RXP_KIND_PROFILE)
			     : rxp_kind_namespace(RXP_KIND_CALENDAR);
	char place[RXP_PLACE_TEXT];

	if (reason->requirement == NULL) {
		judge_wrong(out, "RXP-PRF-002", NULL, "not of its schema");
		return;
	}
	judge_names(place, reason->place);
	judge_wrong(out,
	    strcmp(reason->requirement, "RXP-PRF-002") == 0
		? judge_requirement_at(&(struct judge_fault){.ns = ns, .place = place, .text = ""},
		      reason->requirement)
		: reason->requirement,
	    place, reason->text);
}

int judge_terms(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	bool draft = out->kind == JUDGE_PROFILE_DRAFT || out->kind == JUDGE_CALENDAR_DRAFT;
	struct rxp_reason reason = {.requirement = NULL};
	union terms *t = malloc(sizeof *t);
	struct rxp_xml *xml = NULL;
	int rc;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	rc = judge_parse(out, &xml, octets, len, RXP_MAX_TERMS_OCTETS, "RXP-PRF-002",
	    draft ? RXP_XML_BODY : RXP_XML_SEALED);
	if (rc == 0 && xml != NULL)
		rc = draft ? read_draft(t, out->kind, octets, len, &reason)
			   : judge_sealed(out, t, xml, octets, len, known, &reason);
	if (rc != 0 && rc != RXP_ERR_NOMEM && rc != RXP_ERR_CRYPTO) {
		note_reason(out, &reason);
		rc = 0;
	}
	rxp_xml_free(xml);
	free(t);
	return rc;
}
