#include "conformance/package/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/document/vector.h"
#include "conformance/message/saying.h"
#include "conformance/package/kinds.h"
#include "conformance/state/chance.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/log/logchain.h"
#include "protocol/message/answer.h"
#include "protocol/peering/identity_known.h"
#include "protocol/xml/xml.h"

#define ERASED_EXAMPLE "node-notice-erased.xml"
#define ELEMENT_TEXT 64
#define SEALED_AFTER_MS (6 * CHAIN_STEP_MS) /* a container, and the pages of logs */

static int64_t sealed_ms(const struct kept *k)
{
	return k->m->now_ms + SEALED_AFTER_MS;
}

/* --- the States ------------------------------------------------------------------------------ */

/* The chain as it is by now is the descriptor in force; what was, goes. */
static void publish(struct kept *k, struct kept_side *s)
{
	rxp_buf_reset(&s->in_force);
	chain_write(&s->in_force, &s->chain);
	k->rc = k->rc != 0 ? k->rc : s->chain.rc;
}

/* As publish(), and the one before becomes the newest former one. */
static void follow(struct kept *k, struct kept_side *s)
{
	memmove(&s->former[1], &s->former[0], sizeof s->former[0]);
	s->former[0] = s->in_force;
	s->n_former++;
	rxp_buf_init(&s->in_force, RXP_MAX_DESCRIPTOR_OCTETS);
	publish(k, s);
}

static void begin_side(struct kept *k, unsigned side)
{
	struct kept_side *s = &k->sides[side];
	const char *party;

	s->own = vector_world_parties(k->m->world, side == 1)->own;
	party = s->own->party;
	s->seal = &s->own->seal;
	keypair_pin(&s->own->root, s->root);
	for (size_t i = 0; i < KEPT_MAX_FORMER; i++)
		rxp_buf_init(&s->former[i], RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&s->in_force, RXP_MAX_DESCRIPTOR_OCTETS);
	chain_begin(&s->chain, s->own, k->m->now_ms);
	publish(k, s);
	if (k->rc == 0)
		k->rc = keypair_make(&s->next_seal, party, "seal", k->m->now_ms);
	if (k->rc == 0)
		k->rc = keypair_make(&s->next_root, party, "root", k->m->now_ms);
	if (k->rc == 0)
		k->rc = rxp_id_make_v4(s->log_id, chance());
	if (k->rc == 0)
		k->rc = rxp_logchain_start(s->heads[0], party,
		    vector_world_parties(k->m->world, side == 0)->own->party, s->log_id);
}

void kept_begin(struct kept *k, const struct making *m)
{
	*k = (struct kept){.m = m};
	for (unsigned s = 0; s < KEPT_SIDES; s++)
		begin_side(k, s);
}

void kept_clear(struct kept *k)
{
	for (size_t i = 0; i < KEPT_SIDES; i++) {
		struct kept_side *s = &k->sides[i];

		chain_clear(&s->chain);
		keypair_clear(&s->next_seal);
		keypair_clear(&s->next_root);
		rxp_buf_free(&s->in_force);
		for (size_t f = 0; f < KEPT_MAX_FORMER; f++)
			rxp_buf_free(&s->former[f]);
	}
	for (size_t i = 0; i < k->n; i++) {
		rxp_document_free(k->documents[i].opened);
		rxp_buf_free(&k->documents[i].sealed);
		rxp_buf_free(&k->documents[i].answer);
		rxp_answer_clear(k->documents[i].said);
		free(k->documents[i].said);
	}
}

/* The next part lists the next seal, by which all is sealed from then on. */
static struct rxp_identity *next_part(struct kept_side *s)
{
	struct rxp_identity *i = chain_next(&s->chain);

	chain_replace_seal(&s->chain, &s->next_seal);
	s->seal = &s->next_seal;
	return i;
}

static void add_part(struct kept_side *s, const struct keypair *root)
{
	chain_add(&s->chain, root);
	(void)chain_next_working(&s->chain);
	chain_seal_working(&s->chain, s->seal);
}

void kept_change_seal(struct kept *k, unsigned side)
{
	struct kept_side *s = &k->sides[side];

	(void)next_part(s);
	add_part(s, &s->own->root);
	publish(k, s);
}

void kept_revoke(struct kept *k, unsigned side, int64_t since_ms)
{
	struct kept_side *s = &k->sides[side];

	next_part(s)->revoked_since_ms = since_ms;
	add_part(s, &s->own->root);
	publish(k, s);
}

void kept_outgrow(struct kept *k, unsigned side)
{
	struct kept_side *s = &k->sides[side];

	kept_change_seal(k, side);
	(void)chain_next(&s->chain);
	add_part(s, &s->own->root);
	s->chain.from = 1;
	follow(k, s);
}

void kept_change_root(struct kept *k, unsigned side)
{
	struct kept_side *s = &k->sides[side];
	struct rxp_identity *i = chain_next(&s->chain);

	i->has_next_root = true;
	keypair_pin(&s->next_root, i->next_root);
	add_part(s, &s->own->root);
	(void)chain_next(&s->chain);
	add_part(s, &s->next_root);
	publish(k, s);
	keypair_pin(&s->next_root, s->root);
}

void kept_begin_anew(struct kept *k, unsigned side)
{
	struct kept_side *s = &k->sides[side];
	struct rxp_identity *i = next_part(s);

	i->serial = 1;
	i->has_previous = false;
	s->chain.n = 0;
	rxp_buf_reset(&s->chain.parts[0]);
	add_part(s, &s->next_root);
	follow(k, s);
	keypair_pin(&s->next_root, s->root);
}

/* --- what is said ----------------------------------------------------------------------------- */

static int begin_erased(struct draft *d, const struct kept *k, const struct parties *parties,
    bool apart, int64_t now_ms)
{
	char id[RXP_ID_TEXT], element[ELEMENT_TEXT];
	const struct edit edits[] = {
	    {apart ? NULL : "<CaseId>", "</CaseId>", element}, {NULL, NULL, NULL}};

	rxp_id_text(id, k->documents[0].header.case_id);
	(void)snprintf(element, sizeof element, "<CaseId>%s</CaseId>", id);
	return draft_begin_example(d, parties, ERASED_EXAMPLE, edits, now_ms);
}

static int say(struct draft *d, struct kept *k, const struct kept_saying *said)
{
	const struct parties *parties = vector_world_parties(k->m->world, said->side == 1);
	int64_t now_ms = k->m->now_ms + (int64_t)k->n * KEPT_MINUTE_MS;
	int rc;

	if (said->erased)
		rc = begin_erased(d, k, parties, said->apart, now_ms);
	else
		rc = saying_begin(d, parties, said->event,
		    said->side == 0 ? RXP_CASE_REQUESTING : RXP_CASE_REQUESTED, now_ms);
	if (rc != 0)
		return rc;
	if (!said->erased && !said->apart)
		rc = history_follow(&k->views[said->side], d);
	if (rc == 0)
		rc = draft_make(d, NULL);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

static int take(struct kept_document *one, const struct draft *d, const struct kept *k)
{
	const struct product *sender = vector_world_parties(k->m->world, one->side == 0)->product;
	int rc;

	one->header = d->header;
	memcpy(one->fingerprint, d->fingerprint, sizeof one->fingerprint);
	rc = rxp_buf_put(&one->sealed, d->document.data, d->document.len);
	return rc != 0 ? rc
		       : rxp_document_open(&one->opened, one->sealed.data, one->sealed.len, NULL,
			     (const struct rxp_cert *const *)sender->certs, sender->n_certs);
}

/* --- answers, and the log of who answers --------------------------------------------------------- */

static int log_answer(struct kept_side *by, const struct rxp_answer *a)
{
	struct rxp_log_entry *e = &by->entries[by->n_entries++];

	memcpy(e->message_id, a->message_id, sizeof e->message_id);
	memcpy(e->fingerprint, a->fingerprint, sizeof e->fingerprint);
	e->received_ms = a->received_ms;
	e->outcome = a->kind == RXP_ANSWER_RECEIPT ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL;
	memcpy(by->heads[by->n_entries], by->heads[by->n_entries - 1], sizeof by->heads[0]);
	return rxp_logchain_extend(by->heads[by->n_entries], by->n_entries, e);
}

static int seal_answer(struct kept_document *one, const struct keypair *by)
{
	struct rxp_signer signer = keypair_signer(by);

	rxp_buf_reset(&one->answer);
	return rxp_answer_seal(&one->answer, one->said, one->said->created_ms, &signer);
}

/* What is true. */
static int answer(
    struct kept_document *one, struct kept_side *by, const struct draft *d, bool refused)
{
	struct rxp_answer *a = calloc(1, sizeof *a);

	if (a == NULL)
		return RXP_ERR_NOMEM;
	one->said = a;
	rxp_answer_init(a);
	a->kind = refused ? RXP_ANSWER_REFUSAL : RXP_ANSWER_RECEIPT;
	memcpy(a->message_id, d->header.outer.message_id, sizeof a->message_id);
	memcpy(a->from, d->header.outer.to, sizeof a->from);
	memcpy(a->to, d->header.outer.from, sizeof a->to);
	a->created_ms = a->received_ms = d->header.outer.created_ms + KEPT_SECOND_MS;
	memcpy(a->envelope_digest, d->digest, sizeof a->envelope_digest);
	a->has_fingerprint = true;
	memcpy(a->fingerprint, d->fingerprint, sizeof a->fingerprint);
	a->refusal = RXP_REFUSAL_STATE;
	memcpy(a->log_id, by->log_id, sizeof a->log_id);
	a->log_count = by->n_entries;
	memcpy(a->log_head, by->heads[by->n_entries], sizeof a->log_head);
	return log_answer(by, a);
}

static int note(struct kept *k, const struct kept_document *one, const struct kept_saying *said)
{
	int rc = 0;

	if (said->erased || said->apart)
		return 0;
	for (unsigned s = 0; s < KEPT_SIDES && rc == 0; s++)
		if (!said->refused || (said->seen && s != said->side))
			rc = history_add(
			    &k->views[s], &one->header, s == said->side, one->fingerprint);
	return rc;
}

static int tell_one(struct kept *k, const struct kept_saying *said)
{
	struct kept_document *one = &k->documents[k->n];
	struct kept_side *by = &k->sides[1 - said->side];
	struct draft d;
	int rc = say(&d, k, said);

	if (rc != 0)
		return rc;
	rxp_buf_init(&one->sealed, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&one->answer, RXP_MAX_ANSWER_OCTETS);
	one->side = said->side;
	k->n++;
	rc = take(one, &d, k);
	if (rc == 0)
		rc = answer(one, by, &d, said->refused);
	if (rc == 0 && k->answer != NULL)
		k->answer(one->said, k->n);
	if (rc == 0)
		rc = seal_answer(one, &by->own->seal);
	if (rc == 0)
		rc = note(k, one, said);
	draft_clear(&d);
	return rc;
}

void kept_tell(struct kept *k)
{
	for (size_t i = 0; i < k->n_sayings && k->rc == 0; i++)
		k->rc = tell_one(k, &k->sayings[i]);
}

void kept_answer_again(struct kept *k, size_t number, const struct keypair *by)
{
	if (k->rc == 0)
		k->rc = seal_answer(&k->documents[number - 1], by);
}

/* --- entries ---------------------------------------------------------------------------------- */

/* A container in the making. */
struct filling {
	struct kept *k;
	struct rxp_container *c;
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES];
	struct rxp_identity_known *known;
	struct rxp_evidence_descriptor former[KEPT_SIDES][KEPT_MAX_FORMER];
	struct rxp_dossier_papers papers[KEPT_SIDES];
	unsigned n, pages; /* so far */
	struct rxp_dossier_left left;
};

static int put_parties(struct filling *f)
{
	for (size_t i = 0; i < KEPT_SIDES; i++) {
		const struct kept_side *s = &f->k->sides[i];

		for (size_t n = 0; n < s->n_former; n++)
			f->former[i][n] =
			    (struct rxp_evidence_descriptor){s->former[n].data, s->former[n].len};
		f->papers[i] =
		    (struct rxp_dossier_papers){.in_force = {s->in_force.data, s->in_force.len},
			.former = f->former[i],
			.n_former = s->n_former};
	}
	return rxp_dossier_put_parties(f->c, f->parties, f->known, &f->papers[0], &f->papers[1]);
}

static int put_document(struct filling *f, const struct kept_document *one, bool lost)
{
	const struct rxp_seal *seal = &one->opened->seal;
	enum kept_loss loss = f->k->loss;
	const struct rxp_buf *pieces[RXP_EVIDENCE_PIECES] = {&seal->header_octets,
	    &seal->properties_octets, &seal->signed_info_octets, &seal->value};
	struct rxp_dossier_row row = {.type = one->header.type,
	    .from = one->header.outer.from,
	    .answer = one->answer.data,
	    .answer_len = one->answer.len - (lost && loss == KEPT_ALTERED ? 1 : 0),
	    .unproved = lost && loss == KEPT_UNPROVED};
	const struct state *own = f->k->sides[one->side].own;
	bool erased = strcmp(one->header.type, "NodeNotice") == 0;
	struct rxp_buf body;
	int rc = 0;

	for (size_t i = 0; i < RXP_EVIDENCE_PIECES; i++) {
		row.evidence.piece[i].data = pieces[i]->data;
		row.evidence.piece[i].len = pieces[i]->len;
	}
	rxp_buf_init(&body, RXP_MAX_DOCUMENT_OCTETS);
	if (erased)
		rc = rxp_xml_c14n(&body, one->opened->xml, seal->body);
	row.body = body.data;
	row.body_len = body.len;
	rxp_cert_digest(
	    lost && loss == KEPT_UNNAMED ? own->stray.cert : own->seal.cert, row.seal_cert);
	if (rc == 0)
		rc = rxp_dossier_put_document(f->c, f->parties, &f->n, &f->left, &row);
	if (rc == 0 && f->k->bodies && !erased && !lost)
		rc = rxp_dossier_put_body(f->c, f->n, &row, &one->sealed);
	rxp_buf_free(&body);
	return rc;
}

static int seal_page(struct rxp_buf *out, const struct kept *k, const struct kept_page *plan)
{
	const struct kept_side *s = &k->sides[plan->side];
	struct rxp_signer signer = keypair_signer(plan->first_seal ? &s->own->seal : s->seal);
	struct rxp_log_page *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	memcpy(p->owner, s->own->party, sizeof p->owner);
	memcpy(p->peer, k->sides[1 - plan->side].own->party, sizeof p->peer);
	memcpy(p->log_id, s->log_id, sizeof p->log_id);
	p->created_ms = sealed_ms(k);
	p->count = s->n_entries;
	memcpy(p->head, s->heads[s->n_entries], sizeof p->head);
	p->after = plan->after;
	memcpy(p->after_head, s->heads[plan->after], sizeof p->after_head);
	for (size_t i = plan->after; i < s->n_entries && p->n_entries < plan->n; i++)
		p->entries[p->n_entries++] = s->entries[i];
	if (plan->change != NULL)
		plan->change(p);
	rc = rxp_log_page_seal(out, p, p->created_ms, &signer);
	free(p);
	return rc;
}

static int put_page(struct filling *f, const struct kept_page *plan)
{
	unsigned before = f->pages;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_LOG_PAGE_OCTETS);
	rc = seal_page(&octets, f->k, plan);
	if (rc == 0)
		rc = rxp_dossier_put_log_page(f->c, f->parties, &f->pages,
		    f->k->sides[plan->side].own->party, octets.data, octets.len);
	rxp_buf_free(&octets);
	return rc == 0 && f->pages == before ? RXP_ERR_MISMATCH : rc;
}

static void nobody(void *arg, const char *entry, const char *text)
{
	(void)arg;
	(void)entry;
	(void)text;
}

/* Of documents that do not go together none can be told, and whoever lies puts in what he likes; one who leaves a document out does not
 * name it. */
static int put_texts(struct filling *f)
{
	static const char text[] = "It cannot be told.\n";
	int rc = f->k->left_out != 0
		     ? RXP_ERR_MISMATCH
		     : rxp_dossier_put_chronology(f->c, f->known, &f->left, NULL, nobody, NULL);

	if (rc != RXP_ERR_MISMATCH)
		return rc;
	rc = rxp_container_add(f->c, RXP_EVIDENCE_CHRONOLOGY, text, strlen(text));
	return rc != 0 ? rc : rxp_container_add(f->c, RXP_EVIDENCE_PAGE, text, strlen(text));
}

static int put_all(struct filling *f)
{
	const struct kept *k = f->k;
	int rc = put_parties(f);

	for (size_t i = k->from; i < k->n && rc == 0; i++)
		if (k->left_out != i + 1 && (k->lost != i + 1 || k->loss != KEPT_GONE))
			rc = put_document(f, &k->documents[i], k->lost == i + 1);
	for (size_t i = 0; i < k->n_pages && rc == 0; i++)
		rc = put_page(f, &k->pages[i]);
	if (rc == 0)
		rc = rxp_dossier_put_former(f->c, f->parties, &f->papers[0], &f->papers[1]);
	return rc != 0 ? rc : put_texts(f);
}

void kept_put(struct rxp_container *c, struct kept *k)
{
	struct filling f = {.k = k, .c = c, .known = rxp_identity_known_new()};

	if (k->rc == 0)
		k->rc = f.known == NULL ? RXP_ERR_NOMEM : put_all(&f);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(f.parties[i]);
	rxp_identity_known_free(f.known);
}

void kept_seal(
    struct rxp_buf *out, struct kept *k, const struct rxp_container *c, const struct keypair *by)
{
	struct rxp_signer signer = keypair_signer(by);

	if (k->rc == 0)
		k->rc = rxp_container_seal(out, c, sealed_ms(k), &signer);
}
