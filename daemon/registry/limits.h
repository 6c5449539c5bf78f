/*
 * limits - the registry's own bounds, each with its unit in the name or comment.
 */
#ifndef REGISTRY_LIMITS_H
#define REGISTRY_LIMITS_H

#define REGISTRY_PEERS_MAX 256 /* parties, distrusted ones included */
#define REGISTRY_PEER_ROWS_MAX (256 * 1024) /* octets of one peer's records */
#define REGISTRY_REGISTER_MAX (8 * 1024 * 1024) /* octets of the register for the sealers */
#define REGISTRY_PINS_MAX (1024 * 1024) /* octets of pins and endpoints for the gateway */
#define REGISTRY_BATCH_MAX 64 /* items that share one transaction */
#define REGISTRY_ADMITS_MAX 64 /* envelopes in work; then the gateway's link rests */
#define REGISTRY_ACTIVE_MAX 128 /* messages to peers in work, whatever the backlog */
#define REGISTRY_PEER_WINDOW 32 /* messages to one peer in work */
#define REGISTRY_PEER_PROBE 1 /* the same while the peer fails */
#define REGISTRY_RETRY_FIRST_MS 1000 /* back-off: doubling from here … */
#define REGISTRY_RETRY_LAST_MS (5 * 60 * 1000LL) /* … to here */
#define REGISTRY_RETRY_EXPIRED_MS (60 * 60 * 1000LL) /* after Expires (RXP-ANS-014) */
#define REGISTRY_STRIKES_MAX 3 /* answers that lead nowhere, then parked (RXP-HTTP-005, OPN-003) */
#define REGISTRY_DISPUTE_MS (60 * 1000LL) /* RXP-ANS-015 */
#define REGISTRY_QUARANTINE_MAX 64 /* rows kept of one peer */
#define REGISTRY_PAGE_MAX 100 /* rows of one page */
#define REGISTRY_WAIT_MAX_MS 60000 /* of a long poll */
#define REGISTRY_KEY_MAKE_MS (7 * 86400LL * 1000LL) /* RXP-DSC-009 */
#define REGISTRY_KEY_USE_MS (14 * 86400LL * 1000LL) /* until - from */
#define REGISTRY_KEY_KEEP_MS (30 * 86400LL * 1000LL) /* RXP-DSC-008 */
#define REGISTRY_KEYS_MAX 64 /* own agreement keys that are not destroyed yet */
#define REGISTRY_CONTACT_MS (60 * 1000LL) /* how exact the stored time of the last contact is */
#define REGISTRY_TICK_MS (60 * 1000LL) /* wall-clock duties are looked at this often … */
#define REGISTRY_TEST_TICK_MS 250 /* … or this often where a test moves the clock */

#endif
