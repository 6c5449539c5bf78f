#include "daemon/registry/store/schema.h"

/* What names a box under a storage key: the name of the key and the IV (daemon/base/box_purpose.h). By it all boxes of an epoch are
 * found, and each of them again. */
#define BOX_NAME(column) "substr(" column ", 2, 20)"

/* Ids are made by us, times are milliseconds UTC, NULL means "not yet". No triggers, no views. */
static const char own_and_peers[] =
    "CREATE TABLE node ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " own TEXT NOT NULL,"
    " test_node INTEGER NOT NULL,"
    " identity_serial INTEGER NOT NULL,"
    " identity BLOB NOT NULL,"
    " root BLOB NOT NULL,"
    " working_created_ms INTEGER NOT NULL,"
    " working BLOB NOT NULL,"
    " descriptor BLOB NOT NULL"
    ") STRICT;"

    /* check_value: tells the key of the epoch from others; the highest n is the present one */
    "CREATE TABLE storage_epoch ("
    " n INTEGER PRIMARY KEY,"
    " check_value BLOB NOT NULL UNIQUE,"
    " begun_ms INTEGER NOT NULL,"
    " ended_ms INTEGER"
    ") STRICT;"

    "CREATE TABLE own_key ("
    " key_id BLOB NOT NULL PRIMARY KEY,"
    " spki BLOB NOT NULL,"
    " wrapped BLOB NOT NULL,"
    " made_ms INTEGER NOT NULL,"
    " from_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL,"
    " destroy_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX own_key_box ON own_key (" BOX_NAME(
	"wrapped") ");"

		   "CREATE TABLE peer ("
		   " party TEXT NOT NULL PRIMARY KEY,"
		   " state TEXT NOT NULL CHECK (state IN ('active', 'distrusted')),"
		   " root BLOB NOT NULL,"
		   " identity_serial INTEGER NOT NULL,"
		   " identity BLOB NOT NULL,"
		   " working_created_ms INTEGER NOT NULL,"
		   " descriptor BLOB NOT NULL,"
		   " records BLOB NOT NULL,"
		   " added_ms INTEGER NOT NULL,"
		   " last_contact_ms INTEGER NOT NULL DEFAULT 0,"
		   " log_id BLOB NOT NULL,"
		   " log_count INTEGER NOT NULL,"
		   " log_head BLOB NOT NULL,"
		   " octets INTEGER NOT NULL DEFAULT 0" /* of what it made us store */
		   ") STRICT;"

		   "CREATE TABLE pin ("
		   " spki_digest BLOB NOT NULL PRIMARY KEY,"
		   " party TEXT NOT NULL REFERENCES peer (party)"
		   ") STRICT, WITHOUT ROWID;"
		   "CREATE INDEX pin_party ON pin (party);";

static const char received[] =
    "CREATE TABLE answer ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " message_id BLOB NOT NULL,"
    " fingerprint BLOB NOT NULL,"
    " envelope_digest BLOB NOT NULL,"
    " refusal TEXT NOT NULL,"
    " received_ms INTEGER NOT NULL,"
    " log_id BLOB NOT NULL,"
    " log_n INTEGER NOT NULL,"
    " log_head BLOB NOT NULL," /* head(log_n) */
    " octets BLOB NOT NULL,"
    " flags TEXT NOT NULL,"
    " length INTEGER NOT NULL," /* of what is stored, here and in inbox: to be added up at the start */
    " lacks INTEGER NOT NULL," /* 1: it was brought back, and what it receipts was not */
    " PRIMARY KEY (peer, message_id, fingerprint)"
    ") STRICT;"
    "CREATE UNIQUE INDEX answer_envelope ON answer (peer, envelope_digest);"
    "CREATE UNIQUE INDEX answer_log ON answer (peer, log_id, log_n);"
    "CREATE INDEX answer_length ON answer (peer, length);"

    "CREATE TABLE case_ ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " case_id BLOB NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN ('requesting', 'requested')),"
    " profile_id TEXT NOT NULL,"
    " profile_version TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " persons INTEGER NOT NULL,"
    " documents INTEGER NOT NULL,"
    " opened_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL,"
    " legal_hold_ms INTEGER,"
    " look_ms INTEGER," /* to see whether something of it is to be erased */
    " kind INTEGER NOT NULL," /* API_CASES_ */
    " PRIMARY KEY (peer, case_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX case_id ON case_ (case_id, opened_ms, peer);"
    "CREATE INDEX case_state ON case_ (state);"
    "CREATE INDEX case_look ON case_ (look_ms) WHERE look_ms IS NOT NULL;"

    "CREATE TABLE inbox ("
    " local_id BLOB NOT NULL PRIMARY KEY,"
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " state TEXT NOT NULL,"
    " message_id BLOB,"
    " fingerprint BLOB,"
    " type TEXT NOT NULL,"
    " created_ms INTEGER,"
    " expires_ms INTEGER,"
    " received_ms INTEGER NOT NULL,"
    " envelope_digest BLOB NOT NULL,"
    " seal_cert BLOB,"
    " envelope BLOB,"
    " evidence BLOB,"
    " wrapped_key BLOB,"
    " case_id BLOB,"
    " position INTEGER,"
    " previous BLOB,"
    " seen BLOB,"
    " facts BLOB,"
    " length INTEGER NOT NULL,"
    " erased_ms INTEGER,"
    " blocked_ms INTEGER,"
    " unread INTEGER NOT NULL," /* 1: erased before the desk took it over */
    " FOREIGN KEY (peer, message_id, fingerprint) REFERENCES answer (peer, message_id, fingerprint),"
    " FOREIGN KEY (peer, case_id) REFERENCES case_ (peer, case_id)"
    ") STRICT;"
    "CREATE UNIQUE INDEX inbox_message ON inbox (peer, message_id, fingerprint)"
    " WHERE message_id IS NOT NULL;"
    "CREATE INDEX inbox_peer ON inbox (peer, local_id);"
    "CREATE INDEX inbox_state ON inbox (state, local_id);"
    "CREATE INDEX inbox_count ON inbox (peer, state);"
    "CREATE INDEX inbox_length ON inbox (peer, length);"
    "CREATE UNIQUE INDEX inbox_quarantine ON inbox (peer, envelope_digest)"
    " WHERE message_id IS NULL;"
    "CREATE INDEX inbox_box ON inbox (" BOX_NAME(
	"wrapped_key") ") WHERE wrapped_key IS NOT NULL;"
		       "CREATE UNIQUE INDEX inbox_case ON inbox (peer, case_id, position) WHERE case_id IS NOT NULL;";

static const char to_send[] =
    "CREATE TABLE outbox ("
    " local_id BLOB NOT NULL PRIMARY KEY,"
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " state TEXT NOT NULL,"
    " type TEXT NOT NULL,"
    " from_office TEXT NOT NULL,"
    " to_office TEXT NOT NULL,"
    " accepted_ms INTEGER NOT NULL,"
    " message_id BLOB UNIQUE,"
    " created_ms INTEGER,"
    " expires_ms INTEGER,"
    " envelope_digest BLOB,"
    " fingerprint BLOB,"
    " envelope BLOB,"
    " evidence BLOB,"
    " wrapped_key BLOB,"
    " key_id BLOB," /* the peer's agreement key that the envelope names */
    " earlier BLOB," /* digests of former envelopes of the document */
    " lacks_from INTEGER," /* first Position that the peer lacked at its last `gap` */
    " lost INTEGER NOT NULL DEFAULT 0," /* 1: the peer has lost it, and is to get it again */
    " attempts INTEGER NOT NULL DEFAULT 0,"
    " strikes INTEGER NOT NULL DEFAULT 0,"
    " first_attempt_ms INTEGER,"
    " next_try_ms INTEGER,"
    /* when the first clock of its case by which we must act is due; the last instant there is: never */
    " deadline_ms INTEGER NOT NULL DEFAULT 9223372036854775807,"
    " ordered INTEGER NOT NULL DEFAULT 0," /* 1: a person ordered the next try, whatever halts it */
    " last_error TEXT NOT NULL DEFAULT '',"
    " refusal TEXT NOT NULL DEFAULT '',"
    " received_ms INTEGER,"
    " answered_ms INTEGER,"
    " log_id BLOB,"
    " log_count INTEGER,"
    " log_head BLOB,"
    " refused_ms INTEGER," /* of a final refusal: the time of receipt that it names (RXP-ANS-018) */
    " flags TEXT NOT NULL DEFAULT '',"
    " answer BLOB,"
    " case_id BLOB,"
    " turn INTEGER," /* order in which the desk gave the documents of the case */
    " position INTEGER,"
    " previous BLOB,"
    " seen BLOB,"
    " draft BLOB,"
    " facts BLOB,"
    " idem_key TEXT UNIQUE,"
    " body_digest BLOB,"
    " erased_ms INTEGER,"
    " blocked_ms INTEGER,"
    " FOREIGN KEY (peer, case_id) REFERENCES case_ (peer, case_id)"
    ") STRICT;"
    "CREATE UNIQUE INDEX outbox_case ON outbox (peer, case_id, turn) WHERE case_id IS NOT NULL;"
    "CREATE INDEX outbox_case_open ON outbox (peer, case_id, turn)"
    " WHERE case_id IS NOT NULL AND answered_ms IS NULL;"
    "CREATE INDEX outbox_case_position ON outbox (peer, case_id, position)"
    " WHERE case_id IS NOT NULL;"
    "CREATE INDEX outbox_due ON outbox (peer, deadline_ms, next_try_ms) WHERE next_try_ms IS NOT NULL;"
    "CREATE INDEX outbox_next ON outbox (peer, next_try_ms) WHERE next_try_ms IS NOT NULL;"
    "CREATE INDEX outbox_wake ON outbox (next_try_ms) WHERE next_try_ms IS NOT NULL;"
    "CREATE INDEX outbox_peer ON outbox (peer, local_id);"
    "CREATE INDEX outbox_open ON outbox (local_id) WHERE answered_ms IS NULL;"
    "CREATE INDEX outbox_peer_open ON outbox (peer, local_id) WHERE answered_ms IS NULL;"
    "CREATE INDEX outbox_state ON outbox (peer, state);"
    "CREATE INDEX outbox_logged ON outbox (peer, message_id, answered_ms)"
    " WHERE received_ms IS NOT NULL OR refused_ms IS NOT NULL;"
    "CREATE INDEX outbox_named ON outbox (peer, log_count) WHERE log_count IS NOT NULL;"
    "CREATE INDEX outbox_box ON outbox (" BOX_NAME(
	"wrapped_key") ") WHERE wrapped_key IS NOT NULL;"
		       "CREATE INDEX outbox_draft ON outbox (" BOX_NAME(
			   "draft") ") WHERE draft IS NOT NULL;"
				    "CREATE INDEX outbox_keyed ON outbox (accepted_ms) WHERE idem_key IS NOT NULL;"

				    "CREATE TABLE journal ("
				    " n INTEGER PRIMARY KEY,"
				    " at_ms INTEGER NOT NULL,"
				    " user TEXT NOT NULL,"
				    " role TEXT NOT NULL,"
				    " action TEXT NOT NULL,"
				    " reason TEXT NOT NULL,"
				    " peer TEXT NOT NULL,"
				    " case_id BLOB NOT NULL," /* zeros: none; of local_id likewise */
				    " local_id BLOB NOT NULL,"
				    " number INTEGER NOT NULL,"
				    " head BLOB NOT NULL"
				    ") STRICT;"
				    "CREATE INDEX journal_case ON journal (case_id, n);"
				    "CREATE INDEX journal_user ON journal (user, n);";

/* party: of whom it came; NULL for a file of our own desk. What the desk, or the document that names
 * it, says of the file is empty before that. message: a local id of either box. */
static const char attachments[] =
    "CREATE TABLE attachment ("
    " id BLOB NOT NULL PRIMARY KEY,"
    " party TEXT REFERENCES peer (party),"
    " state TEXT NOT NULL,"
    " ciphertext_digest BLOB NOT NULL,"
    " ciphertext_length INTEGER NOT NULL,"
    " length INTEGER NOT NULL,"
    " file_digest BLOB,"
    " type TEXT NOT NULL,"
    " media_type TEXT NOT NULL,"
    " checked_by TEXT NOT NULL,"
    " key BLOB,"
    " since_ms INTEGER NOT NULL,"
    " message BLOB,"
    " number INTEGER"
    ") STRICT;"
    "CREATE UNIQUE INDEX attachment_own ON attachment (ciphertext_digest) WHERE party IS NULL;"
    "CREATE UNIQUE INDEX attachment_peer ON attachment (party, ciphertext_digest)"
    " WHERE party IS NOT NULL;"
    "CREATE INDEX attachment_length ON attachment (party, ciphertext_length)"
    " WHERE party IS NOT NULL;"
    "CREATE UNIQUE INDEX attachment_message ON attachment (message, number)"
    " WHERE message IS NOT NULL;"
    "CREATE INDEX attachment_unclaimed ON attachment (party, ciphertext_length)"
    " WHERE message IS NULL;"
    "CREATE INDEX attachment_box ON attachment (" BOX_NAME(
	"key") ") WHERE key IS NOT NULL;"
	       "CREATE INDEX attachment_age ON attachment (since_ms) WHERE message IS NULL;";

/* sealed: as it was taken; records: what a sealer read in it. choice: what new cases with a peer run under. */
static const char terms[] =
    "CREATE TABLE profile ("
    " publisher TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " overlay INTEGER NOT NULL CHECK (overlay IN (0, 1)),"
    " digest BLOB NOT NULL,"
    " sealed BLOB NOT NULL,"
    " records BLOB NOT NULL,"
    " taken_ms INTEGER NOT NULL,"
    " PRIMARY KEY (publisher, id, version)"
    ") STRICT;"
    "CREATE INDEX profile_order ON profile (overlay, publisher, id, version);"

    "CREATE TABLE attestation ("
    " publisher TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " digest BLOB NOT NULL,"
    " officer TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (publisher, id, version),"
    " FOREIGN KEY (publisher, id, version) REFERENCES profile (publisher, id, version)"
    ") STRICT;"

    "CREATE TABLE calendar ("
    " owner TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " digest BLOB NOT NULL,"
    " sealed BLOB NOT NULL,"
    " records BLOB NOT NULL,"
    " taken_ms INTEGER NOT NULL,"
    " PRIMARY KEY (owner, version)"
    ") STRICT;"

    "CREATE TABLE choice ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " from_ms INTEGER NOT NULL,"
    " id TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " PRIMARY KEY (peer, from_ms)"
    ") STRICT;";

/* What keeps our own next steps back (RXP-HLD). person 0: the whole case. The user is who did it; of a stop,
 * NULL says that nobody has yet. */
static const char halts[] = "CREATE TABLE hold ("
			    " peer TEXT NOT NULL,"
			    " case_id BLOB NOT NULL,"
			    " person INTEGER NOT NULL,"
			    " reason TEXT NOT NULL,"
			    " user TEXT NOT NULL,"
			    " at_ms INTEGER NOT NULL,"
			    " PRIMARY KEY (peer, case_id, person, reason, user),"
			    " FOREIGN KEY (peer, case_id) REFERENCES case_ (peer, case_id)"
			    ") STRICT, WITHOUT ROWID;"
			    "CREATE TABLE stop ("
			    " id BLOB NOT NULL PRIMARY KEY,"
			    " kind TEXT NOT NULL,"
			    " what TEXT NOT NULL,"
			    " reason TEXT NOT NULL,"
			    " proposed_by TEXT NOT NULL,"
			    " proposed_ms INTEGER NOT NULL,"
			    " confirmed_by TEXT,"
			    " confirmed_ms INTEGER,"
			    " lift_by TEXT,"
			    " lift_ms INTEGER"
			    ") STRICT, WITHOUT ROWID;";

static const char disturbances[] =
    "CREATE TABLE outage ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " own INTEGER NOT NULL," /* we declared it */
    " outage_id BLOB NOT NULL,"
    " from_ms INTEGER NOT NULL,"
    " until_ms INTEGER,"
    " PRIMARY KEY (peer, own, outage_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX outage_from ON outage (peer, from_ms);"
    "CREATE INDEX outage_until ON outage (peer, own, until_ms);"
    "CREATE INDEX outage_side ON outage (peer, own, from_ms, outage_id);";

/* What peers offer, until somebody adds it or they offer another. */
static const char offers[] = "CREATE TABLE offer ("
			     " offer_id BLOB NOT NULL PRIMARY KEY,"
			     " peer TEXT NOT NULL REFERENCES peer (party),"
			     " calendar INTEGER NOT NULL CHECK (calendar IN (0, 1)),"
			     " name TEXT NOT NULL,"
			     " version TEXT NOT NULL,"
			     " from_day TEXT NOT NULL,"
			     " digest BLOB NOT NULL,"
			     " file BLOB NOT NULL,"
			     " offered_ms INTEGER NOT NULL,"
			     " UNIQUE (peer, calendar, name)"
			     ") STRICT;"
			     "CREATE INDEX offer_order ON offer (peer, offered_ms, offer_id);";

/* How the office of a peer's node is reached, as it last said. */
/* How the line to a peer may be used (store_line.h). */
static const char lines[] = "CREATE TABLE line ("
			    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
			    " rate INTEGER NOT NULL,"
			    " window TEXT NOT NULL,"
			    " attachments TEXT NOT NULL,"
			    " urgent_waits INTEGER NOT NULL"
			    ") STRICT;";

static const char contacts[] = "CREATE TABLE contact ("
			       " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
			       " office TEXT NOT NULL,"
			       " telephone TEXT NOT NULL,"
			       " email TEXT NOT NULL,"
			       " told_ms INTEGER NOT NULL"
			       ") STRICT;";

/* Histories (store_history.h). given: what a peer asked for, and where we are in giving it; asked: what we asked a peer
 * for, and what came of it; piece: what came and is not looked at yet. */
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
    " source BLOB," /* the document that it gives */
    " copy BLOB," /* our message with it */
    " documents INTEGER NOT NULL,"
    " day INTEGER NOT NULL," /* of UTC, in which so many requests came */
    " requests INTEGER NOT NULL,"
    " copy_day INTEGER NOT NULL," /* in which so many copies were made */
    " copies INTEGER NOT NULL,"
    " not_before_ms INTEGER NOT NULL" /* when the next one may be made */
    ") STRICT;"
    "CREATE INDEX history_source ON history_given (source) WHERE source IS NOT NULL;"

    "CREATE TABLE history_asked ("
    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
    " request BLOB NOT NULL," /* local id of our message */
    " case_id BLOB NOT NULL," /* zeros: all */
    " asked_ms INTEGER NOT NULL,"
    " ended_ms INTEGER,"
    " number INTEGER NOT NULL," /* of the copy that came last */
    " taken INTEGER NOT NULL,"
    " held INTEGER NOT NULL,"
    " left_out INTEGER NOT NULL,"
    " forked INTEGER NOT NULL,"
    " spoilt INTEGER NOT NULL"
    ") STRICT;"

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

/* What the documents of a case made of its clocks (store_clock.h). It can be computed anew at any time, but
 * for what was told. clock_look: when to do so again, because time alone changes it. */
static const char clocks[] =
    "CREATE TABLE clock ("
    " peer TEXT NOT NULL,"
    " case_id BLOB NOT NULL,"
    " person INTEGER NOT NULL,"
    " clock TEXT NOT NULL,"
    " status TEXT NOT NULL,"
    " own INTEGER NOT NULL," /* we must act */
    " open INTEGER NOT NULL,"
    " provisional INTEGER NOT NULL,"
    " start_ms INTEGER,"
    " due_ms INTEGER,"
    " warn_ms INTEGER,"
    " off_ms INTEGER NOT NULL,"
    " local TEXT NOT NULL," /* the last day, as the owner of the calendar reads it */
    " said TEXT NOT NULL CHECK (said IN ('', 'warned', 'told')),"
    " first INTEGER NOT NULL,"
    " PRIMARY KEY (peer, case_id, person, clock),"
    " FOREIGN KEY (peer, case_id) REFERENCES case_ (peer, case_id) ON DELETE CASCADE"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX clock_first ON clock (peer, case_id) WHERE first = 1;"
    "CREATE INDEX clock_due ON clock (due_ms, case_id, peer) WHERE first = 1;"
    "CREATE INDEX clock_due_peer ON clock (peer, due_ms, case_id) WHERE first = 1;"
    "CREATE INDEX clock_open ON clock (peer, clock, due_ms, provisional) WHERE open = 1;"

    "CREATE TABLE clock_look ("
    " peer TEXT NOT NULL,"
    " case_id BLOB NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (peer, case_id),"
    " FOREIGN KEY (peer, case_id) REFERENCES case_ (peer, case_id) ON DELETE CASCADE"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX clock_look_at ON clock_look (at_ms);"

    /* Attempts without a signed answer, in a day of UTC. */
    "CREATE TABLE attempt ("
    " local_id BLOB NOT NULL REFERENCES outbox (local_id) ON DELETE CASCADE,"
    " day INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL,"
    " PRIMARY KEY (local_id, day)"
    ") STRICT, WITHOUT ROWID;";

/* Acts of second officers, each about one document that is not given to the node yet, or will never be. */
static const char countersigns[] = "CREATE TABLE countersign ("
				   " text BLOB NOT NULL," /* SHA-256 of the document */
				   " user TEXT NOT NULL,"
				   " officer TEXT NOT NULL,"
				   " names INTEGER NOT NULL," /* 1: they are confirmed */
				   " at_ms INTEGER NOT NULL,"
				   " PRIMARY KEY (text, user)"
				   ") STRICT, WITHOUT ROWID;"
				   "CREATE INDEX countersign_age ON countersign (at_ms);";

/* Items of corrections that were carried out here. done: words of protocol/case/correction_asked.def and correction_answered.def; attachment: the file that the field
 * is, or lies within. box: field and value, until the content of either document is erased; NULL for All too. */
static const char corrections[] =
    "CREATE TABLE correction ("
    " correction BLOB NOT NULL," /* local id, as that of the document */
    " item INTEGER NOT NULL,"
    " document BLOB NOT NULL,"
    " done TEXT NOT NULL,"
    " attachment INTEGER NOT NULL,"
    " own INTEGER NOT NULL," /* we asked for it */
    " at_ms INTEGER NOT NULL,"
    " box BLOB,"
    " PRIMARY KEY (correction, item)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX correction_box ON correction (" BOX_NAME(
	"box") ") WHERE box IS NOT NULL;"
	       "CREATE INDEX correction_document ON correction (document, at_ms);";

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
    " found_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL,"
    " page BLOB," /* that shows it, as sealed */
    " noted_by TEXT,"
    " noted_ms INTEGER,"
    " PRIMARY KEY (peer, what, n, message_id)"
    ") STRICT;"
    "CREATE INDEX log_difference_open ON log_difference (peer) WHERE noted_ms IS NULL;";

/* Documents that were receipted before their attachments were there, of either box. said: our AttachmentsReceived that
 * names one of the inbox; complete_ms and received_ms: of the one that names it. */
static const char pendings[] =
    "CREATE TABLE pending ("
    " local_id BLOB NOT NULL PRIMARY KEY,"
    " own INTEGER NOT NULL," /* we sent it */
    " peer TEXT NOT NULL,"
    " case_id BLOB NOT NULL,"
    " said BLOB,"
    " complete_ms INTEGER,"
    " received_ms INTEGER"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX pending_case ON pending (peer, case_id);"
    "CREATE INDEX pending_said ON pending (said) WHERE said IS NOT NULL;"
    "CREATE INDEX pending_late ON pending (local_id) WHERE own = 1 AND complete_ms IS NULL;"

    /* attachment: what the document says of it, but its key; until the file is there */
    "CREATE TABLE awaited ("
    " party TEXT NOT NULL,"
    " ciphertext_digest BLOB NOT NULL,"
    " message BLOB NOT NULL,"
    " attachment BLOB NOT NULL,"
    " key BLOB NOT NULL,"
    " PRIMARY KEY (party, ciphertext_digest)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX awaited_box ON awaited (" BOX_NAME(
	"key") ");"
	       "CREATE INDEX awaited_message ON awaited (message, ciphertext_digest);";

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

/* What became of the database as a whole (store_recovery.h). put_back: a row says that it is a copy which was put in the place
 * of a later one; made by whoever puts it there, seen to and deleted by the next start. log_former: logs of ours that
 * ended, since what was in them later is lost. recovery: how far what this node lost with a peer is back; unproved: what came
 * back under a seal of ours that is revoked, and is to be proved; bringing: how far what a peer lost is. */
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
    " missing INTEGER NOT NULL" /* of ours, since then, without their place */
    ") STRICT;"
    "CREATE TABLE unproved ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " message_id BLOB NOT NULL,"
    " own INTEGER NOT NULL," /* 1: a document of ours; 0: an answer of ours */
    " revoked_ms INTEGER NOT NULL,"
    " PRIMARY KEY (peer, message_id)"
    ") STRICT, WITHOUT ROWID;"

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
    " seen INTEGER NOT NULL" /* 1: we saw it, and it did not say so */
    ") STRICT;"

    /* the peer's documents whose receipts came back, and whose place in
				  * their case is not there yet; due: to be tried */
    "CREATE TABLE tray ("
    " peer TEXT NOT NULL REFERENCES peer (party),"
    " message_id BLOB NOT NULL,"
    " case_id BLOB NOT NULL,"
    " position INTEGER NOT NULL,"
    " envelope BLOB NOT NULL,"
    " key_id BLOB NOT NULL," /* of ours, that opens it */
    " due INTEGER NOT NULL,"
    " PRIMARY KEY (peer, message_id)"
    ") STRICT;"
    "CREATE INDEX tray_case ON tray (peer, case_id, position);"
    "CREATE INDEX tray_due ON tray (peer, case_id, position) WHERE due = 1;";

/* A string of C99 holds 4095 characters, so the text is in parts. */
const char *schema_text(size_t part)
{
	static const char *const parts[] = {own_and_peers, watches, pages, received, to_send,
	    attachments, terms, halts, disturbances, offers, lines, contacts, histories,
	    countersigns, corrections, pendings, clocks, recoveries, erasures, confirmations};

	return part < sizeof parts / sizeof parts[0] ? parts[part] : NULL;
}
