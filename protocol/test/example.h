/*
 * example - the files of spec/examples for tests; tests run from the top of the source tree.
 *
 * A failure here aborts: it is a fault of the test, not of what is tested.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "protocol/buf.h"

struct rxp_xml;

/* The octets of spec/examples/NAME; rxp_buf_free() them. */
struct rxp_buf example_read(const char *name);

/* The octets with the one occurrence of a text replaced by another. */
struct rxp_buf example_change(const char *name, const char *from, const char *to);

/* Parsed as typed content; rxp_xml_free() it. */
struct rxp_xml *example_parse(const struct rxp_buf *octets);

#endif
