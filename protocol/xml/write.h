/*
 * write - one element with one value, as every sealed object writes them.
 *
 * name may carry attributes after a space; the end tag takes the name alone. Each value has its one form (RXP-XML-006).
 * The errors are the buffer's, which are sticky.
 */
#ifndef RXP_WRITE_H
#define RXP_WRITE_H

#include <stddef.h>
#include <stdint.h>

struct rxp_buf;

/* The text, escaped; milliseconds UTC as a time of the wire; an id in its one text form; decimal; base64 unbroken. */
void rxp_write_text(struct rxp_buf *out, const char *name, const char *text);
void rxp_write_time(struct rxp_buf *out, const char *name, int64_t ms);
void rxp_write_id(struct rxp_buf *out, const char *name, const uint8_t id[16]);
void rxp_write_number(struct rxp_buf *out, const char *name, uint64_t value);
void rxp_write_base64(struct rxp_buf *out, const char *name, const uint8_t *octets, size_t len);

#endif
