#!/bin/bash
# The same cases again and again: repeat.sh BUILD ROUNDS [ROLE …]. A suite that fails a product now and then, for no fault of it, is
# believed by nobody: each round must come to what the first came to. The rounds are shared by NODES nodes side by side (one more
# than there are processors, since a case waits as much as it works), so that the machine is as busy as it gets. Each round has
# States of its own, since a product may bound what it does for one State within a day (RXP-HIS-010).
. "$(dirname "$0")/../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/node.sh"
rounds=$2 roles=("${@:3}")
[ ${#roles[@]} -gt 0 ] || roles=(respond)

# verdicts FILE: of each case, one a line.
verdicts() { node -e 'for (const c of JSON.parse(require("fs").readFileSync(process.argv[1])).cases) console.log(c.id, c.verdict)' "$1"; }

# share N: the rounds of the Nth node, in a process and a folder of its own.
share() {
	mkdir "$work/$1"
	READMIT_WORK=$work/$1 READMIT_SLOT=$1 READMIT_REPEAT_NODE=$1 NODES='' \
		bash "$0" "$build" $((rounds / nodes + ($1 < rounds % nodes))) "${roles[@]}"
}
if [ -z "${READMIT_REPEAT_NODE-}" ]; then
	nodes=${NODES:-$(($(nproc) + 1))}
	((nodes <= rounds)) || nodes=$rounds
	failed=0 shares=()
	for ((n = 0; n < nodes; n++)); do
		share $n &
		shares+=($!)
	done
	for process in "${shares[@]}"; do wait "$process" || failed=1; done
	[ $failed = 0 ] || fail "not all rounds came to the same"
	for ((n = 1; n < nodes; n++)); do
		for role in "${roles[@]}"; do
			diff "$work/0/$role.first" "$work/$n/$role.first" || fail "node $n comes to something else than node 0"
		done
	done
	ok "$rounds rounds of ${roles[*]} on $nodes nodes came to the same: $SECONDS s"
	exit
fi

mkdir -p "$work"/{offices-,}QRA
full_node QRA
trigger="$(realpath "$(dirname "$0")")/trigger.sh $work/QRA/api.sock"
# options_of ROLE: what makes the node send, and the second State.
options_of() {
	case $1 in
	respond) printf '%s\n' --second "$work/QRA/${second_of[QRA]}" --trigger "$trigger" ;;
	initiate) printf '%s\n' --trigger "$trigger" ;;
	esac
}
most=103 # rounds: firsts are QMC to QPZ, seconds QSC to QVZ
[ "$rounds" -le $most ] || fail "at most $most rounds: a product takes so many States"
firsts=(Q{M..P}{A..Z}) seconds=(Q{S..V}{A..Z})
# play ROLE: its cases once; what is otherwise than in the first round is printed.
play() {
	local status=0
	mapfile -t options < <(options_of "$1")
	conform_with QRA readmit-conform "$1" "${options[@]}" --report "$work/report.json" >"$work/told" 2>&1 || status=$?
	[ "$status" = 0 ] || { cat "$work/told"; return 1; }
	verdicts "$work/report.json" >"$work/$1.now"
	[ -f "$work/$1.first" ] || cp "$work/$1.now" "$work/$1.first"
	diff "$work/$1.first" "$work/$1.now"
}
otherwise=0 # rounds of a role; those after one of them are played all the same
for ((round = 1; round <= rounds; round++)); do
	((round == 1)) || suite_states QRA "${firsts[round]}" "${seconds[round]}" >/dev/null
	for role in "${roles[@]}"; do
		start=$SECONDS
		play "$role" || otherwise=$((otherwise + 1))
		echo "node $READMIT_REPEAT_NODE, round $round: $(tail -n 1 "$work/told"), $((SECONDS - start)) s"
	done
done
claim "node $READMIT_REPEAT_NODE: $rounds rounds of ${roles[*]} came to the same: $SECONDS s" [ $otherwise = 0 ]
claim "no process of the node was lost" grep -q '^sealers_lost_total .* 0$' <(ctl QRA status)
claim "the node ends politely" node_stop QRA
