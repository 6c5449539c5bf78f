#!/bin/bash
# Goal of this scenario: what is erased is gone from every file of the node, and what proves it stays.
# - before: the stored octets of a document, its keys and its files are found by the same search that finds nothing after
# - content is erased, blocked and shown again; under a legal hold it is blocked instead of erased
# - the erasure survives SIGKILL at once, and so do evidence, receipts and the state of the case
# - the node that sent it erases its own as well
# - a person is told what went where, and nothing of what it says
# - what an agreement keeps for a month is erased by both nodes when their clocks say so, and not a day before
# - who did it and who opened what stands in the journal, whose chain shows every change
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
examples=$here/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
written=$(fresh "$examples/application-family.xml")
ctl QRA --json message send "$written" --to QRB "${officers[@]}" --wait 20 \
	--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer >"$work/sent" 2>&1 ||
	{ cat "$work/sent"; fail "a family is applied for"; }
ok "a family is applied for"
sent=$(ctl QRA --json message list | value local_id)
case=$(ctl QRA --json case list | value case_id)
received=$(ctl QRB --json inbox list | value local_id)
claim "QRB reads it" ctl QRB message content "$received" --reason case-work --out "$work/read.xml"
claim "and a file of it" ctl QRB attachment get "$received" 1 --reason case-work --out "$work/read.jpg"
ctl QRB case timeline "$case" --canonical >"$work/before"
claim "QRB has its evidence" ctl QRB evidence export "$case" --reason review --out "$work/before.asice"
verify() { # CONTAINER: as a court does, into $work/said
	readmit-verify "$1" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" >"$work/said"
}
claim "and with what it says, if asked for" \
	ctl QRB evidence export "$case" --content --reason review --out "$work/content.asice"
claim "which is what QRA sealed" eval 'verify "$work/content.asice" && grep -q "body.xml is what it sealed" "$work/said"'
claim "word for word" eval 'unzip -p "$work/content.asice" "documents/01-*/body.xml" | grep -q ANNA'

# What the database of a stopped node holds of the message: hexadecimal, some octets of each a line.
stored() { # PARTY BOX MESSAGE
	sqlite3 -readonly "$work/$1/data/readmit.db" \
		"SELECT hex(wrapped_key) FROM $2 WHERE hex(local_id) = '$(tr -d - <<<"${3^^}")'
		UNION ALL SELECT hex(substr(envelope, 2000, 48)) FROM $2 WHERE hex(local_id) = '$(tr -d - <<<"${3^^}")'
		UNION ALL SELECT hex(substr(envelope, length(envelope) / 2, 48)) FROM $2
			WHERE hex(local_id) = '$(tr -d - <<<"${3^^}")'
		UNION ALL SELECT hex(key) FROM attachment WHERE hex(message) = '$(tr -d - <<<"${3^^}")'"
}
# found PARTY: how many of these octets, of a file $work/PARTY.octets, any file of the node's data holds. In
# hexadecimal, since no octet ends a line there.
found() {
	local n=0 octets file
	while read -r -d '' file; do
		od -An -v -tx1 "$file" | tr -d ' \n' | tr a-f A-F
		echo
	done < <(find "$work/$1/data" -type f -print0) >"$work/dump"
	while read -r octets; do
		! grep -qF "$octets" "$work/dump" || n=$((n + 1))
	done <"$work/$1.octets"
	echo $n
}
files() { find "$work/$1/data/attachments" -type f | wc -l; }

node_stop QRB
stored QRB inbox "$received" >"$work/QRB.octets"
claim "six runs of octets are to be looked for" [ "$(grep -c . "$work/QRB.octets")" = 6 ]
claim "all are in the files of QRB" [ "$(found QRB)" = 6 ]
claim "and three attachments" [ "$(files QRB)" = 3 ]
node_start QRB

# --- the person asks ---
claim "QRA makes the sheet of a person" ctl QRA case sheet "$case" P1 --language fr --reason person-request \
	--contact "9 rue d'Utopie" --out "$work/sheet"
claim "which says what went where, and when" grep -q "envoyé par QRA à QRB (service des réadmissions), reçu le 20" "$work/sheet"
claim "where to write" grep -q "Écrivez à : 9 rue d'Utopie" "$work/sheet"
claim "and nobody's name" [ -z "$(grep -io 'eriksson\|specimen' "$work/sheet")" ]

# --- blocked, held ---
claim "QRB blocks it" ctl QRB message block "$received"
claim_not "nobody opens it then" ctl QRB message content "$received" --reason case-work
cp "$work/out" "$work/said"
claim "and is told" grep -q 'only the role dispute opens it' "$work/said"
claim_not "nor a file of it" ctl QRB attachment get "$received" 1 --reason case-work --out "$work/none"
claim "but who decides on a dispute" ctl QRB message content "$received" --reason review --blocked --out "$work/blocked.xml"
claim "gets the whole" cmp "$work/read.xml" "$work/blocked.xml"
claim "it is shown again" ctl QRB message unblock "$received"
claim "to all" ctl QRB message content "$received" --reason case-work --out "$work/again.xml"
claim "a dispute needs the case" ctl QRB case legal-hold "$case"
claim "erasing it blocks it" ctl QRB message erase "$received" --yes
cp "$work/out" "$work/said"
claim "and says so" grep -q 'blocked, since the case is under a legal hold' "$work/said"
claim "the dispute is over" ctl QRB case lift-legal-hold "$case"

# --- erased ---
claim "it is erased" ctl QRB message erase "$received" --yes
node_kill QRB
claim "a node that loses power then has none of it left" [ "$(found QRB)" = 0 ]
node_start QRB
claim "nor after its start" [ "$(found QRB)" = 0 ]
claim "nor a file of it" [ "$(files QRB)" = 0 ]
claim_not "nobody opens it, whatever the role" ctl QRB message content "$received" --reason review --blocked
cp "$work/out" "$work/said"
claim "and is told why" grep -q 'its content was erased' "$work/said"
claim "it says so in the case" [ "$(ctl QRB --json case retention "$case" | grep -o '"content": *"erased"' | wc -l)" = 1 ]
erased() { ctl QRB case show "$case" | grep -q '^state  *erased'; }
claim "and so does the case" wait_for 10 erased
ctl QRB case timeline "$case" --canonical >"$work/after"
claim "its history is what it was" cmp "$work/before" "$work/after"
claim "what proves it is, too" ctl QRB evidence export "$case" --reason review --out "$work/after.asice"
for at in before after; do unzip -q -d "$work/evidence-$at" "$work/$at.asice"; done
claim "octet for octet, but for when it was sealed" \
	diff -r --exclude=signatures.xml "$work/evidence-before" "$work/evidence-after"
claim "it verifies, and says what it cannot show" eval 'verify "$work/after.asice" && grep -q "content is not here" "$work/said"'
claim "whoever asks for what it says gets it without" \
	ctl QRB evidence export "$case" --content --reason review --out "$work/erased.asice"
cp "$work/out" "$work/said"
claim "and is told" grep -q 'what document 01 says is left out' "$work/said"
claim_not "nothing of it is there" eval 'unzip -l "$work/erased.asice" "documents/01-*/body.xml" | grep -q body.xml'
claim "what was exported before proves it still" verify "$work/content.asice"

# --- the sender ---
node_stop QRA
stored QRA outbox "$sent" >"$work/QRA.octets"
claim "QRA has it still" [ "$(found QRA)" = 6 ]
node_start QRA
claim "QRA erases its own" ctl QRA message erase "$sent" --yes
claim "and proves it still" ctl QRA evidence export "$case" --reason review --out "$work/QRA.asice"
claim "the two go on with each other" ctl QRA peer test QRB --wait 10

# --- an agreement says when ---
spec=$here/../../../spec
cp "$spec/profiles/generic-test.xml" "$work/agreement.xml"
claim "QRA seals an agreement" readmit-pki profile seal --party QRA --seal-key "$work/QRA/pki/node/seal.key" \
	--seal-cert "$work/QRA/pki/node/seal.crt" --out "$work/agreement.sealed" "$work/agreement.xml"
claim "both States take it" eval 'for p in QRA QRB; do ctl $p profile add "$work/agreement.sealed" || exit 1; done'
ctl QRA --json message send "$(fresh "$examples/application-single.xml")" --to QRB "${officers[@]}" --wait 20 \
	--profile generic-test/1 >"$work/sent" 2>&1 || { cat "$work/sent"; fail "a person is applied for under it"; }
ok "a person is applied for under it"
second=$(ctl QRA --json case list | grep -o '"case_id": *"[^"]*"' | cut -d '"' -f 4 | grep -v "$case")
sed 's/key="P2"/key="P1"/' "$examples/withdrawal.xml" >"$work/withdrawal.xml"
claim "and withdrawn" ctl QRA message send "$work/withdrawal.xml" --to QRB --case "$second" \
	"${officers[@]}" --wait 20
claim "the plan says when it goes" grep -Eq '^P1 +withdrawn .* withdrawn +1 +X +20' <(ctl QRB case retention "$second")
# away DAYS: both clocks, so many days from now.
away() { printf '%s' $(($1 * 86400000)) | tee "$work/QRA/clock" >"$work/QRB/clock"; }
gone() { ctl "$1" case show "$second" | grep -q '^state  *erased'; }
held() { ctl "$1" --json case retention "$second" | grep -Eo '"content": *"(held|blocked)"' | wc -l; }
ctl QRB case timeline "$second" --canonical >"$work/before"
made() { grep -c '"event":"key_made"' "$work/$1/log"; }
keys="$(made QRA) $(made QRB)"
away 27
# A node looks at its cases before it makes the keys that it lacks by then.
anew() { [ "$(made QRA)" -gt "${keys% *}" ] && [ "$(made QRB)" -gt "${keys#* }" ]; }
claim "both nodes have seen what day it is" wait_for 20 anew
claim "after 27 days all of it is there" eval '[ "$(held QRA)" = 2 ] && [ "$(held QRB)" = 2 ]'
away 33
claim "after 33 days QRA has erased it" wait_for 10 gone QRA
claim "and so has QRB" wait_for 10 gone QRB
told() { ctl "$1" --json case retention "$second" | grep -q '"peer_erased": *"20'; }
claim "each tells the other so, with case and day alone (RXP-NOT-014)" eval 'wait_for 15 told QRA && wait_for 15 told QRB'
claim "and keeps what proves it" eval 'logged QRA erased_told && logged QRB erased_told'
claim "both say so in their logs" eval 'logged QRA content_erased && logged QRB content_erased "\"documents\":2"'
ctl QRB case timeline "$second" --canonical >"$work/after"
claim "and know its history as before" cmp "$work/before" "$work/after"
claim "QRB proves it" ctl QRB evidence export "$second" --reason review --out "$work/second.asice"
claim "and what QRA sealed about its erasure (RXP-EVI-027)" eval 'verify "$work/second.asice" &&
	grep -q "nothing of the content of case $second is left at QRA since 20" "$work/said"'
claim "in a folder of its own" eval 'unzip -p "$work/second.asice" "documents/03-NodeNotice-QRA/body.xml" | grep -q "<Erased><CaseId>$second</CaseId>"'
away 0

# --- the journal ---
claim "the journal of QRB is whole" ctl QRB journal verify
ctl QRB journal list --case "$case" >"$work/journal"
claim "who opened it, blocked and not" eval 'grep -q "receive .*content-read .*case-work" "$work/journal" &&
	grep -q "dispute .*blocked-read .*review" "$work/journal"'
claim "and who erased it" grep -q 'dispute .*content-erase .*correction' "$work/journal"
claim "and nobody of the case by name" [ -z "$(grep -io 'eriksson\|specimen' "$work/journal")" ]
node_stop QRA
node_stop QRB
claim "QRA holds nothing of it" eval '[ "$(found QRA)" = 0 ] && [ "$(files QRA)" = 0 ]'
claim "no name, date of birth or number lies about" "$here/../secrecy.sh" "$work" "$written"
sqlite3 "$work/QRB/data/readmit.db" "UPDATE journal SET user = 'uid:4711' WHERE action = 'content-erase'"
node_start QRB
claim_not "a journal that was changed is found out" ctl QRB journal verify
node_stop QRB
