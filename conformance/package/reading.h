/*
 * reading - one vector of a package that is read back, for who says what comes of it (what weighs it, by kind.def).
 */
#ifndef CONFORM_READING_H
#define CONFORM_READING_H

#include <stdbool.h>
#include <stdint.h>

struct json_t;
struct product;
struct rxp_agreement_key;
struct rxp_buf;

struct reading {
	const char *dir;
	struct json_t *index, *row; /* borrowed */
	int64_t now_ms; /* its clock */
};

/* The value of `given`; NULL: there is none. Borrowed. */
const char *reading_word(const struct reading *r, const char *name);
struct json_t *reading_given(const struct reading *r, const char *name);

/* Append the octets of the file of that use. RXP_ERR_NOT_FOUND: the vector has none; RXP_ERR_IO. */
int reading_file(struct rxp_buf *out, const struct reading *r, const char *use);
/* The same of any file of the package. */
int reading_octets(struct rxp_buf *out, const struct reading *r, const char *name);

/* A State of the package as its descriptor describes it, which is read once. Borrowed. Errors of product_open(),
 * RXP_ERR_NOT_FOUND, RXP_ERR_FULL. */
int reading_state(const struct product **out, const struct reading *r, const char *party);
/* A private key of the package; the caller frees it. RXP_ERR_KEY, RXP_ERR_NOT_FOUND. */
int reading_key(struct rxp_agreement_key **out, const struct reading *r, const char *name);

#endif
