/* The shape of a table that is watched: its columns, and which of them stand for something. A schema that is not as table.def has
 * it is a fault of this program, which ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "daemon/registry/store/tally_in.h"
#include "protocol/base/err.h"

#define TEXT_MAX 256

static int column_of(sqlite3_stmt *s, const char *name)
{
	for (int i = 0; *name != '\0' && i < sqlite3_column_count(s); i++)
		if (strcmp(sqlite3_column_name(s, i), name) == 0)
			return i;
	if (*name != '\0')
		abort(); /* the schema has no such column */
	return -1;
}

/* The columns of the primary key, of a table whose rows have no number. */
static int read_primary(struct tally_of *of, sqlite3 *handle, const char *name)
{
	static const char text[] =
	    "SELECT c.cid, c.pk FROM pragma_table_list(?1) t JOIN pragma_table_info(t.name) c "
	    "WHERE t.wr = 1 AND c.pk > 0";
	sqlite3_stmt *s = NULL;
	int step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(handle, text, -1, &s, NULL) == SQLITE_OK)
		sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	while (s != NULL && (step = sqlite3_step(s)) == SQLITE_ROW) {
		int at = sqlite3_column_int(s, 1);

		if (at > TALLY_PRIMARY_MAX)
			abort();
		of->primary[at - 1] = sqlite3_column_int(s, 0);
		of->n_primary = at > of->n_primary ? at : of->n_primary;
	}
	sqlite3_finalize(s);
	return step == SQLITE_DONE ? 0 : RXP_ERR_DAMAGED;
}

int tally_shape(struct tally_of *of, struct sqlite3 *handle, const struct tally_names *names)
{
	char text[TEXT_MAX];
	sqlite3_stmt *s = NULL;

	snprintf(text, sizeof text, "SELECT * FROM %s LIMIT 0", names->name);
	if (sqlite3_prepare_v2(handle, text, -1, &s, NULL) != SQLITE_OK)
		return RXP_ERR_DAMAGED;
	of->columns = sqlite3_column_count(s);
	if (of->columns > TALLY_COLUMNS_MAX)
		abort();
	of->party = column_of(s, names->party);
	of->octets = column_of(s, names->octets);
	of->digest = column_of(s, names->digest);
	sqlite3_finalize(s);
	return read_primary(of, handle, names->name);
}
