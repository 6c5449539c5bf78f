#include "daemon/ctl/evidence_row.h"

#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

int evidence_octets(struct rxp_buf *out, const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	if (!json_is_string(value))
		return RXP_ERR_SYNTAX;
	return rxp_base64_get(out, json_string_value(value), json_string_length(value));
}

/* What no document has is a hand's: it must not keep back the others (RXP-EVI-032). */
static int octets_or_none(struct rxp_buf *out, const json_t *item, const char *member)
{
	int rc = evidence_octets(out, item, member);

	if (rc != RXP_ERR_BOUND)
		return rc;
	rxp_buf_reset(out);
	return 0;
}

static int digest_of(uint8_t out[RXP_DIGEST_OCTETS], const json_t *item, const char *member)
{
	const char *hex = json_string_value(json_object_get(item, member));

	return hex == NULL ? RXP_ERR_SYNTAX : rxp_hex_get(out, RXP_DIGEST_OCTETS, hex, false);
}

static int read_names(struct evidence_row *r, const json_t *item, const char *case_or_message)
{
	const char *id = json_string_value(json_object_get(item, "message_id"));
	int rc;

	r->row.type = json_string_value(json_object_get(item, "type"));
	r->row.from = json_string_value(json_object_get(item, "from"));
	r->row.unproved = json_is_true(json_object_get(item, "unproved"));
	if (r->row.type == NULL || r->row.from == NULL || id == NULL)
		return RXP_ERR_SYNTAX;
	rc = digest_of(r->row.seal_cert, item, "seal_cert");
	if (rc == 0)
		rc = digest_of(r->fingerprint, item, "fingerprint");
	if (rc != 0)
		return rc;
	if (rxp_id_parse(r->message_id, id, 7) != 0)
		memset(r->message_id, 0, sizeof(r->message_id));
	r->row.message_id = r->message_id;
	r->row.fingerprint = r->fingerprint;
	if (rxp_id_parse(r->case_id, case_or_message, 4) == 0)
		r->row.case_id = r->case_id;
	return 0;
}

int evidence_row_read(struct evidence_row *out, const json_t *item, const char *case_or_message)
{
	static const char *const members[RXP_EVIDENCE_PIECES] = {[RXP_EVIDENCE_HEADER] = "header",
	    [RXP_EVIDENCE_PROPERTIES] = "properties",
	    [RXP_EVIDENCE_SIGNED_INFO] = "signed_info",
	    [RXP_EVIDENCE_VALUE] = "value"};
	int rc;

	*out = (struct evidence_row){.row = {.type = NULL}};
	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++)
		rxp_buf_init(&out->piece[i], RXP_EVIDENCE_MAX_OCTETS);
	rxp_buf_init(&out->answer, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&out->body, RXP_EVIDENCE_MAX_OCTETS);
	rc = read_names(out, item, case_or_message);
	for (int i = 0; rc == 0 && i < RXP_EVIDENCE_PIECES; i++) {
		rc = octets_or_none(&out->piece[i], item, members[i]);
		out->row.evidence.piece[i].data = out->piece[i].data;
		out->row.evidence.piece[i].len = out->piece[i].len;
	}
	if (rc == 0)
		rc = octets_or_none(&out->answer, item, "answer");
	if (rc == 0 && json_object_get(item, "body") != NULL)
		rc = octets_or_none(&out->body, item, "body");
	out->row.answer = out->answer.data;
	out->row.answer_len = out->answer.len;
	out->row.body = out->body.data;
	out->row.body_len = out->body.len;
	return rc;
}

void evidence_row_clear(struct evidence_row *r)
{
	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++)
		rxp_buf_free(&r->piece[i]);
	rxp_buf_free(&r->answer);
	rxp_buf_free(&r->body);
}

/* Who it is that altered it is for people to find out. */
void evidence_row_tell(
    struct ctl *c, const struct rxp_dossier_row *row, const json_t *item, enum rxp_withheld why)
{
	static const char *const WHY[RXP_WITHHELD_REASONS] = {
	    [RXP_WITHHELD_ALTERED] = "what is stored of it does not verify: it was altered",
	    [RXP_WITHHELD_UNNAMED] =
		"no descriptor that this node has names its seal, or that of its answer: the State has one that "
		"did, and `readmitctl descriptor keep` takes it; if none did, it was altered",
	    [RXP_WITHHELD_UNPROVED] =
		"it, or its answer, came back under a seal that was revoked, and no person has let it stand",
	    [RXP_WITHHELD_MISSING] = "nothing is stored of it"};
	const char *id = json_string_value(json_object_get(item, "local_id"));

	ctl_complain(c, "%s of %s, %.36s: %s; it is named, and not given", row->type, row->from,
	    id == NULL ? "" : id, WHY[why]);
}
