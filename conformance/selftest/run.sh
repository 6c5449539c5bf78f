#!/bin/bash
# The suite is tested: run.sh BUILD REPORTS [NUMBER SEED]. BUILD is the product that is woven with defects; two of it, side by
# side, have each every other defect, or each every other of NUMBER that SEED chooses. REPORTS/selftest.json is the matrix.
. "$(dirname "$0")/../../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/../node.sh"
reports=$2 number=${3-} seed=${4-0}
release=$(realpath "$build/../release")
mkdir -p "$reports" "$work"/{offices-,}{QRA,QRB} && reports=$(realpath "$reports")

# chosen: the lines of the list that are tried.
chosen() {
	if [ -z "$number" ]; then
		cat "$build/src/list"
	else
		awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' "$build/src/list" | sort -n | head -n "$number" | cut -f 2-
	fi
}
# play NODE: its share of the defects, one by one. The suite is the one that is released.
play() {
	conform_with "$1" "$release/bin/readmit-conform" selftest --defects "$work/$1/list" --switch "$work/$1/switch" \
		--report "$reports/selftest-$1.json" --wait 3 >"$work/$1/told" 2>&1
}

claim_not "what is released has nothing of it" grep -rlE 'READMIT_MUTANT|mutant_now' "$release"/{bin,libexec,lib}
claim "what is woven has" grep -lE 'READMIT_MUTANT' "$build"/libexec/readmitd/{gateway,registry,sealer}
[ -z "$number" ] || ok "$number defects are chosen by the seed $seed"
chosen | awk -v a="$work/QRA/list" -v b="$work/QRB/list" '{ print > (NR % 2 ? a : b) }'
for node in QRA QRB; do
	printf '\0\0\0\0' >"$work/$node/switch"
	READMIT_MUTANT=$work/$node/switch full_node "$node"
done

# What the test itself is worth.
printf 'mutant SEA-001.m1 a text that stands nowhere\n  in protocol/seal/kind.c\n  good nowhere\n  bad 0\n' >"$work/wrong.mutants"
claim_not "a row whose text is not there is not woven" awk -f "$(dirname "$0")/../mutant/weave.awk" -v out="$work" "$work/wrong.mutants"
cp "$work/out" "$work/told"
claim "which is told by its name" grep -q 'SEA-001.m1: its text stands not at all in protocol/seal/kind.c' "$work/told"
sed -i 's/nowhere$/return/' "$work/wrong.mutants"
claim_not "nor is one whose text stands more than once" awk -f "$(dirname "$0")/../mutant/weave.awk" -v out="$work" "$work/wrong.mutants"
printf '99999\tSEA-009.m99\tR\tfail\tno defect at all\n' >"$work/none"
claim_not "what is no defect survives" conform_with QRA "$release/bin/readmit-conform" selftest --defects "$work/none" --switch "$work/QRA/switch"
cp "$work/out" "$work/told"
claim "which is told" grep -q '^survived   SEA-009.m99 ' "$work/told"

play QRA &
first=$!
play QRB
second_status=$?
wait "$first"
first_status=$?
cat "$work"/QR?/told
node -e '
const [out, ...parts] = process.argv.slice(1), fs = require("fs");
const all = parts.map((file) => JSON.parse(fs.readFileSync(file)));
const sum = (name) => all.reduce((n, part) => n + part[name], 0);
fs.writeFileSync(out, JSON.stringify({ mutants: sum("mutants"), killed: sum("killed"), tried: sum("tried"),
	matrix: all.flatMap((part) => part.matrix) }, null, 1));
for (const file of parts) fs.unlinkSync(file);' "$reports/selftest.json" "$reports"/selftest-QR?.json || fail "the matrix"
claim "each defect is found by a case of its requirement" [ "$first_status$second_status" = 00 ]
