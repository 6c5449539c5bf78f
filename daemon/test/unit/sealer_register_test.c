/*
 * register: a register that is not fully sealed, not of its number, another party's, damaged or with
 * too many certificates is refused and the one before stays; an older number changes nothing; keys
 * and certificates are found by party and id alone; of a party one of whose certificates is none nothing is found, of the others all; the keys of a peer's offices keep their order; a revoked certificate ends at its time,
 * and a retired one is good for what was sealed before.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

static int set_up(void **state)
{
	set_up_strangers(state);
	introduce(&a, &b, 5, 0);
	return 0;
}

static size_t certs_of(const char *party, int64_t at_ms)
{
	struct register_seals seals;

	register_seals(a.node->peers, party, at_ms, &seals);
	return seals.n;
}

enum flaw {
	NONE,
	NOT_SEALED,
	OTHER_NUMBER,
	OTHER_OWNER,
	NO_HEAD,
	TWO_HEADS,
	STRANGE_RECORD,
	CUT,
	MANY_CERTS,
};

static void put_flawed(struct rxp_buf *rows, enum flaw flaw, uint64_t number)
{
	struct rec_pin pin = {.party = "QRB"};

	if (flaw != NO_HEAD)
		put_head(rows, flaw == OTHER_OWNER ? "QRB" : "QRA",
		    flaw == OTHER_NUMBER ? number + 1 : number);
	if (flaw == TWO_HEADS)
		put_head(rows, "QRA", number);
	if (flaw == STRANGE_RECORD)
		assert_int_equal(record_list_put(rows, REC_pin, &record_pin, &pin), 0);
	for (int i = 0; i <= REGISTER_MAX_PARTY_CERTS; i++) {
		if (i == 0 || flaw == MANY_CERTS)
			put_peer(rows, &b, 0);
	}
	if (flaw == CUT)
		rows->len--;
}

static void flawed_registers(void **state)
{
	static const struct {
		enum flaw flaw;
		int want;
	} rows[] = {
	    {NOT_SEALED, RXP_ERR_STATE},
	    {OTHER_NUMBER, RXP_ERR_STATE},
	    {OTHER_OWNER, RXP_ERR_STATE},
	    {NO_HEAD, RXP_ERR_STATE},
	    {TWO_HEADS, RXP_ERR_STATE},
	    {STRANGE_RECORD, RXP_ERR_STATE},
	    {CUT, RXP_ERR_STATE},
	    {MANY_CERTS, RXP_ERR_BOUND},
	    {NONE, 0},
	};
	const struct rxp_agreement_key *key = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf octets;
		int fd;

		rxp_buf_init(&octets, REGISTER_MAX_OCTETS);
		put_flawed(&octets, rows[i].flaw, 6);
		fd = memory_file(
		    &octets, rows[i].flaw == NOT_SEALED ? ALL_SEALS & ~F_SEAL_WRITE : ALL_SEALS);
		assert_int_equal(register_use(a.node->peers, fd, 6), rows[i].want);
		/* Only the good one, the last, has no key of ours. */
		assert_int_equal(register_own_key(a.node->peers, a.key.body.key_made.key_id, &key),
		    rows[i].want == 0 ? RXP_ERR_NOT_FOUND : 0);
		close(fd);
		rxp_buf_free(&octets);
	}
}

static void older_changes_nothing(void **state)
{
	const struct rxp_agreement_key *key = NULL;

	(void)state;
	introduce(&a, &b, 7, 0);
	assert_int_equal(register_use(a.node->peers, -1, 6), 0);
	assert_int_equal(register_use(a.node->peers, -1, 7), 0);
	assert_int_equal(register_own_key(a.node->peers, a.key.body.key_made.key_id, &key), 0);
	assert_int_equal(register_use(a.node->peers, -1, 8), RXP_ERR_STATE);
	assert_int_equal(register_use(a.node->peers, -1, 0), RXP_ERR_STATE);
}

static void found_by_party_and_id(void **state)
{
	const struct msg_key_made *k = &b.key.body.key_made;
	struct bytes spki;
	uint8_t other[32];

	(void)state;
	introduce(&a, &b, 9, 0);
	memcpy(other, k->key_id, sizeof other);
	other[31] ^= 1;
	assert_int_equal(register_peer_key(a.node->peers, "QRB", k->key_id, &spki), 0);
	assert_memory_equal(spki.data, k->spki.data, k->spki.len);
	assert_int_equal(
	    register_peer_key(a.node->peers, "QRC", k->key_id, &spki), RXP_ERR_NOT_FOUND);
	assert_int_equal(register_peer_key(a.node->peers, "QRB", other, &spki), RXP_ERR_NOT_FOUND);
	assert_int_equal(certs_of("QRB", NOW_MS), 1);
	assert_int_equal(certs_of("QRA", NOW_MS), 0);
}

/* Two of QRB, the first in use, and one of QRC in between. */
static void keys_of_offices(void **state)
{
	const struct rxp_buf *spki[] = {&a.node->own->identity.office_keys.key[0].spki,
	    &b.node->own->identity.office_keys.key[0].spki};
	const struct {
		const char *party, *office;
		const struct rxp_buf *spki;
	} in[] = {{"QRB", "SOCIAL", spki[1]}, {"QRC", "HEALTH", spki[0]},
	    {"QRB", "HEALTH", spki[0]}, {"QRD", "BORDER", spki[0]}};
	struct rxp_office_keys keys = {0};
	struct rxp_buf rows;
	int fd;

	(void)state;
	rxp_buf_init(&rows, REGISTER_MAX_OCTETS);
	put_head(&rows, "QRA", 20);
	for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
		struct rec_office_key r = {.spki = reply_bytes(in[i].spki)};

		snprintf(r.party, sizeof r.party, "%s", in[i].party);
		snprintf(r.office, sizeof r.office, "%s", in[i].office);
		assert_int_equal(record_list_put(&rows, REC_office_key, &record_office_key, &r), 0);
	}
	fd = memory_file(&rows, ALL_SEALS);
	assert_int_equal(register_use(a.node->peers, fd, 20), 0);
	close(fd);
	rxp_buf_free(&rows);
	assert_int_equal(register_office_keys(a.node->peers, "QRB", &keys), 0);
	assert_int_equal(keys.n, 2);
	assert_int_equal(keys.key[0].compartment, RXP_COMPARTMENT_SOCIAL);
	assert_memory_equal(keys.key[0].spki.data, spki[1]->data, spki[1]->len);
	assert_int_equal(keys.key[1].compartment, RXP_COMPARTMENT_HEALTH);
	assert_memory_equal(keys.key[1].spki.data, spki[0]->data, spki[0]->len);
	rxp_office_keys_clear(&keys);
	assert_int_equal(register_office_keys(a.node->peers, "QRE", &keys), 0);
	assert_int_equal(keys.n, 0);
	assert_int_equal(register_office_keys(a.node->peers, "QRD", &keys), RXP_ERR_STATE);
}

/* Of QRC the octets of one certificate are none, as only a hand can have made them; then they are. */
static void spoilt_party_is_alone(void **state)
{
	const struct msg_key_made *k = &c.key.body.key_made;
	struct rec_seal_cert second = {.party = "QRC"};

	(void)state;
	for (int sound = 0; sound <= 1; sound++) {
		struct rxp_office_keys offices = {0};
		struct rxp_buf rows;
		struct bytes spki;
		int fd;

		second.der = (struct bytes){(const uint8_t *)"certificate", 11};
		if (sound != 0)
			second.der.data = rxp_cert_der(b.node->cert, &second.der.len);
		rxp_buf_init(&rows, REGISTER_MAX_OCTETS);
		put_head(&rows, "QRA", 30 + (uint64_t)sound);
		put_peer(&rows, &b, 0);
		put_peer(&rows, &c, 0);
		assert_int_equal(
		    record_list_put(&rows, REC_seal_cert, &record_seal_cert, &second), 0);
		fd = memory_file(&rows, ALL_SEALS);
		assert_int_equal(register_use(a.node->peers, fd, 30 + (uint64_t)sound), 0);
		close(fd);
		rxp_buf_free(&rows);
		assert_int_equal(certs_of("QRB", NOW_MS), 1);
		assert_int_equal(certs_of("QRC", NOW_MS), sound != 0 ? 2 : 0);
		assert_int_equal(
		    register_peer_key(a.node->peers, "QRB", b.key.body.key_made.key_id, &spki), 0);
		assert_int_equal(register_peer_key(a.node->peers, "QRC", k->key_id, &spki),
		    sound != 0 ? 0 : RXP_ERR_NOT_FOUND);
		assert_int_equal(register_office_keys(a.node->peers, "QRC", &offices),
		    sound != 0 ? 0 : RXP_ERR_STATE);
		rxp_office_keys_clear(&offices);
	}
}

static void revoked_from_its_time(void **state)
{
	(void)state;
	introduce(&a, &b, 10, NOW_MS);
	assert_int_equal(certs_of("QRB", NOW_MS - 1), 1);
	assert_int_equal(certs_of("QRB", NOW_MS), 0);
	assert_int_equal(certs_of("QRB", INT64_MAX), 0);
}

/* RXP-DSC-027; 0 received: what may come at any time. */
static void good_as_long_as_it_was_sealed_before(void **state)
{
	const int64_t late = NOW_MS + RXP_RETIRED_SEAL_MS;
	const struct {
		int64_t retired_ms, created_ms, received_ms;
		bool good;
	} rows[] = {
	    {0, LATER_MS, LATER_MS, true},
	    {NOW_MS, NOW_MS - 1, NOW_MS, true},
	    {NOW_MS, NOW_MS, NOW_MS, false},
	    {NOW_MS, NOW_MS - 1, late, true},
	    {NOW_MS, NOW_MS - 1, late + 1, false},
	    {NOW_MS, NOW_MS - 1, 0, true},
	    {NOW_MS, NOW_MS, 0, false},
	};
	struct register_seals seals;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		b.retired_ms = rows[i].retired_ms;
		introduce(&a, &b, 11 + i, 0);
		register_seals(a.node->peers, "QRB", NOW_MS, &seals);
		assert_int_equal(seals.n, 1);
		if (register_seals_good(&seals, seals.certs[0], rows[i].created_ms,
			rows[i].received_ms) != rows[i].good)
			fail_msg("row %zu", i);
		assert_false(register_seals_good(&seals, a.node->cert, NOW_MS - 1, NOW_MS));
	}
	b.retired_ms = 0;
}

/* Wrapped octets that do not open are our own damage, not an unknown key. */
static void damaged_key(void **state)
{
	const struct rxp_agreement_key *key = NULL;

	(void)state;
	a.key.octets[1].data[20] ^= 1;
	introduce(&a, &b, 21, 0);
	assert_int_equal(
	    register_own_key(a.node->peers, a.key.body.key_made.key_id, &key), RXP_ERR_DAMAGED);
	a.key.octets[1].data[20] ^= 1;
	introduce(&a, &b, 22, 0);
	assert_int_equal(register_own_key(a.node->peers, a.key.body.key_made.key_id, &key), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flawed_registers),
	    cmocka_unit_test(older_changes_nothing),
	    cmocka_unit_test(found_by_party_and_id),
	    cmocka_unit_test(revoked_from_its_time),
	    cmocka_unit_test(good_as_long_as_it_was_sealed_before),
	    cmocka_unit_test(keys_of_offices),
	    cmocka_unit_test(damaged_key),
	    cmocka_unit_test(spoilt_party_is_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
