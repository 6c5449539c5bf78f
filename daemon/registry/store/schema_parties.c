/* Tables of the node itself, of its peers, and of what is agreed with them and said of them. */
#include "daemon/registry/store/schema_part.h"

#include <stddef.h>

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

/* Descriptors that were in force before and that evidence needs (store_former.h), of this State and of peers. n counts those of a
 * party; ended: it was the last of its chain, since people ended their trust in that. */
static const char formers[] = "CREATE TABLE former ("
			      " party TEXT NOT NULL,"
			      " n INTEGER NOT NULL,"
			      " serial INTEGER NOT NULL,"
			      " ended INTEGER NOT NULL CHECK (ended IN (0, 1)),"
			      " descriptor BLOB NOT NULL,"
			      " PRIMARY KEY (party, n)"
			      ") STRICT;";

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

/* How the line to a peer may be used (store_line.h). */
static const char lines[] = "CREATE TABLE line ("
			    " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
			    " rate INTEGER NOT NULL,"
			    " window TEXT NOT NULL,"
			    " attachments TEXT NOT NULL,"
			    " urgent_waits INTEGER NOT NULL"
			    ") STRICT;";

/* How the office of a peer's node is reached, as it last said. */
static const char contacts[] = "CREATE TABLE contact ("
			       " peer TEXT NOT NULL PRIMARY KEY REFERENCES peer (party),"
			       " office TEXT NOT NULL,"
			       " telephone TEXT NOT NULL,"
			       " email TEXT NOT NULL,"
			       " told_ms INTEGER NOT NULL"
			       ") STRICT;";

const char *const schema_parties[] = {
    own_and_peers, formers, terms, halts, disturbances, offers, lines, contacts, NULL};
