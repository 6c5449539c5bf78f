/*
 * err - the project's error codes.
 *
 * A function that can fail returns 0 or a negative RXP_ERR_* code and leaves its out parameters
 * untouched on failure. Positive values are never errors. The list is err.def.
 */
#ifndef RXP_ERR_H
#define RXP_ERR_H

enum rxp_err {
#define ERR(name, code, text) RXP_ERR_##name = (code),
#include "protocol/base/err.def"
#undef ERR
};

/* The text of a code for people; a fixed string, also for 0 ("success") and unknown codes. */
const char *rxp_err_text(int code);

#endif
