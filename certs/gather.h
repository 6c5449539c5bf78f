/*
 * gather - brings the sheets of a key together: from files, or asked for line by line.
 */
#ifndef CERTS_GATHER_H
#define CERTS_GATHER_H

#include "certs/sheet_set.h"

struct options;
struct rxp_buf;

struct gathered {
	struct sheet_set set;
	unsigned wrong; /* as of sheet_set_join() */
};

/*
 * The key of the sheets in the files of --sheet, or, if there are none, of those that are typed: what is wrong with a
 * line is said at once, and it is asked for again. Nothing of a share is printed. key is appended to. RXP_ERR_*, said on
 * standard error by sheet and line.
 */
int gather_key(struct rxp_buf *key, struct gathered *g, const struct options *o);

void gather_wipe(struct gathered *g);

#endif
