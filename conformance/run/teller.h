/*
 * teller - what stories are told with: a line, the case that is being told, and one message after the other.
 *
 * A step returns 0, a negative code if the suite fails, or 1 if it ruled and the story is over.
 */
#ifndef CONFORM_TELLER_H
#define CONFORM_TELLER_H

#include <stdint.h>

#include "conformance/message/saying.h"
#include "conformance/run/line.h"
#include "conformance/run/outcome.h"
#include "protocol/message/answer.h"

/* What came for a message: what was seen, and its octets. */
struct told {
	struct seen seen;
	struct rxp_buf octets;
};

#define TELLER_MAX 8

/* With n_drafts and n_told zero before the story; teller_clear() ends it. */
struct teller {
	struct outcome *out;
	struct line line;
	size_t n_drafts, n_told;
	struct draft drafts[TELLER_MAX];
	struct told told[TELLER_MAX];
};

/* Tell it, with a valid Ping before and after; never fails: what goes wrong is the verdict. */
void teller_run(struct outcome *out, const struct target *target,
    int (*tell)(struct teller *t, const void *arg), const void *arg);

/* Another draft, empty, and another place for what comes, of the teller's own. Aborts beyond TELLER_MAX. */
struct draft *teller_draft(struct teller *t);
struct told *teller_told(struct teller *t);
void teller_clear(struct teller *t);

void told_init(struct told *t);
void told_clear(struct told *t);

/* A new application, which opens a case, not made. */
int teller_open(struct teller *t, struct draft *d);
/* The same, made. */
int teller_make(struct teller *t, struct draft *d);
/* What is said behind `before`, a document that was made; it is not. */
int teller_say(
    struct teller *t, struct draft *d, const struct draft *before, enum rxp_case_event event);
/* A new case with one document, which is receipted, and what is said behind it, not made. The caller clears both. */
int teller_begin(
    struct teller *t, struct draft *first, struct draft *next, enum rxp_case_event event);
/* A Void of a message of this id and fingerprint, not made. */
int teller_void(struct teller *t, struct draft *d, const uint8_t message_id[RXP_ID_OCTETS],
    const uint8_t fingerprint[RXP_DIGEST_OCTETS]);

/* Make it if it is not, and send it: what must be receipted before the story can go on, or behind what is tried. */
int teller_before(struct teller *t, struct draft *d);
int teller_after(struct teller *t, struct draft *d);
/* The same of what is tried: it is what the outcome shows. got: of told_init(), empty. Rules unless it is as wanted. */
int teller_try(struct teller *t, struct draft *d, const struct expect *wanted, struct told *got);
/* The outcome shows this, and is ruled by it: 0 if it is as wanted. */
int teller_show(struct teller *t, const struct draft *d, const struct rxp_buf *came,
    const struct seen *seen, const struct expect *wanted);
/* Make it if it is not, and send it; got as above. It does not rule. */
int teller_send(struct teller *t, struct draft *d, struct told *got);
/* Send again what was made; the same. */
int teller_again(struct teller *t, const struct draft *d, struct told *got);

/* Rule that it is not as it must be, or, of a product that could not take what t asked last, that it could not be tried
 * (line_verdict()); returns 1. */
int teller_against(struct teller *t, const char *why);
/* The same of a fault that is one of another requirement, whose own cases find it: of those it is one, and of all others it can only be
 * said that what goes before did not come about. */
int teller_against_of(struct teller *t, const char *requirement, const char *why);
/* Is that the status that what t asked last must get? The outcome shows it; if not, it rules as above. */
int teller_status(struct teller *t, int wanted, int got);
/* Are both the same octets? If not, it rules. */
int teller_same(struct teller *t, const struct told *a, const struct told *b);

/* Does the View of a Refusal say that the product sent nothing, and this State what ends with `last`, or nothing if that is
 * NULL (RXP-CHN-012)? If not, it rules. */
int teller_view(struct teller *t, const struct told *got, const struct draft *last);

/* One request that is no message: *status is 0 if none came; the outcome shows what came. */
int teller_ask(struct teller *t, const struct wire_request *request, int *status);
/* Make the draft, and upload its attachment. Rules if the product cannot take that. */
int teller_upload(struct teller *t, struct draft *d);

/* Open an answer of the product. Errors of rxp_answer_open(). */
int teller_read(const struct teller *t, struct rxp_answer *a, const struct told *got);

struct rxp_log_page;
/* Ask for the page of the product's log behind that entry, which the outcome then shows as what came. Rules if it is none; on
 * success the caller frees *out. */
int teller_page(struct teller *t, uint64_t after, struct rxp_log_page **out);
/* The same of all entries behind that one, however few a page has: one page with them, as the last says that the log ends. */
int teller_log(struct teller *t, uint64_t after, struct rxp_log_page **out);
/* Where among its entries that of a message stands; n_entries: nowhere. */
size_t teller_entry(const struct rxp_log_page *page, const struct draft *d);

#endif
