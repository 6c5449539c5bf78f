#!/bin/bash
# Goal of this scenario: three weeks in which the line is there for a few seconds a day, by moved clocks, and then for good
# (make dark-days). What goes to QRA by it is bounded, so that a scan takes longer than a day's line.
# - each day what was given without a scan since the day before is delivered, and does not wait for the scans before it
# - scans come in pieces, each day some, and the first are whole before the line is there for good; then all of it drains
# - none is lost, none doubled
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../line/scan.sh"
check=$(dirname "$0")/../fault/check.sh
examples=$(realpath "$(dirname "$0")/../../../spec/examples")
days=${READMIT_DAYS:-21} each=3 scans=6
window=5 # seconds of a day
day_ms=86400000
clocks() {
	ahead=$1
	for party in QRA QRB; do printf '%s' "$(($1 * day_ms))" >"$work/$party/clock"; done
}
# gives KIND N FILE OPTION…: QRB's desk takes so many.
gives() {
	local i
	for ((i = 0; i < $2; i++)); do
		ctl QRB --json message send "$(fresh "$3")" --to QRA "${officers[@]}" "${@:4}" >"$work/sent" || return 1
		value local_id <"$work/sent" | tee -a "$work/accepted.QRB" >>"$work/$1"
	done
}
# waits KIND: how many of them have no answer yet.
waits() { ctl QRB --json queue list --limit 100 | grep -o '"local_id": *"[^"]*"' | cut -d'"' -f4 | grep -cFf "$work/$1"; }
none_waits() { [ "$(waits "$1")" = 0 ]; }
held() { cat "$work"/QRA/data/attachments/staging/* "$work"/QRA/data/attachments/in/* 2>/dev/null | wc -c; }

page "$work/page.jpg"
node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "what goes to QRA by the line is bounded" ctl QRB peer line QRA --rate 128k
node_kill QRA
pieces=0 early=0
for ((day = 1; day <= days; day++)); do
	clocks "$day"
	[ $((day % 3)) != 1 ] || [ $((day / 3)) -ge $scans ] ||
		claim "day $day: a document with a scan is given" gives scans 1 "$examples/application-family.xml" \
			--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
			--attach "$work/page.jpg" --as document-scan --checked-by return-officer \
			--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer
	gives documents $each "$examples/application-single.xml" || fail "day $day: documents are given"
	[ "$(waits documents)" = "$each" ] || fail "day $day: they wait"
	before=$(held)
	node_start QRA
	began=$SECONDS
	wait_for 20 none_waits documents || fail "day $day: each document without a scan is delivered"
	took=$((SECONDS - began))
	wait_for $window eval '[ $((SECONDS - began)) -ge $window ]'
	echo "# day $day: documents after at most $took s; $(waits scans) with scans wait; $(held) octets held, $before before"
	[ "$(held)" -le "$before" ] || pieces=$((pieces + 1))
	node_kill QRA
done
ok "each day the documents of the day were delivered"
given=$(wc -l <"$work/scans")
claim "scans came in pieces, on $pieces days" [ "$pieces" -ge "$scans" ]
claim "and some of the $given were whole by then" [ "$(waits scans)" -lt "$given" ]

node_start QRA
began=$SECONDS
claim "there for good, all that is left drains" wait_for 120 eval 'none_waits documents && none_waits scans'
echo "# drained in $((SECONDS - began)) s"
node_stop QRA && node_stop QRB || fail "both nodes end"
claim "none is lost or doubled" "$check" "$work/QRB/data/readmit.db" "$work/QRA/data/readmit.db" QRB QRA "$work/accepted.QRB"
