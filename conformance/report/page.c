#include "conformance/report/page.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conformance/report/text.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"

#define MAX_SHOWN_OCTETS 16384UL
#define HEX_A_LINE 32
#define MAX_TAG 32 /* of an element that is marked, with its NUL */

static const char style[] =
    ":root{color-scheme:light dark;--line:#8888;--soft:#8882;--dim:#555}@media(prefers-color-scheme:dark){:root{--dim:#bbb}}"
    "html{background:Canvas;color:CanvasText}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}"
    "h1{margin-bottom:.4rem}h2{margin-top:2.2rem}h1,h2,h3,h4,summary,.lead,blockquote{break-after:avoid}h1,h2,h3{text-wrap:balance}"
    "h4{margin:1rem 0 .3rem}.weight{font-weight:600}small{font-weight:normal;color:var(--dim);font-size:.85em}ol>li{margin:.3rem 0}"
    "a,summary,pre{outline-offset:2px}summary{cursor:pointer}code{overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}.sum{font-size:1.15rem;border-left:8px solid;padding:.4rem 1rem;background:var(--soft)!important;"
    "color:inherit!important}.sum>b:first-child{font-size:1.3em}";
static const char style_of_picture[] =
    ".bar{display:flex;gap:2px;height:2.2rem;line-height:2.2rem;margin:1rem 0}.bar span{flex-basis:0;min-width:3rem;overflow:hidden;"
    "white-space:nowrap;padding-left:.3rem;border-radius:3px;font-size:.8rem}.key{list-style:none;padding:0}"
    ".key li{padding-left:2.2rem;text-indent:-2.2rem}.key .mark{text-indent:0;width:1.1rem;text-align:center}"
    ".mark{display:inline-block;border-radius:3px;padding:0 .35em;font-size:.85rem;line-height:1.5;text-decoration:none;"
    "white-space:nowrap}.matrix th{white-space:nowrap}.matrix .mark{margin:.1rem 0;min-width:2.6rem;text-align:center}a.mark{text-decoration:underline}";
static const char style_of_cases[] =
    "article{border:1px solid var(--line);border-radius:4px;padding:.4rem 1rem;margin:1rem 0}article>h3{margin:.3rem 0}"
    "blockquote{margin:.3rem 0 .6rem;padding-left:.8rem;border-left:3px solid var(--line)}.case{padding:.2rem 0 .2rem .8rem;"
    "margin:.6rem 0;border-left:4px solid var(--line)}.case>summary{font-weight:600}.case>summary .mark{font-weight:normal}"
    "dl{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr;gap:.2rem 1rem;margin:.4rem 0}dt{color:var(--dim)}"
    ".words dt{font-weight:600;color:inherit}dd{margin:0;overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;"
    "font-size:.8rem;max-height:24rem;overflow:auto;background:var(--soft);padding:.5rem}mark{font-weight:700;text-decoration:underline}";
static const char style_of_others[] =
    "caption{text-align:left;color:var(--dim);font-size:.85em;padding:.2rem 0}.others thead th{color:var(--dim);font-weight:normal;position:sticky;top:0;background:Canvas}"
    ".others .clause th{background:var(--soft)}.others th[scope=row]{white-space:nowrap;font-weight:normal}"
    ".others tr:has(+.octets)>*{border-bottom:0}.others .octets td{padding:0 .5rem .3rem;font-size:.85rem}";
static const char style_of_media[] =
    "@media(max-width:34rem){.words,.case dl{display:block}dd{margin:0 0 .4rem}.matrix tr{display:block;padding:.4rem 0}"
    ".matrix td,.matrix th{display:inline;border:0;padding:0 .3rem 0 0}.matrix thead{display:none}"
    ".others tr,.others td,.others th{display:block;border:0;padding:.1rem 0}.others thead{display:none}.others td[data-is]::before{content:attr(data-is) \": \";color:var(--dim)}.others tr.octets{border-bottom:1px solid var(--line)}}"
    "@media print{@page{margin:16mm}body{font-size:10pt;margin:0;max-width:none;padding:0}a{color:inherit}"
    "article,pre{max-height:none;overflow:visible}.mark,.bar span,.sum{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "li,tr,dt{break-inside:avoid}}";
/* Each has at least 4.5:1 with the white text on it, and 3:1 with the page around it, light or dark. */
static const char colours[] =
    ".pass{background:#2e7d32;border-color:#2e7d32}.weak{background:#8a6d00;border-color:#8a6d00}.warn{background:#b45309;"
    "border-color:#b45309}.fail{background:#c62828;border-color:#c62828}.not-asked{background:#667079;border-color:#667079}"
    ".by{background:#9c5555;border-color:#9c5555}.incomplete{background:#7559c0;border-color:#7559c0}.error{background:#6f6f6f;border-color:#6f6f6f}"
    ".mark,.bar span,a.mark{color:#fff}";

void page_begin(struct rxp_buf *out, const char *title)
{
	(void)rxp_buf_puts(out,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Conformance of ");
	text_escaped(out, title);
	(void)rxp_buf_puts(out, "</title>\n<style>");
	(void)rxp_buf_puts(out, style);
	(void)rxp_buf_puts(out, style_of_picture);
	(void)rxp_buf_puts(out, style_of_cases);
	(void)rxp_buf_puts(out, style_of_others);
	(void)rxp_buf_puts(out, style_of_media);
	(void)rxp_buf_puts(out, colours);
	(void)rxp_buf_puts(out, "</style></head>\n<body><main>\n");
}

void page_end(struct rxp_buf *out)
{
	(void)rxp_buf_puts(out, "</main></body></html>\n");
}

const char *page_mark(enum verdict v)
{
	static const char *const marks[VERDICT_COUNT] = {[VERDICT_PASS] = "\u2713",
	    [VERDICT_WEAK] = "~",
	    [VERDICT_FAIL] = "\u2717",
	    [VERDICT_WARN] = "!",
	    [VERDICT_NA] = "\u2013",
	    [VERDICT_INCOMPLETE] = "?",
	    [VERDICT_ERROR] = "E"};

	return marks[v];
}

void page_markup(struct rxp_buf *out, const char *text)
{
	bool code = false, stressed = false;

	for (const char *at = text; *at != '\0'; at++) {
		const char one[] = {*at, '\0'};

		if (*at == '`') {
			code = !code;
			(void)rxp_buf_puts(out, code ? "<code>" : "</code>");
		} else if (*at == '*' && !code && (stressed || strchr(at + 1, '*') != NULL)) {
			stressed = !stressed;
			(void)rxp_buf_puts(out, stressed ? "<em>" : "</em>");
		} else {
			text_escaped(out, one);
		}
	}
	(void)rxp_buf_puts(out, code ? "</code>" : "");
	(void)rxp_buf_puts(out, stressed ? "</em>" : "");
}

static bool is_text(const struct rxp_buf *octets)
{
	for (size_t i = 0; i < octets->len; i++)
		if (octets->data[i] >= 0x7f ||
		    (octets->data[i] < ' ' && octets->data[i] != '\n' && octets->data[i] != '\t'))
			return false;
	return true;
}

/* A range of octets; begin > end: nothing. */
struct range {
	size_t begin, end;
};
static const struct range nothing = {1, 0};

static void put_mark(struct rxp_buf *out, size_t i, const struct range *marked)
{
	if (i == marked->begin)
		(void)rxp_buf_puts(out, "<mark>");
	if (i == marked->begin && i == marked->end)
		(void)rxp_buf_puts(out, "\u2038");
	if (i == marked->end)
		(void)rxp_buf_puts(out, "</mark>");
}

static void put_octet(struct rxp_buf *out, uint8_t octet, bool as_text)
{
	char one[3] = {(char)octet};

	if (as_text) {
		text_escaped(out, one);
		return;
	}
	rxp_hex_put(one, &octet, 1, false);
	(void)rxp_buf_puts(out, one);
}

static void put_range(struct rxp_buf *out, const struct rxp_buf *octets, const struct range *shown,
    const struct range *marked, bool as_text)
{
	for (size_t i = shown->begin; i < shown->end; i++) {
		if (marked->begin <= marked->end)
			put_mark(out, i, marked);
		put_octet(out, octets->data[i], as_text);
		if (!as_text && (i - shown->begin) % HEX_A_LINE == HEX_A_LINE - 1)
			(void)rxp_buf_putc(out, '\n');
	}
	if (marked->begin <= marked->end)
		put_mark(out, shown->end, marked);
}

/* The first element of that name; it has no attributes. */
static struct range find_element(const struct rxp_buf *octets, const char *name)
{
	char begin[MAX_TAG], end[MAX_TAG];
	const uint8_t *from, *to;

	if (snprintf(begin, sizeof begin, "<%s>", name) >= (int)sizeof begin ||
	    snprintf(end, sizeof end, "</%s>", name) >= (int)sizeof end)
		return nothing;
	from = memmem(octets->data, octets->len, begin, strlen(begin));
	to = memmem(octets->data, octets->len, end, strlen(end));
	if (from == NULL || to == NULL || from > to)
		return nothing;
	return (struct range){
	    (size_t)(from - octets->data), (size_t)(to - octets->data) + strlen(end)};
}

static struct range find_marked(const struct rxp_buf *octets, const struct page_marked *m)
{
	if (m == NULL || octets->len == 0)
		return nothing;
	if (m->element != NULL)
		return is_text(octets) ? find_element(octets, m->element) : nothing;
	if (m->at > octets->len || m->len > octets->len - m->at)
		return nothing;
	return (struct range){m->at, m->at + m->len};
}

/* The first octets, or those around what is marked if it stands behind them. */
static struct range choose(size_t len, struct range *marked)
{
	struct range shown = {0, len < MAX_SHOWN_OCTETS ? len : MAX_SHOWN_OCTETS};

	if (marked->begin > marked->end)
		return shown;
	if (marked->end > shown.end && marked->begin > MAX_SHOWN_OCTETS / 2) {
		shown.begin = marked->begin - MAX_SHOWN_OCTETS / 2;
		shown.end =
		    len - shown.begin < MAX_SHOWN_OCTETS ? len : shown.begin + MAX_SHOWN_OCTETS;
	}
	if (marked->end > shown.end)
		marked->end = shown.end;
	return shown;
}

void page_octets(struct rxp_buf *out, const char *base64, const struct page_marked *m)
{
	struct range shown, marked;
	struct rxp_buf octets;

	rxp_buf_init(&octets, strlen(base64) + 1);
	if (rxp_base64_get(&octets, base64, strlen(base64)) != 0) {
		(void)rxp_buf_puts(out, "(damaged)");
		rxp_buf_free(&octets);
		return;
	}
	marked = find_marked(&octets, m);
	shown = choose(octets.len, &marked);
	if (shown.begin > 0)
		text_put(out, "... %zu octets before\n", shown.begin);
	put_range(out, &octets, &shown, &marked, is_text(&octets));
	if (shown.begin > 0 || shown.end < octets.len)
		text_put(out, "\n... %zu octets in all", octets.len);
	rxp_buf_free(&octets);
}
