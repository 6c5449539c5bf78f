#include "conformance/report/page.h"

#include <stdbool.h>
#include <string.h>

#include "conformance/report/text.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"

#define MAX_SHOWN_OCTETS 16384UL
#define HEX_A_LINE 32

static const char style[] =
    ":root{color-scheme:light dark;--line:#8886}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}h1{margin-bottom:.2rem}.sum{font-size:1.15rem}svg{width:100%;height:26px;border-radius:4px}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.2rem .5rem;text-align:left}"
    ".n{text-align:right;color:#000}.key{list-style:none;padding:0;columns:2}.key span{display:inline-block;width:.9em;"
    "height:.9em;border-radius:2px}";
static const char style_of_cases[] =
    "article{border:1px solid var(--line);border-radius:4px;padding:.4rem 1rem;margin:1rem 0;background:none!important}"
    "article h3{margin:.3rem 0}small{font-weight:normal;opacity:.7}blockquote{margin:.3rem 0 .6rem;padding-left:.8rem;"
    "border-left:3px solid var(--line)}.case{border-left:6px solid;padding:.2rem .8rem;margin:.6rem 0;break-inside:avoid;"
    "background:none!important}.case>summary{font-weight:600;cursor:pointer}.case>summary span{font-size:.8em;"
    "text-transform:uppercase;margin-right:.4rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.3rem 0}"
    "dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem;"
    "max-height:24rem;overflow:auto}";
static const char colours[] =
    ".pass{fill:#7bc47f;background:#7bc47f}.weak{fill:#f2d06b;background:#f2d06b;border-left-color:#f2d06b}"
    ".warn{fill:#f0b35a;background:#f0b35a;border-left-color:#f0b35a}.fail{fill:#e4686a;background:#e4686a;border-left-color:#e4686a}"
    ".not-asked{fill:#b9c0c8;background:#b9c0c8}.incomplete{fill:#a58bd6;background:#a58bd6;border-left-color:#a58bd6}"
    ".error{fill:#777;background:#777;border-left-color:#777}";

void page_begin(struct rxp_buf *out, const char *title)
{
	(void)rxp_buf_puts(out,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
	    "<meta name=\"viewport\" content=\"width=device-width\"><title>Conformance of ");
	text_escaped(out, title);
	(void)rxp_buf_puts(out, "</title>\n<style>");
	(void)rxp_buf_puts(out, style);
	(void)rxp_buf_puts(out, style_of_cases);
	(void)rxp_buf_puts(out, colours);
	(void)rxp_buf_puts(out, "</style></head>\n<body>\n");
}

void page_end(struct rxp_buf *out)
{
	(void)rxp_buf_puts(out, "</body></html>\n");
}

static bool is_text(const struct rxp_buf *octets)
{
	for (size_t i = 0; i < octets->len; i++)
		if (octets->data[i] >= 0x7f ||
		    (octets->data[i] < ' ' && octets->data[i] != '\n' && octets->data[i] != '\t'))
			return false;
	return true;
}

static void put_hex(struct rxp_buf *out, const uint8_t *octets, size_t len)
{
	char digits[2 * HEX_A_LINE + 1];

	for (size_t i = 0; i < len; i += HEX_A_LINE) {
		rxp_hex_put(digits, octets + i, len - i < HEX_A_LINE ? len - i : HEX_A_LINE, false);
		text_put(out, "%s\n", digits);
	}
}

void page_octets(struct rxp_buf *out, const char *base64)
{
	struct rxp_buf octets;
	size_t shown;

	rxp_buf_init(&octets, strlen(base64) + 1); /* a NUL fits behind */
	if (rxp_base64_get(&octets, base64, strlen(base64)) != 0) {
		(void)rxp_buf_puts(out, "(damaged)");
		rxp_buf_free(&octets);
		return;
	}
	shown = octets.len < MAX_SHOWN_OCTETS ? octets.len : MAX_SHOWN_OCTETS;
	if (is_text(&octets) && rxp_buf_putc(&octets, '\0') == 0) {
		octets.data[shown] = '\0';
		text_escaped(out, (const char *)octets.data);
		octets.len--;
	} else {
		put_hex(out, octets.data, shown);
	}
	if (shown < octets.len)
		text_put(out, "\n... %zu octets in all", octets.len);
	rxp_buf_free(&octets);
}
