#include "daemon/registry/store/sqlite_error.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "protocol/base/err.h"

int sqlite_error(int result)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_NOMEM:
		return RXP_ERR_NOMEM;
	case SQLITE_CONSTRAINT:
		return RXP_ERR_EXISTS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return RXP_ERR_DAMAGED;
	case SQLITE_TOOBIG:
		return RXP_ERR_BOUND;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_PROTOCOL:
		return RXP_ERR_IO;
	default:
		abort(); /* a statement that SQLite does not understand, or misuse */
	}
}
