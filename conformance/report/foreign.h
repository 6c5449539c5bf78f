/*
 * foreign - did something else than the product answer?
 */
#ifndef CONFORM_FOREIGN_H
#define CONFORM_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

struct report_file;

/* Did a page of HTML come back, which is for people and never an answer of the protocol? */
bool foreign_page(const struct report_file *f, size_t i);

#endif
