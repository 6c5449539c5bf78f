#!/bin/bash
# Each product that is right and differs, with many cases: lawful.sh BUILD [KIND …], kinds of peer/lawful.mjs; without one all of them.
# READMIT_SHARES of them side by side (twice as many as there are processors, since a case waits as much as it works), those with the most
# cases first, so that none is left over at the end. Ends with what took the longest.
. "$(dirname "$0")/../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/turns.sh"
ended() {
	local status=$?
	[ $status -le 128 ] || end_jobs
	return $status
}
trap 'ended; finish' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
here=$(realpath "$(dirname "$0")")
export READMIT_LAWFUL READMIT_LAWFUL_TAKEN=$work/taken READMIT_LAWFUL_CASES=${READMIT_LAWFUL_CASES:-[AEHMOTX]*.R.[np][0-9]*}
# Those that may show anywhere have no cases of their own.
READMIT_LAWFUL=${*:2}
[ -n "$READMIT_LAWFUL" ] || READMIT_LAWFUL=$(node "$here/peer/lawful.mjs" | sort -t $'\t' -sk 4,4 | cut -f 1)
count=$(wc -w <<<"$READMIT_LAWFUL") shares=${READMIT_SHARES:-$((2 * $(nproc)))}

# share N: in a process and a folder of its own, at ports of its own.
share() {
	mkdir "$work/$1"
	READMIT_WORK=$work/$1 READMIT_SLOT=$((${READMIT_SLOT:-0} + $1)) bash "$here/../daemon/test/scenario/lawful.sh" "$build"
}
processes=() failed=0
for ((n = 0; n < shares; n++)); do
	share $n &
	processes+=($!)
done
for process in "${processes[@]}"; do wait "$process" || failed=1; done
# What each share was told of each kind is left in its folder.
cat "$work"/[0-9]*/*.said | sed -n 's/^took \(.*\): \(.*\)/\2: \1/p' | sort -rn >"$work/took"
echo "the longest of $count kinds, in $shares shares:"
head -n 12 "$work/took"
[ $failed = 0 ] || fail "the suite fails a product that is right and differs: $SECONDS s"
claim "each of them was played" [ "$(wc -l <"$work/took")" = "$count" ]
ok "none of $count products that are right and differ fails: $SECONDS s"
