#include "conformance/message/body.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/state/chance.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"

#define NOISE_OCTETS 500

const char *body_words(enum body body)
{
	static const char *const words[] = {
#define BODY(name, words) [BODY_##name] = (words),
#include "conformance/message/body.def"
#undef BODY
	};

	if ((unsigned)body >= BODY_COUNT)
		abort();
	return words[body];
}

static int put(struct rxp_buf *out, const struct rxp_buf *octets)
{
	return octets->len == 0 ? RXP_ERR_NOT_FOUND : rxp_buf_put(out, octets->data, octets->len);
}

static int put_noise(struct rxp_buf *out)
{
	uint8_t *room;
	int rc = rxp_buf_room(out, NOISE_OCTETS, &room);

	return rc == 0 ? chance()->fill(NULL, room, NOISE_OCTETS) : rc;
}

static int put_edited(struct rxp_buf *out, const struct rxp_buf *octets, const struct edit *e)
{
	int rc = put(out, octets);

	return rc == 0 ? edit_apply(out, e) : rc;
}

static int put_file_bit(struct rxp_buf *out, const struct rxp_buf *file)
{
	int rc = put(out, file);

	if (rc == 0)
		out->data[out->len - 1] ^= 1;
	return rc;
}

/* A Receipt for a message that nobody sent. */
static int put_receipt(struct rxp_buf *out, const struct draft *d, const struct keypair *by)
{
	struct rxp_signer signer = keypair_signer(by);
	struct rxp_answer a;
	int rc;

	rxp_answer_init(&a);
	a.kind = RXP_ANSWER_RECEIPT;
	memcpy(a.from, d->header.outer.from, sizeof a.from);
	memcpy(a.to, d->header.outer.to, sizeof a.to);
	a.created_ms = d->now_ms;
	a.received_ms = d->now_ms;
	a.has_fingerprint = true;
	rc = rxp_id_make_v7(a.message_id, d->now_ms, chance());
	if (rc == 0)
		rc = rxp_id_make_v4(a.log_id, chance());
	if (rc == 0)
		rc = chance()->fill(NULL, a.fingerprint, sizeof a.fingerprint);
	if (rc == 0)
		rc = rxp_answer_seal(out, &a, d->now_ms, &signer);
	rxp_answer_clear(&a);
	return rc;
}

/* The page of a log in which nothing is yet. */
static int put_page(struct rxp_buf *out, const struct draft *d, const struct keypair *by)
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	struct rxp_signer signer = keypair_signer(by);
	int rc;

	if (page == NULL)
		return RXP_ERR_NOMEM;
	memcpy(page->owner, d->header.outer.from, sizeof page->owner);
	memcpy(page->peer, d->header.outer.to, sizeof page->peer);
	page->created_ms = d->now_ms;
	rc = rxp_id_make_v4(page->log_id, chance());
	if (rc == 0)
		rc = rxp_logchain_start(page->head, page->owner, page->peer, page->log_id);
	memcpy(page->after_head, page->head, sizeof page->after_head);
	if (rc == 0)
		rc = rxp_log_page_seal(out, page, d->now_ms, &signer);
	free(page);
	return rc;
}

int body_make(
    struct rxp_buf *out, enum body body, const struct draft *d, const struct rxp_buf *answer)
{
	const struct state *own = d->parties->own;

	switch (body) {
	case BODY_NONE:
	case BODY_EMPTY:
		return 0;
	case BODY_FILE:
	case BODY_FILE_BARE:
		return put(out, &d->file);
	case BODY_FILE_BIT:
		return put_file_bit(out, &d->file);
	case BODY_NOISE:
		return put_noise(out);
	case BODY_ANSWERED:
		return put(out, answer);
	case BODY_ANSWERED_DIGIT:
		return put_edited(out, answer, &(struct edit){"<LogCount>", NULL, "@FOUND@9"});
	case BODY_OWN_RECEIPT:
		return put_receipt(out, d, &own->seal);
	case BODY_OWN_RECEIPT_STRAY:
		return put_receipt(out, d, &own->stray);
	case BODY_OWN_DESCRIPTOR:
		return put(out, &own->descriptor);
	case BODY_OWN_DESCRIPTOR_BIT:
		return put_edited(out, &own->descriptor,
		    &(struct edit){"<Identity>PElkZW50aXR5", NULL, "<Identity>PElkZW50aXR6"});
	case BODY_PRODUCT_DESCRIPTOR:
		return put(out, &d->parties->product->octets);
	case BODY_OWN_PAGE:
		return put_page(out, d, &own->seal);
	case BODY_PAGE_STRAY:
		return put_page(out, d, &own->stray);
	default:
		abort();
	}
}
