#!/bin/bash
# Our daemon as a product in each role that the suite has a plan for, and the suite on products woven with defects:
# run.sh BUILD MUTANT REPORTS. REPORTS has of each role ROLE.json, .html, .xml (JUnit) and .tap, the matrix selftest.json, and
# summary.json; of each role but documents a tester's ROLE.statement, its signature ROLE.statement.p7s and tester.crt.
. "$(dirname "$0")/../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/pair.sh"
here=$(realpath "$(dirname "$0")")
mutant=$2 reports=$3
mkdir -p "$reports" && reports=$(realpath "$reports")
rm -f "$reports"/*.{json,html,xml,tap,statement,p7s,crt}
mapfile -t roles < <(sed -n 's/^PLAN(\([a-z]*\),.*/\1/p' "$here/run/plan.def")
declare -A process_of

# options_of ROLE NODE: what a role needs besides.
options_of() {
	case $1 in
	respond) printf '%s\n' --second "$work/$2/QMB" --trigger "$here/trigger.sh $work/$2/api.sock" ;;
	initiate) printf '%s\n' --trigger "$here/trigger.sh $work/$2/api.sock" ;;
	*) ;;
	esac
}
# play ROLE NODE: a node of its own for each role, since the answers that one gives are not what another waits for. Documents
# need none.
play() {
	local options
	mapfile -t options < <(options_of "$1" "$2")
	if [ "$1" = doc ]; then
		readmit-conform doc --report "$reports/$1.json"
	elif [ "$1" = proxy ]; then
		play_pairs
	else
		conform_with "$2" readmit-conform "$1" --report "$reports/$1.json" "${options[@]}"
	fi >"$work/$1.told" 2>&1 &
	process_of[$1]=$!
}
# play_pairs: two nodes, of which the report is; and a node with the second implementation, either way. One pair behind the other: each
# product waits in its own way.
play_pairs() {
	local status=0 some
	export READMIT_FILE_COMMAND READMIT_TWO
	READMIT_FILE_COMMAND=$(file_command QPA) READMIT_TWO=$(two_documents)
	between_above QPA QPB --trigger "$here/trigger.sh $work/QPA/api.sock" --report "$reports/proxy.json" || status=$?
	for some in '[!AL]*' 'AN*' 'LOG-002*'; do # it has no files, and reads no log
		between_above QPZ QPB --select "$some" --trigger "$second trigger $work/QPZ" || status=$?
	done
	READMIT_FILE_COMMAND=$(file_command QPB)
	between_above QPB QPZ --trigger "$here/trigger.sh $work/QPB/api.sock" || status=$?
	return $status
}
make_pairs() {
	pair_node QPA
	pair_node QPB
	pair_node_knows QPA QPB
	pair_node_knows QPB QPA
	second_node QPZ
	second_serves QPZ peer QPB
	pair_node_knows QPB QPZ
	nodes+=(QPA QPB)
}
nodes=()
for role in "${roles[@]}"; do
	node=QR$(printf '%s' "$role" | tr 'a-z' 'A-Z' | cut -c 1)
	[ "$role" != proxy ] || make_pairs
	[ "$role" = doc ] || [ "$role" = proxy ] || { mkdir -p "$work"/{offices-,}"$node" && full_node "$node" && nodes+=("$node"); }
	play "$role" "$node"
done

# Products that are right and differ, and the suite itself, meanwhile.
failed=0
READMIT_WORK='' READMIT_LAWFUL=$(node "$here/peer/lawful.mjs" | cut -f 1) READMIT_LAWFUL_CASES='[AEHMOTX]*.R.[np][0-9]*' \
	bash "$here/../daemon/test/scenario/lawful.sh" "$build" >"$work/lawful.told" 2>&1 &
lawful=$!
bash "$here/selftest/run.sh" "$mutant" "$reports" || failed=1

wait "$lawful" || failed=1
grep -v '^ok - no process' "$work/lawful.told"
for role in "${roles[@]}"; do
	status=0
	wait "${process_of[$role]}" || status=$?
	grep -v '^ok ' "$work/$role.told"
	[ -f "$reports/$role.json" ] || fail "$role has no report"
	claim "$role: the report satisfies its schema" node "$here/report/check.mjs" "$reports/$role.json"
	claim "$role: its other forms" readmit-conform report "$reports/$role.json" --html "$reports/$role.html" \
		--junit "$reports/$role.xml" --tap "$reports/$role.tap"
	[ "$status" = 0 ] && ok "$role: no case fails, and each could be tried" || failed=1
done
# A node of its own for each role is a product of its own, so that each is stated alone.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tester.key" -out "$reports/tester.crt" -days 30 \
	-subj "/CN=A tester" 2>/dev/null || fail "a tester's key"
for role in "${roles[@]}"; do
	[ "$role" != doc ] || continue
	claim "$role: a tester states what it came to" readmit-conform statement "$reports/$role.json" --key "$work/tester.key" \
		--certificate "$reports/tester.crt" --out "$reports/$role.statement"
	claim "$role: openssl verifies that" openssl cms -verify -binary -inform DER -in "$reports/$role.statement.p7s" \
		-content "$reports/$role.statement" -CAfile "$reports/tester.crt" -purpose any
done
for node in "${nodes[@]}"; do claim "$node ends politely" node_stop "$node"; done
readmit-conform trace >"$work/trace" || fail "the trace"
node "$here/summary.mjs" "$reports" "$work/trace" "$SECONDS" "${roles[@]}" || fail "the summary"
[ "$failed" = 0 ] || fail "the daemon or the suite is not as it should be: $reports"
