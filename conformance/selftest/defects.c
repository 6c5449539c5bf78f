#include "conformance/selftest/defects.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_LIST_OCTETS (256UL * 1024)
#define MAX_DEFECTS 2000

/* The text up to the next tab or the end of the line; *at is behind it then. */
static int take_field(char *out, size_t size, const char **at)
{
	size_t len = strcspn(*at, "\t\n");

	if (len == 0 || len >= size)
		return RXP_ERR_SYNTAX;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + 1;
	return 0;
}

/* number, id, letters, verdict, words */
static int take_line(struct defect *d, const char **at)
{
	char number[12] = "", verdict[12] = "";
	size_t stem;
	int rc = take_field(number, sizeof number, at);

	*d = (struct defect){0};
	if (rc == 0)
		rc = take_field(d->id, sizeof d->id, at);
	if (rc == 0)
		rc = take_field(d->letters, sizeof d->letters, at);
	if (rc == 0)
		rc = take_field(verdict, sizeof verdict, at);
	if (rc == 0)
		rc = take_field(d->words, sizeof d->words, at);
	stem = strcspn(d->id, ".");
	d->number = (uint32_t)strtoul(number, NULL, 10);
	d->must = strcmp(verdict, verdict_word(VERDICT_WEAK)) == 0         ? VERDICT_WEAK
		  : strcmp(verdict, verdict_word(VERDICT_INCOMPLETE)) == 0 ? VERDICT_INCOMPLETE
									   : VERDICT_FAIL;
	if (rc != 0 || d->number == 0 || stem + sizeof "RXP-" > sizeof d->requirement ||
	    strcmp(verdict, verdict_word(d->must)) != 0)
		return RXP_ERR_SYNTAX;
	(void)snprintf(d->requirement, sizeof d->requirement, "RXP-%.*s", (int)stem, d->id);
	return 0;
}

int defects_read(struct defect **out, size_t *n, const char *path)
{
	struct defect *list = calloc(MAX_DEFECTS, sizeof *list);
	struct rxp_buf text;
	const char *at;
	size_t found = 0;
	int rc;

	if (list == NULL)
		return RXP_ERR_NOMEM;
	rxp_buf_init(&text, MAX_LIST_OCTETS);
	rc = files_read(&text, NULL, path);
	if (rc == 0)
		rc = rxp_buf_putc(&text, '\0');
	at = (const char *)text.data;
	while (rc == 0 && *at != '\0')
		rc = found == MAX_DEFECTS ? RXP_ERR_BOUND : take_line(&list[found++], &at);
	rxp_buf_free(&text);
	if (rc != 0) {
		free(list);
		return rc;
	}
	*out = list;
	*n = found;
	return 0;
}

int defects_switch(const char *path, uint32_t number)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return RXP_ERR_IO;
	/* One store of a number in the machine's own form: the product has it mapped. */
	written = pwrite(fd, &number, sizeof number, 0);
	close(fd);
	return written == (ssize_t)sizeof number ? 0 : RXP_ERR_IO;
}
