#!/bin/bash
# The suite is tested: run.sh BUILD REPORTS [NUMBER SEED]. BUILD is the product that is woven with defects. Two nodes of it share
# those that the cases of receiving find, one has those that show in cases in which it speaks too, one those below the message. Who
# has sent something wrong, or given up, sends in another way from then on, and has messages to be fetched; who took a wrong part of
# keys knows that part: each defect of sending and of fetching, of a loss and of parts of keys, has a node as it was made.
# All are tried, or NUMBER that SEED chooses. One that survives is tried once more, alone on a node as it was made: a moment in which
# the machine was busy is enough for it. What is found then counts if its case passes without it twice (--again).
# REPORTS/selftest.json is the matrix. READMIT_DEFECTS, if it is set, is a pattern of the ids of those that are tried. Cases are
# tried until one has found the defect; READMIT_MATRIX=whole tries all of its requirement.
. "$(dirname "$0")/../../daemon/test/scenario/lib.sh"
. "$(dirname "$0")/../node.sh"
. "$(dirname "$0")/../pair.sh"
. "$(dirname "$0")/../turns.sh"
here=$(dirname "$0") reports=$2 number=${3-} seed=${4-0} again=
release=$(realpath "$build/../release")
mkdir -p "$reports" && reports=$(realpath "$reports")
turns_make 12

# chosen: the lines of the list that are tried.
chosen() {
	awk -F '\t' -v pattern="${READMIT_DEFECTS:-.}" '$2 ~ pattern' "$build/src/list" |
		if [ -z "$number" ]; then
			cat
		else
			awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' | sort -n | head -n "$number" | cut -f 2-
		fi
}

# --- nodes with a switch ---------------------------------------------------------------------------
# start NODE [shut]
start() {
	mkdir -p "$work"/{offices-,}"$1"
	printf '\0\0\0\0' >"$work/$1/switch"
	READMIT_MUTANT=$work/$1/switch full_node "$@"
}
# start_anew NODE [shut]: as it was made, which it is once, with the States of the suite that it knows: keys take the longest of it.
start_anew() {
	if [ ! -d "$work/new-$1" ]; then
		start "$@" && node_stop "$1" && cp -a "$work/$1" "$work/new-$1" || fail "$1 is made"
	else
		rm -r "${work:?}/$1" && cp -a "$work/new-$1" "$work/$1" || fail "$1 is made anew"
	fi
	READMIT_MUTANT=$work/$1/switch node_start "$1"
}
# play NODE LIST NAME OPTION…: these defects, one by one. The suite is the one that is released.
play() {
	conform_with "$1" "$release/bin/readmit-conform" selftest --defects "$2" --switch "$work/$1/switch" \
		--report "$reports/selftest-$3.json" --wait 3 ${READMIT_MATRIX:+--whole} $again "${@:4}"
}
trigger_of() { echo "$here/../trigger.sh $work/$1/api.sock"; }

# --- the ways to try a list of them: WAY NODE LIST NAME --------------------------------------------------
# on_one: all on one node.
on_one() {
	start "$1" && play "$1" "$2" "$3" --second "$work/$1/QMB" "${@:4}"
	node_stop "$1"
}
on_one_with_desk() { on_one "$@" --trigger "$(trigger_of "$1")"; }
# on_new [shut]: each on that node as it was made. One that opens no port fetches from the suite, which listens.
on_new() {
	local line n=0 failed=0
	local -a way
	while IFS= read -r line <&3; do
		n=$((n + 1))
		start_anew "$1" "${4-}"
		printf '%s\n' "$line" >"$work/$1.one"
		way=(--listen "${listen_of[$1]}")
		[[ $line != *$'\t'RT$'\t'* ]] || way=() # it is asked, and fetches what it gets
		[ "${4-}" = shut ] || way+=(--second "$work/$1/QMB")
		play "$1" "$work/$1.one" "$3-$n" "${way[@]}" --trigger "$(trigger_of "$1")"
		node_stop "$1" || failed=1
	done 3<"$2"
	return $failed
}
on_new_shut() { on_new "$@" shut; }
# between_two [shut]: those that show between two products only, on two nodes that have each of them together, of which the
# one that sends may open no port.
between_two() {
	local one=$1 other=Q$(tr PT OU <<<"${1:1:1}")${1:2} status=0
	printf '\0\0\0\0' >"$work/$one.switch"
	export READMIT_MUTANT=$work/$one.switch
	export READMIT_FILE_COMMAND READMIT_TWO
	READMIT_FILE_COMMAND=$(file_command "$one") READMIT_TWO=$(two_documents)
	pair_node "$one" "${4-}" && pair_node "$other" && pair_node_knows "$one" "$other" && pair_node_knows "$other" "$one"
	PATH=$release/bin:$PATH between_above "$one" "$other" --trigger "$(trigger_of "$one")" --wait 10 \
		--defects "$2" --switch "$work/$one.switch" --report "$reports/selftest-$3.json" $again
	node_stop "$one" && node_stop "$other" || status=1
	return $status
}
between_two_shut() { between_two "$@" shut; }

# --- what the test itself is worth -------------------------------------------------------------------
claim_not "what is released has nothing of it" grep -rlE 'READMIT_MUTANT|mutant_now' "$release"/{bin,libexec,lib}
claim "what is woven has" grep -lE 'READMIT_MUTANT' "$build"/libexec/readmitd/{gateway,registry,sealer}
[ -z "$number" ] || ok "$number defects are chosen by the seed $seed"
rm -f "$reports"/selftest*.json
printf 'mutant SEA-001.m1 a text that stands nowhere\n  in protocol/seal/kind.c\n  good nowhere\n  bad 0\n' >"$work/wrong.mutants"
claim_not "a row whose text is not there is not woven" awk -f "$here/../mutant/weave.awk" -v out="$work" "$work/wrong.mutants"
cp "$work/out" "$work/told"
claim "which is told by its name" grep -q 'SEA-001.m1: its text stands not at all in protocol/seal/kind.c' "$work/told"
sed -i 's/nowhere$/return/' "$work/wrong.mutants"
claim_not "nor is one whose text stands more than once" awk -f "$here/../mutant/weave.awk" -v out="$work" "$work/wrong.mutants"
# What `make conformance` does when somebody ends it: a script with a folder of its own has a product up, which is in none of this.
# ended HOW: with `end_jobs` before the rest, or `:`
ended() {
	local script
	cat >"$work/inner.sh" <<-'INNER'
		. "$LIB"
		node -e 'setInterval(() => {}, 1000)' >"$work/log" 2>&1 &
		pid_of[QRZ]=$!
		echo $! >"$TOLD.new" && mv "$TOLD.new" "$TOLD"
		wait
	INNER
	cat >"$work/outer.sh" <<-OUTER
		. "\$LIB"
		. "$here/../turns.sh"
		trap '$1; finish' EXIT
		trap 'exit 143' TERM
		turns_make 1
		in_turn env READMIT_WORK= timeout --foreground 60 bash "$work/inner.sh" "$build" >"\$work/told" &
		wait
	OUTER
	rm -f "$work/product"
	LIB=$here/../../daemon/test/scenario/lib.sh TOLD=$work/product READMIT_WORK='' READMIT_TURNS='' bash "$work/outer.sh" "$build" >"$work/ended" &
	script=$!
	wait_for 20 [ -s "$work/product" ] || fail "a script has a product up"
	kill -TERM "$script"
	wait_for 10 eval '! kill -0 "$(cat "$work/product")"'
}
claim "whoever ends it leaves no product behind" ended end_jobs
# no_defect NODE
no_defect() {
	printf '99999\tSEA-009.m99\tR\tfail\tno defect at all\n' >"$work/none"
	start "$1"
	! conform_with "$1" "$release/bin/readmit-conform" selftest --defects "$work/none" --switch "$work/$1/switch" >"$work/$1.said"
	node_stop "$1" || fail "$1 ends"
	grep -q '^survived   SEA-009.m99 ' "$work/$1.said" || fail "what is no defect survives, which is told"
	ok "what is no defect survives, which is told"
}

# --- all of them -------------------------------------------------------------------------------------
# The way and the node of each, before its line. What waits the most comes first.
chosen >"$work/chosen"
awk -F '\t' -v OFS='\t' -v senders="$(($(wc -l <"$work/chosen") / 100 + 2))" '
	function some(stem, n, i) { return stem substr("ABCDEFGH", i % n + 1, 1) }
	$3 == "PF" { print "between_two_shut", "QPC", $0; next }
	$3 == "P" { print "between_two", "QPA", $0; next }
	$3 ~ /F/ { print "on_new_shut", "QVA", $0; next }
	$3 == "S" || $2 ~ /^(PUL-0(02|13)|RCV-00[69]|NOT-006|SEA-014|DSC-0(0[167]|1[34]|37|38))/ { print "on_new", some("QS", senders, s++), $0; next }
	$3 == "W" { print "on_one", "QRW", $0; next }
	$3 ~ /T/ { print "on_one_with_desk", "QRT", $0; next }
	{ print "on_one", some("QR", 2, r++), $0 }' "$work/chosen" >"$work/ways"
jobs=()
# job NAME COMMAND…
job() {
	in_turn "${@:2}" >"$work/$1.told" 2>&1 &
	jobs+=($!)
}
wait_for_jobs() {
	local job
	for job in "${jobs[@]}"; do wait "$job" || failed=1; done
	jobs=()
}
failed=0
while IFS=$'\t' read -r way node; do
	awk -F '\t' -v node="$node" '$2 == node' "$work/ways" | cut -f 3- >"$work/$node.list"
	job "$node" "$way" "$node" "$work/$node.list" "$node"
done < <(cut -f 1,2 "$work/ways" | sort -u)
job QRN no_defect QRN
wait_for_jobs
cat "$work"/Q*.told | grep -v '^ok  '

# --- once more ---------------------------------------------------------------------------------------
most=12 # many survive if the suite is no good
parts=("$reports"/selftest-*.json)
node "$here/matrix.mjs" left "$work/chosen" "${parts[@]}" >"$work/left"
[ ! -s "$work/left" ] || echo "        $(wc -l <"$work/left") were not found, and are tried once more, $most of them at most"
letters=({A..Z}) again=--again
while IFS= read -r line <&4; do
	node=QT${letters[${#jobs[@]}]}
	printf '%s\n' "$line" >"$work/$node.list"
	way=$(awk -F '\t' -v line="$line" 'substr($0, length($1 $2) + 3) == line { print $1 }' "$work/ways")
	job "$node" "$way" "$node" "$work/$node.list" "again-$node"
done 4< <(head -n "$most" "$work/left")
wait_for_jobs
[ ! -s "$work/left" ] || cat "$work"/QT*.told | grep -v '^ok  '
shopt -s nullglob
late=("$reports"/selftest-again-*.json)
node "$here/matrix.mjs" left "$work/chosen" "${parts[@]}" "${late[@]}" >"$work/left"
node "$here/matrix.mjs" write "$reports/selftest.json" "$work/chosen" "${parts[@]}" "${late[@]}" || fail "the matrix"
claim "each defect is found by a case of its requirement" [ ! -s "$work/left" ]
[ "$failed" = 0 ] || fail "each node was made, and ended politely"
