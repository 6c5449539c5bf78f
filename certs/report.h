/*
 * report - one line on standard error for what went wrong.
 */
#ifndef CERTS_REPORT_H
#define CERTS_REPORT_H

struct rxp_reason;

/* "readmit-pki: what: text of the code", unless rc is 0. Returns rc. what is a file or an option's
 * value, never a secret. */
int report_failure(const char *what, int rc);

/* The same for what the user gave, in words that say how it has to be. Returns RXP_ERR_CONFIG. */
int report_wrong(const char *what, const char *words);

/* The same for a system call that failed: the words of errno. Returns RXP_ERR_IO. */
int report_errno(const char *what);

/* The same for a profile or calendar, with the reason: place, text and requirement. They stand in the
 * place of the text of RXP_ERR_SCHEMA and RXP_ERR_MISMATCH, and behind that of any other code. Returns rc. */
int report_refusal(const char *what, int rc, const struct rxp_reason *reason);

#endif
