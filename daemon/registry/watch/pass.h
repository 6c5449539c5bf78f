/*
 * pass - one reading of the log that a peer keeps for this node: page after page, each checked by a sealer and compared in a
 * transaction, until its end. Which log is read and when, logwatch.h decides.
 */
#ifndef REGISTRY_WATCH_PASS_H
#define REGISTRY_WATCH_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/store.h"
#include "daemon/registry/watch/logwatch.h"
#include "daemon/registry/watch/page.h"
#include "protocol/base/buf.h"

/* One reading of one log. */
struct pass {
	struct pass *next;
	struct logwatch *by;
	struct peer *peer;
	struct page_pass at;
	int64_t asked_ms; /* answers that were there then must be in the log */
	bool whole; /* from the first entry on */
	bool posted; /* the peer posts the pages, instead of being asked */
	bool begins; /* what it posted was made before asked_ms, and only says that it is there */
	uint64_t request; /* at the gateway, or the gateway's; 0 while no page is on its way */
	int64_t heard_ms; /* when it posted the last page */
	bool
	    carried; /* posted in a bundle; who brought the page that is in work hears of it, then NULL: */
	logwatch_carried_done *done;
	void *done_arg;
	struct rxp_log_page page; /* the last, … */
	struct rxp_buf octets; /* … and as sealed */
	bool asked_seal; /* the peer, since its seal is not known */
	struct store_item item;
	struct found found;
	bool over; /* no page follows */
	uint8_t answered[RXP_ID_OCTETS]; /* the last own message that was looked up */
};

struct logwatch {
	struct logwatch_config config;
	struct pass *first; /* at most one of a peer */
};

/* Begin one, without asking for a page, or for pages of a bundle; it stands in the list of w until it ends. RXP_ERR_STATE: while something is brought back
 * there is none (RXP-LOG-022). RXP_ERR_NOMEM, errors as in db.h. */
int pass_open(struct pass **out, struct logwatch *w, struct peer *peer, bool carried);
/* Free one that is in no list. */
void pass_free(struct pass *p);

/* Ask for the next page; of one that is posted, say which is next. RXP_ERR_FULL, errors of a link. */
int pass_ask(struct pass *p);
/* Take these octets as the page that came. The buffer's errors. */
int pass_keep(struct pass *p, struct bytes octets);
/* Have it checked and compared; what follows is the pass's own. Errors of work.h. */
int pass_check(struct pass *p);

/* End it unread; the next tick after an hour, or page that is posted, begins anew. why NULL: nobody can connect to the peer. */
void pass_give_up(struct pass *p, const char *why);

/* Answer a request of the gateway: a page that a peer posted. */
void pass_reply(const struct logwatch *w, uint64_t request, uint32_t status, uint64_t after);

/* When its log was compared last, or it became a peer. */
int64_t pass_compared_ms(const struct peer *peer);
/* Say of a peer with which messages are exchanged that it has not let its log be compared, if that is so for three days
 * (RXP-LOG-012); the same of one if it was on the line since yesterday. */
void pass_tell_blind(struct peer *peer, const char *why);
void pass_tell_unread(struct peer *peer, const char *why);

/* Was that said, and does it last? */
bool pass_is_blind(const struct peer *peer, int64_t now_ms);

#endif
