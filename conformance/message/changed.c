#include "conformance/message/changed.h"

#include <string.h>

#define MAX_GROWTH 80 /* octets on each side by which what differs becomes a whole value */
#define BOUNDS "<>\"' \t\r\n"

/* What differs between two texts: from `at` on, len octets in the one, was octets in the other. */
struct span {
	size_t at, len, was;
};

void changed_init(struct changed *c, size_t max)
{
	*c = (struct changed){.known = false};
	rxp_buf_init(&c->text, max);
	rxp_buf_init(&c->was, max);
}

void changed_clear(struct changed *c)
{
	rxp_buf_free(&c->text);
	rxp_buf_free(&c->was);
}

static struct span compare(const struct rxp_buf *before, const struct rxp_buf *after)
{
	size_t shorter = before->len < after->len ? before->len : after->len, at = 0, end = 0;

	while (at < shorter && before->data[at] == after->data[at])
		at++;
	while (end < shorter - at &&
	       before->data[before->len - 1 - end] == after->data[after->len - 1 - end])
		end++;
	return (struct span){at, after->len - at - end, before->len - at - end};
}

/* What was put in or taken out alone may be told from its neighbour in several ways: "<A/>" between "<" and "/>" is meant, where there is
 * one that begins with a tag. */
static void turn_to_tag(struct span *s, const struct rxp_buf *before, const struct rxp_buf *after)
{
	const struct rxp_buf *longer = s->was == 0 ? after : before;
	size_t n = s->was == 0 ? s->len : s->was, at = s->at;

	if ((s->len == 0) == (s->was == 0))
		return;
	while (
	    at > 0 && longer->data[at] != '<' && longer->data[at - 1] == longer->data[at + n - 1])
		at--;
	if (longer->data[at] == '<')
		s->at = at;
}

static bool is_bound(const struct rxp_buf *text, size_t at)
{
	return text->data[at] == '\0' || strchr(BOUNDS, text->data[at]) != NULL;
}

/* A whole value, if it is short: who sees one letter does not see which. */
static void grow(struct span *s, const struct rxp_buf *after)
{
	size_t left = 0, right = 0, end = s->at + s->len;

	while (left < s->at && left < MAX_GROWTH && !is_bound(after, s->at - left - 1))
		left++;
	while (end + right < after->len && right < MAX_GROWTH && !is_bound(after, end + right))
		right++;
	s->at -= left;
	s->len += left + right;
	s->was += left + right;
}

int changed_note(struct changed *c, const struct rxp_buf *before, const struct rxp_buf *after)
{
	struct span s = compare(before, after);
	int rc;

	if (s.len == 0 && s.was == 0)
		return 0;
	turn_to_tag(&s, before, after);
	grow(&s, after);
	rxp_buf_reset(&c->text);
	rxp_buf_reset(&c->was);
	rc = rxp_buf_put(&c->text, after->data, after->len);
	if (rc == 0)
		rc = rxp_buf_put(&c->was, before->data + s.at, s.was);
	c->known = rc == 0;
	c->at = s.at;
	c->len = s.len;
	return rc;
}

/* The only place at which the octets have what is new, with so many octets around it. */
static bool find_with(
    size_t *at, const struct changed *c, size_t around, const struct rxp_buf *octets)
{
	size_t before = around < c->at ? around : c->at, end = c->at + c->len;
	size_t behind = around < c->text.len - end ? around : c->text.len - end;
	size_t len = before + c->len + behind;
	const uint8_t *found =
	    memmem(octets->data, octets->len, c->text.data + c->at - before, len);

	if (found == NULL || len == 0 ||
	    memmem(found + 1, octets->len - (size_t)(found + 1 - octets->data),
		c->text.data + c->at - before, len) != NULL)
		return false;
	*at = (size_t)(found - octets->data) + before;
	return true;
}

bool changed_find(size_t *at, const struct changed *c, const struct rxp_buf *octets)
{
	if (!c->known || octets->len == 0)
		return false;
	if (c->text.len == octets->len && memcmp(c->text.data, octets->data, octets->len) == 0) {
		*at = c->at;
		return true;
	}
	for (size_t around = 64; around > 0; around /= 2)
		if (find_with(at, c, around, octets))
			return true;
	return false;
}
