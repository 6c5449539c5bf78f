#include "daemon/verify/run.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/fingerprint.h"
#include "daemon/base/version.h"
#include "daemon/evidence/container_zip.h"
#include "daemon/verify/say.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/dossier.h"

struct run {
	FILE *out, *err;
	const char *file, *authority; /* the latter may be NULL */
	struct rxp_dossier_root roots[RXP_DOSSIER_ROOTS_MAX];
	size_t n_roots;
	enum verify_exit exit; /* when nothing is left to do */
};

/* --- the command line ------------------------------------------------------------------------------ */

static const char usage[] =
    "usage: readmit-verify FILE --root PARTY=HEX --root PARTY=HEX [--authority FILE]\n"
    "\n"
    "Verify a container of evidence of two States, and say what it proves and what it does not.\n"
    "--root names a State and the fingerprint of its root key, 64 hexadecimal digits, as that State\n"
    "made it known; once for each of the two, and again with a former one if the State began anew.\n"
    "--authority names a file with the certificates, in PEM, of\n"
    "those whose time-stamps count.\n";

static const char *const meanings[] = {
#define VERIFY_EXIT(name, status, meaning) [VERIFY_##name] = (meaning),
#include "daemon/verify/exit.def"
#undef VERIFY_EXIT
};

static bool end(struct run *r, enum verify_exit status)
{
	r->exit = status;
	return false;
}

static bool help(struct run *r)
{
	fprintf(r->out, "%s\nExit status:\n", usage);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		fprintf(r->out, "  %zu  %s\n", i, meanings[i]);
	return end(r, VERIFY_PROVED);
}

static bool wrong_use(struct run *r, const char *what)
{
	fprintf(r->err, "readmit-verify: %s\n%s", what, usage);
	return end(r, VERIFY_USAGE);
}

/* PARTY=HEX */
static bool read_root(struct run *r, const char *text)
{
	struct rxp_dossier_root root = {.party = ""};
	char hex[RXP_DIGEST_HEX];

	if (text == NULL || strlen(text) < RXP_PARTY_TEXT || text[RXP_PARTY_TEXT - 1] != '=')
		return wrong_use(r, "--root takes PARTY=HEX");
	memcpy(root.party, text, RXP_PARTY_TEXT - 1);
	if (!rxp_party_valid(root.party) || fingerprint_parse(hex, text + RXP_PARTY_TEXT) != 0 ||
	    rxp_hex_get(root.digest, sizeof(root.digest), hex, false) != 0)
		return wrong_use(r, "--root takes PARTY=HEX, 64 hexadecimal digits");
	for (size_t i = 0; i < r->n_roots; i++)
		if (memcmp(&r->roots[i], &root, sizeof(root)) == 0)
			return wrong_use(r, "--root is given once for each root");
	if (r->n_roots == RXP_DOSSIER_ROOTS_MAX)
		return wrong_use(
		    r, "too many roots: one for each of two States, and its former ones");
	r->roots[r->n_roots++] = root;
	return true;
}

static bool read_arguments(struct run *r, int argc, const char *const *argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return help(r);
		if (strcmp(argv[i], "--version") == 0) {
			fprintf(r->out, "readmit-verify %s\n", READMIT_VERSION);
			return end(r, VERIFY_PROVED);
		}
		if (strcmp(argv[i], "--root") == 0) {
			if (!read_root(r, i + 1 < argc ? argv[++i] : NULL))
				return false;
		} else if (strcmp(argv[i], "--authority") == 0) {
			if (i + 1 == argc || r->authority != NULL)
				return wrong_use(r, "--authority takes a file, once");
			r->authority = argv[++i];
		} else if (argv[i][0] == '-') {
			return wrong_use(r, "an option that it does not know");
		} else if (r->file != NULL) {
			return wrong_use(r, "one file at a time");
		} else {
			r->file = argv[i];
		}
	}
	return r->file != NULL || wrong_use(r, "which file?");
}

/* --- the file -------------------------------------------------------------------------------------- */

/* Not more than a container may have: the reader says that it is too large. */
static int read_all(struct rxp_buf *out, FILE *f)
{
	char chunk[16384];
	size_t n;
	int rc = 0;

	while (rc == 0 && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = rxp_buf_put(out, chunk, n);
	return rc == 0 && ferror(f) != 0 ? RXP_ERR_IO : rc;
}

static bool read_file(struct run *r, struct rxp_buf *out, const char *name)
{
	FILE *f = fopen(name, "rbe");
	struct stat st;
	int rc = RXP_ERR_IO;

	if (f == NULL || fstat(fileno(f), &st) != 0) {
		fprintf(r->err, "readmit-verify: %s: %s\n", name, strerror(errno));
		if (f != NULL)
			fclose(f);
		return end(r, VERIFY_UNREADABLE);
	}
	if (S_ISREG(st.st_mode))
		rc = read_all(out, f);
	fclose(f);
	if (rc == 0)
		return true;
	fprintf(r->err, "readmit-verify: %s: %s\n", name,
	    S_ISREG(st.st_mode) ? rxp_err_text(rc) : "no regular file");
	return end(
	    r, rc == RXP_ERR_BOUND && name == r->file ? VERIFY_NO_CONTAINER : VERIFY_UNREADABLE);
}

static bool unpack(struct run *r, struct rxp_container *c, const struct rxp_buf *octets)
{
	struct container_fault why;
	int rc = container_zip_read(c, &why, octets->data, octets->len);

	if (rc == 0)
		return true;
	fprintf(r->err, "readmit-verify: %s%s%s: %s\n", r->file, why.entry[0] == '\0' ? "" : ": ",
	    why.entry, why.text[0] == '\0' ? rxp_err_text(rc) : why.text);
	return end(r, rc == RXP_ERR_NOMEM ? VERIFY_UNREADABLE : VERIFY_NO_CONTAINER);
}

/* --- the verdict ------------------------------------------------------------------------------------- */

static void problem(void *arg, const char *entry, const char *text)
{
	const struct run *r = arg;

	fprintf(r->err, "readmit-verify: %s: %s: %s\n", r->file, entry, text);
}

static enum verify_exit verdict(struct run *r, const struct rxp_dossier *d)
{
	if (d->n_problems > 0) {
		fprintf(r->out, "%s is WRONG and must not be relied upon: %zu problem%s\n", r->file,
		    d->n_problems, d->n_problems == 1 ? "" : "s");
		return VERIFY_WRONG;
	}
	say_dossier(r->out, d);
	if (d->n_doubtful + d->n_withheld > 0)
		return VERIFY_IN_PART;
	return say_compared(d) ? VERIFY_PROVED : VERIFY_NOT_COMPARED;
}

/* Whose time-stamps count, if that was given: *out stays NULL else. */
static bool read_authority(struct run *r, struct rxp_authority **out)
{
	struct rxp_buf octets;
	bool good = true;

	if (r->authority == NULL)
		return true;
	rxp_buf_init(&octets, RXP_MAX_AUTHORITY_OCTETS);
	good = read_file(r, &octets, r->authority);
	if (good && rxp_authority_read(out, octets.data, octets.len) != 0) {
		fprintf(r->err, "readmit-verify: %s: no certificates in PEM\n", r->authority);
		good = end(r, VERIFY_UNREADABLE);
	}
	rxp_buf_free(&octets);
	return good;
}

static int check(struct run *r, struct rxp_dossier *d, const struct rxp_container *c,
    const struct rxp_authority *authority)
{
	int rc = rxp_dossier_check(d, c, RXP_DOSSIER_WHOLE, NULL, r->roots, r->n_roots, problem, r);

	return rc == 0 && authority != NULL ? rxp_dossier_trust(d, authority, problem, r) : rc;
}

enum verify_exit verify_run(FILE *out, FILE *err, int argc, const char *const *argv)
{
	struct run r = {.out = out, .err = err};
	struct rxp_container c;
	struct rxp_dossier d = {0};
	struct rxp_authority *authority = NULL;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_CONTAINER_OCTETS);
	rxp_container_init(&c);
	if (!read_arguments(&r, argc, argv) || !read_authority(&r, &authority) ||
	    !read_file(&r, &octets, r.file) || !unpack(&r, &c, &octets))
		goto done;
	rc = check(&r, &d, &c, authority);
	if (rc == 0) {
		r.exit = verdict(&r, &d);
	} else {
		fprintf(err, "readmit-verify: %s: %s\n", r.file, rxp_err_text(rc));
		r.exit = VERIFY_UNREADABLE;
	}
	rxp_dossier_clear(&d);
done:
	rxp_container_clear(&c);
	rxp_buf_free(&octets);
	rxp_authority_free(authority);
	return r.exit;
}
