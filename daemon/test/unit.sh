#!/bin/bash
# Run cmocka programs under the sanitizers: unit.sh DIRECTORY TEST...; sums their counts. UNIT_SECONDS is
# how long one may take.
set -u
dir=$1
shift
passed=0 failed=0
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
for test in "$@"; do
	out=$(timeout "${UNIT_SECONDS:-300}" "$dir/$test" 2>&1)
	status=$?
	p=$(printf '%s\n' "$out" | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' | tail -1)
	f=$(printf '%s\n' "$out" | sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' | tail -1)
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
	if [ $status -ne 0 ]; then
		[ "${f:-0}" -gt 0 ] || failed=$((failed + 1))
		printf '%s\n' "--- $test: status $status" "$out" | tail -n 60
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
