#include "conformance/report/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "protocol/base/buf.h"

#define MAX_TEXT 1024

void text_escaped(struct rxp_buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			(void)rxp_buf_puts(out, "&amp;");
		else if (c == '<')
			(void)rxp_buf_puts(out, "&lt;");
		else if (c == '>')
			(void)rxp_buf_puts(out, "&gt;");
		else if (c == '"')
			(void)rxp_buf_puts(out, "&quot;");
		else
			(void)rxp_buf_putc(out, c < ' ' && c != '\n' && c != '\t' ? '?' : c);
	}
}

void text_put(struct rxp_buf *out, const char *format, ...)
{
	char text[MAX_TEXT];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	(void)rxp_buf_puts(out, text);
}
