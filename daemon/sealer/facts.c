#include "daemon/sealer/facts.h"

#include <stdio.h>

#include "daemon/base/record.h"
#include "protocol/buf.h"
#include "protocol/facts.h"

int facts_put(struct rxp_buf *out, const struct rxp_document *document)
{
	struct rxp_case_document facts;
	int rc = rxp_facts_read(&facts, document);

	if (rc != 0)
		return rc;
	for (unsigned i = 0; i < facts.n_persons; i++) {
		enum rxp_case_event event = (enum rxp_case_event)facts.persons[i].event;
		struct rec_fact_person r = {.person = facts.persons[i].key};

		snprintf(r.event, sizeof r.event, "%s", rxp_case_event_row(event)->word);
		record_list_put(out, REC_fact_person, &record_fact_person, &r);
	}
	return rxp_buf_error(out);
}
