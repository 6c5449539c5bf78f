#!/bin/bash
# Goal of this scenario: copies of the second implementation that are wrong in one way each fail, by the case that is meant to find it.
# - conformance/peer/wrong.mjs has them: answers that say too much or what is not so, another way to refuse, a log that is not true,
#   what is forgotten, mixed between two States, or taken twice
# - READMIT_WRONG=all plays those too that are more of the same, READMIT_WRONG="NAME…" those alone
# - the right one passes the same cases (90-conform)
. "$(dirname "$0")/lib.sh"
wrong=$(dirname "$0")/../../../conformance/peer/wrong.mjs
declare -A told_of

# Two are played at a time, each by States of its own, whose keys may roll over.
for own in QMA QMC; do
	readmit-conform init --state "$work/$own" --party $own --endpoint "https://127.0.0.1:$(free_port)" >"$work/$own.init" || fail "a test State"
done
for own in QMB QMD; do
	readmit-conform init --state "$work/$own" --party $own >"$work/$own.init" || fail "another one"
done
claim "what is changed in each stands in its file" node "$wrong" check
claim_not "a text that does not stand in its file is no copy" node "$wrong" make nothing "$work/nothing"

# reads NAME CASE: a copy that reads the vectors of files says of that one what is not so.
reads() {
	[ -f "$work/$1/conformance/peer/vectors.mjs" ] || node "$wrong" make "$1" "$work/$1" || return 1
	node "$work/$1/conformance/peer/vectors.mjs" "$work/vectors" >"$work/$1/told"
	grep -q "^$2 " "$work/$1/told"
}
# plays NAME SELECT CASE OWN SECOND: with a copy in a folder of its own; it ends with its product.
plays() {
	[ "$2" != vectors ] || { reads "$1" "$3"; return; }
	local dir=$work/$1 peer=$work/$1/conformance/peer/peer status=0 product role=(respond --second "$work/$5")
	[[ $3 != *.S.* ]] || role=(initiate)
	rm -f "$work/$4/log-QRZ" "$work/$5/log-QRZ" # what another copy was answered is none of this one's
	node "$wrong" make "$1" "$dir" && "$peer" init "$dir/QRZ" --party QRZ --endpoint "https://127.0.0.1:${port_of[$1]}" || return 1
	node --openssl-config="$(dirname "$peer")/openssl.cnf" "$peer.mjs" serve "$dir/QRZ" "$work/$4/descriptor.xml" "$(tail -n 1 "$work/$4.init")" \
		"$work/$5/descriptor.xml" "$(tail -n 1 "$work/$5.init")" >"$dir/log" 2>&1 &
	product=$!
	wait_for 60 grep -q '^ready' "$dir/log" || status=9
	[ $status = 0 ] && readmit-conform "${role[@]}" --state "$work/$4" --peer "$dir/QRZ/descriptor.xml" \
		--fingerprint "$("$peer" fingerprint "$dir/QRZ")" --trigger "$peer trigger $dir/QRZ" --wait 5 --select "$2" >"$dir/told" 2>&1 || status=$?
	kill "$product"
	wait "$product" 2>/dev/null
	[ $status = 1 ] && grep -q "^fail  *$3 " "$dir/told" && return
	sed 's/^/# /' "$dir/told" | head -n 20
	return 1
}

mapfile -t rows < <(node "$wrong" list ${READMIT_WRONG-})
if [[ ${rows[*]} == *$'\tvectors\t'* ]]; then
	claim "there are vectors" readmit-conform vectors "$work/vectors"
	node -e 'const fs = require("fs"), [file] = process.argv.slice(1), index = JSON.parse(fs.readFileSync(file));
index.vectors = index.vectors.filter(({ given }) => given.mediaType); fs.writeFileSync(file, JSON.stringify(index));' "$work/vectors/index.json"
fi
# Two at a time; each is tried, whatever came of one before.
missed=()
for ((i = 0; i < ${#rows[@]}; i += 2)); do
	states=(QMA QMB QMC QMD)
	for row in "${rows[@]:i:2}"; do
		IFS=$'\t' read -r name select case is <<<"$row"
		port_of[$name]=$(free_port)
		plays "$name" "$select" "$case" "${states[@]:0:2}" >"$work/$name.out" 2>&1 &
		states=("${states[@]:2}")
		told_of[$name]=$!
	done
	for row in "${rows[@]:i:2}"; do
		IFS=$'\t' read -r name select case is <<<"$row"
		wait "${told_of[$name]}" && ok "$name is found by $case: $is" && continue
		cat "$work/$name.out"
		missed+=("$name")
	done
done
[ ${#missed[@]} = 0 ] || fail "each is found, but not: ${missed[*]}"
