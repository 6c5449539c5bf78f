#!/bin/bash
# Goal of this scenario: a node that lost its last hours gets its own documents back from the other State, with real
# programs: its database is copied back from before, it asks, each document takes its place again and gets the receipt
# that it had, and the case goes on. What the other State must not give it does not give.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# take_over PARTY: its desk takes over all that waits.
take_over() {
	local inbox
	for inbox in $(ctl "$1" --json inbox list | grep -o '"local_id": *"[^"]*"' | cut -d'"' -f4); do
		ctl "$1" inbox ack "$inbox" >/dev/null || fail "$1 takes over $inbox"
	done
}
# history COLUMN: of what QRA asked for.
history() { ctl QRA --json history list | tr -d '\n ' | grep -o '{[^{}]*"asked_by":"QRA"[^{}]*}' | grep -o "\"$1\":[^,}]*" | cut -d: -f2 | tr -d '"'; }
history_is() { [ "$(history "$1")" = "$2" ]; }
# receipt PARTY ID: time and place in the log that the receipt of its message names.
receipt() { ctl "$1" --json message show "$2" | tr -d '\n ' | grep -oE '"(received|log_id|log_count|fingerprint|flags)":[^,}]*'; }

cat >"$work/withdrawal.xml" <<-XML
	<Withdrawal $body><Person key="P1"/><Reason>generic</Reason></Withdrawal>
XML

# --- a case, a copy of the database, and what comes after it ---------------------------------------------
send QRA QRB "$(fresh "$examples/application-single.xml")"
case=$(value case_id <<<"$sent") application=$id
fingerprint=$(ctl QRB --json inbox list | value fingerprint_base64)
sed "s|<Application>.*</Application>|<Application>$fingerprint</Application>|" "$examples/registration-no-deadline.xml" >"$work/registration.xml"
send QRB QRA "$work/registration.xml" --case "$case"
send QRB QRA "$work/supplement-request.xml" --case "$case"
copy QRA copied

send QRA QRB "$work/supplement.xml" --case "$case"
supplement=$id supplement_receipt=$(receipt QRA "$id")
claim "QRA reads it" ctl QRA message content "$supplement" --reason case-work --out "$work/was.xml"
send QRA QRB "$(fresh "$examples/application-single.xml")"
lost=$(value case_id <<<"$sent") lost_receipt=$(receipt QRA "$id")
send QRA QRB "$work/supplement.xml" --case "$lost"
send QRA QRB "$(fresh "$examples/application-single.xml")"
withdrawn=$(value case_id <<<"$sent")
send QRA QRB "$work/withdrawal.xml" --case "$withdrawn"
claim "QRA has a power cut, and a copy of its database from before" put_back QRA "$work/QRA/copied"
node_start QRA

# --- it asks for what it lost by itself ---------------------------------------------------------------------
claim "it finds out by itself" wait_for 10 log_has QRA loss_found
claim_not "nobody else asks meanwhile" ctl QRA history ask QRB
claim "and all that QRB gives is back" wait_for 60 stage_is QRA QRB over
claim "three were lost" history_is taken 3
claim "one was there" history_is held 1
claim "of who withdrew, QRB shows nobody anything, and gives nothing back" history_is left_out 1
claim "both timelines agree" wait_for 10 timelines_agree "$case"
claim "a case that was lost whole is back" wait_for 10 timelines_agree "$lost"
claim_not "that of who withdrew is unknown" ctl QRA case show "$withdrawn"
id=$(ctl QRA --json message list | tr -d '\n ' | grep -o "{[^{}]*\"type\":\"Supplement\"[^{}]*\"case_id\":\"$case\"[^{}]*}" | value local_id)
claim "the document has its receipt" wait_for 10 has QRA "$id" delivered
claim "which is the one that it had" [ "$(receipt QRA "$id")" = "$supplement_receipt" ]
claim "QRA reads it again" ctl QRA message content "$id" --reason case-work --out "$work/read.xml"
claim "as it was" cmp "$work/read.xml" "$work/was.xml"

# --- one case is asked for ---------------------------------------------------------------------------------
claim_not "only a peer can be asked" ctl QRA history ask QRC
claim "QRA asks for its documents of the case" ctl QRA history ask QRB --case "$case"
claim "they have come" wait_for 10 history_is state ended
claim "all were there" wait_for 10 history_is held 2
claim "and none was taken" history_is taken 0
claim "of no other case anything came" logged QRB history_asked_for '"cases":1'

# --- all is asked for, and the case goes on ----------------------------------------------------------------
claim "QRA asks for all of them" ctl QRA history ask QRB
claim "nothing is taken twice" wait_for 10 history_is held 4
claim "QRA's log says what was" logged QRA history_taken ReadmissionApplication
id=$(ctl QRA --json message list | tr -d '\n ' | grep -o "{[^{}]*\"type\":\"ReadmissionApplication\"[^{}]*\"case_id\":\"$lost\"[^{}]*}" | value local_id)
claim "its application has the receipt that it had" [ "$(receipt QRA "$id")" = "$lost_receipt" ]
send QRA QRB "$work/supplement.xml" --case "$case"
send QRB QRA "$work/supplement-request.xml" --case "$case"
claim "the case goes on, and both histories are one" wait_for 10 timelines_agree "$case"
given() { [ "$(ctl QRB --json history list | tr -d '\n ' | grep -o '"copies":[0-9]*')" = '"copies":5' ]; }
claim "QRB gave QRA its own documents alone" wait_for 10 given
