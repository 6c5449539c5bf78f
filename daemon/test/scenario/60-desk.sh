#!/bin/bash
# Goal of this scenario: an integrator with nothing but curl, and what bad input gets at the desk.
# - a document is submitted, collected, read and taken over with the README's curl lines
# - the same Idempotency-Key gives the same answer; with another body it is refused
# - a bad file gets every violation with line and path, and nothing is queued
# - a safeguard that is broken is named with what to do, also one that only the case shows; a refusal of the peer names none
# - what is said beside a document (officers, keys, reasons, names of files) never reaches the other State
# - reading without a reason is refused, and every reading is journalled
# - a user of the machine may do what his role lets him do, and nothing else
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# call PARTY METHOD PATH CURL-OPTIONS…: the body in $work/body, the status printed.
call() {
	local party=$1 method=$2 path=$3
	shift 3
	curl -s --max-time 20 --unix-socket "$work/$party/api.sock" -X "$method" "http://localhost$path" \
		-o "$work/body" -w '%{http_code}' "$@"
}
# status WANTED TEXT PARTY METHOD PATH …
status() {
	local wanted=$1 text=$2 got
	shift 2
	got=$(call "$@")
	[ "$got" = "$wanted" ] || { cat "$work/body"; fail "$text: $got instead of $wanted"; }
	ok "$text"
}
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" "$work/body" | head -n 1; }
xml=(-H 'Content-Type: application/xml')
# Marked, so that they can be looked for at the other State.
canary=KANARI-7
two=(-H "Readmit-Officer: $canary-1" -H "Readmit-Second-Officer: $canary-2")
send() { # KEY FILE
	call QRA POST '/v1/messages?peer=QRB' "${xml[@]}" "${two[@]}" -H "Idempotency-Key: $canary-$1" --data-binary "@$2"
}

single=$(fresh "$examples/application-single.xml")
sed 's/<Sex>M</<Sex>X</; s/<Sex>F</<Sex>X</' "$single" >"$work/other.xml"
claim_not "the two documents differ" cmp -s "$single" "$work/other.xml"
claim "without an Idempotency-Key nothing is taken" [ "$(call QRA POST '/v1/messages?peer=QRB' \
	"${xml[@]}" --data-binary "@$examples/application-single.xml")" = 400 ]
claim "a document is accepted" [ "$(send key-1 "$single")" = 202 ]
first=$(value local_id) case=$(value case_id)
claim "the same request again is answered" grep -q '^20[02]$' <(send key-1 "$single")
claim "with the same message" [ "$(value local_id)" = "$first" ]
claim "the same key for another document is refused" [ "$(send key-1 "$work/other.xml")" = 422 ]

status 200 "QRB waits for its inbox" QRB GET '/v1/inbox?wait=10'
id=$(value local_id)
claim "and gets the application" grep -q ReadmissionApplication "$work/body"
claim "and learns its case" [ "$(value case_id)" = "$case" ]
sed "s|<Application>[^<]*<|<Application>$(value fingerprint_base64)<|; /<Person key=\"P2\"/,/<\/Person>/d
	/<Person key=\"P3\"/,/<\/Person>/d" "$examples/reply-split.xml" >"$work/reply.xml"
status 400 "reading without a reason is refused" QRB GET "/v1/inbox/$id/content"
status 200 "reading with a reason is allowed" QRB GET "/v1/inbox/$id/content" -H 'Readmit-Reason: review'
claim "what is read is what was sent" cmp "$work/body" \
	<(xmllint --exc-c14n "$single")
claim "and its own words suffice to answer it" [ "$(call QRB POST "/v1/messages?peer=QRA&case=$case" \
	"${xml[@]}" -H 'Idempotency-Key: answer' --data-binary "@$work/reply.xml")" = 202 ]
status 204 "it is taken over" QRB POST "/v1/inbox/$id/ack"
status 204 "twice does no harm" QRB POST "/v1/inbox/$id/ack"
status 200 "the inbox is asked again" QRB GET '/v1/inbox'
claim_not "and is empty" grep -q local_id "$work/body"
status 200 "the case has a timeline" QRB GET "/v1/cases/$case/timeline"

# What only the case shows: nobody is said to receive the child.
claim "the application of a child alone is accepted" [ "$(send child "$(fresh "$examples/application-child.xml")")" = 202 ]
case=$(value case_id)
status 200 "QRB waits for it" QRB GET '/v1/inbox?wait=10'
id=$(value local_id)
sed "s|<Application>[^<]*<|<Application>$(value fingerprint_base64)<|" "$work/reply.xml" >"$work/alone.xml"
sed 's|</ConfirmedIdentity>|&<Guardian><Primary>Specimen</Primary><Function>relative</Function></Guardian>|' \
	"$work/alone.xml" >"$work/guarded.xml"
answer() { # FILE
	call QRB POST "/v1/messages?peer=QRA&case=$case" "${xml[@]}" -H 'Idempotency-Key: child' --data-binary "@$1"
}
claim "a reply that names no guardian is refused" [ "$(answer "$work/alone.xml")" = 422 ]
claim "as a safeguard" grep -q '"code": *"not-acceptable"' "$work/body"
claim "of the person, with what to do" \
	grep -q '"path": *"ReadmissionReply/Person",.*"requirement": *"RXP-SAF-024", *"action": *"name' "$work/body"
claim "one that names a guardian is taken" [ "$(answer "$work/guarded.xml")" = 202 ]
status 204 "the application is taken over" QRB POST "/v1/inbox/$id/ack"

before=$(ctl QRA --json message list --limit 100 | grep -o '"direction": *"out"' | wc -l)
# Those of form; a manifest is no document.
for file in $(sed -n 's/^\(application-[^ ]*\) .*/\1/p' "$examples/invalid/expected.txt"); do
	file=$examples/invalid/$file
	claim "refused: $(basename "$file")" [ "$(send "bad-$(basename "$file" .xml)" "$file")" = 422 ]
	claim "with line and path" grep -q '"line": *[0-9]*.*"path": *"[A-Z]\|"path": *"[A-Z][^"]*".*"line"' "$work/body"
done
# Each has one thing that XML of the strict profile does not have, in a line of its own.
malformed() { # TEXT LINE PROBLEM SED-COMMAND
	sed "$4" "$single" >"$work/malformed.xml"
	claim "refused: $1" [ "$(send "malformed-${1// /-}" "$work/malformed.xml")" = 422 ]
	claim "with its line and what it is" grep -q "\"line\": *$2,.*\"text\": *\"$3.*RXP-XML-" "$work/body"
}
malformed "a cut" 4 "does not end" '5,$d'
malformed "a comment" 3 "a comment" '3i<!-- zebra -->'
malformed "a document type" 2 "a document type" '2i<!DOCTYPE ReadmissionApplication>'
malformed "an entity" 3 "a reference to an entity" '3i&zebra;'
malformed "an end tag" 3 "an end tag" '3i<Zebra></Stripes>'
malformed "a byte order mark" 1 "begins with a byte order mark" '1s/^/\xef\xbb\xbf/'
malformed "another encoding" 1 "an XML declaration other" '1s/UTF-8/ISO-8859-1/'
claim_not "nothing of them is quoted" grep -i "zebra\|stripes" "$work/body"

# broken REQUIREMENT SED-SCRIPT: a fresh application with this change breaks this safeguard and no other.
broken() {
	sed -E "$2" "$single" >"$work/broken.xml"
	claim_not "it is changed: $2" cmp -s "$single" "$work/broken.xml"
	claim "$1 is broken: $2" [ "$(send "bad-$1" "$work/broken.xml")" = 422 ]
	claim "with its problem" grep -q '"code": *"not-acceptable"' "$work/body"
	claim "its requirement and what to do" grep -q "\"requirement\": *\"$1\", *\"action\": *\"[a-z]" "$work/body"
	claim "and nothing else" [ "$(grep -o '"requirement"' "$work/body" | wc -l)" = 1 ]
}
broken RXP-SAF-005 '/<PersonInformed>/,/<.PersonInformed>/d'
broken RXP-SAF-006 "/<RefoulementChecked>/,/<.RefoulementChecked>/s/<Date>.*</<Date>2020-01-01</"
broken RXP-SAF-007 's/legal-officer/return-officer/'
two=(-H 'Readmit-Officer: R-7001' -H "Readmit-Second-Officer: $canary-2")
broken RXP-SAF-008 's/R-2001/R-7001/'
two=(-H "Readmit-Officer: $canary-1" -H "Readmit-Second-Officer: $canary-2")
broken RXP-SAF-014 's/(status="claimed">)UTO/\1XXC/'
broken RXP-SAF-015 's/(status="claimed">)UTO/\1FRA/'
broken RXP-SAF-022 's/>None\.</>An appeal is pending.</'
broken RXP-SAF-023 's/7K2M-0420/2026-004711/'
two=(-H "Readmit-Officer: $canary-1")
broken RXP-SAF-021 's/>None\.</>Nothing to add.</'
two=(-H "Readmit-Officer: $canary-1" -H "Readmit-Second-Officer: $canary-2")
sed 's/<Sex>[MF]</<Sex>Q</; s/key="P1"/key="P99"/' "$single" >"$work/two.xml"
claim "a file with two faults is refused" [ "$(send two "$work/two.xml")" = 422 ]
claim "and both are told" [ "$(grep -o '"path"' "$work/body" | wc -l)" -ge 2 ]
claim "nothing was queued" [ "$(ctl QRA --json message list --limit 100 | grep -o '"direction": *"out"' | wc -l)" = "$before" ]
readmitctl --socket "$work/QRA/api.sock" message send "$work/two.xml" --to QRB >"$work/ctl" 2>&1
claim "readmitctl ends with status 65" [ $? = 65 ]
claim "and names file, line and path" grep -q "two.xml:[0-9]*: ReadmissionApplication/Person" "$work/ctl"

family= picture=$build/../demo-pictures/portrait-1.jpg whole=$(fresh "$examples/application-family.xml")
for type in photograph document-scan photograph; do
	call QRA POST "/v1/attachments?type=$type&media_type=image/jpeg&checked_by=return-officer" \
		-H 'Content-Type: application/octet-stream' -T "$picture" >/dev/null
	family+="&attachment=$(value attachment)"
done
claim "a document with three files is accepted" [ "$(call QRA POST "/v1/messages?peer=QRB$family" "${xml[@]}" "${two[@]}" \
	-H 'Idempotency-Key: family' --data-binary "@$whole")" = 202 ]
status 200 "QRB waits for it" QRB GET '/v1/inbox?wait=20'
id=$(value local_id)
status 200 "a file of it is read" QRB GET "/v1/inbox/$id/attachments/1" -H 'Readmit-Reason: case-work'
claim "it is what was sent" cmp "$work/body" "$picture"
for file in "$work"/QRB/data/attachments/in/*; do printf 'zebra' | dd of="$file" conv=notrunc status=none; done
status 500 "a file that the disk has changed is not given" QRB GET "/v1/inbox/$id/attachments/1" \
	-H 'Readmit-Reason: case-work'
claim "and the log says so" logged QRB attachment_damaged '"number":1'
rm "$work"/QRB/data/attachments/in/*
status 500 "nor one that is gone" QRB GET "/v1/inbox/$id/attachments/2" -H 'Readmit-Reason: case-work'
claim "and the log says so too" logged QRB attachment_damaged '"number":2'

again=$(call QRA POST "/v1/messages?peer=QRB$family" "${xml[@]}" "${two[@]}" -H 'Idempotency-Key: family-2' \
	--data-binary "@$whole")
claim "files that a document has are no other's, and the first is named" eval '[ "$again" = 409 ] &&
	grep -q "attachment 1 is gone, or another document has it" "$work/body"'
again=$(call QRA POST "/v1/messages?peer=QRB${family%-*}-000000000000" "${xml[@]}" "${two[@]}" -H 'Idempotency-Key: family-3' \
	--data-binary "@$whole")
claim "a file that is not there is named" eval '[ "$again" = 404 ] &&
	grep -q "attachment 3 of the request" "$work/body"'

# The kernel says who calls, and the configuration what he may do.
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$work/QRA"
	sed -i 's|<api \(.*\)mode="0600"/>|<api \1mode="0666"><allow user="daemon" role="observe"/></api>|' \
		"$work/QRA/readmitd.xml"
	claim "roles are right in the configuration" readmitd --config "$work/QRA/readmitd.xml" --check
	sed 's/user="daemon"/user="nosuchuser"/' "$work/QRA/readmitd.xml" >"$work/nobody.xml"
	claim_not "a user that is not there is refused" readmitd --config "$work/nobody.xml" --check
	kill -HUP "${pid_of[QRA]}"
	claim "the node takes them" wait_for 10 log_has QRA config_reloaded
	claim "and is back" wait_for 10 ctl QRA status
	as() { # USER CURL-OPTIONS…: the status
		setpriv --reuid "$1" --regid nogroup --clear-groups curl -s --max-time 20 -o "$work/role" \
			-w '%{http_code}' --unix-socket "$work/QRA/api.sock" "${@:2}"
	}
	: >"$work/role" && chmod 666 "$work/role"
	claim "who may observe may list the peers" [ "$(as daemon http://localhost/v1/peers)" = 200 ]
	claim "and not operate" [ "$(as daemon -X POST http://localhost/v1/peers/QRB/test)" = 403 ]
	claim "which is told in words" grep -q '"reason": *"it needs the role operate"' "$work/role"
	claim "another user may not even look" [ "$(as games http://localhost/v1/peers)" = 403 ]
	claim "root may do all" ctl QRA peer test QRB --wait 10
fi

cp "$pictures/portrait-1.jpg" "$work/$canary.jpg"
claim "a family is sent with files whose names say something" ctl QRA message send \
	"$(fresh "$examples/application-family.xml")" --to QRB --officer "$canary-1" --second-officer "$canary-2" \
	--key "$canary-files" --wait 20 --attach "$work/$canary.jpg" --as photograph --checked-by return-officer \
	--attach "$work/$canary.jpg" --as document-scan --checked-by return-officer \
	--attach "$work/$canary.jpg" --as photograph --checked-by legal-officer
id=$(ctl QRB --json inbox list | grep -o '"local_id": *"[^"]*"' | tail -n 1 | cut -d '"' -f 4)
claim "QRB reads it" ctl QRB inbox content "$id" --reason case-work --out "$work/read.xml"
claim "and it is what was written" grep -q Eriksson "$work/read.xml"
claim "of what was said beside it nothing is in it" [ "$(grep -c "$canary" "$work/read.xml")" = 0 ]

claim "the journal of what was opened is whole" ctl QRB journal verify
claim "and names the reading" [ "$(ctl QRB journal list --user "$(id -u)" | grep -c 'content-read  *review')" = 1 ]
node_stop QRA
node_stop QRB
claim "nor in anything else that QRB has" [ -z "$(grep -rl "$canary" "$work/QRB")" ]
claim "QRA's journal has it" [ "$(sqlite3 -readonly "$work/QRA/data/readmit.db" \
	"SELECT count(*) FROM journal WHERE reason = 'by $canary-1, read by $canary-2'")" = 4 ]
claim "the journal holds the one reading" [ "$(sqlite3 -readonly "$work/QRB/data/readmit.db" \
	"SELECT count(*) FROM journal WHERE reason = 'review'")" = 1 ]
