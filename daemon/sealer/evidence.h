/*
 * evidence - what outlives the content of a document (RXP-SEA-013), as one record.
 */
#ifndef SEALER_EVIDENCE_H
#define SEALER_EVIDENCE_H

struct rxp_buf;
struct rxp_seal;

/* Append the record `evidence` of a verified seal. The buffer's errors. */
int evidence_put(struct rxp_buf *out, const struct rxp_seal *seal);

#endif
