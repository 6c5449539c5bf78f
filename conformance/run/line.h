/*
 * line - the connection to the product on which a case sends its messages: made when it is needed, and made anew after it was
 * hung up or broke.
 *
 * It does what any sender does: on a connection that the product ended between two requests it asks nothing, what the product
 * certainly did not process it sends once more at once (RXP-HTTP-009), and with one that cannot take it now it has patience.
 */
#ifndef CONFORM_LINE_H
#define CONFORM_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "conformance/message/attached.h"
#include "conformance/message/draft.h"
#include "conformance/run/seen.h"
#include "conformance/run/target.h"
#include "conformance/wire/wire.h"

struct line {
	const struct target *target; /* borrowed */
	struct wire *wire; /* NULL: none is open */
	bool busy_is_said; /* what says that the product cannot take it now is an answer here */
	bool has_answered; /* the product, on this line */
	bool was_away; /* and then nothing listened there: it had ended */
	bool was_cut; /* a connection ended without an answer */
	bool was_late; /* something got no answer as long as a step may take */
	bool is_busy; /* what was sent last it could not take as long as a step may take: … */
	bool refuses; /* … a message, which it tells from others then */
	struct wire
	    *held; /* one that stays although the line is hung up: of line_hold(); NULL: none */
	struct draft_clock clock; /* the product's, by the Receipt of the last control */
};

void line_hang_up(struct line *l);

/* Make the connection, if none is open. */
enum wire_end line_connect(struct line *l);

/* One request on the line. response is empty before; the caller clears it. After another end than WIRE_NONE it is hung up, unless the
 * stream alone was refused. */
enum wire_end line_ask(
    struct line *l, const struct wire_request *request, struct wire_response *response);

/* Send a made draft, or on a connection of its own if that is to be another one; response as above. */
void line_send(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response);

/* Send two made drafts, or one twice, each on a new connection, both before either is answered: both again while it can take neither, and then once
 * more what it could not take; responses as above. */
void line_send_at_once(struct line *l, const struct draft *const d[2], struct seen seen[2],
    struct wire_response responses[2]);

/* Send a made draft on a new connection, its last octet so much later than the others; *last_ms: the time before that; response as
 * above. */
void line_send_late(struct line *l, const struct draft *d, int late_ms, int64_t *last_ms,
    struct seen *seen, struct wire_response *response);

/* Send one request, which may have to wait, then another on a second new connection, and wait for both; *lasted_ms: how long that
 * took; responses as above. */
void line_ask_beside(struct line *l, const struct wire_request requests[2],
    struct wire_response responses[2], int64_t *lasted_ms);

/*
 * A request that stays open behind so many octets of its body (wire_hold()), on a new connection, which is the line's until that is
 * hung up. One that is put off ended although nothing was wrong with it: it is begun again, as long as the caller has patience.
 * line_drop() ends it; request and response stay until then.
 */
enum wire_end line_hold(
    struct line *l, const struct wire_request *request, struct wire_response *response);
void line_drop(struct line *l);
/* Was it put off, by 503, or since nothing was done with it? Known at the latest then. */
bool line_is_put_off(
    const struct line *l, const struct wire_response *response, int64_t deadline_ms);

/* The PUT of the attachment of a made draft from an octet of it on, which borrows from the draft. */
struct line_put {
	char path[sizeof "/rxp/1/attachments/" + ATTACHED_NAME], range[64];
	struct wire_request request;
};
void line_put_of(struct line_put *out, const struct draft *d, size_t from);
/* Upload the attachment of a made draft, if it has one. What the product does not take it will miss in the document. false: it could not
 * take it as long as a step may take. */
bool line_upload(struct line *l, const struct draft *d);
/* line_send() of one whose attachment, if it has one, is uploaded before; if that cannot be, its status is what was seen. */
void line_send_with(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response);

/* What it comes to if something is not as it must be: `otherwise`, or INCOMPLETE if it could not take what was sent last on the line. */
enum verdict line_verdict(const struct line *l, struct outcome *out, enum verdict otherwise);

/* Whatever a product answered before, it may not end for it. What it never could take was not tried. */
void line_judge(struct line *l, struct outcome *out);

/* Make the draft without a change, and send it so; answer, unless it is NULL, gets the body of the response. */
int line_send_valid(struct line *l, struct draft *d, struct seen *seen, struct rxp_buf *answer);

#endif
