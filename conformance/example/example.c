#include "conformance/example/example.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/example/example_data.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/xml/xml.h"

/* Only days near the making of the document move: a birth, or the end of a passport, stays, and the machine-readable
 * lines with it. */
#define NEAR_DAYS 400

const struct example *example_find(const char *file, enum example_kind kind)
{
	for (size_t i = 0; i < example_count; i++)
		if (example_rows[i].kind == kind && strcmp(example_rows[i].file, file) == 0)
			return &example_rows[i];
	return NULL;
}

/* Move the day that stands at text, if it is one near the day of making. */
static void move_day(char *text, int32_t made, int32_t by)
{
	char digits[RXP_DAY_TEXT];
	int32_t day;

	memcpy(digits, text, sizeof digits - 1);
	digits[sizeof digits - 1] = '\0';
	if (rxp_day_parse(&day, digits) != 0 || abs(day - made) > NEAR_DAYS)
		return;
	rxp_day_text(digits, day + by);
	memcpy(text, digits, sizeof digits - 1);
}

/* Each text that begins with a day: a date, a local time, an instant. */
static void move_days(struct rxp_buf *content, int32_t made, int32_t by)
{
	for (size_t i = 1; i + RXP_DAY_TEXT <= content->len; i++)
		if (content->data[i - 1] == '>')
			move_day((char *)content->data + i, made, by);
}

int example_content(struct rxp_buf *out, const struct example *e, int64_t now_ms)
{
	size_t before = out->len;
	struct rxp_xml *xml = NULL;
	struct rxp_buf content;
	int64_t made_ms;
	int rc = rxp_time_parse(&made_ms, e->created);

	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	/* Behind the root of a file stands a line feed. */
	if (rc == 0)
		rc = rxp_xml_parse(&xml, e->octets, e->len - (e->octets[e->len - 1] == '\n'),
		    RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY);
	if (rc == 0)
		rc = rxp_xml_c14n(&content, xml, rxp_xml_root(xml));
	if (rc == 0) {
		int32_t made = (int32_t)(made_ms / RXP_DAY_MS);

		move_days(&content, made, (int32_t)(now_ms / RXP_DAY_MS) - made);
		rc = rxp_buf_put(out, content.data, content.len);
	}
	if (rc != 0)
		rxp_buf_cut(out, before);
	rxp_buf_free(&content);
	rxp_xml_free(xml);
	return rc;
}
