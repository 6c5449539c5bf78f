#!/bin/bash
# Our daemon as a product in each role that the suite has a plan for, and the suite on products woven with defects:
# run.sh BUILD MUTANT REPORTS. REPORTS has of each role ROLE.json, .html, .xml (JUnit) and .tap, the matrix selftest.json, and
# summary.json.
. "$(dirname "$0")/../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/node.sh"
here=$(realpath "$(dirname "$0")")
mutant=$2 reports=$3
mkdir -p "$reports" && reports=$(realpath "$reports")
rm -f "$reports"/*.{json,html,xml,tap}

# What a role needs besides: options of its command.
options_of() {
	case $1 in
	respond) printf '%s\n' --trigger "$here/trigger.sh $work/QRA/api.sock" ;;
	*) ;;
	esac
}
mapfile -t roles < <(sed -n 's/^PLAN(\([a-z]*\),.*/\1/p' "$here/run/plan.def")
mkdir -p "$work"/{offices-,}QRA
full_node QRA
failed=0
for role in "${roles[@]}"; do
	status=0
	mapfile -t options < <(options_of "$role")
	conform_with QRA readmit-conform "$role" --report "$reports/$role.json" "${options[@]}" >"$work/told" 2>&1 || status=$?
	cat "$work/told"
	[ -f "$reports/$role.json" ] || fail "$role has no report"
	claim "$role: the report satisfies its schema" node "$here/report/check.mjs" "$reports/$role.json"
	claim "$role: its other forms" readmit-conform report "$reports/$role.json" --html "$reports/$role.html" \
		--junit "$reports/$role.xml" --tap "$reports/$role.tap"
	[ "$status" = 0 ] && ok "$role: no case fails, and each could be tried" || failed=1
done
claim "the node ends politely" node_stop QRA
readmit-conform trace >"$work/trace" || fail "the trace"
quiet_end=1
bash "$here/selftest/run.sh" "$mutant" "$reports" || failed=1
node "$here/summary.mjs" "$reports" "$work/trace" "$SECONDS" "${roles[@]}" || fail "the summary"
[ "$failed" = 0 ] || fail "the daemon or the suite is not as it should be: $reports"
