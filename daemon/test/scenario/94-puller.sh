#!/bin/bash
# Goal of this scenario: the conformance suite tries a product that opens no port, which fetches from the suite.
# - in both directions: what it receives, and what it sends; a case that takes a connection to it is not asked
# - before it knows the suite, that is a configuration with a hint
. "$(dirname "$0")/lib.sh"
peer=$(dirname "$0")/../../../conformance/peer/peer
trigger=$(dirname "$0")/../../../conformance/trigger.sh

conform() { # VERB OPTION…: the suite as QMA against QRA
	local verb=$1
	shift
	readmit-conform "$verb" --state "$work/QMA" --peer "$work/QRA/descriptor.xml" --fingerprint "$(fingerprint_of QRA)" "$@"
}
exits() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ]
}
summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/report.json" "$1"; }

node_pulls QRA
node_start QRA
wait_for 10 ctl QRA descriptor export --out "$work/QRA/descriptor.xml" || fail "a descriptor"
claim "a test State is made" readmit-conform init --state "$work/QMA" --party QMA --endpoint "https://127.0.0.1:$(free_port)"
cp "$work/out" "$work/init"
claim "a product that does not come is a configuration" exits 3 conform respond --wait 1
cp "$work/out" "$work/told"
claim "which says what to do" grep -q 'do: give the product the descriptor of this State' "$work/told"
claim "the node takes its descriptor" ctl QRA peer add "$work/QMA/descriptor.xml" --fingerprint "$(tail -n 1 "$work/init")"

claim "nothing is wrong with what it receives" conform respond --select 'DOC-0*.R.[np][0-9]*' --report "$work/report.json"
claim "all pass, by the report" [ "$(summary pass)" = "$(summary cases)" ]
claim "there are at least 15" [ "$(summary cases)" -ge 15 ]
claim "what takes a connection to it is not asked" exits 0 conform respond --select 'HTTP-00[67].R.*' --report "$work/report.json"
claim "all of it" [ "$(summary not-asked)" -ge 10 ]
claim "nor with what it sends" conform initiate --select '[EM][NS][VG]-0*.S.p1' --report "$work/report.json" --trigger "$trigger $work/QRA/api.sock"
claim "all pass" [ "$(summary pass)" = "$(summary cases)" ]
claim "nor with how it fetches" conform initiate --select 'PUL-0*.S.*' --report "$work/report.json"
claim "which is asked of it" [ "$(summary pass)" = "$(summary cases)" ]
claim "nothing waits for the suite any more" [ "$(ctl QRA --json queue list | grep -c local_id)" = 0 ]
claim "the node is healthy" grep -q '^healthy *yes' <(ctl QRA status)
claim "it ends politely" node_stop QRA

# The second implementation fetches, too.
claim "the State of another product is made" readmit-conform init --state "$work/QMB" --party QMB --endpoint "https://127.0.0.1:$(free_port)"
cp "$work/out" "$work/init"
claim "which opens no port" "$peer" init "$work/QRY" --party QRY
"$peer" serve "$work/QRY" "$work/QMB/descriptor.xml" "$(tail -n 1 "$work/init")" >"$work/QRY/log" 2>&1 &
pid_of[QRY]=$!
claim "nor is anything wrong with how it fetches" readmit-conform initiate --state "$work/QMB" --peer "$work/QRY/descriptor.xml" \
	--fingerprint "$("$peer" fingerprint "$work/QRY")" --select 'PUL-0*.S.*' --report "$work/report.json"
claim "which is asked of it, too" [ "$(summary pass)" = "$(summary cases)" ]
kill "${pid_of[QRY]}"
wait "${pid_of[QRY]}"
unset 'pid_of[QRY]'
