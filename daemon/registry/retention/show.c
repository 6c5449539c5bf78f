#include "daemon/registry/retention/show.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/node.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_list.h"
#include "protocol/base/err.h"

static const struct plan_document *find(const struct plan *p, const uint8_t local_id[16])
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(p->documents[i].local_id, local_id, 16) == 0)
			return &p->documents[i];
	return NULL;
}

static int judge(struct show *s, const struct plan_document *d, bool disputes)
{
	if (d != NULL && d->content == PLAN_ERASED) {
		s->problem = "its content was erased";
		return RXP_ERR_NOT_FOUND;
	}
	if (d == NULL)
		return 0;
	s->blocked = d->content == PLAN_BLOCKED || d->hidden != 0;
	s->hidden = disputes ? 0 : d->hidden;
	if (d->content != PLAN_BLOCKED || disputes)
		return 0;
	s->problem = "it is blocked: only the role dispute opens it";
	return RXP_ERR_STATE;
}

int show_judge(struct show *out, const struct node *n, const struct terms *terms,
    const uint8_t local_id[16], bool disputes)
{
	static const uint8_t no_case[RXP_ID_OCTETS];
	struct db *db = store_db(n->store);
	struct rec_message_row message;
	struct show s = {.problem = ""};
	struct store_case row;
	struct plan p = {.n = 0};
	int rc = store_list_message(db, &message, NULL, NULL, local_id);

	if (rc == 0)
		memcpy(s.peer, message.peer, sizeof s.peer);
	if (rc == 0 && memcmp(message.case_id, no_case, sizeof no_case) != 0) {
		rc = store_case_get(db, &row, message.peer, message.case_id);
		if (rc == 0)
			rc = plan_make(&p, n, terms, db, &row, clock_wall_ms());
		if (rc == RXP_ERR_STATE)
			s.problem = "its case is damaged: nobody can say what may be shown";
		if (rc == 0)
			rc = judge(&s, find(&p, local_id), disputes);
		plan_clear(&p);
	}
	*out = s;
	return rc;
}
