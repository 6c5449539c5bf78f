/*
 * sealer_fixture - test States with real keys, the register files between them, and the contents of
 * spec/examples; tests run from the top of the source tree.
 *
 * Everything is inline, since the support files of this folder are linked into the tests of other
 * roles too.
 */
#ifndef UNIT_SEALER_FIXTURE_H
#define UNIT_SEALER_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "certs/certificate.h"
#include "certs/keypair.h"
#include "daemon/base/pem.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/random.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/agreement.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signer.h"

#define NOW_MS INT64_C(1795000000000) /* 2026-11-18 */
#define LATER_MS (NOW_MS + 1000)
#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct test_state {
	int64_t retired_ms; /* as others are told of the seal; 0: in force */
	const char *party;
	struct node *node;
	struct rxp_buf identity; /* the file */
	uint8_t root[RXP_DIGEST_OCTETS];
	struct reply key; /* key_made */
	struct rxp_agreement_key
	    *health; /* of its health office, whose public part the identity lists */
};

/* A key, its signer, and the certificate in DER. */
struct test_pair {
	struct rxp_buf pem, cert_pem, der;
	struct rxp_cert *cert;
	struct rxp_key_signer *signer;
};

static inline void pair_new(struct test_pair *p, enum certificate_use use, const char *party)
{
	struct certificate_subject subject = {
	    .party = party, .country = "QR", .organisation = "Test", .organisation_id = "NTRQR-1"};
	struct evp_pkey_st *key = NULL;

	memset(p, 0, sizeof *p);
	rxp_buf_init(&p->pem, KEYPAIR_MAX_PEM_OCTETS);
	rxp_buf_init(&p->der, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&p->cert_pem, KEYPAIR_MAX_PEM_OCTETS);
	assert_int_equal(keypair_make(&key, certificate_curve(use)), 0);
	assert_int_equal(keypair_write(&p->pem, key, NULL), 0);
	assert_int_equal(certificate_make(&p->cert_pem, use, key, &subject, NOW_MS), 0);
	assert_int_equal(pem_certificate(&p->der, &p->cert_pem), 0);
	assert_int_equal(rxp_cert_parse(&p->cert, p->der.data, p->der.len), 0);
	assert_int_equal(rxp_key_signer_open(&p->signer, p->pem.data, p->pem.len, p->cert), 0);
	keypair_free(key);
}

static inline void pair_free(struct test_pair *p)
{
	rxp_key_signer_free(p->signer);
	rxp_cert_free(p->cert);
	rxp_buf_free(&p->pem);
	rxp_buf_free(&p->cert_pem);
	rxp_buf_free(&p->der);
}

static inline void fill_identity(
    struct rxp_identity *i, const char *party, const struct test_pair *seal)
{
	rxp_identity_init(i);
	memcpy(i->party, party, RXP_PARTY_TEXT);
	i->serial = 1;
	i->created_ms = NOW_MS;
	i->test = true;
	i->n_certs = 1;
	rxp_buf_init(&i->certs[0], RXP_MAX_CERTIFICATE_OCTETS);
	assert_int_equal(rxp_buf_put(&i->certs[0], seal->der.data, seal->der.len), 0);
	i->n_pins = 1;
	memset(i->pins[0], party[2], RXP_DIGEST_OCTETS);
	i->n_endpoints = 1;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "https://127.0.0.1:8443");
	i->n_offices = 1;
	snprintf(i->offices[0], sizeof i->offices[0], "NODE");
	i->levels = 1u << RXP_LEVEL_CORE;
}

/* The office and its key, made here. */
static inline void add_health(struct rxp_identity *i, struct test_state *s)
{
	const struct rxp_random random = random_source();
	struct rxp_buf spki;

	rxp_buf_init(&spki, 128);
	assert_int_equal(rxp_agreement_key_make(&s->health, &rxp_suite_p256, &random), 0);
	assert_int_equal(rxp_agreement_key_spki(s->health, &spki), 0);
	assert_int_equal(
	    rxp_office_keys_add(&i->office_keys, RXP_COMPARTMENT_HEALTH, spki.data, spki.len), 0);
	snprintf(i->offices[i->n_offices++], RXP_OFFICE_TEXT, "HEALTH");
	rxp_buf_free(&spki);
}

static inline void sign_identity(
    struct test_state *s, const struct test_pair *root, const struct test_pair *seal)
{
	struct rxp_signer signer = rxp_key_signer_interface(root->signer);
	struct rxp_identity identity;
	struct rxp_buf part;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];

	fill_identity(&identity, s->party, seal);
	add_health(&identity, s);
	rxp_buf_init(&part, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&s->identity, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_identity_seal(&part, &identity, NOW_MS, &signer, fingerprint), 0);
	assert_int_equal(rxp_descriptor_write(&s->identity, &part, 1, NULL), 0);
	rxp_cert_spki_digest(root->cert, s->root);
	rxp_buf_free(&part);
	rxp_identity_clear(&identity);
}

static inline void state_new(struct test_state *s, const char *party)
{
	static const char storage[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
	struct test_pair root;
	struct test_pair seal;
	struct rxp_buf storage_key;
	enum unfit why;

	memset(s, 0, sizeof *s);
	s->party = party;
	pair_new(&root, CERTIFICATE_ROOT, party);
	pair_new(&seal, CERTIFICATE_SEAL, party);
	sign_identity(s, &root, &seal);
	rxp_buf_init(&storage_key, NODE_STORAGE_OCTETS);
	assert_int_equal(rxp_buf_puts(&storage_key, storage), 0);
	assert_int_equal(
	    node_new(&s->node,
		&(struct node_files){
		    .seal_key = &seal.pem, .storage_keys = &storage_key, .identity = &s->identity},
		&why),
	    0);
	memset(s->node->set.keys[0].octets, party[2], BOX_KEY_OCTETS);
	reply_init(&s->key);
	assert_int_equal(keys_make_handle(s->node, NULL, &s->key), 0);
	assert_int_equal(s->key.body.key_made.result, 0);
	rxp_buf_free(&storage_key);
	pair_free(&seal);
	pair_free(&root);
}

static inline void state_free(struct test_state *s)
{
	reply_clear(&s->key);
	node_free(s->node);
	rxp_agreement_key_free(s->health);
	rxp_buf_free(&s->identity);
}

static inline void put_own_key(struct rxp_buf *rows, const struct test_state *s)
{
	const struct msg_key_made *k = &s->key.body.key_made;
	struct rec_own_key r = {.spki = k->spki, .wrapped = k->wrapped};

	memcpy(r.key_id, k->key_id, sizeof r.key_id);
	assert_int_equal(record_list_put(rows, REC_own_key, &record_own_key, &r), 0);
}

static inline void put_peer(struct rxp_buf *rows, const struct test_state *s, int64_t revoked_ms)
{
	const struct msg_key_made *k = &s->key.body.key_made;
	struct rec_peer_key key = {.spki = k->spki};
	struct rec_seal_cert cert = {.retired_ms = s->retired_ms, .revoked_ms = revoked_ms};

	memcpy(key.party, s->party, sizeof key.party);
	memcpy(key.key_id, k->key_id, sizeof key.key_id);
	memcpy(cert.party, s->party, sizeof cert.party);
	cert.der.data = rxp_cert_der(s->node->cert, &cert.der.len);
	assert_int_equal(record_list_put(rows, REC_peer_key, &record_peer_key, &key), 0);
	assert_int_equal(record_list_put(rows, REC_seal_cert, &record_seal_cert, &cert), 0);
}

static inline void put_office_keys(struct rxp_buf *rows, const struct test_state *s)
{
	const struct rxp_office_keys *keys = &s->node->own->identity.office_keys;

	for (size_t i = 0; i < keys->n; i++) {
		struct rec_office_key r = {.spki = reply_bytes(&keys->key[i].spki)};

		memcpy(r.party, s->party, sizeof r.party);
		snprintf(r.office, sizeof r.office, "%s",
		    rxp_compartment_office(keys->key[i].compartment));
		assert_int_equal(record_list_put(rows, REC_office_key, &record_office_key, &r), 0);
	}
}

static inline void put_head(struct rxp_buf *rows, const char *own, uint64_t number)
{
	struct rec_register_head head = {.number = number, .test_node = 1};

	memcpy(head.own, own, sizeof head.own);
	assert_int_equal(record_list_put(rows, REC_register_head, &record_register_head, &head), 0);
}

/* The octets of spec/examples/NAME; rxp_buf_free() them. */
static inline struct rxp_buf example(const char *name)
{
	struct rxp_buf octets;
	char path[512];
	uint8_t chunk[4096];
	size_t n;
	FILE *file;

	snprintf(path, sizeof path, "spec/examples/%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
		assert_int_equal(rxp_buf_put(&octets, chunk, n), 0);
	fclose(file);
	return octets;
}

/* Of the case of the documents below. */
#define CASE_ID \
	{ \
		1, 2, 3, 4, 5, 6, 0x40, 8, 0x80 \
	}

/* The order to check content for QRB, as the officers of spec/examples give it. */
static inline struct msg_check content_check(struct bytes body, struct bytes attachments)
{
	return (struct msg_check){.peer = "QRB",
	    .case_id = CASE_ID,
	    .body = body,
	    .attachments = attachments,
	    .now_ms = NOW_MS,
	    .officer = "S-3001",
	    .second_officer = "S-3002"};
}

/* The order to close a document of a case from one State for the other. */
static inline struct msg_close case_close(const struct test_state *from,
    const struct test_state *to, const char *type, struct bytes draft)
{
	struct msg_close q = {.register_number = 1,
	    .created_ms = NOW_MS,
	    .expires_ms = LATER_MS,
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .draft = draft,
	    .in_case = 1,
	    .case_id = CASE_ID,
	    .position = 3,
	    .has_previous = 1,
	    .has_seen = 1,
	    .profile_id = "test",
	    .profile_version = "1.2"};

	snprintf(q.peer, sizeof q.peer, "%s", to->party);
	snprintf(q.type, sizeof q.type, "%s", type);
	memset(q.previous, 7, sizeof q.previous);
	memset(q.seen, 8, sizeof q.seen);
	memcpy(q.key_id, to->key.body.key_made.key_id, sizeof q.key_id);
	assert_int_equal(rxp_id_make_v7(q.message_id, NOW_MS, &from->node->random), 0);
	return q;
}

/* The attachments that application-family.xml names, as the desk knows them: no keys. */
static inline void family_rows(struct rec_attachment_row rows[3])
{
	static const char *const types[] = {"photograph", "document-scan", "photograph"};

	for (unsigned i = 0; i < 3; i++) {
		rows[i] = (struct rec_attachment_row){.number = i + 1,
		    .media_type = "image/jpeg",
		    .length = 1000,
		    .ciphertext_length = 1016,
		    .checked_by = "return-officer"};
		snprintf(rows[i].type, sizeof rows[i].type, "%s", types[i]);
	}
}

/* n rows as a message carries them; rxp_buf_free() it. */
static inline struct rxp_buf row_list(const struct rec_attachment_row *rows, size_t n)
{
	struct rxp_buf list;

	rxp_buf_init(&list, IPC_MESSAGE_MAX);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    record_list_put(&list, REC_attachment_row, &record_attachment_row, &rows[i]),
		    0);
	return list;
}

/* A memory file with these octets and seals. */
static inline int memory_file(const struct rxp_buf *rows, int seals)
{
	int fd = memfd_create("register", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, rows->data, rows->len), (ssize_t)rows->len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

/* Give own a register in which peer's certificate is revoked at that time (0: it is not). */
static inline void introduce(
    struct test_state *own, const struct test_state *peer, uint64_t number, int64_t revoked_ms)
{
	struct rxp_buf rows;
	int fd;

	rxp_buf_init(&rows, REGISTER_MAX_OCTETS);
	put_head(&rows, own->party, number);
	put_own_key(&rows, own);
	put_peer(&rows, peer, revoked_ms);
	put_office_keys(&rows, peer);
	fd = memory_file(&rows, ALL_SEALS);
	assert_int_equal(register_use(own->node->peers, fd, number), 0);
	close(fd);
	rxp_buf_free(&rows);
}

#endif
