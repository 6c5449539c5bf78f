#include "daemon/registry/out/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"

_Static_assert(
    sizeof NODE_TIME_DISPUTED <= RXP_FLAG_TEXT, "there is room for it beside the peer's");

/* --- being in work ------------------------------------------------------------------------------- */

static void clear(struct flight *f)
{
	rxp_buf_free(&f->envelope);
	rxp_buf_free(&f->made);
	rxp_buf_free(&f->answer);
	rxp_buf_free(&f->facts);
	free(f);
}

int flight_new(
    struct flight **out, struct flights *all, struct peer *peer, const uint8_t local_id[16])
{
	struct flight *f = calloc(1, sizeof *f);
	struct store_file file;
	int rc;

	if (f == NULL)
		return RXP_ERR_NOMEM;
	f->all = all;
	f->peer = peer;
	f->result = RXP_ERR_IO;
	rxp_buf_init(&f->envelope, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&f->made, IPC_MESSAGE_MAX);
	rxp_buf_init(&f->answer, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&f->facts, IPC_INLINE_MAX);
	rc = store_outbox_get(store_db(all->node->store), &f->row, &f->envelope, local_id);
	if (rc != 0) {
		clear(f);
		return rc;
	}
	f->again = state_final(f->row.state);
	f->files = store_file_of_message(store_db(all->node->store), &file, NULL, local_id, 1) == 0;
	peer->files_in_work += f->files;
	rxp_id_text(
	    f->id_text, f->row.state == STATE_WAITING ? f->row.local_id : f->row.message_id);
	f->next = all->first;
	all->first = f;
	*out = f;
	return 0;
}

void flight_free(struct flight *f)
{
	struct flight **at = &f->all->first;

	while (*at != NULL && *at != f)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every flight is in the list */
	*at = f->next;
	f->peer->files_in_work -= f->files;
	clear(f);
}

void flight_left(struct flight *f)
{
	const struct flight_caller caller = f->caller;
	int result = f->result;

	pace_ended(f->all->pace, f->peer);
	flight_free(f);
	if (caller.left != NULL)
		caller.left(caller.arg, result);
}

int flight_keep_envelope(struct flight *f, struct bytes envelope)
{
	const struct msg_closed only = {.envelope = envelope};

	return flight_keep_closed(f, &only);
}

/* --- commits ------------------------------------------------------------------------------------- */

int flight_keep_closed(struct flight *f, const struct msg_closed *m)
{
	const struct bytes *from[] = {&m->envelope, &m->evidence, &m->wrapped_key};
	struct bytes *to[] = {&f->made_envelope, &f->made_evidence, &f->made_key};
	size_t at = 0;

	if (m->envelope.len == 0 || m->envelope.len > RXP_MAX_ENVELOPE_OCTETS)
		return RXP_ERR_BOUND;
	for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
		rxp_buf_put(&f->made, from[i]->data, from[i]->len);
	for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
		*to[i] = (struct bytes){.data = f->made.data + at, .len = from[i]->len};
		at += from[i]->len;
	}
	return rxp_buf_error(&f->made);
}

void flight_commit(struct flight *f, store_apply *apply, store_done *done)
{
	f->item = (struct store_item){.apply = apply, .done = done, .arg = f};
	store_submit(f->all->node->store, &f->item);
}

void flight_committed(struct flight *f)
{
	peers_count(f->peer, f->row.state, f->changed.state);
	f->row = f->changed;
	f->all->changed(f->all->changed_arg, f->row.local_id);
}

/* --- what an answer means ------------------------------------------------------------------------ */

/* Does the answer name an envelope that was made of the document (RXP-ANS-012)? */
static bool names_envelope(const struct store_outbox *row, const uint8_t digest[32])
{
	bool found = memcmp(digest, row->envelope_digest, sizeof row->envelope_digest) == 0;

	for (unsigned i = 0; i < row->n_earlier; i++)
		found = found || memcmp(digest, row->earlier[i], sizeof row->earlier[i]) == 0;
	return found;
}

/* It names the Envelope of a Void, which may be one that this node sent and lost since (RXP-VOI-004). */
static bool is_voided(const struct msg_answer_checked *a)
{
	return a->kind == RXP_ANSWER_REFUSAL && a->final && a->has_fingerprint &&
	       a->refusal == 1 + (uint32_t)RXP_REFUSAL_VOIDED;
}

/* Is it an answer to m? One to the message that a Void names may name the Envelope of either. */
static bool names_message(const struct flight *f, const struct store_outbox *m,
    const struct msg_answer_checked *a, const char *own)
{
	if (strcmp(a->from, m->peer) != 0 || strcmp(a->to, own) != 0 ||
	    memcmp(a->message_id, m->message_id, sizeof m->message_id) != 0 ||
	    (!names_envelope(m, a->envelope_digest) &&
		!names_envelope(&f->row, a->envelope_digest) && !is_voided(a)))
		return false;
	if (!a->has_fingerprint)
		return a->kind == RXP_ANSWER_REFUSAL;
	return memcmp(a->fingerprint, m->fingerprint, sizeof m->fingerprint) == 0;
}

/* RXP-ANS-015: between our first attempt and the answer, a minute of clocks allowed. */
static void take_flags(
    struct flight *f, const struct store_outbox *m, const struct msg_answer_checked *a)
{
	bool disputed = a->received_ms < m->first_attempt_ms - REGISTRY_DISPUTE_MS ||
			a->received_ms > f->answered_ms + REGISTRY_DISPUTE_MS;

	snprintf(f->flags, sizeof f->flags, "%.*s%s%s", (int)a->flags.len,
	    (const char *)a->flags.data, disputed && a->flags.len > 0 ? " " : "",
	    disputed ? NODE_TIME_DISPUTED : "");
}

static void judge_receipt(struct flight *f, const struct store_outbox *m,
    const struct msg_answer_checked *a, int64_t now_ms)
{
	take_flags(f, m, a);
	f->checked = *a;
	f->end.event = now_ms > m->expires_ms ? EVENT_RECEIPT_LATE : EVENT_RECEIPT;
	f->end.outcome = (struct store_outcome){.refusal = "",
	    .why = "",
	    .received_ms = a->received_ms,
	    .answered_ms = f->answered_ms,
	    .log_id = f->checked.log_id,
	    .log_head = f->checked.log_head,
	    .log_count = a->log_count,
	    .flags = f->flags,
	    .answer = {.data = f->answer.data, .len = f->answer.len}};
}

static void judge_final(
    struct flight *f, const struct msg_answer_checked *a, enum rxp_refusal code, const char *wire)
{
	f->end.event = code == RXP_REFUSAL_EXPIRED ? EVENT_REFUSAL_EXPIRED : EVENT_REFUSAL;
	f->end.outcome = (struct store_outcome){.refusal = wire,
	    .why = "",
	    .answered_ms = f->answered_ms,
	    .refused_ms = a->created_ms,
	    .flags = "",
	    .answer = {.data = f->answer.data, .len = f->answer.len}};
}

/* Refusals after which the same octets may well be accepted; after the others, or if they repeat, a
 * person must act. */
static bool is_hopeful(enum rxp_refusal code)
{
	return rxp_refusal_row(code)->class == RXP_CLASS_LATER && code != RXP_REFUSAL_UNOPENABLE &&
	       code != RXP_REFUSAL_GAP && code != RXP_REFUSAL_FORK &&
	       code != RXP_REFUSAL_ATTACHMENT;
}

/* The peer's own time for the next try, within an hour from now (RXP-ANS-026). */
static int64_t retry_of(const struct msg_answer_checked *a, int64_t now_ms)
{
	if (a->retry_ms <= now_ms)
		return 0;
	return a->retry_ms < now_ms + REGISTRY_RETRY_EXPIRED_MS
		   ? a->retry_ms
		   : now_ms + REGISTRY_RETRY_EXPIRED_MS;
}

static int judge_refusal(struct flight *f, const struct msg_answer_checked *a, int64_t now_ms)
{
	const struct rxp_refusal_row *row;
	enum rxp_refusal code;

	if (a->refusal == 0 || a->refusal > RXP_REFUSAL_COUNT)
		return RXP_ERR_MISMATCH;
	code = (enum rxp_refusal)(a->refusal - 1);
	row = rxp_refusal_row(code);
	if (a->final) {
		judge_final(f, a, code, row->wire);
		return 0;
	}
	f->end.event = EVENT_NO_ANSWER;
	f->end.strike = !is_hopeful(code);
	f->end.next_try_ms = retry_of(a, now_ms);
	f->end.lacks_files = f->late && code == RXP_REFUSAL_ATTACHMENT;
	if (f->end.lacks_files) {
		f->end.strike = false;
		f->end.next_try_ms = now_ms;
		snprintf(f->end.why, sizeof f->end.why, "its attachments go before it");
		return 0;
	}
	/* Nothing is sent before the peer has said that it holds them all. */
	if (code == RXP_REFUSAL_ATTACHMENT)
		snprintf(f->end.why, sizeof f->end.why, "%s",
		    "refused for now: attachment, though the peer took all");
	else
		snprintf(f->end.why, sizeof f->end.why, "refused for now: %s", row->wire);
	return 0;
}

int flight_judge(struct flight *f, const struct store_outbox *m, const struct msg_answer_checked *a,
    const char *own, int64_t now_ms)
{
	if (!names_message(f, m, a, own))
		return RXP_ERR_MISMATCH;
	if (a->kind != RXP_ANSWER_RECEIPT)
		return judge_refusal(f, a, now_ms);
	judge_receipt(f, m, a, now_ms);
	return 0;
}
