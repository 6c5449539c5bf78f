#include "daemon/ctl/view.h"

#include <string.h>

#include <jansson.h>

#define COLUMNS_MAX 12
#define TITLE_WIDTH 18

/* Copy, with what a terminal would obey replaced. A cut never splits a character. */
static void put_safe(char out[VIEW_TEXT], const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < VIEW_TEXT - 1; text++) {
		unsigned char c = (unsigned char)*text;
		/* U+0080 to U+009F, the other control characters, are C2 80 to C2 9F in UTF-8. */
		int second = c == 0xc2 ? (unsigned char)text[1] : 0;

		if (second >= 0x80 && second <= 0x9f) {
			out[n++] = '?';
			text++;
		} else {
			out[n++] = *text;
			if (c < 0x20 || c == 0x7f)
				out[n - 1] = '?';
		}
	}
	if (*text != '\0') {
		while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
			n--;
		if (n > 0 && (unsigned char)out[n - 1] >= 0xc0)
			n--;
	}
	out[n] = '\0';
}

void view_text(char out[VIEW_TEXT], const json_t *value)
{
	if (json_is_string(value) && json_string_length(value) > 0)
		put_safe(out, json_string_value(value));
	else if (json_is_integer(value))
		snprintf(out, VIEW_TEXT, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(out, VIEW_TEXT, "%s", json_is_true(value) ? "yes" : "no");
	else
		snprintf(out, VIEW_TEXT, "-");
}

static int width_of(const json_t *items, const struct view_column *column)
{
	size_t width = strlen(column->title), i;
	json_t *item;

	json_array_foreach(items, i, item)
	{
		char text[VIEW_TEXT];

		view_text(text, json_object_get(item, column->member));
		if (strlen(text) > width)
			width = strlen(text);
	}
	return (int)width;
}

void view_table(FILE *out, const json_t *items, const struct view_column *columns, size_t n)
{
	int width[COLUMNS_MAX] = {0};
	json_t *item;
	size_t i;

	n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
	for (size_t k = 0; k < n; k++) {
		width[k] = k + 1 < n ? width_of(items, &columns[k]) : 0;
		fprintf(out, "%-*s%s", width[k], columns[k].title, k + 1 < n ? "  " : "\n");
	}
	json_array_foreach(items, i, item)
	{
		for (size_t k = 0; k < n; k++) {
			char text[VIEW_TEXT];

			view_text(text, json_object_get(item, columns[k].member));
			fprintf(out, "%-*s%s", width[k], text, k + 1 < n ? "  " : "\n");
		}
	}
}

void view_lines(FILE *out, const char *text)
{
	char line[VIEW_TEXT], safe[VIEW_TEXT];

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		snprintf(
		    line, sizeof line, "%.*s", (int)(len < VIEW_TEXT ? len : VIEW_TEXT - 1), text);
		put_safe(safe, line);
		fprintf(out, "  %s\n", safe);
		text += len + (text[len] == '\n');
	}
}

void view_facts(FILE *out, const json_t *object, const struct view_column *columns, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const json_t *value = json_object_get(object, columns[k].member);
		char text[VIEW_TEXT];

		if (value == NULL || json_is_null(value))
			continue;
		view_text(text, value);
		fprintf(out, "%-*s%s\n", TITLE_WIDTH, columns[k].title, text);
	}
}
