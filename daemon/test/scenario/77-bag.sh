#!/bin/bash
# Goal of this scenario: a file may be in the bag for as long as it takes (RXP-BND-003, RXP-BND-006, RXP-ANS-014).
# - after 40 days the recipient has other keys: it keeps the attachments, answers `rekey`, and the next file is receipted, with
#   what the first brought; the sender's own descriptor of that day is older than the one known, and takes nothing back
# - after 100 days the document has expired: that is its end at both, and it has no effect
# - a receipt that was in the bag for 100 days is one still: the document is delivered, late
# - what stood in any of these files, brought in at the end once more, changes nothing
# - the logs travel in the bag too: each State reads that of the other, an old one that comes again is no difference, and an entry
#   that was rewritten is one (RXP-BND-007, RXP-BND-008)
. "$(dirname "$0")/lib.sh"
check=$(dirname "$0")/../fault/check.sh
# clocks DAYS: both nodes are so many days ahead; each looks at its clock four times a second, and makes and destroys keys.
clocks() {
	ahead=$1
	for party in QRA QRB; do printf '%s' "$((ahead * 86400000))" >"$work/$party/clock"; done
}
keys_of() { grep -c "\"event\":\"$2\"" "$work/$1/log"; }
applications() { [ "$(ctl QRB --json inbox list | grep -o '"ReadmissionApplication"' | wc -l)" = "$1" ]; }

node_pulls QRA
node_pulls QRB
node_start QRA
node_start QRB
claim "QRA and QRB, to which nobody can connect, become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# --- 40 days
clocks 6
claim "QRA's desk takes an application with three attachments" sends QRA QRB "$(fresh "$examples/application-family.xml")" "${family[@]}"
claim "and writes a bundle" export_to QRA QRB old.tar
clocks 46
claim "QRB has other keys by then, and destroyed that one" wait_for 20 eval '[ "$(keys_of QRB key_made)" -ge 2 ] &&
	[ "$(keys_of QRB key_destroyed)" -ge 1 ]'
claim "after 40 days QRB brings it in" import_at QRB old.tar rekey.tar
claim "all that it holds is taken or answered" [ "$(grep -c -E 'taken|answered' "$work/told")" = 5 ]
claim "but nothing is receipted" applications 0
claim "QRA brings in the answer" import_at QRA rekey.tar
claim "which made it encrypt the message anew" logged QRA message_rekeyed
claim "and told it of QRB's keys" logged QRA peer_renewed
claim "and has other keys itself by then" wait_for 20 eval '[ "$(keys_of QRA key_made)" -ge 2 ]'
claim "QRA writes it again" export_to QRA QRB new.tar
claim "QRB brings that in" import_at QRB new.tar receipt.tar
claim "and has the application" applications 1
claim "with QRA's newer descriptor" wait_for 10 eval '[ "$(keys_of QRB peer_renewed)" -ge 1 ]'
renewed=$(keys_of QRB peer_renewed)
claim "QRA brings in the receipt" import_at QRA receipt.tar
claim "it is delivered" state_is QRA "$local_id" delivered
claim "and the log that QRB keeps has come with it, and is read" wait_for 10 log_has QRA log_compared
received=$(ctl QRB --json inbox list | value local_id)
n=0
for picture in portrait-1 passport portrait-2; do
	n=$((n + 1))
	rm -f "$work/got"
	claim "attachment $n is there" eval 'ctl QRB attachment get "$received" $n --reason case-work --out "$work/got" &&
		cmp "$work/got" "$pictures/$picture.jpg"'
done
claim "the old bundle, brought in now, is taken as it was" import_at QRB old.tar

# --- 100 days
claim "QRA's desk takes another" sends QRA QRB "$(fresh "$examples/application-single.xml")"
claim "which QRA writes" export_to QRA QRB receipted.tar
claim "and QRB receipts" import_at QRB receipted.tar slow.tar
claim "the older descriptor of the old bundle has taken nothing back" [ "$(keys_of QRB peer_renewed)" = "$renewed" ]
receipted=$local_id
claim "QRA's desk takes a third" sends QRA QRB "$(fresh "$examples/application-single.xml")"
expired=$local_id
claim "which QRA writes" export_to QRA QRB expired.tar
clocks 146
claim "the keys of both are others" wait_for 20 eval '[ "$(keys_of QRB key_made)" -ge 3 ] && [ "$(keys_of QRA key_made)" -ge 3 ]'
claim "after 100 days QRB brings it in" import_at QRB expired.tar answer.1
claim "QRA brings in what it said" import_at QRA answer.1
claim "and asks once more what became of it" export_to QRA QRB question.tar
claim "QRB answers" import_at QRB question.tar answer.2
claim "QRA brings that in" import_at QRA answer.2
claim "it has expired" state_is QRA "$expired" expired
claim "and was never there" applications 2
claim "the receipt that was in the bag for 100 days is brought in" import_at QRA slow.tar
claim "its document is delivered, late" state_is QRA "$receipted" delivered-late

# --- all of it again
again() { local file; for file in old new receipted expired question; do import_at QRB $file.tar || return 1; done; }
back() { local file; for file in rekey.tar receipt.tar slow.tar answer.1 answer.2; do import_at QRA $file || return 1; done; }
claim "all files again, at QRB" again
claim "and at QRA" back
claim "change nothing at QRB" applications 2
claim "and nothing at QRA" eval 'state_is QRA "$expired" expired && state_is QRA "$receipted" delivered-late'
claim "QRA ends" node_stop QRA
claim "QRB ends" node_stop QRB
claim "no log differs" eval '! log_has QRA log_differs && ! log_has QRB log_differs'
claim "every message of QRA is accounted for" "$check" "$work/QRA/data/readmit.db" "$work/QRB/data/readmit.db" QRA QRB

# --- an entry is rewritten
sqlite3 "$work/QRB/data/readmit.db" "UPDATE answer SET received_ms = received_ms + 1000 WHERE log_n = 1" || fail "SQL"
node_start QRA
node_start QRB
claim "QRB writes a bundle with its log alone" export_to QRB QRA log.tar
claim "which it is" [ "$(tar tf "$work/log.tar" | tr '\n' ' ')" = "descriptor/QRB.xml logs/0.xml " ]
claim "QRA brings it in" import_at QRA log.tar
claim "and finds what was rewritten" wait_for 10 log_has QRA log_differs '"difference":"time-differs","entry":1'
