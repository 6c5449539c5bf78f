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

/* --- the desk --------------------------------------------------------------------------------- */

/* The fields of an answer that are kept, by their names; NULL: as most answers name it, and if one has none, nothing. */
static const struct kept {
	enum ipc_type type;
	const char *octets, *more, *id, *case_id, *words, *party, *final;
} exceptions[] = {
    {.type = IPC_case_held, .more = "notified"},
    {.type = IPC_stop_ordered, .id = "id", .octets = "state"},
    {.type = IPC_transfers_listed, .case_id = "next"},
    {.type = IPC_outage_begun, .more = "peers"},
    {.type = IPC_outage_ended, .more = "peers"},
    {.type = IPC_contact_told, .more = "peers"},
    {.type = IPC_offer_got, .octets = "file"},
    {.type = IPC_peer_added, .party = "party"},
    {.type = IPC_peer_differs, .more = "known_serial"},
    {.type = IPC_submitted, .octets = "violations", .more = "repeated", .case_id = "case_id"},
    {.type = IPC_content_ticket, .octets = "ticket", .more = "parted", .final = "asked"},
    {.type = IPC_message_shown, .octets = "row", .final = "final"},
    {.type = IPC_statistics_counted, .case_id = "last"},
    {.type = IPC_status_is, .words = "health"},
    {.type = IPC_descriptor_got, .octets = "octets", .id = "root"},
    {.type = IPC_terms_added,
	.octets = "violations",
	.more = "version",
	.words = "id",
	.party = "party"},
    {.type = IPC_evidence_sealed, .octets = "signatures"},
};

static const struct kept *kept_of(enum ipc_type type)
{
	static const struct kept usual = {.type = 0};

	for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
		if (exceptions[i].type == type)
			return &exceptions[i];
	return &usual;
}

/* NULL: the answer has no such field. */
static const uint8_t *field_at(
    enum field_kind *kind, const struct link_message *m, const char *name, const char *usual)
{
	const struct field *f = record_field(&ipc_row(m->type)->type, name != NULL ? name : usual);

	if (f == NULL)
		return NULL;
	*kind = f->kind;
	return (const uint8_t *)m->body + f->offset;
}

static void keep_field(
    void *out, size_t len, const struct link_message *m, const char *name, const char *usual)
{
	enum field_kind kind;
	const uint8_t *at = field_at(&kind, m, name, usual);

	if (at != NULL)
		memcpy(out, at, len);
}

static void keep_number(
    uint32_t *out, const struct link_message *m, const char *name, const char *usual)
{
	enum field_kind kind;
	const uint8_t *at = field_at(&kind, m, name, usual);
	uint64_t wide;

	if (at == NULL)
		return;
	if (kind == FIELD_KIND_U32) {
		memcpy(out, at, sizeof *out);
	} else {
		memcpy(&wide, at, sizeof wide);
		*out = (uint32_t)wide;
	}
}

static void keep_octets(struct world_answer *a, const struct link_message *m, const char *name)
{
	enum field_kind kind;
	const uint8_t *at = field_at(&kind, m, name, "rows");
	struct bytes octets;

	if (at != NULL && kind == FIELD_KIND_BYTES) {
		memcpy(&octets, at, sizeof octets);
		world_keep(a, octets.data, octets.len);
	} else if (at != NULL) {
		world_keep(a, at, RECORD_NAME_MAX);
	}
}

/* --- what is put together of several fields --- */

static void keep_ticket(struct world_answer *a, const struct msg_content_ticket *s)
{
	a->row_len = s->envelope.len;
	a->persons_len = s->corrections.len;
}

static void keep_status(struct world_answer *a, const struct msg_status_is *s)
{
	assert_true(s->endings.len <= sizeof a->octets - a->len);
	if (s->endings.len > 0)
		memcpy(a->octets + a->len, s->endings.data, s->endings.len);
	a->row_len = s->endings.len;
}

static void keep_difference(struct world_answer *a, const struct msg_peer_differs *s)
{
	if (s->problem[0] == '\0')
		memcpy(a->words, s->refused, sizeof a->words);
}

static void keep_evidence(struct world_answer *a, const struct msg_evidence_got *s)
{
	if (s->result == 0)
		snprintf(a->words, sizeof a->words, "%.*s/%.*s", (int)s->own_descriptor.len,
		    (const char *)s->own_descriptor.data, (int)s->peer_descriptor.len,
		    (const char *)s->peer_descriptor.data);
}

static void keep_together(struct world_answer *a, const struct link_message *m)
{
	if (m->type == IPC_case_shown)
		world_keep_case(a, m->body);
	else if (m->type == IPC_content_ticket)
		keep_ticket(a, m->body);
	else if (m->type == IPC_status_is)
		keep_status(a, m->body);
	else if (m->type == IPC_peer_differs)
		keep_difference(a, m->body);
	else if (m->type == IPC_evidence_got)
		keep_evidence(a, m->body);
}

void world_on_desk(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;
	struct world_answer *a = &w->answers[w->n_answers++];
	const struct kept *kept = kept_of(m->type);

	(void)l;
	*a = (struct world_answer){.request = m->request, .type = m->type};
	memcpy(&a->result, m->body, sizeof a->result); /* every answer to the desk begins with it */
	if (m->type == IPC_peer_added && a->result == 0 && w->log_is_read)
		peers_find(w->assembly->peers, PEER)->read_since_start = true;
	if (m->type == IPC_attachment_opened || m->type == IPC_attachment_got) {
		w->other(w, l, m);
		return;
	}
	keep_field(a->words, sizeof a->words, m, kept->words, "problem");
	keep_field(a->party, sizeof a->party, m, kept->party, "peer");
	keep_field(a->id, sizeof a->id, m, kept->id, "local_id");
	if (kept->case_id != NULL)
		keep_field(a->case_id, sizeof a->case_id, m, kept->case_id, NULL);
	keep_number(&a->more, m, kept->more, "more");
	if (kept->final != NULL)
		keep_number(&a->final, m, kept->final, NULL);
	keep_octets(a, m, kept->octets);
	keep_together(a, m);
}

void world_on_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	fail_msg("a link closed: %s", rxp_err_text(why));
}
