/*
 * control - a new valid message, which shows that the product works around what a case tries.
 */
#ifndef CONFORM_CONTROL_H
#define CONFORM_CONTROL_H

#include <stdbool.h>

#include "conformance/message/draft.h"
#include "conformance/run/line.h"
#include "conformance/run/outcome.h"

/* Is it receipted? Then the line knows the product's clock. If not, it rules: `otherwise`, or that the suite failed; when: "before it", "after it". */
bool control(
    struct outcome *out, struct line *l, enum base base, enum verdict otherwise, const char *when);

#endif
