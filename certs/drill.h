/*
 * drill - the record that the sheets of a key were joined on a day, and its words.
 *
 * It is a text for people, who sign it on paper; it proves nothing by itself and holds nothing of the key.
 */
#ifndef CERTS_DRILL_H
#define CERTS_DRILL_H

#include "certs/sheet.h"

#define DRILL_DAYS 365 /* after so many the next one is due */

struct drill {
	struct sheet_head head;
	int64_t at_ms;
	unsigned joined; /* bit 0: sheet 1 */
	bool passphrase; /* it was tried */
	bool against; /* compared with the key in use */
};

/* Append the record. The buffer's errors. */
int drill_write(struct rxp_buf *out, const struct drill *d);

/* Does the file begin as a record? */
bool drill_is(const struct rxp_buf *file);

/* Print the record and when the next drill is due. RXP_ERR_SYNTAX: it is not as drill_write makes it. */
int drill_show(const struct rxp_buf *file, int64_t now_ms);

#endif
