#!/bin/bash
# Goal of this scenario: a State that restores a copy from before the other State said that it had erased its part of a case has
# that word again, under the receipt that it gave for it then (RXP-NOT-015, RXP-RCV-010).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

confirmed() { ctl QRA case retention "$case" | grep "peer erased"; }

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
send QRA QRB "$(fresh "$examples/application-single.xml")"
case=$(value case_id <<<"$sent")
copy QRA copied
claim "QRB erases it" ctl QRB message erase "$(ctl QRB --json inbox list | value local_id)" --yes
claim "and tells QRA" wait_for 20 confirmed
confirmed >"$work/said"

claim "QRB is off" node_stop QRB
put_back QRA "$work/QRA/copied"
mark QRA
node_start QRA
claim_not "QRA does not know it any more" confirmed
node_start QRB
claim "all comes back" wait_for 60 stage_is QRA QRB over
claim "with what QRB said" wait_for 20 confirmed
claim "as it said it" eval 'confirmed | cmp - "$work/said"'
