#!/bin/bash
# Goal of this scenario: States stay in exchange whatever they lose. A player makes up a history: documents go each way, in
# cases old and new; databases are copied; nodes lose their last hour, their last day or everything, with a word that says so or
# without one, during a recovery as well, and both of two as well; nodes are off; hours go by. Then all are on, and people do
# what the rules leave to them alone.
# In one of three histories QRB opens no port and fetches; in every other one QRA has a second peer, which is mostly dead.
# - no document is lost that either side held after the last loss, none is doubled, no place in a case is taken twice
# - each has the receipt, octet for octet, that either side held
# - each hold ends, by itself or where a rule wants a person
# - the logs agree, the timelines agree, and the evidence of each case verifies
# READMIT_SEED and READMIT_HISTORY_SECONDS: as it was, or longer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"
seed=${READMIT_SEED:-$$} seconds=${READMIT_HISTORY_SECONDS:-60}
last_words="seed: $seed, seconds: $seconds"
echo "$last_words"
RANDOM=$seed
ahead_ms=0
parties=(QRA QRB) pairs=("QRA QRB")
declare -A copies=() # of each party, from the oldest on
any() { echo "${@:1+RANDOM%$#:1}"; }
story() { echo "$((SECONDS))s +$((ahead_ms / 3600000))h: $*" | tee -a "$work/story" >>"${READMIT_STORY:-/dev/null}"; }
is_running() { [ -n "${pid_of[$1]-}" ]; }
pass_ms() {
	local party
	ahead_ms=$((ahead_ms + $1)) ahead=$((ahead_ms / 86400000))
	for party in "${parties[@]}"; do printf '%s' "$ahead_ms" >"$work/$party/clock"; done
}
peers_of() {
	local pair
	for pair in "${pairs[@]}"; do [[ " $pair " != *" $1 "* ]] || tr ' ' '\n' <<<"$pair" | grep -vx "$1"; done
}

# --- what is held: message, direction and receipt of each document of a case, by the databases of both ------------------------
frozen() { pkill "-$2" -P "${pid_of[$1]}"; kill "-$2" "${pid_of[$1]}"; }
# readable PARTY: a copy of its database that can be read, whether it runs or not; its name is printed.
readable() {
	rm -rf "$work/look/$1" && mkdir -p "$work/look/$1"
	if [ -f "$work/$1/data/readmit.db" ]; then
		! is_running "$1" || frozen "$1" STOP # as after a power cut: nobody else may read what a node has open
		cp "$work/$1/data"/readmit.db* "$work/look/$1"
		! is_running "$1" || frozen "$1" CONT
	else
		sqlite3 "$work/look/$1/readmit.db" "CREATE TABLE outbox (peer, message_id, answer, case_id, received_ms);
			CREATE TABLE answer (peer, message_id, octets, refusal); CREATE TABLE inbox (peer, message_id, case_id)"
	fi
	echo "$work/look/$1/readmit.db"
}
# held_by PARTY PEER DATABASE: lines "FROM MESSAGE RECEIPT". One that has a receipt and no document is here as well, since it is
# the receipt that must not be given twice.
held_by() {
	sqlite3 -separator ' ' "$3" "SELECT '$1', hex(message_id), hex(answer) FROM outbox WHERE peer = '$2' AND case_id IS NOT NULL
		AND answer IS NOT NULL AND received_ms IS NOT NULL;
		SELECT '$2', hex(a.message_id), hex(a.octets) FROM answer a JOIN inbox i ON i.peer = a.peer AND i.message_id = a.message_id
		WHERE a.peer = '$2' AND i.case_id IS NOT NULL AND a.refusal = ''" | while read -r from message receipt; do
		echo "$from $message $(md5sum <<<"$receipt" | cut -c 1-12)"
	done
}
# hold A B: what they hold of one another now is what must not be lost from now on.
hold() { { held_by "$1" "$2" "$(readable "$1")"; held_by "$2" "$1" "$(readable "$2")"; } | sort -u >"$work/held-$1-$2"; }
hold_all_of() {
	local pair
	for pair in "${pairs[@]}"; do [[ " $pair " != *" $1 "* ]] || hold $pair; done
}

# --- what the player does -----------------------------------------------------------------------------------------------------
submit() { # FROM TO FILE OPTION…
	ctl "$1" --json message send "$3" --to "$2" "${officers[@]}" "${@:4}" >"$work/sent" 2>&1 ||
		{ story "$1 does not take $(basename "$3"): $(head -n 1 "$work/sent")"; return 1; }
	story "$1 sends $2 $(basename "$3" .xml)"
}
cases_of() { ctl "$1" --json case list --limit 100 2>/dev/null | tr -d '\n ' | grep -o '{[^{}]*}' | grep "\"peer\":\"$2\"" | value_all case_id; }
value_all() { grep -o "\"$1\":\"[^\"]*\"" | cut -d '"' -f 4; }
play_send() {
	local from to known
	from=$(any "${parties[@]}")
	is_running "$from" || return
	to=$(any $(peers_of "$from"))
	known=($(cases_of "$from" "$to"))
	if [ ${#known[@]} = 0 ] || [ $((RANDOM % 4)) = 0 ]; then
		submit "$from" "$to" "$(ahead=$ahead fresh "$examples/application-single.xml")"
	else
		# Which of the two may be said now is for the desk to know.
		case=$(any "${known[@]}")
		submit "$from" "$to" "$work/supplement-request.xml" --case "$case" || submit "$from" "$to" "$work/supplement.xml" --case "$case"
	fi
}
play_ping() {
	local from
	from=$(any "${parties[@]}")
	! is_running "$from" || ctl "$from" peer test "$(any $(peers_of "$from"))" --wait 1 >/dev/null 2>&1
}
play_pause() { wait_for "$(any 1 1 2 4)" false || true; }
play_copy() {
	local party name
	party=$(any "${parties[@]}")
	[ -d "$work/$party/data" ] && [ "$(wc -w <<<"${copies[$party]}")" -lt 6 ] || return
	name=copy-$SECONDS-$RANDOM
	if is_running "$party"; then
		node_kill "$party"
		cp -a "$work/$party/data" "$work/$party/$name"
		node_start "$party"
	else
		cp -a "$work/$party/data" "$work/$party/$name"
	fi
	copies[$party]+=" $name"
	story "$party is copied: $name"
}
# lose PARTY: to a copy, of which later ones are gone with the disk, or everything. It is on, or not, afterwards.
lose() {
	local party=$1 how name peer kept=
	how=$(any last last old nothing)
	[ -n "${copies[$party]}" ] || how=nothing
	! is_running "$party" || node_kill "$party"
	rm -rf "$work/$party/data"
	case $how in
	last) name=${copies[$party]##* } ;;
	old) name=$(any ${copies[$party]}) ;;
	esac
	if [ "$how" = nothing ]; then
		copies[$party]=
		story "$party loses everything"
	else
		cp -a "$work/$party/$name" "$work/$party/data"
		for peer in ${copies[$party]}; do
			kept+=" $peer"
			[ "$peer" != "$name" ] || break
		done
		copies[$party]=$kept
		[ $((RANDOM % 2)) = 0 ] && mark "$party" && [ "$(id -u)" = 0 ] && chown nobody "$work/$party/data"/*
		story "$party goes back to $name"
	fi
}
comes_up() { # PARTY: its people add again whom it does not know any more
	local party=$1 peer
	node_start "$party"
	for peer in $(peers_of "$party"); do
		ctl "$party" peer show "$peer" >/dev/null 2>&1 || ctl "$party" peer add "$work/$peer/descriptor.xml" \
			--fingerprint "$(fingerprint_of "$peer")" >/dev/null 2>&1
	done
}
play_loss() {
	local party second=
	party=$(any "${parties[@]}")
	lose "$party"
	[ $((RANDOM % 4)) != 0 ] || { second=$(any $(peers_of "$party")) && lose "$second"; }
	[ $((RANDOM % 5)) = 0 ] || comes_up "$party"
	[ -z "$second" ] || [ $((RANDOM % 5)) = 0 ] || comes_up "$second"
	hold_all_of "$party"
	[ -z "$second" ] || hold_all_of "$second"
	losses=$((losses + 1))
}
play_power() {
	local party
	party=$(any "${parties[@]}")
	if ! is_running "$party"; then
		story "$party comes up"
		comes_up "$party"
	else
		story "$party goes down"
		node_kill "$party"
	fi
}
play_time() {
	local hours
	hours=$(any 1 2 7 26)
	story "$hours hours go by"
	pass_ms $((hours * 3600000))
}

# --- the end: people do what the rules leave to them --------------------------------------------------------------------------
items() { tr -d '\n ' | grep -o '{[^{}]*}' | grep -v '^{"items":\[\]'; }
queue() { ctl "$1" --json queue list --limit 100 | items; }
parked() { queue "$1" | grep '"state":"parked"' | value_all local_id; }
# open_rows PARTY: what waits, and what stands: a loss that is open here or of a peer, and whatever is a person's matter.
open_rows() {
	queue "$1" || true
	ctl "$1" --json recovery list | items | grep -v '"stage":"over"'
	ctl "$1" --json status | items | grep '"alarm"'
}
at_rest() {
	local party
	for party in "${parties[@]}"; do
		ctl "$party" --json queue list --limit 100 >/dev/null && [ -z "$(open_rows "$party")" ] || return 1
	done
}
# stands PARTY ALARM PEER
stands() { ctl "$1" --json status | items | grep "\"peer\":\"$3\"" | grep -q "\"alarm\":\"$2"; }
# differs PARTY PEER: what nobody noted, each kind once.
differs() { ctl "$1" --json log list | items | grep "\"peer\":\"$2\"" | grep '"noted":null' | value_all what | sort -u; }
# people_of PARTY: whatever is parked they take back or give up; then, where a hold is stuck, they have compared and end it; where
# something had no place they ask for it again; where the log of a peer is another one, its people say what they know (RXP-RCV-020); and
# where it had named a message that nobody knows any more, which no word of its owner explains (RXP-LOG-026), they note that.
people_of() {
	local party=$1 peer id waits
	waits=$(parked "$party")
	for id in $waits; do
		story "$party's people take back $(ctl "$party" --json message show "$id" | tr -d '\n ' | grep -oE '"(type|last_error)":[^,]*' | tr '\n' ' ')"
		ctl "$party" message void "$id" --yes >/dev/null 2>&1 || ctl "$party" queue discard "$id" --yes >/dev/null 2>&1
	done
	[ -z "$waits" ] || return
	for peer in $(peers_of "$party"); do
		if stage_is "$party" "$peer" stuck; then
			story "$party's people end the hold with $peer: $(ctl "$party" --json history list --peer "$peer" | items | tr '\n' ' ')" \
				"$(ctl "$party" --json recovery list --peer "$peer" | items | tr '\n' ' ')"
			ctl "$party" recovery confirm "$peer" --yes >/dev/null 2>&1
			confirmed+=" $party"
		elif stands "$party" history- "$peer"; then
			ctl "$party" history ask "$peer" >/dev/null 2>&1
		elif [[ " $begun " == *" $peer "* ]] && stands "$party" logs-differ "$peer" && [ "$(differs "$party" "$peer")" = entry-unknown ]; then
			story "$party's people note that $peer's log had named what is not known: $peer lost something, as its people said"
			ctl "$party" log note "$peer" >/dev/null 2>&1
			noted+=" $party"
		elif stands "$party" logs-differ "$peer"; then
			story "$party asks $peer's people, who say that they lost something: $(ctl "$party" --json log list | items | grep "\"peer\":\"$peer\"" | grep -o '"what":"[^"]*"' | tr '\n' ' ')"
			ctl "$peer" recovery begin "$party" --yes >/dev/null 2>&1 || ctl "$peer" recovery begin "$party" >/dev/null 2>&1
			begun+=" $peer"
		fi
	done
}
confirmed= begun= noted=
settle() {
	local round party peer
	for party in "${parties[@]}"; do is_running "$party" || comes_up "$party"; done
	for round in {1..9}; do
		for party in "${parties[@]}"; do
			for peer in $(peers_of "$party"); do ctl "$party" peer test "$peer" --wait 2 >/dev/null 2>&1; done
		done
		! wait_for 40 at_rest || return 0
		story "round $round is over, and not all is at rest: $(for party in "${parties[@]}"; do open_rows "$party"; done | grep -oE '"(alarm|stage|type|state|peer)":"[^"]*"' | tr '\n' ' ')"
		[ $round -lt 2 ] || for party in "${parties[@]}"; do people_of "$party"; done
		pass_ms 7200000
	done
	return 1
}
for_both() { # COMMAND: of each pair, either way
	local pair a b
	for pair in "${pairs[@]}"; do
		read -r a b <<<"$pair"
		$1 "$a" "$b" && $1 "$b" "$a" || return 1
	done
}
tell() { cat "$work/story"; for party in "${parties[@]}"; do queue "$party"; ctl "$party" recovery list; ctl "$party" log list; done; }

node_make QRA
if [ $((seed % 3)) = 0 ]; then
	echo "QRB opens no port"
	node_pulls QRB
else
	node_make QRB
fi
[ $((seed % 2)) = 0 ] || { node_make QRC && parties+=(QRC) pairs+=("QRA QRC"); }
for party in "${parties[@]}"; do
	copies[$party]=
	node_start "$party"
done
knows() { peer_with "$1" "$2"; }
claim "they become peers" for_both knows
begins() { [ "$1" = QRC ] || sent=$(submit "$1" "$2" "$(fresh "$examples/application-single.xml")"); }
for_both begins
losses=0 deadline=$((SECONDS + seconds))
while [ $SECONDS -lt $deadline ]; do
	$(any play_send play_send play_send play_send play_send play_send play_pause play_pause play_ping play_copy play_copy play_loss play_power play_time)
done
echo "losses: $losses, hours: $((ahead_ms / 3600000))"
settle || { tell; fail "all is at rest in the end"; }
ok "all is at rest in the end; people ended the holds of:${confirmed:- nobody}, said that something was lost at:${begun:- nobody}, and noted at:${noted:- nobody}"

# held_still A B: both hold all that either held, with its receipt.
held_still() {
	local a b wrong
	a=$(held_by "$1" "$2" "$(readable "$1")" | sort -u) b=$(held_by "$2" "$1" "$(readable "$2")" | sort -u)
	[ "$a" = "$b" ] || { echo "$1 (<) and $2 (>) differ:"; diff <(echo "$a") <(echo "$b"); wrong=1; }
	[ ! -f "$work/held-$1-$2" ] || [ -z "$(comm -23 "$work/held-$1-$2" <(echo "$a"))" ] || {
		echo "lost at $1:"; comm -23 "$work/held-$1-$2" <(echo "$a"); wrong=1; }
	[ -z "$(cut -d ' ' -f 2 <<<"$a" | uniq -d)" ] || { echo "doubled"; wrong=1; }
	[ -z "${wrong-}" ]
}
for pair in "${pairs[@]}"; do claim "$pair: no document is lost or doubled, and each has its receipt" held_still $pair || tell; done
agree() {
	local case
	for case in $(cases_of "$1" "$2"); do
		cmp <(ctl "$1" case timeline "$case" --canonical) <(ctl "$2" case timeline "$case" --canonical) || { echo "of $case"; return 1; }
	done
}
claim "the timelines agree" for_both agree
log_check() { ctl "$1" log check "$2" || { ctl "$1" log list; return 1; }; }
shown() { pulls "$2" || [ $((seed % 3)) = 0 ] && [ "$2" = QRB ] || log_check "$1" "$2"; }
claim "the logs agree" for_both shown
proves() {
	local case
	for case in $(cases_of "$1" "$2"); do
		rm -f "$work/case.asice"
		ctl "$1" evidence export "$case" --reason review --out "$work/case.asice" >"$work/exported" 2>&1 ||
			{ grep -q "nothing to prove" "$work/exported" && continue; }
		readmit-verify "$work/case.asice" --root "$1=$(fingerprint_of "$1")" --root "$2=$(fingerprint_of "$2")" >"$work/verdict" ||
			{ cat "$work/exported" "$work/verdict"; return 1; }
	done
}
claim "the evidence verifies" for_both proves
goes_on() { submit "$1" "$2" "$(ahead=$ahead fresh "$examples/application-single.xml")" && wait_for 15 state_is "$1" "$(value local_id <"$work/sent")" delivered; }
claim "and they go on" for_both goes_on
