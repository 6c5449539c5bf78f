/*
 * report - one line on standard error for what went wrong.
 */
#ifndef CERTS_REPORT_H
#define CERTS_REPORT_H

/* "readmit-pki: what: text of the code", unless rc is 0. Returns rc. what is a file or an option's
 * value, never a secret. */
int report_failure(const char *what, int rc);

#endif
