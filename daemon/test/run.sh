#!/bin/bash
# Run the steps of `make test` in order: run.sh MAKE BUILD STEP...
# A step is a part, a target of make, or PART,PART,…+PART+…: those before the first + run in order and wait for much, and the
# others have, one after the other, what they leave of the processors (the scheduler's idle class, where it may be had: they
# take nothing from them).
# Each part prints its duration when it ends; test programs print "N passed, N failed" lines, which are summed.
# A part that fails prints the end of its output and each of its lines "failed: …"; its step is the last one.
set -u
make=$1 build=$2
shift 2
logs=$build/log
mkdir -p "$logs"
rm -f "$logs"/*.counts
idle=(chrt --idle 0)
"${idle[@]}" true 2>/dev/null || idle=(nice -n 19)

# part NAME WORDS [COMMAND…]: COMMAND, if any, is what runs make.
part() {
	local name=$1 words=$2 log=$logs/$1.log start status seconds p f s
	shift 2
	start=$(date +%s.%N)
	"$@" $make --no-print-directory -j2 "$name" >"$log" 2>&1
	status=$?
	seconds=$(date +%s.%N | awk -v s="$start" '{ printf "%.1f", $1 - s }')
	read -r p f < <(awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 } END { print p + 0, f + 0 }' "$log")
	s=$(awk '/^[0-9]+ skipped$/ { s += $1 } END { print s + 0 }' "$log")
	[ $status -eq 0 ] || [ "$f" -gt 0 ] || f=1
	echo "$p $f $s" >"$logs/$name.counts"
	[ $status -eq 0 ] && words=ok$words || words=FAILED$words
	[ "$p" -eq 0 ] || words+=", $p tests"
	[ "$s" -eq 0 ] || words+=", $s skipped"
	printf '%-12s %7s s  %s\n' "$name" "$seconds" "$words"
	[ $status -eq 0 ] || {
		grep -v '^failed: ' "$log" | tail -n 160
		grep '^failed: ' "$log"
		return 1
	}
}
# in_order PART…
in_order() {
	local name
	for name in "$@"; do part "$name" '' || return 1; done
}
# beside PART…
beside() {
	local name
	for name in "$@"; do part "$name" ', beside them' "${idle[@]}" || return 1; done
}
step() {
	local names firsts others
	IFS=+ read -ra names <<<"$1"
	IFS=, read -ra firsts <<<"${names[0]}"
	beside "${names[@]:1}" &
	others=$!
	in_order "${firsts[@]}" && wait $others
}
for step in "$@"; do step "$step" || break; done
wait
read -r passed failed skipped < <(cat "$logs"/*.counts | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
[ "$skipped" -eq 0 ] || echo "$skipped skipped: $logs says what and why"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
