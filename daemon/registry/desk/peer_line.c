#include "daemon/registry/desk/peer_line.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/journal.h"
#include "daemon/base/link.h"
#include "daemon/registry/desk/peering.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_line.h"
#include "protocol/base/err.h"

struct setting {
	struct store_item item;
	const struct peering *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	char party[4];
	struct store_line line;
};

static void answer(struct node *n, uint64_t request, int result)
{
	struct msg_peer_lined m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_peer_lined, request, &m, NULL, 0);
}

static int apply(void *arg, struct db *db)
{
	struct setting *s = arg;
	int rc = store_line_put(db, s->party, &s->line);

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = clock_wall_ms(),
					       .user = s->user,
					       .action = JOURNAL_PEER_LINE,
					       .peer = s->party});
}

static void done(void *arg, int result)
{
	struct setting *s = arg;

	if (result == 0) {
		peers_find(s->by->peers, s->party)->line = s->line;
		publish_all(s->by->publish);
		pace_kick(s->by->pace);
	}
	answer(s->by->node, s->request, result);
	free(s);
}

/* 0: what is named is changed. */
static int read_settings(struct store_line *line, const struct msg_peer_line *m)
{
	int rc = 0;

	if (m->rate[0] != '\0')
		rc = hours_rate_parse(&line->rate, m->rate);
	if (rc == 0 && m->window[0] != '\0')
		rc = hours_parse(&line->window, m->window);
	if (rc == 0 && m->attachments_window[0] != '\0')
		rc = hours_parse(&line->files, m->attachments_window);
	if (rc == 0 && m->urgent[0] != '\0') {
		line->urgent_waits = strcmp(m->urgent, "window") == 0;
		rc = line->urgent_waits || strcmp(m->urgent, "always") == 0 ? 0 : RXP_ERR_SYNTAX;
	}
	return rc;
}

void peer_line_take(const struct peering *by, uint64_t request, const struct msg_peer_line *m)
{
	const struct peer *peer = peers_find(by->peers, m->party);
	struct setting *s = calloc(1, sizeof *s);
	int rc = RXP_ERR_NOT_FOUND;

	if (s == NULL)
		rc = RXP_ERR_NOMEM;
	else if (peer != NULL) {
		s->line = peer->line;
		rc = read_settings(&s->line, m);
	}
	if (rc != 0) {
		answer(by->node, request, rc);
		free(s);
		return;
	}
	s->item = (struct store_item){.apply = apply, .done = done, .arg = s};
	s->by = by;
	s->request = request;
	memcpy(s->user, m->user, sizeof s->user);
	memcpy(s->party, m->party, sizeof s->party);
	store_submit(by->node->store, &s->item);
}
