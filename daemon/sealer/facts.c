#include "daemon/sealer/facts.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "protocol/buf.h"
#include "protocol/facts.h"

static int put(struct rxp_buf *out, const struct rxp_case_document *facts)
{
	struct rec_fact_about about;

	for (unsigned i = 0; i < facts->n_persons; i++) {
		enum rxp_case_event event = (enum rxp_case_event)facts->persons[i].event;
		struct rec_fact_person r = {.person = facts->persons[i].key};

		snprintf(r.event, sizeof r.event, "%s", rxp_case_event_row(event)->word);
		record_list_put(out, REC_fact_person, &record_fact_person, &r);
	}
	if (facts->has_about) {
		memcpy(about.application, facts->about, sizeof about.application);
		record_list_put(out, REC_fact_about, &record_fact_about, &about);
	}
	return rxp_buf_error(out);
}

int facts_put(struct rxp_buf *out, const struct rxp_document *document)
{
	struct rxp_case_document facts;
	int rc = rxp_facts_read(&facts, document);

	return rc != 0 ? rc : put(out, &facts);
}

int facts_put_content(struct rxp_buf *out, enum rxp_type type, const struct _xmlNode *content)
{
	struct rxp_case_document facts;
	int rc = rxp_facts_content(&facts, type, content);

	return rc != 0 ? rc : put(out, &facts);
}
