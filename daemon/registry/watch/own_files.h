/*
 * own_files - holds the files of attachments that documents have against the digests of their rows, whether anybody reads them or
 * not (spec/storage.md, Attachments): at the start and then once a day, a piece at a time with pauses between them, at most so many
 * octets a day, and on the next day from there on.
 *
 * What differs is told of the peer's log, as what differs in tables (own_tables.h), with the document and the number of the file.
 */
#ifndef REGISTRY_WATCH_OWN_FILES_H
#define REGISTRY_WATCH_OWN_FILES_H

struct node;
struct own_files;
struct peers;

/* Both are borrowed. RXP_ERR_NOMEM, RXP_ERR_IO. */
int own_files_new(struct own_files **out, struct node *n, struct peers *peers);
void own_files_free(struct own_files *o); /* NULL is allowed */

/* Look whether it is time. */
void own_files_tick(struct own_files *o);

#endif
