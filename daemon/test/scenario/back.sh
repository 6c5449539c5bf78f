# Helpers of the scenarios in which a node comes back with an older database: cases between QRA and QRB, and whether both
# hold the same of them as before. A script sources it behind lib.sh.
ahead=0 # days that the clocks of the nodes are ahead

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
# put_back PARTY COPY: the database of a node becomes the one of a copy, and nobody says so; mark: it says so itself.
put_back() {
	node_kill "$1"
	rm -r "$work/$1/data"
	cp -a "$2" "$work/$1/data"
}
mark() { sqlite3 "$work/$1/data/readmit.db" "INSERT OR REPLACE INTO put_back VALUES (1, $(date +%s)000)"; }
copy() { # PARTY NAME
	node_stop "$1" || fail "$1 ends"
	cp -a "$work/$1/data" "$work/$1/$2"
	node_start "$1"
}
# stage PARTY PEER: of what PARTY lost.
stage() { ctl "$1" --json recovery list --peer "$2" | tr -d '\n ' | grep -o "{[^{}]*\"lost_by\":\"$1\"[^{}]*}" | value stage; }
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
	send QRA QRB "$(ahead=$ahead fresh "$examples/application-single.xml")"
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
receipts_as_before() { all_receipts >"$work/after"; cmp "$work/before" "$work/after"; }
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
# two_with_a_case: QRA and QRB are peers, and have one case.
two_with_a_case() {
	node_make QRA
	node_make QRB
	node_start QRA
	node_start QRB
	claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
	cases=()
	application
	cases+=("$case")
}
# is_back PARTY PEER: all that it lost with the peer, and the case goes on.
is_back() {
	local c
	claim "with $2 all that $1 lost comes back" wait_for 90 stage_is "$1" "$2" over
	for c in "${cases[@]}"; do claim "the timelines agree" wait_for 40 timelines_agree "$c"; done
	claim "every document has the receipt that it had" wait_for 20 receipts_as_before
	rounds 1 # the case goes on …
	claim "the case goes on, to the same end" wait_for 10 timelines_agree "$case"
}
all_proved() {
	claim "the logs agree" logs_agree
	claim "the evidence verifies" evidence_verifies
}
