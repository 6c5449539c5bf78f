#!/bin/bash
# Goal of this scenario: both States lose their databases at once and have copies of different hours. What one of the two copies
# holds comes back to the other side, with the receipts that it had; what both lost is gone at both alike; the case goes on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

two_with_a_case
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
