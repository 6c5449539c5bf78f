/*
 * clock - wall time and monotonic time, both in milliseconds.
 *
 * Wall time serves receipts and date checks only; every timeout is monotonic. A test node may have
 * a clock file: a decimal number of milliseconds, signed, added to the wall time; and behind a space, if rests are to
 * pass too, another that is added to the monotonic time, which a smaller one does not move back. It is read anew
 * at each call; while it is empty, since somebody rewrites it, it says what it said before. The parent gives its
 * descriptor, and only to a node with a test party code.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);

/* Use this descriptor as the clock file from now on; -1 for none. Stays the caller's. */
void clock_set_offset_file(int fd);

#endif
