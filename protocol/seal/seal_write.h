/*
 * seal_write - the parts of ds:Signature in the form XAdES B-B, as every signature of a State has them.
 *
 * What is written is canonical as it stands: attributes in canonical order, no empty-element tags, each
 * namespace declared where it is first used. What is digested is what is sent. The errors are the buffer's,
 * which are sticky.
 */
#ifndef RXP_SEAL_WRITE_H
#define RXP_SEAL_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rxp_buf;
struct rxp_cert;

/* SignedInfo: its start with the two methods, each Reference (attributes: with their quotes; canonical: of
 * an element of this document, else of the octets of a file), its end. */
void rxp_seal_info_begin(struct rxp_buf *out, const struct rxp_cert *cert);
void rxp_seal_info_reference(
    struct rxp_buf *out, const char *attributes, bool canonical, const uint8_t digest[32]);
/* The last Reference, to SignedProperties; RXP_ERR_CRYPTO, or the buffer's errors. */
int rxp_seal_info_end(struct rxp_buf *out, const struct rxp_buf *properties);

/* SignedProperties: who signs and when, then the format of what each Reference names, its end. */
void rxp_seal_properties_begin(
    struct rxp_buf *out, int64_t signing_time_ms, const struct rxp_cert *cert);
void rxp_seal_properties_format(struct rxp_buf *out, const char *reference, const char *media);
void rxp_seal_properties_end(struct rxp_buf *out);

/* The whole ds:Signature. stamp: a time-stamp of the signature value, which nothing signs; NULL for none. */
int rxp_seal_signature(struct rxp_buf *out, const struct rxp_buf *signed_info,
    const struct rxp_buf *properties, const uint8_t *value, size_t value_len,
    const struct rxp_cert *cert, const struct rxp_buf *stamp);

/* That time-stamp as the unsigned property that it is. */
int rxp_seal_stamp(struct rxp_buf *out, const struct rxp_buf *stamp);

#endif
