#!/bin/bash
# Goal of this scenario: what either side's database is made to say by hand is found and named (RXP-LOG-008 to 014).
# - two nodes that nobody touched compare their logs when a day has passed, on their own, and nothing differs; also
#   after a message was erased, after both were started anew, and while a message is under way
# - of the log that a node keeps, an entry rewritten (with its chain and without), removed, added, put in the place of
#   another and the whole log replaced are each found by the peer, and by the node itself
# - of what the sender holds, an answer rewritten, a message removed and one added are found by the sender
# - the alarm names the entry and the message, in the log, in `log list`, in the figures and in /health/ready, and the
#   messages go on; it ends when a person notes it; the sealed page that shows it is kept
# - what anybody but the node wrote into a table that no receipt speaks of, or into the sums that watch it, is found and named;
#   while the sums prove nothing, nothing is used of a peer
# - a draft that was moved to another case is not sealed
# - a log that is another one for a reason that people know is read anew at their word
. "$(dirname "$0")/lib.sh"

day=$((86400 * 1000))
db() { # PARTY SQL: as somebody with the file would, past every check
	sqlite3 "$work/$1/data/readmit.db" "PRAGMA foreign_keys = OFF; $2" >"$work/sql" 2>&1 || { cat "$work/sql"; fail "SQL at $1"; }
}
figure() { # PARTY METRIC
	curl -s --unix-socket "$work/$1/api.sock" http://localhost/metrics | sed -n "s/^readmitd_$2{[^}]*} //p" | head -n 1
}
move_clocks() { # BY MILLISECONDS
	moved=$((${moved:-0} + $1))
	for party in QRA QRB; do printf '%s' "$moved" >"$work/$party/clock"; done
}
compared() { [ "$(grep -c '"event":"log_compared"' "$work/$1/log")" -gt "${before[$1]}" ]; }
declare -A before
# The logs of both nodes are read again because a day has gone by.
a_day_later() {
	for party in QRA QRB; do before[$party]=$(grep -c '"event":"log_compared"' "$work/$party/log"); done
	move_clocks $((day + 3600000))
	wait_for 20 compared QRA && wait_for 20 compared QRB
}
none_differs() { ! log_has QRA log_differs && ! log_has QRB log_differs; }

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
for i in 1 2 3 4; do ctl QRA peer test QRB --wait 10 >"$work/out" 2>&1 || fail "Ping $i"; done
ctl QRA --json message send "$(fresh "$(dirname "$0")/../../../spec/examples/application-single.xml")" --to QRB \
	"${officers[@]}" --wait 20 >"$work/sent" 2>&1 || { cat "$work/sent"; fail "an application"; }
for i in 1 2; do ctl QRB peer test QRA --wait 10 >"$work/out" 2>&1 || fail "Ping $i of QRB"; done

# --- nobody touched anything ---
claim "a day later each has read the log that the other keeps for it" a_day_later
claim "and nothing differs" none_differs
claim "QRA agrees up to the last entry" grep -q 'QRB  *2 .* 5 ' <(ctl QRA log list)
claim "nor does it the next day" a_day_later
claim "still" none_differs
claim "the node is well" curl -sf --unix-socket "$work/QRA/api.sock" http://localhost/health/ready
node_stop QRA
node_stop QRB
# What each test begins with: before anything is erased, since the notice that nothing is left of a case would be one entry more
# in each log, sooner or later.
for party in QRA QRB; do cp -a "$work/$party/data" "$work/$party/untouched"; done

# --- what was erased is no difference ---
node_start QRA
node_start QRB
value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
claim "QRB erases the application" ctl QRB message erase "$(ctl QRB --json inbox list | value local_id)" --yes
claim "and QRA" ctl QRA message erase "$(value local_id <"$work/sent")" --yes
claim "their entries stay as they were" a_day_later
claim "so that nothing differs" none_differs
node_stop QRA
node_stop QRB

# edit PARTY SQL: the database of both as before, but for this at one of them; both start, and QRA compares.
edit() {
	for party in QRA QRB; do
		rm -rf "$work/$party/data"
		cp -a "$work/$party/untouched" "$work/$party/data"
		: >"$work/$party/log"
	done
	[ -z "$2" ] || db "$1" "$2"
	node_start QRA
	node_start QRB
	wait_for 10 log_has QRB node_started
	timeout 5 readmitctl --socket "$work/QRA/api.sock" log check QRB >"$work/check" 2>&1
	checked=$?
}
# names PARTY [DIFFERENCE [ENTRY [MESSAGE]]]: the node does.
names() { log_has "$1" log_differs "${2:+\"difference\":\"$2\",\"entry\":${3:-[0-9]}${4:+,\"message\":\"$4\"}}"; }
both_stop() {
	node_stop QRA
	node_stop QRB
}
# edited PARTY WORDS SQL FINDING…: what is rewritten at the party, and what is found of it: a party, what it names and, if it can
# say that, the entry and the message. `not` before it: the party does not name that, or nothing at all.
edited() {
	local words=$2 finding says
	edit "$1" "$3"
	shift 3
	for finding in "$@"; do
		read -ra says <<<"$finding"
		[ "${says[0]}" = not ] || claim "$words: $finding" wait_for 10 names "${says[@]}"
	done
	both_stop # and have written all that they had to say
	for finding in "$@"; do
		read -ra says <<<"$finding"
		[ "${says[0]}" != not ] || claim_not "$words: $finding" names "${says[@]:1}"
	done
}
id_of() { sqlite3 -readonly "$work/QRB/untouched/readmit.db" "SELECT lower(hex(message_id)) FROM answer WHERE log_n = $1"; }
dashed() { sed -E 's/^(.{8})(.{4})(.{4})(.{4})/\1-\2-\3-\4-/'; }
third=$(id_of 3 | dashed)
of_third="lower(hex(message_id)) = '$(id_of 3)'" # a row of the outbox
stranger=019aafe25c007d319a0e2f6b1c9d7e55 other_log=00000000000040008000000000000001

edit QRB ""
claim "copies that nobody touched agree" [ "$checked" = 0 ]
claim "and give no alarm" none_differs
both_stop

# --- the log that QRB keeps ---
edit QRB "UPDATE answer SET received_ms = received_ms + 1000 WHERE log_n = 3"
claim "an entry is rewritten at QRB: QRA finds the time" wait_for 10 names QRA time-differs 3
claim "and names the message" logged QRA log_differs "\"message\":\"$third\""
claim "the command says so and fails" eval '[ "$checked" = 1 ] && grep -q "time-differs .* 3  *$third" "$work/check"'
claim "with what to do" grep -q 'what to do' "$work/check"
claim "QRB finds it itself" wait_for 10 names QRB own-entry-changed 3
claim "the figures count it" [ "$(figure QRA log_differences)" -ge 1 ]
claim_not "the node is not well" curl -sf --unix-socket "$work/QRA/api.sock" http://localhost/health/ready
claim "but messages go on" ctl QRA peer test QRB --wait 10
claim "the sealed page that shows it is kept" ctl QRA log page QRB --entry 3 --out "$work/page.xml"
claim "and is one" grep -q '<LogPage xmlns="urn:rxp:1:log">' "$work/page.xml"
claim "a person notes it" ctl QRA log note QRB
claim "the node is well" curl -sf --unix-socket "$work/QRA/api.sock" http://localhost/health/ready
claim "it stays in the list" grep -q 'time-differs' <(ctl QRA log list)
claim "a day later it is found again, and nothing alarms" a_day_later
claim "since it was noted" curl -sf --unix-socket "$work/QRA/api.sock" http://localhost/health/ready
both_stop

edited QRB "a receipt is made a refusal" "UPDATE answer SET refusal = 'state' WHERE log_n = 2" \
	"QRA outcome-differs 2" "QRB own-entry-changed 2"
edited QRB "another document is put in the place of one" "UPDATE answer SET fingerprint = randomblob(32) WHERE log_n = 4;
	UPDATE inbox SET fingerprint = (SELECT fingerprint FROM answer WHERE log_n = 4) WHERE message_id = (SELECT message_id FROM answer WHERE log_n = 4)" \
	"QRA fingerprint-differs 4" "QRB own-entry-changed 4"
edited QRB "an entry is removed" "DELETE FROM answer WHERE log_n = 3" \
	"QRA log-short 2" "QRA entry-removed 3 $third" "not QRA entry-removed 4" "QRB own-entry-missing 3"
edited QRB "the last entry is removed, and the end with it; its message stays in the inbox" \
	"DELETE FROM answer WHERE log_n = 5; UPDATE peer SET log_count = 4, log_head = (SELECT log_head FROM answer WHERE log_n = 4)" \
	"QRA entry-removed 5" "QRA log-short 4" "QRB own-inbox-differs 0"
edited QRB "an entry is removed and the numbers closed up" "UPDATE answer SET log_n = -log_n WHERE log_n >= 3; DELETE FROM answer WHERE log_n = -3;
	UPDATE answer SET log_n = -log_n - 1 WHERE log_n < 0; UPDATE peer SET log_count = 4" \
	"QRA entry-removed 3" "QRB own-entry-changed 3"
edited QRB "an entry is added" "INSERT INTO answer SELECT peer, randomblob(16), fingerprint, randomblob(32), refusal, received_ms, log_id, 6, log_head, octets, flags, length, lacks FROM answer WHERE log_n = 5;
	UPDATE answer SET message_id = x'$stranger' WHERE log_n = 6; UPDATE peer SET log_count = 6" \
	"QRA entry-unknown 6" "QRB own-entry-changed 6"
edited QRB "the log loses its entries" "UPDATE peer SET log_id = x'$other_log'" \
	"QRA log-id 0" "QRB own-end-differs 0"
edited QRB "the log is replaced by another" "UPDATE peer SET log_id = x'$other_log'; UPDATE answer SET log_id = (SELECT log_id FROM peer)" \
	"QRA log-id 0" "QRB own-entry-changed 1"
edited QRB "the inbox is rewritten" \
	"UPDATE inbox SET received_ms = received_ms - 5000 WHERE message_id = (SELECT message_id FROM answer WHERE log_n = 1)" \
	"QRB own-inbox-differs 1" "not QRA"
edited QRB "the place of a document in its case is rewritten" "UPDATE inbox SET position = 2 WHERE case_id IS NOT NULL" \
	"QRB own-inbox-differs 5"
edited QRA "the type of a document is rewritten" "UPDATE outbox SET type = 'Withdrawal' WHERE case_id IS NOT NULL" \
	"QRA own-outbox-differs 0"
edited QRA "evidence is rewritten" "UPDATE outbox SET evidence = randomblob(length(evidence)) WHERE case_id IS NOT NULL" \
	"QRA own-outbox-differs 0"
edited QRB "what is shown of a case is rewritten" "UPDATE case_ SET state = 'ended'" "QRB own-case-differs 0"
edited QRB "a case is removed, and its documents are there" "DELETE FROM case_" "QRB own-case-differs 0"
edited QRB "it is noted that the other log is one of next year" \
	"UPDATE watch SET since_ms = (strftime('%s', 'now') + 86400 * 365) * 1000" "QRB own-watch-differs 0"
edited QRB "an entry is made one that no page can have" "UPDATE answer SET message_id = x'00' WHERE log_n = 3" \
	"QRA page-false 0" "QRB own-entry-changed 3"
edited QRB "a receipt that was given is rewritten" "UPDATE answer SET octets = randomblob(length(octets)) WHERE log_n = 2" \
	"QRB own-inbox-differs 2"

# --- tables that no receipt speaks of (RXP-LOG-031) ---
# written TABLE: QRB finds that somebody else did.
written() { log_has QRB log_differs "\"difference\":\"own-table-differs\",.*\"table\":\"$1\""; }
edit QRB "INSERT INTO came_back VALUES ('QRA', 1, randomblob(16), randomblob(32), randomblob(32), 1, 0);
	INSERT INTO former VALUES ('QRA', 9, 9, 0, x'00'); DELETE FROM pin; UPDATE own_key SET destroy_ms = destroy_ms + 1;
	DELETE FROM tally WHERE name = 'peer'"
for table in came_back former pin own_key peer sums; do
	claim "rewritten by hand: QRB finds it of $table" wait_for 10 written "$table"
done
claim "the list says which" eval 'ctl QRB log list | grep -q "own-table-differs .* came_back"'
claim_not "not what nobody rewrote" written journal
claim_not "QRA has nothing to say of it" log_has QRA log_differs
claim "of a peer nothing is used while the sums prove nothing" logged QRB peer_unreadable
claim "until a person brings its descriptor" eval \
	'ctl QRA descriptor export --out "$work/again.xml" && ctl QRB peer update QRA "$work/again.xml" --yes >"$work/out"'
claim "then messages go on" ctl QRA peer test QRB --wait 10
both_stop

# --- what QRA holds ---
for change in "answer = randomblob(length(answer))" "answer = NULL" "log_count = NULL, log_head = NULL" "flags = 'late'"; do
	edited QRA "of a receipt it holds $change" "UPDATE outbox SET $change WHERE $of_third" "QRA own-outbox-differs 0"
done
edited QRA "the record of a receipt is rewritten" "UPDATE outbox SET received_ms = received_ms + 60000 WHERE $of_third" \
	"QRA own-record 3" "not QRB"
edited QRA "a message is removed" "DELETE FROM attempt; DELETE FROM outbox WHERE $of_third" "QRA own-message-gone 3"
edited QRA "a message is made another, whose answer the log lacks" "UPDATE outbox SET message_id = x'$stranger' WHERE $of_third" \
	"QRA answer-missing 0" "QRA own-message-gone 3"
edited QRA "the head in the record of a receipt is rewritten" "UPDATE outbox SET log_head = randomblob(32) WHERE $of_third" \
	"QRA receipt-differs"
edited QRA "the copy of the peer's log is rewritten" "UPDATE watched SET received_ms = 1 WHERE n = 2" "QRA own-copy 2"

# --- found because a day has gone by, and not because somebody asked ---
edit QRB ""
claim "both agree" [ "$checked" = 0 ]
node_stop QRB
db QRB "UPDATE answer SET received_ms = received_ms + 1 WHERE log_n = 1"
node_start QRB
claim "QRB finds it at its start" wait_for 10 names QRB own-entry-changed 1
claim_not "QRA does not know yet" log_has QRA log_differs
claim "a day later" a_day_later
claim "it does" wait_for 10 names QRA time-differs 1

# --- people know why a log is another one ---
claim "QRA notes it" ctl QRA log note QRB
claim "and forgets what the log of QRB said" ctl QRA log restart QRB --yes
claim "a day later it has read it anew" a_day_later
claim "and agrees with what it says now" curl -sf --unix-socket "$work/QRA/api.sock" http://localhost/health/ready

# --- what waits goes in no other case (spec/storage.md, "What a hand does to the database") ---
examples=$(dirname "$0")/../../../spec/examples ahead=$((moved / day))
node_stop QRB
sed -i 's/"P2"/"P1"/' "$(fresh "$examples/withdrawal.xml")"
for i in 1 2; do
	ctl QRA --json message send "$(fresh "$examples/application-single.xml")" --to QRB "${officers[@]}" >"$work/sent" 2>&1 &&
		ctl QRA message send "$work/fresh/withdrawal.xml" --to QRB "${officers[@]}" --case "$(value case_id <"$work/sent")" >>"$work/sent" 2>&1 ||
		{ cat "$work/sent"; fail "application $i and its withdrawal"; }
done
node_stop QRA
db QRA "CREATE TEMP TABLE of_the_other AS SELECT local_id, draft FROM outbox WHERE state = 'draft';
	UPDATE outbox SET draft = (SELECT o.draft FROM of_the_other o WHERE o.local_id <> outbox.local_id) WHERE state = 'draft'"
node_start QRA
node_start QRB
both_parked() { [ "$(ctl QRA queue list | grep -c 'its draft is of another case')" = 2 ]; }
claim "QRA finds that its outbox is another, and begins nothing (RXP-LOG-032)" logged QRA log_differs '"table":"outbox"'
claim_not "so that nothing is tried" both_parked
claim "a person notes it" ctl QRA log note QRB
claim "two withdrawals are moved to each other's case by hand: neither is sealed" wait_for 20 both_parked
