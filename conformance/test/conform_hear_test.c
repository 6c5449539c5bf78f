/*
 * Goals, for the cases of the product as the one that sends, without a product:
 * - a message is taken apart whole, and each look at what was sent finds nothing wrong with three valid ones;
 * - a value that is written with references is read as any other;
 * - a look finds what is wrong with its own thing: a value that comes twice, other octets, a try too many;
 * - each answer can be made, and is another one than the right Receipt, or another way to give it;
 * - what was answered since a seal is revoked may come again, and nothing else;
 * - the checks of smoke are cases of both directions;
 * - the log of the State stands over the end of the suite.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/hear/answered.h"
#include "conformance/hear/sent.h"
#include "conformance/message/draft.h"
#include "conformance/run/plan.h"
#include "conformance/state/ledger.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "protocol/base/err.h"

#define N_HEARD 3

/* Messages from the State that is the product to the one that the suite plays. */
struct sent_world {
	struct world *w;
	struct product *self; /* the State that is played, as the other sees it */
	struct heard *heard[N_HEARD];
	struct ledger *ledger;
};

static struct heard *hear(const struct sent_world *s)
{
	const struct parties from = {s->w->other, s->self};
	struct guest_facts line = {
	    .shaken = true, .is_tls13 = true, .offers_h2 = true, .has_pin = true};
	struct host_request r = {.line = &line,
	    .place = {1, 1},
	    .method = "POST",
	    .path = "/rxp/1/messages",
	    .type = "application/rxp+xml"};
	struct heard *h;
	struct draft d;

	keypair_pin(&s->w->other->tls, line.pin);
	rxp_buf_init(&r.body, HOST_MAX_BODY);
	assert_int_equal(draft_begin(&d, &from, BASE_PING, NOW_MS), 0);
	assert_int_equal(draft_make(&d, NULL), 0);
	assert_int_equal(rxp_buf_put(&r.body, d.envelope.data, d.envelope.len), 0);
	h = heard_new(&r, &s->w->parties);
	assert_non_null(h);
	draft_clear(&d);
	rxp_buf_free(&r.body);
	return h;
}

static void begin(struct sent_world *s, struct world *w)
{
	uint8_t root[32];

	*s = (struct sent_world){.w = w};
	keypair_pin(&w->own->root, root);
	assert_int_equal(
	    product_open(&s->self, w->own->descriptor.data, w->own->descriptor.len, root), 0);
	for (size_t i = 0; i < N_HEARD; i++) {
		s->heard[i] = hear(s);
		if (i > 0)
			s->heard[i - 1]->next = s->heard[i];
	}
	assert_int_equal(ledger_open(&s->ledger, w->folder, "QMA", "QRA"), 0);
}

static void end(struct sent_world *s)
{
	for (size_t i = 0; i < N_HEARD; i++)
		heard_free(s->heard[i]);
	product_free(s->self);
	ledger_free(s->ledger);
}

/* --- looks ----------------------------------------------------------------------------------- */

static bool look(const struct sent_world *s, const struct sent_case *c)
{
	struct sent_look l = {.parties = &s->w->parties, .first = s->heard[0]};
	bool good = c->look(&l);

	assert_true(good == (l.at == NULL));
	assert_true(good == (l.why[0] == '\0'));
	return good;
}

static const struct sent_case *find(const char *id)
{
	for (size_t i = 0; i < sent_total(); i++)
		if (strcmp(sent_at(i)->facts.id, id) == 0)
			return sent_at(i);
	fail_msg("there is no %s", id);
	return NULL;
}

static void test_valid(void **state)
{
	struct sent_world s;

	begin(&s, *state);
	for (size_t i = 0; i < N_HEARD; i++)
		assert_int_equal(s.heard[i]->stage, HEARD_OPENED);
	for (size_t i = 0; i < sent_total(); i++)
		if (!look(&s, sent_at(i)))
			fail_msg("%s", sent_at(i)->facts.id);
	end(&s);
}

/* Each makes one thing wrong with the second message. */
#define TWICE(member) \
	static void twice_##member(struct heard *h, const struct heard *before) \
	{ \
		memcpy(h->member, before->member, sizeof h->member); \
	}
#define WRONG(name, statement) \
	static void name(struct heard *h, const struct heard *before) \
	{ \
		(void)before; \
		statement; \
	}
TWICE(salt)
TWICE(fingerprint)
WRONG(twice_key, memcpy(h->secrets.key, before->secrets.key, sizeof h->secrets.key))
WRONG(twice_iv, memcpy(h->secrets.iv, before->secrets.iv, sizeof h->secrets.iv))
WRONG(twice_point, memcpy(h->secrets.point, before->secrets.point, sizeof h->secrets.point))
WRONG(no_h2, h->line.offers_h2 = false)
WRONG(old_tls, h->line.is_tls13 = false)
WRONG(other_pin, h->line.pin[0] ^= 1)
WRONG(resumed, h->line.resumes = true)
WRONG(early, h->line.early = true)
WRONG(other_path, h->path[1] = 'x')
WRONG(other_type, h->type[0] = 'x')
WRONG(encoded, h->encoded = true)
WRONG(trailers, h->trailers = true)
WRONG(other_party, memcpy(h->header.outer.to, "QMY", 4))
WRONG(other_office, memcpy(h->header.to_office, "HEALTH", 7))
WRONG(unknown_office, memcpy(h->header.to_office, "KITCHEN", 8))
WRONG(in_case, h->header.in_case = true)
WRONG(sealed_late, h->sealed_ms += 301000)
WRONG(lives_long, h->header.outer.expires_ms += 31LL * 86400000)
WRONG(differs, h->differs = true)
WRONG(again, h->after = 1)
WRONG(hasty, h->tries = 3; h->try_ms[1] = h->try_ms[2] = h->try_ms[0])
WRONG(deep, for (int i = 0; i < 40; i++)(void) rxp_buf_puts(&h->document, "<a>"))
WRONG(other_id, h->message_id[0] ^= 1)
WRONG(compressed, h->secrets.point[0] = 2)
WRONG(two_keys, (void)rxp_buf_puts(&h->envelope_plain, "<EncryptedKey></EncryptedKey>"))
WRONG(attached, h->attaches = true)
WRONG(blank, memcpy(memmem(h->document.data, h->document.len, "<Ping", 5), " <Pin", 5))
WRONG(not_decrypted, h->stage = HEARD_DECRYPT; h->why = RXP_ERR_DECRYPT)
WRONG(not_sealed, h->stage = HEARD_OPEN; h->why = RXP_ERR_SEAL)
WRONG(other_signer, h->stage = HEARD_OPEN; h->why = RXP_ERR_SIGNER)
WRONG(numbered_3, h->copies = true; h->number = 3)
WRONG(last_with_copy, h->copies = h->last = h->has_copy = true)

static const struct {
	const char *id;
	void (*make)(struct heard *h, const struct heard *before);
} wrongs[] = {
    {"DOC-003.S.n1", twice_salt},
    {"MSG-001.S.n1", twice_fingerprint},
    {"ENV-005.S.n1", twice_key},
    {"ENV-005.S.n2", twice_iv},
    {"ENV-006.S.n1", twice_point},
    {"TLS-001.S.p1", old_tls},
    {"TLS-001.S.p2", no_h2},
    {"TLS-002.S.p1", other_pin},
    {"TLS-004.S.n1", resumed},
    {"TLS-004.S.n2", early},
    {"HTTP-002.S.p1", other_path},
    {"HTTP-002.S.p2", other_type},
    {"HTTP-001.S.n4", encoded},
    {"HTTP-001.S.n5", trailers},
    {"ENV-012.S.p1", other_party},
    {"DOC-012.S.p1", other_office},
    {"DOC-006.S.p1", unknown_office},
    {"DOC-002.S.p1", in_case},
    {"SEA-011.S.p1", sealed_late},
    {"TIM-002.S.p1", lives_long},
    {"TIM-002.S.p2", lives_long},
    {"MSG-005.S.p1", differs},
    {"MSG-005.S.n19", again},
    {"HTTP-009.S.p1", hasty},
    {"DOC-016.S.p1", blank},
    {"ENV-006.S.p1", not_decrypted},
    {"SEA-009.S.p1", not_sealed},
    {"SEA-010.S.p1", other_signer},
    {"XML-005.S.p1", deep},
    {"ENV-007.S.p1", other_id},
    {"ENV-008.S.p1", compressed},
    {"ENV-010.S.p1", two_keys},
    {"DOC-009.S.p1", attached},
    {"HIS-002.S.p1", numbered_3},
    {"HIS-002.S.p2", last_with_copy},
};
#define N_WRONGS (sizeof wrongs / sizeof wrongs[0])

static void test_wrong(void **state)
{
	for (size_t i = 0; i < N_WRONGS; i++) {
		struct sent_world s;

		begin(&s, *state);
		wrongs[i].make(s.heard[1], s.heard[0]);
		if (look(&s, find(wrongs[i].id)))
			fail_msg("%s sees nothing wrong", wrongs[i].id);
		end(&s);
	}
}

/* RXP-HIS-015: a Number that comes again gives nothing, and goes before the end of what came under it. */
static void test_number_again(void **state)
{
	static const char *const looks[] = {
	    "HIS-002.S.p1", "HIS-002.S.p2", "HIS-008.S.n1", "HIS-015.S.n1"};
	struct sent_world s;

	begin(&s, *state);
	for (size_t i = 0; i < N_HEARD; i++) {
		s.heard[i]->copies = s.heard[i]->has_copy = true;
		s.heard[i]->number = i == 0 ? 1 : i;
		s.heard[i]->try_ms[0] = 1000 * (int64_t)(i + 1);
		s.heard[i]->ended_ms = s.heard[i]->try_ms[0] + (i == 0 ? 5000 : 500);
	}
	assert_false(look(&s, find("HIS-015.S.n1")));
	s.heard[1]->has_copy = false;
	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
		if (!look(&s, find(looks[i])))
			fail_msg("%s sees something wrong", looks[i]);
	s.heard[1]->last = true;
	assert_false(look(&s, find("HIS-015.S.n1")));
	end(&s);
}

/* The text, with the first character behind each `before` as a reference. */
static void refer(struct rxp_buf *out, const struct rxp_buf *text, const char *before)
{
	size_t len = strlen(before);
	char reference[16];

	for (size_t i = 0; i < text->len; i++) {
		bool found = i >= len && text->data[i] != '<' &&
			     memcmp(text->data + i - len, before, len) == 0;

		(void)snprintf(reference, sizeof reference, "&#x0%x;", text->data[i]);
		assert_int_equal(
		    found ? rxp_buf_puts(out, reference) : rxp_buf_put(out, text->data + i, 1), 0);
	}
}

/* RXP-XML-003: a value may be written with references, which changes nothing of it. */
static void test_references(void **state)
{
	static const char *const places[] = {
	    "<MessageId>", "AlgorithmID=\"", "PublicKey>", "CipherValue>"};
	struct sent_world s;

	begin(&s, *state);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const struct heard *h = s.heard[0];
		struct heard_secrets secrets = {0};
		struct rxp_buf other, plain;
		uint8_t id[RXP_ID_OCTETS];

		rxp_buf_init(&other, HOST_MAX_BODY);
		rxp_buf_init(&plain, HOST_MAX_BODY);
		refer(&other, &h->envelope, places[i]);
		assert_true(other.len > h->envelope.len);
		assert_int_equal(heard_plain(&plain, &other), 0);
		assert_int_equal(plain.len, h->envelope_plain.len);
		assert_memory_equal(plain.data, h->envelope_plain.data, plain.len);
		assert_true(heard_id(id, &other));
		assert_memory_equal(id, h->message_id, sizeof id);
		assert_true(heard_secrets(&secrets, &other));
		assert_memory_equal(secrets.point, h->secrets.point, sizeof secrets.point);
		assert_memory_equal(secrets.iv, h->secrets.iv, sizeof secrets.iv);
		rxp_buf_free(&plain);
		rxp_buf_free(&other);
	}
	end(&s);
}

/* RXP-DSC-042: what was answered since a seal is revoked may come again, and what was before may not. */
static void test_forgiven(void **state)
{
	static const struct host_request again = {.method = "POST"};
	struct sent_world s;

	begin(&s, *state);
	for (size_t i = 0; i < N_HEARD; i++) {
		s.heard[i]->ended = i < 2;
		s.heard[i]->ended_ms = 1000 * (int64_t)(i + 1);
		heard_forgive_since(s.heard[i], 2000);
		heard_again(s.heard[i], &again);
	}
	assert_int_equal(s.heard[0]->after, 1);
	assert_int_equal(s.heard[1]->after, 0);
	s.heard[2]->ended = true; /* its answer went after all that */
	heard_again(s.heard[2], &again);
	assert_int_equal(s.heard[2]->after, 1);
	end(&s);
}

/* --- answers --------------------------------------------------------------------------------- */

static bool is_right(const struct answering *a, const struct answering *right)
{
	const struct host_reply *r = &a->reply, *other = &right->reply;

	return r->status == other->status && r->fields[0].name == NULL &&
	       r->body_len == other->body_len && r->fault == other->fault && r->at == other->at &&
	       r->piece == other->piece && r->delay_ms == other->delay_ms && r->type != NULL &&
	       strcmp(r->type, other->type) == 0 && r->body_len > 0 && a->signer == right->signer &&
	       r->body == a->text.data;
}

static void try_answer(const struct sent_world *s, const struct answered_case *c)
{
	struct greeting g = {.credential = &s->w->own->tls};
	struct answering a, right;
	int rc;

	if (c->retort.stage == RETORT_LINE) {
		c->retort.greet(&g, &s->w->parties);
		if (g.credential == &s->w->own->tls && !g.odd && g.window == 0)
			fail_msg("%s greets as ever", c->facts.id);
		return;
	}
	assert_int_equal(retort_make(&right, &s->w->parties, s->ledger, s->heard[0], NULL), 0);
	rc = retort_make(&a, &s->w->parties, s->ledger, s->heard[0], &c->retort);
	if (rc != 0)
		fail_msg("%s cannot be made: %s", c->facts.id, rxp_err_text(rc));
	right.answer.created_ms = a.answer.created_ms; /* it was made a moment before */
	if (is_right(&a, &right) &&
	    memcmp(&a.answer, &right.answer, offsetof(struct rxp_answer, working)) == 0 &&
	    memmem(a.text.data, a.text.len, "<ds:SignatureValue></", 21) == NULL &&
	    c->retort.stage != RETORT_SEALED && c->retort.stage != RETORT_RESEALED)
		fail_msg("%s is the right answer", c->facts.id);
	retort_clear(&a);
	retort_clear(&right);
}

static void test_answers(void **state)
{
	struct rxp_log_entry entry = {.received_ms = NOW_MS, .outcome = RXP_OUTCOME_RECEIPT};
	struct sent_world s;

	begin(&s, *state);
	assert_int_equal(ledger_add(s.ledger, &entry, (const uint8_t *)"another answer", 14), 0);
	for (size_t i = 0; i < answered_total(); i++)
		try_answer(&s, answered_at(i));
	end(&s);
}

/* --- the log --------------------------------------------------------------------------------- */

static void test_log(void **state)
{
	struct world *w = *state;
	struct rxp_log_entry entry = {
	    .message_id = {1}, .received_ms = NOW_MS, .outcome = RXP_OUTCOME_REFUSAL};
	struct ledger *l = NULL, *again = NULL;
	const struct ledger_entry *found;
	size_t n;

	assert_int_equal(ledger_open(&l, w->folder, "QMA", "QRA"), 0);
	n = l->n;
	assert_int_equal(ledger_add(l, &entry, (const uint8_t *)"an answer", 9), 0);
	assert_int_equal(ledger_open(&again, w->folder, "QMA", "QRA"), 0);
	assert_int_equal(again->n, n + 1);
	assert_memory_equal(again->head, l->head, sizeof l->head);
	assert_memory_equal(again->log_id, l->log_id, sizeof l->log_id);
	found = ledger_find(again, entry.message_id);
	assert_non_null(found);
	assert_int_equal(found->entry.outcome, RXP_OUTCOME_REFUSAL);
	assert_int_equal(found->answer.len, 9);
	assert_memory_equal(found->answer.data, "an answer", 9);
	ledger_free(l);
	ledger_free(again);
}

static int clean(void **state)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/log-QRA", ((struct world *)*state)->folder);
	(void)remove(path);
	return world_end(state);
}

/* --- smoke ----------------------------------------------------------------------------------- */

/* Twelve cases of both directions. */
static void test_smoke(void **state)
{
	static const char *const ids[] = {
#define SMOKE(id) id,
#include "conformance/cli/smoke.def"
#undef SMOKE
	};
	size_t sends = 0, i;

	(void)state;
	assert_int_equal(sizeof ids / sizeof ids[0], 12);
	for (size_t n = 0; n < sizeof ids / sizeof ids[0]; n++) {
		if (plan_find(ids[n], &i) == NULL)
			fail_msg("there is no %s", ids[n]);
		sends += plan_find(ids[n], &i)->letter == 'S';
	}
	assert_int_equal(sends, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_number_again),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_forgiven),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_log),
	    cmocka_unit_test(test_smoke),
	};

	return cmocka_run_group_tests(tests, world_make, clean);
}
