#!/bin/bash
# Goal of this scenario: a document with prose leaves only after two acts of two users of the machine.
# - named by the same user alone, whatever the pseudonyms, it is refused, and the node says what to do
# - another user countersigns the same octets, and it is taken, once; changed by an octet it is not
# - what has no prose needs nobody else; a node whose operator says `named` takes the header as before
# - a configuration with another word is refused
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { ok "two officers are two users, and only root can be both: left out"; exit 0; }
examples=$(dirname "$0")/../../../spec/examples
first=daemon second=games # accounts that every Debian has

node_make QRA
node_make QRB
sed -i "s|<api \(.*\)second-officer=\"named\" mode=\"0600\"/>|<api \1mode=\"0666\"><allow user=\"$first\" role=\"observe submit\"/><allow user=\"$second\" role=\"observe submit\"/></api>|" \
	"$work/QRA/readmitd.xml"
chmod 755 "$work/QRA"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

as() { # USER COMMAND…: readmitctl at QRA
	setpriv --reuid "$1" --regid nogroup --clear-groups readmitctl --socket "$work/QRA/api.sock" "${@:2}"
}
send() { as "$1" message send "$2" --to QRB "${officers[@]}" "${@:3}"; }
with_prose=$work/prose.xml
single=$(fresh "$examples/application-child.xml")
sed 's|</ReadmissionApplication>|<Observations>The person asks to travel on a weekday.</Observations>&|' "$single" >"$with_prose"
grep -q Observations "$single" && fail "the example without prose has none"
chmod 644 "$single" "$with_prose"

claim "a document without prose needs nobody else" send $first "$single"
claim_not "one with prose does, and a name is nobody" send $first "$with_prose"
cp "$work/out" "$work/said"
claim "the node says what to do" grep -q 'readmitctl message countersign' "$work/said"
claim_not "whoever gives it does not countersign for another" eval 'as $first message countersign "$with_prose" --officer S-3002 && send $first "$with_prose"'
claim "another user countersigns it" as $second message countersign "$with_prose" --officer S-3002
sed 's/weekday/week day/' "$with_prose" >"$work/changed.xml"
chmod 644 "$work/changed.xml"
claim_not "which is not for other words" send $first "$work/changed.xml"
claim_not "nor under another pseudonym" as $first message send "$with_prose" --to QRB --officer S-3001 --second-officer S-3003
claim "it is taken then" send $first "$with_prose"
claim_not "and not a second time" send $first "$with_prose"
claim "both stand in the journal" eval 'ctl QRA journal list >"$work/journal" &&
	grep -q "uid:$(id -u $second) .*text-countersign .*by S-3002" "$work/journal" &&
	grep -q "uid:$(id -u $first) .*message-submit .*by S-3001, read by S-3002" "$work/journal"'
claim "QRB, whose operator leaves it to the caller, takes the name" ctl QRB message send "$with_prose" --to QRA "${officers[@]}"
node_stop QRA
sed -i 's|<api |<api second-officer="nobody" |' "$work/QRA/readmitd.xml"
claim_not "another word is no setting" readmitd --config "$work/QRA/readmitd.xml" --check
node_stop QRB
