#!/bin/bash
# Goal of this scenario: a true fork, and people who settle it. A copy of QRA's database is put back while QRB cannot be reached,
# and QRA's desk gives another document for the place in the case that one of QRA has already at QRB.
# - QRB keeps the one that it receipted; QRA is held and says why, also after a power cut
# - the people compare, take back the second one and end the hold; the first one comes back with its receipt, and the case
#   goes on at both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

two_with_a_case
rounds 1
send QRB QRA "$work/supplement-request.xml" --case "$case"
claim "QRA has read QRB's log" ctl QRA log check QRB
copy QRA copied
send QRA QRB "$work/supplement.xml" --case "$case"
receipts QRA "$case" >"$work/first"

# --- the copy is put back, and nobody can say so ----------------------------------------------------------
claim "QRB is off" node_stop QRB
put_back QRA "$work/QRA/copied"
node_start QRA
sed 's/Zenith/Nadir/' "$work/supplement.xml" >"$work/other.xml"
other=$(ctl QRA --json message send "$work/other.xml" --to QRB "${officers[@]}" --case "$case" | value local_id)
claim "QRA's desk gives another supplement, which is tried" wait_for 20 has QRA "$other" in-doubt
node_start QRB
claim "QRB has filled that place: it waits for people" wait_for 30 has QRA "$other" parked
claim "QRA finds that it lost something" wait_for 20 log_has QRA loss_found
claim "and that the two histories differ" wait_for 60 stage_is QRA QRB stuck
claim "which it says of the document" logged QRA history_forked
claim_not "the timelines do not agree" timelines_agree "$case"

node_kill QRA
node_start QRA
claim "a power cut changes nothing" stage_is QRA QRB stuck

# --- people settle it ---------------------------------------------------------------------------------------
claim "the second one is taken back" ctl QRA message void "$other" --yes
claim "which QRB confirms" wait_for 20 has QRA "$other" refused
claim "the hold ends" ctl QRA recovery confirm QRB --yes
claim "the first one is asked for" ctl QRA history ask QRB --case "$case"
claim "both hold the same again" wait_for 20 timelines_agree "$case"
first_is_back() { receipts QRA "$case" | grep -Fxf - "$work/first" | cmp - "$work/first"; }
claim "every document has the receipt that it had" wait_for 20 first_is_back
rounds 1
claim "the case goes on, to the same end" wait_for 10 timelines_agree "$case"
claim "the logs agree" logs_agree
claim "the evidence verifies" evidence_verifies
