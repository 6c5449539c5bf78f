#!/bin/bash
# Goal of this scenario: two nodes keep each other's keys fresh by themselves, for ever.
# - over 60 days, in steps of 5, a Ping each way is delivered, and was never encrypted for a key that is gone
# - a message that waited longer than its recipient's key lives still arrives: documents are closed while their
#   recipient is away; both States' keys are renewed and destroyed meanwhile; the refusal `rekey` has the
#   content key wrapped anew, and the very same document is receipted, once
# - the same in the other direction; later messages are encrypted for the new keys at once
# - the evidence of the document verifies
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
day_ms=$((86400 * 1000))
days=60
away_days=$((days + 50)) # longer than use and keeping of a key, shorter than Expires

clocks() { printf '%s' $(($1 * day_ms)) | tee "$work/QRA/clock" >"$work/QRB/clock"; }
tried() { ctl "$1" --json queue list | grep -q '"state": *"in-doubt"'; }
count() { grep -c "\"event\":\"$2\"" "$work/$1/log"; }

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA takes QRB's descriptor" peer_with QRA QRB
claim "QRB takes QRA's descriptor" peer_with QRB QRA
for ((day = 5; day <= days; day += 5)); do
	clocks $day
	claim "day $day: QRA's Ping is receipted" ctl QRA peer test QRB --wait 20
	claim "day $day: QRB's Ping is receipted" ctl QRB peer test QRA --wait 20
done
claim "nothing was ever encrypted for a key that is gone" eval '! log_has QRA message_rekeyed && ! log_has QRB message_rekeyed'
claim "each took the other's newer descriptors" \
	wait_for 10 eval '[ "$(count QRA peer_renewed)" -ge 3 ] && [ "$(count QRB peer_renewed)" -ge 3 ]'
claim "and has destroyed keys of its own" eval 'logged QRA key_destroyed && logged QRB key_destroyed'

# What follows is of documents that are closed before their recipient asks for them.
! pulls QRB || exit 0

claim "QRB ends politely" node_stop QRB
claim "QRA takes a document for QRB" ctl QRA message send "$(ahead=$days fresh "$examples/application-single.xml")" \
	--to QRB "${officers[@]}"
claim "it is closed and was tried" wait_for 10 tried QRA
claim "QRA ends politely" node_stop QRA
node_start QRB
claim_not "QRB's Ping finds nobody" ctl QRB peer test QRA --wait 1
claim "it is closed and was tried" wait_for 10 tried QRB

before=$(count QRB key_destroyed)
clocks $away_days
claim "QRB destroyed its old keys" wait_for 10 eval '[ "$(count QRB key_destroyed)" -gt "$before" ]'
before=$(count QRA key_destroyed)
node_start QRA
claim "QRA destroyed its old keys" wait_for 10 eval '[ "$(count QRA key_destroyed)" -gt "$before" ]'
claim "QRA's document is receipted" wait_for 20 log_has QRA message_delivered ReadmissionApplication
claim "QRA had to wrap its content key anew" logged QRA message_rekeyed QRB
claim "QRB had to wrap that of its Ping anew" wait_for 20 log_has QRB message_rekeyed QRA
claim "the document arrived once" [ "$(ctl QRB inbox list --json | grep -o '"local_id"' | wc -l)" = 1 ]

before=$(count QRA message_rekeyed)
claim "a later Ping is receipted" ctl QRA peer test QRB --wait 10
claim "and was encrypted for the new key at once" [ "$(count QRA message_rekeyed)" = "$before" ]

case_id=$(ctl QRA case list --json | sed -n 's/.*"case_id": *"\([^"]*\)".*/\1/p' | head -n 1)
claim "the evidence is exported" ctl QRA evidence export "$case_id" --reason review --out "$work/case.asice"
claim "and verifies" readmit-verify "$work/case.asice" \
	--root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)"
