#!/bin/bash
# Goal of this scenario: the clocks of a case in two running nodes whose clocks are moved.
# - what is due is listed at both; who must act is warned once, also across a restart, and nobody else is
# - what has passed is told once on both sides, listed as overdue and counted
# - an extension that is late is refused at the desk with its requirement, and nothing is queued
# - a reply that is late goes, and its receipt says so on both sides; the same reply in time has no flag
# - a calendar that comes after the application, and a crash, change nothing of this
# - an outage that one State declares moves the due date at both
. "$(dirname "$0")/lib.sh"
spec=$(dirname "$0")/../../../spec

year=$(date -u +%Y)
cat >"$work/calendar.xml" <<XML
<CalendarDraft xmlns="urn:rxp:1:calendar"><Owner>QRB</Owner><Version>1</Version>
<Effective>$((year - 1))-01-01T00:00:00.000Z</Effective>
<Span from="$((year - 1))-01-01" until="$((year + 2))-12-31"/>
<Zone name="three hours east"><Offset from="$((year - 2))-01-01T00:00:00.000Z" minutes="180"/></Zone></CalendarDraft>
XML
tr -d '\n' <"$work/calendar.xml" >"$work/days.xml"
# The reply is due five days after the receipt of the application, whatever is registered.
sed '/<Clock of="registration"/d; s|<Clock of="reply"[^/]*/>|<Clock of="reply" value="5" unit="calendar-days" source="X"/>|
	s/<Starts>20[0-9][0-9]/<Starts>2020/' "$spec/profiles/generic-test.xml" >"$work/terms.xml"

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
seal() { # KIND FILE
	readmit-pki "$1" seal --party QRB --seal-key "$work/QRB/pki/node/seal.key" \
		--seal-cert "$work/QRB/pki/node/seal.crt" --out "$work/$1.sealed" "$2"
}
claim "QRB seals an agreement and its calendar" eval 'seal profile "$work/terms.xml" && seal calendar "$work/days.xml"'
claim "both take the agreement" eval 'for p in QRA QRB; do ctl $p profile add "$work/profile.sealed" || exit 1; done'
claim "QRA chooses it" ctl QRA profile use QRB generic-test/1

# The first object of a list, and the value of a name in an object.
first() { tr -d '\n' | grep -o '{[^{}]*}' | head -n 1; }
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
apply() { # prints what was sent
	ctl QRA --json message send "$(fresh "$spec/examples/application-family.xml")" --to QRB "${officers[@]}" \
		--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
		--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
		--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer --wait 20
}
pictures=$build/../demo-pictures
[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
# listed PARTY OPTION… CASE: is the case on that list?
listed() { ctl "$1" case list "${@:2:$#-2}" | grep -q "${!#}"; }
both() { # COMMAND…: of either node
	local party
	for party in QRA QRB; do "$1" $party "${@:2}" || return 1; done
}
neither() {
	! "$1" QRA "${@:2}" && ! "$1" QRB "${@:2}"
}
# After a wait for any tick, so often is the event in the log.
told() { # PARTY EVENT COUNT
	[ "$(grep "\"event\":\"$2\".*\"case\":\"$case\"" "$work/$1/log" | grep -c "\"clock\":\"reply\"")" = "$3" ]
}
day_ms=86400000
clocks() { printf '%s' $(($1 * day_ms)) | tee "$work/QRA/clock" >"$work/QRB/clock"; }

# What the agreement does not list does not leave (RXP-PRF-028).
fresh "$spec/examples/advance-notice-third-country.xml" | xargs sed 's/code="ZNT"/code="ZNU"/' >"$work/unlisted.xml"
claim_not "a crossing point that the agreement does not list is refused" eval \
	'ctl QRA message send "$work/unlisted.xml" --to QRB "${officers[@]}" >"$work/said" 2>&1'
claim "with the place and the rule" eval 'grep -q "Transfer/Arrival/CrossingPoint" "$work/said" && grep -q RXP-PRF-028 "$work/said"'
claim "and where the list is" grep -q "profile show generic-test/1" "$work/said"

case=$(apply | value case_id)
claim "the application is receipted" [ -n "$case" ]
# Its files are many octets, and the agreement lets them follow (RXP-ATT-019).
pulls QRB || claim "before its files, which follow" wait_for 10 log_has QRA attachments_complete '"party":"QRB"'
scan() { # of the application, at QRB
	ctl QRB attachment get "$(ctl QRB --json inbox list | value local_id)" 2 --reason case-work --out "$work/scan.jpg"
}
claim "QRB reads the scan" eval 'scan && cmp "$work/scan.jpg" "$pictures/passport.jpg"'
claim "without a calendar nothing is due" neither listed --due 300d "$case"
claim "the calendar comes" eval 'for p in QRA QRB; do ctl $p calendar add "$work/calendar.sealed" || exit 1; done'
claim "then the reply is due at both" wait_for 20 both listed --due 6d "$case"
claim "and nothing is overdue" neither listed --overdue "$case"
claim "both give the same date, and say how it follows" eval '[ "$(ctl QRA case show "$case" --steps | sed -n "/^P1 reply/,/^$/p" |
	tee "$work/steps" | grep -c RXP-CLK)" -ge 3 ] && diff "$work/steps" <(ctl QRB case show "$case" --steps | sed -n "/^P1 reply/,/^$/p")'

claim "it is not due so soon" neither listed --due 3d "$case"
claim "and nobody is warned yet" eval 'told QRB clock_near 0 && told QRA clock_near 0'
clocks 4
claim "QRB is warned" wait_for 20 told QRB clock_near 1
node_kill QRB
node_start QRB
clocks 6
claim "QRB is told that it has passed" wait_for 20 told QRB clock_passed 1
claim "and QRA" wait_for 20 told QRA clock_passed_peer 1
claim "who was not warned before" told QRA clock_near 0
claim "it is overdue at both" both listed --overdue "$case"
overdue() { curl -s --unix-socket "$work/$1/api.sock" http://localhost/metrics | grep -q '^readmitd_clocks_overdue{clock="reply",peer=".*"} 3$'; }
claim "for three persons" both overdue
for party in QRA QRB; do node_kill $party; node_start $party; done
passed() { ctl "$1" case timeline "$case" | grep -q "reply due .* 24:00 QRB — $2 (P1 P2 P3)"; }
claim "the timeline has it in its place" both passed "passed, nothing was sent"
claim "and QRB's the warning" grep -q "— warning (P1 P2 P3)" <(ctl QRB case timeline "$case")

in=$(ctl QRB --json inbox list | first | value fingerprint)
fingerprint=$(printf '%b' "$(sed 's/../\\x&/g' <<<"$in")" | base64)
answer() { # FILE CASE
	sed "s|<Application>[^<]*<|<Application>$fingerprint<|" "$1" >"$work/answer.xml"
	ctl QRB --json message send "$work/answer.xml" --to QRA --case "$2" "${officers[@]}" --wait 20
}
queued() { ctl QRB --json message list | grep -o '"local_id"' | wc -l; }
before=$(queued)
claim_not "an extension now is refused" answer "$spec/examples/extension.xml" "$case"
cp "$work/out" "$work/said" # the next claim has its own
claim "in words that help" grep -q "RXP-EXT-001: the time for the reply has run out" "$work/said"
claim "and nothing is queued" [ "$(queued)" = "$before" ]
sent=$(answer "$spec/examples/reply-split.xml" "$case" | value local_id)
flags() { ctl "$1" --json message show "$2" | grep -q "\"flags\": *$3"; }
claim "the reply goes, and its receipt says late" flags QRB "$sent" '"late"'
in=$(ctl QRA --json message list --newest | first | value local_id)
claim "at QRA too" flags QRA "$in" '"late"'
claim "the timeline says that it came late" both passed "passed, it came late"
claim "nothing is overdue any more" neither listed --overdue "$case"
claim "each was told once" eval 'told QRB clock_near 1 && told QRB clock_passed 1 && told QRA clock_passed_peer 1'

ahead=6
case=$(apply | value case_id)
claim "another application is receipted" [ -n "$case" ]
in=$(ctl QRB --json inbox list | tr -d '\n' | grep -o '{[^{}]*}' | grep "$case" | value fingerprint)
fingerprint=$(printf '%b' "$(sed 's/../\\x&/g' <<<"$in")" | base64)
sent=$(answer "$spec/examples/reply-split.xml" "$case" | value local_id)
claim "the reply in time has no flag" flags QRB "$sent" null

# QRB's node fails on the very day on which the reply is due: with an agreement that lets an outage extend, that day
# is no last day.
case=$(apply | value case_id)
claim "a third application is receipted" [ -n "$case" ]
due_on() { listed "$1" --due 300d "$case" && ctl "$1" case show "$case" | grep -q "reply *QRB *runs *$2 24:00 QRB"; }
last=$(date -u -d '3 hours 11 days' +%F) next=$(date -u -d '3 hours 12 days' +%F)
claim "its reply is due five days later" wait_for 10 both due_on "$last"
clocks 11
claim "QRB declares an outage" ctl QRB outage begin --peer QRA
claim "at both the reply is due a day later" wait_for 10 both due_on "$next"
claim "which is how it is explained" grep -q "and 1 disturbed days to" <(ctl QRA case show "$case" --steps)
