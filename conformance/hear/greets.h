/*
 * greets - how cases have a connection of the product be met otherwise than it should be, before anything is asked on it.
 */
#ifndef CONFORM_GREETS_H
#define CONFORM_GREETS_H

#include "conformance/hear/retort.h"

retort_greet greet_closed, greet_plain, greet_stray, greet_seal, greet_tls_12, greet_no_protocol,
    greet_http_1, greet_expired, greet_future, greet_named, greet_window;

#endif
