/* evidence export: fetch what proves a case or a message, write it as a folder, verify that folder. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/evidence_check.h"
#include "daemon/ctl/evidence_readme.h"
#include "protocol/buf.h"
#include "protocol/cert.h"
#include "protocol/codec.h"
#include "protocol/err.h"

#define PATH_TEXT 128

struct export
{
	struct ctl *c;
	char reason[CTL_REASON_TEXT];
	int dir;
	unsigned n; /* documents written */
	struct rxp_evidence_party *parties[EVIDENCE_PARTIES];
};

/* The octets of a member in base64, appended. RXP_ERR_SYNTAX if it is none or does not decode. */
static int octets_of(struct rxp_buf *out, const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	if (!json_is_string(value))
		return RXP_ERR_SYNTAX;
	return rxp_base64_get(out, json_string_value(value), json_string_length(value));
}

static bool wrong_answer(struct export *x)
{
	ctl_complain(x->c, "the daemon's answer is no evidence: is it of this version?");
	return false;
}

static bool write_file(struct export *x, const char *path, const void *octets, size_t len)
{
	if (evidence_folder_write(x->dir, path, octets, len) == 0)
		return true;
	ctl_complain(x->c, "%s/%s: %s", x->c->args.options[OPT_OUT], path, strerror(errno));
	return false;
}

/* --- descriptors --------------------------------------------------------------------------------- */

static bool write_descriptor(struct export *x, size_t i, const json_t *page, const char *member)
{
	char path[EVIDENCE_PATH_TEXT];
	struct rxp_buf octets;
	bool good = false;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = octets_of(&octets, page, member);
	if (rc == 0)
		rc = rxp_evidence_party_open(&x->parties[i], octets.data, octets.len, NULL);
	if (rc != 0) {
		ctl_complain(x->c, "%s: %s", member, rxp_err_text(rc));
	} else {
		evidence_folder_descriptor(path, x->parties[i]->party);
		good = write_file(x, path, octets.data, octets.len);
	}
	rxp_buf_free(&octets);
	return good;
}

/* --- documents ----------------------------------------------------------------------------------- */

/* The certificate by its digest, among those of either State: a digest says no more than itself. */
static const struct rxp_cert *find_cert(const struct export *x, const char *digest)
{
	uint8_t want[RXP_DIGEST_OCTETS], is[RXP_DIGEST_OCTETS];

	if (digest == NULL || rxp_hex_get(want, sizeof(want), digest, false) != 0)
		return NULL;
	for (size_t i = 0; i < EVIDENCE_PARTIES; i++)
		for (size_t k = 0; k < x->parties[i]->n; k++) {
			rxp_cert_digest(x->parties[i]->certs[k], is);
			if (memcmp(is, want, sizeof(is)) == 0)
				return x->parties[i]->certs[k];
		}
	return NULL;
}

static bool write_certificate(struct export *x, const char *name, const json_t *row)
{
	const struct rxp_cert *cert =
	    find_cert(x, json_string_value(json_object_get(row, "seal_cert")));
	char path[EVIDENCE_PATH_TEXT];
	const uint8_t *der;
	size_t len;

	if (cert == NULL) {
		ctl_complain(x->c, "%s: no descriptor has the certificate that sealed it", name);
		return false;
	}
	evidence_folder_path(path, name, EVIDENCE_CERTIFICATE);
	der = rxp_cert_der(cert, &len);
	return write_file(x, path, der, len);
}

static bool write_member(struct export *x, const char *name, enum evidence_file file,
    const json_t *row, const char *member)
{
	char path[EVIDENCE_PATH_TEXT];
	struct rxp_buf octets;
	bool good;

	rxp_buf_init(&octets, RXP_EVIDENCE_MAX_OCTETS);
	evidence_folder_path(path, name, file);
	good = octets_of(&octets, row, member) == 0 || wrong_answer(x);
	if (good)
		good = write_file(x, path, octets.data, octets.len);
	rxp_buf_free(&octets);
	return good;
}

/* The file that an answer belongs in; one that no State sealed goes with the receipts, where the
 * verification finds it. */
static enum evidence_file answer_file(const struct export *x, const json_t *row)
{
	enum evidence_file file = EVIDENCE_RECEIPT;
	struct rxp_buf octets;
	struct rxp_answer a;

	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	if (octets_of(&octets, row, "answer") == 0)
		for (size_t i = 0; i < EVIDENCE_PARTIES; i++) {
			if (rxp_evidence_party_answer(&a, x->parties[i], octets.data, octets.len) !=
			    0)
				continue;
			if (a.kind == RXP_ANSWER_REFUSAL)
				file = EVIDENCE_REFUSAL;
			rxp_answer_clear(&a);
		}
	rxp_buf_free(&octets);
	return file;
}

static bool write_document(struct export *x, const json_t *row)
{
	static const char *const members[] = {[EVIDENCE_HEADER] = "header",
	    [EVIDENCE_PROPERTIES] = "properties",
	    [EVIDENCE_SIGNED_INFO] = "signed_info",
	    [EVIDENCE_VALUE] = "value"};
	const char *type = json_string_value(json_object_get(row, "type"));
	const char *from = json_string_value(json_object_get(row, "from"));
	bool good = true;
	char name[EVIDENCE_NAME_TEXT], known[RXP_PARTY_TEXT];
	unsigned number;

	if (type == NULL || from == NULL || strlen(type) >= RXP_TYPE_TEXT || !rxp_party_valid(from))
		return wrong_answer(x);
	evidence_folder_name(name, ++x->n, type, from);
	if (evidence_folder_name_parse(&number, known, name) != 0)
		return wrong_answer(x);
	if (evidence_folder_make_document(x->dir, name) != 0) {
		ctl_complain(x->c, "%s: %s", name, strerror(errno));
		return false;
	}
	for (int i = 0; i < EVIDENCE_CERTIFICATE; i++)
		good = good && write_member(x, name, (enum evidence_file)i, row, members[i]);
	return good && write_certificate(x, name, row) &&
	       write_member(x, name, answer_file(x, row), row, "answer");
}

/* --- pages --------------------------------------------------------------------------------------- */

static enum exit_status fetch(struct export *x, json_t **page)
{
	const char *id = x->c->args.argument[0];
	uint8_t octets[RXP_ID_OCTETS];
	char path[PATH_TEXT];
	enum exit_status status;

	snprintf(path, sizeof(path), "/v1/%s/%s/evidence?after=%u",
	    rxp_id_parse(octets, id, 4) == 0 ? "cases" : "messages", id, x->n);
	status = ctl_call(x->c,
	    &(struct call_request){.method = "GET", .path = path, .headers = {x->reason}}, page);
	if (status == EXIT_OK && !json_is_array(json_object_get(*page, "items"))) {
		wrong_answer(x);
		status = EXIT_FAILED;
	}
	return status;
}

/* The folder is made with the first page, so that nothing is left behind by a wrong id. */
static bool begin(struct export *x, const json_t *page)
{
	const char *path = x->c->args.options[OPT_OUT];

	if (json_array_size(json_object_get(page, "items")) == 0) {
		ctl_complain(x->c, "no document has an answer yet: there is nothing to prove");
		return false;
	}
	if (evidence_folder_make(&x->dir, path) != 0) {
		ctl_complain(x->c, "%s: %s", path, strerror(errno));
		return false;
	}
	return write_descriptor(x, 0, page, "own_descriptor") &&
	       write_descriptor(x, 1, page, "peer_descriptor");
}

static enum exit_status write_pages(struct export *x)
{
	enum exit_status status = EXIT_OK;
	bool more = true;

	while (status == EXIT_OK && more) {
		json_t *page = NULL;
		const json_t *items;
		size_t n;

		status = fetch(x, &page);
		items = json_object_get(page, "items");
		n = json_array_size(items);
		more = json_is_integer(json_object_get(page, "next"));
		if (status == EXIT_OK && x->dir < 0 && !begin(x, page))
			status = EXIT_FAILED;
		if (status == EXIT_OK && ((more && n == 0) || x->n + n > EVIDENCE_DOCUMENTS_MAX)) {
			wrong_answer(x);
			status = EXIT_FAILED;
		}
		for (size_t i = 0; status == EXIT_OK && i < n; i++)
			if (!write_document(x, json_array_get(items, i)))
				status = EXIT_FAILED;
		json_decref(page);
	}
	return status;
}

/* --- what was written, verified -------------------------------------------------------------------- */

static void problem(void *arg, const char *file, const char *text)
{
	ctl_complain(arg, "%s: %s", file, text);
}

static enum exit_status finish(struct export *x)
{
	struct evidence_check e = {0};
	enum exit_status status = EXIT_FAILED;
	struct rxp_buf readme;
	int rc = evidence_check_run(&e, x->dir, NULL, 0, false, problem, x->c);

	if (rc != 0) {
		ctl_complain(x->c, "%s", rxp_err_text(rc));
		return EXIT_FAILED;
	}
	rxp_buf_init(&readme, EVIDENCE_README_MAX);
	if (e.n_problems == 0 && evidence_readme_put(&readme, &e) == 0 &&
	    write_file(x, EVIDENCE_README, readme.data, readme.len)) {
		ctl_say(x->c, "%zu documents, %zu receipts in %s", e.n_verified, e.n_receipts,
		    x->c->args.options[OPT_OUT]);
		status = EXIT_OK;
	}
	rxp_buf_free(&readme);
	evidence_check_clear(&e);
	return status;
}

enum exit_status ctl_evidence_export(struct ctl *c)
{
	struct export x = {.c = c, .dir = -1};
	enum exit_status status;

	if (c->args.options[OPT_OUT] == NULL) {
		ctl_complain(c, "--out is missing: the folder to write, which must be new");
		return EXIT_USAGE;
	}
	if (!ctl_reason(c, x.reason))
		return EXIT_USAGE;
	if (!ctl_library(c))
		return EXIT_FAILED;
	status = write_pages(&x);
	if (status == EXIT_OK)
		status = finish(&x);
	for (size_t i = 0; i < EVIDENCE_PARTIES; i++)
		rxp_evidence_party_free(x.parties[i]);
	if (x.dir >= 0)
		close(x.dir);
	return status;
}
