/*
 * limits - the registry's own bounds, each with its unit in the name or comment.
 */
#ifndef REGISTRY_LIMITS_H
#define REGISTRY_LIMITS_H

#include "protocol/base/limits.h"

#define REGISTRY_PEERS_MAX 256 /* parties, distrusted ones included */
#define REGISTRY_PROFILES_MAX 512 /* versions of all profiles */
#define REGISTRY_OWNERS_MAX (REGISTRY_PEERS_MAX + 1) /* parties whose calendars are held … */
#define REGISTRY_CALENDARS_MAX 64 /* … and versions of each */
#define REGISTRY_CHOICES_MAX 1024 /* of profiles for peers */
#define REGISTRY_PEER_ROWS_MAX (256UL * 1024) /* octets of one peer's records */
#define REGISTRY_REGISTER_MAX (24UL * 1024 * 1024) /* octets of the register for the sealers */
#define REGISTRY_PINS_MAX (1024UL * 1024) /* octets of pins and endpoints for the gateway */
#define REGISTRY_BATCH_MAX 64 /* items that share one transaction */
#define REGISTRY_ADMITS_MAX 64 /* envelopes in work; then the gateway's link rests */
#define REGISTRY_PEER_ADMITS_MAX 32 /* requests of one peer in work, so that others have room */
#define REGISTRY_PEER_ASKS_MAX \
	4 /* … of them while it is asked for its descriptor: few, since a peer decides how long that takes */
#define REGISTRY_ALARM_MS (3600 * 1000LL) /* what lasts is said again this often */
#define REGISTRY_GATEWAY_LAG_MS (10LL * 60 * 1000) /* RXP-TIM-006: what waits there is not older */
#define REGISTRY_ACTIVE_MAX 128 /* messages to peers in work, whatever the backlog */
#define REGISTRY_PEER_WINDOW 32 /* messages to one peer in work … */
#define REGISTRY_PEER_PROBE 1 /* … while it fails, … */
#define REGISTRY_PEER_FOUND 4 /* … or its line alone did, and it was heard since; … */
#define REGISTRY_PEER_MORE 2 /* … and so many more with each answer after that */
#define REGISTRY_LINE_TURNS \
	4 /* of so many tries that the line alone failed one gives way to others */
#define REGISTRY_PEER_FILES \
	4 /* of them such as have attachments: those without find room behind them */
#define REGISTRY_URGENT_MS (24LL * 3600 * 1000) /* until its legal deadline, a document is urgent */
#define REGISTRY_MESSAGE_OCTETS \
	(2ULL * RXP_MAX_ENVELOPE_OCTETS) /* stored of the largest message and its answer, at most */
#define REGISTRY_CONTACT_PROBE_MS 1000LL /* between probes that contacts of a peer bring forward */
#define REGISTRY_RETRY_FIRST_MS 1000LL /* back-off: doubling from here … */
#define REGISTRY_RETRY_LAST_MS (5LL * 60 * 1000) /* … to here */
#define REGISTRY_SEAL_WAIT_MS 5000LL /* while the seal key cannot be used */
#define REGISTRY_RETRY_EXPIRED_MS (60LL * 60 * 1000) /* after Expires (RXP-ANS-014) */
#define REGISTRY_STRIKES_MAX \
	3 /* answers that lead nowhere, then parked (RXP-HTTP-005, RXP-OPN-003) */
#define REGISTRY_GIVEN_MS 10000LL /* for which a message rests that a peer fetched (RXP-PUL-004) */
#define REGISTRY_RETURNS_MAX 64 /* answers that are being verified, … */
#define REGISTRY_PEER_RETURNS_MAX 16 /* … and those of one peer */
#define REGISTRY_SKIP_MAX 32 /* messages that a peer may say it has in work (RXP-PUL-002) */
#define REGISTRY_PULLS_MAX 8 /* messages fetched from one peer in work */
#define REGISTRY_PULL_FILES_MAX 2 /* of them whose attachments are being fetched */
#define REGISTRY_PULL_PAUSE_MS 1000LL /* between two questions to a peer that does not wait */
#define REGISTRY_POSTS_MAX 3 /* tries to post one answer; then the message comes again */
#define REGISTRY_DISPUTE_MS (60 * 1000LL) /* RXP-ANS-015 */
#define REGISTRY_QUARANTINE_KEPT 64 /* envelopes kept of one peer … */
#define REGISTRY_QUARANTINE_MAX 1024 /* … and digests; then it is not served */
#define REGISTRY_STOPS_MAX 64 /* emergency stops, those that are only proposed included */
#define REGISTRY_PAGE_MAX 100 /* rows of one page */
#define REGISTRY_IDEMPOTENCY_MS (90 * 86400LL * 1000LL) /* for which a key of a submission counts */
#define REGISTRY_EVIDENCE_ROWS_MAX 64 /* documents of one page of evidence */
#define REGISTRY_EVIDENCE_ENOUGH (512UL * 1024) /* octets after which such a page ends … */
#define REGISTRY_EVIDENCE_MAX (1024UL * 1024) /* … and which its last row may not pass */
#define REGISTRY_TICKET_MS (60 * 1000LL) /* for which a permit to read a message counts */
#define REGISTRY_WAIT_MAX_MS 60000 /* of a long poll */
#define REGISTRY_KEY_MAKE_MS (7 * 86400LL * 1000LL) /* RXP-DSC-009 */
#define REGISTRY_KEY_USE_MS (14 * 86400LL * 1000LL) /* until - from */
#define REGISTRY_KEY_KEEP_MS (30 * 86400LL * 1000LL) /* RXP-DSC-008 */
#define REGISTRY_ASKED_MS \
	5000 /* after a question to a peer, before it is told that it was in vain */
#define REGISTRY_KEY_LASTS_MS \
	(3 * 86400LL * 1000LL) /* that a peer's key has to last (RXP-DSC-020) */
#define REGISTRY_SUSPECT_MS 5000LL /* between two questions because of a key that is not known, … */
#define REGISTRY_SUSPECT_OFF_MS 1000LL /* … or, if the first was not answered with a descriptor */
#define REGISTRY_KNOCK_MS (5LL * 60 * 1000) /* … of nobody knows whom (RXP-DSC-036) */
#define REGISTRY_KNOCKS_OVER_MS \
	(3 * REGISTRY_KNOCK_MS) /* who did not connect for so long has gone */
#define REGISTRY_KNOCKS 256 /* keys of nobody that are remembered */
#define REGISTRY_REFRESH_MS (3600 * 1000LL) /* between two questions for it */
#define REGISTRY_KEYS_MAX 64 /* own agreement keys that are not destroyed yet */
#define REGISTRY_CONTACT_MS (60 * 1000LL) /* how exact the stored time of the last contact is */
#define REGISTRY_FOLDED_CASES 10 /* that are read whole at one request */
#define REGISTRY_RETENTION_MS (86400 * 1000LL) /* until a case is looked at that time may end */
#define REGISTRY_FORGET_KEYS_MAX 256 /* keys of submissions in one transaction */
#define REGISTRY_REWRAP_SLICE \
	8 /* boxes under older storage keys that are made anew in one transaction … */
#define REGISTRY_REWRAP_AGAIN_MS 60000 /* … and when is looked for more, if all could not be */
#define REGISTRY_BACKUP_PAGES 64 /* of the database that are copied in one step … */
#define REGISTRY_BACKUP_LINES 100 /* … and lines of lists */
#define REGISTRY_BACKUP_KEPT_MS (3600 * 1000LL) /* for which a copy is there that nobody fetches */
#define REGISTRY_OWED_MS 60000 /* between two looks at erasures that could not be carried out yet */
#define REGISTRY_RETENTION_PAUSE_MS 5 /* between two of them */
#define REGISTRY_DUE_SOON_MS (3 * 86400LL * 1000LL) /* of the figures */
#define REGISTRY_LOOKS_MAX 16 /* cases whose clocks are computed anew in one transaction … */
#define REGISTRY_TELLINGS_MAX 256 /* … and what is told of them then; the rest at the next look */
#define REGISTRY_COUNTERSIGN_MS \
	(7 * 86400LL * 1000LL) /* for which the act of a second officer counts (RXP-SAF-038) … */
#define REGISTRY_COUNTERSIGNS_MAX 1024 /* … and how many may wait for their documents */
#define REGISTRY_OFFERS_MAX 16 /* that are kept of each peer */
#define REGISTRY_HISTORIES_DAY \
	16 /* requests of one peer that are answered in a day (RXP-HIS-010) */
#define REGISTRY_HISTORY_AGAIN_MS \
	60000LL /* until a request that came too early is worth another try */
#define REGISTRY_HISTORY_LOOKED_MS \
	5000LL /* until a copy is, or a document that waits for what comes back */
#define REGISTRY_HISTORY_COPIES_DAY 1024 /* that are made for one peer in a day, likewise */
#define REGISTRY_HISTORY_PIECES_MAX 16 /* copies of one peer that wait to be looked at */
#define REGISTRY_HISTORY_BUNDLE_MAX \
	16 /* that one request may have without an answer, in bundles (RXP-BND-014), or ahead of the next */
#define REGISTRY_HISTORY_PAUSE_MS 1 /* between two documents that are given */
#define REGISTRY_HISTORY_WHOLE_OCTETS \
	131072 /* of an envelope: in one that is no longer, a document is one piece (RXP-HIS-005) */
#define REGISTRY_TRAY_MAX \
	256 /* documents of one peer that came back before those that stand before them */
#define REGISTRY_TRAY_AGAIN_MS 500LL /* until one of them that nobody looked at is tried again */
#define REGISTRY_TRAY_PAUSE_MS \
	(60 * 1000LL) /* until one that found no place is, doubled each time … */
#define REGISTRY_TRAY_PAUSE_MAX_MS (24LL * 60 * 60 * 1000) /* … up to this */
#define REGISTRY_TRAY_RETRIES 16 /* of them a minute */
#define REGISTRY_TRAY_CASELESS_MS \
	(24LL * 60 * 60 * \
	    1000) /* that one of a case of which nothing is here waits behind a hold */
#define REGISTRY_RESTORES_DAY \
	16 /* times that a peer may have lost something in a day, that are seen to (RXP-RCV-006) */
#define REGISTRY_LOSSES_DAY \
	4 /* losses that the log of a peer alone begins in a day, and that come to nothing (RXP-RCV-023) */
#define REGISTRY_UNSURE_MS \
	(10 * \
	    1000LL) /* after a start, in which a peer's log is read before anything new is sealed … */
#define REGISTRY_UNSURE_AGAIN_MS 200LL /* … and until it is looked at again whether it was */
#define REGISTRY_HELD_MS (60 * 1000LL) /* until a document that is held is looked at again */
#define REGISTRY_QUIET_MS \
	(10 * 1000LL) /* in which nothing came back: what is missing is not on its way any more */
#define REGISTRY_COMPARE_FIRST_MS \
	(10 * 1000LL) /* after which a peer may send again what waits for people to compare; … */
#define REGISTRY_COMPARE_PART 4 /* … for so many parts of the time that it took already, … */
#define REGISTRY_COMPARE_LAST_MS (600 * 1000LL) /* … at most */
#define REGISTRY_UNPROVED_SHOWN 1024 /* of what of one peer is unproved, in one list */
#define REGISTRY_BRING_AGAIN_MS \
	1000LL /* until an answer that could not be brought is brought again */
#define REGISTRY_OUTAGE_LOOK_MS (3600 * 1000LL) /* between two looks while an outage lasts */
#define REGISTRY_WATCH_MS (86400 * 1000LL) /* RXP-LOG-008: between two comparisons of one log … */
#define REGISTRY_WATCH_AGAIN_MS (3600 * 1000LL) /* … or after one that could not be made */
#define REGISTRY_WATCH_WHOLE_MS \
	(7 * 86400LL * 1000LL) /* RXP-LOG-008: between two from the first entry … */
#define REGISTRY_WATCH_WHOLE_MAX 8192 /* … of a log with more entries than that */
#define REGISTRY_WATCH_BLIND_MS (3 * 86400LL * 1000LL) /* RXP-LOG-012 */
#define REGISTRY_WATCH_CLAIMS_MAX 2048 /* receipts whose heads are compared with one page */
#define REGISTRY_WATCH_SLICE 1024 /* own rows that are looked at in one transaction */
#define REGISTRY_WATCH_OWN_SLICE 64 /* entries of an own log that are looked at in one round */
#define REGISTRY_WATCH_ROWS 256 /* rows that are held against what was written, in one round … */
#define REGISTRY_WATCH_OCTETS (512UL * 1024) /* … or with so many octets */
#define REGISTRY_WATCH_ENTRIES 256 /* entries of indexes that are held against rows, in one round */
#define REGISTRY_FILE_LOOK_PIECE \
	65536 /* octets of files that are held against their digests at a time, … */
#define REGISTRY_FILE_LOOK_PAUSE_MS 10LL /* … with that between two, … */
#define REGISTRY_FILE_LOOK_OCTETS \
	(32ULL * 1024 * 1024 * 1024) /* … and a day, in an hour and a half */
#define REGISTRY_DIFFERENCES_MAX 256 /* that are kept of each peer */
#define REGISTRY_PAGES_MINUTE_MAX \
	64 /* RXP-LOG-004, RXP-PUL-012: pages for, or of, one peer in a minute */
#define REGISTRY_SHOW_MS (3600 * 1000LL) /* RXP-PUL-011: between two posts of the end of a log … */
#define REGISTRY_SHOWN_MS \
	(10LL * 60 * 1000) /* … and how long one of a peer waits for the next page */
#define REGISTRY_ANSWER_OWED_MS \
	(366 * 86400LL * \
	    1000LL) /* for which an answer that a peer lost is in each bundle for it (RXP-BND-013) */
#define REGISTRY_TICK_MS (60 * 1000LL) /* wall-clock duties are looked at this often … */
#define REGISTRY_TEST_TICK_MS 250LL /* … or this often where a test moves the clock */

/* Attachments: octets are those of the ciphertext. */
#define REGISTRY_FILE_OCTETS \
	(64ULL * 1024 * 1024) /* of the plain file: the default profile's bound */
#define REGISTRY_TAG_OCTETS 16 /* RXP-ATT-006 */
#define REGISTRY_CIPHERTEXT_MAX \
	(REGISTRY_FILE_OCTETS + REGISTRY_FILE_OCTETS / RXP_SEGMENT_OCTETS * REGISTRY_TAG_OCTETS)
#define REGISTRY_FILE_KEY_MAX 1024 /* octets of one boxed key */
#define REGISTRY_DESK_FILES_MAX 32 /* files that the desk is writing */
#define REGISTRY_STAGINGS_MAX 128 /* files of peers that are being written or verified */
#define REGISTRY_PEER_STAGINGS_MAX 16 /* the same of one peer */
#define REGISTRY_UNCLAIMED_MAX 1024 /* files of one peer that no document has named … */
#define REGISTRY_UNCLAIMED_OCTETS_MAX \
	(RXP_MAX_ATTACHMENTS * \
	    REGISTRY_CIPHERTEXT_MAX) /* … and theirs: the largest document fits */
#define REGISTRY_AWAITED_MAX \
	1024 /* files of one peer that its documents name and that are to come */
#define REGISTRY_FIRST_OCTETS \
	(1024ULL * \
	    1024) /* of the files of a document of ours: if more, it goes before them where it may */
#define REGISTRY_LATE_MAX 4 /* of such documents whose files are on their way at a time */
#define REGISTRY_LATE_LAST_MS \
	60000LL /* for which a peer is left alone that takes none of them, at most */
#define REGISTRY_UNCLAIMED_MS (72LL * 3600 * 1000) /* RXP-ATT-015; … */
#define REGISTRY_ASKED_AFTER_MS (3600 * 1000LL) /* … how exact it is since when */
#define REGISTRY_TIDY_MS (3600 * 1000LL) /* such files are looked for this often */
#define REGISTRY_DISK_RESERVE_OCTETS \
	(256ULL * 1024 * 1024) /* left by peers for what this State does itself */
#define REGISTRY_CLOSE_MS 1000LL /* for a gateway to close what it has ended; … */
#define REGISTRY_CLOSE_LOOK_MS 5LL /* … looked at this often */
#define REGISTRY_HASH_PIECE 1048576 /* octets hashed in one round of the loop */
#define REGISTRY_UPLOADS_PER_MESSAGE \
	2 /* so that one is sent while another is asked for or answered */
#define REGISTRY_UPLOADS_PER_PEER 4 /* of the window of `upload`, so that no peer takes all */
#define REGISTRY_HELDS_MAX \
	16 /* attachments of which is known how much of them one peer held, when it was asked last … */
#define REGISTRY_HELD_KNOWN_MS (3600 * 1000LL) /* … and for how long each */
#define REGISTRY_FILE_TICKET_MS (10LL * 60 * 1000) /* for which a permit to read a file counts */

#endif
