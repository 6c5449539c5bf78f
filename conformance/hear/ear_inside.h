/*
 * ear_inside - what the parts of ear share: what is answered (ear.c), and what the State lost and has back (ear_loss.c).
 */
#ifndef CONFORM_EAR_INSIDE_H
#define CONFORM_EAR_INSIDE_H

#include "conformance/hear/ear.h"
#include "protocol/log/logchain.h"

enum mode { HOLDS, ARMED, TAKES };

struct ear {
	const struct parties *parties;
	struct host *host;
	struct wire_aside aside;
	struct ledger *ledger;
	struct uploads *uploads;
	struct pulls *pulls;
	struct heard *first, **last;
	enum mode mode;
	const struct retort *retort;
	unsigned left;
	bool is_final;
	const char *type; /* of the messages that it is for; NULL: any */
	struct heard *taken;
	const char *during; /* the case that is tried */
	const struct rxp_buf *served; /* as the descriptor; NULL: that of the State */
	bool serves_none; /* in its place a 503 */
	struct rxp_buf page; /* what is being given */
	struct rxp_buf
	    said; /* the body of the answer that the case armed, as it was given last … */
	struct rxp_log_entry said_entry; /* … which the log would have of it */
	struct ear_counts counts;
};

/* The first failure of the suite is kept. */
void ear_fail(struct ear *e, int rc);
/* The message of that id that came; NULL: none did. */
struct heard *ear_find(const struct ear *e, const uint8_t id[RXP_ID_OCTETS]);
/* One that the caller got of this ear. */
struct heard *ear_own(const struct ear *e, const struct heard *h);
/* The final answer that there is to it; to a Void, of the message that it names. */
const struct ledger_entry *ear_stored(const struct ear *e, const struct heard *h);
/* An answer of this State comes back, octet for octet: the status of that. It was lost, is known, or is to be none of it, as a case
 * may have it. */
int ear_bring(struct ear *e, const struct rxp_buf *octets);

#endif
