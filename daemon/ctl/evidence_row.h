/*
 * evidence_row - what the daemon gives of one document as evidence, decoded for a container of it.
 */
#ifndef CTL_EVIDENCE_ROW_H
#define CTL_EVIDENCE_ROW_H

#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/evidence/dossier_make.h"

struct ctl;
struct json_t;

struct evidence_row {
	struct rxp_dossier_row row; /* of the members below; type and from of the JSON */
	struct rxp_buf piece[RXP_EVIDENCE_PIECES], answer, body;
	uint8_t message_id[RXP_ID_OCTETS], fingerprint[RXP_DIGEST_OCTETS], case_id[RXP_ID_OCTETS];
};

/* The octets of a member in base64, appended. RXP_ERR_SYNTAX if it is none or does not decode; the buffer's errors. */
int evidence_octets(struct rxp_buf *out, const struct json_t *object, const char *member);

/* Decode one of `items`, of the evidence of that case or message. What is larger than it may be, or is no id, is as if it was
 * not there: nothing of it verifies. RXP_ERR_SYNTAX: the daemon's answer has another form; RXP_ERR_NOMEM. The caller clears out, also
 * on failure. */
int evidence_row_read(
    struct evidence_row *out, const struct json_t *item, const char *case_or_message);
void evidence_row_clear(struct evidence_row *r);

/* Complain that the document is named and not given, and why. */
void evidence_row_tell(struct ctl *c, const struct rxp_dossier_row *row, const struct json_t *item,
    enum rxp_withheld why);

#endif
