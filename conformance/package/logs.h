/*
 * logs - how the package says what a reader of a log knows and finds.
 */
#ifndef CONFORM_LOGS_H
#define CONFORM_LOGS_H

#define LOGS_ENTRIES 6
#define LOGS_MAX_ENTRIES 8
#define LOGS_FIRST_RECEIPT \
	2 /* the entry that the first of two Receipts names; the second names the last */

struct json_t;
struct rxp_log_entry;

/* {MessageId, Fingerprint (hex), ReceivedAt, Outcome}; without the last two if its outcome is 0: it has no answer. */
struct json_t *logs_entry_json(const struct rxp_log_entry *e);
/* Of words of log_difference.def with a blank between: {result, differences}, the words in the order of the alphabet. */
struct json_t *logs_expected(const char *differences);

#endif
