/*
 * schema - the tables of readmit.db as SQL text (spec/storage.md).
 */
#ifndef REGISTRY_SCHEMA_H
#define REGISTRY_SCHEMA_H

#include <stddef.h>

#define SCHEMA_VERSION 1 /* PRAGMA user_version */

/* Statements that make an empty database of SCHEMA_VERSION, in parts from 0; NULL behind the last. */
const char *schema_text(size_t part);

#endif
