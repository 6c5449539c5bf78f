/*
 * codec - the strict text forms of octets: base64, hexadecimal, big-endian integers.
 *
 * Each value has exactly one accepted form: base64 unbroken, padded, with zero stray bits; lower
 * hex in URLs and names, upper hex in hexBinary (RXP-XML-006). Decoders refuse every other form.
 */
#ifndef RXP_CODEC_H
#define RXP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rxp_buf;

/* Octets that len octets take in base64, without a NUL. */
#define RXP_BASE64_LENGTH(len) (((len) + 2) / 3 * 4)

/* Append the base64 form. The buffer's errors. */
int rxp_base64_put(struct rxp_buf *out, const uint8_t *octets, size_t len);

/* Append the octets of a base64 text of text_len characters. RXP_ERR_SYNTAX, the buffer's errors. */
int rxp_base64_get(struct rxp_buf *out, const char *text, size_t text_len);

/* Decode exactly out_len octets from a NUL-terminated text. RXP_ERR_SYNTAX. */
int rxp_base64_get_exact(uint8_t *out, size_t out_len, const char *text);

/* Write 2 * len digits and a NUL to out. */
void rxp_hex_put(char *out, const uint8_t *octets, size_t len, bool upper);

/* Decode exactly out_len octets from a NUL-terminated text of that case. RXP_ERR_SYNTAX. */
int rxp_hex_get(uint8_t *out, size_t out_len, const char *text, bool upper);

/* Big-endian integers in octets. */
uint32_t rxp_u32_get(const uint8_t octets[4]);
uint64_t rxp_u64_get(const uint8_t octets[8]);

#endif
