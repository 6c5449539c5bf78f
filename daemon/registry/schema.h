/*
 * schema - the tables of readmit.db as SQL text (spec/storage.md).
 */
#ifndef REGISTRY_SCHEMA_H
#define REGISTRY_SCHEMA_H

#define SCHEMA_VERSION 1 /* PRAGMA user_version */

/* Statements that make an empty database of SCHEMA_VERSION. */
const char *schema_text(void);

#endif
