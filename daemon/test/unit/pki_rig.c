#include "daemon/base/pem.h"
#include "daemon/test/unit/pki_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ftw.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs/certificate.h"
#include "certs/command.h"
#include "certs/file.h"
#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

#define WORDS_MAX 40

static int home; /* the folder to come back to */
char pki_top[512];

int pki_run(const char *line)
{
	char text[1024];
	char name[] = "readmit-pki";
	char *words[WORDS_MAX] = {name};
	char *rest = NULL;
	int n = 1;

	assert_true(snprintf(text, sizeof text, "%s", line) < (int)sizeof text);
	for (char *word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		assert_true(n < WORDS_MAX - 1);
		words[n++] = word;
	}
	return command_run(n, words);
}

int pki_rig_enter(void **state)
{
	char folder[] = "/tmp/pki_test.XXXXXX";

	assert_int_equal(rxp_init(), 0);
	assert_non_null(getcwd(pki_top, sizeof pki_top));
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(home >= 0);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	*state = strdup(folder);
	return 0;
}

int pki_rig_begin(void **state)
{
	assert_int_equal(pki_rig_enter(state), 0);
	assert_int_equal(pki_run(PKI_QRA), COMMAND_DONE);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int pki_rig_end(void **state)
{
	assert_int_equal(fchdir(home), 0);
	close(home);
	assert_int_equal(nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(*state);
	rxp_cleanup();
	return 0;
}

void pki_read(struct rxp_buf *out, const char *path)
{
	rxp_buf_init(out, FILE_MAX_OCTETS);
	assert_int_equal(file_read(out, path), 0);
}

struct rxp_descriptor *pki_descriptor(const char *path)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_buf file;

	pki_read(&file, path);
	assert_int_equal(rxp_descriptor_open(&d, file.data, file.len, NULL), 0);
	rxp_buf_free(&file);
	return d;
}

struct rxp_cert *pki_cert(const char *path)
{
	struct rxp_cert *cert = NULL;
	struct rxp_buf pem;
	struct rxp_buf der;

	pki_read(&pem, path);
	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	assert_int_equal(pem_certificate(&der, &pem), 0);
	assert_int_equal(rxp_cert_parse(&cert, der.data, der.len), 0);
	rxp_buf_free(&pem);
	rxp_buf_free(&der);
	return cert;
}

void pki_assert_key(const char *path, const uint8_t want[32])
{
	struct rxp_cert *cert = pki_cert(path);
	uint8_t digest[32];

	rxp_cert_spki_digest(cert, digest);
	assert_memory_equal(digest, want, 32);
	rxp_cert_free(cert);
}

void pki_put(const char *path, const char *text)
{
	pki_write(path, text, strlen(text));
}

void pki_write(const char *path, const void *octets, size_t len)
{
	struct rxp_buf file;

	rxp_buf_init(&file, FILE_MAX_OCTETS);
	assert_int_equal(rxp_buf_put(&file, octets, len), 0);
	assert_int_equal(file_create(path, &file), 0);
	rxp_buf_free(&file);
}

/* What one command line writes to a standard stream. */
static void captured(int stream, char out[PKI_SAID_TEXT], const char *line, int status)
{
	int saved = dup(stream);
	FILE *to = tmpfile();
	size_t n;

	assert_non_null(to);
	fflush(NULL);
	assert_true(dup2(fileno(to), stream) >= 0);
	assert_int_equal(pki_run(line), status);
	fflush(NULL);
	assert_true(dup2(saved, stream) >= 0);
	close(saved);
	rewind(to);
	n = fread(out, 1, PKI_SAID_TEXT - 1, to);
	out[n] = '\0';
	fclose(to);
}

void pki_said(char out[PKI_SAID_TEXT], const char *line, int status)
{
	captured(STDERR_FILENO, out, line, status);
}

void pki_printed(char out[PKI_SAID_TEXT], const char *line, int status)
{
	captured(STDOUT_FILENO, out, line, status);
}
