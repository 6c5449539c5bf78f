#!/bin/bash
# Run cmocka programs under the sanitizers: unit.sh DIRECTORY TEST... They wait for the disk as long as they work, so twice as many
# run at once as there are processors. It sums their counts, and prints what a program that failed has said. What failed is named
# once more at the end, a line "failed: PROGRAM: TEST..." each. UNIT_SECONDS is how long one may take.
set -u
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1

# One program: "PASSED FAILED" on one line, and before it what it said if it failed. Both go out in one piece
# (below the size of a pipe's buffer), so that two programs do not write into each other's lines.
run_one() {
	local test=$1 out status p f names told=''
	out=$(timeout "${UNIT_SECONDS:-300}" "$test" 2>&1)
	status=$?
	p=$(printf '%s\n' "$out" | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' | tail -1)
	f=$(printf '%s\n' "$out" | sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' | tail -1)
	p=${p:-0} f=${f:-0}
	if [ $status -ne 0 ]; then
		[ "$f" -gt 0 ] || f=1
		names=$(printf '%s\n' "$out" | sed -n 's/^\[  FAILED  \] \([a-z].*\)/\1/p' | sort -u | head -n 8 | tr '\n' ' ')
		told=$(printf '%s\n' "--- $test: status $status" "$out" | tail -n 60 | tail -c 3000)$'\n'
		told+="failed: $test: ${names:-status $status}"$'\n'
	fi
	printf '%scounts %d %d\n' "$told" "$p" "$f"
}
export -f run_one

dir=$1
shift
printf "$dir/%s\n" "$@" | xargs -P $((2 * $(nproc))) -I{} bash -c 'run_one "$1"' - {} | awk '
	/^counts [0-9]+ [0-9]+$/ { passed += $2; failed += $3; programs++; next }
	/^failed: / { named = named $0 "\n"; next }
	{ print }
	END { printf "%d passed, %d failed\n%s", passed, failed, named; exit programs != '$#' || failed > 0 }'
