/*
 * Goals (RXP-EVI-031): of States with long chains of identity parts
 *  - each part is verified once by whoever verifies a container, however many descriptors have it, and each answer once;
 *  - whoever makes a container verifies no part a second time, and puts in the former descriptors alone that the seals need;
 *  - what is under the latest seals needs none of them;
 *  - of copies of one document, good or not, the seals are verified once;
 *  - a copy of which one octet differs is none.
 * Verifications are counted, not timed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <dlfcn.h>

#include <cmocka.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmldsig.h>

#include "protocol/base/random.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/init.h"
#include "protocol/message/answer.h"
#include "protocol/peering/identity_known.h"
#include "protocol/test/fixture.h"

#define PARTS 40
#define FORMER 2 /* so that the three overlap: 1 to 16, 13 to 28, 25 to 40 */
#define STEP 12
#define DOCUMENTS 5

/* --- what is counted -------------------------------------------------------------------------------- */

static size_t verified;

/* In the place of that of the library, which it calls. */
int xmlSecDSigCtxVerify(xmlSecDSigCtxPtr ctx, xmlNodePtr node)
{
	int (*real)(xmlSecDSigCtxPtr, xmlNodePtr);
	void *found = dlsym(RTLD_NEXT, "xmlSecDSigCtxVerify");

	assert_non_null(found);
	memcpy(&real, &found, sizeof real);
	verified++;
	return real(ctx, node);
}

/* --- two States that rolled their keys --------------------------------------------------------------- */

static struct fixture_key root, oldest, latest;

struct state {
	struct rxp_buf in_force, former[FORMER]; /* newest first */
	struct rxp_evidence_descriptor papers[FORMER];
};

static struct state states[2];

/* The first part lists one seal, all others the next. */
static void make_part(
    struct rxp_buf *out, const char *party, uint64_t serial, uint8_t fingerprint[32])
{
	struct rxp_signer signer = rxp_key_signer_interface(root.signer);
	struct rxp_identity i;
	const uint8_t *der;
	size_t len;

	rxp_identity_init(&i);
	memcpy(i.party, party, sizeof i.party);
	i.serial = serial;
	i.created_ms = FIXTURE_TIME_MS + (int64_t)serial * 1000;
	i.has_previous = serial > 1;
	memcpy(i.previous, fingerprint, sizeof i.previous);
	i.test = true;
	der = rxp_cert_der(serial == 1 ? oldest.cert : latest.cert, &len);
	assert_int_equal(rxp_buf_put(&i.certs[i.n_certs++], der, len), 0);
	i.n_pins = i.n_offices = 1;
	memcpy(i.offices[0], "NODE", 5);
	i.levels = 1U << RXP_LEVEL_CORE;
	rxp_buf_init(out, RXP_MAX_PART_OCTETS);
	assert_int_equal(rxp_identity_seal(out, &i, FIXTURE_TIME_MS, &signer, fingerprint), 0);
	rxp_identity_clear(&i);
}

static void write_run(struct rxp_buf *out, const struct rxp_buf *parts)
{
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_descriptor_write(out, parts, RXP_MAX_IDENTITY_PARTS, NULL), 0);
}

static void make_state(struct state *s, const char *party)
{
	struct rxp_buf parts[PARTS];
	uint8_t fingerprint[32] = {0};

	for (size_t i = 0; i < PARTS; i++)
		make_part(&parts[i], party, i + 1, fingerprint);
	write_run(&s->in_force, parts + PARTS - RXP_MAX_IDENTITY_PARTS);
	for (size_t i = 0; i < FORMER; i++) {
		write_run(&s->former[i], parts + PARTS - RXP_MAX_IDENTITY_PARTS - (i + 1) * STEP);
		s->papers[i] =
		    (struct rxp_evidence_descriptor){s->former[i].data, s->former[i].len};
	}
	for (size_t i = 0; i < PARTS; i++)
		rxp_buf_free(&parts[i]);
}

static struct rxp_dossier_papers papers_of(struct state *s)
{
	return (struct rxp_dossier_papers){.in_force = {s->in_force.data, s->in_force.len},
	    .former = s->papers,
	    .n_former = FORMER};
}

/* --- a case ------------------------------------------------------------------------------------------ */

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

static const struct rxp_random source = {fill, NULL};

static void make_receipt(struct rxp_buf *out, const struct rxp_header *h,
    const struct fixture_key *key, const uint8_t fingerprint[32])
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);
	struct rxp_answer a = {.kind = RXP_ANSWER_RECEIPT,
	    .from = "QRB",
	    .to = "QRA",
	    .created_ms = h->outer.created_ms,
	    .has_fingerprint = true,
	    .received_ms = h->outer.created_ms,
	    .log_count = h->position};

	memcpy(a.message_id, h->outer.message_id, sizeof a.message_id);
	memcpy(a.log_id, h->case_id, sizeof a.log_id);
	memcpy(a.fingerprint, fingerprint, sizeof a.fingerprint);
	rxp_buf_init(out, RXP_MAX_ANSWER_OCTETS);
	assert_int_equal(rxp_answer_seal(out, &a, a.created_ms, &signer), 0);
}

/* The document of QRA at that position, sealed and answered under the key; fingerprint: of the one before, and then of this. */
static void put_document(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], uint64_t position,
    const struct fixture_key *key, uint8_t fingerprint[32])
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);
	struct rxp_header h = {.type = "Withdrawal",
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .in_case = true,
	    .position = position,
	    .has_previous = position > 1,
	    .profile_id = "model",
	    .profile_version = "1",
	    .outer = {.from = "QRA", .to = "QRB"}};
	struct rxp_buf content = fixture_text("<Ping xmlns=\"urn:rxp:1:body\"></Ping>"), sealed,
		       receipt;
	const struct rxp_cert *const certs[] = {key->cert};
	struct rxp_document *d = NULL;
	struct rxp_dossier_row row = {.type = h.type, .from = "QRA"};
	struct rxp_dossier_left left = {.n = 0};
	unsigned n = (unsigned)position - 1;

	h.outer.created_ms = FIXTURE_TIME_MS + (int64_t)position;
	h.outer.expires_ms = h.outer.created_ms + RXP_DEFAULT_LIFETIME_MS;
	memset(h.outer.message_id, (int)position, sizeof h.outer.message_id);
	h.outer.message_id[6] = 0x77;
	h.outer.message_id[8] = 0x87;
	memset(h.case_id, 0x44, sizeof h.case_id);
	h.case_id[8] = 0x84;
	memcpy(h.previous, fingerprint, sizeof h.previous);
	rxp_buf_init(&sealed, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_document_seal(&sealed, &h, &(struct rxp_draft){.content = &content},
			     h.outer.created_ms, &source, &signer, fingerprint),
	    0);
	assert_int_equal(rxp_document_open(&d, sealed.data, sealed.len, &h.outer, certs, 1), 0);
	make_receipt(&receipt, &h, key, fingerprint);
	row.evidence = (struct rxp_evidence){
	    .piece = {{d->seal.header_octets.data, d->seal.header_octets.len},
		{d->seal.properties_octets.data, d->seal.properties_octets.len},
		{d->seal.signed_info_octets.data, d->seal.signed_info_octets.len},
		{d->seal.value.data, d->seal.value.len}}};
	rxp_cert_digest(key->cert, row.seal_cert);
	row.answer = receipt.data;
	row.answer_len = receipt.len;
	assert_int_equal(rxp_dossier_put_document(c, parties, &n, &left, &row), 0);
	rxp_document_free(d);
	rxp_buf_free(&receipt);
	rxp_buf_free(&sealed);
	rxp_buf_free(&content);
}

static void no_problem(void *arg, const char *entry, const char *text)
{
	(void)arg;
	fail_msg("%s: %s", entry, text);
}

static void put_seal(struct rxp_container *c)
{
	struct rxp_signer signer = rxp_key_signer_interface(latest.signer);
	struct rxp_buf signatures;

	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	assert_int_equal(rxp_container_seal(&signatures, c, FIXTURE_TIME_MS, &signer), 0);
	assert_int_equal(rxp_dossier_put_seal(c, &signatures), 0);
	rxp_buf_free(&signatures);
}

/* A container of documents under this key, as a node makes it; *at_work: verifications while their chronology is made. */
static void make_container(struct rxp_container *c, const struct fixture_key *key, size_t *at_work)
{
	struct rxp_dossier_papers own = papers_of(&states[0]), peer = papers_of(&states[1]);
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES] = {NULL};
	struct rxp_identity_known *known = rxp_identity_known_new();
	struct rxp_dossier_left left = {.n = 0};
	uint8_t fingerprint[32] = {0};

	rxp_container_init(c);
	verified = 0;
	assert_int_equal(rxp_dossier_put_parties(c, parties, known, &own, &peer), 0);
	assert_int_equal(verified, 2 * PARTS);
	for (uint64_t n = 1; n <= DOCUMENTS; n++)
		put_document(c, parties, n, key, fingerprint);
	assert_int_equal(rxp_dossier_put_former(c, parties, &own, &peer), 0);
	verified = 0;
	assert_int_equal(rxp_dossier_put_chronology(c, known, &left, NULL, no_problem, NULL), 0);
	*at_work = verified;
	put_seal(c);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(parties[i]);
	rxp_identity_known_free(known);
}

static size_t check(const struct rxp_container *c)
{
	struct rxp_dossier d;

	verified = 0;
	assert_int_equal(
	    rxp_dossier_check(&d, c, RXP_DOSSIER_WHOLE, NULL, NULL, 0, no_problem, NULL), 0);
	assert_int_equal(d.n_problems, 0);
	assert_int_equal(d.n_verified, DOCUMENTS);
	assert_int_equal(d.n_doubtful, 0);
	assert_string_equal(d.signer->party, "QRA");
	rxp_dossier_clear(&d);
	return verified;
}

static void each_is_verified_once(void **state)
{
	struct rxp_container c;
	size_t at_work;

	(void)state;
	make_container(&c, &oldest, &at_work);
	assert_int_equal(at_work, DOCUMENTS); /* their answers */
	assert_non_null(rxp_container_find(&c, "descriptors/02-QRA.xml"));
	assert_non_null(rxp_container_find(&c, "descriptors/02-QRB.xml"));
	assert_int_equal(check(&c), 2 * PARTS + DOCUMENTS);
	rxp_container_clear(&c);
}

static void what_is_not_needed_is_not_there(void **state)
{
	struct rxp_container c;
	size_t at_work;

	(void)state;
	make_container(&c, &latest, &at_work);
	assert_int_equal(at_work, DOCUMENTS);
	assert_null(rxp_container_find(&c, "descriptors/01-QRA.xml"));
	assert_null(rxp_container_find(&c, "descriptors/01-QRB.xml"));
	assert_int_equal(check(&c), 2 * RXP_MAX_IDENTITY_PARTS + DOCUMENTS);
	rxp_container_clear(&c);
}

/* --- one document again and again ----------------------------------------------------------------------- */

#define COPIES 20

static void put_copy(struct rxp_container *c, unsigned number)
{
	char folder[RXP_EVIDENCE_FOLDER_TEXT], from[RXP_ENTRY_TEXT], to[RXP_ENTRY_TEXT];

	for (int i = 0; i < RXP_EVIDENCE_FILES; i++) {
		const struct rxp_entry *entry;
		struct rxp_buf octets;

		rxp_evidence_folder(folder, 1, "Withdrawal", "QRA");
		rxp_evidence_path(from, folder, (enum rxp_evidence_file)i);
		rxp_evidence_folder(folder, number, "Withdrawal", "QRA");
		rxp_evidence_path(to, folder, (enum rxp_evidence_file)i);
		entry = rxp_container_find(c, from);
		if (entry == NULL)
			continue;
		rxp_buf_init(&octets, RXP_EVIDENCE_MAX_OCTETS);
		assert_int_equal(rxp_buf_put(&octets, entry->octets.data, entry->octets.len), 0);
		assert_int_equal(rxp_container_add(c, to, octets.data, octets.len), 0);
		rxp_buf_free(&octets);
	}
}

static void count_problem(void *arg, const char *entry, const char *text)
{
	unsigned *n = arg;

	(void)entry;
	(void)text;
	++*n;
}

/* A container with one document, to which copies of it are added. */
struct many {
	struct rxp_container c;
	struct rxp_dossier d;
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES];
	struct rxp_identity_known *known;
	unsigned problems;
};

static void many_make(struct many *m)
{
	struct rxp_dossier_papers own = papers_of(&states[0]), peer = papers_of(&states[1]);
	uint8_t fingerprint[32] = {0};

	memset(m, 0, sizeof *m);
	m->known = rxp_identity_known_new();
	rxp_container_init(&m->c);
	assert_int_equal(rxp_dossier_put_parties(&m->c, m->parties, m->known, &own, &peer), 0);
	put_document(&m->c, m->parties, 1, &latest, fingerprint);
}

static void many_check(struct many *m)
{
	verified = 0;
	assert_int_equal(rxp_dossier_check(&m->d, &m->c, RXP_DOSSIER_DOCUMENTS, m->known, NULL, 0,
			     count_problem, &m->problems),
	    0);
}

static void many_clear(struct many *m)
{
	rxp_dossier_clear(&m->d);
	rxp_container_clear(&m->c);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(m->parties[i]);
	rxp_identity_known_free(m->known);
}

/* spoilt: its answer does not verify. */
static void copies(bool spoilt)
{
	struct many m;

	many_make(&m);
	for (size_t i = 0; spoilt && i < m.c.n; i++)
		if (strstr(m.c.entries[i].name, "receipt.xml") != NULL)
			memcpy(
			    memmem(m.c.entries[i].octets.data, m.c.entries[i].octets.len, "QRA", 3),
			    "QRC", 3);
	for (unsigned n = 2; n <= COPIES; n++)
		put_copy(&m.c, n);
	many_check(&m);
	assert_int_equal(verified, 1);
	assert_int_equal(m.d.n_verified, spoilt ? 0 : COPIES);
	assert_int_equal(m.problems, spoilt ? COPIES : 1); /* else there is one at the Position */
	many_clear(&m);
}

static void copies_are_verified_once(void **state)
{
	(void)state;
	copies(false);
	copies(true);
}

/* One octet of one file is enough, and nothing of the document before it is believed of it. */
static void near_copies_are_none(void **state)
{
	unsigned tried = 0;

	(void)state;
	for (int i = 0; i < RXP_EVIDENCE_FILES; i++) {
		char folder[RXP_EVIDENCE_FOLDER_TEXT], path[RXP_ENTRY_TEXT];
		struct many m;

		many_make(&m);
		put_copy(&m.c, 2);
		rxp_evidence_folder(folder, 2, "Withdrawal", "QRA");
		rxp_evidence_path(path, folder, (enum rxp_evidence_file)i);
		for (size_t k = 0; k < m.c.n; k++)
			if (strcmp(m.c.entries[k].name, path) == 0) {
				m.c.entries[k].octets.data[m.c.entries[k].octets.len - 1] ^= 1;
				tried++;
			}
		many_check(&m);
		if (rxp_container_find(&m.c, path) != NULL && m.d.n_verified != 1)
			fail_msg("%s", path);
		many_clear(&m);
	}
	assert_true(tried > RXP_EVIDENCE_FILE_CERTIFICATE + 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_verified_once),
	    cmocka_unit_test(copies_are_verified_once), cmocka_unit_test(near_copies_are_none),
	    cmocka_unit_test(what_is_not_needed_is_not_there)};
	struct fixture_key *const all[] = {&root, &oldest, &latest};
	int failed;

	if (rxp_init() != 0)
		return 1;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		fixture_key_make(all[i], RXP_SEAL_ECDSA_P256);
	make_state(&states[0], "QRA");
	make_state(&states[1], "QRB");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		rxp_buf_free(&states[i].in_force);
		for (size_t k = 0; k < FORMER; k++)
			rxp_buf_free(&states[i].former[k]);
	}
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		fixture_key_clear(all[i]);
	rxp_cleanup();
	return failed;
}
