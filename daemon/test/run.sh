#!/bin/bash
# Run the parts of `make test` in order: run.sh MAKE BUILD PART...
# Each part prints its duration; test programs print "N passed, N failed" lines, which are summed.
# The first part that fails ends the run, after the end of its output and each of its lines "failed: …".
set -u
make=$1 build=$2
shift 2
passed=0 failed=0 skipped=0
mkdir -p "$build/log"
for part in "$@"; do
	start=$(date +%s.%N)
	$make --no-print-directory -j2 "$part" >"$build/log/$part.log" 2>&1
	status=$?
	seconds=$(date +%s.%N | awk -v s="$start" '{ printf "%.1f", $1 - s }')
	read -r p f < <(awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 } END { print p + 0, f + 0 }' \
		"$build/log/$part.log")
	s=$(awk '/^[0-9]+ skipped$/ { s += $1 } END { print s + 0 }' "$build/log/$part.log")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ $status -eq 0 ] || [ "$f" -gt 0 ] || failed=$((failed + 1))
	printf '%-12s %7s s  %s\n' "$part" "$seconds" \
		"$([ $status -eq 0 ] && echo ok || echo FAILED)$([ "$p" -gt 0 ] && echo ", $p tests")$([ "$s" -eq 0 ] || echo ", $s skipped")"
	if [ $status -ne 0 ]; then
		grep -v '^failed: ' "$build/log/$part.log" | tail -n 160
		grep '^failed: ' "$build/log/$part.log"
		break
	fi
done
[ "$skipped" -eq 0 ] || echo "$skipped skipped: $build/log says what and why"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
