#!/bin/bash
# Goal of this scenario: no case of the conformance suite fails a product that is right and differs.
# - products that do otherwise what the specification leaves open (conformance/peer/lawful.mjs) pass all that is tried, and none
#   is called weak: `make conformance` tries each of them, `make conformance-lawful` with more cases
# - some show in few cases alone, which are tried then: what they do for ever, as they may, leaves cases incomplete and fails none, nor
#   does what is wrong by the requirement of another case
# - their broken twins, which do it where it may not be, or for ever, do not pass
# - some are played where the product sends, or below the message
# READMIT_LAWFUL: the kinds that are tried; READMIT_LAWFUL_CASES: with which cases; READMIT_LAWFUL_TAKEN: a folder in which scripts that
# are played side by side note which of them they have taken, so that each is played once.
. "$(dirname "$0")/lib.sh"
peers=$(dirname "$0")/../../../conformance/peer
cases=${READMIT_LAWFUL_CASES:-[AT][NI][SM]-0*.R.[np][0-9]*}
taken=${READMIT_LAWFUL_TAKEN:-$work/taken}
mapfile -t kinds < <(printf '%s\n' ${READMIT_LAWFUL:-busy parting refusing ahead reluctant deferring thorough pages lagging})

# The summary's alone are numbers.
summary() { sed -n "s/^ *\"$2\": \([0-9]*\),\{0,1\}$/\1/p" "$work/$1.json"; }
begins() { # KIND: one that had keys of its own leaves none behind
	cmp -s "$work/QRZ/descriptor.xml" "$work/usual.xml" || makes
	rm -f "$work/QRZ/log" "$work"/QM[AB]/log-QRZ # it remembers nothing of what the one before was answered, so nothing of it is lost
	node --openssl-config="$peers/openssl.cnf" "$peers/lawful.mjs" "$1" "$work/QRZ" "$work/QMA/descriptor.xml" "$fingerprint" \
		"$work/QMB/descriptor.xml" "$(tail -n 1 "$work/init-second")" >"$work/QRZ/log" 2>&1 &
	pid_of[QRZ]=$!
	wait_for 200 grep -q "^ready" "$work/QRZ/log" || fail "$1 serves"
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
	[ "$2" != respond ] || cut -f 1,6 "$work/kinds" | grep -Fxq "$1	fetches" || options=(--second "$work/QMB")
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
# part_passes KIND ROLE CASES
part_passes() {
	claim "no case fails of $1 ($requirement): $words" none_fails "$1" "$2" "$3" ${lasts:+--wait 3}
	cp "$work/out" "$work/told"
	claim "each that is tried passes" [ "$(($(summary "$1" pass) + $(summary "$1" incomplete) + $(summary "$1" not-asked)))" = "$(summary "$1" cases)" ]
	[ -n "$lasts" ] || claim "which are all" none_is_incomplete "$1"
	[ "$lasts" != incomplete ] || claim "which are not all" [ "$(summary "$1" incomplete)" -gt 0 ]
}
kind_passes() { # KIND
	local requirement words few lasts part role parts more
	IFS=$'\x1f' read -r requirement words few lasts more < <(sed -n "s/^$1\t//p" "$work/kinds" | tr '\t' '\037')
	IFS=';' read -ra parts <<<"${few:-$cases}"
	begins "$1"
	for part in "${parts[@]}"; do
		role=respond
		read -r part <<<"$part"
		[[ $part =~ ^[a-z] ]] && read -r role part <<<"$part"
		part_passes "$1" "$role" "$part"
	done
}
twin_is_found() {
	begins "$1-broken"
	claim_not "its broken twin does not pass: $1" plays "$1-broken" respond 'TIM-00[23].R.*' --wait 1
}
has_twin() { node "$peers/lawful.mjs" broken | grep -Fxq "$1"; }
# tries COMMAND KIND: whatever it comes to, its product ends.
tries() { (trap ends EXIT; "$@") && return; tail -n 25 "$work/QRZ/log" "$work/out" "$work/told"; return 1; }
# What one is told of stands together, whoever else is played meanwhile.
tries_both() {
	tries kind_passes "$1"
	local status=$?
	! has_twin "$1" || tries twin_is_found "$1" || status=1
	return $status
}
# Each of them is tried, whatever one before it came to. The seconds are those of a clock, and of a processor for the product and the suite.
mkdir -p "$taken"
bad=0 TIMEFORMAT='%R s, %U + %S of a processor'
for kind in "${kinds[@]}"; do
	mkdir "$taken/$kind" 2>/dev/null || continue
	{ time tries_both "$kind" >"$work/$kind.said" 2>&1 || bad=1; } 2>"$work/took"
	echo "took $kind: $(cat "$work/took")" >>"$work/$kind.said"
	cat "$work/$kind.said"
done
[ "$bad" = 0 ] || fail "a product that is right and differs passes"
