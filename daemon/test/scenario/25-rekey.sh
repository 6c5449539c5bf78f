#!/bin/bash
# Goal of this scenario: a message that waited longer than its recipient's key lives still arrives.
# - a document is closed while its recipient is away; both States' keys are renewed and destroyed meanwhile
# - the refusal `rekey` brings the newer working part, the content key is wrapped anew, and the very same
#   document is receipted, once
# - the same in the other direction; later messages are encrypted for the new keys at once
# - the evidence of the document verifies
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
away_ms=$((50 * 86400 * 1000)) # longer than use and keeping of a key, shorter than Expires

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA takes QRB's descriptor" peer_with QRA QRB
claim "QRB takes QRA's descriptor" peer_with QRB QRA
claim "QRB ends politely" node_stop QRB
claim "QRA takes a document for QRB" ctl QRA message send "$(fresh "$examples/application-single.xml")" \
	--to QRB "${officers[@]}"
claim "it is closed and was tried" wait_for 10 log_has QRA delivery_failed QRB

printf '%s' "$away_ms" | tee "$work/QRA/clock" >"$work/QRB/clock"
claim "QRA destroyed its old key" wait_for 10 log_has QRA key_destroyed
node_start QRB
claim "QRB destroyed its old key" wait_for 10 log_has QRB key_destroyed
claim "QRB's Ping is receipted, for another key of QRA" ctl QRB peer test QRA --wait 20
claim "QRB had to wrap its content key anew" log_has QRB message_rekeyed QRA
claim "QRA's document is receipted" wait_for 20 log_has QRA message_delivered ReadmissionApplication
claim "QRA had to wrap its content key anew" log_has QRA message_rekeyed QRB
claim "each took the other's newer working part" eval 'log_has QRA peer_renewed QRB && log_has QRB peer_renewed QRA'
claim "it arrived once" [ "$(ctl QRB inbox list --json | grep -c '"local_id"')" = 1 ]

before=$(grep -c message_rekeyed "$work/QRA/log")
claim "a later Ping is receipted" ctl QRA peer test QRB --wait 10
claim "and was encrypted for the new key at once" [ "$(grep -c message_rekeyed "$work/QRA/log")" = "$before" ]

case_id=$(ctl QRA case list --json | sed -n 's/.*"case_id": *"\([^"]*\)".*/\1/p' | head -n 1)
claim "the evidence is exported" ctl QRA evidence export "$case_id" --out "$work/evidence"
claim "and verifies" readmitctl evidence verify "$work/evidence" \
	--root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)"
