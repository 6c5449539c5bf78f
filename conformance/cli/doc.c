/* The commands doc and vectors: octets judged without a network, by this suite and by others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/stat.h>

#include "conformance/cli/options.h"
#include "conformance/cli/play.h"
#include "conformance/judge/judge.h"
#include "conformance/package/check.h"
#include "conformance/package/package.h"
#include "conformance/requirement/requirement.h"
#include "conformance/state/files.h"
#include "conformance/state/product.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_PATH 4096
#define MAX_FILE_OCTETS (128 * 1024UL * 1024) /* of anything but a bundle */
#define BUNDLE_BLOCK 512

/* The files, and the States whose descriptors are among them. */
struct desk {
	const char *const *files;
	size_t n;
	struct product **states; /* owned; as many as files and --peer at most */
	size_t n_states;
	size_t broken;
	int64_t now_ms; /* typed content alone does not say when it was made: now */
};

static int complain(const char *what, int rc)
{
	fprintf(stderr, "readmit-conform: %s: %s\n", what, rxp_err_text(rc));
	return rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_BOUND || rc == RXP_ERR_SYNTAX
		   ? CONFORM_USAGE
		   : CONFORM_ERROR;
}

/* Behind the root of XML an editor leaves a line feed, which was never on a line. */
static int read_file(struct rxp_buf *out, const char *path, size_t max)
{
	int rc;

	rxp_buf_init(out, max);
	rc = files_read(out, NULL, path);
	if (rc == 0 && out->len > 0 && out->data[0] == '<' && out->data[out->len - 1] == '\n')
		rxp_buf_cut(out, out->len - 1);
	return rc;
}

/* root NULL: nobody compared one. */
static int add_state(struct desk *d, const char *path, const uint8_t *root)
{
	struct rxp_buf octets;
	int rc = read_file(&octets, path, RXP_MAX_DESCRIPTOR_OCTETS + 1);

	if (rc == 0)
		rc = product_open(&d->states[d->n_states], octets.data, octets.len, root);
	if (rc == 0)
		d->n_states++;
	rxp_buf_free(&octets);
	return rc;
}

static const struct product *state_of(const struct desk *d, const char *party)
{
	for (size_t i = 0; i < d->n_states; i++)
		if (strcmp(product_party(d->states[i]), party) == 0)
			return d->states[i];
	return NULL;
}

/* The manifest of the typed content NAME.xml is the file NAME.attachments.xml beside it. */
static int read_manifest(struct rxp_buf *out, const char *path)
{
	static const char end[] = ".xml";
	size_t len = strlen(path);
	char manifest[MAX_PATH];
	int rc;

	rxp_buf_init(out, MAX_FILE_OCTETS);
	if (len < sizeof end || len >= sizeof manifest - sizeof ".attachments" ||
	    strcmp(path + len - (sizeof end - 1), end) != 0)
		return 0;
	(void)snprintf(
	    manifest, sizeof manifest, "%.*s.attachments.xml", (int)(len - (sizeof end - 1)), path);
	rxp_buf_free(out);
	rc = read_file(out, manifest, MAX_FILE_OCTETS);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static int read_on(void *arg, uint8_t *out, size_t n)
{
	return fread(out, 1, n, arg) == n ? 0 : RXP_ERR_IO;
}

/* A bundle is read as it is judged. NULL: it is none, or cannot be read so. */
static FILE *open_bundle(const char *path, uint64_t *size)
{
	uint8_t block[BUNDLE_BLOCK];
	FILE *file = fopen(path, "re");
	struct stat st;

	if (file == NULL)
		return NULL;
	if (fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) &&
	    fread(block, 1, sizeof block, file) == sizeof block &&
	    judge_is_bundle(block, sizeof block) && fseeko(file, 0, SEEK_SET) == 0) {
		*size = (uint64_t)st.st_size;
		return file;
	}
	(void)fclose(file);
	return NULL;
}

/* First by itself, to see whose it is; then under the descriptor of that State. */
static int judge_octets(struct judgement *j, const struct desk *d, const struct rxp_buf *octets,
    const struct rxp_buf *manifest)
{
	struct judge_known known = {.manifest = manifest->len > 0 ? manifest->data : NULL,
	    .manifest_len = manifest->len,
	    .typing = {.created_ms = d->now_ms, .test_node = true, .names_confirmed = true}};
	const struct product *p;
	int rc = judge(j, octets->data, octets->len, &known);

	p = rc == 0 ? state_of(d, j->party) : NULL;
	if (p == NULL || j->kind == JUDGE_DESCRIPTOR)
		return rc;
	known.descriptor = p->descriptor;
	known.certs = (const struct rxp_cert *const *)p->certs;
	known.n_certs = p->n_certs;
	return judge(j, octets->data, octets->len, &known);
}

static void print_judgement(const char *path, const struct judgement *j)
{
	const struct requirement *r =
	    j->requirement == NULL ? NULL : requirement_find(j->requirement);

	printf("%-7s %s: %s", j->requirement == NULL ? "holds" : "BROKEN", path,
	    judge_kind_words(j->kind));
	if (j->party[0] != '\0')
		printf(" of %s", j->party);
	if (j->sealed)
		printf(j->known ? ", under a seal of its descriptor"
				: ", under a seal whose descriptor is not given");
	putchar('\n');
	if (j->requirement == NULL)
		return;
	printf("        %s%s%s\n", j->why, j->place[0] == '\0' ? "" : ", at ", j->place);
	if (r != NULL)
		printf("        %s: %s\n", r->id, r->text);
}

static int judge_one(struct judgement *j, const struct desk *d, const char *path)
{
	struct rxp_buf octets, manifest;
	uint64_t size = 0;
	FILE *bundle = open_bundle(path, &size);
	int rc;

	if (bundle != NULL) {
		rc = judge_bundle(j, size, read_on, bundle);
		(void)fclose(bundle);
		return rc;
	}
	rc = read_file(&octets, path, MAX_FILE_OCTETS);
	if (rc == 0)
		rc = read_manifest(&manifest, path);
	else
		rxp_buf_init(&manifest, 0);
	if (rc == 0)
		rc = judge_octets(j, d, &octets, &manifest);
	rxp_buf_free(&octets);
	rxp_buf_free(&manifest);
	return rc;
}

static int judge_all(struct desk *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct judgement j;
		int rc = judge_one(&j, d, d->files[i]);

		if (rc != 0)
			return complain(d->files[i], rc);
		print_judgement(d->files[i], &j);
		d->broken += j.requirement != NULL;
	}
	printf("%zu judged, %zu broken\n", d->n, d->broken);
	return d->broken > 0 ? CONFORM_FAILED : CONFORM_PASSED;
}

/* The descriptor that people know, and those among the files; what is none, or none that is sound, is judged later. */
static int add_states(struct desk *d, const struct options *o)
{
	const char *peer = o->values[OPTION_PEER], *hex = o->values[OPTION_FINGERPRINT];
	uint8_t root[RXP_DIGEST_OCTETS];
	int rc = hex == NULL ? 0 : play_fingerprint(root, hex);

	if (rc == 0 && peer != NULL)
		rc = add_state(d, peer, hex == NULL ? NULL : root);
	if (rc != 0) {
		(void)complain(peer != NULL ? peer : "--fingerprint", rc);
		return CONFORM_CONFIG;
	}
	for (size_t i = 0; i < d->n; i++)
		(void)add_state(d, d->files[i], NULL);
	return 0;
}

static int judge_files(const struct options *o)
{
	struct desk d = {.files = o->words, .n = o->n_words, .now_ms = (int64_t)time(NULL) * 1000};
	int status;

	d.states = calloc(d.n + 1, sizeof(struct product *));
	if (d.states == NULL)
		return CONFORM_ERROR;
	status = add_states(&d, o);
	if (status == 0)
		status = judge_all(&d);
	for (size_t i = 0; i < d.n_states; i++)
		product_free(d.states[i]);
	free(d.states);
	return status;
}

static void tell_vector(const char *id, const char *words, const char *expected, const char *seen)
{
	printf("%s  %s: %s, and %s\n", id, words, expected, seen);
}

static int judge_package(const char *dir)
{
	struct check_counts counts;
	int rc = check_package(&counts, dir, tell_vector);

	if (rc != 0)
		return complain(dir, rc);
	printf("%zu vectors judged, %zu left, %zu otherwise\n", counts.judged, counts.left,
	    counts.otherwise);
	return counts.judged > 0 && counts.otherwise == 0 ? CONFORM_PASSED : CONFORM_FAILED;
}

int command_doc(const struct options *o)
{
	if (o->n_words == 0)
		return play(plan_named("doc"), NULL, o);
	return o->n_words == 1 && check_is_package(o->words[0]) ? judge_package(o->words[0])
								: judge_files(o);
}

int command_vectors(const struct options *o)
{
	size_t n = 0;
	int rc = package_write(o->word, &n);

	if (rc != 0)
		return complain(o->word, rc);
	printf("%zu vectors\n", n);
	return CONFORM_PASSED;
}
