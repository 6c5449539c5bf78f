#include "daemon/ctl/bundle_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/ustar.h"
#include "daemon/ctl/bundle_write.h"
#include "daemon/ctl/ctl.h"
#include "protocol/base/ident.h"

/* --- the file -------------------------------------------------------------------------------------- */

static enum exit_status refuse(struct ctl *c, const char *path, const char *why)
{
	ctl_complain(c, "%s: %s", path, why);
	return EXIT_INVALID;
}

/* A pipe that nobody writes to must not be waited for, so it is opened without waiting, and then looked at. */
enum exit_status bundle_open(struct bundle_file *out, struct ctl *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum exit_status status = EXIT_OK;
	struct stat st;
	FILE *f = NULL;

	if (fd < 0 || fstat(fd, &st) != 0) {
		ctl_complain(c, "%s: %s", path, strerror(errno));
		status = EXIT_FAILED;
	} else if (!S_ISREG(st.st_mode)) {
		status = refuse(c, path, "a bundle is a regular file, and this is none");
	} else if ((uint64_t)st.st_size > BUNDLE_OCTETS_MAX) {
		ctl_complain(c, "%s: a bundle has at most %d GiB", path, BUNDLE_GIB);
		status = EXIT_INVALID;
	} else if ((f = fdopen(fd, "rb")) == NULL) {
		status = EXIT_FAILED;
	}
	if (status == EXIT_OK)
		*out = (struct bundle_file){.f = f, .size = (uint64_t)st.st_size};
	else if (fd >= 0)
		close(fd);
	return status;
}

void bundle_close(struct bundle_file *b)
{
	if (b->f != NULL)
		fclose(b->f);
}

size_t bundle_get(struct bundle_file *b, void *out, size_t len)
{
	uint64_t left = b->size - b->at;
	size_t n = fread(out, 1, left < len ? (size_t)left : len, b->f);

	b->at += n;
	return n;
}

static bool go_to(struct bundle_file *b, uint64_t at)
{
	b->at = at < b->size ? at : b->size;
	return fseeko(b->f, (off_t)b->at, SEEK_SET) == 0;
}

/* --- for whom it is -------------------------------------------------------------------------------- */

struct look {
	char writer[USTAR_ID_TEXT], own[RXP_PARTY_TEXT], other[RXP_PARTY_TEXT];
	bool ours; /* something names this node's State */
	uint8_t octets[RXP_MAX_ENVELOPE_OCTETS];
};

static bool ends_name(uint8_t ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' || ch == '>' || ch == '/';
}

/* The party that is the text of the first element of that name, whatever its prefix; false: none is there. */
static bool party_in(
    char out[RXP_PARTY_TEXT], const char *element, const uint8_t *octets, size_t len)
{
	size_t at = 0, begins, length = strlen(element);
	const uint8_t *end;

	for (; at < len; at++) {
		if (octets[at] != '<')
			continue;
		for (begins = ++at; at < len && !ends_name(octets[at]); at++)
			if (octets[at] == ':')
				begins = at + 1;
		if (at - begins == length && memcmp(octets + begins, element, length) == 0)
			break;
	}
	end = at < len ? memchr(octets + at, '>', len - at) : NULL;
	if (end == NULL || (size_t)(octets + len - end) <= RXP_PARTY_TEXT ||
	    end[RXP_PARTY_TEXT] != '<')
		return false;
	memcpy(out, end + 1, RXP_PARTY_TEXT - 1);
	out[RXP_PARTY_TEXT - 1] = '\0';
	return rxp_party_valid(out);
}

/* This node is asked for its party only when something names one. */
static enum exit_status note_party(struct look *l, struct ctl *c, const char *party)
{
	enum exit_status status = l->own[0] != '\0' ? EXIT_OK : bundle_party(c, l->own);

	if (status != EXIT_OK)
		return status;
	if (strcmp(party, l->own) == 0)
		l->ours = true;
	else if (l->other[0] == '\0')
		memcpy(l->other, party, RXP_PARTY_TEXT);
	return EXIT_OK;
}

static enum exit_status look_at(
    struct look *l, struct ctl *c, struct bundle_file *b, const struct ustar_entry *e)
{
	uint64_t behind = b->at + e->size + ustar_padding(e->size);
	char party[RXP_PARTY_TEXT];
	enum exit_status status = EXIT_OK;
	size_t n;

	if (e->kind == USTAR_DESCRIPTOR && l->writer[0] == '\0')
		memcpy(l->writer, e->id, sizeof(l->writer));
	if (e->kind != USTAR_DESCRIPTOR && e->kind != USTAR_ATTACHMENT) {
		n = bundle_get(b, l->octets, (size_t)e->size);
		if (party_in(party, e->kind == USTAR_LOG ? "Peer" : "To", l->octets, n))
			status = note_party(l, c, party);
	}
	return status == EXIT_OK && !go_to(b, behind) ? EXIT_FAILED : status;
}

static enum exit_status judge(const struct look *l, struct ctl *c)
{
	if (l->ours || l->other[0] == '\0')
		return EXIT_OK;
	ctl_complain(c,
	    "this is a bundle of %s for %s, and this node is that of %s: nothing of it was taken",
	    l->writer[0] != '\0' ? l->writer : "nobody", l->other, l->own);
	return EXIT_MISDIRECTED;
}

enum exit_status bundle_look(struct bundle_file *b, struct ctl *c)
{
	struct look *l = calloc(1, sizeof(*l));
	enum exit_status status = l != NULL ? EXIT_OK : EXIT_FAILED;
	uint8_t block[USTAR_BLOCK];
	struct ustar_entry e;

	while (
	    status == EXIT_OK && !l->ours && bundle_get(b, block, sizeof(block)) == sizeof(block))
		if (ustar_parse(&e, block) == 0)
			status = look_at(l, c, b, &e);
	if (status == EXIT_OK)
		status = judge(l, c);
	if (status == EXIT_OK && !go_to(b, 0))
		status = EXIT_FAILED;
	free(l);
	return status;
}
