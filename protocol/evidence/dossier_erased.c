#include "protocol/evidence/dossier_erased.h"

#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/evidence/container.h"
#include "protocol/message/type.h"
#include "protocol/xml/xml.h"

#define NS_DOCUMENT "urn:rxp:1:document"
#define NS_BODY "urn:rxp:1:body"

/* Body, behind its Salt. */
static int read_notice(struct rxp_dossier_document *d, const struct _xmlNode *root)
{
	struct rxp_walk body, notice, erased;

	rxp_walk_init(&body, root, NS_DOCUMENT);
	(void)rxp_walk_element(&body, "Salt");
	if (body.error != 0 || body.next == NULL)
		return RXP_ERR_STRUCTURE;
	rxp_walk_init(&notice, body.next, NS_BODY);
	if (!rxp_walk_at(&notice, "Erased"))
		return RXP_ERR_UNSUPPORTED;
	rxp_walk_init(&erased, rxp_walk_element(&notice, "Erased"), NS_BODY);
	rxp_walk_id(&erased, "CaseId", d->erased_case, 4);
	rxp_walk_text(&erased, "Date", d->erased_day, sizeof d->erased_day);
	return rxp_walk_end(&erased) != 0 ? erased.error : rxp_walk_end(&notice);
}

void rxp_dossier_read_erased_of(struct rxp_dossier_work *w, struct rxp_dossier_document *d)
{
	const struct rxp_entry *body;
	char path[RXP_ENTRY_TEXT];
	struct rxp_xml *xml = NULL;
	enum rxp_type type;
	int rc;

	if (!d->has_body || rxp_type_parse(&type, d->proof.header.type) != 0 ||
	    type != RXP_TYPE_NODE_NOTICE)
		return;
	rxp_evidence_path(path, d->folder, RXP_EVIDENCE_FILE_BODY);
	body = rxp_container_find(w->container, path);
	rc = rxp_xml_parse(
	    &xml, body->octets.data, body->octets.len, RXP_EVIDENCE_MAX_OCTETS, RXP_XML_SEALED);
	if (rc == 0)
		d->erased = read_notice(d, rxp_xml_root(xml)) == 0;
	else if (rc == RXP_ERR_NOMEM)
		rxp_dossier_error(w, path, rc, NULL);
	rxp_xml_free(xml);
	w->out->n_erased += d->erased;
}

void rxp_dossier_read_erased(struct rxp_dossier_work *w)
{
	for (size_t i = 0; i < w->out->n; i++)
		rxp_dossier_read_erased_of(w, &w->out->documents[i]);
}

void rxp_dossier_check_erased(struct rxp_dossier_work *w)
{
	const struct rxp_dossier *e = w->out;
	const struct rxp_dossier_document *first = &e->documents[0];

	for (size_t i = 0; i < e->n; i++) {
		const struct rxp_dossier_document *d = &e->documents[i];
		char path[RXP_ENTRY_TEXT];

		if (!d->erased || e->n == 1)
			continue;
		rxp_evidence_path(path, d->folder, RXP_EVIDENCE_FILE_BODY);
		if (!first->proof.header.in_case ||
		    memcmp(first->proof.header.case_id, d->erased_case, sizeof d->erased_case) != 0)
			rxp_dossier_wrong(
			    w, path, "says nothing of the case of the other documents");
		for (size_t k = 0; k < i; k++)
			if (e->documents[k].erased && strcmp(e->documents[k].from, d->from) == 0)
				rxp_dossier_wrong(w, path, "its State says so once");
	}
}
