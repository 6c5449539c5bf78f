#include "conformance/report/html_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conformance/report/text.h"
#include "protocol/base/buf.h"
#include "protocol/message/answer.h"

#define FOUND_TEXT 64

static const struct {
	const char *word, *found, *meaning;
} words[] = {
#define WORD(word, found, meaning) {word, found, meaning},
#include "conformance/report/word.def"
#undef WORD
};

static bool is_said(const struct rxp_buf *out, size_t len, const char *text)
{
	return memmem(out->data, len, text, strlen(text)) != NULL;
}

static void put_word(struct rxp_buf *out, const char *word, const char *meaning)
{
	(void)rxp_buf_puts(out, "<dt>");
	text_escaped(out, word);
	(void)rxp_buf_puts(out, "</dt><dd>");
	text_escaped(out, meaning);
	(void)rxp_buf_puts(out, "</dd>\n");
}

void html_words(struct rxp_buf *out)
{
	size_t len = out->len;

	(void)rxp_buf_puts(out, "<h2>Words</h2>\n<dl class=\"words\">");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_said(out, len, words[i].found))
			put_word(out, words[i].word, words[i].meaning);
	for (unsigned i = 0; i < RXP_REFUSAL_COUNT; i++) {
		const struct rxp_refusal_row *row = rxp_refusal_row((enum rxp_refusal)i);
		char found[FOUND_TEXT];

		(void)snprintf(found, sizeof found, "Refusal %s", row->wire);
		if (is_said(out, len, found))
			put_word(out, found, row->meaning);
	}
	(void)rxp_buf_puts(out, "</dl>\n");
}
