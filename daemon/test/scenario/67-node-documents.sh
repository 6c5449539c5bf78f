#!/bin/bash
# Goal of this scenario: what nodes tell each other by themselves, with real programs.
# - a desk takes documents over: the other State sees it in the case, each once, across a crash
# - a message in doubt is taken back, before it came and after it
# - an outage is declared, told and ended
# - a node says how its office is reached
# - documents of no case go from desk to desk
# - a report of what was counted goes out and is held against the figures of the other State
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
# has PARTY ID STATE: that message is in that state.
has() { [ "$(ctl "$1" --json message show "$2" | value state)" = "$3" ]; }
# in_timeline PARTY COUNT TEXT: so many documents of the case that say so.
in_timeline() { [ "$(ctl "$1" case timeline "$case" | grep -c "$3")" = "$2" ]; }

sent=$(ctl QRA --json message send "$(fresh "$examples/application-single.xml")" --to QRB "${officers[@]}")
application=$(value local_id <<<"$sent") case=$(value case_id <<<"$sent")
claim "an application is delivered" wait_for 10 has QRA "$application" delivered
inbox=$(ctl QRB --json inbox list | value local_id)
claim "QRB's desk takes it over" ctl QRB inbox ack "$inbox"
node_kill QRB
node_start QRB
claim "and again after a crash" ctl QRB inbox ack "$inbox"
for party in QRA QRB; do
	claim "$party's timeline has one HandedOver" wait_for 10 in_timeline $party 1 HandedOver
done
timelines_agree() { cmp -s <(ctl QRA case timeline "$case" --canonical) <(ctl QRB case timeline "$case" --canonical); }
claim "both timelines agree" wait_for 10 timelines_agree
claim_not "nobody sends one by hand" ctl QRA message send "$examples/handed-over-requesting-desk.xml" --to QRB --case "$case"
claim_not "none is answered by another" in_timeline QRB 2 HandedOver

# --- Void ---------------------------------------------------------------------------------------------
node_kill QRB
sent=$(ctl QRA --json message send "$(fresh "$examples/application-single.xml")" --to QRB "${officers[@]}")
late=$(value local_id <<<"$sent")
# Given to whoever has QRB's key, or to the request of QRB that waited when it was killed.
given() { h2 QRB "https://127.0.0.1:${port_of[QRA]}/rxp/1/messages" -o "$work/none" && has QRA "$late" sending; }
claim "an application is in doubt" wait_for 10 eval 'has QRA "$late" in-doubt || { pulls QRB && given; }'
claim "it is taken back" ctl QRA message void "$late" --yes
claim "and not sent meanwhile" has QRA "$late" voiding
node_start QRB
claim "QRB refuses it for good" wait_for 30 has QRA "$late" refused
claim "as voided" [ "$(ctl QRA --json message show "$late" | value refusal)" = voided ]
claim_not "QRB's desk has nothing of it" grep -q ReadmissionApplication <(ctl QRB inbox list)

# A receipt that never came: what QRA has of it is taken out of its database.
sent=$(ctl QRA --json message send "$(fresh "$examples/application-single.xml")" --to QRB "${officers[@]}")
there=$(value local_id <<<"$sent") case=$(value case_id <<<"$sent")
claim "an application arrives" wait_for 10 has QRA "$there" delivered
claim "QRA ends" node_stop QRA
sqlite3 "$work/QRA/data/readmit.db" "UPDATE outbox SET state = 'in-doubt', answer = NULL, answered_ms = NULL,
	received_ms = NULL, log_id = NULL, log_count = NULL, log_head = NULL WHERE local_id = x'${there//-/}'"
node_start QRA
claim "a person notes that (RXP-LOG-032)" wait_for 10 ctl QRA log note QRB
claim "it is in doubt" wait_for 10 has QRA "$there" in-doubt
claim "it is taken back, too late" ctl QRA message void "$there" --yes
claim "so it stands" wait_for 10 has QRA "$there" delivered
claim "on both sides" wait_for 10 timelines_agree

# --- outages ------------------------------------------------------------------------------------------
# outages PARTY COUNT TEXT: so many that say so.
outages() { [ "$(ctl "$1" outage list | grep -c "$3")" = "$2" ]; }
claim "QRA declares an outage" ctl QRA outage begin --until 2030-01-01T00:00:00.000Z
claim_not "and no second one while it lasts" ctl QRA outage begin
for party in QRA QRB; do
	claim "$party knows of it, without an end" wait_for 10 outages $party 1 ' QRA .*Z *- '
done
claim "QRB's log says so" logged QRB outage_told '"what":"begins"'
claim "its end is declared" ctl QRA outage end --peer QRB
claim_not "once" ctl QRA outage end
for party in QRA QRB; do
	claim "$party knows of that" wait_for 10 outages $party 1 ' QRA .*Z .*Z '
done
claim "and it is the same" cmp <(ctl QRA outage list | grep -o ' QRA .*') <(ctl QRB outage list | grep -o ' QRA .*')

# --- contacts -----------------------------------------------------------------------------------------
claim_not "a contact is a number or an address" ctl QRA contact tell --office NODE
claim_not "as it is written" ctl QRA contact tell --telephone +0123
claim "QRA says how its node's office is reached" ctl QRA contact tell --telephone +99955505678 --email node@utopia.example
contact_of() { [ "$(ctl QRB contact list | grep -c "QRA *NODE *$1 *$2 ")" = 1 ]; }
claim "QRB's operator sees it" wait_for 10 contact_of '+99955505678' node@utopia.example
claim "it moves" ctl QRA contact tell --peer QRB --office NODE --telephone +99955505679
claim "and QRB has the new number alone" wait_for 10 contact_of '+99955505679' -

# --- documents of no case ------------------------------------------------------------------------------
for file in incident-notice statistics-report; do
	sent=$(ctl QRA --json message send "$(fresh "$examples/$file.xml")" --to QRB "${officers[@]}") || fail "$file: $sent"
	claim "$file is delivered" wait_for 10 has QRA "$(value local_id <<<"$sent")" delivered
done
for type in IncidentNotice StatisticsReport; do
	inbox=$(ctl QRB --json inbox list | grep -o "{[^{}]*\"$type\"[^{}]*}" | value local_id)
	claim "QRB's desk reads the $type" ctl QRB inbox content "$inbox" --reason incident --out "$work/$type.xml"
	claim "and takes it over" ctl QRB inbox ack "$inbox"
done
claim "what it reads is what was sent" cmp "$work/IncidentNotice.xml" <(xmllint --exc-c14n "$work/fresh/incident-notice.xml")
claim_not "it belongs to no case" ctl QRA message send "$work/fresh/incident-notice.xml" --to QRB --case "$case" "${officers[@]}"

# --- statistics ----------------------------------------------------------------------------------------
# The figures that a node counts are what it sends, and what the other holds against its own.
quarter=$(date -u +%Y)-Q$((($(date -u +%-m) + 2) / 3))
report=$work/report.xml
# Not before the quarter has ended, whoever writes the report (RXP-STA-011).
claim_not "of a quarter that runs it writes none" ctl QRA statistics report --period "$quarter" --peer QRB --out "$report"
sed "s/2026-Q2/$quarter/" "$examples/statistics-report.xml" >"$work/early.xml"
claim_not "and sends none that somebody else wrote" eval 'ctl QRA message send "$work/early.xml" --to QRB >"$work/said" 2>&1'
claim "but says when it can" grep -q "RXP-STA-011" "$work/said"
printf 8640000000 | tee "$work/QRA/clock" >"$work/QRB/clock" # a hundred days
claim "QRA shows what it counted" grep -q applications <(ctl QRA statistics show --period "$quarter" --peer QRB)
claim "QRA writes its report" ctl QRA statistics report --period "$quarter" --peer QRB --out "$report"
sent=$(ctl QRA --json message send "$report" --to QRB) || fail "report: $sent"
sent=$(value local_id <<<"$sent")
claim "it is delivered" wait_for 20 has QRA "$sent" delivered
inbox=$(ctl QRB --json inbox list | grep -o '{[^{}]*"StatisticsReport"[^{}]*}' | value local_id)
claim "QRB's desk sees what it is" grep -q StatisticsReport <(ctl QRB inbox show "$inbox")
claim "QRB's desk reads it" ctl QRB inbox content "$inbox" --reason review --out "$work/theirs.xml"
claim "and holds it against its own figures" ctl QRB statistics compare "$work/theirs.xml" --peer QRA
sed -z 's|\("applications">\s*\)<FewerThanFive></FewerThanFive>|\1<Count>7</Count>|' "$work/theirs.xml" >"$work/other.xml"
differing=$(ctl QRB statistics compare "$work/other.xml" --peer QRA)
claim "another figure shows" grep -q 'applications, where this State is requested: here 2, there 7' <<<"$differing"
claim "with the cases of its own" [ "$(grep -c '^    case ' <<<"$differing")" = 2 ]
