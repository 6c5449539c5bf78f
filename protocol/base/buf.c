#include "protocol/base/buf.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "protocol/base/err.h"

#define SMALLEST_CAP 256

void rxp_buf_init(struct rxp_buf *b, size_t max)
{
	*b = (struct rxp_buf){.max = max};
}

void rxp_buf_free(struct rxp_buf *b)
{
	if (b == NULL)
		return;
	if (b->data != NULL) {
		OPENSSL_cleanse(b->data, b->cap);
		free(b->data);
	}
	rxp_buf_init(b, b->max);
}

void rxp_buf_reset(struct rxp_buf *b)
{
	if (b->data != NULL)
		OPENSSL_cleanse(b->data, b->len);
	b->len = 0;
	b->error = 0;
}

void rxp_buf_cut(struct rxp_buf *b, size_t len)
{
	if (b->len > len)
		OPENSSL_cleanse(b->data + len, b->len - len);
	b->len = len;
}

/* Room for len more octets; moves by copy and wipe, since realloc() would leave the old octets. */
static int grow(struct rxp_buf *b, size_t len)
{
	uint8_t *moved;
	size_t cap = b->cap > 0 ? b->cap : (b->max < SMALLEST_CAP ? b->max : SMALLEST_CAP);

	if (b->error != 0)
		return b->error;
	if (len > b->max - b->len)
		return b->error = RXP_ERR_BOUND;
	if (len <= b->cap - b->len)
		return 0;
	while (cap - b->len < len)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	moved = malloc(cap);
	if (moved == NULL)
		return b->error = RXP_ERR_NOMEM;
	if (b->data != NULL) {
		memcpy(moved, b->data, b->len);
		OPENSSL_cleanse(b->data, b->cap);
		free(b->data);
	}
	b->data = moved;
	b->cap = cap;
	return 0;
}

int rxp_buf_room(struct rxp_buf *b, size_t len, uint8_t **room)
{
	int rc = grow(b, len);

	if (rc != 0)
		return rc;
	*room = len == 0 ? NULL : b->data + b->len;
	b->len += len;
	return 0;
}

int rxp_buf_put(struct rxp_buf *b, const void *octets, size_t len)
{
	uint8_t *room;
	int rc;

	if (len == 0)
		return b->error;
	rc = rxp_buf_room(b, len, &room);
	if (rc == 0)
		memcpy(room, octets, len);
	return rc;
}

int rxp_buf_puts(struct rxp_buf *b, const char *text)
{
	return rxp_buf_put(b, text, strlen(text));
}

int rxp_buf_putc(struct rxp_buf *b, uint8_t octet)
{
	return rxp_buf_put(b, &octet, 1);
}

int rxp_buf_put_u32(struct rxp_buf *b, uint32_t value)
{
	uint8_t be[4];

	for (int i = 0; i < 4; i++)
		be[i] = (uint8_t)(value >> (24 - 8 * i));
	return rxp_buf_put(b, be, sizeof be);
}

int rxp_buf_put_u64(struct rxp_buf *b, uint64_t value)
{
	uint8_t be[8];

	for (int i = 0; i < 8; i++)
		be[i] = (uint8_t)(value >> (56 - 8 * i));
	return rxp_buf_put(b, be, sizeof be);
}

int rxp_buf_put_xml(struct rxp_buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			rxp_buf_puts(b, "&amp;");
			break;
		case '<':
			rxp_buf_puts(b, "&lt;");
			break;
		case '>':
			rxp_buf_puts(b, "&gt;");
			break;
		case '\r':
			rxp_buf_puts(b, "&#xD;");
			break;
		default:
			rxp_buf_putc(b, (uint8_t)*text);
		}
	}
	return b->error;
}

int rxp_buf_error(const struct rxp_buf *b)
{
	return b->error;
}
