#include "daemon/registry/watch/found.h"

#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/err.h"

void found_clear(struct found *f)
{
	static const uint8_t none[RXP_ID_OCTETS];

	f->n = 0;
	f->all = 0;
	found_in(f, none);
}

void found_in(struct found *f, const uint8_t log_id[RXP_ID_OCTETS])
{
	memcpy(f->log_id, log_id, sizeof f->log_id);
	memcpy(f->shown, log_id, sizeof f->shown);
}

void found_tell(
    void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS])
{
	struct found *f = arg;

	f->all++;
	if (f->n == FOUND_MAX)
		return;
	f->of[f->n].what = what;
	f->of[f->n].n = n;
	memcpy(f->of[f->n++].message_id, message_id, RXP_ID_OCTETS);
}

int found_store(struct found *f, struct db *db, const char *peer, struct bytes page, int64_t now_ms)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < f->n; i++) {
		struct store_difference d = {.peer = peer,
		    .what = f->of[i].what,
		    .n = f->of[i].n,
		    .message_id = f->of[i].message_id,
		    .at_ms = now_ms,
		    .page = page};

		memcpy(d.log_id, f->log_id, sizeof d.log_id);
		memcpy(d.shown, f->shown, sizeof d.shown);
		rc = store_difference_put(db, &d, &f->of[i].open);
		if (rc == RXP_ERR_FULL)
			rc = 0; /* it is told, and those that are kept wait for a person already */
	}
	return rc;
}

void found_count(struct node *n, struct peer *peer)
{
	(void)store_difference_open(store_db(n->store), &peer->differences, peer->party);
}

void found_told(const struct found *f, struct node *n, struct peer *peer)
{
	char id[RXP_ID_TEXT];

	for (size_t i = 0; i < f->n; i++) {
		const struct rxp_log_difference_row *row = rxp_log_difference_row(f->of[i].what);

		if (!f->of[i].open)
			continue;
		rxp_id_text(id, f->of[i].message_id);
		log_event(LOG_LOG_DIFFERS, LOG_S(peer->party), LOG_S(row->word), LOG_N(f->of[i].n),
		    LOG_S(id), LOG_S(""), LOG_S(row->meaning));
	}
	found_count(n, peer);
}
