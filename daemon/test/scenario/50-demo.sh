#!/bin/bash
# Goal of this scenario: the demonstration holds, and what it stands on can fail.
# - make demo's script ends with its last line: documents, receipts, 0 lost, 0 doubled
# - evidence of which one octet is changed does not verify
# - the search for persons' data finds them where they are
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")/..
pictures=$build/../demo-pictures
[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
cp -r "$pictures" "$work/demo-pictures"
claim "the portraits and the scan are JPEG files of the sizes asked for" eval \
	'djpeg "$pictures/portrait-1.jpg" >/dev/null && djpeg "$pictures/passport.jpg" >/dev/null &&
	[ $(stat -c %s "$pictures/portrait-1.jpg") -ge 50000 ] && [ $(stat -c %s "$pictures/passport.jpg") -ge 2000000 ]'
claim "the demonstration holds" "$here/demo.sh" "$build" "$work/demo"
last=$(tail -n 1 "$work/out")
claim "its last line says so" \
	[ "$last" = "demo: 2 States, 5 documents, 5 receipts verified, 0 lost, 0 doubled" ]

evidence=$work/demo/QRA/case.asice
size=$(stat -c %s "$evidence")
for quarter in 1 2 3; do
	cp "$evidence" "$work/changed.asice"
	printf '\001' | dd of="$work/changed.asice" bs=1 seek=$((size * quarter / 4)) conv=notrunc status=none
	claim_not "evidence with one octet changed after $quarter quarters does not verify" \
		readmit-verify "$work/changed.asice"
done
compared() { # STATUS FILE OPTION…: readmit-verify ends with this status
	local status=$1
	shift
	readmit-verify "$@" >"$work/said"
	[ $? = "$status" ]
}
claim "as it was, it verifies, though nobody compared the roots" compared 3 "$evidence"

application=$here/../../spec/examples/application-family.xml
mkdir -p "$work/plain/data"
for form in 'cat' 'base64 -w 0' 'iconv -t UTF-16LE' 'iconv -t UTF-16BE' 'od -An -v -tx1 -w100000000'; do
	$form "$application" | if [[ $form = od* ]]; then tr -d ' \n'; else cat; fi >"$work/plain/data/file"
	claim_not "persons are found in a file as: $form" "$here/secrecy.sh" "$work/plain" "$application"
done
head -c 100000 /dev/urandom >"$work/plain/data/file"
claim "and nobody in a file of noise" "$here/secrecy.sh" "$work/plain" "$application"
