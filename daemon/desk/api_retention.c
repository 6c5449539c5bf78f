/* What is held of a case, and when it is erased. */
#include "daemon/desk/api.h"

#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/err.h"

static int retained_json(json_t **out, const struct msg_case_retained *m)
{
	json_t *persons = NULL, *documents = NULL, *json = NULL;
	char id[RXP_ID_TEXT];
	int rc = row_list(&persons, m->persons, REC_retention_person_row);

	if (rc == 0)
		rc = row_list(&documents, m->documents, REC_retention_document_row);
	rxp_id_text(id, m->case_id);
	if (rc == 0) {
		json = json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:s*, s:O, s:O}", "case_id", id,
		    "peer", m->peer, "profile_id", m->profile_id, "profile_version",
		    m->profile_version, "profile_held", (int)m->profile_held, "legal_hold",
		    row_time(m->legal_hold_ms), "peer_erased",
		    m->peer_erased[0] != '\0' ? m->peer_erased : NULL, "persons", persons,
		    "documents", documents);
		rc = json == NULL ? RXP_ERR_NOMEM : 0;
	}
	json_decref(persons);
	json_decref(documents);
	if (rc == 0)
		*out = json;
	return rc;
}

static void retained(struct http_request *r, const struct link_message *answer)
{
	const struct msg_case_retained *m = answer->body;
	json_t *json = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = retained_json(&json, m);
	if (rc != 0)
		problem_reply(r, problem_of(rc), m->problem);
	else
		reply_json(r, json);
}

void api_case_retention(struct http_request *r)
{
	struct msg_case_retention m = {0};

	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_case_retention, &m, false, retained);
}
