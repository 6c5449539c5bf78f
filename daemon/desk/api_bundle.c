/* Bundles: what people carry in a file to and from a peer, object by object (RXP-BND). */
#include "daemon/desk/api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/attachment.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/outgoing.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define BASE64_MAX (512UL * 1024) /* octets of the text of one envelope */

static bool digest_of(struct http_request *r, uint8_t digest[RXP_DIGEST_OCTETS])
{
	const char *text = http_query(r, "digest");

	if (text != NULL && rxp_hex_get(digest, RXP_DIGEST_OCTETS, text, false) == 0)
		return true;
	problem_reply(r, PROBLEM_QUERY, "digest is 64 lower-case hexadecimal digits");
	return false;
}

/* NULL without memory. */
static json_t *base64(struct bytes octets)
{
	struct rxp_buf text;
	json_t *json = NULL;

	rxp_buf_init(&text, BASE64_MAX);
	if (rxp_base64_put(&text, octets.data, octets.len) == 0)
		json = json_stringn((const char *)text.data, text.len);
	rxp_buf_free(&text);
	return json;
}

/* --- messages -------------------------------------------------------------------------------------- */

static json_t *attachments(struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct rec_attachment_row row;
	json_t *list = json_array();
	char hex[RXP_DIGEST_HEX];
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1 &&
	       record_decode(&row, &record_attachment_row, fields.data, fields.len) == 0) {
		rxp_hex_put(hex, row.ciphertext_digest, sizeof(row.ciphertext_digest), false);
		(void)json_array_append_new(list, json_pack("{s:s, s:I}", "digest", hex, "length",
						      (json_int_t)row.ciphertext_length));
	}
	return list;
}

/* Without an envelope: it is passed over. Without an id: there is none. */
static void given(struct http_request *r, const struct link_message *answer)
{
	static const uint8_t none[RXP_ID_OCTETS];
	const struct msg_bundle_given *m = answer->body;
	char local[RXP_ID_TEXT], id[RXP_ID_TEXT];

	if (m->result != 0) {
		problem_reply_result(r, m->result, NULL);
		return;
	}
	rxp_id_text(local, m->local_id);
	rxp_id_text(id, m->message_id);
	if (memcmp(m->local_id, none, sizeof(none)) == 0)
		reply_json(r, json_pack("{s:n}", "local_id"));
	else if (m->envelope.len == 0)
		reply_json(r, json_pack("{s:s, s:n}", "local_id", local, "envelope"));
	else
		reply_json(r,
		    json_pack("{s:s, s:s, s:o, s:o, s:o}", "local_id", local, "message_id", id,
			"envelope", base64(m->envelope), "attachments", attachments(m->attachments),
			"answer", m->answer.len > 0 ? base64(m->answer) : json_null()));
}

void api_bundle_next(struct http_request *r)
{
	struct msg_bundle_next m = {0};

	if (!api_id(r, "after", m.after))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_bundle_next, &m, false, given);
}

/* Without an id: there is none. */
static void own_given(struct http_request *r, const struct link_message *answer)
{
	const struct msg_bundle_own_given *m = answer->body;
	char id[RXP_ID_TEXT];

	rxp_id_text(id, m->message_id);
	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else if (m->answer.len == 0)
		reply_json(r, json_pack("{s:n}", "message_id"));
	else
		reply_json(
		    r, json_pack("{s:s, s:o}", "message_id", id, "answer", base64(m->answer)));
}

void api_bundle_own(struct http_request *r)
{
	struct msg_bundle_own m = {0};

	if (!api_id(r, "after", m.after))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	ask_put(http_api(r)->ask, r, IPC_bundle_own, &m, false, own_given);
}

static void shown(struct http_request *r, const struct link_message *answer)
{
	const struct msg_bundle_log_given *m = answer->body;

	if (m->result == (uint32_t)RXP_ERR_FULL)
		problem_reply(r, PROBLEM_BUSY, NULL);
	else if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else if (m->page.len == 0)
		reply_json(r, json_pack("{s:n}", "page"));
	else
		reply_json(r,
		    json_pack("{s:o, s:I}", "page", base64(m->page), "next", (json_int_t)m->next));
}

void api_bundle_log(struct http_request *r)
{
	struct msg_bundle_log m = {0};
	uint32_t after = 0;

	if (!api_number(r, "after", 0, 0, UINT32_MAX, &after))
		return;
	m.after = after;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	ask_put(http_api(r)->ask, r, IPC_bundle_log, &m, false, shown);
}

static void brought(struct http_request *r, const struct link_message *answer)
{
	const struct msg_bundle_brought *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else if (m->answer.len == 0)
		reply_json(r, json_pack("{s:i, s:n}", "status", (int)m->http_status, "answer"));
	else
		reply_json(r, json_pack("{s:i, s:o}", "status", (int)m->http_status, "answer",
				  base64(m->answer)));
}

void api_bundle_bring(struct http_request *r)
{
	struct msg_bundle_bring m = {.octets = http_body(r)};
	const char *kind = http_query(r, "kind");

	if (kind == NULL || (strcmp(kind, "message") != 0 && strcmp(kind, "answer") != 0 &&
				strcmp(kind, "log") != 0 && strcmp(kind, "descriptor") != 0)) {
		problem_reply(r, PROBLEM_QUERY, "kind is message, answer, log or descriptor");
		return;
	}
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.kind, sizeof(m.kind), "%s", kind);
	ask_put(http_api(r)->ask, r, IPC_bundle_bring, &m, false, brought);
}

/* --- attachments that leave ------------------------------------------------------------------------ */

static void file_given(struct http_request *r, const struct link_message *answer)
{
	const struct msg_bundle_file_given *m = answer->body;

	if (answer->type == IPC_bundle_file_denied)
		problem_reply_result(
		    r, ((const struct msg_bundle_file_denied *)answer->body)->result, NULL);
	else
		outgoing_reply(r, answer->fds[0], m->length);
}

void api_bundle_file(struct http_request *r)
{
	struct msg_bundle_file m = {0};

	if (!digest_of(r, m.digest))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	ask_put(http_api(r)->ask, r, IPC_bundle_file, &m, false, file_given);
}

/* --- attachments that come ------------------------------------------------------------------------- */

/* The octets of one request, which lie behind those that are held. */
struct part {
	uint8_t digest[RXP_DIGEST_OCTETS];
	uint32_t offset, total;
};

static void reply_held(struct http_request *r, uint32_t status, uint64_t held)
{
	reply_json(r, json_pack("{s:i, s:I}", "status", (int)status, "held", (json_int_t)held));
}

static void ended(struct http_request *r, const struct link_message *answer)
{
	const struct msg_bundle_stage_ended *m = answer->body;

	reply_held(r, m->http_status, m->held);
}

static bool write_all(int fd, struct bytes octets, uint64_t at)
{
	while (octets.len > 0) {
		ssize_t n = pwrite(fd, octets.data, octets.len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		octets.data += n;
		octets.len -= (size_t)n;
		at += (uint64_t)n;
	}
	return true;
}

/* The registry counts what is there; the descriptor is closed before it hears of the end. */
static void staged(struct http_request *r, const struct link_message *answer)
{
	const struct part *p = http_kept(r);
	struct msg_bundle_stage_end end = {.held = p->offset};

	if (answer->type != IPC_bundle_stage_opened) {
		const struct msg_bundle_staged *m = answer->body;

		reply_held(r, m->http_status, m->held);
		return;
	}
	(void)write_all(answer->fds[0], http_body(r), p->offset);
	memcpy(end.party, http_values(r)->party, sizeof(end.party));
	memcpy(end.digest, p->digest, sizeof(end.digest));
	ask_put(http_api(r)->ask, r, IPC_bundle_stage_end, &end, false, ended);
}

void api_bundle_part(struct http_request *r)
{
	struct msg_bundle_stage m = {0};
	struct part *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		problem_reply(r, PROBLEM_BUSY, NULL);
		return;
	}
	http_keep(r, p, free);
	if (!digest_of(r, p->digest) || !api_number(r, "offset", 0, 0, UINT32_MAX, &p->offset) ||
	    !api_number(r, "total", 0, 1, UINT32_MAX, &p->total))
		return;
	if (http_body(r).len > p->total || p->offset > p->total - http_body(r).len) {
		problem_reply(r, PROBLEM_QUERY, "the octets lie outside of the whole");
		return;
	}
	m.offset = p->offset;
	m.total = p->total;
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	memcpy(m.digest, p->digest, sizeof(m.digest));
	ask_put(http_api(r)->ask, r, IPC_bundle_stage, &m, false, staged);
}
