#!/bin/bash
# Goal of this scenario: a stranger's implementation is understood, and a hostile one changes nothing.
# - the second implementation (conformance/peer, written from the specification alone) and the node
#   become peers; Pings go both ways
# - every row of its table of attacks is answered as the specification says, and a valid message on the
#   same connection is receipted before and after it
# - afterwards the node's log for the peer is, entry by entry, what the peer computed; nothing that a
#   mutant said is in the log lines; the node is healthy and restarts
. "$(dirname "$0")/lib.sh"
peer=$(dirname "$0")/../../../conformance/peer/peer.mjs

stranger_make() { # PARTY: keys and descriptor of a State of the second implementation; QRA takes it
	node "$peer" init "$work/$1" --party "$1" --endpoint "https://127.0.0.1:$(free_port)" &&
		ctl QRA peer add "$work/$1/descriptor.xml" --fingerprint "$(node "$peer" fingerprint "$work/$1")"
}
stranger() { # VERB …: the second implementation as QRZ, which trusts QRA
	local verb=$1
	shift
	node "$peer" "$verb" "$work/QRZ" "$work/QRA/descriptor.xml" "$(fingerprint_of QRA)" "$@"
}
# entries: the node's log for QRZ, an entry a line, as the peer writes its own.
entries() {
	sqlite3 -readonly -separator ' ' "$work/QRA/data/readmit.db" "SELECT lower(hex(message_id)),
		lower(hex(fingerprint)), CASE refusal WHEN '' THEN 1 ELSE 2 END FROM answer WHERE peer='QRZ' ORDER BY log_n"
}
count() { sqlite3 -readonly "$work/QRA/data/readmit.db" "SELECT count(*) FROM $1"; }

node_make QRA
node_start QRA
claim "the descriptor of a stranger's implementation is taken" stranger_make QRZ
claim "and that of a second State" stranger_make QRY
ctl QRA descriptor export --out "$work/QRA/descriptor.xml"
# Not by the function: its process would be a shell, and outlived by what that runs.
node "$peer" serve "$work/QRZ" "$work/QRA/descriptor.xml" "$(fingerprint_of QRA)" >"$work/QRZ/log" 2>&1 &
pid_of[QRZ]=$!
wait_for 10 grep -q '^ready' "$work/QRZ/log" || fail "the stranger serves"
claim "the node's Ping is receipted by the stranger" ctl QRA peer test QRZ --wait 10
claim "it was answered" wait_for 10 grep -q '^receipted' "$work/QRZ/log"

stranger attack "$work/QRY" >"$work/attack"
status=$?
grep '^ok - ' "$work/attack"
claims=$((claims + $(grep -c '^ok - ' "$work/attack")))
grep '^not ok - ' "$work/attack"
claim "every row of the table was run and is as expected" [ $status = 0 ]
claim "there are at least 200" [ "$(grep -c '^ok - ' "$work/attack")" -ge 200 ]

claim "the node is healthy" grep -q '^healthy *yes' <(ctl QRA status)
claim "no process of it was lost" grep -q '^sealers_lost_total .* 0$' <(ctl QRA status)
claim "a party that used another's name was reported" logged QRA sender_false '"claimed":"QRY"'
claim "connections without a pin were reported" wait_for 10 eval '[ "$(grep -c "\"event\":\"tls_refused\"" "$work/QRA/log")" -ge 6 ]'
claim "nothing is left to send" wait_for 10 eval '[ "$(ctl QRA --json queue list | grep -c "\"local_id\"")" = 0 ]'

claim "the node ends politely" node_stop QRA
claim_not "no process was started anew" grep -E '"event":"(set_failed|sealer_died|role_failed|link_broken)"' "$work/QRA/log"
claim_not "nothing that a mutant said is in the log" grep -i 'zebra\|stripes\|&#\|<' "$work/QRA/log"
claim "its Ping was answered once" [ "$(grep -c '^receipted' "$work/QRZ/log")" = 1 ]
claim "its log is what the peer computed" cmp <(entries) "$work/QRZ/ledger"
claim "its inbox holds what it receipted and nothing else" \
	[ "$(count "inbox WHERE state<>'quarantined'")" = "$(grep -c ' 1$' "$work/QRZ/ledger")" ]
claim "nothing was quarantined" [ "$(count "inbox WHERE state='quarantined'")" = 0 ]
claim "nothing was received in the second State's name" [ "$(count "inbox WHERE peer='QRY'")" = 0 ]
claim "its outbox holds its own Ping alone" [ "$(count outbox)" = 1 ]

node_start QRA
claim "after a restart the stranger's Ping is receipted" stranger ping
claim "and the node's by the stranger" ctl QRA peer test QRZ --wait 10
