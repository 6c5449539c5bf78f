#!/bin/bash
# gate.sh check|mend SPECIFICATION UNTESTED CLASSES CASES ROLES...: is each requirement of the specification read by people,
# with a case in each role that it binds or a written reason, and each case of a requirement that there is?
# CASES has a line for each case, its id first (readmit-conform list). mend takes off the reasons of roles that have a case.
set -eu
mode=$1 specification=$2 untested=$3 classes=$4 cases=$5
shift 5
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

if [ "$mode" = mend ]; then
	for file; do
		awk -f "$here/mend.awk" kind=case "$cases" kind=role "$file" >"$dir/mended"
		cmp -s "$dir/mended" "$file" || cat "$dir/mended" >"$file"
	done
	exit
fi
mkdir "$dir/text"
awk -v dir="$dir/text" -v outside="$dir/outside" -f "$here/sentence.awk" "$specification"
touch "$dir/outside"
(cd "$dir/text" && sha256sum -- *) >"$dir/hash"
awk -f "$here/gate.awk" kind=outside "$dir/outside" kind=hash "$dir/hash" kind=untested "$untested" kind=class "$classes" \
	kind=case "$cases" kind=role "$@"
