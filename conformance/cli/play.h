/*
 * play - the cases of a plan, tried one by one: what each came to is printed and reported.
 */
#ifndef CONFORM_PLAY_H
#define CONFORM_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "conformance/cli/options.h"
#include "conformance/run/plan.h"
#include "conformance/run/preflight.h"
#include "protocol/base/ident.h"

struct product;

/* Those that --select takes. target NULL: of a plan that speaks to no product. Returns an exit status. */
int play(const struct plan *plan, const struct target *target, const struct options *o);

/* Each defect that --defects lists, on a product that is woven with them. Returns an exit status. */
int play_selftest(const struct target *target, const struct options *o);

/* A product, from its descriptor in a file and its root fingerprint. 0, or an exit status; what is wrong has been said. */
int play_open_product(struct product **out, const char *descriptor, const char *fingerprint);
/* --wait in milliseconds. 0, or an exit status. */
int play_wait(int *wait_ms, const struct options *o);
/* A check of preflight, to a FILE. */
preflight_told play_print_check;
/* Say on standard error what went wrong with what. */
int play_complain(const char *what, int rc);

/* 64 hexadecimal digits; blanks between them, as people read them aloud, do not count. RXP_ERR_SYNTAX. */
int play_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], const char *text);

#endif
