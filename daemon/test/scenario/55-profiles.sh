#!/bin/bash
# Goal of this scenario: two States agree on terms as data.
# - one State seals a profile and a calendar, and nodes take them, and nothing that another sealed in its name
# - a document under a profile that the other State does not hold is refused, leaves no case, and the next is taken
# - a case keeps its profile when another is chosen for the peer; all of it survives a crash
# - at a node that is no test node an unverified profile blocks what runs under it until a legal officer attests it;
#   other cases go on, and a check says what is missing
. "$(dirname "$0")/lib.sh"
spec=$(dirname "$0")/../../../spec

seal() { # KIND BY DRAFT [IN THE NAME OF]
	rm -f "$work/$1.sealed"
	readmit-pki "$1" seal --party "${4-$2}" --seal-key "$work/$2/pki/node/seal.key" \
		--seal-cert "$work/$2/pki/node/seal.crt" --out "$work/$1.sealed" "$work/$3"
}

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

cp "$spec/profiles/calendars/qra-1.xml" "$work/days.xml"
claim "QRB seals the calendar of QRA" seal calendar QRB days.xml QRA
claim_not "and nobody takes it" ctl QRA calendar add "$work/calendar.sealed"
claim_not "a draft is taken by nobody either" ctl QRA calendar add "$work/days.xml"
claim "QRA seals it" seal calendar QRA days.xml
claim "and both take it" eval 'for p in QRA QRB; do ctl $p calendar add "$work/calendar.sealed" || exit 1; done'
claim "it is shown" grep -q "calendar of *QRA" <(ctl QRB calendar show QRA)
claim "and listed" grep -q "^QRA  *1 " <(ctl QRB calendar list)

cp "$spec/profiles/generic-test.xml" "$work/agreement.xml"
claim "QRA seals an agreement" seal profile QRA agreement.xml
claim "and takes it" ctl QRA profile add "$work/profile.sealed"
claim "twice does no harm" grep -q "held already" <(ctl QRA profile add "$work/profile.sealed" 2>&1)
claim "each value is shown with its mark" grep -Eq "^reply +8 +calendar-days +registration +- +X$" \
	<(ctl QRA profile show generic-test/1)

send() { # OPTIONS…
	ctl QRA message send "$(fresh "$spec/examples/application-single.xml")" --to QRB "${officers[@]}" --wait 20 "$@"
}
claim "a case under customary law goes out" send
claim_not "a case under the agreement, which QRB does not hold, is refused" send --profile generic-test/1
claim "as QRA learns" logged QRA message_refused unsupported
claim "and QRB says in its log" logged QRB message_turned_away "no such profile is held"
cases() { [ "$(ctl QRB --json case list | grep -o '"case_id"' | wc -l)" = "$1" ]; }
claim "and has no case of it" cases 1
claim "the next document is taken" send
# RXP-NOT-010: what is offered is shown to people, and taken by nobody but them.
claim "QRA offers it" ctl QRA profile offer QRB generic-test/1
offered() { ctl QRB offer list | grep -q "QRA  *profile  *generic-test  *1 "; }
claim "QRB sees the offer" wait_for 10 offered
claim "and its log says so" logged QRB offer_told '"name":"generic-test"'
claim_not "but has taken nothing" grep -q generic-test <(ctl QRB profile list)
offer=$(ctl QRB --json offer list | sed -n 's/.*"offer_id": *"\([^"]*\)".*/\1/p' | head -n 1)
claim "it can have the file" ctl QRB offer file "$offer" --out "$work/offered.sealed"
claim "which is the one that QRA sealed" cmp "$work/offered.sealed" "$work/profile.sealed"
claim "QRB takes the agreement" ctl QRB profile add "$work/offered.sealed"
claim "QRA offers its calendar" ctl QRA calendar offer QRB
listed() { ctl QRB offer list | grep -q "QRA  *calendar "; }
claim "QRB sees that too" wait_for 10 listed
claim "QRA chooses it for QRB" ctl QRA profile use QRB generic-test/1
claim "the new case goes out" send
node_kill QRA
node_kill QRB
node_start QRA
node_start QRB
claim "after a crash the choice holds" grep -q "USED WITH" <(ctl QRA profile show generic-test/1)
claim "and the next case goes out under it" send
claim "another can be named" send --profile customary/1
node_stop QRA
node_stop QRB
under() { # PARTY PROFILE COUNT
	[ "$(sqlite3 "$work/$1/data/readmit.db" \
		"SELECT COUNT(*) FROM case_ WHERE profile_id = '$2' AND profile_version = '1'")" = "$3" ]
}
claim "QRB has both kinds of cases beside each other" eval 'under QRB generic-test 2 && under QRB customary 3'

# Codes that ISO keeps for its users: no State has them. Without an address for others nothing leaves these two.
for party in XAA XAB; do
	node_make $party --country "${party:0:2}" --organisation "Ministry of $party" --organisation-id "GOVXA-$party"
	sed -i '/<test /d' "$work/$party/readmitd.xml" # only a test node has a clock to be moved
	node_start $party
done
claim "XAA takes XAB as a peer" peer_with XAA XAB
node_stop XAB
sed 's/>generic-test</>agreement</; s/>test</>unverified</; s/"QRA"/"XAA"/; s/"QRB"/"XAB"/; s/source="X"/source="M"/' \
	"$spec/profiles/generic-test.xml" >"$work/agreement.xml"
claim "XAA seals an agreement that nobody has verified" seal profile XAA agreement.xml
claim "and takes it" ctl XAA profile add "$work/profile.sealed"
# A node that is no test node takes no persons of UTO.
sed 's/UTO/XAB/g' "$spec/examples/application-single.xml" >"$work/application.xml"
submit() { ctl XAA message send "$(fresh "$work/application.xml")" --to XAB "${officers[@]}" "$@"; }
checked() { ctl XAA profile check agreement/1; [ $? = "$1" ]; }
claim_not "nothing is sent under it" submit --profile agreement/1
claim "in words that help" grep -q "RXP-PRF-007: the profile is unverified" <(submit --profile agreement/1 2>&1)
claim "other cases go on" submit
claim "a check says that it is blocked" checked 78
claim_not "nobody attests it without a name" ctl XAA profile attest agreement/1 --yes
claim "a legal officer attests it" ctl XAA profile attest agreement/1 --officer L-1001 --yes
claim "then nothing blocks it" checked 0
claim "and the check says what it lacks" grep -Eq "no-calendar +XAB" <(ctl XAA profile check agreement/1)
claim "a document under it is accepted" submit --profile agreement/1
node_stop XAA
claim "the journal names the officer" [ "$(sqlite3 "$work/XAA/data/readmit.db" \
	"SELECT COUNT(*) FROM journal WHERE action = 'profile-attest' AND reason LIKE 'by L-1001: agreement/1'")" = 1 ]
