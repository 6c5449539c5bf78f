#include "conformance/message/edit.h"

#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define FOUND "@FOUND@"

struct place {
	const char *at;
	size_t len;
};

/* text ends with a NUL, which the length does not count. */
static int find(struct place *out, const char *text, const struct edit *e)
{
	const char *at = strstr(text, e->find);
	const char *end;

	if (at == NULL)
		return RXP_ERR_NOT_FOUND;
	end = at + strlen(e->find);
	if (e->until != NULL) {
		end = strstr(end, e->until);
		if (end == NULL)
			return RXP_ERR_NOT_FOUND;
		end += strlen(e->until);
	}
	*out = (struct place){at, (size_t)(end - at)};
	return 0;
}

static int put_replacement(struct rxp_buf *out, const char *replace, const struct place *p)
{
	const char *mark;

	while ((mark = strstr(replace, FOUND)) != NULL) {
		(void)rxp_buf_put(out, replace, (size_t)(mark - replace));
		(void)rxp_buf_put(out, p->at, p->len);
		replace = mark + sizeof FOUND - 1;
	}
	return rxp_buf_puts(out, replace);
}

int edit_apply(struct rxp_buf *text, const struct edit *e)
{
	struct rxp_buf edited;
	struct place p;
	int rc;

	rxp_buf_init(&edited, text->max);
	rc = rxp_buf_putc(text, '\0');
	if (rc != 0)
		return rc;
	text->len--;
	rc = find(&p, (const char *)text->data, e);
	if (rc == 0) {
		size_t before = (size_t)(p.at - (const char *)text->data);

		(void)rxp_buf_put(&edited, text->data, before);
		(void)put_replacement(&edited, e->replace, &p);
		rc = rxp_buf_put(&edited, p.at + p.len, text->len - before - p.len);
	}
	if (rc == 0 && edited.len == text->len && memcmp(edited.data, text->data, text->len) == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0) {
		rxp_buf_reset(text);
		rc = rxp_buf_put(text, edited.data, edited.len);
	}
	rxp_buf_free(&edited);
	return rc;
}
