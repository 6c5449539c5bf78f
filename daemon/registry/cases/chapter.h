/*
 * chapter - parts of an agreement that are suspended take no new application (RXP-PRF-019).
 */
#ifndef REGISTRY_CHAPTER_H
#define REGISTRY_CHAPTER_H

#include <stdint.h>

struct rxp_case_document;
struct store_case;
struct terms;
struct terms_why;

/* May a document created then, which opens the case c under its profile, have all parts of the agreement that it
 * needs? RXP_ERR_STATE: one is suspended on that day; with *why. Else as terms_find(). */
int chapter_open(struct terms_why *why, const struct terms *t, const struct store_case *c,
    const struct rxp_case_document *d, int64_t created_ms);

#endif
