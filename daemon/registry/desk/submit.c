#include "daemon/registry/desk/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/second.h"
#include "daemon/registry/cases/agreed.h"
#include "daemon/registry/cases/case_facts.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/chapter.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/cases/halt.h"
#include "daemon/registry/cases/turn.h"
#include "daemon/registry/desk/answering.h"
#include "daemon/registry/desk/objection.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_countersign.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/err.h"
#include "protocol/document/compartment.h"

static const uint8_t no_id[RXP_ID_OCTETS];

/* One request on its way to its commit. */
struct submission {
	struct store_item item;
	const struct submit *by;
	uint64_t request;
	int64_t at_ms;
	char user[RECORD_NAME_MAX], key[RECORD_NAME_MAX];
	char officer[RECORD_NAME_MAX], second_officer[RECORD_NAME_MAX];
	bool names_confirmed;
	uint32_t second; /* what a second officer was needed for */
	uint8_t text[32];
	unsigned unseen; /* cases that are not there for the caller */
	unsigned offices; /* bits of those that have a compartment in it */
	char profile_id[RXP_PROFILE_TEXT],
	    profile_version[RXP_PROFILE_TEXT]; /* "": the one chosen */
	uint8_t body_digest[32];
	struct rxp_buf draft, facts, attachments;
	struct rxp_buf violations; /* records violation: as in objection.h */
	struct rxp_case_document document; /* type, event, persons, about */
	bool opens; /* the request is for a new case, whose id is in row.place */
	struct store_outbox row;
	/* the answer */
	bool repeated;
	char problem[RECORD_NAME_MAX];
};

static void submission_free(struct submission *s)
{
	if (s == NULL)
		return;
	rxp_buf_free(&s->draft);
	rxp_buf_free(&s->facts);
	rxp_buf_free(&s->attachments);
	rxp_buf_free(&s->violations);
	free(s);
}

/* --- the answer --------------------------------------------------------------------------------- */

static int fail(struct submission *s, int result, const char *problem)
{
	snprintf(s->problem, sizeof s->problem, "%s", problem);
	return result;
}

static void answer(struct node *n, uint64_t request, int result, const struct submission *s)
{
	struct msg_submitted m = {.result = (uint32_t)result};

	if (s != NULL) {
		memcpy(m.problem, s->problem, sizeof m.problem);
		m.violations = (struct bytes){.data = s->violations.data, .len = s->violations.len};
	}
	if (result == 0 && s != NULL) {
		m.repeated = s->repeated;
		memcpy(m.local_id, s->row.local_id, sizeof m.local_id);
		memcpy(m.case_id, s->row.place.case_id, sizeof m.case_id);
	}
	link_answer(n->desk, IPC_submitted, request, &m, NULL, 0);
}

/* --- inside the transaction --------------------------------------------------------------------- */

/* Of what is erased the content cannot be compared any more. */
static bool is_same(const struct submission *s, const struct store_keyed *k)
{
	enum rxp_type type;
	bool opened;

	if (rxp_type_parse(&type, k->type) != 0)
		return false;
	opened = k->turn == 1 && rxp_case_type(type)->opens;
	return strcmp(k->peer, s->row.peer) == 0 && strcmp(k->type, s->row.type) == 0 &&
	       (k->erased_ms != 0 ||
		   memcmp(k->body_digest, s->body_digest, sizeof k->body_digest) == 0) &&
	       opened == s->opens &&
	       (opened || memcmp(k->case_id, s->row.place.case_id, sizeof k->case_id) == 0);
}

/* RXP-RET-011: it is not sent a second time. */
static int fail_erased(struct submission *s, const struct store_keyed *known)
{
	char id[RXP_ID_TEXT], problem[RECORD_NAME_MAX];

	rxp_id_text(id, known->local_id);
	snprintf(problem, sizeof problem, "done as %s, which is erased", id);
	return fail(s, RXP_ERR_STATE, problem);
}

/* 0: the key is new. RXP_ERR_EXISTS: known, for the same content. */
static int look_up_key(struct submission *s, struct db *db)
{
	struct store_keyed known;
	int rc = store_case_of_key(db, &known, s->key);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	if (s->at_ms - known.accepted_ms > REGISTRY_IDEMPOTENCY_MS)
		return store_case_key_forget(db, known.local_id);
	if (!is_same(s, &known))
		return fail(s, RXP_ERR_MISMATCH, "the key was used for other content");
	if (known.erased_ms != 0)
		return fail_erased(s, &known);
	s->repeated = true;
	memcpy(s->row.local_id, known.local_id, sizeof s->row.local_id);
	memcpy(s->row.place.case_id, known.case_id, sizeof s->row.place.case_id);
	return RXP_ERR_EXISTS;
}

static bool has_key(const struct peer *peer, const char *office)
{
	struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
	struct rec_office_key key;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_office_key &&
		    record_decode(&key, &record_office_key, fields.data, fields.len) == 0 &&
		    strcmp(key.office, office) == 0)
			return true;
	return false;
}

/* What nobody but an office may read cannot go to a State that publishes no key of it. */
static int check_offices(struct submission *s, const struct peer *peer)
{
	char problem[RECORD_NAME_MAX];

	for (unsigned i = 0; i < RXP_COMPARTMENT_COUNT; i++) {
		const char *office = rxp_compartment_office((enum rxp_compartment)i);

		if ((s->offices & 1u << i) == 0 || has_key(peer, office))
			continue;
		snprintf(problem, sizeof problem,
		    "RXP-CMP-011: %s publishes no key of its office %s", peer->party, office);
		return fail(s, RXP_ERR_KEY, problem);
	}
	return 0;
}

static bool takes_level(const struct peer *peer, enum rxp_type type)
{
	struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
	const char *name = rxp_level_name(rxp_type_row(type)->level);
	struct rec_level level;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_level &&
		    record_decode(&level, &record_level, fields.data, fields.len) == 0 &&
		    strcmp(level.level, name) == 0)
			return true;
	return false;
}

static int check_peer(struct submission *s)
{
	const struct peer *peer = peers_find(s->by->peers, s->row.peer);

	if (peer == NULL)
		return fail(s, RXP_ERR_NOT_FOUND, "the party is no peer");
	if (!peer->active)
		return fail(s, RXP_ERR_STATE, "the peer is distrusted");
	if (!takes_level(peer, s->document.type))
		return fail(s, RXP_ERR_UNSUPPORTED, "the peer does not take this type");
	return check_offices(s, peer);
}

/* Does the procedure allow it behind all that is on its way? */
static int check_case(struct submission *s, struct cases *c)
{
	struct rxp_case_verdict verdict;
	struct rxp_case *folded = NULL;
	int rc = cases_fold_ahead(&folded, c);

	if (rc == RXP_ERR_STATE)
		return fail(s, rc, "what is stored of the case is damaged");
	if (rc != 0)
		return rc;
	cases_next(&s->document, c, c->n_all);
	rc = rxp_case_check(&verdict, folded, &s->document, RXP_CASE_SEALING);
	if (rc == RXP_ERR_STATE)
		rc = objection_say(s->problem, &s->violations,
		    &(struct objection){.folded = folded,
			.document = &s->document,
			.own = c->row.requesting ? RXP_CASE_REQUESTING : RXP_CASE_REQUESTED,
			.requirement = verdict.requirement});
	else if (rc == RXP_ERR_BOUND)
		rc = fail(s, RXP_ERR_SCHEMA, "the facts contradict themselves");
	rxp_case_free(folded);
	return rc;
}

/* RXP-PRF-023 for what we send ourselves. */
static int choose_profile(struct submission *s, struct store_case *row)
{
	struct terms_why why;
	char problem[RECORD_NAME_MAX];
	int rc;

	memcpy(row->profile_id, s->profile_id, sizeof row->profile_id);
	memcpy(row->profile_version, s->profile_version, sizeof row->profile_version);
	rc = terms_for_new(&why, s->by->terms, row, s->at_ms);
	if (rc == 0)
		rc = chapter_open(&why, s->by->terms, row, &s->document, s->at_ms);
	if (rc == 0)
		return 0;
	snprintf(problem, sizeof problem, "%s: %s", why.requirement, why.words);
	return fail(s, rc, problem);
}

/* RXP-FLG-009, as if all that is on its way had arrived; it is asked again before it is sealed. */
static int check_time(struct submission *s, struct db *db, struct cases *c)
{
	struct rxp_case_judgement j;
	int rc;

	c->n = c->n_all;
	rc = clocks_judge(s->by->clocks, &j, db, c, &s->document, s->at_ms);
	if (rc != 0 || j.barred == NULL)
		return rc;
	snprintf(s->problem, sizeof s->problem, "%s: %s", j.barred, clocks_bar_words(j.barred));
	return RXP_ERR_NOT_ACCEPTABLE;
}

/* RXP-PRF-028. A case keeps its profile, so that once is enough. */
static int check_agreed(struct submission *s, const struct cases *c)
{
	bool off;
	int rc = agreed_check(&off, &s->violations, s->by->terms, &c->row,
	    (struct bytes){.data = s->facts.data, .len = s->facts.len});

	return rc == 0 && s->violations.len > 0 ? RXP_ERR_NOT_ACCEPTABLE : rc;
}

static int load_case(struct submission *s, struct db *db, struct cases *c)
{
	int rc;

	if (s->opens && (cases_kind(s->document.type) & s->unseen) != 0)
		return fail(s, RXP_ERR_CONFIG, "another office opens such a case");
	if (s->opens) {
		cases_init(c, s->by->node->own, s->row.peer, true);
		return choose_profile(s, &c->row);
	}
	rc = cases_load(c, db, s->by->node->own, s->row.peer, s->row.place.case_id);
	if (rc == RXP_ERR_NOT_FOUND)
		return fail(s, RXP_ERR_NOT_FOUND, "there is no such case with this peer");
	if (rc == RXP_ERR_STATE)
		return fail(s, rc, "what is stored of the case is damaged");
	return rc;
}

/* RXP-HLD-002, RXP-HLD-009. */
static int check_halt(struct submission *s, struct db *db)
{
	enum halt halt;
	int rc = halt_judge(&halt, db, s->by->node->own,
	    &(struct halt_document){.peer = s->row.peer,
		.case_id = s->opens ? NULL : s->row.place.case_id,
		.type = s->row.type,
		.facts = {.data = s->facts.data, .len = s->facts.len}});

	return rc == 0 && halt != HALT_NONE ? fail(s, RXP_ERR_STATE, halt_words(halt)) : rc;
}

/* Of the rows only their order and CiphertextDigest count; what the files are is known here. */
static int claim(struct submission *s, struct db *db)
{
	char problem[RECORD_NAME_MAX];
	uint32_t number;
	int rc = store_file_claim_own(db, s->row.local_id,
	    (struct bytes){.data = s->attachments.data, .len = s->attachments.len}, &number);

	if (rc == RXP_ERR_SYNTAX)
		return fail(s, rc, "the attachments are not numbered from 1 on");
	if (rc == RXP_ERR_STATE) {
		snprintf(problem, sizeof problem,
		    "attachment %u is gone, or another document has it", (unsigned)number);
		return fail(s, rc, problem);
	}
	return rc;
}

static int journal(const struct submission *s, struct db *db)
{
	const struct store_officers officers = {s->officer, s->second_officer, s->names_confirmed};
	char by[RECORD_NAME_MAX];

	store_journal_officers(by, &officers);
	return store_journal(db, &(struct store_journal_entry){.at_ms = s->at_ms,
				     .user = s->user,
				     .action = JOURNAL_MESSAGE_SUBMIT,
				     .reason = by,
				     .peer = s->row.peer,
				     .local_id = s->row.local_id});
}

static struct store_draft draft_of(const struct submission *s)
{
	return (struct store_draft){.key = s->key,
	    .body_digest = s->body_digest,
	    .draft = {.data = s->draft.data, .len = s->draft.len},
	    .facts = {.data = s->facts.data, .len = s->facts.len}};
}

static int put(struct submission *s, struct db *db, const struct cases *c)
{
	const struct store_draft draft = draft_of(s);
	const struct cases_offices offices = cases_offices(c, s->document.type);
	struct store_case row = c->row;
	int rc = 0;

	snprintf(s->row.from_office, sizeof s->row.from_office, "%s", offices.from);
	snprintf(s->row.to_office, sizeof s->row.to_office, "%s", offices.to);
	if (s->opens) {
		memcpy(row.case_id, s->row.place.case_id, sizeof row.case_id);
		row.opened_ms = row.changed_ms = s->at_ms;
		row.kind = cases_kind(s->document.type);
		rc = store_case_add(db, &row);
	}
	if (rc != 0)
		return rc;
	rc = turn_of_new(db, &s->row.state, s->row.peer, s->row.place.case_id);
	if (rc == 0)
		rc = store_case_submit(db, &s->row, &draft, s->at_ms);
	if (rc == 0)
		rc = claim(s, db);
	return rc != 0 ? rc : journal(s, db);
}

/* Outside any case nothing has to be waited for. */
static int put_alone(struct submission *s, struct db *db)
{
	const struct rxp_type_row *type = rxp_type_row(s->document.type);
	const struct store_draft draft = draft_of(s);
	int rc;

	s->row.state = STATE_WAITING;
	snprintf(s->row.from_office, sizeof s->row.from_office, "%s", type->asking_office);
	snprintf(s->row.to_office, sizeof s->row.to_office, "%s", type->asked_office);
	rc = store_outbox_add(db, &s->row, &draft, s->at_ms);
	return rc != 0 ? rc : journal(s, db);
}

/* RXP-COR-013 */
static int check_answers(struct submission *s, struct db *db, const struct cases *c)
{
	const struct answering a = {.node = s->by->node,
	    .terms = s->by->terms,
	    .c = c,
	    .about = s->document.about,
	    .facts = {.data = s->facts.data, .len = s->facts.len},
	    .now_ms = s->at_ms};
	int rc = 0;

	if (s->document.type == RXP_TYPE_DATA_CORRECTION_REPLY)
		rc = answering_check(&s->violations, db, &a);
	return rc == RXP_ERR_STATE ? fail(s, rc, "RXP-COR-013: it says what is not so here") : rc;
}

static int put_in_case(struct submission *s, struct db *db)
{
	struct cases c = {.n = 0};
	int rc = load_case(s, db, &c);

	if (rc == 0)
		rc = check_case(s, &c);
	if (rc == 0)
		rc = check_answers(s, db, &c);
	if (rc == 0)
		rc = check_halt(s, db);
	if (rc == 0)
		rc = check_agreed(s, &c);
	if (rc == 0)
		rc = check_time(s, db, &c);
	if (rc == 0)
		rc = put(s, db, &c);
	cases_clear(&c);
	return rc;
}

/* RXP-SAF-038: used up by this document, if it is taken. */
static int use_second(struct submission *s, struct db *db)
{
	const struct store_countersign c = {.text = s->text,
	    .user = s->user,
	    .officer = s->second_officer,
	    .names = (s->second & CHECK_NAMES) != 0,
	    .at_ms = s->at_ms - REGISTRY_COUNTERSIGN_MS};
	int rc = 0;

	if (s->second != 0 && s->by->node->config.second_named == 0)
		rc = store_countersign_use(db, &c);
	return rc == RXP_ERR_NOT_FOUND ? objection_to_second(s->problem, &s->violations, c.names)
				       : rc;
}

static int submit_apply(void *arg, struct db *db)
{
	struct submission *s = arg;
	int rc = look_up_key(s, db);

	if (rc == 0)
		rc = check_peer(s);
	if (rc == 0)
		rc = use_second(s, db);
	if (rc != 0)
		return rc;
	return s->row.place.in_case ? put_in_case(s, db) : put_alone(s, db);
}

static void submit_done(void *arg, int result)
{
	struct submission *s = arg;
	const struct submit *by = s->by;

	if (result == 0) {
		peers_count(peers_find(by->peers, s->row.peer), STATE_NONE, s->row.state);
		pace_kick(by->pace);
	}
	answer(by->node, s->request, result == RXP_ERR_EXISTS && s->repeated ? 0 : result, s);
	submission_free(s);
}

/* --- what needs no case ------------------------------------------------------------------------- */

static int read_type(struct submission *s, const struct msg_submit *m)
{
	enum rxp_type type;

	if (rxp_type_parse(&type, m->type) != 0)
		return fail(s, RXP_ERR_UNSUPPORTED, "no document that this node sends");
	if (!rxp_type_row(type)->collected)
		return fail(s, RXP_ERR_UNSUPPORTED, "the node itself writes this type");
	s->document.type = type;
	s->row.place.in_case = rxp_type_row(type)->scope == RXP_SCOPE_CASE;
	snprintf(s->row.type, sizeof s->row.type, "%s", rxp_type_row(type)->wire);
	return 0;
}

static int read_content(struct submission *s, const struct msg_submit *m)
{
	int rc;

	if (m->key[0] == '\0')
		return fail(s, RXP_ERR_SYNTAX, "a key of idempotency is missing");
	if (m->draft.len == 0)
		return fail(s, RXP_ERR_SYNTAX, "there is no content");
	if (s->row.place.in_case && case_facts_read(&s->document, m->facts) != 0)
		return fail(s, RXP_ERR_SCHEMA, "the facts are not those of the type");
	rc = rxp_buf_put(&s->draft, m->draft.data, m->draft.len);
	if (rc == 0)
		rc = rxp_buf_put(&s->attachments, m->attachments.data, m->attachments.len);
	if (rc == 0)
		rc = rxp_buf_put(&s->facts, m->facts.data, m->facts.len);
	return rc;
}

/* RXP-DOC-015 */
static int read_no_case(struct submission *s, const struct msg_submit *m)
{
	if (memcmp(m->case_id, no_id, sizeof no_id) != 0)
		return fail(s, RXP_ERR_STATE, "RXP-DOC-015: this type belongs to no case");
	if (m->attachments.len > 0)
		return fail(s, RXP_ERR_STATE, "RXP-DOC-015: this type has no attachments");
	return 0;
}

/* A random one (RXP-DOC-007), which its sealer chose. */
static int take_new_id(struct submission *s, const struct msg_submit *m)
{
	char text[RXP_ID_TEXT];

	rxp_id_text(text, m->for_case);
	return rxp_id_parse(s->row.place.case_id, text, 4) == 0
		   ? 0
		   : fail(s, RXP_ERR_STATE, "the draft is of no new case");
}

/* Not every type opens one (RXP-CAS-003). */
static int read_case(struct submission *s, const struct msg_submit *m)
{
	if (!s->row.place.in_case)
		return read_no_case(s, m);
	memcpy(s->row.place.case_id, m->case_id, sizeof s->row.place.case_id);
	s->opens = memcmp(m->case_id, no_id, sizeof no_id) == 0;
	if (!s->opens)
		return m->profile_id[0] == '\0'
			   ? 0
			   : fail(
				 s, RXP_ERR_STATE, "RXP-PRF-017: the case has its profile already");
	if (!rxp_case_type(s->document.type)->opens)
		return fail(s, RXP_ERR_STATE, "RXP-CAS-003: this type opens no case");
	return take_new_id(s, m);
}

static int read_request(struct submission *s, const struct msg_submit *m)
{
	int rc = read_type(s, m);

	if (rc == 0)
		rc = read_content(s, m);
	if (rc == 0)
		rc = read_case(s, m);
	if (rc == 0)
		rc = rxp_id_make_v7(s->row.local_id, s->at_ms, &s->by->node->random);
	return rc;
}

void submit_take(const struct submit *by, uint64_t request, const struct msg_submit *m)
{
	struct submission *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL) {
		answer(by->node, request, RXP_ERR_NOMEM, NULL);
		return;
	}
	s->by = by;
	s->request = request;
	s->at_ms = clock_wall_ms();
	rxp_buf_init(&s->draft, IPC_MESSAGE_MAX);
	rxp_buf_init(&s->facts, IPC_INLINE_MAX);
	rxp_buf_init(&s->attachments, IPC_MESSAGE_MAX);
	rxp_buf_init(&s->violations, IPC_INLINE_MAX);
	memcpy(s->user, m->user, sizeof s->user);
	memcpy(s->key, m->key, sizeof s->key);
	memcpy(s->officer, m->officer, sizeof s->officer);
	memcpy(s->second_officer, m->second_officer, sizeof s->second_officer);
	s->names_confirmed = m->names_confirmed != 0;
	s->second = m->second;
	memcpy(s->text, m->text, sizeof s->text);
	s->unseen = m->unseen;
	s->offices = m->offices;
	memcpy(s->profile_id, m->profile_id, sizeof s->profile_id);
	memcpy(s->profile_version, m->profile_version, sizeof s->profile_version);
	memcpy(s->row.peer, m->peer, sizeof s->row.peer);
	memcpy(s->body_digest, m->body_digest, sizeof s->body_digest);
	rc = read_request(s, m);
	if (rc != 0) {
		answer(by->node, request, rc, s);
		submission_free(s);
		return;
	}
	s->item = (struct store_item){.apply = submit_apply, .done = submit_done, .arg = s};
	store_submit(by->node->store, &s->item);
}
