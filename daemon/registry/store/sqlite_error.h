/*
 * sqlite_error - what a result of SQLite means here: 0 (also of a row, or of no more), or RXP_ERR_IO (disk full, I/O, locked by
 * another process), RXP_ERR_NOMEM, RXP_ERR_DAMAGED (the file is no longer a sound database), RXP_ERR_EXISTS (a constraint of the
 * schema), RXP_ERR_BOUND. What only a statement that SQLite does not understand, or misuse, can give aborts.
 */
#ifndef REGISTRY_STORE_SQLITE_ERROR_H
#define REGISTRY_STORE_SQLITE_ERROR_H

int sqlite_error(int result); /* plain or extended */

#endif
