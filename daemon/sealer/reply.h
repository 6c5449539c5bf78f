/*
 * reply - the answer to one request while it is being made, with the octets it points to.
 *
 * Every handler has the same form: it reads the request's message struct, fills the body of its
 * answer, whose first field is the result, and lets BYTES point into the reply's buffers. Result 0:
 * the answer holds a verdict. RXP_ERR_*: there is none, and nothing else in the answer counts, the
 * violations of `checked` and the reason of `terms_opened` apart.
 */
#ifndef SEALER_REPLY_H
#define SEALER_REPLY_H

#include "daemon/base/ipc.h"
#include "protocol/base/buf.h"

struct node;

#define REPLY_BUFFERS 6 /* runs of octets in one answer */

struct reply {
	union {
		struct msg_key_made key_made;
		struct msg_working_sealed working_sealed;
		struct msg_descriptor_checked descriptor_checked;
		struct msg_descriptor_renewed descriptor_renewed;
		struct msg_opened opened;
		struct msg_rewrapped rewrapped;
		struct msg_escrowed escrowed;
		struct msg_answer_sealed answer_sealed;
		struct msg_answer_resealed answer_resealed;
		struct msg_closed closed;
		struct msg_rekeyed rekeyed;
		struct msg_restored restored;
		struct msg_answer_checked answer_checked;
		struct msg_checked checked;
		struct msg_ticket_made ticket_made;
		struct msg_content content;
		struct msg_correction_read correction_read;
		struct msg_attachment_keyed attachment_keyed;
		struct msg_segment_sealed segment_sealed;
		struct msg_segment_opened segment_opened;
		struct msg_attachment_ticketed attachment_ticketed;
		struct msg_terms_opened terms_opened;
		struct msg_container_sealed container_sealed;
		struct msg_descriptor_joined descriptor_joined;
		struct msg_log_page_sealed log_page_sealed;
		struct msg_log_page_checked log_page_checked;
	} body;
	struct rxp_buf octets[REPLY_BUFFERS];
	int file; /* that the request brought beside its message; borrowed, -1: none */
};

/* Returns 0, or RXP_ERR_STATE for a request that a correct client does not make; the sealer then
 * ends. */
typedef int reply_handler(struct node *node, const void *request, struct reply *reply);

void reply_init(struct reply *reply);
void reply_clear(struct reply *reply);

struct bytes reply_bytes(const struct rxp_buf *buf);

#endif
