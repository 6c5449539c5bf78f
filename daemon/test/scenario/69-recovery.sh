#!/bin/bash
# Goal of this scenario: a node whose database was put back from an older copy, with real programs. Both sides' documents
# since then come back, each with the receipt that it had, by itself; the case goes on; the logs agree, the evidence
# verifies; a peer that is dead meanwhile holds nobody else, and gets its turn when it is back.
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples

for party in QRA QRB QRC; do
	node_make $party
	node_start $party
done
claim "QRA has two peers" eval 'peer_with QRA QRB && peer_with QRB QRA && peer_with QRA QRC && peer_with QRC QRA'

value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
has() { [ "$(ctl "$1" --json message show "$2" | value state)" = "$3" ]; }
# send FROM TO FILE OPTION…: sets sent and its local id; it is delivered.
send() {
	local from=$1 to=$2 file=$3
	shift 3
	sent=$(ctl "$from" --json message send "$file" --to "$to" "${officers[@]}" "$@") || fail "$file: $sent"
	id=$(value local_id <<<"$sent")
	claim "$from's $(basename "$file" .xml) is delivered" wait_for 10 has "$from" "$id" delivered
}
timelines_agree() { cmp -s <(ctl QRA case timeline "$1" --canonical) <(ctl QRB case timeline "$1" --canonical); }
# receipts PARTY CASE: of its documents of a case, message, time and place in the log that each receipt names.
receipts() {
	local message
	for message in $(ctl "$1" --json message list | tr -d '\n ' | grep -o "{[^{}]*\"direction\":\"out\"[^{}]*\"case_id\":\"$2\"[^{}]*}" | grep -o '"local_id":"[^"]*"' | cut -d'"' -f4); do
		ctl "$1" --json message show "$message" | tr -d '\n ' | grep -oE '"(message_id|received|log_id|log_count|fingerprint|flags)":[^,}]*' | tr '\n' ' '
		echo
	done | sort
}
stage() { ctl "$1" --json recovery list --peer "$2" | value stage; }
stage_is() { [ "$(stage "$1" "$2")" = "$3" ]; }

body='xmlns="urn:rxp:1:body"'
cat >"$work/supplement-request.xml" <<-XML
	<SupplementRequest $body><ClockEffect>runs</ClockEffect><Person key="P1"><Wanted>birth-place</Wanted></Person>
	<Contact><Office>READMISSION</Office></Contact></SupplementRequest>
XML
cat >"$work/supplement.xml" <<-XML
	<Supplement $body><Person key="P1"><Birth><Date certainty="declared">1974-08</Date><Place>Zenith</Place><Country>UTO</Country></Birth></Person></Supplement>
XML
register() { # CASE FINGERPRINT
	sed "s|<Application>.*</Application>|<Application>$2</Application>|" "$examples/registration-no-deadline.xml" >"$work/registration.xml"
	send QRB QRA "$work/registration.xml" --case "$1"
}
application() { # sets case: QRA's, opened with QRB, which registers it
	send QRA QRB "$(fresh "$examples/application-single.xml")"
	case=$(value case_id <<<"$sent")
	register "$case" "$(ctl QRB --json inbox list | tr -d '\n ' | grep -o "{[^{}]*\"case_id\":\"$case\"[^{}]*}" | value fingerprint_base64)"
}
rounds() { # N: of question and answer in the case
	local n
	for n in $(seq "$1"); do
		send QRB QRA "$work/supplement-request.xml" --case "$case"
		send QRA QRB "$work/supplement.xml" --case "$case"
	done
}
all_receipts() { for c in "${cases[@]}"; do receipts QRA "$c"; receipts QRB "$c"; done; }
# The database of a node becomes the one of a copy.
put_back() { # PARTY COPY
	node_kill "$1"
	rm -r "$work/$1/data"
	cp -a "$2" "$work/$1/data"
}
mark() { sqlite3 "$work/$1/data/readmit.db" "INSERT OR REPLACE INTO put_back VALUES (1, $(date +%s)000)"; }
copy() { # PARTY NAME
	node_stop "$1"
	cp -a "$work/$1/data" "$work/$1/$2"
	node_start "$1"
}
logs_agree() { ctl QRA log check QRB && ctl QRB log check QRA; }
nothing_differs() { ! log_has QRA log_differs && ! log_has QRB log_differs; }
evidence_verifies() {
	local party
	for party in QRA QRB; do
		rm -f "$work/evidence.asice"
		ctl "$party" evidence export "$case" --reason review --out "$work/evidence.asice" &&
			readmit-verify "$work/evidence.asice" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" || return 1
	done
}

cases=()
application
cases+=("$case")
rounds 1
copy QRA copied
copy QRB copied
rounds 2
application
cases+=("$case")
rounds 1
claim "a Ping each way" eval 'ctl QRA peer test QRB --wait 10 && ctl QRB peer test QRA --wait 10'
all_receipts >"$work/before"
claim "each document has a receipt" [ "$(grep -c received "$work/before")" = 12 ]

# --- QRA loses its last hour, and QRC is dead --------------------------------------------------------------
claim "QRC dies" node_kill QRC
put_back QRA "$work/QRA/copied"
mark QRA
node_start QRA
claim "QRA says that its database was put back" wait_for 10 log_has QRA data_put_back
claim "with QRB all comes back, by itself" wait_for 60 stage_is QRA QRB over
claim "QRC is not told yet" stage_is QRA QRC told
for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
receipts_as_before() { all_receipts >"$work/after"; cmp "$work/before" "$work/after"; }
claim "every document has the receipt that it had" wait_for 20 receipts_as_before
claim "the case goes on" rounds 1
claim "to the same end" timelines_agree "$case"
claim "the logs agree" logs_agree
claim "nothing differs" nothing_differs
claim "the evidence verifies" evidence_verifies

# --- QRB loses its last day, and somebody just copied the database back -------------------------------------
all_receipts >"$work/before"
put_back QRB "$work/QRB/copied"
node_start QRB
claim_not "nobody told QRB" log_has QRB data_put_back
claim "a Ping shows QRA that QRB has gone back" eval 'ctl QRA peer test QRB --wait 10 && wait_for 10 log_has QRA peer_went_back'
claim "and QRB by its own seal" wait_for 10 log_has QRB loss_found
claim "all comes back" wait_for 60 stage_is QRB QRA over
for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
claim "every document has the receipt that it had" wait_for 20 receipts_as_before
claim "the case goes on" rounds 1
claim "to the same end" timelines_agree "$case"

node_start QRC
claim "QRC is back, and nothing was to come back from it" wait_for 60 stage_is QRA QRC over

# --- QRA loses everything but its keys ----------------------------------------------------------------------
all_receipts >"$work/before"
node_kill QRA
rm -r "$work/QRA/data"
node_start QRA
peer_with QRA QRB
claim "QRB's log says what QRA does not know" wait_for 20 log_has QRA loss_found
claim "all comes back" wait_for 90 stage_is QRA QRB over
for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
claim "every document has the receipt that it had" wait_for 20 receipts_as_before
claim "the case goes on" rounds 1
claim "to the same end" timelines_agree "$case"
claim "the logs agree" logs_agree
claim "the evidence verifies" evidence_verifies
