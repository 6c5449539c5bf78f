#include "daemon/registry/watch/own_case.h"

#include <string.h>

#include "daemon/registry/cases/cases.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/err.h"

/* Its documents come one by one then, and a gap is none of a hand's. */
static int is_coming_back(struct db *db, const char *peer)
{
	struct store_recovery r = {.stage = RECOVERY_OVER};
	int rc = store_recovery_get(db, &r, peer);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	return r.stage != RECOVERY_OVER;
}

/* What was erased shows nothing of its documents; but then no content of it is left. */
static int look_erased(struct db *db, const struct cases *c)
{
	int rc = store_log_case_content(db, c->row.peer, c->row.case_id);

	return rc == 0 ? RXP_ERR_STATE : rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static int look(struct db *db, const struct cases *c)
{
	return strcmp(c->row.state, CASES_ERASED) == 0 ? look_erased(db, c) : cases_shown(c);
}

struct first {
	uint64_t position;
	uint8_t message_id[RXP_ID_OCTETS];
};

static int take_first(void *arg, const struct store_document *d)
{
	struct first *f = arg;

	if (f->position == 0 || d->place.position < f->position) {
		f->position = d->place.position;
		memcpy(f->message_id, d->message_id, sizeof f->message_id);
	}
	return 0;
}

int own_case_look(
    struct found *f, const struct node *n, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	struct db *db = store_db(n->store);
	struct first first = {0};
	struct cases c = {0};
	int rc = is_coming_back(db, peer);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = cases_load(&c, db, n->own, peer, case_id);
	if (rc == 0)
		rc = look(db, &c);
	cases_clear(&c);
	if (rc != RXP_ERR_STATE && rc != RXP_ERR_NOT_FOUND)
		return rc;
	rc = store_case_documents(db, peer, case_id, take_first, &first);
	if (rc == 0)
		found_tell(f, RXP_LOG_OWN_CASE, 0, first.message_id);
	return rc;
}
