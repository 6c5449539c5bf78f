#!/bin/bash
# Goal of this scenario: no case of the conformance suite fails a product that is right and differs.
# - products that do otherwise what the specification leaves open (conformance/peer/lawful.mjs) pass all that is tried, and none
#   is called weak: `make conformance` tries each of them with more cases
# - their broken twins, which do it where it may not be, or for ever, do not pass
# READMIT_LAWFUL: the kinds that are tried; READMIT_LAWFUL_CASES: with which cases.
. "$(dirname "$0")/lib.sh"
peers=$(dirname "$0")/../../../conformance/peer
cases=${READMIT_LAWFUL_CASES:-[AT][NI][SM]-0*.R.[np][0-9]*}
mapfile -t kinds < <(printf '%s\n' ${READMIT_LAWFUL:-busy parting refusing ahead})
twins=(busy ahead)
[ -z "${READMIT_LAWFUL-}" ] || mapfile -t twins < <(node "$peers/lawful.mjs" broken)

summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/$1.json" "$2"; }
begins() { # KIND
	rm -f "$work/QRZ/log"
	node --openssl-config="$peers/openssl.cnf" "$peers/lawful.mjs" "$1" "$work/QRZ" "$work/QMA/descriptor.xml" "$fingerprint" >"$work/QRZ/log" 2>&1 &
	pid_of[QRZ]=$!
	wait_for 10 grep -q '^ready' "$work/QRZ/log" || fail "$1 serves"
}
ends() {
	kill "${pid_of[QRZ]}"
	wait "${pid_of[QRZ]}" 2>/dev/null
	unset 'pid_of[QRZ]'
}
respond() { # NAME OPTION…
	readmit-conform respond --state "$work/QMA" --peer "$work/QRZ/descriptor.xml" --fingerprint "$("$peers/peer" fingerprint "$work/QRZ")" \
		--report "$work/$1.json" --trigger "$peers/peer trigger $work/QRZ" --select "${@:2}"
}

none_fails() { # NAME OPTION…: some may want a second State
	local status=0
	respond "$@" || status=$?
	[ "$status" = 0 ] || [ "$status" = 4 ]
}

readmit-conform init --state "$work/QMA" --party QMA --endpoint https://127.0.0.1:1 >"$work/init" || fail "a test State"
fingerprint=$(tail -n 1 "$work/init")
"$peers/peer" init "$work/QRZ" --party QRZ --endpoint "https://127.0.0.1:$(free_port)" || fail "a State for the products"
for kind in "${kinds[@]}"; do
	begins "$kind"
	claim "no case fails: $(node "$peers/lawful.mjs" | sed -n "s/^$kind\t//p")" none_fails "$kind" "$cases"
	claim "each that is tried passes" [ "$(($(summary "$kind" pass) + $(summary "$kind" incomplete)))" = "$(summary "$kind" cases)" ]
	claim "which are all but those that take a second State" [ "$(summary "$kind" incomplete)" -le 4 ]
	ends
done
for kind in "${twins[@]}"; do
	begins "$kind-broken"
	claim_not "its broken twin does not pass: $kind" respond "$kind-broken" 'TIM-00[23].R.*' --wait 1
	ends
done
