#!/bin/bash
# Goal of this scenario: a State that lost its database gets the files of a document back with it, from the State that sent them, and
# the document has the receipt that it had. Its own files do not come back (RXP-HIS-013): the other State has them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

# files PARTY MESSAGE: it can read the three files of the family, and they are what they were.
files() {
	local n=0 picture
	for picture in portrait-1 passport portrait-2; do
		n=$((n + 1))
		rm -f "$work/got"
		ctl "$1" attachment get "$2" $n --reason case-work --out "$work/got" && cmp "$work/got" "$pictures/$picture.jpg" || return 1
	done
}
received() { ctl QRB --json inbox list | value local_id; }

[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
send QRA QRB "$(fresh "$examples/application-family.xml")" "${family[@]}"
case=$(value case_id <<<"$sent") family_id=$id cases=("$case")
claim "QRB has its three files" wait_for 20 files QRB "$(received)"
all_receipts >"$work/before"

claim "QRB has a power cut" node_kill QRB
rm -r "$work/QRB/data"
node_start QRB
claim "nothing is left but its keys" peer_with QRB QRA
claim "QRA's log says what QRB does not know" eval 'ctl QRA peer test QRB --wait 10; wait_for 20 log_has QRB loss_found'
claim "all comes back" wait_for 60 stage_is QRB QRA over
claim "the document, with the receipt that it had" eval 'wait_for 20 timelines_agree "$case" && receipts_as_before'
claim "and its three files" wait_for 20 files QRB "$(received)"
all_proved

claim "QRA has a power cut" node_kill QRA
rm -r "$work/QRA/data"
node_start QRA
claim "nothing is left but its keys" peer_with QRA QRB
claim "all comes back" wait_for 60 stage_is QRA QRB over
claim "the document, with the receipt that it had" eval 'wait_for 20 timelines_agree "$case" && wait_for 20 receipts_as_before'
family_id=$(ctl QRA --json message list | value local_id)
claim_not "without its files" ctl QRA attachment get "$family_id" 1 --reason case-work --out "$work/own"
claim "which QRB has" wait_for 20 files QRB "$(received)"
