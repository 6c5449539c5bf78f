#include "protocol/xml/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"

static void start(struct rxp_buf *out, const char *name)
{
	rxp_buf_putc(out, '<');
	rxp_buf_puts(out, name);
	rxp_buf_putc(out, '>');
}

static void end(struct rxp_buf *out, const char *name)
{
	rxp_buf_puts(out, "</");
	rxp_buf_put(out, name, strcspn(name, " "));
	rxp_buf_putc(out, '>');
}

void rxp_write_text(struct rxp_buf *out, const char *name, const char *text)
{
	start(out, name);
	rxp_buf_put_xml(out, text);
	end(out, name);
}

void rxp_write_time(struct rxp_buf *out, const char *name, int64_t ms)
{
	char text[RXP_TIME_TEXT];

	rxp_time_text(text, ms);
	rxp_write_text(out, name, text);
}

void rxp_write_id(struct rxp_buf *out, const char *name, const uint8_t id[16])
{
	char text[RXP_ID_TEXT];

	rxp_id_text(text, id);
	rxp_write_text(out, name, text);
}

void rxp_write_number(struct rxp_buf *out, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, value);
	rxp_write_text(out, name, text);
}

void rxp_write_base64(struct rxp_buf *out, const char *name, const uint8_t *octets, size_t len)
{
	start(out, name);
	rxp_base64_put(out, octets, len);
	end(out, name);
}
