/*
 * run - one run of readmit-verify: a container of evidence is verified offline and told in plain words. It opens
 * the files that it is given and no other, has no keys and calls nobody.
 */
#ifndef VERIFY_RUN_H
#define VERIFY_RUN_H

#include <stdio.h>

enum verify_exit {
#define VERIFY_EXIT(name, status, meaning) VERIFY_##name = (status),
#include "daemon/verify/exit.def"
#undef VERIFY_EXIT
};

/* What is proved goes to out, what is wrong to err. rxp_init() was called. */
enum verify_exit verify_run(FILE *out, FILE *err, int argc, const char *const *argv);

#endif
