/* What two States exchanged, as rows of the registry that a daemon gives out. */
#include "daemon/test/unit/ctl_evidence_rig.h"

#include "protocol/base/random.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"
#include "protocol/xml/xml.h"

#define LOCAL_ID "01890a5d-ac96-774b-bcce-b302099a8050"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

static const struct rxp_random source = {fill, NULL};

void evidence_put_octets(json_t *row, const char *member, const uint8_t *octets, size_t len)
{
	struct rxp_buf text;

	rxp_buf_init(&text, 4UL * RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_base64_put(&text, octets, len), 0);
	json_object_set_new(row, member, json_stringn((const char *)text.data, text.len));
	rxp_buf_free(&text);
}

static void log_id_of(uint8_t out[RXP_ID_OCTETS])
{
	memset(out, 0x44, RXP_ID_OCTETS);
	out[8] = 0x84;
}

/* The entry behind which the answer stands, and then its own. */
static void log_answer(struct log *log, struct rxp_answer *a)
{
	struct rxp_log_entry *e = &log->entries[log->n];

	if (log->n == 0)
		assert_int_equal(rxp_logchain_start(log->heads[0], a->from, a->to, a->log_id), 0);
	a->log_count = log->n;
	memcpy(a->log_head, log->heads[log->n], sizeof(a->log_head));
	memcpy(e->message_id, a->message_id, sizeof(e->message_id));
	memcpy(e->fingerprint, a->fingerprint, sizeof(e->fingerprint));
	e->received_ms = a->received_ms;
	e->outcome = a->kind == RXP_ANSWER_RECEIPT ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL;
	log->n++;
	memcpy(log->heads[log->n], log->heads[log->n - 1], sizeof(log->heads[0]));
	assert_int_equal(rxp_logchain_extend(log->heads[log->n], log->n, e), 0);
}

/* forks: 0, or another history of the log at its beginning. */
static void put_answer(json_t *row, const struct pair *by, struct log *log,
    const struct rxp_header *h, const uint8_t fingerprint[32], bool refused, const bool *forks)
{
	struct rxp_signer signer = rxp_key_signer_interface(by->signer);
	struct rxp_answer a;
	struct rxp_buf octets;

	rxp_answer_init(&a);
	a.kind = refused ? RXP_ANSWER_REFUSAL : RXP_ANSWER_RECEIPT;
	memcpy(a.message_id, h->outer.message_id, sizeof(a.message_id));
	memcpy(a.from, h->outer.to, sizeof(a.from));
	memcpy(a.to, h->outer.from, sizeof(a.to));
	a.created_ms = a.received_ms = h->outer.created_ms + 1000;
	a.has_fingerprint = true;
	memcpy(a.fingerprint, fingerprint, sizeof(a.fingerprint));
	log_id_of(a.log_id);
	if (forks == NULL)
		log_answer(log, &a);
	else
		a.log_head[0] = *forks;
	a.refusal = RXP_REFUSAL_STATE;
	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	assert_int_equal(rxp_answer_seal(&octets, &a, a.created_ms, &signer), 0);
	evidence_put_octets(row, "answer", octets.data, octets.len);
	rxp_buf_free(&octets);
	rxp_answer_clear(&a);
}

static bool answers_next(const struct state *by, size_t number)
{
	return by->answers_next != 0 && number >= by->answers_next;
}

static void keep_body(struct world *w, const struct rxp_document *d)
{
	rxp_buf_free(&w->body);
	rxp_buf_init(&w->body, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_xml_c14n(&w->body, d->xml, d->seal.body), 0);
}

static void put_content(struct rxp_buf *out, const struct plan *plan)
{
	if (plan->erased == NULL) {
		rxp_buf_puts(out, "<Ping xmlns=\"urn:rxp:1:body\"></Ping>");
		return;
	}
	rxp_buf_puts(out, "<NodeNotice xmlns=\"urn:rxp:1:body\"><Erased><CaseId>");
	rxp_buf_puts(out, plan->erased);
	rxp_buf_puts(out, "</CaseId><Date>2027-03-01</Date></Erased></NodeNotice>");
}

/* What a node gives of an Erased, and of no other document. */
static void put_body(json_t *row, const struct rxp_document *d)
{
	struct rxp_buf body;

	rxp_buf_init(&body, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_xml_c14n(&body, d->xml, d->seal.body), 0);
	evidence_put_octets(row, "body", body.data, body.len);
	rxp_buf_free(&body);
}

static void add_document(struct world *w, size_t at, const struct plan *plan)
{
	const struct state *s = &w->states[plan->from], *other = &w->states[1 - plan->from];
	struct rxp_header h = {.from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .in_case = plan->erased == NULL,
	    .position = plan->position,
	    .has_previous = plan->previous >= 0,
	    .has_seen = plan->seen >= 0,
	    .profile_id = "model",
	    .profile_version = "1"};
	struct rxp_signer signer = rxp_key_signer_interface(s->seal.signer);
	struct rxp_document *d = NULL;
	struct rxp_buf content, sealed;
	uint8_t digest[32];
	char hex[RXP_DIGEST_HEX], id[RXP_ID_TEXT];
	char local_id[] = LOCAL_ID;
	json_t *row = NULL;
	bool forked;

	h.outer.created_ms = NOW_MS + (int64_t)at * 60000;
	h.outer.expires_ms = h.outer.created_ms + RXP_DEFAULT_LIFETIME_MS;
	memcpy(h.outer.from, s->party, sizeof(h.outer.from));
	memcpy(h.outer.to, other->party, sizeof(h.outer.to));
	assert_int_equal(rxp_id_parse(h.outer.message_id, MESSAGE, 7), 0);
	h.outer.message_id[15] = (uint8_t)at;
	assert_int_equal(rxp_id_parse(h.case_id, CASE, 4), 0);
	snprintf(h.type, sizeof(h.type), "%s", plan->type);
	if (plan->previous >= 0)
		memcpy(h.previous, w->fingerprints[plan->previous], sizeof(h.previous));
	if (plan->seen >= 0)
		memcpy(h.seen, w->fingerprints[plan->seen], sizeof(h.seen));
	local_id[sizeof(local_id) - 2] = (char)('1' + at);
	row = json_pack(
	    "{s:s, s:s, s:s}", "type", plan->type, "from", s->party, "local_id", local_id);
	rxp_buf_init(&sealed, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&content, 256);
	put_content(&content, plan);
	assert_int_equal(rxp_document_seal(&sealed, &h, &(struct rxp_draft){.content = &content},
			     h.outer.created_ms, &source, &signer, w->fingerprints[at]),
	    0);
	assert_int_equal(rxp_document_open(&d, sealed.data, sealed.len, &h.outer,
			     (const struct rxp_cert *const[]){s->seal.cert}, 1),
	    0);
	evidence_put_octets(row, "header", d->seal.header_octets.data, d->seal.header_octets.len);
	evidence_put_octets(
	    row, "properties", d->seal.properties_octets.data, d->seal.properties_octets.len);
	evidence_put_octets(
	    row, "signed_info", d->seal.signed_info_octets.data, d->seal.signed_info_octets.len);
	evidence_put_octets(row, "value", d->seal.value.data, d->seal.value.len);
	rxp_id_text(id, h.outer.message_id);
	json_object_set_new(row, "message_id", json_string(id));
	rxp_hex_put(hex, w->fingerprints[at], sizeof(w->fingerprints[at]), false);
	json_object_set_new(row, "fingerprint", json_string(hex));
	rxp_cert_digest(s->seal.cert, digest);
	rxp_hex_put(hex, digest, sizeof(digest), false);
	json_object_set_new(row, "seal_cert", json_string(hex));
	forked = at >= 3;
	put_answer(row, answers_next(other, at + 1) ? &other->next : &other->seal,
	    &w->logs[1 - plan->from], &h, w->fingerprints[at], plan->refused,
	    w->forks ? &forked : NULL);
	if (at == 0)
		keep_body(w, d);
	if (plan->erased != NULL)
		put_body(row, d);
	json_array_append_new(w->rows, row);
	rxp_document_free(d);
	rxp_buf_free(&w->sealed[at]);
	w->sealed[at] = sealed;
	rxp_buf_free(&content);
}

void evidence_plan(struct world *w, const struct plan *plans, size_t n)
{
	json_decref(w->rows);
	json_decref(w->log_pages);
	w->rows = json_array();
	w->log_pages = json_array();
	memset(w->logs, 0, sizeof(w->logs));
	for (size_t i = 0; i < n; i++)
		add_document(w, i, &plans[i]);
}

void evidence_log_page(
    struct world *w, size_t state, size_t after, size_t n, evidence_change_fn *change)
{
	const struct state *s = &w->states[state];
	struct rxp_signer signer =
	    rxp_key_signer_interface(s->rolled ? s->next.signer : s->seal.signer);
	const struct log *log = &w->logs[state];
	struct rxp_log_page *page = calloc(1, sizeof(*page));
	json_t *item = json_pack("{s:s}", "owner", w->states[state].party);
	struct rxp_buf octets;

	assert_non_null(page);
	memcpy(page->owner, w->states[state].party, sizeof(page->owner));
	memcpy(page->peer, w->states[1 - state].party, sizeof(page->peer));
	page->created_ms = SEALED_MS;
	log_id_of(page->log_id);
	page->count = log->n;
	memcpy(page->head, log->heads[log->n], sizeof(page->head));
	page->after = after;
	memcpy(page->after_head, log->heads[after], sizeof(page->after_head));
	for (size_t i = after; i < log->n && page->n_entries < n; i++)
		page->entries[page->n_entries++] = log->entries[i];
	if (change != NULL)
		change(page);
	rxp_buf_init(&octets, RXP_MAX_LOG_PAGE_OCTETS);
	assert_int_equal(rxp_log_page_seal(&octets, page, SEALED_MS, &signer), 0);
	evidence_put_octets(item, "octets", octets.data, octets.len);
	json_array_append_new(w->log_pages, item);
	rxp_buf_free(&octets);
	free(page);
}

void evidence_plan_again(struct world *w)
{
	static const struct plan PLANS[DOCUMENTS] = {
	    {0, "ReadmissionApplication", 1, -1, -1, false, NULL},
	    {1, "ReadmissionReply", 1, -1, 0, false, NULL},
	    {0, "Withdrawal", 2, 0, -1, true, NULL},
	    {0, "Withdrawal", 2, 0, 1, false, NULL},
	};

	evidence_plan(w, PLANS, DOCUMENTS);
}
