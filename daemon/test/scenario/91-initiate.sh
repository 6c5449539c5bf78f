#!/bin/bash
# Goal of this scenario: the conformance suite plays the State that is sent to.
# - it finds nothing wrong with what the node sends, and with what it does upon each kind of answer; nothing is left undelivered
# - what is not set up is a configuration with a hint: a port that is taken, a product that is led elsewhere
# - twelve checks in both directions are green with the node, and red with another
# - nor is anything wrong with the second implementation, which shares nothing with the node but the specification
# - a sender that gives up after one try is not brought to send by a reaction, but by the trigger, and does not pass
# long: 91
. "$(dirname "$0")/lib.sh"
peer=$(dirname "$0")/../../../conformance/peer/peer
trigger=$(dirname "$0")/../../../conformance/trigger.sh

initiate() { # OPTION…: the suite as QMA against QRA
	readmit-conform initiate --state "$work/QMA" --peer "$work/QRA/descriptor.xml" --fingerprint "$(fingerprint_of QRA)" "$@"
}
# exits STATUS COMMAND …: does it end so?
exits() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ]
}
# summary WORD [NAME]
summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/${2-report}.json" "$1"; }

node_make QRA
node_start QRA
wait_for 10 ctl QRA descriptor export --out "$work/QRA/descriptor.xml" || fail "a descriptor"
port_of[QMA]=$(free_port)
port_of[QMB]=$(free_port)
claim "a test State is made" readmit-conform init --state "$work/QMA" --party QMA --endpoint "https://127.0.0.1:${port_of[QMA]}"
cp "$work/out" "$work/init"
claim "and one for the second implementation" readmit-conform init --state "$work/QMB" --party QMB --endpoint "https://127.0.0.1:${port_of[QMB]}"
cp "$work/out" "$work/init-second"
claim "the node takes its descriptor" ctl QRA peer add "$work/QMA/descriptor.xml" --fingerprint "$(tail -n 1 "$work/init")"

claim "an address that is not of this machine is a configuration" exits 3 initiate --listen 192.0.2.1:443
cp "$work/out" "$work/told"
claim "which says what to do" grep -q 'do: give --listen an address of this machine' "$work/told"
claim "a port to which the endpoint does not lead is one, too" exits 3 initiate --listen "127.0.0.1:$(free_port)" --wait 1
cp "$work/out" "$work/told"
claim "and says so" grep -q 'do: the product must reach the endpoint' "$work/told"

conform_smoke() {
	readmit-conform smoke --state "$work/QMA" --peer "$work/QRA/descriptor.xml" --fingerprint "$(fingerprint_of QRA)" "$@"
}
# The node waits most of the time: the second implementation is tried meanwhile, from another State.
try_node() {
	conform_smoke >"$work/smoke" 2>&1 && initiate --select '*.[np]1' --report "$work/node.json" --trigger "$trigger $work/QRA/api.sock"
}
try_node >"$work/tried" 2>&1 &
tried=$!

cat >"$work/trigger" <<-TRIGGER
	#!/bin/sh
	echo "\$@" >>"$work/triggered"
	[ "\$2" = ping ] && exec "$peer" ping "$work/QRZ" "$work/QMB/descriptor.xml" "$(tail -n 1 "$work/init-second")" >/dev/null 2>&1
TRIGGER
chmod +x "$work/trigger"
second_starts() { # PARTY OPTION…: the second implementation serves as PARTY, a peer of QMB
	local party=$1
	shift
	claim "$party has a descriptor" "$peer" init "$work/$party" --party "$party" --endpoint "https://127.0.0.1:$(free_port)"
	"$peer" serve "$work/$party" "$work/QMB/descriptor.xml" "$(tail -n 1 "$work/init-second")" "$@" >"$work/$party/log" 2>&1 &
	pid_of[$party]=$!
	wait_for 10 grep -q '^ready' "$work/$party/log" || fail "$party serves"
}
suite_to() { # VERB PARTY OPTION…
	local verb=$1 party=$2
	shift 2
	readmit-conform "$verb" --state "$work/QMB" --peer "$work/$party/descriptor.xml" --fingerprint "$("$peer" fingerprint "$work/$party")" "$@"
}
initiate_other() { suite_to initiate QRZ --report "$work/report.json" "$@"; }
second_starts QRY
claim "the smoke of the second implementation is green" suite_to smoke QRY
claim "nothing is wrong with the first case of each requirement" suite_to initiate QRY --trigger "$peer trigger $work/QRY" --select '[!CDPRV]*.[np]1' --report "$work/report.json"
claim "all pass, by the report" [ "$(summary pass)" = "$(summary cases)" ]
claim "nor with what it takes back, and brings" suite_to initiate QRY --select '[RV][CO][VI]-0[01]*.[np]1' --wait 3 --trigger "$peer trigger $work/QRY" --report "$work/report.json"
claim "all is tried" [ "$(summary pass)" = "$(summary cases)" ]
kill "${pid_of[QRY]}"
wait "${pid_of[QRY]}"
unset 'pid_of[QRY]'
second_starts QRZ --careless
claim "without a trigger nothing makes it send: the case is incomplete, not passed" exits 4 initiate_other --select TIM-002.S.p1 --wait 1
claim "with one, what it sends passes" initiate_other --select 'ENV-00*.S.p1' --trigger "$work/trigger" --wait 3
claim "its trigger was told what is wanted" grep -q '^preflight ping$' "$work/triggered"
claim "a trigger that fails is a configuration, and not waited for" exits 3 initiate_other --select PNG-001.S.p1 --trigger false
cp "$work/out" "$work/told"
claim "and is told" grep -q 'the trigger ended with the status 1' "$work/told"
claim "it sends nothing again, as one that pauses longer would: that is incomplete, not passed" exits 4 initiate_other --select 'ANS-012.S.n[14]' --trigger "$work/trigger" --wait 2
cp "$work/out" "$work/told"
claim "which is told" grep -q 'it did not send the message again within 2 seconds, and may pause longer' "$work/told"
claim "in both cases" [ "$(summary incomplete)" = 2 ]
claim "the smoke of a sender that gives up is red" exits 1 suite_to smoke QRZ --trigger "$work/trigger" --wait 1
cp "$work/out" "$work/told"
claim "and says so" grep -q '^RED: ' "$work/told"

claim "the smoke of the node is green, and nothing is wrong with its first case of each requirement" \
	eval 'wait "$tried" || { cat "$work"/{smoke,tried}; false; }'
claim "by twelve checks" grep -q '^GREEN: 12 of 12 checks$' "$work/smoke"
claim "there are at least 70" [ "$(summary cases node)" -ge 70 ]
claim "all pass that are asked of who opens a port, by the report" [ "$(($(summary pass node) + $(summary not-asked node)))" = "$(summary cases node)" ]
claim "nothing waits for the suite any more" [ "$(ctl QRA --json queue list | grep -c local_id)" = 0 ]
claim "the node is healthy" grep -q '^healthy *yes' <(ctl QRA status)
