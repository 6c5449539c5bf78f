#!/bin/bash
# Fuzz targets: fuzz.sh replay DIRECTORY TARGET... gives each its corpus once, under the sanitizers;
# fuzz.sh run BUILD SECONDS TARGET... lets libFuzzer look for more. A target is the path of its source
# without ".c". Its corpus is the folder corpus/NAME beside it and what its "seeds:" line names.
set -u
verb=$1 dir=$2
shift 2
passed=0 failed=0 named=

seeds() {
	local name=${1##*/} own
	own=${1%/*}/corpus/${name%_fuzz}
	[ ! -d "$own" ] || echo "$own"
	sed -n 's/^ \* seeds: *//p' "$1.c"
}

replay() {
	local out
	# shellcheck disable=SC2046 # folders without blanks
	out=$(timeout 120 "$dir/$1" $(seeds "$1") 2>&1) && return
	printf '%s\n' "--- $1" "$out" | tail -n 60
	return 1
}

# Names and words of the schemas, and what XML itself reserves, as libFuzzer wants them.
words() {
	cat spec/xsd/*.xsd | sed -n 's/.*<xs:element name="\([^"]*\)".*/"<\1>"\n"<\/\1>"/p
		s/.*<xs:attribute name="\([^"]*\)".*/" \1=\\""/p; s/.*<xs:enumeration value="\([^"\\]*\)".*/"\1"/p'
	printf '" %s=\\""\n' xmlns xmlns:a xml:id xml:lang xml:space Id ID
	printf '"%s"\n' '&amp;' '&#xD;' '\x0a\x0a' '<a:b/>' '<![CDATA[' '<!DOCTYPE'
}

run() {
	local name=${1##*/} seconds=$2
	mkdir -p "$dir/corpus/$name" "$dir/found"
	words | sort -u >"$dir/words"
	# shellcheck disable=SC2046
	nice "$dir/test/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
		-dict="$dir/words" -artifact_prefix="$dir/found/$name-" -print_final_stats=1 -verbosity=0 \
		"$dir/corpus/$name" $(seeds "$1") >"$dir/found/$name.log" 2>&1
	local status=$? found='nothing found'
	[ $status -eq 0 ] || found=$(grep -E 'ERROR|SUMMARY|runtime error|Test unit' "$dir/found/$name.log")
	printf '%-16s %9s runs, %s\n' "$name" \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/found/$name.log")" "$found"
	return $status
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
seconds=0
[ "$verb" = replay ] || { seconds=$1; shift; }
for target in "$@"; do
	if "$verb" "$target" "$seconds"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1)) named+="failed: $target"$'\n'
	fi
done
printf '%d passed, %d failed\n%s' "$passed" "$failed" "$named"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
