#!/bin/bash
# Goal of this scenario: two States stay in exchange whatever becomes of their keys. A player makes up a history: it rolls the
# seal, TLS, root and office keys of either State, listed beside the old ones, from one moment to the next, revoked; lets
# days or months go by, with one node or both off; kills nodes; carries descriptors late, out of order, by file or not at
# all; sends documents with attachments and behind one another; loses answers. Then both are on, and people do what the rules
# leave to them: they carry the descriptors, and decide on what is parked.
# In one of three histories QRB opens no port and fetches.
# - no document is lost or doubled: each is receipted, or finally refused or parked for a reason that the rules name
# - nothing is accepted under a seal that the rules exclude, by what the receiver knew of it
# - a peer's identity part is never replaced by an older one
# - the logs agree, and the evidence of each case verifies
# READMIT_SEED and READMIT_HISTORY_SECONDS: as it was, or longer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
check=$(dirname "$0")/../fault/check.sh
examples=$(dirname "$0")/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
seed=${READMIT_SEED:-$$} seconds=${READMIT_HISTORY_SECONDS:-25}
last_words="seed: $seed, seconds: $seconds"
echo "$last_words"
on_root_machine || fail "the clock of the root's machine"
other() { [ "$1" = QRA ] && echo QRB || echo QRA; }
any() { echo "${@:1+RANDOM%$#:1}"; }
story() { echo "day $day: $*" | tee -a "$work/story" >>"${READMIT_STORY:-/dev/null}"; }
tell() { tail -n 60 "$work/story"; }

# --- keys: the folders that the latest part of a party lists, and the one in use ---
declare -A listed used announced
made=0
new_key() { # PARTY KIND: in $key
	made=$((made + 1)) key=$work/$1/$2-$made
	readmit-pki "$2" new --party "$1" --out "$key" >/dev/null || fail "a new key"
}
# seals_left PARTY HOW FOLDER…: they are in its latest part no more.
seals_left() {
	local folder
	for folder in "${@:3}"; do
		echo "$(cert_digest "$folder/seal.crt") ${part_of[$1]} $(now_ms) $2" >>"$work/$1/left"
	done
}
cert_digest() { sed '/^---/d' "$1" | base64 -d | sha256sum | cut -d ' ' -f 1; }
roll() { # PARTY KIND HOW
	local party=$1 kind=$2 how=$3 folder options=() gone=()
	case $how in
	add)
		[ "$(wc -w <<<"${listed[$party,$kind]}")" -lt 4 ] || return
		new_key "$party" "$kind"
		options=(--"$kind"-cert "$key/$kind.crt")
		listed[$party,$kind]+=" $key"
		;;
	use)
		used[$party,$kind]=${listed[$party,$kind]##* }
		;;
	drop | replace | revoke)
		[ "$how" = drop ] || { new_key "$party" "$kind"; options=(--"$kind"-cert "$key/$kind.crt"); }
		for folder in ${listed[$party,$kind]}; do
			[ "$how$folder" != "drop${used[$party,$kind]}" ] || continue
			options+=(--retire-"$kind" "$folder/$kind.crt")
			gone+=("$folder")
		done
		[ "$how" = drop ] || used[$party,$kind]=$key
		listed[$party,$kind]=${used[$party,$kind]}
		[ "$how" != revoke ] || options+=(--revoked-since "$(day_time)")
		;;
	esac
	[ ${#options[@]} = 0 ] || sign "$party" identity next "${options[@]}"
	[ "$kind" != seal ] || seals_left "$party" "$how" "${gone[@]}"
	put_keys "$party" "${used[$party,seal]}"/seal.* "${used[$party,tls]}"/tls.*
}
roll_root() {
	if [ -n "${announced[$1]-}" ]; then
		root_of[$1]=${announced[$1]}
		sign "$1" root change
		announced[$1]=
	else
		new_key "$1" root
		sign "$1" root announce --next-root "$key/root.crt"
		announced[$1]=$key
	fi
	put_keys "$1"
}
roll_office() {
	made=$((made + 1))
	readmit-pki office-key new --office HEALTH --out "$work/$1/office-$made" >/dev/null || fail "an office's key"
	sign "$1" identity next --office NODE --office HEALTH --office-key "HEALTH=$work/$1/office-$made/HEALTH.pub"
	put_keys "$1"
}
takes_keys() { # PARTY: a running node comes to use what is in its directory
	is_running "$1" || return
	if [ $((RANDOM % 2)) = 0 ]; then
		node_stop "$1"
		node_start "$1"
	else
		kill -HUP "${pid_of[$1]}"
		wait_for 10 served "$1" || {
			ctl "$1" status
			wait_for 30 served "$1" && echo "part ${part_of[$1]} came late" || echo "part ${part_of[$1]} did not come within 40 s"
			fail "$1 takes its keys"
		}
	fi
}

# --- what the player does ---
play_roll() {
	local party kind how
	party=$(any QRA QRB)
	case $((RANDOM % 10)) in
	0 | 1 | 2 | 3) kind=seal how=$(any add use use drop drop replace revoke) ;;
	4 | 5 | 6) kind=tls how=$(any add use use drop replace) ;;
	7 | 8) kind=root how= ;;
	9) kind=office how= ;;
	esac
	[ "${part_of[$party]}" -lt 40 ] || return
	story "$party rolls $kind $how"
	if [ $kind = root ]; then roll_root "$party"; elif [ $kind = office ]; then roll_office "$party"; else roll "$party" $kind "$how"; fi
	takes_keys "$party"
}
play_time() {
	local days
	days=$(any 0 1 1 3 8 8 20 33 45 100)
	story "$days days go by"
	later "$days"
}
play_power() {
	local party
	party=$(any QRA QRB)
	if ! is_running "$party"; then
		story "$party comes up"
		node_start "$party"
	elif [ $((RANDOM % 2)) = 0 ]; then
		story "$party is killed"
		node_kill "$party"
	else
		story "$party goes down"
		node_stop "$party" || fail "$party ends"
	fi
}
family=(--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer)
submit() { # PARTY FILE OPTION…
	ctl "$1" --json message send "$(ahead=$day fresh "$examples/$2")" --to "$(other "$1")" "${officers[@]}" "${@:3}" \
		>"$work/sent" 2>&1 || { story "$1 does not take $2: $(head -n 1 "$work/sent")"; return 1; }
	value local_id <"$work/sent" >>"$work/accepted.$1"
}
play_send() {
	local party
	party=$(any QRA QRB)
	is_running "$party" || return
	case $((RANDOM % 4)) in
	0) submit "$party" application-family.xml "${family[@]}" ;;
	1) submit "$party" application-family.xml "${family[@]}" &&
		submit "$party" withdrawal.xml --case "$(value case_id <"$work/sent")" ;;
	2) ctl "$party" peer test "$(other "$party")" --wait 1 >/dev/null 2>&1 ;;
	*) submit "$party" application-single.xml ;;
	esac
	story "$party sends"
}
# A file goes from one to the other; its answers come back, or are lost.
play_bag() {
	local party to
	party=$(any QRA QRB)
	to=$(other "$party")
	is_running "$party" && is_running "$to" || return
	rm -f "$work"/{bag,answers}.tar
	ctl "$party" bundle export "$to" --out "$work/bag.tar" >/dev/null 2>&1 || return
	ctl "$to" bundle import "$work/bag.tar" --out "$work/answers.tar" >/dev/null 2>&1
	if [ -f "$work/answers.tar" ] && [ $((RANDOM % 3)) = 0 ]; then
		ctl "$party" bundle import "$work/answers.tar" >/dev/null 2>&1
		story "$party has a bag carried, and the answers"
	else
		story "$party has a bag carried, and the answers are lost"
	fi
}
# A node that takes other keys breaks off what its former processes were answering.
known_part() {
	wait_for 10 eval "ctl $1 --json peer show $2 >'$work/peer'" || fail "$1 says what it knows of $2"
	grep -o '"identity_serial": *[0-9]*' "$work/peer" | grep -o '[0-9]*$'
}
# A descriptor of any time before is carried.
play_carry() {
	local party before file
	party=$(any QRA QRB)
	for file in QRA QRB; do ! is_running $file || ! served $file || cp "$work/$file/latest.xml" "$work/pool/$file-${part_of[$file]}"; done
	is_running "$party" || return
	file=$(any "$work/pool/$(other "$party")"-*)
	[ -f "$file" ] || return
	before=$(known_part "$party" "$(other "$party")")
	ctl "$party" peer update "$(other "$party")" "$file" --yes >/dev/null 2>&1
	[ "$(known_part "$party" "$(other "$party")")" -ge "$before" ] || fail "$party never goes back behind part $before"
	story "$party is given ${file##*/}"
}

# --- the end: people do what the rules leave to them ---
queue() { ctl "$1" --json queue list --limit 100 | tr -d '\n' | grep -o '{[^{}]*}' | grep '"local_id"'; }
waits() { queue "$1" | wc -l; }
parked() { queue "$1" | grep '"state": *"parked"' | while read -r row; do value local_id <<<"$row"; done; }
drained() { [ "$(waits QRA)" = 0 ] && [ "$(waits QRB)" = 0 ]; }
# nothing_moves: all that waits is parked, or a draft behind it.
nothing_moves() { ! { queue QRA; queue QRB; } | grep -v '"state": *"\(parked\|draft\)"' | grep -q .; }
carry() { # PARTY: the other's newest descriptor, under the fingerprint that people compare if the chain is lost
	local to=$1 from
	from=$(other "$1")
	served "$from" || return
	ctl "$to" peer update "$from" "$work/$from/latest.xml" --yes >"$work/carried" 2>&1
	! grep -q "chain is broken, or lacks" "$work/carried" || {
		story "$to compares the root of $from anew"
		ctl "$to" peer distrust "$from" --yes
		ctl "$to" peer add "$work/$from/latest.xml" --fingerprint "$(fingerprint_of "$from")"
		echo "{\"event\":\"peer_identity\",\"serial\":${part_of[$from]}," >>"$work/$to/log"
	} >/dev/null 2>&1
}
# excused PARTY ID: may what is parked stay so? Its seal is revoked, or retired for more than 31 days; or time has made what
# it says too old.
excused() {
	local row why created line
	row=$(queue "$1" | grep "$2")
	why=$(value last_error <<<"$row")
	echo "$1 $(value type <<<"$row") parked: $why" >>"$work/why"
	created=$(date -u -d "$(value created <<<"$row")" +%s%3N)
	case $why in *"has become too old"*) return 0 ;; esac
	while read -r line; do
		set -- "$1" "$2" $line
		[ "$created" -gt "$5" ] || [ "$6" != revoke ] || return 0
		[ "$created" -gt "$5" ] || [ $(($(now_ms) - $5)) -lt $((31 * 86400000)) ] || return 0
	done < <(cat "$work/$1/left" 2>/dev/null)
	echo "$1 $2 parked: $why, created $created"
	return 1
}
settle() {
	local round party id
	for party in QRA QRB; do is_running $party || node_start $party; done
	for round in {1..14}; do # what waits behind much else, and is refused until it is parked, takes as many hours
		for party in QRA QRB; do
			[ $round -gt 2 ] || for id in $(parked $party); do ctl $party queue requeue "$id" >/dev/null 2>&1; done
			ctl $party peer test "$(other $party)" --wait 2 >/dev/null 2>&1
		done
		wait_for 8 drained && return
		[ $round -lt 3 ] || ! nothing_moves || return
		[ $round -lt 2 ] || for party in QRA QRB; do carry $party; done
		pass_ms $((2 * 3600000)) # to a sender an hour is an hour, after Expires
	done
}
# give_up: what is parked, by the rules, is taken back or given up.
give_up() {
	local party id
	for party in QRA QRB; do
		for id in $(parked $party); do
			excused $party "$id" || { tell; fail "$party: what is parked is so by the rules"; }
			ctl $party message void "$id" --yes >/dev/null 2>&1 || ctl $party queue discard "$id" --yes >/dev/null 2>&1
		done
	done
}

node_make QRA
if [ $((seed % 3)) = 0 ]; then
	echo "QRB opens no port"
	node_pulls QRB
else
	node_make QRB
fi
for party in QRA QRB; do
	rolls $party
	for kind in seal tls; do
		used[$party,$kind]=$work/$party/$kind-0 listed[$party,$kind]=$work/$party/$kind-0
		mkdir "$work/$party/$kind-0" && cp "$work/$party/pki/node/$kind".* "$work/$party/$kind-0"
	done
	node_start $party
done
mkdir "$work/pool"
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
touch "$work/accepted.QRA" "$work/accepted.QRB"
RANDOM=$seed
deadline=$((SECONDS + seconds)) moves=0
while [ $SECONDS -lt $deadline ]; do
	$(any play_roll play_roll play_roll play_time play_time play_power play_power play_send play_send play_send play_send play_bag play_carry)
	moves=$((moves + 1))
done
echo "moves: $moves, parts: ${part_of[QRA]} and ${part_of[QRB]}, days: $day," \
	"documents: $(wc -l <"$work/accepted.QRA") and $(wc -l <"$work/accepted.QRB")"
for round in 1 2 3 4; do # what was given up may let go what was behind it
	settle
	nothing_moves || { tell; queue QRA; queue QRB; fail "nothing waits but for a person"; }
	! drained || break
	give_up
done
ok "nothing waits but for a person, and what is parked is so by the rules"
[ ! -f "$work/why" ] || sort "$work/why" | uniq -c
drained || { queue QRA; queue QRB; fail "what was taken back has its end"; }
ok "what was taken back has its end"
claim "a Ping goes both ways" eval 'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20'
compared() { [ "$(count "$1" log_compared)" -gt "$2" ]; }
for party in QRA QRB; do
	before=$(count $party log_compared)
	ctl $party log check "$(other $party)" >/dev/null 2>&1 || pass_ms $((2 * 3600000)) # who opens no port shows it within the hour
	claim "$party: the log is compared" wait_for 20 compared $party "$before"
done
claim_not "no difference between the logs was found" eval 'log_has QRA log_differs || log_has QRB log_differs'

# taken_by_rules TO FROM: each message that TO took bore a seal that the rules allow, by the part that it knew then.
taken_by_rules() {
	local known=1 line id digest part left how row created received wrong=0
	while read -r line; do
		case $line in
		*'"event":"peer_identity"'*)
			known=$(grep -o '"serial":[0-9]*' <<<"$line" | cut -d : -f 2)
			continue
			;;
		esac
		id=$(grep -o '"message":"[^"]*"' <<<"$line" | cut -d '"' -f 4)
		row=$(sqlite3 -readonly "$work/$1/data/readmit.db" "SELECT lower(hex(seal_cert)), created_ms, received_ms FROM inbox
			WHERE peer='$2' AND message_id=x'${id//-/}'")
		IFS='|' read -r digest created received <<<"$row"
		while read -r _ part left how; do
			[ "$part" -le "$known" ] || continue
			[ "$how" != revoke ] && [ "$created" -lt "$left" ] && [ "$received" -le $((left + 31 * 86400000)) ] ||
				{ echo "$1 took $id under a seal that part $part left out ($how), knowing $known"; wrong=1; }
		done < <(grep "^$digest " "$work/$2/left" 2>/dev/null)
	done < <(grep '"event":"peer_identity"\|"event":"message_received"' "$work/$1/log")
	return $wrong
}
# A case none of whose documents has an answer has nothing to prove. Of no other is the export refused; if not all is proved (6), it is
# for a seal that is revoked, or of a chain that people gave up when they compared anew.
evidence_verifies() { # PARTY
	local case status
	while read -r case; do
		rm -f "$work/case.asice"
		ctl "$1" evidence export "$case" --reason review --out "$work/case.asice" >"$work/exported" 2>&1 ||
			{ grep -q "nothing to prove" "$work/exported" && continue; }
		cat "$work/exported"
		readmit-verify "$work/case.asice" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" >"$work/verdict"
		status=$?
		grep '  *NOT PROVED' "$work/verdict" | sed 's/Q.*://' >>"$work/doubts"
		[ $status = 0 ] || { [ $status = 6 ] && grep -q "NOT PROVED that .*:\|, but$" "$work/verdict"; } ||
			{ cat "$work/verdict"; return 1; }
	done < <(ctl "$1" --json case list --limit 100 | grep -o '"case_id": *"[^"]*"' | cut -d '"' -f 4)
}
claim "QRA: the evidence of what was receipted verifies" evidence_verifies QRA
claim "QRB: so does that of QRB" evidence_verifies QRB
[ ! -f "$work/doubts" ] || sort "$work/doubts" | uniq -c
node_stop QRA || fail "QRA ends"
node_stop QRB || fail "QRB ends"
claim "QRB took nothing under a seal that the rules exclude" taken_by_rules QRB QRA
claim "nor did QRA" taken_by_rules QRA QRB
a=$work/QRA/data/readmit.db b=$work/QRB/data/readmit.db
claim "every message of QRA is accounted for" "$check" "$a" "$b" QRA QRB "$work/accepted.QRA"
claim "every message of QRB is accounted for" "$check" "$b" "$a" QRB QRA "$work/accepted.QRB"
