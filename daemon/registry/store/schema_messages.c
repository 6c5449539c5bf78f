/* Tables of messages and cases: what came, what goes, its attachments, and what was done with it. */
#include "daemon/registry/store/schema_part.h"

#include <stddef.h>

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
    "CREATE INDEX inbox_notice ON inbox (peer, received_ms) WHERE type = 'NodeNotice';"
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
    " lost INTEGER NOT NULL DEFAULT 0," /* 1: the peer has lost it, and is to get it again; 2: it did not take the answer; 3: nothing shows that it has that */
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
    "CREATE INDEX outbox_again ON outbox (peer, local_id)"
    " WHERE answered_ms IS NOT NULL AND next_try_ms IS NOT NULL;"
    "CREATE INDEX outbox_state ON outbox (peer, state, first_attempt_ms);"
    "CREATE INDEX outbox_open_type ON outbox (peer, type) WHERE answered_ms IS NULL;"
    "CREATE INDEX outbox_answered ON outbox (peer, answered_ms) WHERE answered_ms IS NOT NULL;"
    "CREATE INDEX outbox_logged ON outbox (peer, message_id, answered_ms)"
    " WHERE received_ms IS NOT NULL OR refused_ms IS NOT NULL;"
    "CREATE INDEX outbox_newest ON outbox (peer, " ANSWERED_BY ")"
    " WHERE received_ms IS NOT NULL OR refused_ms IS NOT NULL;"
    "CREATE INDEX outbox_named ON outbox (peer, log_count, log_id) WHERE log_count IS NOT NULL;"
    "CREATE INDEX outbox_lost ON outbox (peer, case_id, position) WHERE lost = 1;"
    "CREATE INDEX outbox_left ON outbox (peer, message_id) WHERE lost >= 2;"
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
				    "CREATE INDEX journal_user ON journal (user, n);"
				    "CREATE INDEX journal_anew ON journal (peer, at_ms)"
				    " WHERE action = 'log-restart';";

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

const char *const schema_messages[] = {
    received, to_send, attachments, pendings, countersigns, corrections, clocks, NULL};
