/*
 * ctl_evidence_test - goals:
 *   evidence export writes the folder of a case page by page, verifies it, and never touches a folder
 *     that exists; a message goes by another path
 *   evidence verify says who sealed what and when, without a call; with roots, and with wrong ones
 *   each file with one octet changed, at its beginning, middle and end, fails and is named; so does each
 *     file that is missing
 *   a receipt of another document, a renamed folder, a gap in the numbers, a missing document of the
 *     case, a foreign file: each fails
 *   what is verified is told as JSON
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/evidence_folder.h"
#include "protocol/answer.h"
#include "protocol/codec.h"
#include "protocol/descriptor.h"
#include "protocol/document.h"
#include "protocol/init.h"
#include "protocol/random.h"

#define NOW_MS INT64_C(1795000000000) /* 2026-11-18 */
#define CASE "44444444-4444-4444-8444-444444444444"
#define MESSAGE "01890a5d-ac96-774b-bcce-b302099a8057"
#define DOCUMENTS 4
#define PAGE 3 /* documents of one page */
#define TEXT_MAX 16384
#define PATH_TEXT 512

struct pair {
	struct rxp_buf der;
	struct rxp_cert *cert;
	struct rxp_key_signer *signer;
};

struct state {
	const char *party;
	struct pair root, seal, next; /* next: the seal after a revocation */
	struct rxp_buf descriptor;
	char fingerprint[RXP_DIGEST_HEX]; /* of the root */
};

struct world {
	struct state states[2];
	json_t *rows; /* of the whole case */
	uint8_t fingerprints[DOCUMENTS][32];
	char asked[256]; /* paths of all calls */
	char folder[PATH_TEXT]; /* made by export */
	char out[TEXT_MAX], err[TEXT_MAX];
};

/* --- two States ----------------------------------------------------------------------------------- */

/* A certificate is a container of a key and its dates; this one has no more. */
static void make_certificate(struct rxp_buf *out, EVP_PKEY *key)
{
	X509 *x509 = X509_new();
	uint8_t *der = NULL;
	int len;

	assert_non_null(x509);
	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7), 1);
	assert_int_equal(
	    ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20260101000000Z"), 1);
	assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "20280101000000Z"), 1);
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	len = i2d_X509(x509, &der);
	assert_true(len > 0);
	assert_int_equal(rxp_buf_put(out, der, (size_t)len), 0);
	OPENSSL_free(der);
	X509_free(x509);
}

static void make_pair(struct pair *s)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	BIO *pem = BIO_new(BIO_s_mem());
	uint8_t *text;
	long len;

	assert_non_null(key);
	rxp_buf_init(&s->der, RXP_MAX_CERTIFICATE_OCTETS);
	make_certificate(&s->der, key);
	assert_int_equal(rxp_cert_parse(&s->cert, s->der.data, s->der.len), 0);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(pem, &text);
	assert_int_equal(rxp_key_signer_open(&s->signer, text, (size_t)len, s->cert), 0);
	BIO_free(pem);
	EVP_PKEY_free(key);
}

static void free_pair(struct pair *s)
{
	rxp_key_signer_free(s->signer);
	rxp_cert_free(s->cert);
	rxp_buf_free(&s->der);
}

/* Append an identity part; previous receives its fingerprint. */
static void make_part(struct rxp_buf *part, const struct state *s, uint64_t serial,
    const struct pair *seal, int64_t revoked_ms, uint8_t previous[32])
{
	struct rxp_signer signer = rxp_key_signer_interface(s->root.signer);
	struct rxp_identity i;

	rxp_identity_init(&i);
	memcpy(i.party, s->party, sizeof(i.party));
	i.serial = serial;
	i.created_ms = NOW_MS;
	i.has_previous = serial > 1;
	memcpy(i.previous, previous, sizeof(i.previous));
	i.test = true;
	i.n_certs = 1;
	assert_int_equal(rxp_buf_put(&i.certs[0], seal->der.data, seal->der.len), 0);
	i.n_pins = 1;
	i.n_offices = 1;
	memcpy(i.offices[0], "NODE", 5);
	i.levels = 1U << RXP_LEVEL_CORE;
	i.revoked_since_ms = revoked_ms;
	rxp_buf_init(part, RXP_MAX_PART_OCTETS);
	assert_int_equal(rxp_identity_seal(part, &i, NOW_MS, &signer, previous), 0);
	rxp_identity_clear(&i);
}

/* revoked_ms: when the seal that sealed everything was revoked, 0 for never. */
static void make_descriptor(struct state *s, int64_t revoked_ms)
{
	struct rxp_buf parts[2];
	size_t n = revoked_ms == 0 ? 1 : 2;
	uint8_t previous[32] = {0};

	rxp_buf_free(&s->descriptor);
	rxp_buf_init(&s->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	make_part(&parts[0], s, 1, &s->seal, 0, previous);
	if (n == 2)
		make_part(&parts[1], s, 2, &s->next, revoked_ms, previous);
	assert_int_equal(rxp_descriptor_write(&s->descriptor, parts, n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		rxp_buf_free(&parts[i]);
}

static void make_state(struct state *s, const char *party)
{
	uint8_t digest[32];

	s->party = party;
	make_pair(&s->root);
	make_pair(&s->seal);
	make_pair(&s->next);
	rxp_cert_spki_digest(s->root.cert, digest);
	rxp_hex_put(s->fingerprint, digest, sizeof(digest), false);
	make_descriptor(s, 0);
}

static void free_state(struct state *s)
{
	free_pair(&s->root);
	free_pair(&s->seal);
	free_pair(&s->next);
	rxp_buf_free(&s->descriptor);
}

/* --- their documents, as rows of the registry -------------------------------------------------------- */

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

static const struct rxp_random source = {fill, NULL};

static void put_octets(json_t *row, const char *member, const uint8_t *octets, size_t len)
{
	struct rxp_buf text;

	rxp_buf_init(&text, 2UL * RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_base64_put(&text, octets, len), 0);
	json_object_set_new(row, member, json_stringn((const char *)text.data, text.len));
	rxp_buf_free(&text);
}

static void put_answer(json_t *row, const struct state *by, const struct rxp_header *h,
    const uint8_t fingerprint[32], bool refused)
{
	struct rxp_signer signer = rxp_key_signer_interface(by->seal.signer);
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
	memset(a.log_id, 0x44, sizeof(a.log_id));
	a.log_id[8] = 0x84;
	a.refusal = RXP_REFUSAL_STATE;
	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	assert_int_equal(rxp_answer_seal(&octets, &a, a.created_ms, &signer), 0);
	put_octets(row, "answer", octets.data, octets.len);
	rxp_buf_free(&octets);
	rxp_answer_clear(&a);
}

struct plan {
	size_t from; /* state */
	const char *type;
	uint64_t position;
	int previous, seen; /* document, -1 for none */
	bool refused;
};

static void add_document(struct world *w, size_t at, const struct plan *plan)
{
	const struct state *s = &w->states[plan->from], *other = &w->states[1 - plan->from];
	struct rxp_header h = {.from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .in_case = true,
	    .position = plan->position,
	    .has_previous = plan->previous >= 0,
	    .has_seen = plan->seen >= 0,
	    .profile_id = "model",
	    .profile_version = "1"};
	struct rxp_signer signer = rxp_key_signer_interface(s->seal.signer);
	struct rxp_document *d = NULL;
	struct rxp_buf content, sealed;
	uint8_t digest[32];
	char hex[RXP_DIGEST_HEX];
	json_t *row = json_pack("{s:s, s:s}", "type", plan->type, "from", s->party);

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
	rxp_buf_init(&sealed, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&content, 256);
	rxp_buf_puts(&content, "<Ping xmlns=\"urn:rxp:1:body\"></Ping>");
	assert_int_equal(rxp_document_seal(&sealed, &h, &content, NULL, h.outer.created_ms, &source,
			     &signer, w->fingerprints[at]),
	    0);
	assert_int_equal(rxp_document_open(&d, sealed.data, sealed.len, &h.outer,
			     (const struct rxp_cert *const[]){s->seal.cert}, 1),
	    0);
	put_octets(row, "header", d->seal.header_octets.data, d->seal.header_octets.len);
	put_octets(
	    row, "properties", d->seal.properties_octets.data, d->seal.properties_octets.len);
	put_octets(
	    row, "signed_info", d->seal.signed_info_octets.data, d->seal.signed_info_octets.len);
	put_octets(row, "value", d->seal.value.data, d->seal.value.len);
	rxp_cert_digest(s->seal.cert, digest);
	rxp_hex_put(hex, digest, sizeof(digest), false);
	json_object_set_new(row, "seal_cert", json_string(hex));
	put_answer(row, other, &h, w->fingerprints[at], plan->refused);
	json_array_append_new(w->rows, row);
	rxp_document_free(d);
	rxp_buf_free(&sealed);
	rxp_buf_free(&content);
}

/* --- the daemon, and a run ---------------------------------------------------------------------------- */

static enum call_result play(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a)
{
	struct world *w = arg;
	size_t used = strlen(w->asked), after = 0, n = json_array_size(w->rows);
	const char *at = strstr(r->path, "after=");
	json_t *page = json_object(), *items = json_array();
	char *text;

	(void)socket;
	snprintf(w->asked + used, sizeof(w->asked) - used, "%s ", r->path);
	assert_non_null(at);
	after = strtoul(at + 6, NULL, 10);
	for (size_t i = after; i < n && i < after + PAGE; i++)
		json_array_append(items, json_array_get(w->rows, i));
	json_object_set_new(page, "items", items);
	json_object_set_new(
	    page, "next", after + PAGE < n ? json_integer((json_int_t)after + PAGE) : json_null());
	put_octets(
	    page, "own_descriptor", w->states[0].descriptor.data, w->states[0].descriptor.len);
	put_octets(
	    page, "peer_descriptor", w->states[1].descriptor.data, w->states[1].descriptor.len);
	text = json_dumps(page, JSON_COMPACT);
	a->status = 200;
	assert_int_equal(rxp_buf_puts(&a->body, text), 0);
	free(text);
	json_decref(page);
	return CALL_DONE;
}

static enum call_result nobody(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a)
{
	(void)arg;
	(void)socket;
	(void)r;
	(void)a;
	fail_msg("the daemon was called");
	return CALL_FAILED;
}

static void slurp(FILE *f, char text[TEXT_MAX])
{
	size_t n;

	rewind(f);
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	fclose(f);
}

static enum exit_status run(struct world *w, call_fn *call, int argc, const char *const *argv)
{
	struct ctl c = {.in = tmpfile(),
	    .out = tmpfile(),
	    .err = tmpfile(),
	    .librxp = true,
	    .call = call,
	    .call_arg = w};
	enum exit_status status = ctl_run(&c, argc, argv);

	slurp(c.out, w->out);
	slurp(c.err, w->err);
	fclose(c.in);
	return status;
}

static enum exit_status export_to(struct world *w, const char *id, const char *folder)
{
	const char *argv[] = {"readmitctl", "evidence", "export", id, "--out", folder};

	w->asked[0] = '\0';
	return run(w, play, 6, argv);
}

static enum exit_status verify(struct world *w)
{
	const char *argv[] = {"readmitctl", "evidence", "verify", w->folder};

	return run(w, nobody, 4, argv);
}

static void assert_says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("missing: %s\nin: %s", part, text);
}

static void remove_folder(const char *folder)
{
	char command[PATH_TEXT + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path that mkdtemp() made */
}

static int set_up(void **state)
{
	static const struct plan PLANS[DOCUMENTS] = {
	    {0, "ReadmissionApplication", 1, -1, -1, false},
	    {1, "ReadmissionReply", 1, -1, 0, false},
	    {0, "Withdrawal", 2, 0, -1, true},
	    {0, "Withdrawal", 2, 0, 1, false},
	};
	struct world *w = calloc(1, sizeof(*w));
	char top[] = "/tmp/evidence-XXXXXX";

	assert_non_null(w);
	assert_non_null(mkdtemp(top));
	make_state(&w->states[0], "QRA");
	make_state(&w->states[1], "QRB");
	w->rows = json_array();
	for (size_t i = 0; i < DOCUMENTS; i++)
		add_document(w, i, &PLANS[i]);
	snprintf(w->folder, sizeof(w->folder), "%s/case", top);
	assert_int_equal(export_to(w, CASE, w->folder), EXIT_OK);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	*strrchr(w->folder, '/') = '\0';
	remove_folder(w->folder);
	for (size_t i = 0; i < 2; i++) {
		free_state(&w->states[i]);
	}
	json_decref(w->rows);
	free(w);
	return 0;
}

/* --- files -------------------------------------------------------------------------------------------- */

static const char *const FILES[] = {
    EVIDENCE_README,
    "descriptors/QRA.xml",
    "descriptors/QRB.xml",
#define DOCUMENT(folder, answer) \
	"documents/" folder "/header.xml", "documents/" folder "/properties.xml", \
	    "documents/" folder "/signed-info.xml", "documents/" folder "/signature.bin", \
	    "documents/" folder "/certificate.der", "documents/" folder "/" answer
    DOCUMENT("01-ReadmissionApplication-QRA", "receipt.xml"),
    DOCUMENT("02-ReadmissionReply-QRB", "receipt.xml"),
    DOCUMENT("03-Withdrawal-QRA", "refusal.xml"),
    DOCUMENT("04-Withdrawal-QRA", "receipt.xml"),
#undef DOCUMENT
};

#define N_FILES (sizeof(FILES) / sizeof(FILES[0]))

static void path_of(const struct world *w, char out[PATH_TEXT], const char *file)
{
	snprintf(out, PATH_TEXT, "%.*s/%.*s", PATH_TEXT / 2, w->folder, PATH_TEXT / 3, file);
}

static void flip(const struct world *w, const char *file, long at)
{
	char path[PATH_TEXT];
	FILE *f;
	int octet;

	path_of(w, path, file);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	octet = fgetc(f);
	assert_true(octet != EOF);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	fputc(octet ^ 1, f);
	assert_int_equal(fclose(f), 0);
}

static void move(const struct world *w, const char *from, const char *to)
{
	char source_path[PATH_TEXT], target[PATH_TEXT];

	path_of(w, source_path, from);
	path_of(w, target, to);
	assert_int_equal(rename(source_path, target), 0);
}

/* --- tests -------------------------------------------------------------------------------------------- */

static void exports_and_verifies(void **state)
{
	struct world *w = *state;
	char path[PATH_TEXT], *readme;
	FILE *f;

	assert_says(
	    w->asked, "/v1/cases/" CASE "/evidence?after=0 /v1/cases/" CASE "/evidence?after=3 ");
	assert_says(w->err, "4 documents, 3 receipts in ");
	assert_int_equal(export_to(w, CASE, w->folder), EXIT_FAILED);
	assert_says(w->err, "File exists");
	assert_int_equal(verify(w), EXIT_OK);
	assert_string_equal(w->err, "");
	assert_says(w->out, "QRA root ");
	assert_says(w->out, "(not compared");
	assert_says(w->out, "\n02-ReadmissionReply-QRB  position 1  sealed 2026-11-18T11:07:40.000Z"
			    "  received by QRA 2026-11-18T11:07:41.000Z\n");
	assert_says(w->out, "\n03-Withdrawal-QRA  position 2  ");
	assert_says(w->out, "refused by QRB");
	assert_says(w->out, "\n4 documents, 3 receipts verified\n");
	path_of(w, path, EVIDENCE_README);
	f = fopen(path, "rb");
	assert_non_null(f);
	readme = w->out;
	slurp(f, readme);
	assert_says(readme, "\n01  ReadmissionApplication\n");
	assert_says(readme, "refused by QRB: state\n");
}

static void a_message_alone(void **state)
{
	struct world *w = *state;
	char whole[PATH_TEXT];
	json_t *rows = w->rows;

	memcpy(whole, w->folder, sizeof(whole));
	snprintf(w->folder, sizeof(w->folder), "%.*s-alone", PATH_TEXT / 2, whole);
	w->rows = json_array();
	assert_int_equal(export_to(w, MESSAGE, w->folder), EXIT_FAILED);
	assert_says(w->err, "nothing to prove");
	json_array_append(w->rows, json_array_get(rows, 3));
	assert_int_equal(export_to(w, MESSAGE, w->folder), EXIT_OK);
	assert_says(w->asked, "/v1/messages/" MESSAGE "/evidence?after=0 ");
	assert_int_equal(verify(w), EXIT_OK);
	assert_says(w->err, "the documents before this one are not in the folder");
	assert_says(w->out, "1 documents, 1 receipts verified\n");
	json_decref(w->rows);
	w->rows = rows;
	memcpy(w->folder, whole, sizeof(whole));
}

static void a_case_with_a_hole(void **state)
{
	struct world *w = *state;
	char folder[PATH_TEXT];
	json_t *rows = w->rows;

	snprintf(folder, sizeof(folder), "%.*s-hole", PATH_TEXT / 2, w->folder);
	w->rows = json_deep_copy(rows);
	json_array_remove(w->rows, 1);
	assert_int_equal(export_to(w, CASE, folder), EXIT_FAILED);
	assert_says(w->err, "documents/03-Withdrawal-QRA/header.xml: does not fit the other "
			    "documents of its case (RXP-CHN-004)");
	json_decref(w->rows);
	w->rows = rows;
}

/* RXP-EVI-007: document 1 was received, and the last answer made, one second and three minutes after the
 * beginning. */
static void a_revoked_seal(void **state)
{
	static const struct {
		size_t who;
		int64_t since_ms;
		const char *says; /* NULL: verified */
	} CASES[] = {
	    {0, NOW_MS + 181001, NULL},
	    {0, NOW_MS + 181000,
		"documents/04-Withdrawal-QRA/certificate.der: revoked before the document was answered"},
	    {0, NOW_MS + 121000, "documents/03-Withdrawal-QRA/certificate.der: revoked"},
	    {1, NOW_MS + 181001, NULL},
	    {1, NOW_MS + 181000,
		"documents/04-Withdrawal-QRA/receipt.xml: sealed by a certificate"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		char folder[PATH_TEXT];

		snprintf(folder, sizeof(folder), "%.*s-%zu", PATH_TEXT / 2, w->folder, i);
		make_descriptor(&w->states[CASES[i].who], CASES[i].since_ms);
		assert_int_equal(
		    export_to(w, CASE, folder), CASES[i].says == NULL ? EXIT_OK : EXIT_FAILED);
		if (CASES[i].says != NULL)
			assert_says(w->err, CASES[i].says);
		make_descriptor(&w->states[CASES[i].who], 0);
	}
}

static void roots(void **state)
{
	struct world *w = *state;
	char a[80], b[80];
	const char *argv[] = {
	    "readmitctl", "evidence", "verify", w->folder, "--root", a, "--root", b, "--json"};
	json_t *json;

	snprintf(a, sizeof(a), "QRA=%s", w->states[0].fingerprint);
	snprintf(b, sizeof(b), "QRB=%s", w->states[1].fingerprint);
	assert_int_equal(run(w, nobody, 8, argv), EXIT_OK);
	assert_null(strstr(w->out, "not compared"));
	assert_int_equal(run(w, nobody, 9, argv), EXIT_OK);
	json = json_loads(w->out, 0, NULL);
	assert_true(json_is_true(json_object_get(json, "verified")));
	assert_int_equal(json_array_size(json_object_get(json, "documents")), DOCUMENTS);
	assert_int_equal(json_integer_value(json_object_get(json, "receipts")), 3);
	json_decref(json);
	snprintf(b, sizeof(b), "QRB=%s", w->states[0].fingerprint);
	assert_int_equal(run(w, nobody, 9, argv), EXIT_FAILED);
	assert_says(w->err, "descriptors/QRB.xml: not sealed under the root given");
	json = json_loads(w->out, 0, NULL);
	assert_true(json_is_false(json_object_get(json, "verified")));
	assert_int_equal(json_array_size(json_object_get(json, "problems")), 1);
	json_decref(json);
	snprintf(b, sizeof(b), "QRC=%s", w->states[1].fingerprint);
	assert_int_equal(run(w, nobody, 8, argv), EXIT_FAILED);
	assert_says(w->err, "a root is given for a party that is not here");
}

static void each_octet_counts(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_FILES; i++) {
		char path[PATH_TEXT];
		struct stat st;

		path_of(w, path, FILES[i]);
		assert_int_equal(stat(path, &st), 0);
		for (int k = 0; k < 3; k++) {
			long at = k * ((long)st.st_size - 1) / 2;
			char named[PATH_TEXT];

			flip(w, FILES[i], at);
			assert_int_equal(verify(w), EXIT_FAILED);
			snprintf(named, sizeof(named), "readmitctl: %s: ", FILES[i]);
			assert_says(w->err, named);
			assert_null(strstr(w->out, "receipts verified"));
			flip(w, FILES[i], at);
		}
	}
	assert_int_equal(verify(w), EXIT_OK);
}

static void each_file_counts(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_FILES; i++) {
		char named[PATH_TEXT];

		move(w, FILES[i], "aside");
		assert_int_equal(verify(w), EXIT_FAILED);
		snprintf(named, sizeof(named), "readmitctl: %.*s", (int)strcspn(FILES[i], "/"),
		    FILES[i]);
		assert_says(w->err, named);
		move(w, "aside", FILES[i]);
	}
	move(w, "documents/03-Withdrawal-QRA/refusal.xml", "aside");
	assert_int_equal(verify(w), EXIT_FAILED);
	assert_says(w->err, "03-Withdrawal-QRA/receipt.xml: missing, and no refusal.xml either");
	move(w, "aside", "documents/03-Withdrawal-QRA/refusal.xml");
	assert_int_equal(verify(w), EXIT_OK);
}

static void what_is_misplaced(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} MOVES[] = {
	    {"documents/04-Withdrawal-QRA", "documents/05-Withdrawal-QRA",
		"documents: number 4 is missing"},
	    {"documents/04-Withdrawal-QRA", "documents/04-ReadmissionReply-QRA",
		"header.xml: not what the folder's name says"},
	    {"documents/04-Withdrawal-QRA", "documents/04-Withdrawal-QRB",
		"04-Withdrawal-QRB/receipt.xml: "},
	    {"documents/04-Withdrawal-QRA", "documents/04-Withdrawal-QRC",
		"of a party whose descriptor is not here"},
	    {"documents/04-Withdrawal-QRA", "aside", "README.txt: "},
	    {"documents/03-Withdrawal-QRA/refusal.xml", "documents/03-Withdrawal-QRA/receipt.xml",
		"receipt.xml: an answer of the other kind"},
	    {EVIDENCE_README, "documents/notes.txt", "documents: holds what is no document"},
	    {"descriptors/QRA.xml", "descriptors/QRC.xml",
		"descriptors/QRC.xml: the descriptor of another party"},
	    {"documents", "aside", "documents: no document is here"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(MOVES) / sizeof(MOVES[0]); i++) {
		move(w, MOVES[i].from, MOVES[i].to);
		assert_int_equal(verify(w), EXIT_FAILED);
		assert_says(w->err, MOVES[i].says);
		move(w, MOVES[i].to, MOVES[i].from);
	}
	move(w, "documents/01-ReadmissionApplication-QRA/receipt.xml", "aside");
	move(w, "documents/04-Withdrawal-QRA/receipt.xml",
	    "documents/01-ReadmissionApplication-QRA/receipt.xml");
	move(w, "aside", "documents/04-Withdrawal-QRA/receipt.xml");
	assert_int_equal(verify(w), EXIT_FAILED);
	assert_says(
	    w->err, "01-ReadmissionApplication-QRA/signed-info.xml: not what the answer names");
	assert_says(w->err, "04-Withdrawal-QRA/signed-info.xml: not what the answer names");
}

static void wrong_use(void **state)
{
	struct world *w = *state;
	const char *no_out[] = {"readmitctl", "evidence", "export", CASE};
	const char *no_dir[] = {"readmitctl", "evidence", "verify", "/nonexistent"};

	assert_int_equal(run(w, nobody, 4, no_out), EXIT_USAGE);
	assert_int_equal(run(w, nobody, 4, no_dir), EXIT_FAILED);
	assert_says(w->err, "/nonexistent: No such file");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(exports_and_verifies),
	    TEST(a_message_alone),
	    TEST(a_case_with_a_hole),
	    TEST(a_revoked_seal),
	    TEST(roots),
	    TEST(each_octet_counts),
	    TEST(each_file_counts),
	    TEST(what_is_misplaced),
	    TEST(wrong_use),
	};
	int failed;

	if (rxp_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rxp_cleanup();
	return failed;
}
