#!/bin/bash
# The same cases again and again on one daemon: repeat.sh BUILD ROUNDS [ROLE …]. A suite that fails a product now and then, for
# no fault of it, is believed by nobody: each round must come to what the first came to. Each has States of its own, since a product
# may bound what it does for one State within a day (RXP-HIS-010).
. "$(dirname "$0")/../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/node.sh"
rounds=$2 roles=("${@:3}")
[ ${#roles[@]} -gt 0 ] || roles=(respond wire initiate)

# verdicts FILE: of each case, one a line.
verdicts() { node -e 'for (const c of JSON.parse(require("fs").readFileSync(process.argv[1])).cases) console.log(c.id, c.verdict)' "$1"; }

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
for ((round = 1; round <= rounds; round++)); do
	((round == 1)) || suite_states QRA "${firsts[round]}" "${seconds[round]}" >/dev/null
	for role in "${roles[@]}"; do
		status=0 start=$SECONDS
		mapfile -t options < <(options_of "$role")
		conform_with QRA readmit-conform "$role" "${options[@]}" --report "$work/report.json" >"$work/told" 2>&1 || status=$?
		[ "$status" = 0 ] || { cat "$work/told"; fail "round $round of $role: $status"; }
		verdicts "$work/report.json" >"$work/$role.now"
		[ -f "$work/$role.first" ] || cp "$work/$role.now" "$work/$role.first"
		diff "$work/$role.first" "$work/$role.now" || fail "round $round of $role comes to something else than the first"
		echo "round $round: $(tail -n 1 "$work/told"), $((SECONDS - start)) s"
	done
done
ok "$rounds rounds of ${roles[*]} came to the same: $SECONDS s"
claim "no process of the node was lost" grep -q '^sealers_lost_total .* 0$' <(ctl QRA status)
claim "the node ends politely" node_stop QRA
