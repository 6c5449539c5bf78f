#include "daemon/registry/desk/countersign.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_countersign.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/err.h"

struct signing {
	struct store_item item;
	struct node *node;
	uint64_t request;
	int64_t at_ms;
	struct msg_countersign m;
};

static void answer(struct node *n, uint64_t request, int result)
{
	struct msg_countersigned a = {.result = (uint32_t)result};

	if (result == RXP_ERR_FULL)
		snprintf(a.problem, sizeof a.problem, "too many texts wait for their documents");
	link_answer(n->desk, IPC_countersigned, request, &a, NULL, 0);
}

static int apply(void *arg, struct db *db)
{
	const struct signing *s = arg;
	const struct store_countersign c = {.text = s->m.text,
	    .user = s->m.user,
	    .officer = s->m.officer,
	    .names = s->m.names_confirmed != 0,
	    .at_ms = s->at_ms};
	char by[RECORD_NAME_MAX];
	int rc = store_countersign_add(db, &c, s->at_ms - REGISTRY_COUNTERSIGN_MS);

	snprintf(by, sizeof by, "by %.16s%s", s->m.officer, c.names ? ", names confirmed" : "");
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = s->at_ms,
					       .user = s->m.user,
					       .action = JOURNAL_COUNTERSIGN,
					       .reason = by});
}

static void done(void *arg, int result)
{
	struct signing *s = arg;

	answer(s->node, s->request, result);
	free(s);
}

void countersign_take(struct node *n, uint64_t request, const struct msg_countersign *m)
{
	struct signing *s = calloc(1, sizeof *s);

	if (s == NULL || m->officer[0] == '\0') {
		answer(n, request, s == NULL ? RXP_ERR_NOMEM : RXP_ERR_SYNTAX);
		free(s);
		return;
	}
	*s = (struct signing){.node = n, .request = request, .at_ms = clock_wall_ms(), .m = *m};
	s->item = (struct store_item){.apply = apply, .done = done, .arg = s};
	store_submit(n->store, &s->item);
}
