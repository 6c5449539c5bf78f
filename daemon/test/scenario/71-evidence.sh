#!/bin/bash
# Goal of this scenario: what a court gets, and what any tool of its own makes of it (RXP-EVI-020 to 022).
# - a container gets the time-stamp of the service that the command or the configuration names, and no node speaks to it:
#   readmit-verify says not later than when all of it was there, and by whose word; openssl verifies the same token
#   over the octets that the specification names
# - the container has the pages of both logs that show the entries of its documents, once each has read the other's
#   (RXP-LOG-016, RXP-EVI-023 to 025); what a receipt names later binds its State to the entry; if the log was rewritten
#   since, the pages kept contradict the receipts, which is said
# - a document whose row a hand altered is named and not given, the others are; the node alarms, also where it is the only one (RXP-EVI-032)
# - whatever a service answers that is no time-stamp of this container, or if it does not answer, the container is written
#   without, and the command says so
. "$(dirname "$0")/lib.sh"

# --- an authority, and one that nobody named ---
tsa_folder=$work/tsa
mkdir "$tsa_folder"
cat >"$tsa_folder/tsa.cnf" <<EOF
[tsa]
default_tsa = one
[one]
serial = $tsa_folder/serial
crypto_device = builtin
signer_cert = $tsa_folder/tsa.crt
signer_key = $tsa_folder/tsa.key
certs = $tsa_folder/ca.crt
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:2
ess_cert_id_alg = sha256
EOF
printf '01\n' >"$tsa_folder/serial"
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
authority() { # NAME: NAME.key and NAME.crt of a certificate authority
	openssl req -x509 "${new_key[@]}" -days 30 -subj "/C=UT/O=Test/CN=$1" \
		-keyout "$tsa_folder/$1.key" -out "$tsa_folder/$1.crt"
}
certify() { # EXTENSION OPTION…: tsa.crt
	openssl req "${new_key[@]}" -subj "/C=UT/O=Test/CN=Stamps" -keyout "$tsa_folder/tsa.key" -out "$tsa_folder/tsa.csr" &&
		openssl x509 -req -in "$tsa_folder/tsa.csr" -CA "$tsa_folder/ca.crt" -CAkey "$tsa_folder/ca.key" -CAcreateserial \
			-extfile <(echo "extendedKeyUsage=critical,$1") "${@:2}" -out "$tsa_folder/tsa.crt"
}
claim "a certificate authority" authority ca
claim "and another" authority stranger
claim "a time-stamping authority" certify timeStamping -days 20
node "$(dirname "$0")/tsa.mjs" "$tsa_folder" >"$tsa_folder/log" 2>&1 &
pid_of[tsa]=$!
claim "which listens" wait_for 10 test -s "$tsa_folder/port"
tsa=http://127.0.0.1:$(cat "$tsa_folder/port")

node_make QRA
node_make QRB
sed -i "s,<test ,<evidence timestamp=\"$tsa/good\"/><test ," "$work/QRA/readmitd.xml"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
ctl QRA --json message send "$(fresh "$(dirname "$0")/../../../spec/examples/application-single.xml")" --to QRB \
	"${officers[@]}" --wait 20 >"$work/sent" 2>&1 || { cat "$work/sent"; fail "an application"; }
case=$(ctl QRA --json case list | value case_id)
roots=()
for party in QRA QRB; do roots+=(--root "$party=$(ctl "$party" descriptor fingerprint | tr -d ' \n' | grep -oE '[0-9a-f]{64}')"); done
made() { # NODE FILE STATUS OPTION…: the command ends so
	rm -f "$work/$2"
	ctl "$1" evidence export "$case" --reason review --out "$work/$2" "${@:4}" >"$work/export" 2>&1
	[ $? = "$3" ] || { cat "$work/export"; return 1; }
}
verifies() { readmit-verify "$work/$1" "${roots[@]}" "${@:2}" >"$work/verdict" 2>&1 || { cat "$work/verdict"; return 1; }; }

# --- pages of logs ---
claim "a container is made at once" made QRA early.asice 0 --timestamp none
for i in 1 2; do ctl QRA peer test QRB --wait 10 >"$work/out" 2>&1 || fail "Ping $i"; done
claim "QRB reads the log of QRA" ctl QRB log check QRA
claim "QRA that of QRB" ctl QRA log check QRB
claim "then it has" made QRA logs.asice 0 --timestamp none
claim "that of QRB" eval 'unzip -Z1 "$work/logs.asice" | grep -qx logs/01-QRB.xml'
claim "and it is proved" verifies logs.asice
claim "which entry the document has" grep -q 'entry [0-9]* of the log of QRB, as its page logs/01-QRB.xml has it' "$work/verdict"
unzip -q -d "$work/unpacked" "$work/logs.asice"
claim "to the conformance suite, too, descriptors, receipts and pages hold" readmit-conform doc \
	"$work"/unpacked/descriptors/*.xml "$work"/unpacked/documents/*/receipt.xml "$work"/unpacked/logs/*.xml
claim "each under the descriptor that is with it" [ "$(grep -c '^holds .*, under a seal of its descriptor' "$work/out")" -ge 2 ]
sed 's/<LogCount>[0-9]*</<LogCount>99</' "$work/unpacked/logs/01-QRB.xml" >"$work/changed.xml"
claim_not "a page that was changed does not" readmit-conform doc "$work"/unpacked/descriptors/*.xml "$work/changed.xml"
cp "$work/out" "$work/told"
claim "which it says, with the requirement" grep -q 'RXP-SEA-005: References MUST be matched' "$work/told"
claim "QRB has the page that it gave" eval 'made QRB given.asice 0 && unzip -Z1 "$work/given.asice" | grep -qx logs/01-QRB.xml'
claim "and it is proved as well" eval 'verifies given.asice && grep -q "entry [0-9]* of the log of QRB" "$work/verdict"'

# --- the page for people ---
unzip -p "$work/logs.asice" chronology.html >"$work/page.html"
claim "the page is well-formed" xmllint --html --noout "$work/page.html"
claim "and says what happened" grep -q "<td>QRA</td><td>sealed document 01 for QRB: ReadmissionApplication. It asks" "$work/page.html"
claim "on which day" grep -q "<td>$(date -u '+%F, %A' | tr '[:upper:]' '[:lower:]')</td>" "$work/page.html"
claim_not "it loads nothing and runs nothing" grep -qiE '<script|<link|<img|src=|href=|url\(|@import' "$work/page.html"
style=$(sed -n 's,^<style>\(.*\)</style>$,\1,p' "$work/page.html")
claim "its policy allows its style alone" \
	grep -qF "style-src 'sha256-$(printf '%s' "$style" | openssl dgst -sha256 -binary | base64)'" "$work/page.html"

# --- stamped ---
claim "QRA exports the case with the service that is configured" made QRA stamped.asice 0
claim "it is proved" verifies stamped.asice
claim "not later than today" grep -q "not later than $(date -u +%F)T" "$work/verdict"
claim "by the word of an authority" grep -q 'CN=Stamps' "$work/verdict"
claim "which nobody has judged" grep -q 'NOT JUDGED' "$work/verdict"
claim "with the authority it is proved" verifies stamped.asice --authority "$tsa_folder/ca.crt"
claim "to be of that one" grep -q 'follows from an authority that was given' "$work/verdict"
claim_not "and of no other" verifies stamped.asice --authority "$tsa_folder/stranger.crt"
claim "which is said" grep -q 'of none of the authorities given' "$work/verdict"
claim_not "nor of a file without certificates" verifies stamped.asice --authority "$tsa_folder/tsa.cnf"
claim "whoever wants none" made QRA plain.asice 0 --timestamp none
claim "gets none" eval 'verifies plain.asice && grep -q "no third party" "$work/verdict"'
claim "QRB, which has none, names it" made QRB named.asice 0 --timestamp "$tsa/good"
claim "and it is proved" eval 'verifies named.asice && grep -q "not later than" "$work/verdict"'

# The same by openssl alone: SignatureValue as canonical XML, and the token.
unzip -p "$work/stamped.asice" META-INF/signatures.xml >"$work/signatures.xml"
between() { sed -n "s,.*<$1>\([^<]*\)</$1>.*,\1,p" "$work/signatures.xml"; }
between xades:EncapsulatedTimeStamp | base64 -d >"$work/token"
stamped_octets() {
	printf '<ds:SignatureValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#">%s</ds:SignatureValue>' "$(between ds:SignatureValue)"
}
stamped_octets >"$work/stamped"
openssl_takes() { openssl ts -verify -token_in -in "$work/token" -data "$work/stamped" -CAfile "$tsa_folder/ca.crt"; }
claim "openssl verifies the token" openssl_takes
printf ' ' >>"$work/stamped"
claim_not "of nothing else" openssl_takes

# --- without one ---
unstamped() { # WHAT WORDS
	made QRA "$1.asice" 3 --timestamp "$tsa/$1" && { grep -q "$2" "$work/export" || { cat "$work/export"; return 1; }; } &&
		verifies "$1.asice" && grep -q 'no third party' "$work/verdict"
}
claim "of other octets" unstamped other 'of another question'
claim "of another request" unstamped nonce 'of another question'
claim "cut in half" unstamped cut 'is no time-stamp'
claim "with a signature that does not verify" unstamped false 'does not verify'
claim "refused" unstamped refuse 'gave no time-stamp'
claim "a page" unstamped html 'its answer is no application/timestamp-reply'
claim "more than a time-stamp can be" unstamped long 'too long'
claim "a service that is broken" unstamped error 'HTTP status 500'
claim "one that has moved" unstamped move 'HTTP status 302'
claim "a certificate that is over" certify timeStamping -days -1
claim "makes no time-stamp" unstamped good 'does not verify'
claim "a new one" certify timeStamping -days 20
claim "does" made QRA again.asice 0
kill "${pid_of[tsa]}"
wait "${pid_of[tsa]}" 2>/dev/null
unset "pid_of[tsa]"
claim "nobody answers" unstamped good 'connect'
claim "a URL of another kind is wrong use" made QRA no.asice 2 --timestamp ftp://127.0.0.1/

# --- a row that a hand altered ---
sed 's/"P2"/"P1"/g; s/>P2</>P1</g' "$(dirname "$0")/../../../spec/examples/withdrawal.xml" >"$work/withdrawal.xml"
ctl QRA --json message send "$(fresh "$work/withdrawal.xml")" --to QRB --case "$case" \
	"${officers[@]}" --wait 20 >"$work/sent" 2>&1 || { cat "$work/sent"; fail "a withdrawal"; }
node_stop QRA || fail "QRA ends"
sqlite3 "$work/QRA/data/readmit.db" "UPDATE outbox SET evidence = zeroblob(400) WHERE type = 'Withdrawal'" || fail "SQL"
node_start QRA
claim "the case is given without that document" made QRA altered.asice 4 --timestamp none
claim "which the command names" grep -q 'Withdrawal of QRA, .* does not verify' "$work/export"
claim "and for which the node alarms" logged QRA evidence_withheld '"documents":1\b'
readmit-verify "$work/altered.asice" "${roots[@]}" >"$work/verdict"
claim "not all is proved" [ $? = 6 ]
claim "the application is" grep -q 'QRB sealed, at .*, that it had received all of it' "$work/verdict"
claim "the other is not given" grep -q 'NOT GIVEN: QRA says that it has such a document of QRA' "$work/verdict"
made_none() { ctl QRA evidence export "$(value local_id <"$work/sent")" --reason review --out "$work/none.asice" >"$work/export" 2>&1; [ $? = 4 ]; }
claim "of that document alone nothing can be given" made_none
claim "as the command says at once" eval 'grep -q "nothing of it can be given" "$work/export" && [ ! -e "$work/none.asice" ]'
claim "and the node alarms again" wait_for 10 eval '[ "$(grep -c "\"event\":\"evidence_withheld\"" "$work/QRA/log")" = 2 ]'
claim "QRB has all of it" eval 'made QRB whole.asice 0 && verifies whole.asice'
