#include "daemon/base/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "daemon/base/word.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define IN "attachments/in/"
#define OUT "attachments/out/"
#define CHUNK 65536
#define HEX 65

static bool is_digest(const char *text)
{
	uint8_t digest[RXP_DIGEST_OCTETS];

	return rxp_hex_get(digest, sizeof digest, text, false) == 0;
}

bool manifest_name_valid(const char *name)
{
	char party[RXP_PARTY_TEXT] = "";

	if (strcmp(name, "readmit.db") == 0)
		return true;
	if (strncmp(name, OUT, sizeof OUT - 1) == 0)
		return is_digest(name + sizeof OUT - 1);
	if (strncmp(name, IN, sizeof IN - 1) != 0)
		return false;
	name += sizeof IN - 1;
	if (strnlen(name, RXP_PARTY_TEXT) < RXP_PARTY_TEXT || name[RXP_PARTY_TEXT - 1] != '-')
		return false;
	memcpy(party, name, RXP_PARTY_TEXT - 1);
	return rxp_party_valid(party) && is_digest(name + RXP_PARTY_TEXT);
}

void manifest_write(char line[MANIFEST_LINE], const struct manifest_file *m)
{
	char hex[HEX];

	rxp_hex_put(hex, m->digest, sizeof m->digest, false);
	snprintf(line, MANIFEST_LINE, "file %s %" PRIu64 " %s\n", hex, m->length, m->name);
}

int manifest_read(struct manifest_file *out, const char *line)
{
	struct manifest_file m = {.length = 0};
	char word[sizeof "file"], again[MANIFEST_LINE];
	const char *at = line;

	if (word_take(word, sizeof word, &at) != 0 ||
	    word_octets(m.digest, sizeof m.digest, &at) != 0 || word_number(&m.length, &at) != 0 ||
	    word_take(m.name, sizeof m.name, &at) != 0 || !manifest_name_valid(m.name))
		return RXP_ERR_SYNTAX;
	manifest_write(again, &m);
	if (strcmp(again, line) != 0)
		return RXP_ERR_SYNTAX;
	*out = m;
	return 0;
}

static int digest_all(struct manifest_file *m, EVP_MD_CTX *ctx, int fd)
{
	uint8_t chunk[CHUNK];
	ssize_t n;

	m->length = 0;
	while ((n = read(fd, chunk, sizeof chunk)) > 0) {
		if (EVP_DigestUpdate(ctx, chunk, (size_t)n) != 1)
			return RXP_ERR_CRYPTO;
		m->length += (uint64_t)n;
	}
	if (n < 0)
		return RXP_ERR_IO;
	return EVP_DigestFinal_ex(ctx, m->digest, NULL) == 1 ? 0 : RXP_ERR_CRYPTO;
}

int manifest_measure(struct manifest_file *m, const char *path)
{
	EVP_MD_CTX *ctx;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	(void)posix_fadvise(
	    fd, 0, 0, POSIX_FADV_DONTNEED); /* what was written is read from the disk */
	ctx = EVP_MD_CTX_new();
	rc = ctx == NULL ? RXP_ERR_NOMEM : RXP_ERR_IO;
	if (ctx != NULL && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		rc = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 ? digest_all(m, ctx, fd)
								     : RXP_ERR_CRYPTO;
	EVP_MD_CTX_free(ctx);
	close(fd);
	return rc;
}
