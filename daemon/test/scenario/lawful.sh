#!/bin/bash
# Goal of this scenario: no case of the conformance suite fails a product that is right and differs.
# - products that do otherwise what the specification leaves open (conformance/peer/lawful.mjs) pass all that is tried, and none
#   is called weak: `make conformance` tries each of them, `make conformance-lawful` with more cases
# - some show in few cases alone, which are tried then: what they do for ever, as they may, leaves cases incomplete and fails none, nor
#   does what is wrong by the requirement of another case
# - their broken twins, which do it where it may not be, or for ever, do not pass
# - some are played where the product sends, or below the message
# READMIT_LAWFUL: the kinds that are tried, with their twins; READMIT_LAWFUL_CASES: with which cases.
. "$(dirname "$0")/lib.sh"
peers=$(dirname "$0")/../../../conformance/peer
cases=${READMIT_LAWFUL_CASES:-[AT][NI][SM]-0*.R.[np][0-9]*}
mapfile -t kinds < <(printf '%s\n' ${READMIT_LAWFUL:-busy parting refusing ahead reluctant deferring thorough pages lagging})
twins=(busy ahead)
[ -z "${READMIT_LAWFUL-}" ] || mapfile -t twins < <(node "$peers/lawful.mjs" broken | grep -Fxf <(printf '%s\n' "${kinds[@]}"))

# The summary's alone are numbers.
summary() { sed -n "s/^ *\"$2\": \([0-9]*\),\{0,1\}$/\1/p" "$work/$1.json"; }
begins() { # KIND: one that had keys of its own leaves none behind
	cmp -s "$work/QRZ/descriptor.xml" "$work/usual.xml" || makes
	rm -f "$work/QRZ/log" "$work"/QM[AB]/log-QRZ # it remembers nothing of what the one before was answered, so nothing of it is lost
	node --openssl-config="$peers/openssl.cnf" "$peers/lawful.mjs" "$1" "$work/QRZ" "$work/QMA/descriptor.xml" "$fingerprint" \
		"$work/QMB/descriptor.xml" "$(tail -n 1 "$work/init-second")" >"$work/QRZ/log" 2>&1 &
	pid_of[QRZ]=$!
	wait_for 60 grep -q '^ready' "$work/QRZ/log" || fail "$1 serves"
}
ends() {
	kill "${pid_of[QRZ]}"
	wait "${pid_of[QRZ]}" 2>/dev/null
	unset 'pid_of[QRZ]'
}
makes() {
	"$peers/peer" init "$work/QRZ" --party QRZ --endpoint "https://127.0.0.1:$(free_port)" && cp "$work/QRZ/descriptor.xml" "$work/usual.xml" &&
		"$peers/peer" fingerprint "$work/QRZ" >"$work/usual"
}
root_of_product() { # that of a kind with keys of its own is another
	if cmp -s "$work/QRZ/descriptor.xml" "$work/usual.xml"; then cat "$work/usual"; else "$peers/peer" fingerprint "$work/QRZ"; fi
}
plays() { # NAME ROLE OPTION…
	local options=()
	[ "$2" != respond ] || options=(--second "$work/QMB")
	[ "$2" = wire ] || options+=(--trigger "$peers/peer trigger $work/QRZ")
	readmit-conform "$2" --state "$work/QMA" --peer "$work/QRZ/descriptor.xml" --fingerprint "$(root_of_product)" \
		--report "$work/$1.json" "${options[@]}" --select "${@:3}"
}

none_fails() { # NAME ROLE OPTION…: some may be incomplete
	local status=0
	plays "$@" >"$work/$1.told" 2>&1 || status=$?
	cat "$work/$1.told"
	[ "$status" = 0 ] || [ "$status" = 4 ]
}
none_is_incomplete() { # NAME
	[ "$(summary "$1" incomplete)" = 0 ] || { cat "$work/$1.told"; return 1; }
}

readmit-conform init --state "$work/QMA" --party QMA --endpoint "https://127.0.0.1:$(free_port)" >"$work/init" || fail "a test State"
readmit-conform init --state "$work/QMB" --party QMB >"$work/init-second" || fail "another one, which opens no port"
fingerprint=$(tail -n 1 "$work/init")
makes || fail "a State for the products"
node "$peers/lawful.mjs" >"$work/kinds"
# kind_passes KIND
kind_passes() {
	local kind=$1 requirement words few lasts role=respond
	IFS=$'\x1f' read -r requirement words few lasts < <(sed -n "s/^$kind\t//p" "$work/kinds" | tr '\t' '\037')
	[[ $few != *' '* ]] || read -r role few <<<"$few"
	begins "$kind"
	claim "no case fails of $kind ($requirement): $words" none_fails "$kind" "$role" "${few:-$cases}" ${lasts:+--wait 3}
	cp "$work/out" "$work/told"
	claim "each that is tried passes" [ "$(($(summary "$kind" pass) + $(summary "$kind" incomplete) + $(summary "$kind" not-asked)))" = "$(summary "$kind" cases)" ]
	[ -n "$lasts" ] || claim "which are all" none_is_incomplete "$kind"
	[ "$lasts" != incomplete ] || claim "which are not all" [ "$(summary "$kind" incomplete)" -gt 0 ]
}
# Each of them is tried, whatever one before it came to.
bad=0
for kind in "${kinds[@]}"; do
	(trap ends EXIT; kind_passes "$kind") && continue
	bad=1
	tail -n 25 "$work/QRZ/log" "$work/out" "$work/told"
done
for kind in "${twins[@]}"; do
	begins "$kind-broken"
	claim_not "its broken twin does not pass: $kind" plays "$kind-broken" respond 'TIM-00[23].R.*' --wait 1
	ends
done
[ "$bad" = 0 ] || fail "a product that is right and differs passes"
