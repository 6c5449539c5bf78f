/*
 * changes - what an identity part or a descriptor changes, in words on standard output (RXP-DSC-033).
 */
#ifndef CERTS_CHANGES_H
#define CERTS_CHANGES_H

struct rxp_descriptor;
struct signing;

/* A line for each difference, or one that there is none. Errors of rxp_descriptor_diff. */
int changes_print(const struct rxp_descriptor *before, const struct rxp_descriptor *after);

/* Of the part that is being made against the file that it continues. RXP_ERR_*, said on standard error. */
int changes_of_next(const struct signing *s, const char *previous);

#endif
