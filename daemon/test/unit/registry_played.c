/* Gateway and desk around a registry, played: they keep what they are asked and told. */
#include "daemon/test/unit/registry_world.h"

static void world_keep(struct world_answer *a, const void *octets, size_t len)
{
	assert_true(len <= sizeof a->octets);
	a->len = len;
	if (len > 0)
		memcpy(a->octets, octets, len);
}

static void world_keep_case(struct world_answer *a, const struct msg_case_shown *s)
{
	struct rxp_buf all;

	rxp_buf_init(&all, sizeof a->octets);
	rxp_buf_put(&all, s->row.data, s->row.len);
	rxp_buf_put(&all, s->persons.data, s->persons.len);
	rxp_buf_put(&all, s->clocks.data, s->clocks.len);
	rxp_buf_put(&all, s->timeline.data, s->timeline.len);
	rxp_buf_put(&all, s->holds.data, s->holds.len);
	rxp_buf_put(&all, s->marks.data, s->marks.len);
	assert_int_equal(rxp_buf_error(&all), 0);
	a->row_len = s->row.len;
	a->persons_len = s->persons.len;
	world_keep(a, all.data, all.len);
	rxp_buf_free(&all);
}

/* The peer's server gives no descriptor. */
static void answer_nobody(struct link *l, uint64_t request)
{
	const struct msg_descriptor_fetched none = {.outcome = (uint32_t)RXP_ERR_IO};

	(void)link_answer(l, IPC_descriptor_fetched, request, &none, NULL, 0);
}

/* It takes what is posted to it, as an answer of its own that it had lost. */
static void answer_post(struct link *l, uint64_t request)
{
	const struct msg_posted taken = {.http_status = 201, .offset = -1};

	(void)link_answer(l, IPC_posted, request, &taken, NULL, 0);
}

void world_on_gateway(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;

	(void)l;
	if (m->type == IPC_admitted) {
		const struct msg_admitted *a = m->body;
		struct world_answer *to = &w->admitted[w->n_admitted++];

		*to = (struct world_answer){.request = m->request, .http_status = a->http_status};
		world_keep(to, a->answer.data, a->answer.len);
	} else if (m->type == IPC_deliver) {
		const struct msg_deliver *d = m->body;
		struct world_delivery *to = &w->deliveries[w->n_deliveries++];

		*to = (struct world_delivery){
		    .request = m->request, .octets = (unsigned)d->envelope.len};
		memcpy(&to->envelope, d->envelope.data, sizeof to->envelope);
		node_digest(to->digest, d->envelope.data, d->envelope.len);
	} else if (m->type == IPC_pins) {
		w->pins_told++;
		w->pin_rows = ((const struct msg_pins *)m->body)->rows.len;
	} else if (m->type == IPC_own_descriptor) {
		w->own_told++;
	} else if (m->type == IPC_fetch_descriptor) {
		w->fetches++;
		w->fetch = m->request;
		if (!w->fetch_by_hand)
			answer_nobody(l, m->request);
	} else if (m->type == IPC_fetch_log) {
		w->log_fetches++;
		w->log_fetch = m->request;
		w->log_after = ((const struct msg_fetch_log *)m->body)->after;
	} else if (m->type == IPC_post && w->other == NULL) {
		answer_post(l, m->request);
	} else {
		w->other(w, l, m);
	}
}

void world_on_desk(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;
	struct world_answer *a = &w->answers[w->n_answers++];
	const struct field *words = record_field(&ipc_row(m->type)->type, "problem");
	const struct field *peer = record_field(&ipc_row(m->type)->type, "peer");

	(void)l;
	*a = (struct world_answer){.request = m->request, .type = m->type};
	memcpy(&a->result, m->body, sizeof a->result); /* every answer to the desk begins with it */
	if (words != NULL)
		memcpy(a->words, (const uint8_t *)m->body + words->offset, sizeof a->words);
	if (peer != NULL)
		memcpy(a->party, (const uint8_t *)m->body + peer->offset, sizeof a->party);
	if (m->type == IPC_attachment_opened || m->type == IPC_attachment_got) {
		w->other(w, l, m);
	} else if (m->type == IPC_attachment_listed) {
		const struct msg_attachment_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_peer_added) {
		const struct msg_peer_added *p = m->body;

		memcpy(a->party, p->party, sizeof a->party);
	} else if (m->type == IPC_peer_updated) {
		const struct msg_peer_updated *p = m->body;

		memcpy(a->words, p->problem, sizeof a->words);
	} else if (m->type == IPC_peer_differs) {
		const struct msg_peer_differs *p = m->body;

		memcpy(a->words, p->problem[0] != '\0' ? p->problem : p->refused, sizeof a->words);
		a->more = (uint32_t)p->known_serial;
	} else if (m->type == IPC_case_held) {
		const struct msg_case_held *s = m->body;

		a->more = s->notified;
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_stop_ordered) {
		const struct msg_stop_ordered *s = m->body;

		memcpy(a->id, s->id, sizeof a->id);
		world_keep(a, s->state, sizeof s->state);
	} else if (m->type == IPC_stop_listed) {
		const struct msg_stop_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_transfers_listed) {
		const struct msg_transfers_listed *s = m->body;

		memcpy(a->case_id, s->next, sizeof a->case_id);
		a->more = s->more;
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_message_voided) {
		const struct msg_message_voided *v = m->body;

		memcpy(a->id, v->local_id, sizeof a->id);
	} else if (m->type == IPC_outage_begun || m->type == IPC_outage_ended) {
		const struct msg_outage_begun *b = m->body; /* both have the same fields */

		a->more = b->peers;
	} else if (m->type == IPC_contact_told) {
		const struct msg_contact_told *s = m->body;

		memcpy(a->words, s->problem, sizeof a->words);
		a->more = s->peers;
	} else if (m->type == IPC_contact_listed) {
		const struct msg_contact_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_history_asked) {
		const struct msg_history_asked *s = m->body;

		memcpy(a->id, s->local_id, sizeof a->id);
	} else if (m->type == IPC_history_listed) {
		const struct msg_history_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_unproved_listed) {
		const struct msg_unproved_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_offer_listed) {
		const struct msg_offer_listed *o = m->body;

		world_keep(a, o->rows.data, o->rows.len);
	} else if (m->type == IPC_offer_got) {
		const struct msg_offer_got *o = m->body;

		world_keep(a, o->file.data, o->file.len);
	} else if (m->type == IPC_outage_listed) {
		const struct msg_outage_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_peer_pinged) {
		memcpy(a->id, ((const struct msg_peer_pinged *)m->body)->local_id, sizeof a->id);
	} else if (m->type == IPC_submitted) {
		const struct msg_submitted *s = m->body;

		memcpy(a->id, s->local_id, sizeof a->id);
		memcpy(a->case_id, s->case_id, sizeof a->case_id);
		world_keep(a, s->violations.data, s->violations.len);
		a->more = s->repeated;
	} else if (m->type == IPC_content_ticket) {
		const struct msg_content_ticket *s = m->body;

		world_keep(a, s->ticket.data, s->ticket.len);
		a->row_len = s->envelope.len;
		a->more = s->parted;
		a->final = s->asked;
		a->persons_len = s->corrections.len;
		snprintf(a->words, sizeof a->words, "%s", s->problem);
	} else if (m->type == IPC_case_shown) {
		world_keep_case(a, m->body);
	} else if (m->type == IPC_message_shown) {
		const struct msg_message_shown *s = m->body;

		a->final = s->final;
		world_keep(a, s->row.data, s->row.len);
	} else if (m->type == IPC_listed) {
		const struct msg_listed *s = m->body;

		a->more = s->more;
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_case_corrected) {
		const struct msg_case_corrected *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_case_sheet_made) {
		const struct msg_case_sheet_made *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_statistics_counted) {
		const struct msg_statistics_counted *s = m->body;

		memcpy(a->case_id, s->last, sizeof a->case_id);
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_journal_listed) {
		const struct msg_journal_listed *s = m->body;

		a->more = s->more;
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_status_is) {
		const struct msg_status_is *s = m->body;

		memcpy(a->words, s->health, sizeof a->words);
		world_keep(a, s->rows.data, s->rows.len);
		assert_true(s->endings.len <= sizeof a->octets - a->len);
		if (s->endings.len > 0)
			memcpy(a->octets + a->len, s->endings.data, s->endings.len);
		a->row_len = s->endings.len;
	} else if (m->type == IPC_descriptor_got) {
		const struct msg_descriptor_got *s = m->body;

		memcpy(a->id, s->root, sizeof a->id);
		world_keep(a, s->octets.data, s->octets.len);
	} else if (m->type == IPC_terms_added) {
		const struct msg_terms_added *s = m->body;

		memcpy(a->words, s->id, sizeof a->words);
		memcpy(a->party, s->party, sizeof a->party);
		a->more = s->version;
		world_keep(a, s->violations.data, s->violations.len);
	} else if (m->type == IPC_terms_listed) {
		const struct msg_terms_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_profile_checked) {
		const struct msg_profile_checked *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_profile_attested) {
		memcpy(a->words, ((const struct msg_profile_attested *)m->body)->problem,
		    sizeof a->words);
	} else if (m->type == IPC_evidence_sealed) {
		const struct msg_evidence_sealed *s = m->body;

		world_keep(a, s->signatures.data, s->signatures.len);
	} else if (m->type == IPC_evidence_got) {
		const struct msg_evidence_got *s = m->body;

		a->more = s->more;
		if (s->result == 0)
			snprintf(a->words, sizeof a->words, "%.*s/%.*s", (int)s->own_descriptor.len,
			    (const char *)s->own_descriptor.data, (int)s->peer_descriptor.len,
			    (const char *)s->peer_descriptor.data);
		world_keep(a, s->rows.data, s->rows.len);
	}
}

void world_on_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	fail_msg("a link closed: %s", rxp_err_text(why));
}
