#!/bin/bash
# Run scenario scripts on the release programs: scenario.sh BUILD SCRIPT...
# A script prints "ok - …" or "not ok - …" for each of its claims and ends non-zero on the first that fails; "skipped - …"
# says what the machine does not let it see. What failed is named once more at the end, a line "failed: SCRIPT: CLAIM" each.
# They wait more than they work, so two are played at a time, each with ports of its own; one with a line "# alone: WHY" has
# the machine for itself, before the others, of which those with a line "# long: SECONDS" begin, the longest first, so that none
# is left over at the end. READMIT_AT_ONCE=1: one at a time.
set -u
build=$1
shift
at_once=${READMIT_AT_ONCE:-2}
passed=0 failed=0 skipped=0 named=()
told=$(mktemp -d)
trap 'rm -rf "$told"' EXIT
declare -A slot_of=() name_of=()

# play SCRIPT SLOT: in a process of its own; what it says, how it ends and how long it took are files of $told.
play() {
	local name start
	name=$(basename "$1") start=$(date +%s.%N)
	READMIT_SLOT=$2 timeout "${READMIT_SCRIPT_SECONDS:-600}" bash "$1" "$build" >"$told/$name" 2>&1
	echo $? >"$told/$name.status"
	date +%s.%N | awk -v s="$start" '{ print $1 - s }' >"$told/$name.seconds"
}
# tell NAME: once it has ended.
tell() {
	local p f s
	p=$(grep -c '^ok - ' "$told/$1") f=$(grep -c '^not ok - ' "$told/$1") s=$(grep -c '^skipped - ' "$told/$1")
	mapfile -t -O ${#named[@]} named < <(grep '^not ok - ' "$told/$1" | sed "s/^/failed: $1: /")
	[ "$(<"$told/$1.status")" -eq 0 ] || [ "$f" -gt 0 ] || {
		f=1
		named+=("failed: $1: ends with status $(<"$told/$1.status"), and no claim failed")
	}
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-40s %3d claims %6.1f s\n' "$1" "$p" "$(<"$told/$1.seconds")"
	grep '^skipped - ' "$told/$1"
	[ "$f" -eq 0 ] || {
		mkdir -p "$build/failed" && cp "$told/$1" "$build/failed/$1.txt"
		tail -n 60 "$told/$1"
		echo "the whole of it: $build/failed/$1.txt"
	}
}
# one_ends: some script that is played ends, and is told.
one_ends() {
	local process
	wait -n -p process
	tell "${name_of[$process]}"
	unset "slot_of[$process]" "name_of[$process]"
}
free_slot() {
	local slot=0
	while [[ " ${slot_of[*]-} " == *" $slot "* ]]; do slot=$((slot + 1)); done
	echo $slot
}
# begin SCRIPT N: as soon as fewer than N are played.
begin() {
	local slot
	while [ ${#slot_of[@]} -ge "$2" ]; do one_ends; done
	slot=$(free_slot)
	play "$1" "$slot" &
	slot_of[$!]=$slot name_of[$!]=$(basename "$1")
}
mapfile -t alone < <(grep -l '^# alone: ' "$@")
mapfile -t others < <(grep -L '^# alone: ' "$@" | while read -r script; do
	printf '%s %s\n' "$(sed -n 's/^# long: \([0-9]*\)$/\1/p' "$script" | grep . || echo 0)" "$script"
done | sort -srnk1,1 | cut -d' ' -f2-)
for script in "${alone[@]}"; do begin "$script" 1; done
while [ ${#slot_of[@]} -gt 0 ]; do one_ends; done
for script in "${others[@]}"; do begin "$script" "$at_once"; done
while [ ${#slot_of[@]} -gt 0 ]; do one_ends; done
echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ ${#named[@]} -eq 0 ] || printf '%s\n' "${named[@]}"
[ "$failed" -eq 0 ]
