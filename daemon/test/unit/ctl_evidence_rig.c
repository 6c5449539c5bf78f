#include "daemon/test/unit/ctl_evidence_rig.h"

#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/ctl/evidence_row.h"
#include "protocol/peering/identity_known.h"

#define LOCAL_ID "01890a5d-ac96-774b-bcce-b302099a8050"

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
static void make_part(struct rxp_buf *part, const struct state *s, const struct pair *root,
    uint64_t serial, const struct pair *seal, int64_t revoked_ms, uint8_t previous[32])
{
	struct rxp_signer signer = rxp_key_signer_interface(root->signer);
	struct rxp_identity i;

	rxp_identity_init(&i);
	memcpy(i.party, s->party, sizeof(i.party));
	i.serial = serial;
	i.created_ms = serial > 1 ? NOW_MS + 86400000 : NOW_MS;
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

void evidence_make_descriptor(struct state *s, int64_t revoked_ms)
{
	struct rxp_buf parts[2];
	size_t n = revoked_ms == 0 ? 1 : 2;
	uint8_t previous[32] = {0};

	s->rolled = revoked_ms != 0;
	rxp_buf_free(&s->descriptor);
	rxp_buf_init(&s->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	make_part(&parts[0], s, &s->root, 1, &s->seal, 0, previous);
	if (n == 2)
		make_part(&parts[1], s, &s->root, 2, &s->next, revoked_ms, previous);
	assert_int_equal(rxp_descriptor_write(&s->descriptor, parts, n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		rxp_buf_free(&parts[i]);
}

static void write_parts(struct rxp_buf *out, const struct rxp_buf *parts, size_t n)
{
	rxp_buf_free(out);
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_descriptor_write(out, parts, n, NULL), 0);
}

void evidence_outgrow(struct state *s)
{
	uint8_t previous[32] = {0};
	struct rxp_buf parts[3];

	make_part(&parts[0], s, &s->root, 1, &s->seal, 0, previous);
	make_part(&parts[1], s, &s->root, 2, &s->next, 0, previous);
	make_part(&parts[2], s, &s->root, 3, &s->next, 0, previous);
	write_parts(&s->former[s->n_former++], parts, 2);
	write_parts(&s->descriptor, parts + 1, 2);
	s->rolled = true;
	for (size_t i = 0; i < 3; i++)
		rxp_buf_free(&parts[i]);
}

static void put_fingerprint(struct state *s, const struct pair *root)
{
	uint8_t digest[32];

	rxp_cert_spki_digest(root->cert, digest);
	rxp_hex_put(s->fingerprint, digest, sizeof(digest), false);
}

void evidence_begin_anew(struct state *s)
{
	uint8_t previous[32] = {0};
	struct rxp_buf part;

	s->former[s->n_former++] = s->descriptor;
	s->descriptor = (struct rxp_buf){0};
	make_part(&part, s, &s->second, 1, &s->next, 0, previous);
	write_parts(&s->descriptor, &part, 1);
	put_fingerprint(s, &s->second);
	s->rolled = true;
	rxp_buf_free(&part);
}

static void make_state(struct state *s, const char *party)
{
	s->party = party;
	make_pair(&s->root);
	make_pair(&s->second);
	make_pair(&s->seal);
	make_pair(&s->next);
	put_fingerprint(s, &s->root);
	evidence_make_descriptor(s, 0);
}

static void free_state(struct state *s)
{
	free_pair(&s->root);
	free_pair(&s->second);
	free_pair(&s->seal);
	free_pair(&s->next);
	rxp_buf_free(&s->descriptor);
	for (size_t i = 0; i < s->n_former; i++)
		rxp_buf_free(&s->former[i]);
}

/* --- the daemon, and a run ---------------------------------------------------------------------------- */

static void get_octets(struct rxp_buf *out, const json_t *row, const char *member)
{
	const char *text = json_string_value(json_object_get(row, member));

	rxp_buf_init(out, 2UL * RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_base64_get(out, text, strlen(text)), 0);
}

static void put_row(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned *n,
    struct rxp_dossier_left *left, const json_t *item, const char *asked)
{
	struct evidence_row r;

	assert_int_equal(evidence_row_read(&r, item, asked), 0);
	assert_int_equal(rxp_dossier_put_document(c, parties, n, left, &r.row), 0);
	evidence_row_clear(&r);
}

static void put_log_page(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned *n, const json_t *item)
{
	struct rxp_buf octets;

	get_octets(&octets, item, "octets");
	assert_int_equal(
	    rxp_dossier_put_log_page(c, parties, n,
		json_string_value(json_object_get(item, "owner")), octets.data, octets.len),
	    0);
	rxp_buf_free(&octets);
}

static void no_problem(void *arg, const char *entry, const char *text)
{
	(void)arg;
	fail_msg("%s: %s", entry, text);
}

void evidence_seal(struct world *w, const struct rxp_container *c, struct rxp_buf *out)
{
	const struct state *s = &w->states[0];
	struct rxp_signer signer =
	    rxp_key_signer_interface(s->rolled ? s->next.signer : s->seal.signer);

	assert_int_equal(rxp_container_seal(out, c, SEALED_MS, &signer), 0);
}

/* The descriptors of both; former has room for them. */
static void papers_of(struct rxp_dossier_papers papers[2],
    struct rxp_evidence_descriptor former[2][FORMER], const struct world *w)
{
	for (size_t i = 0; i < 2; i++) {
		const struct state *s = &w->states[i];

		for (size_t k = 0; k < s->n_former; k++)
			former[i][k] =
			    (struct rxp_evidence_descriptor){s->former[k].data, s->former[k].len};
		papers[i] =
		    (struct rxp_dossier_papers){.in_force = {s->descriptor.data, s->descriptor.len},
			.former = former[i],
			.n_former = s->n_former};
	}
}

/* As the node of the first State does it, of the case or message that was asked for; digits: what stands behind "bodies=". NULL: nothing
 * verifies. */
static json_t *seal_rows(struct world *w, const char *asked, const char *digits)
{
	uint8_t there[DOCUMENTS] = {0};
	struct rxp_dossier_bodies bodies = {there, strlen(digits)};
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES] = {NULL};
	struct rxp_identity_known *known = rxp_identity_known_new();
	struct rxp_evidence_descriptor former[2][FORMER];
	struct rxp_dossier_papers papers[2];
	json_t *answer = json_object();
	struct rxp_container c;
	struct rxp_buf signatures;
	struct rxp_dossier_left left = {.n = 0};
	unsigned n = 0, pages = 0;

	rxp_container_init(&c);
	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	papers_of(papers, former, w);
	assert_int_equal(rxp_dossier_put_parties(&c, parties, known, &papers[0], &papers[1]), 0);
	for (size_t i = 0; i < json_array_size(w->rows); i++)
		put_row(&c, parties, &n, &left, json_array_get(w->rows, i), asked);
	for (size_t i = 0; i < json_array_size(w->log_pages); i++)
		put_log_page(&c, parties, &pages, json_array_get(w->log_pages, i));
	for (size_t i = 0; i < bodies.n; i++)
		there[i] = digits[i] == '1';
	assert_int_equal(rxp_dossier_put_former(&c, parties, &papers[0], &papers[1]), 0);
	if (n > 0) {
		assert_int_equal(
		    rxp_dossier_put_chronology(&c, known, &left, &bodies, no_problem, NULL), 0);
		evidence_seal(w, &c, &signatures);
		evidence_put_octets(answer, "signatures", signatures.data, signatures.len);
	} else {
		json_decref(answer);
		answer = NULL;
	}
	rxp_buf_free(&signatures);
	rxp_container_clear(&c);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(parties[i]);
	rxp_identity_known_free(known);
	return answer;
}

static json_t *former_of(const struct world *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < w->states[i].n_former; k++) {
			const struct rxp_buf *octets = &w->states[i].former[k];
			json_t *item = json_pack("{s:b}", "own", i == 0);

			evidence_put_octets(item, "octets", octets->data, octets->len);
			json_array_append_new(all, item);
		}
	return all;
}

/* after counts what was given before; the former descriptors are on the first page. */
static json_t *page_of(struct world *w, const char *path)
{
	size_t after = 0, n = json_array_size(w->rows), rows = w->page > 0 ? w->page : PAGE;
	const char *at = strstr(path, "after=");
	json_t *page = json_object(), *items = json_array();

	assert_non_null(at);
	after = strtoul(at + 6, NULL, 10);
	after -= after > 0 ? w->states[0].n_former + w->states[1].n_former : 0;
	for (size_t i = after; i < n && i < after + rows; i++)
		json_array_append(items, json_array_get(w->rows, i));
	json_object_set_new(page, "items", items);
	json_object_set_new(
	    page, "log_pages", after + rows < n ? json_array() : json_deep_copy(w->log_pages));
	json_object_set_new(page, "next",
	    after + rows < n ? json_integer((json_int_t)after + (json_int_t)rows) : json_null());
	json_object_set_new(page, "former_descriptors", after == 0 ? former_of(w) : json_array());
	evidence_put_octets(
	    page, "own_descriptor", w->states[0].descriptor.data, w->states[0].descriptor.len);
	evidence_put_octets(
	    page, "peer_descriptor", w->states[1].descriptor.data, w->states[1].descriptor.len);
	return page;
}

/* A sealed document by its local id, whose last digit is its number. */
static enum call_result give_document(struct world *w, const char *path, struct call_answer *a)
{
	size_t number = (size_t)(path[strlen("/v1/messages/") + strlen(LOCAL_ID) - 1] - '0');

	if (number == w->erased) {
		a->status = 404;
		assert_int_equal(
		    rxp_buf_puts(&a->body, "{\"title\":\"Not found\",\"detail\":\"Look.\","
					   "\"reason\":\"its content was erased\"}"),
		    0);
		return CALL_DONE;
	}
	a->status = 200;
	assert_int_equal(
	    rxp_buf_put(&a->body, w->sealed[number - 1].data, w->sealed[number - 1].len), 0);
	return CALL_DONE;
}

static enum call_result play(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a)
{
	struct world *w = arg;
	size_t used = strlen(w->asked);
	const char *bodies = strstr(r->path, "bodies=");
	json_t *json;
	char *text;

	(void)socket;
	snprintf(w->asked + used, sizeof(w->asked) - used, "%s ", r->path);
	if (strstr(r->path, "/document") != NULL)
		return give_document(w, r->path, a);
	json = strcmp(r->method, "POST") == 0
		   ? seal_rows(w, strstr(r->path, "/v1/cases/") != NULL ? CASE : MESSAGE,
			 bodies == NULL ? "" : bodies + 7)
		   : page_of(w, r->path);
	text = json == NULL ? strdup("{\"title\":\"Damaged\",\"detail\":\"Look.\"}")
			    : json_dumps(json, JSON_COMPACT);
	a->status = json == NULL ? 500 : 200;
	assert_int_equal(rxp_buf_puts(&a->body, text), 0);
	free(text);
	json_decref(json);
	if (w->meanwhile != NULL)
		w->meanwhile(w);
	return CALL_DONE;
}

enum call_result evidence_nobody(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a)
{
	(void)arg;
	(void)socket;
	(void)r;
	(void)a;
	fail_msg("the daemon was called");
	return CALL_FAILED;
}

void evidence_slurp(FILE *f, char text[TEXT_MAX])
{
	size_t n;

	rewind(f);
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	fclose(f);
}

enum exit_status evidence_run(struct world *w, call_fn *call, int argc, const char *const *argv)
{
	struct ctl c = {.in = tmpfile(),
	    .out = tmpfile(),
	    .err = tmpfile(),
	    .librxp = true,
	    .call = call,
	    .call_arg = w};
	enum exit_status status = ctl_run(&c, argc, argv);

	evidence_slurp(c.out, w->out);
	evidence_slurp(c.err, w->err);
	fclose(c.in);
	return status;
}

enum exit_status evidence_export_to(struct world *w, const char *id, const char *file)
{
	const char *argv[] = {
	    "readmitctl", "evidence", "export", id, "--reason", "review", "--out", file};

	w->asked[0] = '\0';
	return evidence_run(w, play, 8, argv);
}

enum exit_status evidence_export_content(struct world *w, const char *id, const char *file)
{
	const char *argv[] = {"readmitctl", "evidence", "export", id, "--content", "--reason",
	    "review", "--out", file};

	w->asked[0] = '\0';
	return evidence_run(w, play, 9, argv);
}

enum verify_exit evidence_verify_with(struct world *w, int argc, const char *const *argv)
{
	FILE *out = tmpfile(), *err = tmpfile();
	enum verify_exit status = verify_run(out, err, argc, argv);

	evidence_slurp(out, w->out);
	evidence_slurp(err, w->err);
	return status;
}

enum verify_exit evidence_verify(struct world *w)
{
	char a[80], b[80];
	const char *argv[] = {"readmit-verify", "--root", a, w->file, "--root", b};

	snprintf(a, sizeof(a), "QRA=%s", w->states[0].fingerprint);
	snprintf(b, sizeof(b), "QRB=%s", w->states[1].fingerprint);
	return evidence_verify_with(w, 6, argv);
}

void evidence_assert_says(const char *text, const char *part)
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

int evidence_begin(void **state)
{
	(void)state;
	return rxp_init() == 0 ? 0 : -1;
}

int evidence_end(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}

int evidence_set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char top[] = "/tmp/evidence-XXXXXX";

	assert_non_null(w);
	assert_non_null(mkdtemp(top));
	make_state(&w->states[0], "QRA");
	make_state(&w->states[1], "QRB");
	evidence_plan_again(w);
	snprintf(w->file, sizeof(w->file), "%s/case.asice", top);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	*state = w;
	return 0;
}

int evidence_tear_down(void **state)
{
	struct world *w = *state;

	*strrchr(w->file, '/') = '\0';
	remove_folder(w->file);
	for (size_t i = 0; i < 2; i++) {
		free_state(&w->states[i]);
	}
	json_decref(w->rows);
	json_decref(w->log_pages);
	rxp_buf_free(&w->body);
	for (size_t i = 0; i < DOCUMENTS; i++)
		rxp_buf_free(&w->sealed[i]);
	free(w);
	return 0;
}

/* --- files -------------------------------------------------------------------------------------------- */

void evidence_load(const struct world *w, struct rxp_container *c)
{
	struct container_fault why;
	struct rxp_buf octets;
	uint8_t chunk[4096];
	FILE *f = fopen(w->file, "rb");
	size_t n;

	assert_non_null(f);
	rxp_buf_init(&octets, RXP_MAX_CONTAINER_OCTETS);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		assert_int_equal(rxp_buf_put(&octets, chunk, n), 0);
	fclose(f);
	rxp_container_init(c);
	assert_int_equal(container_zip_read(c, &why, octets.data, octets.len), 0);
	rxp_buf_free(&octets);
}

void evidence_store(const struct world *w, const struct rxp_container *c)
{
	struct rxp_buf octets;
	FILE *f = fopen(w->file, "wb");

	assert_non_null(f);
	rxp_buf_init(&octets, RXP_MAX_CONTAINER_OCTETS);
	assert_int_equal(container_zip_write(&octets, c), 0);
	assert_int_equal(fwrite(octets.data, 1, octets.len, f), octets.len);
	assert_int_equal(fclose(f), 0);
	rxp_buf_free(&octets);
}
