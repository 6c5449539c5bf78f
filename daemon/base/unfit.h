/*
 * unfit - the reasons of unfit.def: what a role says to the parent before it ends with
 * ROLE_STATUS_CONFIG, and what the parent says of it to the administrator.
 */
#ifndef BASE_UNFIT_H
#define BASE_UNFIT_H

enum unfit {
#define UNFIT(name, about, words, action) UNFIT_##name,
#include "daemon/base/unfit.def"
#undef UNFIT
	UNFIT_REASONS
};

/* The file or thing that it is about, and what is wrong with what to do: "…; …". */
const char *unfit_about(enum unfit why);
const char *unfit_words(enum unfit why);

#endif
