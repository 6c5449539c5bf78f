#!/bin/bash
# Goal of this scenario: a thin and bad line is a slow one, and nothing else: 128 kbit/s, 800 ms each way (so a round trip of
# 1.6 s, and what waits in the queue besides), one packet in twenty lost, and cuts.
# - a document has its receipt within a minute, also while a scan is under way, in both directions
# - a scan takes at most twice as long as its octets would on that line; where cuts come more often than every three
#   minutes, half a minute more for each that it meets
# - the scan comes whole, from the octet at which a cut had ended it, and nothing is doubled
# 78-thin.sh BUILD: a scan of 0.4 MB and a cut of 5 s every 40 s, of which it meets one or two. 78-thin.sh BUILD long (make lines):
# 2.4 MB and a cut of 10 s every 3 minutes; once by the congestion control that most systems have, once on a line that comes
# back from a cut with another address, so that no connection outlives one; beside each, plain TCP on a line of its own with
# the same dice.
# long: 70
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../line/thin.sh"
pictures=$build/../demo-pictures
[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
check=$(dirname "$0")/../fault/check.sh
single=$(fresh "$examples/application-single.xml") family=$(fresh "$examples/application-family.xml")

value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
# comes_whole SCAN: the scan in QRB's inbox is the file.
comes_whole() {
	local case_id id
	case_id=$(value case_id <"$work/sent.scan")
	id=$(ctl QRB --json inbox list --limit 100 | grep -o '{[^{}]*}' | grep "$case_id" | value local_id)
	rm -f "$work/got"
	ctl QRB attachment get "$id" 2 --reason case-work --out "$work/got" && cmp "$work/got" "$1"
}
# bad_line NAME SCAN SECONDS OPTION…: a line that is cut every so many seconds, and what is to be true on it. CONTROL: the
# congestion control.
bad_line() {
	local name=$1 scan=$2 every=$3 files octets floor= met allowed=0
	shift 3
	set -- --cut-every "$every" "$@"
	files=(--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer
		--attach "$scan" --as document-scan --checked-by return-officer
		--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer)
	octets=$(cat "$pictures/portrait-1.jpg" "$scan" "$pictures/portrait-2.jpg" | wc -c)
	line_up "$@"
	case $? in
	0) ;;
	77) skip "$(cat "$work/line.log")"; exit 0 ;;
	*) fail "the line comes up" ;;
	esac
	echo "# $name: congestion control $(congestion "${CONTROL-}")"
	rm -rf "$work/QRA" "$work/QRB"
	claim "$name: two States become peers" two_states
	# In the long form; a connection of plain TCP does not outlive a cut after which the address is another.
	if [ "$long" ] && [[ "$*" != *redial* ]]; then
		floor=$work/floor
		(line_floor "$octets" "$@") >"$floor" 2>&1 &
	fi
	traffic "$octets" 15 "$family" "${files[@]}"
	echo "# $name: ms until the receipt: $(paste -sd ';' "$work/times")"
	met=$(($(cuts_until "$scan_ended" "$every") - $(cuts_until "$scan_began" "$every")))
	[ "$every" -ge 180 ] || allowed=$((30000 * met))
	echo "# $name: ideal $ideal ms for $octets octets of files; $met cuts met; allowed $((2 * ideal + allowed)) ms," \
		"$(awk '$1 == "scan" { print "took", $2 }' "$work/times") ms"
	[ -z "$floor" ] || { wait_for 300 grep -q by "$floor"; echo "# $name: plain TCP: $(cat "$floor")"; }
	claim "$name: each of $(grep -vc '^scan' "$work/times") documents has its receipt within a minute" [ -z "$(late_times)" ]
	claim "$name: the scan takes at most twice the ideal time" \
		awk -v most=$((2 * ideal + allowed)) '$1 == "scan" && $2 != "never" && $2 <= most { good = 1 } END { exit !good }' "$work/times"
	claim "$name: it came whole" comes_whole "$scan"
	node_stop QRA && node_stop QRB || fail "both nodes end"
	line_down >"$work/counted"
	sed "s/^/# $name: /" "$work/counted"
}
# line_floor OCTETS OPTION…: how long plain TCP takes on such a line.
line_floor() {
	local octets=$1
	shift
	line_up "$@" || return
	timeout 600 "$tools/probe" stream "$line" "$octets" ${CONTROL-}
	kill "$line"
}

echo "# seed: ${READMIT_SEED:-1}"
long=${2-}
if [ "$long" ]; then
	CONTROL=cubic bad_line "thin" "$pictures/passport.jpg" 180 --cut-for 10
	bad_line "redialled" "$pictures/passport.jpg" 180 --cut-for 10 --redial
else
	awk -v kind=page -v w=850 -v h=594 -v seed=3 -f "$(dirname "$0")/../picture.awk" | cjpeg -quality 92 >"$work/page.jpg"
	bad_line "thin" "$work/page.jpg" 40 --cut-for 5
fi
