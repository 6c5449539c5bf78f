#!/bin/bash
# Goal of this scenario: three weeks without a line, by moved clocks, and then all of it goes.
# - hundreds of documents that the desk gave meanwhile are delivered, none lost, none doubled, those of a case in order
# - the one whose legal deadline comes first overtakes all that waited before it, and so does what has no attachments
# - what was on the line when it was cut is closed anew under a key of these days; nothing expires
# - a peer that was left alone for minutes is tried as soon as it makes contact
. "$(dirname "$0")/lib.sh"
check=$(dirname "$0")/../fault/check.sh
spec=$(realpath "$(dirname "$0")/../../../spec")
pictures=$build/../demo-pictures
[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
pairs=${READMIT_DARK:-100} # applications, each with its withdrawal behind it
day_ms=86400000
clocks() {
	ahead=$1
	for party in QRA QRB; do printf '%s' "$(($1 * day_ms))" >"$work/$party/clock"; done
}
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
# sends PARTY TO FILE OPTION…: its desk takes it; local_id and case_id are set.
sends() {
	ctl "$1" --json message send "$3" --to "$2" "${officers[@]}" "${@:4}" >"$work/sent" || return 1
	local_id=$(value local_id <"$work/sent") case_id=$(value case_id <"$work/sent")
	echo "$local_id" >>"$work/accepted.$1"
}
# in_state N STATE…: so many of QRB's messages to QRA are in these.
in_state() {
	curl -s --unix-socket "$work/QRB/api.sock" http://localhost/metrics >"$work/metrics"
	[ "$(grep '^readmitd_outbox_messages{' "$work/metrics" | grep -E "state=\"($(IFS='|'; echo "${*:2}"))\"" |
		awk '{ n += $2 } END { print n + 0 }')" = "$1" ]
}
state_is() { ctl "$1" --json message show "$2" | grep -q "\"state\": *\"$3\""; }
idle() { [ "$(ctl "$1" --json queue list | grep -c '"local_id"')" = 0 ]; }

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
# The reply is due 22 days after the receipt of the application.
sed '/<Clock of="registration"/d; s|<Clock of="reply"[^/]*/>|<Clock of="reply" value="22" unit="calendar-days" source="X"/>|
	s/<Starts>20[0-9][0-9]/<Starts>2020/' "$spec/profiles/generic-test.xml" | tr -d '\n' >"$work/terms.xml"
readmit-pki profile seal --party QRB --seal-key "$work/QRB/pki/node/seal.key" --seal-cert "$work/QRB/pki/node/seal.crt" \
	--out "$work/profile.sealed" "$work/terms.xml" || fail "the agreement is sealed"
year=$(date -u +%Y)
printf '%s' "<CalendarDraft xmlns=\"urn:rxp:1:calendar\"><Owner>QRB</Owner><Version>1</Version>" \
	"<Effective>$((year - 1))-01-01T00:00:00.000Z</Effective><Span from=\"$((year - 1))-01-01\" until=\"$((year + 2))-12-31\"/>" \
	"<Zone name=\"UTC\"><Offset from=\"$((year - 2))-01-01T00:00:00.000Z\" minutes=\"0\"/></Zone></CalendarDraft>" >"$work/days.xml"
readmit-pki calendar seal --party QRB --seal-key "$work/QRB/pki/node/seal.key" --seal-cert "$work/QRB/pki/node/seal.crt" \
	--out "$work/calendar.sealed" "$work/days.xml" || fail "the calendar is sealed"
for party in QRA QRB; do
	claim "$party takes the agreement and the calendar" eval \
		'ctl $party profile add "$work/profile.sealed" && ctl $party calendar add "$work/calendar.sealed"'
done
claim "QRA chooses it" ctl QRA profile use QRB generic-test/1
claim "QRA applies, with attachments" sends QRA QRB "$(fresh "$spec/examples/application-family.xml")" --wait 20 \
	--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer
asked=$case_id
claim "it is delivered" state_is QRA "$local_id" delivered
application=$(ctl QRB --json inbox list | grep -o '{[^{}]*"ReadmissionApplication"[^{}]*}' | tail -n 1)
got() { rm -f "$work/got" && ctl QRB attachment get "$(value local_id <<<"$application")" 3 --reason case-work --out "$work/got"; }
claim "and its files have come" wait_for 20 got
claim "nothing waits" wait_for 20 idle QRB

# --- dark
node_kill QRA
claim "QRB applies into the dark" sends QRB QRA "$(fresh "$spec/examples/application-single.xml")"
cut=$local_id
claim "it is put on the line in vain" wait_for 10 state_is QRB "$cut" in-doubt
give_pairs() { # N
	local i single withdrawal
	single=$(fresh "$spec/examples/application-single.xml") withdrawal=$work/withdrawal.xml
	sed s,P2,P1,g "$(fresh "$spec/examples/withdrawal.xml")" >"$withdrawal"
	for ((i = 0; i < $1; i++)); do
		sends QRB QRA "$single" && sends QRB QRA "$withdrawal" --case "$case_id" || return 1
	done
}
claim "its desk gives documents in the first week" give_pairs $((pairs / 2))
clocks 10
claim "twelve with scans" eval 'for i in {1..12}; do
	sends QRB QRA "$(fresh "$spec/examples/application-family.xml")" \
		--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
		--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
		--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer || exit 1; done'
clocks 21
claim "and in the third" give_pairs $((pairs / 2))
sed -E "s,<Application>[^<]*<,<Application>$(value fingerprint_base64 <<<"$application")<," "$spec/examples/reply-split.xml" >"$work/reply.xml"
claim "the reply to QRA, due tomorrow, is the last" sends QRB QRA "$(fresh "$work/reply.xml")" --case "$asked"
reply=$local_id
all=$((2 * pairs + 14))
claim "all $all wait, none has expired, none is parked" in_state "$all" draft waiting closed sending in-doubt

# --- light
node_start QRA
began=$SECONDS
claim "QRA makes contact" ctl QRA peer test QRB --wait 20
claim "the reply is delivered" wait_for 30 state_is QRB "$reply" delivered
claim "all $all have their answers" wait_for 120 in_state 0 draft waiting closed sending in-doubt parked
echo "# drained $all documents in $((SECONDS - began)) s"
claim "the queues are empty" eval 'idle QRA && idle QRB'
claim "what was cut off was closed anew for a key of today" state_is QRB "$cut" delivered
node_stop QRA && node_stop QRB || fail "both nodes end"
claim "all were receipted in time" [ "$(sqlite3 -readonly "$work/QRB/data/readmit.db" \
	"SELECT count(*) FROM outbox WHERE state = 'delivered' AND peer = 'QRA' AND type IN ('ReadmissionApplication', 'Withdrawal', 'ReadmissionReply')")" = "$all" ]
# nth SQL: which place in the order of QRA's log the first such message has.
nth() { sqlite3 -readonly "$work/QRA/data/readmit.db" "SELECT min(a.log_n) FROM answer a JOIN inbox i
	ON i.peer = a.peer AND i.message_id = a.message_id WHERE a.peer = 'QRB' AND $1"; }
last() { sqlite3 -readonly "$work/QRA/data/readmit.db" "SELECT max(a.log_n) FROM answer a JOIN inbox i
	ON i.peer = a.peer AND i.message_id = a.message_id WHERE a.peer = 'QRB' AND $1"; }
echo "# the reply is number $(nth "i.type = 'ReadmissionReply'") of QRA's log for QRB"
# A window of 32 is on its way at a time, and what in it is opened first is chance.
claim "the reply overtook all but what was already in work" [ "$(nth "i.type = 'ReadmissionReply'")" -le 34 ]
claim "and documents without scans those with" [ "$(last "i.type = 'ReadmissionApplication' AND
	EXISTS (SELECT 1 FROM attachment t WHERE t.message = i.local_id)")" -gt $((pairs / 2)) ]
claim "each case came in its order" [ "$(sqlite3 -readonly "$work/QRA/data/readmit.db" "SELECT count(*) FROM answer a
	JOIN inbox i ON i.peer = a.peer AND i.message_id = a.message_id
	JOIN inbox j ON j.peer = i.peer AND j.case_id = i.case_id AND j.position > i.position
	JOIN answer b ON b.peer = j.peer AND b.message_id = j.message_id WHERE b.log_n <= a.log_n")" = 0 ]
claim "none is lost or doubled from QRB to QRA" "$check" "$work/QRB/data/readmit.db" "$work/QRA/data/readmit.db" QRB QRA "$work/accepted.QRB"
claim "nor from QRA to QRB" "$check" "$work/QRA/data/readmit.db" "$work/QRB/data/readmit.db" QRA QRB "$work/accepted.QRA"
