/*
 * weight - how much a failure weighs for another State (weight.def).
 */
#ifndef CONFORM_WEIGHT_H
#define CONFORM_WEIGHT_H

#include <stddef.h>

struct report_file;

enum weight {
#define WEIGHT(name, words, means) WEIGHT_##name,
#include "conformance/report/weight.def"
	WEIGHT_COUNT
};

/* WEIGHT_TAKEN: the product took or did what it must not. A Refusal, an error or a broken answer in place of another is not that. */
enum weight weight_of(const struct report_file *f, size_t i);
const char *weight_words(enum weight w);
const char *weight_means(enum weight w);

#endif
