#!/bin/bash
# Run scenario scripts on the release programs: scenario.sh BUILD SCRIPT...
# A script prints "ok - …" or "not ok - …" for each of its claims and ends non-zero on the first that fails; "skipped - …"
# says what the machine does not let it see.
set -u
build=$1
shift
passed=0 failed=0 skipped=0
for script in "$@"; do
	start=$(date +%s.%N)
	out=$(timeout 300 bash "$script" "$build" 2>&1)
	status=$?
	p=$(printf '%s\n' "$out" | grep -c '^ok - ')
	f=$(printf '%s\n' "$out" | grep -c '^not ok - ')
	[ $status -eq 0 ] || [ "$f" -gt 0 ] || f=1
	s=$(printf '%s\n' "$out" | grep -c '^skipped - ')
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	date +%s.%N | awk -v s="$start" -v n="$(basename "$script")" -v p="$p" \
		'{ printf "%-40s %3d claims %6.1f s\n", n, p, $1 - s }'
	printf '%s\n' "$out" | grep '^skipped - '
	[ "$f" -eq 0 ] || printf '%s\n' "$out" | tail -n 60
done
echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
