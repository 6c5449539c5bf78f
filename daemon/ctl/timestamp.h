/*
 * timestamp - a time-stamp of a container's signature, by a service that a person chose (RXP-EVI-022).
 */
#ifndef CTL_TIMESTAMP_H
#define CTL_TIMESTAMP_H

#include <stdbool.h>

struct ctl;
struct rxp_buf;

/* Put the service's time-stamp into META-INF/signatures.xml. Without one *signatures stays as it was, and it is said
 * why: false. */
bool timestamp_put(struct ctl *c, const char *url, struct rxp_buf *signatures);

#endif
