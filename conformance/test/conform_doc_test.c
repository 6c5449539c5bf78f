/*
 * Goals, for the judge of documents:
 * - each case of the plan `doc` is judged as it says, and by the requirement that it names: no other defect is taken for it
 *   (of one that is a message, too, that it is broken is enough);
 * - each object is sound before its change, and each State's octets are told from those under a certificate of nobody;
 * - whatever octets come, cut or with any octet changed, they are judged: nothing crashes, and nothing that was changed below
 *   a seal holds.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "conformance/document/object.h"
#include "conformance/document/vector.h"
#include "conformance/run/plan.h"
#include "conformance/test/world.h"
#include "protocol/base/codec.h"
#include "protocol/init.h"

#define HOLDS "it holds"

static struct vector_world *world;

static int make_world(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	return vector_world_new(&world, NOW_MS);
}

static int end_world(void **state)
{
	(void)state;
	vector_world_free(world);
	rxp_cleanup();
	return 0;
}

static void judge_vector(struct judgement *j, const struct vector *v)
{
	struct vector_octets o;

	assert_int_equal(vector_make(&o, v, world), 0);
	assert_int_equal(judge(j, o.octets.data, o.octets.len, &o.known), 0);
	vector_octets_clear(&o);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < vector_total(); i++) {
		const struct case_facts *f = vector_facts(vector_at(i));
		const char *said;
		struct judgement j;

		judge_vector(&j, vector_at(i));
		said = j.requirement == NULL ? HOLDS : j.requirement;
		if (vector_is_message(vector_at(i)) && facts_negative(f) && j.requirement != NULL)
			continue;
		if (strcmp(said, facts_negative(f) ? f->requirement : HOLDS) != 0)
			fail_msg("%s: %s at '%s': %s", f->id, said, j.place, j.why);
	}
}

/* Every base of an object has a case without a change, but the parts of a descriptor, which that of a descriptor has. */
static void test_bases(void **state)
{
	bool sound[OBJECT_BASE_COUNT] = {
	    [OBJECT_WORKING] = true, [OBJECT_IDENTITY] = true, [OBJECT_NEXT_WORKING] = true};

	(void)state;
	for (size_t i = 0; i < object_total(); i++)
		if (object_at(i)->edits[0].find == NULL)
			sound[object_at(i)->base] = true;
	for (size_t b = 0; b < OBJECT_BASE_COUNT; b++)
		if (!sound[b])
			fail_msg("%s: no case has it without a change",
			    object_words((enum object_base)b));
}

/* Without a descriptor the seal is held against the certificate within, and that is said. */
static void test_unknown(void **state)
{
	const struct judge_known nothing = {.n_certs = 0};

	(void)state;
	for (size_t i = 0; i < vector_total(); i++) {
		const struct vector *v = vector_at(i);
		struct vector_octets o;
		struct judgement with, without;

		if (facts_negative(vector_facts(v)))
			continue;
		assert_int_equal(vector_make(&o, v, world), 0);
		assert_int_equal(judge(&with, o.octets.data, o.octets.len, &o.known), 0);
		if (with.sealed) {
			assert_int_equal(judge(&without, o.octets.data, o.octets.len, &nothing), 0);
			assert_true(with.known);
			assert_null(without.requirement);
			assert_true(without.sealed);
			assert_false(without.known);
			assert_string_equal(without.party, "QMA");
		}
		vector_octets_clear(&o);
	}
}

/* Behind the name of an element that declares a namespace there: canonical octets leave out a declaration that nothing uses,
 * so that one which repeats another may be changed. */
static bool is_declaring(const struct rxp_buf *octets, size_t at)
{
	size_t tag = at;

	while (tag > 0 && octets->data[tag] != '<')
		tag--;
	return memmem(octets->data + tag, at - tag + 1, " xmlns:", 7) != NULL;
}

static void judge_hostile(struct vector_octets *o, bool is_sealed, const char *id)
{
	struct judgement j;
	size_t at = (size_t)random() % o->octets.len;
	uint8_t before = o->octets.data[at];

	assert_int_equal(judge(&j, o->octets.data, at, &o->known), 0);
	/* What stood behind the end of a file may be what was cut, and the end of a PDF's last line need not be there. */
	if (j.requirement == NULL && j.kind != JUDGE_FILE)
		fail_msg("%s: cut after %zu octets it holds", id, at);
	o->octets.data[at] ^= (uint8_t)(1 + random() % 255);
	assert_int_equal(judge(&j, o->octets.data, o->octets.len, &o->known), 0);
	/* A changed quotation mark or space within a tag changes nothing that is sealed. */
	if (is_sealed && j.requirement == NULL && before >= '0' && !is_declaring(&o->octets, at))
		fail_msg("%s: with octet %zu changed it holds", id, at);
	o->octets.data[at] = before;
}

static void test_hostile(void **state)
{
	const char *given = getenv("RXP_TEST_SEED");
	unsigned seed = given == NULL ? (unsigned)time(NULL) : (unsigned)strtoul(given, NULL, 10);

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (size_t i = 0; i < vector_total(); i++) {
		const struct vector *v = vector_at(i);
		struct vector_octets o;
		struct judgement j;

		assert_int_equal(vector_make(&o, v, world), 0);
		assert_int_equal(judge(&j, o.octets.data, o.octets.len, &o.known), 0);
		for (int n = 0; n < 3 && o.octets.len > 0; n++)
			judge_hostile(&o,
			    j.sealed && j.requirement == NULL && j.kind != JUDGE_DESCRIPTOR,
			    vector_facts(v)->id);
		vector_octets_clear(&o);
	}
}

#define LARGE (UINT64_C(130) << 20) /* octets of an attachment, all of them 0 */
#define MOST (RXP_MAX_ENVELOPE_OCTETS + 65536UL) /* that are read at once */

/* A sound bundle, with such an attachment before the one that it has. */
struct large {
	struct vector_octets o;
	size_t at; /* where that one begins */
	uint8_t header[512];
	uint64_t pos;
};

static int read_large(void *arg, uint8_t *out, size_t n)
{
	struct large *l = arg;

	assert_true(n <= MOST);
	for (size_t done = 0, now; done < n; done += now, l->pos += now) {
		uint64_t to = l->pos < l->at                 ? l->at
			      : l->pos < l->at + 512         ? l->at + 512
			      : l->pos < l->at + 512 + LARGE ? l->at + 512 + LARGE
							     : UINT64_MAX;

		now = n - done < to - l->pos ? n - done : (size_t)(to - l->pos);
		if (to == l->at)
			memcpy(out + done, l->o.octets.data + l->pos, now);
		else if (to == l->at + 512)
			memcpy(out + done, l->header + (l->pos - l->at), now);
		else if (to == l->at + 512 + LARGE)
			memset(out + done, 0, now);
		else
			memcpy(out + done, l->o.octets.data + (l->pos - 512 - LARGE), now);
	}
	return 0;
}

static void name_large(struct large *l)
{
	static const uint8_t zeros[65536];
	uint8_t digest[RXP_DIGEST_OCTETS];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	char hex[RXP_DIGEST_HEX];
	unsigned sum = 0;

	assert_int_equal(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL), 1);
	for (uint64_t n = 0; n < LARGE; n += sizeof zeros)
		assert_int_equal(EVP_DigestUpdate(ctx, zeros, sizeof zeros), 1);
	assert_int_equal(EVP_DigestFinal_ex(ctx, digest, NULL), 1);
	EVP_MD_CTX_free(ctx);
	rxp_hex_put(hex, digest, sizeof digest, false);
	memcpy(l->header, l->o.octets.data + l->at, sizeof l->header);
	memcpy(l->header + sizeof "attachments/" - 1, hex, sizeof hex);
	snprintf((char *)l->header + 124, 12, "%011llo", (unsigned long long)LARGE);
	memset(l->header + 148, ' ', 8);
	for (size_t i = 0; i < sizeof l->header; i++)
		sum += l->header[i];
	snprintf((char *)l->header + 148, 8, "%06o", sum);
}

/* RXP-BND-012: a bundle may be larger than memory, and is judged in pieces. */
static void test_large(void **state)
{
	struct judgement j;
	struct large l = {.pos = 0};
	const struct vector *v = NULL;
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < vector_total() && v == NULL; i++)
		if (strcmp(vector_facts(vector_at(i))->id, "BND-001.D.p51") == 0)
			v = vector_at(i);
	assert_int_equal(vector_make(&l.o, v, world), 0);
	l.at = (size_t)((uint8_t *)memmem(l.o.octets.data, l.o.octets.len, "attachments/", 12) -
			l.o.octets.data);
	name_large(&l);
	size = l.o.octets.len + sizeof l.header + LARGE;
	assert_int_equal(judge_bundle(&j, size, read_large, &l), 0);
	assert_null(j.requirement);
	assert_int_equal(l.pos, size);
	l.pos = 0;
	l.header[12] ^= 1; /* another name, of the same length */
	l.header[13] ^= 1;
	assert_int_equal(judge_bundle(&j, size, read_large, &l), 0);
	assert_string_equal(j.requirement, "RXP-BND-001");
	l.pos = 0;
	assert_int_equal(judge_bundle(&j, (UINT64_C(16) << 30) + 1, read_large, &l), 0);
	assert_string_equal(j.requirement, "RXP-BND-012");
	assert_int_equal(l.pos, 0);
	vector_octets_clear(&l.o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_bases),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}
