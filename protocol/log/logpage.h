/*
 * logpage - a page of a log, under its owner's seal (spec/rxp-1.md section 8).
 *
 * What a page claims is its owner's word alone; protocol/log/logcompare.h holds it against what its reader knows.
 * Who reads no XML takes the structure alone.
 */
#ifndef RXP_LOGPAGE_H
#define RXP_LOGPAGE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/log/logchain.h"

struct rxp_cert;
struct rxp_signer;

/* 33 KiB: put it on the heap. */
struct rxp_log_page {
	char owner[RXP_PARTY_TEXT]; /* who keeps the log */
	char peer[RXP_PARTY_TEXT]; /* whose messages it answered */
	int64_t created_ms;
	uint8_t log_id[RXP_ID_OCTETS];
	uint64_t count; /* of the whole log when the page was made … */
	uint8_t head[RXP_DIGEST_OCTETS]; /* … and its head */
	uint64_t after; /* the page begins behind this entry … */
	uint8_t after_head[RXP_DIGEST_OCTETS]; /* … and this is the head there */
	const struct rxp_cert
	    *cert; /* that sealed it, of those given; NULL in what is to be sealed */
	size_t n_entries;
	struct rxp_log_entry entries[RXP_MAX_LOG_PAGE_ENTRIES];
};

/* Seal the page: append its octets. owner must be the signer's party. RXP_ERR_SCHEMA: not a page of RXP-LOG-006 and
 * 007; errors of rxp_seal_sign. */
int rxp_log_page_seal(struct rxp_buf *out, const struct rxp_log_page *page, int64_t now_ms,
    const struct rxp_signer *signer);

/*
 * Parse and verify a page under the certificates registered for the party expected as owner. The caller compares
 * owner and peer. Errors of parsing and of rxp_seal_verify, RXP_ERR_SCHEMA.
 */
int rxp_log_page_open(struct rxp_log_page *out, const uint8_t *octets, size_t len,
    const struct rxp_cert *const *certs, size_t n);

#endif
