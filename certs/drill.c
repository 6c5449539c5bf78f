#include "certs/drill.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define TITLE "ESCROW DRILL\n"
#define AT "  at           "
#define DAY_MS INT64_C(86400000)

static void put_numbers(struct rxp_buf *out, const struct drill *d)
{
	char text[64];

	rxp_buf_puts(out, "  joined       sheets");
	for (unsigned i = 0; i < SHEET_MAX; i++) {
		if ((d->joined >> i & 1U) == 0)
			continue;
		snprintf(text, sizeof text, " %u", i + 1);
		rxp_buf_puts(out, text);
	}
	snprintf(
	    text, sizeof text, " of %u, of which %u are needed\n", d->head.sheets, d->head.needed);
	rxp_buf_puts(out, text);
}

int drill_write(struct rxp_buf *out, const struct drill *d)
{
	char at[RXP_TIME_TEXT];

	rxp_time_text(at, d->at_ms);
	rxp_buf_puts(out, TITLE AT);
	rxp_buf_puts(out, at);
	rxp_buf_puts(out, "\n");
	sheet_words(out, &d->head);
	put_numbers(out, d);
	if (d->passphrase)
		rxp_buf_puts(out, "  passphrase   opens it\n");
	rxp_buf_puts(out, d->against ? "  compared     is the key in use\n"
				     : "  compared     with its fingerprint on the sheets alone\n");
	return rxp_buf_puts(out, "  result       the sheets give this key back\n");
}

bool drill_is(const struct rxp_buf *file)
{
	return file->len >= strlen(TITLE) && memcmp(file->data, TITLE, strlen(TITLE)) == 0;
}

static int read_time(int64_t *out, const struct rxp_buf *file)
{
	const size_t before = strlen(TITLE AT);
	char text[RXP_TIME_TEXT];

	if (file->len < before + sizeof text || memcmp(file->data, TITLE AT, before) != 0 ||
	    file->data[before + sizeof text - 1] != '\n')
		return RXP_ERR_SYNTAX;
	memcpy(text, file->data + before, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	return rxp_time_parse(out, text);
}

/* Nothing that a terminal would do something at. */
static bool is_printable(const struct rxp_buf *file)
{
	for (size_t i = 0; i < file->len; i++)
		if (file->data[i] != '\n' && (file->data[i] < ' ' || file->data[i] > '~'))
			return false;
	return true;
}

int drill_show(const struct rxp_buf *file, int64_t now_ms)
{
	int64_t at_ms = 0;
	int64_t due_ms;
	char due[RXP_TIME_TEXT];
	int rc = is_printable(file) ? read_time(&at_ms, file) : RXP_ERR_SYNTAX;

	if (rc != 0)
		return rc;
	due_ms = at_ms + DRILL_DAYS * DAY_MS;
	rxp_time_text(due, due_ms);
	printf("%.*s%s by %.10s%s\n", (int)file->len, (const char *)file->data,
	    "The next drill is due", due, now_ms > due_ms ? ": it is late" : "");
	return 0;
}
