#!/bin/bash
# Goal of this scenario: both States lose their databases at once and have copies of different hours. What one of the two copies
# holds comes back to the other side, with the receipts that it had; what both lost is gone at both alike; the case goes on.
# Then each has lost other things at another time, and neither knows where the log of the other ends: QRB refuses what QRA says
# of its loss, its own answers show it that it lost something itself, and both come together (RXP-RCV-020). At last QRC, which
# had only sent, loses everything while QRA loses its end: the log that names QRC's documents has ended, and QRA has no answer of
# QRC that could show anything; how long that log was tells it (RXP-RCV-024). Then QRA is put back in silence and lacks one answer,
# in whose place the next one stands: QRC, which reads its log, brings it that (RXP-RCV-025).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

two_with_a_case
copy QRB early
copy QRA copied
rounds 2
copy QRB copied
all_receipts >"$work/before"
rounds 1
kept=$case
application
lost=$case case=$kept

claim "both lose their disks" eval 'node_kill QRA && node_kill QRB'
for party in QRA QRB; do
	rm -r "$work/$party/data"
	cp -a "$work/$party/copied" "$work/$party/data"
	mark $party
done
node_start QRA
node_start QRB
claim "with QRA all that QRB lost comes back" wait_for 90 stage_is QRB QRA over
is_back QRA QRB
claim_not "what both lost is unknown to QRA" ctl QRA case show "$lost"
claim_not "and to QRB" ctl QRB case show "$lost"
all_proved

# --- each other things, at other times ---------------------------------------------------------------------------------------
again() { # PARTY: its database is put back, from a copy of this minute, and it says so
	node_kill "$1"
	mark "$1"
	node_start "$1"
}
again QRA
claim "QRA loses the end of its log, and has all" wait_for 40 stage_is QRA QRB over
rounds 1
all_receipts >"$work/before"
node_kill QRA # before QRB can read in its log what it lost, which would spare it the question
put_back QRB "$work/QRB/early"
node_start QRB
mark QRA
node_start QRA
claim "QRB knows no such log" wait_for 30 log_has QRA loss_disputed
claim "until QRA brings it its own answers" wait_for 30 log_has QRB loss_found
claim "QRA, which says it once more, has all" wait_for 60 stage_is QRA QRB over
is_back QRB QRA
all_proved
stands() { ctl "$1" --json status | grep -q '"alarm"'; }
claim_not "nothing is left for people of QRA" stands QRA
claim_not "nor of QRB" stands QRB

# --- one that had only sent loses everything ------------------------------------------------------------------------------------
node_make QRC
node_start QRC
claim "QRA and QRC become peers" eval 'peer_with QRA QRC && peer_with QRC QRA'
only_sends() { send QRC QRA "$(fresh "$examples/application-single.xml")" && case=$(value case_id <<<"$sent"); }
only_sends
kept=$case
copy QRA without-answers
only_sends
put_back QRA "$work/QRA/without-answers"
mark QRA
node_kill QRC
rm -r "$work/QRC/data"
node_start QRA
node_start QRC
claim "QRC's people know QRA" eval 'peer_with QRC QRA'
claim "what QRA holds of QRC comes back there" wait_for 60 eval 'ctl QRC case show "$kept" >/dev/null 2>&1 && stage_is QRC QRA over'
claim "since the log that ended was longer" logged QRC loss_found "or kept"
claim_not "what both lost is unknown" ctl QRC case show "$case"
claim "both hold the same of the case" cmp <(ctl QRA case timeline "$kept" --canonical) <(ctl QRC case timeline "$kept" --canonical)
claim "the logs agree" eval 'ctl QRA log check QRC && ctl QRC log check QRA'
claim "QRA, which knows all that it sent, lost nothing more" [ "$(grep '"event":"loss_found"' "$work/QRA/log" | grep -c '"party":"QRC"')" = 1 ]
claim_not "nothing is left for people of QRC" stands QRC

# --- one answer is lost, and nobody says so ---------------------------------------------------------------------------------------
copy QRA before-one
only_sends
put_back QRA "$work/QRA/before-one"
node_start QRA
claim_not "QRA does not know the last document" ctl QRA case show "$case"
send QRC QRA "$(fresh "$examples/application-single.xml")"
claim "QRC finds that its answer is missing, and QRA gets it and the document back" wait_for 60 eval 'ctl QRA case show "$case" >/dev/null 2>&1 && stage_is QRA QRC over'
claim "QRC had told it" logged QRC log_differs answer-missing
claim "the logs agree again" eval 'ctl QRA log check QRC && ctl QRC log check QRA'
claim_not "and nothing is left for people of QRC, nor" stands QRC
claim_not "of QRA" stands QRA
