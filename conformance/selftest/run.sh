#!/bin/bash
# The suite is tested: run.sh BUILD REPORTS [NUMBER SEED]. BUILD is the product that is woven with defects. Two nodes of it share
# those that the cases of receiving find, one has those that show in cases in which it speaks too, one those below the message. Who
# has sent something wrong, or given up, sends in another way from then on, and has messages to be fetched; who took a wrong part of
# keys knows that part: each defect of sending and of fetching, of a loss and of parts of keys, has a node of its own.
# All are tried, or NUMBER that SEED chooses.
# REPORTS/selftest.json is the matrix. READMIT_DEFECTS, if it is set, is a pattern of the ids of those that are tried.
. "$(dirname "$0")/../../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/../node.sh"
. "$(dirname "$0")/../pair.sh"
reports=$2 number=${3-} seed=${4-0}
release=$(realpath "$build/../release")
mkdir -p "$reports" && reports=$(realpath "$reports")

# chosen: the lines of the list that are tried.
chosen() {
	awk -F '\t' -v pattern="${READMIT_DEFECTS:-.}" '$2 ~ pattern' "$build/src/list" |
		if [ -z "$number" ]; then
			cat
		else
			awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' | sort -n | head -n "$number" | cut -f 2-
		fi
}
# start NODE [shut]
start() {
	mkdir -p "$work"/{offices-,}"$1"
	printf '\0\0\0\0' >"$work/$1/switch"
	READMIT_MUTANT=$work/$1/switch full_node "$@"
}
# play NODE LIST NAME OPTION…: these defects, one by one. The suite is the one that is released.
play() {
	local second=(--second "$work/$1/QMB")
	[ "$1" != QSF ] || second=() # it fetches from the one that listens
	conform_with "$1" "$release/bin/readmit-conform" selftest --defects "$2" --switch "$work/$1/switch" \
		"${second[@]}" --report "$reports/selftest-$3.json" --wait 3 "${@:4}"
}
# play_senders NODE LIST [shut]: each on that node anew.
play_senders() {
	local line n=0 failed=0
	local -a way
	while IFS= read -r line <&3; do
		n=$((n + 1))
		start "$1" "${3-}"
		printf '%s\n' "$line" >"$work/$1/list"
		way=(--listen "${listen_of[$1]}")
		[[ $line != *$'\t'RT$'\t'* ]] || way=() # it is asked, and fetches what it gets
		play "$1" "$work/$1/list" "$1-$n" "${way[@]}" \
			--trigger "$(dirname "$0")/../trigger.sh $work/$1/api.sock" >"$work/$1/told" 2>&1 || failed=1
		grep -v '^ok ' "$work/$1/told"
		node_stop "$1" || failed=1
		rm -r "$work"/{offices-,}"$1"
	done 3<"$2"
	return $failed
}

claim_not "what is released has nothing of it" grep -rlE 'READMIT_MUTANT|mutant_now' "$release"/{bin,libexec,lib}
claim "what is woven has" grep -lE 'READMIT_MUTANT' "$build"/libexec/readmitd/{gateway,registry,sealer}
[ -z "$number" ] || ok "$number defects are chosen by the seed $seed"
rm -f "$reports"/selftest*.json
# play_pair LIST ONE OTHER [shut]: those that show between two products only, on two nodes that have each of them together, of which the
# one that sends may open no port.
play_pair() {
	local status=0 one=$2 other=$3
	printf '\0\0\0\0' >"$work/$one.switch"
	export READMIT_MUTANT=$work/$one.switch
	export READMIT_FILE_COMMAND READMIT_TWO
	READMIT_FILE_COMMAND=$(file_command "$one") READMIT_TWO=$(two_documents)
	pair_node "$one" "${4-}" && pair_node "$other" && pair_node_knows "$one" "$other" && pair_node_knows "$other" "$one"
	PATH=$release/bin:$PATH between_above "$one" "$other" --trigger "$(dirname "$0")/../trigger.sh $work/$one/api.sock" --wait 10 \
		--defects "$1" --switch "$work/$one.switch" --report "$reports/selftest-$one.json" || status=$?
	node_stop "$one" && node_stop "$other" || status=1
	return $status
}

for node in QRA QRB QRT QRW; do start "$node"; done
chosen | awk -F '\t' -v work="$work" '
	{ print > (work "/" ($3 == "PF" ? "QPF" : $3 ~ /F/ ? "QSF" : $3 == "S" || $2 ~ /^(PUL-0(02|13)|RCV-00[69]|NOT-006|SEA-014|DSC-0(01|07|37|38))/ ? "QS" (s++ % 2 ? "A" : "B") : $3 == "P" ? "QP" : $3 == "W" ? "QRW" : $3 ~ /T/ ? "QRT" : n++ % 2 ? "QRA" : "QRB") ".list") }'

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

processes=() failed=0
for node in QRA QRB QRT QRW QSA QSB QSF QP QPF; do
	[ -s "$work/$node.list" ] || continue
	case $node in
	QP) play_pair "$work/$node.list" QPA QPB ;;
	QPF) play_pair "$work/$node.list" QPC QPD shut ;;
	QSF) play_senders "$node" "$work/$node.list" shut ;;
	QS?) play_senders "$node" "$work/$node.list" ;;
	QRT) play "$node" "$work/$node.list" "$node" --trigger "$(dirname "$0")/../trigger.sh $work/$node/api.sock" ;;
	*) play "$node" "$work/$node.list" "$node" ;;
	esac >"$work/$node.told" 2>&1 &
	processes+=($!)
done
for process in "${processes[@]}"; do wait "$process" || failed=1; done
cat "$work"/Q*.told
node -e '
const [out, ...parts] = process.argv.slice(1), fs = require("fs");
const all = parts.map((file) => JSON.parse(fs.readFileSync(file)));
const sum = (name) => all.reduce((n, part) => n + part[name], 0);
fs.writeFileSync(out, JSON.stringify({ mutants: sum("mutants"), killed: sum("killed"), tried: sum("tried"),
	matrix: all.flatMap((part) => part.matrix) }, null, 1));
for (const file of parts) fs.unlinkSync(file);' "$reports/selftest.json" "$reports"/selftest-Q*.json || fail "the matrix"
claim "each defect is found by a case of its requirement" [ "$failed" = 0 ]
