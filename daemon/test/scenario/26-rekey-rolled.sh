#!/bin/bash
# Goal of this scenario: a document that lay for 46 days arrives although everything but its own seal has rolled over since.
# - it was sealed and closed before; its attachments are at the receiver already, the document itself is not
# - meanwhile the receiver's agreement keys are destroyed (it answers `rekey`), its seal is another, and so is its identity
#   part, which the working part in its refusal names; the sender's seal is retired, less than 31 days ago
# - it is receipted once, with its attachments as they were, and nobody is asked to act; the same by a bundle of that time
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
examples=$(dirname "$0")/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
on_root_machine || fail "the clock of the root's machine"
family=(--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer)
sends() { # its id
	ctl QRA --json message send "$(ahead=$day fresh "$examples/application-family.xml")" --to QRB "${officers[@]}" \
		"${family[@]}" >"$work/sent" && id=$(value local_id <"$work/sent")
}
is_in() { [ "$(ctl "$1" --json message show "$2" | value state)" = "$3" ]; }
# replaced PARTY: its seal is another from now on, and the former one is retired.
replaced() {
	mkdir "$work/$1/seal-$day" && cp "$work/$1/pki/node/seal.crt" "$work/$1/former.crt" &&
		readmit-pki seal new --party "$1" --out "$work/$1/seal-$day/new" >/dev/null || fail "new keys"
	sign "$1" identity next --seal-cert "$work/$1/seal-$day/new/seal.crt" --retire-seal "$work/$1/former.crt"
	put_keys "$1" "$work/$1/seal-$day/new/seal.key" "$work/$1/seal-$day/new/seal.crt"
}
tried() { [ "$(count QRA delivery_failed)" -ge "$1" ]; }
arrived() { ctl QRB --json inbox list | grep -o '"local_id"' | wc -l; }
whole() { # ID: QRB has its attachments as they were sent
	local n=0 picture
	for picture in portrait-1 passport portrait-2; do
		n=$((n + 1))
		rm -f "$work/got"
		ctl QRB attachment get "$1" $n --reason case-work --out "$work/got" && cmp "$work/got" "$pictures/$picture.jpg" ||
			return 1
	done
}

node_make QRA
node_make QRB
for party in QRA QRB; do
	rolls $party
	node_start $party
done
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

node_stop QRB || fail "QRB ends"
claim "QRA's desk takes an application with attachments" sends
first=$id
claim "it is sealed and tried" wait_for 10 tried 1
claim "it is put into a bundle as well" wait_for 20 carries QRA QRB "$work/bag.tar"
node_stop QRA || fail "QRA ends"
node_start QRB
# All but the document: a bundle that was cut in front of it.
head -c $(($(tar tRf "$work/bag.tar" | sed -n 's,^block \([0-9]*\): messages/..*,\1,p' | head -n 1) * 512)) "$work/bag.tar" \
	>"$work/cut.tar"
ctl QRB bundle import "$work/cut.tar" >"$work/told" 2>&1
claim "QRB has its attachments, and not the document" eval 'grep -q attachments "$work/told" && [ "$(arrived)" = 0 ]'
node_stop QRB || fail "QRB ends"

later 20
replaced QRA
later 15
replaced QRB
later 11
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
node_start QRB
claim "46 days later it is receipted" wait_for 30 is_in QRA "$first" delivered
claim "wrapped for a key of now" logged QRA message_rekeyed
claim "it came once" [ "$(arrived)" = 1 ]
claim "with its attachments" eval 'whole "$(ctl QRB --json inbox list | value local_id)"'
claim "each State knows the other's newest part" eval 'logged QRA peer_identity "\"serial\":2\b" &&
	logged QRB peer_identity "\"serial\":2\b"'
claim "the bundle of that time brings nothing new" eval '{ ctl QRB bundle import "$work/bag.tar" --out "$work/answers.tar" || true; } &&
	[ "$(arrived)" = 1 ]'
claim_not "nothing was parked" eval 'log_has QRA message_parked || log_has QRB message_parked'
