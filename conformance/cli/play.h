/*
 * play - the cases of a plan, tried one by one: what each came to is printed and reported.
 */
#ifndef CONFORM_PLAY_H
#define CONFORM_PLAY_H

#include <stdint.h>

#include "conformance/cli/options.h"
#include "conformance/run/plan.h"
#include "protocol/base/ident.h"

/* Those that --select takes. target NULL: of a plan that speaks to no product. command: what tries them again. Returns an exit
 * status. */
int play(const struct plan *plan, const struct target *target, const char *command,
    const struct options *o);

/* 64 hexadecimal digits; blanks between them, as people read them aloud, do not count. RXP_ERR_SYNTAX. */
int play_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], const char *text);

#endif
