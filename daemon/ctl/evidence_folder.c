#include "daemon/ctl/evidence_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/buf.h"
#include "protocol/err.h"

#define DOCUMENTS "documents"
#define DESCRIPTORS "descriptors"
#define FOLDER_MODE 0700 /* who met whom about whom is nobody else's business */
#define FILE_MODE 0600
#define CHUNK_OCTETS 16384

static const char *const files[EVIDENCE_FILES] = {
    [EVIDENCE_HEADER] = "header.xml",
    [EVIDENCE_PROPERTIES] = "properties.xml",
    [EVIDENCE_SIGNED_INFO] = "signed-info.xml",
    [EVIDENCE_VALUE] = "signature.bin",
    [EVIDENCE_CERTIFICATE] = "certificate.der",
    [EVIDENCE_RECEIPT] = "receipt.xml",
    [EVIDENCE_REFUSAL] = "refusal.xml",
};

const char *evidence_folder_file(enum evidence_file file)
{
	return files[file];
}

/* --- names -------------------------------------------------------------------------------------- */

void evidence_folder_name(
    char out[EVIDENCE_NAME_TEXT], unsigned number, const char *type, const char *from)
{
	snprintf(out, EVIDENCE_NAME_TEXT, "%02u-%.*s-%.3s", number, RXP_TYPE_TEXT - 1, type, from);
}

int evidence_folder_name_parse(unsigned *number, char from[RXP_PARTY_TEXT], const char *name)
{
	size_t digits = strspn(name, "0123456789"), len = strlen(name);
	const char *party;

	if (digits < 2 || digits > 4 || name[digits] != '-' || len < digits + 6 ||
	    len >= EVIDENCE_NAME_TEXT || strchr(name, '/') != NULL)
		return RXP_ERR_SYNTAX;
	party = name + len - (RXP_PARTY_TEXT - 1);
	if (party[-1] != '-' || !rxp_party_valid(party))
		return RXP_ERR_SYNTAX;
	*number = (unsigned)strtoul(name, NULL, 10);
	memcpy(from, party, RXP_PARTY_TEXT);
	return 0;
}

void evidence_folder_path(
    char out[EVIDENCE_PATH_TEXT], const char *document, enum evidence_file file)
{
	snprintf(out, EVIDENCE_PATH_TEXT, DOCUMENTS "/%.*s/%s", EVIDENCE_NAME_TEXT - 1, document,
	    files[file]);
}

void evidence_folder_descriptor(char out[EVIDENCE_PATH_TEXT], const char *party)
{
	snprintf(out, EVIDENCE_PATH_TEXT, DESCRIPTORS "/%.3s.xml", party);
}

/* --- folders ------------------------------------------------------------------------------------ */

int evidence_folder_open(int *out, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	*out = fd;
	return 0;
}

int evidence_folder_make(int *out, const char *path)
{
	int fd = -1, rc;

	if (mkdir(path, FOLDER_MODE) != 0)
		return errno == EEXIST ? RXP_ERR_EXISTS : RXP_ERR_IO;
	rc = evidence_folder_open(&fd, path);
	if (rc == 0 && (mkdirat(fd, DESCRIPTORS, FOLDER_MODE) != 0 ||
			   mkdirat(fd, DOCUMENTS, FOLDER_MODE) != 0)) {
		close(fd);
		rc = RXP_ERR_IO;
	}
	if (rc == 0)
		*out = fd;
	return rc;
}

int evidence_folder_make_document(int dir, const char *document)
{
	char path[EVIDENCE_PATH_TEXT];

	snprintf(path, sizeof(path), DOCUMENTS "/%.*s", EVIDENCE_NAME_TEXT - 1, document);
	return mkdirat(dir, path, FOLDER_MODE) == 0 ? 0 : RXP_ERR_IO;
}

int evidence_folder_each(int dir, const char *inner, evidence_folder_fn *fn, void *arg)
{
	int fd = openat(dir, inner, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	const struct dirent *entry;
	DIR *stream;

	if (fd < 0)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	stream = fdopendir(fd);
	if (stream == NULL) {
		close(fd);
		return RXP_ERR_IO;
	}
	while (rc == 0 && (entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = fn(arg, entry->d_name);
	closedir(stream);
	return rc;
}

/* --- files -------------------------------------------------------------------------------------- */

int evidence_folder_write(int dir, const char *path, const void *octets, size_t len)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE), rc = 0;
	const char *at = octets;

	if (fd < 0)
		return RXP_ERR_IO;
	while (rc == 0 && len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0) {
			rc = errno == EINTR ? 0 : RXP_ERR_IO;
			continue;
		}
		at += n;
		len -= (size_t)n;
	}
	if (close(fd) != 0)
		rc = RXP_ERR_IO;
	return rc;
}

static int read_all(struct rxp_buf *out, int fd)
{
	char chunk[CHUNK_OCTETS];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno != EINTR)
			return RXP_ERR_IO;
		if (n > 0 && rxp_buf_put(out, chunk, (size_t)n) != 0)
			return rxp_buf_error(out);
	}
	return 0;
}

/* Never through a link, and nothing that could make a reader wait. */
int evidence_folder_read(struct rxp_buf *out, int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	rc = fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ? RXP_ERR_IO : read_all(out, fd);
	close(fd);
	return rc;
}
