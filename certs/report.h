/*
 * report - one line on standard error for what went wrong.
 */
#ifndef CERTS_REPORT_H
#define CERTS_REPORT_H

struct rxp_reason;

/* "readmit-pki: what: text of the code", unless rc is 0. Returns rc. what is a file or an option's
 * value, never a secret. */
int report_failure(const char *what, int rc);

/* The same for a profile or calendar, with the reason: place, text and requirement. Returns rc. */
int report_refusal(const char *what, int rc, const struct rxp_reason *reason);

#endif
