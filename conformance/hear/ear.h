/*
 * ear - the test State as the product reaches it: it listens at its endpoint, keeps every message that comes, and answers.
 *
 * Its descriptor and its log are given rightly to whoever asks, and attachments, descriptors and pages of logs are taken. A message gets its Receipt, unless a case has
 * armed a retort, or what comes is to wait for the next case; and that too, when it would keep the one that a case waits for from coming again.
 */
#ifndef CONFORM_EAR_H
#define CONFORM_EAR_H

#include "conformance/hear/heard.h"
#include "conformance/hear/pulls.h"
#include "conformance/hear/retort.h"
#include "conformance/hear/uploads.h"

struct ear;
struct ledger;
struct rxp_cert;

/* What came besides messages, and what the suite could not do. */
struct ear_counts {
	unsigned lines; /* connections */
	unsigned messages; /* different ones */
	unsigned descriptors, logs, answers; /* asked for, or posted */
	unsigned fetches; /* requests for a message of the suite */
	unsigned posted; /* descriptors and pages of a log */
	unsigned moments; /* messages and answers that came, each time */
	unsigned elsewhere; /* requests for what RXP/1 has not */
	unsigned odd_descriptors; /* requests for the descriptor on such a connection */
	unsigned
	    odd; /* messages that came on a connection that was greeted oddly, or that were begun on one after it was broken … */
	unsigned odd_shaken; /* … and such connections on which the handshake was complete */
	enum wire_end last_end; /* of a connection that came to nothing */
	bool ended; /* there was such a one */
	int64_t
	    asked_ms; /* when somebody connected, or asked for the descriptor, last: by the monotonic clock */
	int failed; /* RXP_ERR_* of the suite since ear_arm(), 0: none */
};

/* Listen at `at` (wire/listen.h). WIRE_NONE: the caller owns *out. dir: the folder of the State. */
enum wire_end ear_open(
    struct ear **out, const struct parties *parties, const char *dir, const char *at);
void ear_close(struct ear *e); /* NULL is allowed */

/* What comes first from now on comes in the case of that id, which is borrowed. */
void ear_begin(struct ear *e, const char *case_id);
/* Until something came, or that time of the monotonic clock. */
void ear_turn(struct ear *e, int64_t deadline_ms);
/* The attachments that the product brings. */
struct uploads *ear_uploads(struct ear *e);
/* What the suite has for a product that fetches. */
struct pulls *ear_pulls(struct ear *e);
/* To be served while the suite itself waits for the product. */
const struct wire_aside *ear_aside(const struct ear *e);

/*
 * The next message gets this answer so many times, then its Receipt. is_final: the answer is its final one, which is given
 * again as it is. A message that waits is taken.
 */
void ear_arm(struct ear *e, const struct retort *retort, unsigned times, bool is_final);
/* The same of the next message of that type; any other gets its Receipt meanwhile. */
void ear_arm_for(
    struct ear *e, const char *type, const struct retort *retort, unsigned times, bool is_final);
/* The message that was taken since; NULL: none yet. */
struct heard *ear_taken(const struct ear *e);
/* The answer that it got last is its final one after all, so that the log has it; unless it has one. */
void ear_settle(struct ear *e, const struct heard *h);
/* How often the answer is still to be given. */
unsigned ear_left(const struct ear *e);
/* New messages wait from now on. */
void ear_hold(struct ear *e);
/* The same, and until then so many milliseconds. */
void ear_rest(struct ear *e, int ms);
/* That a message came again, or in another Envelope, is what a case wanted. */
void ear_forgive(struct ear *e, const struct heard *h);
/* That message gets this answer, one that is not final, whenever it comes and whatever is armed; NULL: no longer. */
void ear_doubt(struct ear *e, const struct heard *h, const struct retort *answer);
/* The log of the State. */
const struct ledger *ear_ledger(const struct ear *e);
/* The State loses what it answered behind the first n entries of its log. Errors of ledger_lose(). */
int ear_lose(struct ear *e, size_t n);
/* The answer to that message is not taken when it is brought next. */
void ear_leave(struct ear *e, const struct heard *h);
/* New messages get their Receipts from now on, and those that wait. */
void ear_take_all(struct ear *e);
/* The first message that waits; NULL: none does. */
struct heard *ear_waiting(const struct ear *e);

/* The body of the answer that was armed, as it was given last; empty: none was. */
const struct rxp_buf *ear_said(const struct ear *e);

/* Give these octets as the State's descriptor from now on; NULL: its own. Borrowed until then. */
void ear_serve(struct ear *e, const struct rxp_buf *descriptor);
/* Whoever asks for the descriptor gets 503. */
void ear_serve_none(struct ear *e, bool none);
/* The final answers that messages got under `former` are sealed anew, under the State's seal (RXP-DSC-035): whoever asks for one again
 * gets that, and to ask for it is right. Errors of librxp, RXP_ERR_IO. */
int ear_reseal(struct ear *e, const struct rxp_cert *former);
/* Whatever got its final answer since then, by the monotonic clock, may come again (RXP-DSC-042). */
void ear_forgive_since(struct ear *e, int64_t since_ms);

/* How many connections stand although the suite broke the rules of HTTP/2 on them; end those. */
unsigned ear_broken(const struct ear *e);
void ear_end_broken(struct ear *e);

/* All that came, the first first. */
const struct heard *ear_first(const struct ear *e);
const struct ear_counts *ear_counted(const struct ear *e);

#endif
