#!/bin/bash
# Goal of this scenario: a node whose database was put back from an older copy, with real programs. Both sides' documents
# since then come back, each with the receipt that it had, by itself; the case goes on; the logs agree, the evidence
# verifies; a peer that is dead meanwhile holds nobody else, and gets its turn when it is back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

for party in QRA QRB QRC; do
	node_make $party
	node_start $party
done
claim "QRA has two peers" eval 'peer_with QRA QRB && peer_with QRB QRA && peer_with QRA QRC && peer_with QRC QRA'

cases=()
application
cases+=("$case")
rounds 1
copy QRA copied
copy QRB copied
rounds 2
application
cases+=("$case")
rounds 1
claim "a Ping each way" eval 'ctl QRA peer test QRB --wait 10 && ctl QRB peer test QRA --wait 10'
all_receipts >"$work/before"
claim "each document has a receipt" [ "$(grep -c received "$work/before")" = 12 ]

# --- QRA loses its last hour, and QRC is dead --------------------------------------------------------------
claim "QRC dies" node_kill QRC
put_back QRA "$work/QRA/copied"
mark QRA
node_start QRA
claim "QRA says that its database was put back" wait_for 10 log_has QRA data_put_back
is_back QRA QRB
claim "QRC is not told yet" stage_is QRA QRC told
all_proved
claim "nothing differs" nothing_differs

# --- QRB loses its last day, and somebody just copied the database back -------------------------------------
all_receipts >"$work/before"
put_back QRB "$work/QRB/copied"
node_start QRB
# Which of the two sees it first is chance: QRA in the receipt of a Ping, or QRB in QRA's log.
went_back() { log_has QRA peer_went_back || log_has QRA peer_put_back; }
claim "a Ping, or its own notice, shows QRA that QRB has gone back" eval 'ctl QRA peer test QRB --wait 10 && wait_for 10 went_back'
claim "and QRB knows" wait_for 10 log_has QRB loss_found
claim_not "which nobody told it" log_has QRB data_put_back
is_back QRB QRA

node_start QRC
claim "QRC is back, and nothing was to come back from it" wait_for 60 stage_is QRA QRC over

# --- QRA loses everything but its keys ----------------------------------------------------------------------
all_receipts >"$work/before"
node_kill QRA
rm -r "$work/QRA/data"
node_start QRA
peer_with QRA QRB
claim "QRB's log says what QRA does not know" wait_for 20 log_has QRA loss_found
is_back QRA QRB
all_proved
