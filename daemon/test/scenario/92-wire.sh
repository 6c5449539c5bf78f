#!/bin/bash
# Goal of this scenario: below the message, too, the conformance suite finds nothing wrong with the node, and finds it elsewhere.
# - every script of octets and frames that does not take minutes is tried against the node, floods among them; none fails, and
#   the node is healthy and lost no process
# - the second implementation, on another library of HTTP/2, is not failed for what it does in its own right way
# - a product that receipts as it should, and looks neither at the handshake nor at HTTP/2, fails where it must not take
#   something, and passes where it must
. "$(dirname "$0")/lib.sh"
peers=$(dirname "$0")/../../../conformance/peer
schema=$(dirname "$0")/../../../conformance/report/check.mjs

# exits STATUS COMMAND …: does it end so?
exits() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ]
}
summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/report.json" "$1"; }
# wire DIR FINGERPRINT OPTION…: the suite as QMA against the product of that folder
wire() { readmit-conform wire --state "$work/QMA" --peer "$work/$1/descriptor.xml" --fingerprint "$2" --report "$work/report.json" "${@:3}"; }

node_make QRA
node_start QRA
wait_for 10 ctl QRA descriptor export --out "$work/QRA/descriptor.xml" || fail "a descriptor"
claim "what a script sends can be read" grep -q '^ *3. sends HEADERS, .*: :scheme https, ' <(readmit-conform explain HTTP-010.W.n1)
claim "a test State is made" readmit-conform init --state "$work/QMA" --party QMA --endpoint https://127.0.0.1:1
cp "$work/out" "$work/init"
claim "the node takes its descriptor" ctl QRA peer add "$work/QMA/descriptor.xml" --fingerprint "$(tail -n 1 "$work/init")"

claim "no script fails" wire QRA "$(fingerprint_of QRA)"
claim "there are at least 220" [ "$(summary cases)" -ge 220 ]
claim "and 150 of what it must not take" [ "$(summary negative)" -ge 150 ]
claim "all pass but those that take minutes" [ "$(($(summary pass) + $(summary not-asked)))" = "$(summary cases)" ]
claim "which are six" [ "$(summary not-asked)" = 6 ]
claim "the report satisfies its schema" node "$schema" "$work/report.json"
claim "the node is healthy" grep -q '^healthy *yes' <(ctl QRA status)
claim "no process of it was lost" grep -q '^sealers_lost_total .* 0$' <(ctl QRA status)
claim_not "no process was started anew" grep -E '"event":"(set_failed|sealer_died|role_failed|link_broken)"' "$work/QRA/log"
claim "nothing is an option that is not there" exits 2 wire QRA "$(fingerprint_of QRA)" --fast

claim "a lenient product has a descriptor" \
	node "$peers/peer.mjs" init "$work/QRZ" --party QRZ --endpoint "https://127.0.0.1:$(free_port)"
node "$peers/lenient.mjs" "$work/QRZ" "$work/QMA/descriptor.xml" "$(tail -n 1 "$work/init")" >"$work/QRZ/log" 2>&1 &
pid_of[QRZ]=$!
wait_for 30 grep -q "^ready" "$work/QRZ/log" || fail "the lenient product serves"
fingerprint=$(node "$peers/peer.mjs" fingerprint "$work/QRZ")
claim "it fails with the bodies and fields that it takes" exits 1 wire QRZ "$fingerprint" --wait 1 --select 'HTTP-010.W.*'
claim "nearly all of them" [ "$(summary fail)" -ge 40 ]
claim "with an unknown key, and without one" exits 1 wire QRZ "$fingerprint" --wait 1 --select 'TLS-003.W.*'
claim "each time" [ "$(summary fail)" = "$(summary cases)" ]
claim "with a session ticket" exits 1 wire QRZ "$fingerprint" --wait 1 --select 'TLS-004.W.n1'
claim "with a frame that breaks the connection" exits 1 wire QRZ "$fingerprint" --wait 1 --select 'HTTP-011.W.n2[45]'
claim "and passes what is lawful" exits 0 wire QRZ "$fingerprint" --select 'HTTP-015.W.*'
claim "with each way to show its certificate" exits 0 wire QRZ "$fingerprint" --select 'TLS-006.W.p*'
claim "and each way to lose its answer" exits 0 wire QRZ "$fingerprint" --select 'ANS-005.W.*'

kill "${pid_of[QRZ]}"
wait "${pid_of[QRZ]}" 2>/dev/null
node "$peers/peer.mjs" serve "$work/QRZ" "$work/QMA/descriptor.xml" "$(tail -n 1 "$work/init")" >"$work/second" 2>&1 &
pid_of[QRZ]=$!
wait_for 30 grep -q "^ready" "$work/second" || fail "the second implementation serves"
claim "the second implementation takes no request that is malformed or not whole" exits 0 wire QRZ "$fingerprint" --select 'HTTP-010.W.*'
claim "whichever way it says so, it is not failed" [ "$(($(summary pass) + $(summary weak)))" = "$(summary cases)" ]
claim "and takes what is lawful" exits 0 wire QRZ "$fingerprint" --select 'HTTP-015.W.*'
claim "the node ends politely" node_stop QRA
