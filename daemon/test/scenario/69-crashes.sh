#!/bin/bash
# Goal of this scenario: a node that gets back what it lost is killed in each stage of that, and so is its peer. It goes on where
# it was; nothing is lost, nothing comes twice, and every document has the receipt that it had.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"

count() { grep -c "\"event\":\"$2\"" "$work/$1/log"; }
# more_than N EVENT: QRA's log has more of them, or all is back.
more_than() { [ "$(count QRA "$2")" -gt "$1" ] || stage_is QRA QRB over; }

two_with_a_case
copy QRA copied
rounds 2
application
cases+=("$case")
rounds 1
all_receipts >"$work/before"

claim "QRB is off" node_stop QRB
put_back QRA "$work/QRA/copied"
mark QRA
node_start QRA
claim "QRA has something to tell QRB" wait_for 10 stage_is QRA QRB told
node_kill QRA
node_start QRA
claim "and still has after a power cut" stage_is QRA QRB told
node_start QRB
for event in answer_came_back message_came_back loss_stage history_taken; do
	before=$(count QRA $event)
	claim "$event is seen" wait_for 60 more_than "$before" $event
	node_kill QRA
	[ $event = message_came_back ] || node_kill QRB
	[ -n "${pid_of[QRB]-}" ] || node_start QRB
	node_start QRA
done
is_back QRA QRB
for event in answer_came_back message_came_back history_taken; do
	claim "there was something to kill it at: $event" logged QRA $event
done
all_proved
