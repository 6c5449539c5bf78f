#!/bin/bash
# Goal of this scenario: a State that opens no port loses its database (RXP-PUL-013). Nobody can bring it its answers: it fetches
# them, as it fetches messages, and each document has the receipt that it had. The same if the other State loses its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

node_make QRA
node_pulls QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
cases=()
application
cases+=("$case")
copy QRB copied
rounds 2
application
cases+=("$case")
claim "a Ping each way" eval 'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20'
all_receipts >"$work/before"

put_back QRB "$work/QRB/copied"
mark QRB
node_start QRB
is_back QRB QRA
claim "its own answers came back" logged QRB answer_came_back
claim "the evidence verifies" evidence_verifies

all_receipts >"$work/before"
claim "QRB has a power cut" node_kill QRB
rm -r "$work/QRB/data"
: >"$work/QRB/log"
node_start QRB
claim "nothing is left but its keys" peer_with QRB QRA
claim "QRA's log says what QRB does not know" wait_for 20 log_has QRB loss_found
is_back QRB QRA
claim "its own answers came back" logged QRB answer_came_back
claim "the evidence verifies" evidence_verifies

all_receipts >"$work/before"
claim "QRA has a power cut" node_kill QRA
rm -r "$work/QRA/data"
node_start QRA
claim "nothing is left but its keys" peer_with QRA QRB
claim "a Ping of QRB shows that QRA has gone back" ctl QRB peer test QRA --wait 20
is_back QRA QRB
claim "the evidence verifies" evidence_verifies
