/*
 * fit - does the row of a document say what its evidence proves, and its Receipt (RXP-LOG-013)?
 *
 * Evidence is canonical octets (RXP-SEA-013): the fingerprint is the hash of SignedInfo, which names the digest of the
 * Header, whose elements stand in it in the one form that there is. So no XML has to be read.
 */
#ifndef REGISTRY_WATCH_FIT_H
#define REGISTRY_WATCH_FIT_H

#include <stdbool.h>

struct store_log_row;

/* A row without evidence fits: it proves nothing. */
bool fit_row(const struct store_log_row *row);

/* Does the Receipt of a document, as sealed, say what the row says of it? Its elements have the one form that there is, too.
 * Its seal is verified when it is given as evidence. */
bool fit_answer(const struct store_log_row *row);

#endif
