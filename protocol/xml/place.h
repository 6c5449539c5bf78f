/*
 * place - where in an XML object something is wrong, said so that it may be repeated to others.
 */
#ifndef RXP_PLACE_H
#define RXP_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define RXP_PLACE_TEXT 512 /* element names, slash-separated */

struct _xmlNode;
struct rxp_buf;

/*
 * The names of the elements from root down to element, slash-separated, without values; of several of
 * one name under one parent with their number in brackets, from 1, for the document's own author: a
 * Place has names alone (rxp_place_names). A name that no schema declares is "*": what a sender invents
 * could carry a value or a claim. What does not fit is left out at the end.
 */
void rxp_place_write(
    char out[RXP_PLACE_TEXT], const struct _xmlNode *root, const struct _xmlNode *element);

/* Append a place without its numbers, as RXP-ANS-017 wants it. The buffer's errors. */
int rxp_place_names(struct rxp_buf *out, const char *place);

/* Does a schema declare an element of this name, name_len octets of it? */
bool rxp_place_declared(const char *name, size_t name_len);

#endif
