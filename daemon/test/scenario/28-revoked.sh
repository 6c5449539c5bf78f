#!/bin/bash
# Goal of this scenario: a stolen key is survivable (RXP-DSC-028, RXP-DSC-035).
# - a receipt that was lost on its way before its seal was revoked is sealed anew, says what it said with the first time of
#   receipt, and is taken; the one under the revoked seal is not; both logs agree, and the evidence of both verifies
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
examples=$(dirname "$0")/../../../spec/examples

sends() { # PARTY FILE PEER: its id
	ctl "$1" --json message send "$(ahead=$day fresh "$examples/$2")" --to "$3" "${officers[@]}" >"$work/sent" || return 1
	id=$(value local_id <"$work/sent") case=$(value case_id <"$work/sent")
}
is_in() { [ "$(ctl "$1" --json message show "$2" | value state)" = "$3" ]; }

node_make QRA
node_make QRB
rolls QRA
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
cp -r "$work/QRA/pki/node" "$work/QRA/old"

# --- a receipt that is lost: QRB's document comes in a file, and the answers stay where they were written ---
node_stop QRA || fail "QRA ends"
claim "QRB's desk takes an application" sends QRB application-single.xml QRA
application=$id
claim "it goes into a bundle" ctl QRB bundle export QRA --out "$work/bag.tar"
node_stop QRB || fail "QRB ends"
node_start QRA
claim "QRA brings it in and receipts it" ctl QRA bundle import "$work/bag.tar" --out "$work/answers.tar"
received=$(ctl QRA --json inbox list | value received)
[ -n "$received" ] || fail "QRA says when it came"

# --- its seal is stolen ---
readmit-pki seal new --party QRA --out "$work/QRA/second" || fail "new keys"
sign QRA identity next --seal-cert "$work/QRA/second/seal.crt" --retire-seal "$work/QRA/old/seal.crt" \
	--revoked-since "$(date -u +%FT%T.000Z)"
claim "that a seal is revoked is told" grep -q "revoke" "$work/told"
node_stop QRA || fail "QRA ends"
put_keys QRA "$work/QRA/second/seal.key" "$work/QRA/second/seal.crt"
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
node_stop QRA || fail "QRA ends"
node_start QRB
claim "QRB learns of it from a file" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
claim_not "the receipt under the revoked seal is not taken" ctl QRB bundle import "$work/answers.tar"
claim_not "the application waits" is_in QRB "$application" delivered

node_start QRA
claim "sent again, it is receipted" wait_for 20 is_in QRB "$application" delivered
claim "under another seal" log_has QRA answer_resealed
claim "with the first time of receipt" [ "$(ctl QRB --json message show "$application" | value received)" = "$received" ]
claim "it arrived once" [ "$(ctl QRA --json inbox list | grep -c '"local_id"')" = 1 ]
for party in QRA QRB; do
	other=$([ $party = QRA ] && echo QRB || echo QRA)
	claim "$party: the logs of both agree" eval "ctl $party log check $other && wait_for 10 log_has $party log_compared"
	claim "$party: the evidence of the case verifies" eval "ctl $party evidence export '$case' --reason review --out '$work/$party.asice' &&
		readmit-verify '$work/$party.asice' --root 'QRA=$(fingerprint_of QRA)' --root 'QRB=$(fingerprint_of QRB)'"
done
claim_not "no difference between the logs was found" eval 'log_has QRA log_differs || log_has QRB log_differs'
