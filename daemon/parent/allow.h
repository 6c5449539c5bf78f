/*
 * allow - who may do what at the local API: the elements api/allow and what holds without any.
 */
#ifndef PARENT_ALLOW_H
#define PARENT_ALLOW_H

#include "daemon/parent/config.h"

struct rxp_buf;

/* Are the users and groups there that are named? A problem is reported for each that is not. */
void allow_check(const struct config *c, config_report *report, void *arg);

/* Append records api_allow. One that is not there any more is left out: nobody is it. The buffer's errors. */
int allow_rows(struct rxp_buf *rows, const struct config *c);

#endif
