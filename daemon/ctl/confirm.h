/*
 * confirm - a person confirms what cannot be taken back.
 */
#ifndef CTL_CONFIRM_H
#define CTL_CONFIRM_H

#include "daemon/ctl/ctl.h"

/* --yes, or the command's argument typed after `effect`, words that say what will be. EXIT_OK: confirmed;
 * else it has complained. verb: for the complaint where nobody can be asked. */
enum exit_status confirm(struct ctl *c, const char *verb, const char *effect);

#endif
