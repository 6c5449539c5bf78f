/*
 * workpieces - the objects on which the operations work (operation.h): those of QRA and QRB, under one key.
 */
#ifndef WORKPIECES_H
#define WORKPIECES_H

#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/random.h"
#include "protocol/document/document.h"
#include "protocol/envelope/agreement.h"
#include "protocol/envelope/envelope.h"
#include "protocol/evidence/evidence.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"
#include "protocol/test/fixture.h"
#include "protocol/test/story.h"

struct workpieces {
	struct fixture_key key;
	struct rxp_buf pem, spki;
	struct rxp_agreement_key *agreement;
	uint8_t scalar[32];
	struct rxp_header header;
	struct rxp_buf content, manifest; /* of an application */
	struct rxp_buf alone; /* one without attachments */
	struct rxp_buf document, envelope, receipt, refusal, log_page, descriptor;
	struct rxp_envelope *parsed;
	struct rxp_document *opened;
	struct rxp_evidence evidence; /* of the opened document */
	struct story story;
};

/* After rxp_init(); aborts if one cannot be made. */
void workpieces_make(struct workpieces *w);
void workpieces_clear(struct workpieces *w);

/* Answers and a page that are not sealed yet. */
struct rxp_answer workpieces_receipt(const struct workpieces *w);
struct rxp_answer workpieces_refusal(const struct workpieces *w);
struct rxp_log_page workpieces_log_page(const struct workpieces *w);

/* The same octets each time. */
extern const struct rxp_random workpieces_random;

#endif
