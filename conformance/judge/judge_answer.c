/* Answers and pages of logs. */
#include <stdlib.h>
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/err.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

static void judge_party(struct judgement *out, const char *party, const struct judge_known *known,
    const char *requirement, const char *place)
{
	memcpy(out->party, party, sizeof out->party);
	if (known->descriptor != NULL && strcmp(known->descriptor->identity.party, party) != 0)
		judge_wrong(out, requirement, place, "sealed by another State than it names");
}

/* The seal and the schema; is nothing wrong by then? */
static bool holds(struct judgement *out, int *rc, const struct judge_sealed *o, enum rxp_kind kind,
    const char *otherwise)
{
	struct rxp_seal seal = {0};

	*rc = judge_seal(out, &seal, o->xml, kind, o->known);
	rxp_seal_clear(&seal);
	if (*rc == 0 && out->requirement == NULL)
		*rc = judge_schema(out, rxp_xml_root(o->xml), otherwise);
	return *rc == 0 && out->requirement == NULL;
}

/* --- answers ----------------------------------------------------------------------------------- */

/* What librxp refuses in a Refusal whose schema holds. */
static const char *refusal_fault(const struct rxp_xml *xml)
{
	const char *ns = rxp_kind_namespace(RXP_KIND_REFUSAL);
	const struct _xmlNode *body = rxp_xml_child(rxp_xml_root(xml), ns, "Body");
	const char *code = rxp_xml_leaf(rxp_xml_child(body, ns, "Code"));
	enum rxp_refusal refusal;
	bool views;

	if (rxp_refusal_parse(&refusal, code) != 0 ||
	    strcmp(rxp_xml_leaf(rxp_xml_child(body, ns, "Class")),
		rxp_refusal_class_name(rxp_refusal_row(refusal)->class)) != 0)
		return "RXP-ANS-008";
	if ((refusal == RXP_REFUSAL_REKEY) != (rxp_xml_child(body, ns, "Working") != NULL) ||
	    (refusal == RXP_REFUSAL_FUTURE && rxp_xml_child(body, ns, "RetryAt") == NULL))
		return "RXP-ANS-016";
	views = refusal == RXP_REFUSAL_GAP || refusal == RXP_REFUSAL_FORK;
	if (views != (rxp_xml_child(body, ns, "View") != NULL))
		return "RXP-CHN-011";
	return views ? "RXP-CHN-012" : "RXP-ANS-008";
}

static enum rxp_kind kind_of(const struct judgement *out)
{
	return out->kind == JUDGE_RECEIPT ? RXP_KIND_RECEIPT : RXP_KIND_REFUSAL;
}

static int read_answer(struct judgement *out, const struct judge_sealed *o)
{
	struct rxp_answer a;
	int rc;

	if (!holds(out, &rc, o, kind_of(out), "RXP-ANS-001"))
		return rc;
	rxp_answer_init(&a);
	rc = rxp_answer_open(&a, o->octets, o->len, o->under->certs, o->under->n);
	if (rc == 0) {
		memcpy(out->to, a.to, sizeof out->to);
		out->final = rxp_answer_final(&a);
		judge_party(out, a.from, o->known, "RXP-ANS-001", "Header/From");
	} else if (rc != RXP_ERR_NOMEM) {
		judge_wrong(out, out->kind == JUDGE_RECEIPT ? "RXP-ANS-019" : refusal_fault(o->xml),
		    "Body", "what it says does not go together");
		rc = 0;
	}
	rxp_answer_clear(&a);
	return rc;
}

int judge_answer(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	const struct judge_form form = {
	    kind_of(out), RXP_MAX_ANSWER_OCTETS, "RXP-ANS-002", read_answer};

	return judge_as(out, &form, octets, len, known);
}

/* --- pages of logs ----------------------------------------------------------------------------- */

/* The heads, from the one before the page on. */
static int judge_heads(struct judgement *out, const struct rxp_log_page *p)
{
	uint8_t head[RXP_DIGEST_OCTETS], first[RXP_DIGEST_OCTETS];
	int rc = rxp_logchain_start(first, p->owner, p->peer, p->log_id);

	memcpy(head, p->after_head, sizeof head);
	if (rc == 0 && p->after == 0 && memcmp(first, head, sizeof head) != 0)
		judge_wrong(out, "RXP-LOG-001", "Body/AfterHead", "it does not begin with head(0)");
	for (size_t i = 0; i < p->n_entries && rc == 0; i++)
		rc = rxp_logchain_extend(head, p->after + i + 1, &p->entries[i]);
	if (rc == 0 && p->after + p->n_entries == p->count &&
	    memcmp(head, p->head, sizeof head) != 0)
		judge_wrong(
		    out, "RXP-LOG-002", "Body/LogHead", "the entries do not lead to this head");
	return rc;
}

static int read_page(struct judgement *out, const struct judge_sealed *o)
{
	struct rxp_log_page *page;
	int rc;

	if (!holds(out, &rc, o, RXP_KIND_LOG_PAGE, "RXP-LOG-007"))
		return rc;
	page = calloc(1, sizeof *page);
	rc = page == NULL
		 ? RXP_ERR_NOMEM
		 : rxp_log_page_open(page, o->octets, o->len, o->under->certs, o->under->n);
	if (rc == 0) {
		judge_party(out, page->owner, o->known, "RXP-LOG-005", "Header/Owner");
		rc = judge_heads(out, page);
	} else if (rc != RXP_ERR_NOMEM) {
		judge_wrong(out, "RXP-LOG-007", "Body",
		    "After, LogCount and the number of entries do not go together");
		rc = 0;
	}
	free(page);
	return rc;
}

int judge_log_page(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	static const struct judge_form form = {
	    RXP_KIND_LOG_PAGE, RXP_MAX_LOG_PAGE_OCTETS, "RXP-LOG-006", read_page};

	return judge_as(out, &form, octets, len, known);
}
