#!/bin/bash
# Our daemon as a product in each role that the suite has a plan for; the suite on products woven with defects, and on products that
# are right and differ; the second implementation with every case, and copies of it that are wrong, or none at all:
# run.sh BUILD MUTANT REPORTS. REPORTS has of each role ROLE.json, .html, .xml (JUnit) and .tap, the matrix selftest.json, and, whatever
# came of it all, summary.json; of each role but documents a tester's ROLE.statement, its signature ROLE.statement.p7s and tester.crt.
# All of it is begun at once, what takes the longest first, and takes turns.
. "$(dirname "$0")/../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/pair.sh"
. "$(dirname "$0")/turns.sh"
here=$(realpath "$(dirname "$0")")
scenarios=$here/../daemon/test/scenario
mutant=$2 reports=$3
mkdir -p "$reports" && reports=$(realpath "$reports")
rm -f "$reports"/*.{json,html,xml,tap,statement,p7s,crt}
mapfile -t roles < <(sed -n 's/^PLAN(\([a-z]*\),.*/\1/p' "$here/run/plan.def")

# Whoever ends this, the summary says what there is: then all that was begun is ended too, and the suite writes what it has.
none_runs() { [ -z "$(jobs -pr)" ]; }
sum_up() {
	local status=$?
	[ "$status" -le 128 ] || { end_jobs; wait_for 40 none_runs; }
	readmit-conform trace >"$work/trace"
	node "$here/summary.mjs" "$reports" "$work/trace" "$SECONDS" "$failed" "$work"/*.took -- "${roles[@]}" || status=1
	return $status
}
failed=1
trap 'trap "" INT TERM; sum_up; finish' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# --- jobs --------------------------------------------------------------------------------------------
declare -A job_of
# job NAME COMMAND…: what it says is in NAME.told; NAME.took has the seconds that it took, and those of a processor for the command and
# for the kernel.
job() {
	"${@:2}" >"$work/$1.told" 2>&1 &
	job_of[$1]=$!
}
timed() { # NAME COMMAND…
	local status=0 TIMEFORMAT='%R %U %S'
	{ time "${@:2}" 2>&3 || status=$?; } 3>&2 2>"$work/$1.took"
	return $status
}
job_in_turn() { job "$1" in_turn timed "$@"; }
# apart SLOT NAME COMMAND…: a script that works in a folder of its own, at ports of its own.
apart() { READMIT_WORK='' READMIT_SLOT=$1 timed "${@:2}"; }

# --- the roles ---------------------------------------------------------------------------------------
# options_of ROLE NODE: what a role needs besides.
options_of() {
	case $1 in
	respond) printf '%s\n' --second "$work/$2/QMB" --trigger "$here/trigger.sh $work/$2/api.sock" ;;
	initiate) printf '%s\n' --trigger "$here/trigger.sh $work/$2/api.sock" ;;
	*) ;;
	esac
}
# play ROLE: with a node of its own, since the answers that one gives are not what another waits for. Documents need none.
play() {
	local options status=0 node
	node=QR$(printf '%s' "$1" | tr 'a-z' 'A-Z' | cut -c 1)
	[ "$1" != doc ] || { readmit-conform doc --report "$reports/doc.json"; return; }
	[ "$1" != proxy ] || { play_pairs; return; }
	mkdir -p "$work"/{offices-,}"$node"
	full_node "$node"
	mapfile -t options < <(options_of "$1" "$node")
	conform_with "$node" readmit-conform "$1" --report "$reports/$1.json" "${options[@]}" || status=$?
	node_stop "$node" || fail "$node ends politely"
	return $status
}
# play_pairs: two nodes, of which the report is; and a node with the second implementation, either way. One pair behind the other: each
# product waits in its own way.
play_pairs() {
	local status=0 some
	make_pairs
	export READMIT_FILE_COMMAND READMIT_TWO
	READMIT_FILE_COMMAND=$(file_command QPA) READMIT_TWO=$(two_documents)
	between_above QPA QPB --trigger "$here/trigger.sh $work/QPA/api.sock" --report "$reports/proxy.json" || status=$?
	for some in '[!AL]*' 'AN*' 'LOG-002*'; do # it has no files, and reads no log
		between_above QPZ QPB --select "$some" --trigger "$second trigger $work/QPZ" || status=$?
	done
	READMIT_FILE_COMMAND=$(file_command QPB)
	between_above QPB QPZ --trigger "$here/trigger.sh $work/QPB/api.sock" || status=$?
	second_ends QPZ
	node_stop QPA && node_stop QPB || fail "a pair ends politely"
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
}

# --- all of it ---------------------------------------------------------------------------------------
turns_make "${READMIT_AT_ONCE:-$((6 * $(nproc)))}"
job selftest apart 1 selftest bash "$here/selftest/run.sh" "$mutant" "$reports"
job_in_turn respond play respond
others=(selftest)
# other NAME SLOT SCRIPT: with the second implementation. One that hangs ends some time.
other() {
	job "$1" in_turn apart "$2" "$1" timeout --foreground 1500 bash "$scenarios/$3" "$build"
	others+=("$1")
}
export READMIT_LAWFUL READMIT_LAWFUL_TAKEN=$work/lawful READMIT_WHOLE=1
READMIT_LAWFUL=$(node "$here/peer/lawful.mjs" | awk -F "\t" '$7 != "long" { print $1 }')
for part in 0 1 2 3 4; do
	other "lawful-$part" "$((part + 2))" lawful.sh
done
other conform 7 90-conform.sh
other wrong 8 wrong.sh
other degenerate 9 degenerate.sh
for role in "${roles[@]}"; do [ "$role" = respond ] || job_in_turn "$role" play "$role"; done

bad=0
# holds TEXT COMMAND…: a claim whose end does not end the rest.
holds() { (claim "$@") || bad=1; }
for name in "${others[@]}"; do
	status=0
	wait "${job_of[$name]}" || status=$?
	grep -v '^ok - \|^took ' "$work/$name.told"
	holds "$name: $(grep -c '^ok - ' "$work/$name.told") claims in $(cut -d . -f 1 "$work/$name.took") s" [ "$status" = 0 ]
done
for role in "${roles[@]}"; do
	status=0
	wait "${job_of[$role]}" || status=$?
	grep -v '^ok ' "$work/$role.told"
	holds "$role: no case fails, and each could be tried" [ "$status" = 0 ]
	[ -f "$reports/$role.json" ] || continue
	holds "$role: the report satisfies its schema" node "$here/report/check.mjs" "$reports/$role.json"
	holds "$role: its other forms" readmit-conform report "$reports/$role.json" --html "$reports/$role.html" \
		--junit "$reports/$role.xml" --tap "$reports/$role.tap"
done
# A node of its own for each role is a product of its own, so that each is stated alone.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tester.key" -out "$reports/tester.crt" -days 30 \
	-subj "/CN=A tester" 2>/dev/null || fail "a tester's key"
for role in "${roles[@]}"; do
	[ "$role" != doc ] && [ -f "$reports/$role.json" ] || continue
	holds "$role: a tester states what it came to" readmit-conform statement "$reports/$role.json" --key "$work/tester.key" \
		--certificate "$reports/tester.crt" --out "$reports/$role.statement"
	holds "$role: openssl verifies that" openssl cms -verify -binary -inform DER -in "$reports/$role.statement.p7s" \
		-content "$reports/$role.statement" -CAfile "$reports/tester.crt" -purpose any
done
failed=$bad
[ "$failed" = 0 ] || fail "the daemon or the suite is not as it should be: $reports"
