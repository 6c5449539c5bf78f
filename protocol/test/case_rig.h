/*
 * case_rig - the one case of a test of clocks (case_times.h), fresh for each test, and short names to tell it with.
 */
#ifndef CASE_RIG_H
#define CASE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/test/case_times.h"

#define Q STORY_Q
#define D STORY_D
#define P1 1u
#define P2 2u
#define BOTH 3u
#define TRAIT(name) (1u << RXP_CASE_TRAIT_##name)

extern struct case_times case_rig;

int case_rig_set_up(void **state);
int case_rig_tear_down(void **state);
/* Of the library, around a group of tests. */
int case_rig_begin(void **state);
int case_rig_end(void **state);

/* The next document, received then. */
struct rxp_case_document *tell(
    const char *from, enum rxp_case_event event, uint32_t persons, const char *received);
/* The application for these persons, with these traits. */
void apply(uint32_t persons, unsigned traits);
/* The same, and the other State accepts them. */
void accept_them(uint32_t persons);
/* The instant that the last document states of each of its persons. */
void set_instant(const char *at);

/* The status of a clock at a time; the last day, as "06-16", if it has a due instant. */
void assert_clock(unsigned key, enum rxp_clock clock, const char *as_of,
    enum rxp_clock_status status, const char *last);

#endif
