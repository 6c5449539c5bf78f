/* The sealers around a registry, played: what they say of an envelope is what the test has put into it. */
#include "daemon/test/unit/registry_world.h"

static void world_peer_records(struct world *w, struct rxp_buf *rows)
{
	struct rec_pin pin = {.spki_digest = {w->pin}};
	struct rec_peer_key key = {.key_id = {w->peer_key},
	    .spki = {(const uint8_t *)"spki", 4},
	    .from_ms = w->key_from_ms != 0 ? w->key_from_ms : clock_wall_ms(),
	    .until_ms = w->key_until_ms != 0 ? w->key_until_ms : RXP_MAX_TIME_MS};
	struct rec_endpoint endpoint = {.url = {(const uint8_t *)"https://b:1", 11}};
	struct rec_level level = {.level = ""};
	const char *seal = w->seal != NULL ? w->seal : w->descriptor.party;
	struct rec_seal_cert cert = {.der = {(const uint8_t *)seal, strlen(seal)},
	    .retired_ms = w->revoked_ms,
	    .revoked_ms = w->revoked_ms};
	struct rec_office_key office = {.spki = {(const uint8_t *)"office", 6}};

	memcpy(pin.party, w->descriptor.party, 4);
	memcpy(key.party, w->descriptor.party, 4);
	memcpy(endpoint.party, w->descriptor.party, 4);
	memcpy(cert.party, w->descriptor.party, 4);
	memcpy(level.party, w->descriptor.party, 4);
	memcpy(office.party, w->descriptor.party, 4);
	if (w->office != NULL) {
		snprintf(office.office, sizeof office.office, "%s", w->office);
		record_list_put(rows, REC_office_key, &record_office_key, &office);
	}
	for (unsigned i = 0; i < RXP_LEVEL_COUNT; i++) {
		if (!w->takes_all && i != RXP_LEVEL_CORE && i != RXP_LEVEL_REINTEGRATION)
			continue;
		snprintf(level.level, sizeof level.level, "%s", rxp_level_name((enum rxp_level)i));
		record_list_put(rows, REC_level, &record_level, &level);
	}
	record_list_put(rows, REC_seal_cert, &record_seal_cert, &cert);
	record_list_put(rows, REC_pin, &record_pin, &pin);
	if (!w->peer_pulls)
		record_list_put(rows, REC_endpoint, &record_endpoint, &endpoint);
	record_list_put(rows, REC_peer_key, &record_peer_key, &key);
}

/* facts points into e. */
static void world_open_case(
    const struct world *w, struct msg_opened *a, const struct fake_envelope *e)
{
	a->in_case = e->place.in_case;
	memcpy(a->case_id, e->place.case_id, sizeof a->case_id);
	a->position = e->place.position;
	a->has_previous = e->place.has_previous;
	memcpy(a->previous, e->place.previous, sizeof a->previous);
	a->has_seen = e->place.has_seen;
	memcpy(a->seen, e->place.seen, sizeof a->seen);
	snprintf(a->profile_id, sizeof a->profile_id, "%s",
	    w->profile != NULL ? w->profile->id : "customary");
	snprintf(a->profile_version, sizeof a->profile_version, "%u",
	    w->profile != NULL ? (unsigned)w->profile->version : 1);
	a->facts = (struct bytes){e->facts, e->facts_len};
	a->attachments = a->in_case ? w->attachments : (struct bytes){NULL, 0};
}

static unsigned count_rows(struct bytes list)
{
	struct record_cursor c = {.at = list.data, .left = list.len};
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		n++;
	return n;
}

static void world_seal_open(struct world *w, uint64_t request, const struct msg_open *q)
{
	struct msg_opened a = {0};
	struct fake_envelope e;

	w->opened++;
	assert_int_equal(q->envelope.len, sizeof e);
	memcpy(&e, q->envelope.data, sizeof e);
	memcpy(a.message_id, e.message_id, sizeof a.message_id);
	memcpy(a.from, q->party, sizeof a.from);
	strcpy(a.to, OWN);
	a.key_id[0] = 1; /* the first that was made */
	a.refusal = e.refusal;
	if (w->place != NULL)
		a.place = (struct bytes){(const uint8_t *)w->place, strlen(w->place)};
	a.opened = !e.unopened && !w->strange_seal;
	a.lapsed = w->lapsed_seal;
	a.unknown_seal = w->strange_seal;
	if (w->strange_seal)
		a.refusal = 1 + RXP_REFUSAL_UNOPENABLE;
	if (a.opened) {
		a.created_ms = e.created_ms;
		a.expires_ms = e.expires_ms;
		memcpy(a.fingerprint, e.fingerprint, sizeof a.fingerprint);
		snprintf(a.type, sizeof a.type, "%s", e.type[0] != '\0' ? e.type : "Ping");
		world_open_case(w, &a, &e);
		if (!w->proves_nothing)
			a.evidence = (struct bytes){(const uint8_t *)"evidence", 8};
		a.wrapped_key = (struct bytes){(const uint8_t *)"wrapped", 7};
	}
	link_answer(w->sealer, IPC_opened, request, &a, NULL, 0);
}

/* The "sealed" answer is the request, numbered: two sealings never give the same octets. */
static void world_seal_answer(struct world *w, uint64_t request, const struct msg_seal_answer *q)
{
	struct msg_answer_sealed a = {0};
	struct fake_sealed sealed;
	struct msg_seal_answer copy = *q;

	w->sealed++;
	w->receipts += q->kind == RXP_ANSWER_RECEIPT;
	snprintf(w->last_flags, sizeof w->last_flags, "%.*s", (int)q->flags.len,
	    q->flags.len > 0 ? (const char *)q->flags.data : "");
	copy.place.data = copy.flags.data = NULL; /* their lengths stay */
	copy.working = (struct bytes){NULL, w->sealed};
	w->last_seal = copy;
	memset(&sealed, 0, sizeof sealed);
	sealed.q = copy;
	world_say_sealed(&sealed, w->last_flags);
	a.octets = (struct bytes){(const uint8_t *)&sealed, sizeof sealed};
	link_answer(w->sealer, IPC_answer_sealed, request, &a, NULL, 0);
}

/* What is given again: as it is, or numbered anew. */
static void world_reseal(struct world *w, uint64_t request, const struct msg_reseal_answer *q)
{
	struct msg_answer_resealed a = {.result = w->reseal_result};
	struct fake_sealed copy;
	bool stands;

	w->reseals_asked++;
	assert_int_equal(q->octets.len, sizeof copy);
	memcpy(&copy, q->octets.data, sizeof copy);
	stands = !w->reseals || copy.q.working.len > WORLD_RESEALED;
	copy.q.working.len = WORLD_RESEALED + w->reseals_asked;
	if (!stands && a.result == 0)
		a.octets = (struct bytes){(const uint8_t *)&copy, sizeof copy};
	link_answer(w->sealer, IPC_answer_resealed, request, &a, NULL, 0);
}

static struct store_place world_place(const struct msg_close *q)
{
	struct store_place p;

	memset(&p, 0, sizeof p);
	p.in_case = q->in_case != 0;
	p.position = q->position;
	p.has_previous = q->has_previous != 0;
	p.has_seen = q->has_seen != 0;
	memcpy(p.case_id, q->case_id, sizeof p.case_id);
	memcpy(p.previous, q->previous, sizeof p.previous);
	memcpy(p.seen, q->seen, sizeof p.seen);
	return p;
}

/* What a sealer finds in a HandedOver that the registry said in this record. */
static struct bytes world_handed_over_facts(struct rxp_buf *facts, struct bytes fields)
{
	struct rec_node_handed_over says;
	struct rec_fact_all all = {.event = ""};
	struct rec_fact_about about;

	assert_int_equal(
	    record_decode(&says, &record_node_handed_over, fields.data, fields.len), 0);
	snprintf(all.event, sizeof all.event, "reach-%s-desk",
	    says.requesting ? "requesting" : "requested");
	memcpy(about.document, says.document, sizeof about.document);
	record_list_put(facts, REC_fact_all, &record_fact_all, &all);
	record_list_put(facts, REC_fact_about, &record_fact_about, &about);
	assert_int_equal(rxp_buf_error(facts), 0);
	return (struct bytes){facts->data, facts->len};
}

/* The facts of what is to be closed; the draft of a document that people wrote is its facts. */
static void world_keep_facts(struct fake_envelope *e, struct bytes draft)
{
	struct record_cursor c = {.at = draft.data, .left = draft.len};
	struct bytes facts = draft, fields;
	struct rxp_buf made;
	uint16_t tag;

	rxp_buf_init(&made, sizeof e->facts);
	if (record_list_next(&c, &tag, &fields) == 1 && tag == REC_node_handed_over)
		facts = world_handed_over_facts(&made, fields);
	assert_true(facts.len <= sizeof e->facts);
	memcpy(e->facts, facts.data, facts.len);
	e->facts_len = (uint32_t)facts.len;
	rxp_buf_free(&made);
}

/* What a document outside any case says; of a copy of a document all but that. */
static void world_keep_draft(struct fake_envelope *e, const struct msg_close *q)
{
	struct record_cursor c = {.at = q->draft.data, .left = q->draft.len};
	struct rec_node_history_copy copy;
	struct rxp_buf list;
	struct bytes fields;
	uint16_t tag;

	memcpy(e->type, q->type, sizeof e->type);
	rxp_buf_init(&list, sizeof e->facts);
	if (record_list_next(&c, &tag, &fields) == 1 && tag == REC_node_history_copy) {
		assert_int_equal(
		    record_decode(&copy, &record_node_history_copy, fields.data, fields.len), 0);
		assert_int_equal(copy.octets.len, copy.pieces > 0 ? sizeof *e : 0);
		copy.octets.len = copy.wrapped_key.len = 0;
		record_list_put(&list, REC_node_history_copy, &record_node_history_copy, &copy);
	} else {
		rxp_buf_put(&list, q->draft.data, q->draft.len);
	}
	assert_int_equal(rxp_buf_error(&list), 0);
	memcpy(e->facts, list.data, list.len);
	e->facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
}

static void world_seal_close(struct world *w, uint64_t request, const struct msg_close *q)
{
	struct msg_closed a = {0};
	struct fake_envelope e;

	memset(&e, 0, sizeof e);
	e.created_ms = q->created_ms;
	e.expires_ms = q->expires_ms;
	w->closed++;
	w->last_close = *q;
	w->closed_rows = q->attachments.len;
	if (!q->in_case && q->draft.len > 0)
		world_keep_draft(&e, q);
	if (q->in_case) {
		memcpy(e.type, q->type, sizeof e.type);
		e.place = world_place(q);
		world_keep_facts(&e, q->draft);
		a.facts = (struct bytes){e.facts, e.facts_len - w->other_facts};
	}
	memcpy(e.message_id, q->message_id, sizeof e.message_id);
	memcpy(e.fingerprint, q->message_id, sizeof q->message_id);
	e.salt = w->closed;
	node_digest(a.envelope_digest, &e, sizeof e);
	memcpy(a.fingerprint, e.fingerprint, sizeof a.fingerprint);
	a.result = (uint32_t)w->close_result;
	a.envelope = (struct bytes){(const uint8_t *)&e, sizeof e};
	if (!w->proves_nothing)
		a.evidence = (struct bytes){(const uint8_t *)"evidence", 8};
	a.wrapped_key = (struct bytes){(const uint8_t *)"wrapped", 7};
	link_answer(w->sealer, IPC_closed, request, &a, NULL, 0);
}

static void world_seal_check(struct world *w, uint64_t request, const struct msg_check_answer *q)
{
	struct fake_answer f;

	w->checked++;
	assert_int_equal(q->octets.len, sizeof f);
	memcpy(&f, q->octets.data, sizeof f);
	f.checked.result = w->strange_seal ? (uint32_t)RXP_ERR_SIGNER : f.result;
	f.checked.flags = (struct bytes){(const uint8_t *)f.flags, strlen(f.flags)};
	link_answer(w->sealer, IPC_answer_checked, request, &f.checked, NULL, 0);
}

static void world_seal_renew(struct world *w, uint64_t request)
{
	struct msg_descriptor_renewed a = {.result = w->renew_result,
	    .working_created_ms = w->renewed_ms,
	    .descriptor = {(const uint8_t *)"renewed", 7}};
	struct rxp_buf rows;

	rxp_buf_init(&rows, 4096);
	world_peer_records(w, &rows);
	a.rows = (struct bytes){rows.data, rows.len};
	w->renewed++;
	link_answer(w->sealer, IPC_descriptor_renewed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

/* Other octets of the same document. */
static void world_seal_rekey(struct world *w, uint64_t request, const struct msg_rekey *q)
{
	struct msg_rekeyed a = {0};
	struct fake_envelope e;

	w->rekeyed++;
	assert_int_equal(q->key_id[0], w->peer_key);
	assert_int_equal(q->wrapped_key.len, 7);
	assert_int_equal(q->envelope.len, sizeof e);
	memcpy(&e, q->envelope.data, sizeof e);
	e.salt += 1000;
	node_digest(a.envelope_digest, &e, sizeof e);
	a.envelope = (struct bytes){(const uint8_t *)&e, sizeof e};
	link_answer(w->sealer, IPC_rekeyed, request, &a, NULL, 0);
}

static void world_seal_rest(struct world *w, enum ipc_type type, uint64_t request, const void *body)
{
	const struct msg_check_descriptor *check = body;
	char wrapped[32];
	int wrapped_len = snprintf(wrapped, sizeof wrapped, WORLD_OWN_KEY, w->made_keys + 1);
	struct msg_key_made key = {.key_id = {(uint8_t)(w->made_keys + 1)},
	    .spki = {(const uint8_t *)"spki", 4},
	    .wrapped = {(const uint8_t *)wrapped, (size_t)wrapped_len}};
	struct msg_working_sealed working = {.working = {(const uint8_t *)"working", 7},
	    .descriptor = {(const uint8_t *)"descriptor+++", 10 + (w->made_keys + 3) % 4},
	    .root = {0x0a}}; /* another one with each key */
	struct msg_descriptor_checked checked;
	const struct msg_ticket_made ticket = {.ticket = {(const uint8_t *)"ticket", 6}};
	struct rxp_buf rows;

	if (type == IPC_ticket) {
		w->tickets++;
		w->last_ticket = *(const struct msg_ticket *)body;
		w->commits_at_ticket = store_counts(w->assembly->node.store).commits;
		link_answer(w->sealer, IPC_ticket_made, request, &ticket, NULL, 0);
	} else if (type == IPC_make_key) {
		w->made_keys++;
		link_answer(w->sealer, IPC_key_made, request, &key, NULL, 0);
	} else if (type == IPC_seal_working) {
		w->listed_keys = count_rows(((const struct msg_seal_working *)body)->keys);
		link_answer(w->sealer, IPC_working_sealed, request, &working, NULL, 0);
	} else {
		w->descriptors_checked++;
		w->last_check = *check;
		rxp_buf_init(&rows, 4096);
		world_peer_records(w, &rows);
		w->descriptor.rows = (struct bytes){rows.data, rows.len};
		if (check->any_root == 0)
			memcpy(w->descriptor.root, check->root, sizeof check->root);
		if (w->changed_root != 0)
			w->descriptor.root[0] = w->changed_root;
		checked = w->descriptor;
		if (w->chain_lost && check->known_serial != 0)
			checked.result = (uint32_t)RXP_ERR_MISMATCH;
		link_answer(w->sealer, IPC_descriptor_checked, request, &checked, NULL, 0);
		rxp_buf_free(&rows);
	}
}

void world_on_sealer(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;
	const struct msg_taken taken = {.number = 0};

	if (m->type == IPC_check_descriptor && w->checking != NULL)
		w->checking(w);
	link_answer(l, IPC_taken, m->request, &taken, NULL, 0);
	if (m->type == IPC_open)
		world_seal_open(w, m->request, m->body);
	else if (m->type == IPC_seal_answer)
		world_seal_answer(w, m->request, m->body);
	else if (m->type == IPC_reseal_answer)
		world_reseal(w, m->request, m->body);
	else if (m->type == IPC_close)
		world_seal_close(w, m->request, m->body);
	else if (m->type == IPC_check_answer)
		world_seal_check(w, m->request, m->body);
	else if (m->type == IPC_renew_descriptor)
		world_seal_renew(w, m->request);
	else if (m->type == IPC_rekey)
		world_seal_rekey(w, m->request, m->body);
	else if (m->type == IPC_attachment_ticket || m->type == IPC_open_terms ||
		 m->type == IPC_read_correction || m->type == IPC_seal_container ||
		 m->type == IPC_restore || m->type == IPC_seal_log_page ||
		 m->type == IPC_check_log_page || m->type == IPC_rewrap || m->type == IPC_escrow ||
		 m->type == IPC_join_descriptor)
		w->other(w, l, m);
	else
		world_seal_rest(w, m->type, m->request, m->body);
}
