#include "conformance/report/foreign.h"

#include <string.h>
#include <strings.h>

#include "conformance/report/report_file.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"

#define BEGIN_BASE64 \
	344 /* whole groups of four: what a page says of itself stands in its first octets */
#define BEGIN_OCTETS 258

static bool has_word(const struct rxp_buf *octets, const char *word)
{
	size_t len = strlen(word);

	for (size_t at = 0; at + len <= octets->len; at++)
		if (strncasecmp((const char *)octets->data + at, word, len) == 0)
			return true;
	return false;
}

bool foreign_page(const struct report_file *f, size_t i)
{
	const char *base64 = report_case_text(f, i, "received");
	struct rxp_buf octets;
	bool found;

	rxp_buf_init(&octets, BEGIN_OCTETS);
	found = rxp_base64_get(&octets, base64, strnlen(base64, BEGIN_BASE64)) == 0 &&
		(has_word(&octets, "<html") || has_word(&octets, "<!doctype html"));
	rxp_buf_free(&octets);
	return found;
}
