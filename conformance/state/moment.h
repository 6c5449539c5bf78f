/*
 * moment - what time it is.
 */
#ifndef CONFORM_MOMENT_H
#define CONFORM_MOMENT_H

#include <stdint.h>

/* Of the machine, in UTC: milliseconds since 1970. */
int64_t moment_now_ms(void);

#endif
