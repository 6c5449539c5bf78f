#!/bin/bash
# Goal of this scenario: an operator says when and how fast the line to a peer is used, and it is so.
# - the rate bounds attachments, and no document waits for it
# - outside of their hours attachments wait, with the documents that have some; others go
# - outside of the hours of documents those of cases wait but those that are due in law within a day; when the hours begin all go
# - it is shown, journalled, survives a restart; what is no rate or no part of a day is refused, and nothing changes
. "$(dirname "$0")/lib.sh"
spec=$(realpath "$(dirname "$0")/../../../spec")
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
sends() {
	ctl "$1" --json message send "$3" --to "$2" "${officers[@]}" "${@:4}" >"$work/sent" || return 1
	local_id=$(value local_id <"$work/sent")
}
state_is() { ctl QRA --json message show "$1" | grep -q "\"state\": *\"$2\""; }
shown() { ctl QRA peer show QRB | tee "$work/peer" | grep -q "^$1:*  *$2\$"; }
# at HH: the nodes' clocks go on, never back, to the next time that it is that hour; ahead is by how many days.
clock=0
at() {
	local now
	now=$(date -u +%s)
	clock=$((clock + ($1 * 3600 - (now + clock) % 86400 + 86400) % 86400))
	printf '%s000' "$clock" | tee "$work/QRA/clock" >"$work/QRB/clock"
	ahead=$(((now + clock) / 86400 - now / 86400))
}
photo=(--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer)
# Written for the day of the nodes, once with a photograph and once without.
write() {
	single=$(fresh "$spec/examples/application-single.xml")
	sed 's|^\( *\)<Attestations>|\1<Photograph><Attachment>1</Attachment></Photograph>\n&|' "$single" >"$work/photo.xml"
}

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
write
claim "the line may be used at all times" eval 'shown "documents go" always && shown "attachments rate" none'

# --- how fast
claim "QRA sets a rate" ctl QRA peer line QRB --rate 128k
claim "it is shown" shown "attachments rate" 128k
began=$EPOCHREALTIME
claim "an application with 96 KB of a photograph is given" sends QRA QRB "$work/photo.xml" "${photo[@]}"
slow=$local_id
claim "one without is given meanwhile" sends QRA QRB "$single"
claim "the photograph is not there at once" wait_for 20 state_is "$slow" delivered
took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
claim "nor before so many octets may have gone ($took s)" awk -v s="$took" 'BEGIN { exit s < 4 }'
name_of() { ctl QRA --json message show "$1" | value message_id; }
claim "the other was receipted before" eval 'logged QRA message_delivered "$(name_of "$slow")" &&
	grep "\"event\":\"message_delivered\"" "$work/QRA/log" | tail -n 2 | head -n 1 | grep -q "$(name_of "$local_id")"'
began=$EPOCHREALTIME
claim "without a rate one is given" eval 'ctl QRA peer line QRB --rate none && sends QRA QRB "$work/photo.xml" "${photo[@]}" --wait 20'
claim "it takes less than with one" awk -v a="$began" -v b="$EPOCHREALTIME" -v s="$took" 'BEGIN { exit b - a >= s }'

# --- when
at 12
write
claim "attachments go by night" ctl QRA peer line QRB --attachments-window 20:00-06:00
claim "one with a photograph is given by day" sends QRA QRB "$work/photo.xml" "${photo[@]}"
night=$local_id
claim "one without goes" sends QRA QRB "$single" --wait 20
claim "the other waits" state_is "$night" waiting
at 21
claim "till the evening" wait_for 10 state_is "$night" delivered
at 12
write
claim "documents go in the morning" ctl QRA peer line QRB --window 06:00-10:00 --attachments-window always
claim "one is given at noon" sends QRA QRB "$single"
noon=$local_id
claim "a Ping goes" ctl QRA peer test QRB --wait 20
claim "the document waits" state_is "$noon" waiting
claim "QRA's node is killed" node_kill QRA
node_start QRA
claim "after it too" shown "documents go" 06:00-10:00
claim "a Ping goes again" ctl QRA peer test QRB --wait 20
claim "and it waits still" state_is "$noon" waiting
at 7
claim "till the morning" wait_for 10 state_is "$noon" delivered

# --- what is neither
for wrong in "--rate 8k" "--rate fast" "--window 8-18" "--window 08:00-08:00" "--attachments-window 25:00-03:00" "--urgent never"; do
	# shellcheck disable=SC2086
	claim_not "$wrong is refused" ctl QRA peer line QRB $wrong
done
claim_not "and so is nothing" ctl QRA peer line QRB
claim "it is as it was" shown "documents go" 06:00-10:00
claim "who did it is in the journal" eval '[ "$(ctl QRA journal list | grep -c peer-line)" = 4 ]'
