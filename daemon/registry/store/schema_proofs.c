/* Tables of logs and of what comes back after a loss, or was erased. */
#include "daemon/registry/store/schema_part.h"

#include <stddef.h>

/* How the logs that peers keep for us compare with what we know (store_watch.h). n and head of watch: up to which all
 * agreed; watched: what a peer's log said when it was first read. */
static const char watches[] =
    "CREATE TABLE watch ("
    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
    " log_id BLOB NOT NULL,"
    " n INTEGER NOT NULL,"
    " head BLOB NOT NULL,"
    " pass INTEGER NOT NULL," /* how often it was read */
    " compared_ms INTEGER NOT NULL," /* last, to its end */
    " whole_ms INTEGER NOT NULL," /* the same, from the first entry on */
    " since_ms INTEGER NOT NULL," /* what was answered before is in a log that went before */
    " made_ms INTEGER NOT NULL" /* when the newest page was made, by the peer's clock, of those compared */
    ") STRICT;"

    "CREATE TABLE watched ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " n INTEGER NOT NULL,"
    " message_id BLOB NOT NULL,"
    " fingerprint BLOB NOT NULL,"
    " received_ms INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL,"
    " sent INTEGER NOT NULL," /* 1: we knew the message as ours */
    " pass INTEGER NOT NULL," /* in which it was met last */
    " PRIMARY KEY (peer, n)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX watched_message ON watched (peer, message_id);"

    "CREATE TABLE log_difference ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " what TEXT NOT NULL,"
    " n INTEGER NOT NULL,"
    " message_id BLOB NOT NULL," /* zeros: none */
    " log_id BLOB NOT NULL," /* that was expected; zeros: of no log (RXP-LOG-028) */
    " shown BLOB NOT NULL," /* that was shown; the same, but for log-id */
    " found_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL,"
    " page BLOB," /* that shows it, as sealed */
    " noted_by TEXT,"
    " noted_ms INTEGER,"
    " PRIMARY KEY (peer, what, n, message_id, log_id, shown)"
    ") STRICT;"
    "CREATE INDEX log_difference_open ON log_difference (peer) WHERE noted_ms IS NULL;";

/* Pages of logs that are kept as evidence (store_logpage.h); n: entries. log_paged: which page shows the entry of a message,
 * in the log that was read last. */
static const char pages[] = "CREATE TABLE log_page ("
			    " peer TEXT NOT NULL REFERENCES peer (party),"
			    " own INTEGER NOT NULL," /* of the log that we keep for it */
			    " log_id BLOB NOT NULL,"
			    " after_n INTEGER NOT NULL,"
			    " n INTEGER NOT NULL,"
			    " octets BLOB NOT NULL,"
			    " PRIMARY KEY (peer, own, log_id, after_n)"
			    ") STRICT;"
			    "CREATE TABLE log_paged ("
			    " peer TEXT NOT NULL,"
			    " own INTEGER NOT NULL,"
			    " message_id BLOB NOT NULL,"
			    " log_id BLOB NOT NULL,"
			    " after_n INTEGER NOT NULL,"
			    " PRIMARY KEY (peer, own, message_id)"
			    ") STRICT, WITHOUT ROWID;";

/* Histories (store_history.h). given: what a peer asked for, and where we are in giving it; copy: which of our
 * messages give it, until they are answered; asked: what we asked a peer
 * for, and what came of it; left: cases of which something of that was left (store_left.h); piece: what came and is not looked at yet. */
static const char histories[] =
    "CREATE TABLE history_given ("
    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
    " request BLOB NOT NULL," /* its MessageId */
    " cases BLOB," /* NULL: all */
    " open INTEGER NOT NULL,"
    " number INTEGER NOT NULL," /* of the copy made last; the next four tell of it */
    " case_id BLOB NOT NULL,"
    " position INTEGER NOT NULL,"
    " piece INTEGER NOT NULL,"
    " pieces INTEGER NOT NULL,"
    " documents INTEGER NOT NULL,"
    " day INTEGER NOT NULL," /* of UTC, in which so many requests came */
    " requests INTEGER NOT NULL,"
    " copy_day INTEGER NOT NULL," /* in which so many copies were made */
    " copies INTEGER NOT NULL,"
    " not_before_ms INTEGER NOT NULL," /* when the next one may be made */
    " refused INTEGER NOT NULL" /* a copy was, for good: that ended it */
    ") STRICT;"
    "CREATE TABLE history_copy ("
    " copy BLOB NOT NULL PRIMARY KEY," /* our message */
    " peer TEXT NOT NULL REFERENCES history_given (peer),"
    " request BLOB NOT NULL," /* for which it is */
    " number INTEGER NOT NULL,"
    " source BLOB," /* the document that it gives; NULL: none */
    " case_id BLOB NOT NULL" /* of that */
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX history_copies ON history_copy (peer);"
    "CREATE INDEX history_source ON history_copy (source) WHERE source IS NOT NULL;"

    "CREATE TABLE history_asked ("
    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
    " request BLOB NOT NULL," /* local id of our message */
    " cases BLOB," /* NULL: all */
    " asked_ms INTEGER NOT NULL,"
    " ended_ms INTEGER,"
    " number INTEGER NOT NULL," /* of the copy that came last */
    " taken INTEGER NOT NULL,"
    " held INTEGER NOT NULL,"
    " left_out INTEGER NOT NULL,"
    " forked INTEGER NOT NULL,"
    " spoilt INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE history_left ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " case_id BLOB NOT NULL,"
    " documents INTEGER NOT NULL,"
    " previous BLOB," /* what the first of them names, ours … */
    " seen BLOB," /* … and of the peer */
    " asked INTEGER NOT NULL," /* 1: the last request names it, and nothing of it was left since */
    " vain INTEGER NOT NULL," /* 1: nothing was missing */
    " PRIMARY KEY (peer, case_id)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE history_piece ("
    " peer TEXT NOT NULL REFERENCES history_asked (peer),"
    " number INTEGER NOT NULL,"
    " message_id BLOB NOT NULL,"
    " receipted BLOB NOT NULL,"
    " piece INTEGER NOT NULL,"
    " pieces INTEGER NOT NULL,"
    " envelope BLOB NOT NULL,"
    " wrapped_key BLOB NOT NULL,"
    " PRIMARY KEY (peer, number)"
    ") STRICT;"
    "CREATE INDEX history_piece_box ON history_piece (" BOX_NAME("wrapped_key") ");";

/* What became of the database as a whole (store_recovery.h). put_back: a row says that it is a copy which was put in the place
 * of a later one; made by whoever puts it there, seen to and deleted by the next start. log_former: logs of ours that
 * ended, since what was in them later is lost. recovery: how far what this node lost with a peer is back; came_back: what of
 * ours a peer gave back and is held since, documents and answers, with the seal that it bore; unproved_answer: answers under a
 * seal of ours that was revoked already, until a person lets them stand; bringing: how far what a peer lost is. */
static const char recoveries[] =
    "CREATE TABLE put_back ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " at_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE log_former ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " log_id BLOB NOT NULL,"
    " n INTEGER NOT NULL,"
    " head BLOB NOT NULL,"
    " ended_ms INTEGER NOT NULL,"
    " PRIMARY KEY (peer, log_id)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE recovery ("
    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
    " why TEXT NOT NULL,"
    " stage TEXT NOT NULL,"
    " began_ms INTEGER NOT NULL,"
    " ended_ms INTEGER,"
    " proven INTEGER NOT NULL,"
    " notice BLOB NOT NULL," /* local id of our NodeNotice */
    " answers INTEGER NOT NULL," /* that came back … */
    " documents INTEGER NOT NULL," /* … of the peer, and … */
    " own INTEGER NOT NULL," /* … ours */
    " before INTEGER NOT NULL," /* their sum when we asked last */
    " given_up INTEGER NOT NULL," /* of the peer, in the tray, until a person ends that */
    " day INTEGER NOT NULL," /* of UTC, since 1970, in which the log of the peer alone began … */
    " times INTEGER NOT NULL" /* … so many of which nothing came back */
    ") STRICT;"
    "CREATE TABLE came_back ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " own INTEGER NOT NULL," /* 1: a document of ours; 0: our answer to one of the peer */
    " message_id BLOB NOT NULL,"
    " fingerprint BLOB NOT NULL,"
    " seal BLOB NOT NULL," /* SHA-256 of the key of the seal, ours, that it bore */
    " back_ms INTEGER NOT NULL,"
    " unproved INTEGER NOT NULL," /* 1: that seal is revoked, and no person has let it stand */
    " PRIMARY KEY (peer, own, message_id, fingerprint)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX came_back_unproved ON came_back (peer, own, message_id) WHERE unproved = 1;"
    "CREATE INDEX came_back_seal ON came_back (seal, back_ms) WHERE unproved = 0;"
    /* as answer, which each will be, but in no log */
    "CREATE TABLE unproved_answer ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " message_id BLOB NOT NULL,"
    " fingerprint BLOB NOT NULL,"
    " envelope_digest BLOB NOT NULL,"
    " refusal TEXT NOT NULL,"
    " received_ms INTEGER NOT NULL,"
    " octets BLOB NOT NULL,"
    " flags TEXT NOT NULL,"
    " length INTEGER NOT NULL,"
    " back_ms INTEGER NOT NULL,"
    " PRIMARY KEY (peer, message_id, fingerprint)"
    ") STRICT;"
    "CREATE UNIQUE INDEX unproved_answer_envelope ON unproved_answer (peer, envelope_digest);"
    "CREATE INDEX unproved_answer_length ON unproved_answer (peer, length);"

    /* of a peer that has lost answers of its own */
    "CREATE TABLE bringing ("
    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
    " log_id BLOB NOT NULL,"
    " n INTEGER NOT NULL,"
    " open INTEGER NOT NULL,"
    " began_ms INTEGER NOT NULL,"
    " after BLOB NOT NULL," /* the message whose answer was brought last */
    " brought INTEGER NOT NULL,"
    " not_taken INTEGER NOT NULL,"
    " day INTEGER NOT NULL," /* of UTC, in which so many came */
    " times INTEGER NOT NULL,"
    " lost INTEGER NOT NULL," /* of those brought it had lost */
    " seen INTEGER NOT NULL," /* 1: we saw it, or look for it, and it did not say so */
    " again INTEGER NOT NULL," /* 1: those that it did not take come once more */
    " beyond INTEGER NOT NULL" /* entries of its log that nothing accounted for when it said where that ended */
    ") STRICT;"

    /* the peer's documents whose receipts came back, and whose place in
				  * their case is not there yet */
    "CREATE TABLE tray ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " message_id BLOB NOT NULL,"
    " case_id BLOB NOT NULL,"
    " position INTEGER NOT NULL,"
    " envelope BLOB NOT NULL,"
    " key_id BLOB NOT NULL," /* of ours, that opens it */
    " due INTEGER NOT NULL," /* 0: it rests; 1: to be tried; 2: in work */
    " since_ms INTEGER NOT NULL," /* it came */
    " tries INTEGER NOT NULL," /* since something of its case came */
    " next_ms INTEGER NOT NULL," /* is due then, though nothing came */
    " PRIMARY KEY (peer, message_id)"
    ") STRICT;"
    "CREATE INDEX tray_case ON tray (peer, case_id, position);"
    "CREATE INDEX tray_key ON tray (key_id, peer);"
    "CREATE INDEX tray_next ON tray (next_ms) WHERE due = 0;"
    "CREATE INDEX tray_due ON tray (peer, case_id, position) WHERE due > 0;";

/* What was destroyed, chained (daemon/base/erasure.h). owed: 1 if a copy that was put back holds it still, as here says if it is
 * there under another local id; 2 if it does not, and it is erased again should it come. */
static const char erasures[] = "CREATE TABLE erasure ("
			       " n INTEGER PRIMARY KEY,"
			       " at_ms INTEGER NOT NULL,"
			       " local_id BLOB NOT NULL,"
			       " attachment INTEGER NOT NULL,"
			       " name BLOB,"
			       " head BLOB NOT NULL,"
			       " owed INTEGER NOT NULL CHECK (owed IN (0, 1, 2)),"
			       " here BLOB"
			       ") STRICT;"
			       "CREATE INDEX erasure_owed ON erasure (n) WHERE owed = 1;"
			       "CREATE INDEX erasure_awaited ON erasure (name, n) WHERE owed = 2;";

/* What peers said that they erased (store_confirmation.h). */
static const char confirmations[] = "CREATE TABLE confirmation ("
				    " peer TEXT NOT NULL,"
				    " case_id BLOB NOT NULL,"
				    " day TEXT NOT NULL,"
				    " received_ms INTEGER NOT NULL,"
				    " message_id BLOB NOT NULL,"
				    " evidence BLOB NOT NULL,"
				    " body BLOB NOT NULL," /* of it, canonical */
				    " PRIMARY KEY (peer, case_id),"
				    " FOREIGN KEY (peer, case_id) REFERENCES case_ (peer, case_id)"
				    ") STRICT;";

/* What was written into each table, added up (tally.h). */
static const char tallies[] =
    "CREATE TABLE tally ("
    " name TEXT NOT NULL,"
    " party TEXT NOT NULL," /* '': rows of none */
    " rows INTEGER NOT NULL,"
    " sum BLOB NOT NULL,"
    " PRIMARY KEY (name, party)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE tally_whole ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " broken INTEGER NOT NULL," /* how often the sums were found altered */
    " wrapped BLOB NOT NULL," /* their key, in a box */
    " digest BLOB NOT NULL" /* over all of them */
    ") STRICT;";

const char *const schema_proofs[] = {
    watches, pages, histories, recoveries, erasures, confirmations, tallies, NULL};
