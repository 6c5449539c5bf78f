# A document with a scan, and others beside it, on a line that is bad: for scripts that have sourced scenario/lib.sh and
# line/thin.sh.
pictures=$build/../demo-pictures
[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
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
# congestion control. $patience: seconds in which a document has its receipt; $times: so many times the ideal is what the scan may
# take; $long: what plain TCP does on it is measured beside.
patience=60 times=2 long= orphans=
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
	[ -z "$orphans" ] || watch_orphans "$work/orphans" &
	traffic "$octets" 15 "$family" "${files[@]}"
	echo "# $name: ms until the receipt: $(paste -sd ';' "$work/times")"
	met=$(($(cuts_until "$scan_ended" "$every") - $(cuts_until "$scan_began" "$every")))
	[ "$every" -ge 180 ] || [ "$times" -gt 2 ] || allowed=$((30000 * met))
	allowed=$((times * ideal + allowed))
	echo "# $name: ideal $ideal ms for $octets octets of files; $met cuts met; allowed $allowed ms," \
		"$(awk '$1 == "scan" { print "took", $2 }' "$work/times") ms"
	[ -z "$floor" ] || { wait_for 300 grep -q by "$floor"; echo "# $name: plain TCP: $(cat "$floor")"; }
	claim "$name: each of $(grep -vc '^scan' "$work/times") documents has its receipt within $patience s" [ -z "$(late_times)" ]
	claim "$name: the scan takes at most $times times the ideal time" \
		awk -v most="$allowed" '$1 == "scan" && $2 != "never" && $2 <= most { good = 1 } END { exit !good }' "$work/times"
	claim "$name: it came whole" comes_whole "$scan"
	[ -z "$orphans" ] || claim "$name: what an ended connection left goes after $(<"$work/orphans") ms at most" \
		[ "$(<"$work/orphans")" -le "$orphans" ]
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
# orphans: sockets at QRA's end that no process has any more, but to which nothing has been acknowledged either.
orphans() { nsenter --net=/proc/$line/fd/10 cat /proc/net/tcp |
	awk 'NR > 1 && $4 != "06" && $10 == 0 && substr($5, 1, 8) != "00000000" { print $2 "-" $3 }'; }
# watch_orphans FILE: in FILE is for how many ms at most one of them has been there, until the line ends.
watch_orphans() {
	local -A since
	local all socket now longest=0
	echo 0 >"$1"
	while kill -0 "$line" 2>/dev/null; do
		now=$(ms_now) all=$(orphans 2>/dev/null)
		for socket in "${!since[@]}"; do [[ " ${all//$'\n'/ } " == *" $socket "* ]] || unset "since[$socket]"; done
		for socket in $all; do
			: "${since[$socket]:=$now}"
			[ $((now - since[$socket])) -le "$longest" ] && continue
			longest=$((now - since[$socket]))
			echo "$longest" >"$1" # when there is something new alone: whoever reads it then finds nothing
		done
		read -rt 0.3 -u "$silence" || true
	done
}
# page FILE: a scan of 0.2 MB.
page() {
	awk -v kind=page -v w=850 -v h=594 -v seed=3 -f "$(dirname "${BASH_SOURCE[0]}")/../picture.awk" | cjpeg -quality 92 >"$1"
}
