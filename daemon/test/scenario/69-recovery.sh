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

# The database of a node becomes the one of a copy.
put_back() { # PARTY COPY
	node_kill "$1"
	rm -r "$work/$1/data"
	cp -a "$2" "$work/$1/data"
}
mark() { sqlite3 "$work/$1/data/readmit.db" "INSERT OR REPLACE INTO put_back VALUES (1, $(date +%s)000)"; }
copy() { # PARTY NAME
	node_stop "$1"
	cp -a "$work/$1/data" "$work/$1/$2"
	node_start "$1"
}
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
claim "with QRB all comes back, by itself" wait_for 60 stage_is QRA QRB over
claim "QRC is not told yet" stage_is QRA QRC told
for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
claim "every document has the receipt that it had" wait_for 20 receipts_as_before
claim "the case goes on" rounds 1
claim "to the same end" timelines_agree "$case"
claim "the logs agree" logs_agree
claim "nothing differs" nothing_differs
claim "the evidence verifies" evidence_verifies

# --- QRB loses its last day, and somebody just copied the database back -------------------------------------
all_receipts >"$work/before"
put_back QRB "$work/QRB/copied"
node_start QRB
claim_not "nobody told QRB" log_has QRB data_put_back
claim "a Ping shows QRA that QRB has gone back" eval 'ctl QRA peer test QRB --wait 10 && wait_for 10 log_has QRA peer_went_back'
claim "and QRB by its own seal" wait_for 10 log_has QRB loss_found
claim "all comes back" wait_for 60 stage_is QRB QRA over
for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
claim "every document has the receipt that it had" wait_for 20 receipts_as_before
claim "the case goes on" rounds 1
claim "to the same end" timelines_agree "$case"

node_start QRC
claim "QRC is back, and nothing was to come back from it" wait_for 60 stage_is QRA QRC over

# --- QRA loses everything but its keys ----------------------------------------------------------------------
all_receipts >"$work/before"
node_kill QRA
rm -r "$work/QRA/data"
node_start QRA
peer_with QRA QRB
claim "QRB's log says what QRA does not know" wait_for 20 log_has QRA loss_found
claim "all comes back" wait_for 90 stage_is QRA QRB over
for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
claim "every document has the receipt that it had" wait_for 20 receipts_as_before
claim "the case goes on" rounds 1
claim "to the same end" timelines_agree "$case"
claim "the logs agree" logs_agree
claim "the evidence verifies" evidence_verifies
