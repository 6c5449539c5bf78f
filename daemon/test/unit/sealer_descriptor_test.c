/*
 * descriptors: the working part that QRB seals makes a whole descriptor that QRA reads under the
 * compared root, with every fact in its rows; another root or a missing working part is
 * refused, and a changed octet never changes a fact; a chain must hold the identity part that is known,
 * and tells which seals and pins are of the past (RXP-DSC-027, 028 and 031);
 * a key whose private part is not the one in its box is in no part, and with none that is the State's own there is none;
 * too many keys are a programming error.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/sealer/descriptor.h"

/* What a hand did to one of the keys: another one in its place, or another box beside it. */
static struct {
	size_t key;
	bool spki, box;
} broken;

/* The first is the State's own key, any further one is new. */
static void put_key(struct rxp_buf *rows, const struct node *node, size_t i)
{
	struct rec_own_key r = {.from_ms = NOW_MS, .until_ms = NOW_MS + 1000000};
	struct reply made, other;
	const struct msg_key_made *k =
	    i == 0 && node == b.node ? &b.key.body.key_made : &made.body.key_made;

	reply_init(&made);
	assert_int_equal(keys_make_handle(node == b.node ? b.node : a.node, NULL, &made), 0);
	memcpy(r.key_id, k->key_id, sizeof r.key_id);
	r.spki = k->spki;
	r.wrapped = k->wrapped;
	reply_init(&other);
	assert_int_equal(keys_make_handle(b.node, NULL, &other), 0);
	if (i == broken.key && broken.spki)
		r.spki = other.body.key_made.spki;
	if (i == broken.key && broken.box)
		r.wrapped = other.body.key_made.wrapped;
	assert_int_equal(record_list_put(rows, REC_own_key, &record_own_key, &r), 0);
	reply_clear(&other);
	reply_clear(&made);
}

static int seal_at_b(struct reply *sealed, size_t n_keys)
{
	struct msg_seal_working q = {.created_ms = LATER_MS};
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX);
	for (size_t i = 0; i < n_keys; i++)
		put_key(&rows, b.node, i);
	q.keys = reply_bytes(&rows);
	reply_init(sealed);
	rc = descriptor_seal_handle(b.node, &q, sealed);
	rxp_buf_free(&rows);
	return rc;
}

static int check_at_a(struct bytes octets, const uint8_t root[32], struct reply *checked)
{
	struct msg_check_descriptor q = {.octets = octets};

	memcpy(q.root, root, sizeof q.root);
	reply_init(checked);
	assert_int_equal(descriptor_check_handle(a.node, &q, checked), 0);
	return (int)checked->body.descriptor_checked.result;
}

/* The number of rows of each kind, and the one of interest decoded. */
static void count_rows(struct bytes rows, size_t count[REC_COUNT], struct rec_peer_key *key,
    struct rec_seal_cert *cert)
{
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct bytes fields;
	uint16_t tag;
	int rc;

	memset(count, 0, REC_COUNT * sizeof count[0]);
	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		count[tag]++;
		if (tag == REC_peer_key)
			rc = record_decode(key, &record_peer_key, fields.data, fields.len);
		else if (tag == REC_seal_cert)
			rc = record_decode(cert, &record_seal_cert, fields.data, fields.len);
		assert_true(rc == 0 || rc == 1);
	}
	assert_int_equal(rc, 0);
}

static void assert_office_key(struct bytes rows)
{
	const struct rxp_buf *spki = &b.node->own->identity.office_keys.key[0].spki;
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct rec_office_key key;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1 && tag != REC_office_key)
		;
	assert_int_equal(record_decode(&key, &record_office_key, fields.data, fields.len), 0);
	assert_string_equal(key.party, "QRB");
	assert_string_equal(key.office, "HEALTH");
	assert_int_equal(key.spki.len, spki->len);
	assert_memory_equal(key.spki.data, spki->data, spki->len);
}

/* The ends that the rows name; 0: none. */
static int64_t end_of(struct bytes rows, const char *what)
{
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct rec_ending r;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		if (tag != REC_ending)
			continue;
		assert_int_equal(record_decode(&r, &record_ending, fields.data, fields.len), 0);
		assert_string_equal(r.party, "QRB");
		if (strcmp(r.what, what) == 0)
			return r.until_ms;
	}
	return 0;
}

static int64_t end_of_cert(const struct rxp_cert *cert)
{
	int64_t from_ms, until_ms;

	rxp_cert_validity(cert, &from_ms, &until_ms);
	return until_ms;
}

static void facts(void **state)
{
	static const enum record_tag one_each[] = {
	    REC_seal_cert, REC_pin, REC_endpoint, REC_peer_key, REC_office_key, REC_level};
	struct reply sealed;
	struct reply checked;
	const struct msg_descriptor_checked *r = &checked.body.descriptor_checked;
	const struct msg_working_sealed *w = &sealed.body.working_sealed;
	struct rec_peer_key key;
	struct rec_seal_cert cert;
	size_t count[REC_COUNT];
	size_t der_len;
	const uint8_t *der = rxp_cert_der(b.node->cert, &der_len);

	(void)state;
	assert_int_equal(seal_at_b(&sealed, 1), 0);
	assert_int_equal((int)w->result, 0);
	assert_memory_equal(w->root, b.root, 32);
	assert_int_equal(check_at_a(w->descriptor, b.root, &checked), 0);
	assert_string_equal(r->party, "QRB");
	assert_int_equal(r->test_node, 1);
	assert_int_equal(r->identity_serial, 1);
	assert_memory_equal(r->identity, b.node->own->identity_digest, 32);
	assert_int_equal(r->identity_created_ms, NOW_MS);
	assert_int_equal(r->working_created_ms, LATER_MS);
	assert_memory_equal(r->root, b.root, 32);
	assert_int_equal(r->working.len, w->working.len);
	assert_memory_equal(r->working.data, w->working.data, w->working.len);
	count_rows(r->rows, count, &key, &cert);
	for (size_t i = 0; i < sizeof one_each / sizeof one_each[0]; i++)
		assert_int_equal(count[one_each[i]], 1);
	assert_int_equal(count[REC_office], 2);
	assert_office_key(r->rows);
	assert_memory_equal(key.key_id, b.key.body.key_made.key_id, 32);
	assert_int_equal(key.from_ms, NOW_MS);
	assert_int_equal(key.until_ms, NOW_MS + 1000000);
	assert_int_equal(cert.der.len, der_len);
	assert_memory_equal(cert.der.data, der, der_len);
	assert_true(end_of(r->rows, "seal") == end_of_cert(b.node->cert));
	assert_true(end_of(r->rows, "root") == b.node->own->root_until_ms);
	assert_true(end_of(r->rows, "next-root") == 0);
	reply_clear(&checked);
	reply_clear(&sealed);
}

/* How many keys the part has that b seals of n; none: it seals none. */
static size_t listed(size_t n)
{
	struct reply sealed, checked;
	struct rec_peer_key key;
	struct rec_seal_cert cert;
	size_t count[REC_COUNT] = {0};
	int rc;

	assert_int_equal(seal_at_b(&sealed, n), 0);
	rc = (int)sealed.body.working_sealed.result;
	if (rc == 0) {
		assert_int_equal(
		    check_at_a(sealed.body.working_sealed.descriptor, b.root, &checked), 0);
		count_rows(checked.body.descriptor_checked.rows, count, &key, &cert);
		reply_clear(&checked);
	} else {
		assert_int_equal(rc, RXP_ERR_DAMAGED);
	}
	reply_clear(&sealed);
	return count[REC_peer_key];
}

static void own_keys(void **state)
{
	(void)state;
	assert_int_equal(listed(2), 2);
	for (int box = 0; box < 2; box++) {
		broken.spki = box == 0;
		broken.box = box != 0;
		broken.key = 1;
		assert_int_equal(listed(3), 2);
		broken.key = 0;
		assert_int_equal(listed(1), 0);
	}
	memset(&broken, 0, sizeof broken);
}

static void refused(void **state)
{
	struct reply sealed;
	struct reply checked;
	struct bytes octets;

	(void)state;
	assert_int_equal(seal_at_b(&sealed, 1), 0);
	octets = sealed.body.working_sealed.descriptor;
	assert_int_equal(check_at_a(octets, b.root, &checked), 0);
	reply_clear(&checked);
	assert_int_equal(check_at_a(octets, a.root, &checked), RXP_ERR_SIGNER);
	reply_clear(&checked);
	assert_int_equal(check_at_a(reply_bytes(&b.identity), b.root, &checked), RXP_ERR_STRUCTURE);
	reply_clear(&checked);
	reply_clear(&sealed);
}

/* RXP-DSC-006: the working part of another State, or none, joins no chain; the first is the valid twin. */
static void renewed(void **state)
{
	struct msg_renew_descriptor q = {.descriptor = reply_bytes(&b.identity)};
	struct msg_seal_working other = {.created_ms = LATER_MS};
	struct reply sealed, foreign, joined, checked;
	const struct msg_descriptor_renewed *r = &joined.body.descriptor_renewed;
	struct rxp_buf rows;

	(void)state;
	assert_int_equal(seal_at_b(&sealed, 1), 0);
	memcpy(q.root, b.root, sizeof q.root);
	q.working = sealed.body.working_sealed.working;
	reply_init(&joined);
	assert_int_equal(descriptor_renew_handle(a.node, &q, &joined), 0);
	assert_int_equal(r->result, 0);
	assert_int_equal(r->working_created_ms, LATER_MS);
	assert_int_equal(check_at_a(r->descriptor, b.root, &checked), 0);
	assert_int_equal(checked.body.descriptor_checked.rows.len, r->rows.len);
	assert_memory_equal(checked.body.descriptor_checked.rows.data, r->rows.data, r->rows.len);
	reply_clear(&checked);
	reply_clear(&joined);

	rxp_buf_init(&rows, IPC_MESSAGE_MAX);
	put_key(&rows, a.node, 0);
	other.keys = reply_bytes(&rows);
	reply_init(&foreign);
	assert_int_equal(descriptor_seal_handle(a.node, &other, &foreign), 0);
	assert_int_equal((int)foreign.body.working_sealed.result, 0);
	q.working = foreign.body.working_sealed.working;
	reply_init(&joined);
	assert_int_equal(descriptor_renew_handle(a.node, &q, &joined), 0);
	assert_int_not_equal(r->result, 0);
	assert_int_equal(r->descriptor.len, 0);
	reply_clear(&joined);
	q.working = (struct bytes){NULL, 0};
	reply_init(&joined);
	assert_int_equal(descriptor_renew_handle(a.node, &q, &joined), 0);
	assert_int_not_equal(r->result, 0);
	reply_clear(&joined);
	reply_clear(&foreign);
	reply_clear(&sealed);
	rxp_buf_free(&rows);
}

/* Refused, or nothing that the canonical form keeps was changed. */
static void changed_octets(void **state)
{
	struct reply sealed;
	struct reply good;
	struct reply checked;
	const struct bytes *want = &good.body.descriptor_checked.rows;
	const struct bytes *got = &checked.body.descriptor_checked.rows;
	struct bytes octets;
	size_t accepted = 0;

	(void)state;
	assert_int_equal(seal_at_b(&sealed, 1), 0);
	octets = sealed.body.working_sealed.descriptor;
	assert_int_equal(check_at_a(octets, b.root, &good), 0);
	for (size_t i = 0; i < octets.len; i += 97) {
		sealed.octets[1].data[i] ^= 1;
		if (check_at_a(octets, b.root, &checked) == 0) {
			assert_int_equal(got->len, want->len);
			assert_memory_equal(got->data, want->data, want->len);
			accepted++;
		} else {
			assert_int_equal(got->len, 0);
		}
		reply_clear(&checked);
		sealed.octets[1].data[i] ^= 1;
	}
	assert_in_range(accepted, 0, octets.len / 97 / 10);
	reply_clear(&good);
	reply_clear(&sealed);
}

/* An identity part of b's name behind another one, or the first. */
static void add_part(struct rxp_buf *part, uint8_t fingerprint[32], uint64_t serial,
    const uint8_t *previous, int64_t created_ms, const struct test_pair *root,
    const struct test_pair *seal)
{
	struct rxp_signer signer = rxp_key_signer_interface(root->signer);
	struct rxp_identity identity;

	fill_identity(&identity, "QRB", seal);
	identity.serial = serial;
	identity.created_ms = created_ms;
	identity.has_previous = previous != NULL;
	if (previous != NULL)
		memcpy(identity.previous, previous, sizeof identity.previous);
	rxp_buf_init(part, RXP_MAX_PART_OCTETS);
	assert_int_equal(rxp_identity_seal(part, &identity, created_ms, &signer, fingerprint), 0);
	rxp_identity_clear(&identity);
}

/* Ask a about the chain with a working part behind it; checked is the caller's to clear. */
static int ask_about(struct reply *checked, struct msg_check_descriptor *q,
    const struct rxp_buf *parts, size_t n, const uint8_t last[32], const struct test_pair *root,
    const struct test_pair *seal)
{
	struct rxp_signer signer = rxp_key_signer_interface(seal->signer);
	struct rxp_working working;
	struct rxp_buf part, whole;

	rxp_working_init(&working);
	memcpy(working.party, "QRB", sizeof working.party);
	working.identity_serial = n;
	memcpy(working.identity, last, sizeof working.identity);
	working.created_ms = LATER_MS;
	working.n_keys = 1;
	memcpy(working.keys[0].key_id, b.key.body.key_made.key_id, 32);
	working.keys[0].from_ms = NOW_MS;
	working.keys[0].until_ms = LATER_MS;
	assert_int_equal(rxp_buf_put(&working.keys[0].spki, b.key.body.key_made.spki.data,
			     b.key.body.key_made.spki.len),
	    0);
	rxp_buf_init(&part, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_working_seal(&part, &working, LATER_MS, &signer), 0);
	assert_int_equal(rxp_descriptor_write(&whole, parts, n, &part), 0);
	q->octets = reply_bytes(&whole);
	rxp_cert_spki_digest(root->cert, q->root);
	reply_init(checked);
	assert_int_equal(descriptor_check_handle(a.node, q, checked), 0);
	rxp_buf_free(&part);
	rxp_buf_free(&whole);
	rxp_working_clear(&working);
	return (int)checked->body.descriptor_checked.result;
}

static int check_chain(const struct rxp_buf *parts, size_t n, const uint8_t last[32],
    const struct test_pair *root, const struct test_pair *seal, uint64_t known_serial,
    const uint8_t known[32])
{
	struct msg_check_descriptor q = {.known_serial = known_serial};
	struct reply checked;
	int rc;

	memcpy(q.known, known, sizeof q.known);
	rc = ask_about(&checked, &q, parts, n, last, root, seal);
	reply_clear(&checked);
	return rc;
}

static int check_chain_rows(struct reply *checked, const struct rxp_buf *parts, size_t n,
    const uint8_t last[32], const struct test_pair *root, const struct test_pair *seal)
{
	return ask_about(checked, &(struct msg_check_descriptor){0}, parts, n, last, root, seal);
}

/* RXP-DSC-021: the same root made two chains; who trusts one does not follow the other. */
static void known_part(void **state)
{
	struct test_pair root, seal;
	struct rxp_buf parts[3], other[3];
	uint8_t prints[3][32], others[3][32];

	(void)state;
	pair_new(&root, CERTIFICATE_ROOT, "QRB");
	pair_new(&seal, CERTIFICATE_SEAL, "QRB");
	for (size_t i = 0; i < 3; i++) {
		add_part(&parts[i], prints[i], i + 1, i > 0 ? prints[i - 1] : NULL, NOW_MS, &root,
		    &seal);
		add_part(&other[i], others[i], i + 1, i > 0 ? others[i - 1] : NULL, LATER_MS, &root,
		    &seal);
	}
	for (uint64_t serial = 1; serial <= 3; serial++) {
		const uint8_t *known = prints[serial - 1];

		assert_int_equal(check_chain(parts, 3, prints[2], &root, &seal, serial, known), 0);
		assert_int_equal(check_chain(other, 3, others[2], &root, &seal, serial, known),
		    RXP_ERR_MISMATCH);
	}
	assert_int_equal(check_chain(other, 3, others[2], &root, &seal, 0, prints[0]), 0);
	assert_int_equal(
	    check_chain(parts, 1, prints[0], &root, &seal, 3, prints[2]), 0); /* older */
	for (size_t i = 0; i < 3; i++) {
		rxp_buf_free(&parts[i]);
		rxp_buf_free(&other[i]);
	}
	pair_free(&root);
	pair_free(&seal);
}

/* What a chain says of seals and pins: the first part lists two, the second leaves one out, the third revokes both, the
 * fourth lists one of them again and revokes since later: neither takes anything back. */
struct chain {
	struct test_pair root, seal[3];
	struct rxp_buf parts[4];
	uint8_t last[32];
};

static void chain_part(struct chain *chain, size_t at, const struct test_pair *first,
    const struct test_pair *second, int64_t revoked_ms)
{
	struct rxp_signer signer = rxp_key_signer_interface(chain->root.signer);
	struct rxp_identity identity;

	fill_identity(&identity, "QRB", first);
	identity.serial = at + 1;
	identity.created_ms = NOW_MS + (int64_t)at * 1000;
	identity.has_previous = at > 0;
	memcpy(identity.previous, chain->last, sizeof identity.previous);
	if (second != NULL)
		assert_int_equal(rxp_buf_put(&identity.certs[identity.n_certs++], second->der.data,
				     second->der.len),
		    0);
	memset(identity.pins[0], (int)at + 1, sizeof identity.pins[0]);
	identity.revoked_since_ms = revoked_ms;
	rxp_buf_init(&chain->parts[at], RXP_MAX_PART_OCTETS);
	assert_int_equal(rxp_identity_seal(&chain->parts[at], &identity, identity.created_ms,
			     &signer, chain->last),
	    0);
	rxp_identity_clear(&identity);
}

static void assert_dates(
    struct bytes rows, const struct test_pair *seal, int64_t retired_ms, int64_t revoked_ms)
{
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct rec_seal_cert cert;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		if (tag != REC_seal_cert)
			continue;
		assert_int_equal(
		    record_decode(&cert, &record_seal_cert, fields.data, fields.len), 0);
		if (cert.der.len != seal->der.len ||
		    memcmp(cert.der.data, seal->der.data, cert.der.len) != 0)
			continue;
		assert_true(cert.retired_ms == retired_ms && cert.revoked_ms == revoked_ms);
		return;
	}
	fail_msg("the certificate has no row");
}

static void retired_and_revoked(void **state)
{
	struct chain made, *chain = &made;
	struct reply checked;
	size_t count[REC_COUNT];
	struct rec_peer_key key;
	struct rec_seal_cert cert;
	struct bytes rows;

	(void)state;
	pair_new(&chain->root, CERTIFICATE_ROOT, "QRB");
	for (size_t i = 0; i < 3; i++)
		pair_new(&chain->seal[i], CERTIFICATE_SEAL, "QRB");
	chain_part(chain, 0, &chain->seal[0], &chain->seal[1], 0);
	chain_part(chain, 1, &chain->seal[1], NULL, 0);
	chain_part(chain, 2, &chain->seal[2], NULL, NOW_MS + 1500);
	chain_part(chain, 3, &chain->seal[2], &chain->seal[0], NOW_MS + 2500);
	assert_int_equal(
	    check_chain_rows(&checked, chain->parts, 4, chain->last, &chain->root, &chain->seal[2]),
	    0);
	rows = checked.body.descriptor_checked.rows;
	count_rows(rows, count, &key, &cert);
	assert_int_equal(count[REC_seal_cert], 3);
	assert_int_equal(count[REC_pin], 1);
	assert_int_equal(count[REC_former_pin], 3);
	assert_dates(rows, &chain->seal[0], 0, NOW_MS + 1500);
	assert_dates(rows, &chain->seal[1], NOW_MS + 2000, NOW_MS + 1500);
	assert_dates(rows, &chain->seal[2], 0, 0);
	reply_clear(&checked);
	for (size_t i = 0; i < 4; i++)
		rxp_buf_free(&chain->parts[i]);
	for (size_t i = 0; i < 3; i++)
		pair_free(&chain->seal[i]);
	pair_free(&chain->root);
}

/* RXP-DSC-037: another State's names no key of ours: not as its root, nor for its connections, nor as its seal. */
static void names_a_key_of_ours(void **state)
{
	struct rxp_descriptor *own = a.node->own;
	struct rxp_evidence_party *seals = a.node->seals;
	const struct rxp_descriptor *theirs = b.node->own;
	uint8_t root[RXP_DIGEST_OCTETS], pin[RXP_DIGEST_OCTETS];
	struct reply sealed, checked;

	(void)state;
	memcpy(root, own->root, sizeof root);
	memcpy(pin, own->identity.pins[0], sizeof pin);
	assert_int_equal(seal_at_b(&sealed, 1), 0);
	for (int same = 0; same <= 3; same++) {
		memcpy(own->root, same == 1 ? theirs->root : root, sizeof root);
		memcpy(
		    own->identity.pins[0], same == 2 ? theirs->identity.pins[0] : pin, sizeof pin);
		a.node->seals = same == 3 ? b.node->seals : seals;
		assert_int_equal(
		    check_at_a(sealed.body.working_sealed.descriptor, b.root, &checked),
		    same == 0 ? 0 : RXP_ERR_PEER);
		reply_clear(&checked);
	}
	a.node->seals = seals;
	reply_clear(&sealed);
}

static void number_of_keys(void **state)
{
	static const struct {
		size_t n;
		int want;
	} rows[] = {{0, RXP_ERR_STATE}, {RXP_MAX_AGREEMENT_KEYS, 0},
	    {RXP_MAX_AGREEMENT_KEYS + 1, RXP_ERR_STATE}};
	struct reply sealed;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(seal_at_b(&sealed, rows[i].n), rows[i].want);
		assert_int_equal((int)sealed.body.working_sealed.result, 0);
		reply_clear(&sealed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(facts),
	    cmocka_unit_test(own_keys),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(renewed),
	    cmocka_unit_test(changed_octets),
	    cmocka_unit_test(known_part),
	    cmocka_unit_test(retired_and_revoked),
	    cmocka_unit_test(names_a_key_of_ours),
	    cmocka_unit_test(number_of_keys),
	};

	return cmocka_run_group_tests(tests, set_up_strangers, tear_down);
}
