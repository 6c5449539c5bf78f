/*
 * limits - every bound of the protocol, in one place, with its unit in the name.
 *
 * Bounds are applied before the work they bound: octets before parsing, counts while parsing.
 * The requirement that fixes a bound between States stands beside it (spec/rxp-1.md).
 */
#ifndef RXP_LIMITS_H
#define RXP_LIMITS_H

#define RXP_MAX_ENVELOPE_OCTETS 262144 /* RXP-ENV-002 */
#define RXP_MAX_DOCUMENT_OCTETS 188416 /* RXP-ENV-003: leaves room for base64 and the shell */
#define RXP_MAX_ANSWER_OCTETS 32768 /* RXP-ANS-002 */
#define RXP_MAX_LOG_PAGE_OCTETS 131072 /* RXP-LOG-006 */
#define RXP_MAX_LOG_PAGE_ENTRIES 512 /* RXP-LOG-006 */
#define RXP_MAX_PART_OCTETS 65536 /* RXP-DSC-002: one identity or working part */
#define RXP_MAX_DESCRIPTOR_OCTETS 262144 /* RXP-DSC-002: the whole file */
#define RXP_MAX_IDENTITY_PARTS 16 /* RXP-DSC-002: length of the identity chain */

#define RXP_MAX_XML_DEPTH 32 /* RXP-XML-005 */
#define RXP_MAX_XML_ATTRIBUTES 16 /* RXP-XML-005: per element, namespace declarations included */
#define RXP_MAX_XML_ELEMENTS 20000 /* RXP-XML-005 */

#define RXP_MAX_REPORTS 100 /* violations told of one validation; a hostile document has many */

#define RXP_MAX_CERTIFICATE_OCTETS 4096 /* DER */
#define RXP_MAX_SEAL_CERTIFICATES 4 /* per party: current, next and two retiring */
#define RXP_MAX_TLS_PINS 4 /* per party */
#define RXP_MAX_ENDPOINTS 4 /* per party */
#define RXP_MAX_ENDPOINT_LENGTH 255 /* characters of one URL */
#define RXP_MAX_OFFICES 16 /* per party */
#define RXP_MAX_OFFICE_KEYS 8 /* RXP-DSC-012: per party, of all offices together */
#define RXP_MAX_AGREEMENT_KEYS 8 /* per working part */
#define RXP_MAX_SIGNATURE_OCTETS 512 /* RSA 4096 */

#define RXP_MAX_PERSONS 24 /* RXP-APP-002: of one case, keys P1 to P24 */
#define RXP_MAX_ATTACHMENTS 128 /* RXP-ATT-002: of one document */
#define RXP_SEGMENT_OCTETS 1048576 /* RXP-ATT-005: of an attachment's file, before encryption */
#define RXP_MAX_COMPARTMENT_OCTETS 16384 /* RXP-CMP-004: what one compartment holds */
#define RXP_COMPARTMENT_STEP_OCTETS 1024 /* RXP-CMP-004: it is filled up to a multiple of this */
#define RXP_MAX_CASE_DOCUMENTS 512 /* RXP-CHN-013: both senders together */
#define RXP_MAX_CORRECTION_ITEMS 64 /* of one DataCorrection: correction.xsd */
#define RXP_MAX_CORRECTED 256 /* items that a node shows of one document (RXP-COR-015) */

#define RXP_MAX_TERMS_OCTETS 65536 /* RXP-PRF-002: one profile or calendar */
#define RXP_MAX_COPY_OCTETS 98304 /* RXP-HIS-005: one piece of a document */
#define RXP_MAX_TERMS_VERSION 1000000000 /* of a profile or calendar: terms.xsd */
#define RXP_MAX_CALENDAR_OFFSETS 64 /* RXP-CAL-004 */
#define RXP_MAX_HOLIDAYS 512 /* RXP-CAL-006: of one calendar */
#define RXP_MAX_SIDE_PARTIES 40 /* of one side of a profile */
#define RXP_MAX_DISTURBANCES 256 /* RXP-CLK-012: outages and attempts of one clock, each */
#define RXP_MAX_LASTING_OUTAGES 16 /* RXP-NOT-012: that one State declared to another */
#define RXP_MAX_SIDE_OUTAGES 112 /* RXP-CLK-047: that either of the two States declared */

#define RXP_MAX_CONTAINER_ENTRIES 8192 /* RXP-EVI-015: of a container of evidence */
#define RXP_MAX_CONTAINER_OCTETS (64UL * 1024 * 1024) /* RXP-EVI-015: packed, and unpacked */
#define RXP_MAX_CONTAINER_TEXT_OCTETS \
	(4UL * 1024 * 1024) /* RXP-EVI-015: of one entry that is made of the others */

#define RXP_MAX_PART_AHEAD_MS \
	(86400 * 1000LL) /* of our clock, for Created of a part (RXP-DSC-038) */
#define RXP_MAX_CLOCK_AHEAD_MS (300 * 1000LL) /* RXP-TIM-003: beyond is `future` */
#define RXP_MAX_LIFETIME_MS (90 * 86400LL * 1000LL) /* RXP-TIM-002: Expires - Created */
#define RXP_DEFAULT_LIFETIME_MS (60 * 86400LL * 1000LL) /* RXP-TIM-002 */
#define RXP_RETIRED_SEAL_MS (31 * 86400LL * 1000LL) /* RXP-DSC-027: within which a Document comes */
#define RXP_MAX_TIME_MS 253402300799999LL /* 9999-12-31T23:59:59.999Z */

#endif
