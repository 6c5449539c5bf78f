#!/bin/bash
# Goal of this scenario: the log of a State that opens no port is read all the same, since it posts it (RXP-PUL-010 to 012).
# - it shows its log by itself; a day later either side has compared the other's, and nothing differs
# - whoever edits its database by hand is found by the State that cannot connect to it, with entry and message
# - a page of another log, or none, is refused, and a flood of them costs nobody else anything
. "$(dirname "$0")/lib.sh"
day=$((86400 * 1000))
move_clocks() { # BY MILLISECONDS
	moved=$((${moved:-0} + $1))
	for party in QRA QRB; do printf '%s' "$moved" >"$work/$party/clock"; done
}
compared() { [ "$(grep -c '"event":"log_compared"' "$work/$1/log")" -gt "${before[$1]-0}" ]; }
declare -A before
# wanted: without waiting for what comes of it, as `log check` would.
wanted() { curl -sf --unix-socket "$work/QRA/api.sock" -X POST http://localhost/v1/logs/QRB/check -o "$work/none"; }
names() { log_has "$1" log_differs "\"difference\":\"$2\",\"entry\":${3:-[0-9]}"; }

node_make QRA
node_pulls QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
for i in 1 2 3; do claim "QRA proves the path to QRB, which fetches" ctl QRA peer test QRB --wait 10; done
for i in 1 2; do claim "and QRB, which pushes" ctl QRB peer test QRA --wait 10; done

# --- nobody touched anything ---
move_clocks $((day + 3600000))
claim "a day later QRA has read the log that QRB keeps for it" wait_for 20 compared QRA
claim "and QRB that of QRA" wait_for 20 compared QRB
claim_not "nothing differs at QRA" log_has QRA log_differs
claim_not "nor at QRB" log_has QRB log_differs
claim "QRA agrees up to the last entry" grep -q 'QRB  *2 .* 3 ' <(ctl QRA log list)
before[QRA]=$(grep -c '"event":"log_compared"' "$work/QRA/log")
claim "the next ping" ctl QRA peer test QRB --wait 10
move_clocks $((day + 3600000))
claim "the next day it reads on" wait_for 20 compared QRA
claim "and agrees up to the last entry" grep -q 'QRB  *2 .* 4 ' <(ctl QRA log list)
claim_not "nothing differs" log_has QRA log_differs

# --- somebody edits the database of QRB ---
node_stop QRB
sqlite3 "$work/QRB/data/readmit.db" "UPDATE answer SET received_ms = received_ms + 1000 WHERE log_n = 2" >"$work/out"
claim "QRA's people want it compared" wanted
node_start QRB
claim "once it is there again, QRA finds the time" wait_for 20 names QRA time-differs 2
claim "and says what to do" eval 'ctl QRA log list | grep -q "what to do"'
claim "the sealed page that shows it is kept" ctl QRA log page QRB --entry 2 --out "$work/page.xml"
claim "and messages go on" ctl QRA peer test QRB --wait 10
claim "a person notes it" ctl QRA log note QRB

# --- what else a peer could post ---
post() { # FILE
	h2 QRB -X POST -H 'Content-Type: application/rxp+xml' --data-binary @"$1" -o "$work/none" -w '%{http_code}' \
		"https://127.0.0.1:${port_of[QRA]}/rxp/1/log"
}
claim "a page when none is due is not read" [ "$(post "$work/page.xml")" = 204 ]
# posted FILE: while somebody waits for the log, and QRB itself posts nothing.
posted() { wanted && post "$1"; }
claim "one that is is asked to go on, from what was agreed" [ "$(posted "$work/page.xml")" = 202 ]
sed 's/<LogCount>[0-9]*</<LogCount>99</' "$work/page.xml" >"$work/forged.xml"
claim "one of which a figure was changed is none" [ "$(posted "$work/forged.xml")" = 422 ]
h2 QRB "https://127.0.0.1:${port_of[QRA]}/rxp/1/log?after=0" -o "$work/theirs.xml"
claim "nor is a page of QRA's own log" [ "$(posted "$work/theirs.xml")" = 422 ]
claim "nor one of noise" [ "$(posted <(echo noise))" = 422 ]
flood() { local n; for n in {1..80}; do posted "$work/forged.xml"; echo; done; }
claim "of a flood of pages most are not read" eval '[ "$(flood | grep -c 503)" -ge 10 ]'
status() { h2 QRB -X "$1" "https://127.0.0.1:${port_of[QRA]}/rxp/1/log$2" -o "$work/none" -w '%{http_code}'; }
claim "the path has no other method" [ "$(status GET '') $(status PUT '') $(status POST '?after=0')" = "405 405 405" ]
claim "messages go on" ctl QRB peer test QRA --wait 10
claim "both ways" ctl QRA peer test QRB --wait 10
