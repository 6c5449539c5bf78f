/*
 * example_data - what example.awk makes of spec/examples.
 */
#ifndef CONFORM_EXAMPLE_DATA_H
#define CONFORM_EXAMPLE_DATA_H

#include "conformance/example/example.h"

extern const struct example example_rows[];
extern const size_t example_count;

#endif
