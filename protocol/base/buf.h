/*
 * buf - a bounded, growing run of octets.
 *
 * A buffer has a hard maximum that it never passes. Errors are sticky: after the first failure
 * every further put returns that same error and changes nothing, so a long chain of puts may be
 * checked once, at its end, with rxp_buf_error(). Memory is wiped before it is released, because
 * a buffer may hold a person's data or a key.
 */
#ifndef RXP_BUF_H
#define RXP_BUF_H

#include <stddef.h>
#include <stdint.h>

struct rxp_buf {
	uint8_t *data; /* owned; NULL while empty */
	size_t len; /* octets in use; len <= cap <= max */
	size_t cap;
	size_t max; /* octets, given at init */
	int error; /* 0 or the first RXP_ERR_* */
};

/* An empty buffer that never holds more than max octets. Cannot fail; allocates nothing. */
void rxp_buf_init(struct rxp_buf *b, size_t max);

/* Wipe and release; the buffer is empty and usable again, its error cleared. NULL is allowed. */
void rxp_buf_free(struct rxp_buf *b);

/* Forget the content and the error, keep the memory (wiped). */
void rxp_buf_reset(struct rxp_buf *b);

/* Forget what was appended since the content was len octets long (wiped). */
void rxp_buf_cut(struct rxp_buf *b, size_t len);

/* Append. RXP_ERR_BOUND, RXP_ERR_NOMEM, or the earlier error. */
int rxp_buf_put(struct rxp_buf *b, const void *octets, size_t len);
int rxp_buf_puts(struct rxp_buf *b, const char *text); /* without the NUL */
int rxp_buf_putc(struct rxp_buf *b, uint8_t octet);
int rxp_buf_put_u32(struct rxp_buf *b, uint32_t value); /* big-endian */
int rxp_buf_put_u64(struct rxp_buf *b, uint64_t value); /* big-endian */

/* Append text with &, <, > and CR escaped as canonical XML 1.0 wants them in element content. */
int rxp_buf_put_xml(struct rxp_buf *b, const char *text);

/* Append len octets of room and give their address in *room, for a caller that fills them; NULL if there
 * are none. */
int rxp_buf_room(struct rxp_buf *b, size_t len, uint8_t **room);

/* 0, or the first error since init, free or reset. */
int rxp_buf_error(const struct rxp_buf *b);

#endif
