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
	bool is_busy; /* what was sent last it could not take as long as a step may take */
	struct draft_clock clock; /* the product's, by the Receipt of the last control */
};

void line_hang_up(struct line *l);

/* Make the connection, if none is open. */
enum wire_end line_connect(struct line *l);

/* One request on the line. response is empty before; the caller clears it. After another end than WIRE_NONE it is hung up. */
enum wire_end line_ask(
    struct line *l, const struct wire_request *request, struct wire_response *response);

/* Send a made draft, or on a connection of its own if that is to be another one; response as above. */
void line_send(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response);

/* Send a made draft on two new connections, on both before either is answered; responses as above. */
void line_send_at_once(
    struct line *l, const struct draft *d, struct seen seen[2], struct wire_response responses[2]);

/* Send a made draft on a new connection, its last octet so much later than the others; *last_ms: the time before that; response as
 * above. */
void line_send_late(struct line *l, const struct draft *d, int late_ms, int64_t *last_ms,
    struct seen *seen, struct wire_response *response);

/* Send one request, which may have to wait, then another on a second new connection, and wait for both; responses as above. */
void line_ask_beside(
    struct line *l, const struct wire_request requests[2], struct wire_response responses[2]);

/* The PUT of the attachment of a made draft from an octet of it on, which borrows from the draft. */
struct line_put {
	char path[sizeof "/rxp/1/attachments/" + ATTACHED_NAME], range[64];
	struct wire_request request;
};
void line_put_of(struct line_put *out, const struct draft *d, size_t from);
/* Upload the attachment of a made draft, if it has one. What the product does not take it will miss in the document. */
void line_upload(struct line *l, const struct draft *d);
/* line_send() of one whose attachment, if it has one, is uploaded before. */
void line_send_with(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response);

/* Whatever a product answered before, it may not end for it. What it never could take was not tried. */
void line_judge(struct line *l, struct outcome *out);

/* Make the draft without a change, and send it so; answer, unless it is NULL, gets the body of the response. */
int line_send_valid(struct line *l, struct draft *d, struct seen *seen, struct rxp_buf *answer);

#endif
