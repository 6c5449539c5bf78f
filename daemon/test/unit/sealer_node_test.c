/*
 * Goal of this test: what a sealer says of key files that are wrong, each in one thing, and that it tells
 * one storage key from another without giving any of it away.
 *
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_fixture.h"
#include "protocol/init.h"

#define OTHER_DIGITS "f112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
#define OTHER_STORAGE "f" OTHER_DIGITS
#define STORAGE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"

/* The three files of one node, and those of another to take from. */
struct files {
	struct test_pair root, seal, other;
	struct test_state s;
};

static void files_new(struct files *f)
{
	memset(f, 0, sizeof *f);
	f->s.party = "QRA";
	pair_new(&f->root, CERTIFICATE_ROOT, "QRA");
	pair_new(&f->seal, CERTIFICATE_SEAL, "QRA");
	pair_new(&f->other, CERTIFICATE_SEAL, "QRA");
	sign_identity(&f->s, &f->root, &f->seal);
}

static void files_free(struct files *f)
{
	rxp_agreement_key_free(f->s.health);
	rxp_buf_free(&f->s.identity);
	pair_free(&f->other);
	pair_free(&f->seal);
	pair_free(&f->root);
}

static int make(struct node **out, const struct rxp_buf *seal, const char *storage,
    const struct rxp_buf *identity, enum unfit *why)
{
	struct rxp_buf key;
	int rc;

	rxp_buf_init(&key, (BOX_RING_MAX + 1UL) * NODE_STORAGE_OCTETS);
	assert_int_equal(rxp_buf_puts(&key, storage), 0);
	rc = node_new(out,
	    &(struct node_files){.seal_key = seal, .storage_keys = &key, .identity = identity},
	    why);
	rxp_buf_free(&key);
	return rc;
}

static void refuse(const struct rxp_buf *seal, const char *storage, const struct rxp_buf *identity,
    enum unfit expected)
{
	struct node *node = NULL;
	enum unfit why = UNFIT_REASONS;

	assert_int_equal(make(&node, seal, storage, identity, &why), RXP_ERR_CONFIG);
	assert_null(node);
	assert_int_equal(why, expected);
}

static void test_wrong_files(void **state)
{
	struct files f;
	struct node *node = NULL;
	enum unfit why = UNFIT_REASONS;

	(void)state;
	files_new(&f);
	assert_int_equal(make(&node, &f.seal.pem, STORAGE, &f.s.identity, &why), 0);
	assert_int_equal(why, UNFIT_REASONS);
	node_free(node);
	refuse(&f.other.pem, STORAGE, &f.s.identity, UNFIT_SEAL_KEY);
	refuse(&f.s.identity, STORAGE, &f.s.identity, UNFIT_SEAL_KEY);
	refuse(&f.seal.pem, "abc\n", &f.s.identity, UNFIT_STORAGE_KEY);
	refuse(&f.seal.pem, "g" OTHER_DIGITS, &f.s.identity, UNFIT_STORAGE_KEY);
	refuse(&f.seal.pem, "", &f.s.identity, UNFIT_STORAGE_KEY);
	refuse(&f.seal.pem, STORAGE OTHER_STORAGE STORAGE, &f.s.identity, UNFIT_STORAGE_KEY);
	refuse(&f.seal.pem, STORAGE "abc\n", &f.s.identity, UNFIT_STORAGE_KEY);
	refuse(&f.seal.pem, STORAGE, &f.seal.pem, UNFIT_IDENTITY);
	files_free(&f);
}

static void test_storage_check(void **state)
{
	struct files f;
	struct node *a = NULL, *b = NULL, *c = NULL;
	enum unfit why;

	(void)state;
	files_new(&f);
	assert_int_equal(make(&a, &f.seal.pem, STORAGE, &f.s.identity, &why), 0);
	assert_int_equal(make(&b, &f.seal.pem, STORAGE, &f.s.identity, &why), 0);
	assert_int_equal(make(&c, &f.seal.pem, OTHER_STORAGE, &f.s.identity, &why), 0);
	assert_memory_equal(
	    a->storage_checks[0], b->storage_checks[0], sizeof a->storage_checks[0]);
	assert_memory_not_equal(
	    a->storage_checks[0], c->storage_checks[0], sizeof a->storage_checks[0]);
	assert_memory_not_equal(
	    a->storage_checks[0], a->storage.keys[0].octets, sizeof a->storage.keys[0].octets);
	node_free(a);
	node_free(b);
	node_free(c);
	files_free(&f);
}

/* The first of several is that of the present epoch; each is named by its check value. */
static void test_storage_ring(void **state)
{
	struct files f;
	struct node *node = NULL;
	enum unfit why;

	(void)state;
	files_new(&f);
	assert_int_equal(make(&node, &f.seal.pem, STORAGE OTHER_STORAGE, &f.s.identity, &why), 0);
	assert_int_equal(node->storage.n, 2);
	for (size_t i = 0; i < 2; i++)
		assert_memory_equal(
		    node->storage.keys[i].id, node->storage_checks[i], BOX_ID_OCTETS);
	assert_memory_not_equal(node->storage_checks[0], node->storage_checks[1], 32);
	node_free(node);
	files_free(&f);
}

static int set_up(void **state)
{
	(void)state;
	return rxp_init();
}

static int tear_down(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}

/* The key lies in a token: its certificate is one of the identity's, and nothing is sealed before the signer is there. */
static void test_key_in_token(void **state)
{
	struct files f;
	struct rxp_buf storage;
	struct node *node = NULL;
	enum unfit why = UNFIT_REASONS;
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	size_t len = 7;

	(void)state;
	files_new(&f);
	rxp_buf_init(&storage, NODE_STORAGE_OCTETS);
	assert_int_equal(rxp_buf_puts(&storage, STORAGE), 0);
	for (int right = 0; right < 2; right++) {
		const struct test_pair *pair = right ? &f.seal : &f.other;
		const struct node_files files = {.seal_cert = &pair->cert_pem,
		    .storage_keys = &storage,
		    .identity = &f.s.identity};

		assert_int_equal(node_new(&node, &files, &why), right ? 0 : RXP_ERR_CONFIG);
		assert_int_equal(why, UNFIT_SEAL_CERT);
	}
	assert_int_equal(
	    node->signer.sign(node->signer.arg, value, sizeof value, value, &len), RXP_ERR_LATER);
	assert_int_equal(len, 7);
	node_free(node);
	rxp_buf_free(&storage);
	files_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wrong_files),
	    cmocka_unit_test(test_key_in_token),
	    cmocka_unit_test(test_storage_check),
	    cmocka_unit_test(test_storage_ring),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
