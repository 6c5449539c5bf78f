#!/bin/bash
# Goal of this scenario: products that are none fail, each in its way, and the suite comes to an end with each.
# - one that rejects, is silent, echoes or is a web site is no product that could be tested: a configuration with a hint
# - one that goes wrong only after the first message is tried to the end: what it takes and must not fails, what it does not answer
#   is incomplete, and when nothing comes any more the rest is not tried
. "$(dirname "$0")/lib.sh"
peer=$(dirname "$0")/../../../conformance/peer/peer.mjs
degenerate=$(dirname "$0")/../../../conformance/peer/degenerate.mjs
schema=$(dirname "$0")/../../../conformance/report/check.mjs

conform() { # VERB …: the suite as QMA against QRZ
	local verb=$1
	shift
	readmit-conform "$verb" --state "$work/QMA" --peer "$work/QRZ/descriptor.xml" --fingerprint "$(node "$peer" fingerprint "$work/QRZ")" \
		--wait 2 "$@"
}
exits() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ]
}
summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/report.json" "$1"; }
begins() { # KIND GOOD
	rm -f "$work/QRZ/log"
	node "$degenerate" "$1" "$work/QRZ" "$work/QMA/descriptor.xml" "$fingerprint" --good "$2" >"$work/QRZ/log" 2>&1 &
	pid_of[QRZ]=$!
	wait_for 60 grep -q '^ready' "$work/QRZ/log" || fail "$1 serves"
}
ends() {
	kill "${pid_of[QRZ]}"
	wait "${pid_of[QRZ]}" 2>/dev/null
	unset 'pid_of[QRZ]'
}

readmit-conform init --state "$work/QMA" --party QMA --endpoint https://127.0.0.1:1 >"$work/init" || fail "a test State"
fingerprint=$(tail -n 1 "$work/init")
node "$peer" init "$work/QRZ" --party QRZ --endpoint "https://127.0.0.1:$(free_port)" || fail "a State for what is no product"

for kind in reject-all silent echo slow html; do
	begins $kind 0
	claim "$kind is a configuration" exits 3 conform preflight
	cp "$work/out" "$work/told"
	claim "with a hint" grep -q '^ *do: .' "$work/told"
	ends
done

begins accept-all 0
claim "accept-all fails" exits 1 conform respond --select 'SEA-00*' --report "$work/report.json"
cp "$work/out" "$work/told"
claim "with every seal that must not be taken" [ "$(summary fail)" -ge 30 ]
claim "of which each is told" grep -q '^fail *SEA-009.R.n2 ' "$work/told"
claim "the report satisfies its schema" node "$schema" "$work/report.json"
ends
for kind in reject-all silent echo slow html; do
	begins $kind 1
	claim "$kind from the second message on does not pass" exits 4 conform respond --select 'SEA-00*' --report "$work/report.json"
	cp "$work/out" "$work/told-$kind"
	claim "no case does" [ "$(summary pass)$(summary fail)$(summary error)" = 000 ]
	ends
done
for kind in silent slow; do
	claim "$kind is not waited for for ever" grep -q 'not tried: 8 cases in a row waited in vain' "$work/told-$kind"
done
claim_not "what is answered at once is tried to the end" grep -q 'not tried' "$work/told-echo"
begins crash 1
claim "what crashes now and then does not pass" eval '! conform respond --select "[CDES]*" --report "$work/report.json"'
claim "what could be tried is" [ "$(($(summary pass) + $(summary weak) + $(summary fail)))" -ge 50 ]
claim "what met the crash failed or is incomplete" [ "$(($(summary fail) + $(summary incomplete)))" -ge 5 ]
ends
