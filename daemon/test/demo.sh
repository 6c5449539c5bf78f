#!/bin/bash
# The demonstration: two States, one family, a power cut at each of two bad moments, a split answer,
# equal histories on both sides, and evidence that holds with both daemons stopped: demo.sh BUILD DIR [WALL]
# Any deviation ends it, non-zero, and says what. WALL is QRA or QRB: that node opens no port and, if the machine allows it,
# lives behind a firewall that drops everything inbound.
set -u
here=$(dirname "$0")
build=$1 walled=${3-} pictures=$(realpath "$2-pictures")
rm -rf "$2"
mkdir -p "$2"
READMIT_WORK=$(realpath "$2")
quiet_end=1 # the last line is the demonstration's own
. "$here/scenario/lib.sh"
started=$SECONDS
examples=$(realpath "$here/../../spec/examples")

step() { printf '\n== %s\n' "$*"; }
must() {
	"$@" || fail "$*"
}
# The one value of a name in a JSON answer.
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
fails_in_timeline() { ! diff -u "$work/QRA/timeline" "$work/QRB/timeline"; }

step "Keys, configuration and start of QRA and QRB"
if [ -n "$walled" ]; then
	! may_wall || wall_around "$walled" || fail "no network for $walled"
	echo "$walled opens no port${wall+, and its firewall drops everything inbound}"
fi
for party in QRA QRB; do
	if [ "$party" = "$walled" ]; then node_pulls $party; else node_make $party; fi
done
node_start QRA
node_start QRB

step "Each adds the other by descriptor and fingerprint, and tests the whole path"
must peer_with QRA QRB
must peer_with QRB QRA
must ctl QRA peer test QRB --wait 10
must ctl QRB peer test QRA --wait 10

step "QRA applies for a family of three, with portraits and the scan of a passport"
written=$(fresh "$examples/application-family.xml")
sent=$(ctl QRA --json message send "$written" --to QRB "${officers[@]}" \
	--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer) ||
	fail "the application was not accepted at QRA's desk: $sent"
application=$(value local_id <<<"$sent") case=$(value case_id <<<"$sent")
echo "accepted as $application, case $case"

step "QRB loses power at once, and comes back"
node_kill QRB
node_start QRB
delivered() { ctl "$1" --json message show "$2" | grep -q '"state": *"delivered"'; }
wait_for 20 delivered QRA "$application" || fail "the application was not delivered"
echo "delivered all the same"

step "QRB's desk reads it and answers: the mother and the child accepted, the father refused"
in=$(ctl QRB --json inbox list | grep -o '{[^{}]*"ReadmissionApplication"[^{}]*}' | head -n 1)
inbox=$(value local_id <<<"$in")
must ctl QRB inbox content "$inbox" --reason case-work --out "$work/QRB/application.xml"
cmp -s <(xmllint --exc-c14n "$written") "$work/QRB/application.xml" ||
	fail "QRB does not read what QRA wrote"
for n in 1 2 3; do
	must ctl QRB attachment get "$inbox" $n --reason case-work --out "$work/QRB/attachment-$n"
done
must cmp "$pictures/portrait-1.jpg" "$work/QRB/attachment-1"
must cmp "$pictures/passport.jpg" "$work/QRB/attachment-2"
must cmp "$pictures/portrait-2.jpg" "$work/QRB/attachment-3"
must ctl QRB inbox ack "$inbox"
hex=$(value fingerprint <<<"$in")
fingerprint=$(printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")" | base64)
sed "s|<Application>[^<]*<|<Application>$fingerprint<|" "$examples/reply-split.xml" >"$work/QRB/reply.xml"
sent=$(ctl QRB --json message send "$work/QRB/reply.xml" --to QRA --case "$case" "${officers[@]}") ||
	fail "the reply was not accepted at QRB's desk: $sent"
reply=$(value local_id <<<"$sent")

step "QRB loses power again, with its reply on the way, and comes back"
node_kill QRB
node_start QRB
wait_for 20 delivered QRB "$reply" || fail "the reply was not delivered"
echo "delivered all the same"

step "Both sides tell the same story"
ctl QRA case timeline "$case" || fail "QRA has no timeline"
ctl QRB case timeline "$case" || fail "QRB has no timeline"
for party in QRA QRB; do ctl $party case timeline "$case" --canonical >"$work/$party/timeline"; done
[ -s "$work/QRA/timeline" ] || fail "QRA's timeline is empty"
! fails_in_timeline || fail "the timelines differ"
grep -q accepted "$work/QRA/timeline" && grep -q refused "$work/QRA/timeline" ||
	fail "one person must be accepted and one refused"

step "Evidence is exported, both daemons stop, and it is verified without them"
for party in QRA QRB; do
	ping=$(ctl $party --json message list | grep -o '{[^{}]*"direction":"out"[^{}]*"type":"Ping"[^{}]*}' | head -n 1)
	must ctl $party evidence export "$case" --reason review --out "$work/$party/case.asice"
	must ctl $party evidence export "$(value local_id <<<"$ping")" --reason supervision --out "$work/$party/ping.asice"
done
must node_stop QRA
must node_stop QRB
# verified FILE DOCUMENTS: it verifies under the two fingerprints, holds so many, and each has a receipt.
verified() {
	readmit-verify "$1" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" \
		>"$work/verified" || fail "$1 does not verify: $(tail -n 1 "$work/verified")"
	[ "$(grep -c 'that it had received all of it' "$work/verified")" = "$2" ] || fail "$1 does not hold $2 receipts"
}
verified "$work/QRA/case.asice" 3
cat "$work/verified"
verified "$work/QRB/case.asice" 3
for party in QRA QRB; do must unzip -q -d "$work/$party/case" "$work/$party/case.asice"; done
must diff -r "$work/QRA/case/documents" "$work/QRB/case/documents"
verified "$work/QRA/ping.asice" 1
verified "$work/QRB/ping.asice" 1
receipts=5
a=$work/QRA/data/readmit.db b=$work/QRB/data/readmit.db
must "$here/fault/check.sh" "$a" "$b" QRA QRB
must "$here/fault/check.sh" "$b" "$a" QRB QRA
documents=$(($(sqlite3 -readonly "$a" 'SELECT count(*) FROM outbox') + $(sqlite3 -readonly "$b" 'SELECT count(*) FROM outbox')))
must "$here/secrecy.sh" "$work" "$examples/application-family.xml"

step "Done in $((SECONDS - started)) s"
[ $((SECONDS - started)) -lt 30 ] || fail "it took longer than 30 s"
echo "demo: 2 States, $documents documents, $receipts receipts verified, 0 lost, 0 doubled"
