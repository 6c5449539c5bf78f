#!/bin/bash
# Goal of this scenario: what a correction asks for is done at both nodes, is shown, and is not said before it is so.
# - the desk that is asked cannot say Done before its node has carried out each item, nor Blocked without a legal hold
# - carried out, the new value is shown with what stood there; a field and a file that are erased or blocked are not shown
# - the sealed original stays evidence at both States, octet for octet; nobody gets it by another way who may not see all of it
# - under a legal hold a field is blocked instead of erased, and the answer has to say so
# - each node shows what it did itself and what the other answered; who did it stands in the journal
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
last_out() { ctl "$1" --json message list --newest | value local_id; }
ctl QRA --json message send "$(fresh "$examples/application-family.xml")" --to QRB "${officers[@]}" --wait 20 \
	--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer >"$work/sent" 2>&1 ||
	{ cat "$work/sent"; fail "a family is applied for"; }
ok "a family is applied for"
sent=$(last_out QRA)
case=$(ctl QRA --json case list | value case_id)
received=$(ctl QRB --json inbox list | value local_id)
claim "QRB reads it" ctl QRB message content "$received" --reason case-work --out "$work/before.xml"
claim "as a whole, too" ctl QRB inbox document "$received" --reason case-work --out "$work/sealed-before.xml"
claim "QRB has its evidence" ctl QRB evidence export "$case" --reason review --out "$work/evidence-before"

# about FILE TYPE-AT-QRA: the document names it. answer FILE: the correction, as the reply names it.
fingerprint() { ctl "$1" --json message show "$2" | value fingerprint_base64; }
about() { sed "s|<$2>[^<]*</$2>|<$2>$3</$2>|" "$examples/$1.xml" >"$work/$1.xml"; }
about data-correction Document "$(fingerprint QRA "$sent")"
claim "QRA asks to correct it" ctl QRA message send "$work/data-correction.xml" --to QRB --case "$case" "${officers[@]}" --wait 20
asked=$(last_out QRA)
correction=$(ctl QRB --json message list --newest | value local_id)
rows() { ctl "$1" --json case corrections "$case" | tr -d ' \n' | grep -o '"asked":"[a-z]*"\|"here":[a-z"]*\|"answer":[a-z"]*' | cut -d : -f 2 | tr -d '"' | paste -sd ' '; }
claim "both list the three items" eval '[ "$(rows QRA)" = "$(rows QRB)" ] && [ "$(rows QRB)" = "rectify null null erase null null block null null" ]'

claim "who reads it is told that a correction is asked for" eval 'ctl QRB message content "$received" --reason case-work --out "$work/asked.xml" >"$work/said" 2>&1 &&
	grep -q "^3 corrections of it are asked for" "$work/said"'

# --- not said before it is so ---
cat >"$work/done.xml" <<XML
<DataCorrectionReply xmlns="urn:rxp:1:body">
  <Correction>$(fingerprint QRA "$asked")</Correction>
  <Item number="1"><Done/></Item>
  <Item number="2"><Done/></Item>
  <Item number="3"><Done/></Item>
</DataCorrectionReply>
XML
sed 's|<Item number="2"><Done/>|<Item number="2"><Blocked><Reason>legal-hold</Reason></Blocked>|' "$work/done.xml" >"$work/blocked.xml"
sed '/number="3"/d' "$work/done.xml" >"$work/short.xml"
answer() { ctl QRB message send "$work/$1.xml" --to QRA --case "$case" "${officers[@]}" --wait 20; }
claim_not "QRB cannot say Done" answer done
cp "$work/out" "$work/said"
claim "it is told of each item, and what to do" eval '[ "$(grep -c RXP-COR-013 "$work/said")" -ge 3 ] &&
	grep -q "Item\[1\]/Done.*rectify" "$work/said" && grep -q "message carry-out $correction" "$work/said"'
claim_not "an application is no correction" ctl QRB message carry-out "$received" --yes
claim "a dispute needs the case" ctl QRB case legal-hold "$case"
claim "QRB carries it out" ctl QRB message carry-out "$correction" --yes
cp "$work/out" "$work/said"
claim "and is told that nothing is erased" grep -q 'since the case is under a legal hold' "$work/said"
claim "nothing is erased" [ "$(rows QRB)" = "rectify rectify null erase block null block block null" ]
claim_not "so Done is not true" answer done
claim "the dispute is over" ctl QRB case lift-legal-hold "$case"
claim_not "nor is Blocked without a legal hold" answer blocked
claim "it is carried out again" ctl QRB message carry-out "$correction" --yes
claim "and erases now" [ "$(rows QRB)" = "rectify rectify null erase erase null block block null" ]
claim_not "a third time there is nothing to do" ctl QRB message carry-out "$correction" --yes
claim_not "two items are no answer to three" answer short
cp "$work/out" "$work/said"
claim "and the node says so" grep -q 'each item of the correction' "$work/said"

# --- shown ---
claim "QRB reads it again" ctl QRB message content "$received" --reason case-work --out "$work/after.xml"
cp "$work/out" "$work/said"
claim "it is told that it was corrected" grep -q 'corrected in 3 places' "$work/said"
claim "the new date is there" grep -q '1976-03-09' "$work/after.xml"
claim "what was erased is not" eval 'grep -q LastAddress "$work/before.xml" && ! grep -q LastAddress "$work/after.xml"'
claim "what stood there is said with it" eval 'ctl QRB message corrections "$received" --reason case-work >"$work/list" &&
	grep -q "$correction  *QRA .*rectify .*Person\[2\]/Birth/Date .*1976-03-09" "$work/list"'
claim "the file that is blocked is not given out" eval '! ctl QRB attachment get "$received" 2 --reason case-work --out "$work/none"'
claim "but to who decides on a dispute" ctl QRB attachment get "$received" 2 --reason review --blocked --out "$work/file.jpg"
claim "and the others to all" ctl QRB attachment get "$received" 1 --reason case-work --out "$work/file-1.jpg"
claim_not "nobody gets the erased field out of the sealed document" ctl QRB inbox document "$received" --reason review
claim "nor who decides on a dispute" eval 'ctl QRB message content "$received" --reason review --blocked --out "$work/dispute.xml" &&
	! grep -q LastAddress "$work/dispute.xml"'

# --- said, and known to both ---
claim "QRB says Done" answer done
claim "QRA sees the answer" [ "$(rows QRA)" = "rectify null done erase null done block null done" ]
claim "QRA carries it out on its own" ctl QRA message carry-out "$asked" --yes
claim "and erases its own" [ "$(rows QRA)" = "rectify rectify done erase erase done block block done" ]
claim "QRA shows the new date" eval 'ctl QRA message content "$sent" --reason case-work | grep -q 1976-03-09'
claim "what proves it is what it was" ctl QRB evidence export "$case" --reason review --out "$work/evidence-after"
claim "octet for octet, but for the new documents" eval 'diff -r "$work/evidence-before" "$work/evidence-after" >"$work/said"
	! grep -q "^Only in $work/evidence-before" "$work/said" && ! grep -q "^diff.*/0*1[-./]" "$work/said"'

# --- the journal, and a start ---
ctl QRB journal list --case "$case" >"$work/journal"
claim "who carried it out" eval '[ "$(grep -c "dispute .*correction" "$work/journal")" -ge 2 ]'
node_kill QRB
node_start QRB
claim "after a loss of power it is as it was" eval 'ctl QRB message content "$received" --reason case-work | cmp - "$work/after.xml"'
claim "the document is erased" ctl QRB message erase "$received" --yes
claim "and with it what corrected it" eval 'node_stop QRB && [ "$(sqlite3 -readonly "$work/QRB/data/readmit.db" "SELECT COUNT(*) FROM correction WHERE box IS NOT NULL")" = 0 ]'
node_stop QRA
claim "no value of the correction lies about" eval '! grep -rqa "1976-03-09" "$work/QRB/data" "$work/QRA/data" "$work/QRB/log" "$work/QRA/log"'
