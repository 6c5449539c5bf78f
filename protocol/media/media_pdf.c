/*
 * PDF (ISO 32000), as scanners write it: pages of pictures. RXP-ATT-027. What can hold text about a
 * person or a device beside the pages is refused by name; streams are opaque but for JPEG pictures,
 * which are scanned. There is no cleaner: pages become pictures of another kind.
 */
#include <string.h>

#include "protocol/media/media_machine.h"

#define TOKEN_MAX 64 /* octets of a name or word */
#define HEX_MAX 64 /* digits of an identifier of the file */
#define BINARY_MIN 4 /* octets of the comment that says so */
#define STREAM_END "endstream"
#define STREAM_END_LEN (sizeof(STREAM_END) - 1)

static const char *const NAMES_OFF[] = {
#define PDF_NAME(name, holds) name,
#include "protocol/media/media_pdf.def"
#undef PDF_NAME
};

static const char *const WORDS[] = {"obj", "endobj", "stream", "xref", "trailer", "startxref",
    "true", "false", "null", "R", "n", "f"};

enum place {
	IN_HEADER,
	BETWEEN,
	IN_NAME,
	IN_WORD,
	IN_HEX, /* of a string in hexadecimal, or the second < of a dictionary */
	IN_CLOSE, /* the second > of one */
	IN_COMMENT,
	AT_STREAM, /* the end of the line of the word */
	IN_STREAM,
	IN_PICTURE,
	AFTER_PICTURE,
	AFTER_END,
};

struct pdf {
	enum place place;
	char token[TOKEN_MAX + 1];
	size_t len; /* of the token, or of what it counts */
	bool comment; /* the one that says binary came */
	bool picture; /* the object names the filter of JPEG */
	bool identifier; /* the last name was ID */
	bool xref; /* startxref came */
	size_t matched; /* octets of STREAM_END */
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool is_regular(uint8_t c)
{
	return c > ' ' && c < 0x7f && strchr("()<>[]{}/%", c) == NULL;
}

static bool is_one_of(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static int begin(struct rxp_media *m, enum place place)
{
	struct pdf *p = m->own;

	m->part = m->at;
	p->place = place;
	p->len = 0;
	return 0;
}

static int off(struct rxp_media *m, const char *what)
{
	return rxp_media_strike(m, what, m->part, 0);
}

/* --- tokens ---------------------------------------------------------------------------------------- */
static int end_name(struct rxp_media *m)
{
	struct pdf *p = m->own;

	p->token[p->len] = '\0';
	for (size_t i = 0; i < sizeof(NAMES_OFF) / sizeof(NAMES_OFF[0]); i++)
		if (strcmp(NAMES_OFF[i], p->token) == 0)
			return off(m, NAMES_OFF[i]);
	p->picture =
	    p->picture || strcmp(p->token, "DCTDecode") == 0 || strcmp(p->token, "DCT") == 0;
	p->identifier = strcmp(p->token, "ID") == 0;
	p->place = BETWEEN;
	return 0;
}

static int end_word(struct rxp_media *m)
{
	struct pdf *p = m->own;

	p->token[p->len] = '\0';
	p->place = BETWEEN;
	if (strspn(p->token, "+-.0123456789") == p->len)
		return 0;
	if (!is_one_of(WORDS, sizeof(WORDS) / sizeof(WORDS[0]), p->token))
		return rxp_media_broken(m, "unknown word");
	if (strcmp(p->token, "obj") == 0)
		p->picture = false;
	if (strcmp(p->token, "startxref") == 0) {
		if (p->xref)
			return off(m, "a second startxref");
		p->xref = true;
	}
	if (strcmp(p->token, "stream") == 0)
		p->place = AT_STREAM;
	return 0;
}

static int between(struct rxp_media *m, uint8_t c)
{
	if (is_blank(c) || c == '[' || c == ']')
		return 0;
	if (is_regular(c)) {
		struct pdf *p = m->own;

		begin(m, IN_WORD);
		p->token[p->len++] = (char)c;
		return 0;
	}
	switch (c) {
	case '/':
		return begin(m, IN_NAME);
	case '<':
		return begin(m, IN_HEX);
	case '>':
		return begin(m, IN_CLOSE);
	case '%':
		return begin(m, IN_COMMENT);
	case '(':
		begin(m, BETWEEN);
		return off(m, "a text");
	default:
		begin(m, BETWEEN);
		return rxp_media_broken(m, "an octet that no token has");
	}
}

/* A name written with #xx can be any name. */
static int in_token(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;
	int rc;

	if (is_regular(c)) {
		if (c == '#')
			return off(m, "a name written in hexadecimal");
		if (p->len == TOKEN_MAX)
			return off(m, "a name longer than names are");
		p->token[p->len++] = (char)c;
		return 0;
	}
	rc = p->place == IN_NAME ? end_name(m) : end_word(m);
	if (rc != 0)
		return rc;
	if (p->place == BETWEEN)
		return between(m, c);
	p->len = 0;
	return c == '\r' || c == '\n' ? 0
				      : rxp_media_broken(m, "a stream without a line of its own");
}

static int in_hex(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;

	if (c == '<' && p->len == 0) {
		p->place = BETWEEN;
		return 0;
	}
	if (c == '>') {
		p->place = BETWEEN;
		return 0;
	}
	if (!p->identifier || p->len == HEX_MAX)
		return off(m, "a text");
	p->len++;
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')
		   ? 0
		   : rxp_media_broken(m, "a malformed identifier");
}

/* Of comments there are the one that says that the file is binary, and the end. */
static int in_comment(struct rxp_media *m, uint8_t c)
{
	static const char END[] = "%EOF";
	struct pdf *p = m->own;
	bool line = c == '\r' || c == '\n';

	if (c >= 0x80 && !p->comment && p->len < TOKEN_MAX && (p->len == 0 || p->token[0] != '%')) {
		p->token[p->len++] = '\0';
		return 0;
	}
	if (line && p->len >= BINARY_MIN && p->token[0] != '%') {
		p->comment = true;
		p->place = BETWEEN;
		return 0;
	}
	if (p->len >= sizeof(END) - 1 || c != (uint8_t)END[p->len] || !p->xref)
		return off(m, "a comment");
	p->token[p->len++] = (char)c;
	if (p->len == sizeof(END) - 1) {
		p->len = 0;
		p->place = AFTER_END;
		m->may_end = true;
	}
	return 0;
}

static int in_header(struct rxp_media *m, uint8_t c)
{
	static const char FORM[] = "%PDF-0.0\n";
	struct pdf *p = m->own;
	char form = FORM[p->len];
	bool fits = form == '0'    ? c >= '0' && c <= '9'
		    : form == '\n' ? c == '\r' || c == '\n'
				   : c == (uint8_t)form;

	if (!fits)
		return rxp_media_broken(m, "not a file of this kind");
	p->len++;
	if (form == '\n')
		p->place = BETWEEN;
	return 0;
}

/* --- streams --------------------------------------------------------------------------------------- */
static int in_stream(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;

	if (c == (uint8_t)STREAM_END[p->matched])
		p->matched++;
	else if (p->matched == 7 && c == 'n') /* "endstre" ends as it begins */
		p->matched = 2;
	else
		p->matched = c == 'e';
	if (p->matched < STREAM_END_LEN)
		return 0;
	p->matched = 0;
	p->picture = false;
	p->place = BETWEEN;
	return 0;
}

static int in_picture(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;
	int rc = rxp_media_child_put(m, &c, 1);

	if (rc != 0 || m->child->want > 0 || m->child->pass > 0)
		return rc;
	p->place = AFTER_PICTURE;
	return rxp_media_child_end(m);
}

static int after_picture(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;

	if (p->matched == 0 && (c == '\r' || c == '\n'))
		return 0;
	return c == (uint8_t)STREAM_END[p->matched] ? in_stream(m, c)
						    : rxp_media_broken(m, "octets after a picture");
}

static int at_stream(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;
	int rc = 0;

	if (c == '\n' && p->len++ == 0)
		return 0;
	p->matched = 0;
	p->place = p->picture ? IN_PICTURE : IN_STREAM;
	if (!p->picture)
		return in_stream(m, c);
	rc = rxp_media_child(m, rxp_media_row("image/jpeg"));
	return rc != 0 ? rc : in_picture(m, c);
}

static int after_end(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;

	if ((c == '\r' && p->len == 0) || (c == '\n' && p->len <= 1)) {
		p->len += c == '\n' ? 2 : 1;
		return 0;
	}
	m->part = m->at;
	return off(m, "octets after the end, or an update of the file");
}

static int in_close(struct rxp_media *m, uint8_t c)
{
	struct pdf *p = m->own;

	p->place = BETWEEN;
	return c == '>' ? 0 : rxp_media_broken(m, "a malformed dictionary");
}

static int octet(struct rxp_media *m, uint8_t c)
{
	static int (*const PLACES[])(struct rxp_media *, uint8_t) = {
	    [IN_HEADER] = in_header,
	    [BETWEEN] = between,
	    [IN_NAME] = in_token,
	    [IN_WORD] = in_token,
	    [IN_HEX] = in_hex,
	    [IN_CLOSE] = in_close,
	    [IN_COMMENT] = in_comment,
	    [AT_STREAM] = at_stream,
	    [IN_STREAM] = in_stream,
	    [IN_PICTURE] = in_picture,
	    [AFTER_PICTURE] = after_picture,
	    [AFTER_END] = after_end,
	};
	const struct pdf *p = m->own;

	return PLACES[p->place](m, c);
}

/* A machine that looks at everything: it wants nothing but the octet that it begins with. */
static int step(struct rxp_media *m, const uint8_t *head, size_t len)
{
	(void)len;
	rxp_media_pass(m, RXP_MEDIA_PASS_ALL, true);
	return in_header(m, head[0]);
}

static int look(struct rxp_media *m, const uint8_t *octets, size_t len, size_t *taken)
{
	int rc = 0;

	(void)taken;
	for (size_t i = 0; i < len && rc == 0; i++) {
		rc = octet(m, octets[i]);
		m->at++;
	}
	m->at -= len; /* the driver counts them */
	return rc;
}

const struct rxp_media_format rxp_media_pdf = {sizeof(struct pdf), 1, step, look};
