/*
 * text - files as data: those of the vectors package that are written by hand (conformance/package/text), and what others are made
 * of.
 */
#ifndef CONFORM_TEXT_OF_PACKAGE_H
#define CONFORM_TEXT_OF_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

struct package_text {
	const char *name;
	bool shown; /* it stands in the package, under this name */
	const unsigned char *octets;
	size_t len;
};

extern const struct package_text package_texts[];
extern const size_t package_text_count;

/* The one of that name; aborts if there is none. */
const struct package_text *package_text(const char *name);

#endif
