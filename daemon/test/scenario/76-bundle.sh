#!/bin/bash
# Goal of this scenario: a file that people carry does what a line does (RXP-BND).
# - two States that nobody can connect to exchange an application with attachments and the receipt, by files alone
# - imported twice, in another order or again after a loss, there is one effect and one receipt, octet for octet; also if the
#   same document is fetched besides
# - killed while it is brought in, or brought in by two people at once, it has one effect and one receipt too
# - of a bundle that is cut in half or edited what is whole is taken, and the rest named; a later copy goes on from there
# - one that is brought to the wrong State is left alone, and so is what is no regular file
# - either State loses its last day, a bundle is lost on the way, one of before the loss comes late, the answers are cut out of some
#   while messages pass: all comes back, with the receipts that it had (RXP-BND-009, RXP-BND-010, RXP-BND-013)
# - a courier is behind with the beginning of a case: what follows it is asked for once more when that is there (RXP-RCV-026)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"
check=$(dirname "$0")/../fault/check.sh

node_pulls QRA
node_pulls QRB
node_start QRA
node_start QRB
claim "QRA and QRB, to which nobody can connect, become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# --- there and back
written=$(fresh "$examples/application-family.xml")
claim "QRA's desk takes an application with three attachments" sends QRA QRB "$written" "${family[@]}"
application=$local_id
claim "it waits" state_is QRA "$application" waiting
claim "QRA writes a bundle" export_to QRA QRB bag.tar
claim "tar reads it, in the order of the specification" eval \
	'[ "$(tar tf "$work/bag.tar" | sed "s,/.*,,")" = "$(printf "%s\n" descriptor attachments attachments attachments messages)" ]'
claim "it says nothing of who wrote it" eval '! tar tvf "$work/bag.tar" | grep -qv " 0/0 .* 1970-01-01 "'
claim "the message was put on the way" state_is QRA "$application" sending
brought_wrongly() { ctl QRA bundle import "$work/bag.tar" --out "$work/wrong.tar" 2>"$work/err"; [ $? = 5 ]; }
claim "brought to QRA itself, it is refused with a status of its own" brought_wrongly
claim "which says whose it is, and leaves nothing" eval 'grep -q "a bundle of QRA for QRB, and this node is that of QRA" "$work/err" && [ ! -e "$work/wrong.tar" ]'
mkfifo "$work/pipe"
no_file() { timeout 5 readmitctl --socket "$work/QRB/api.sock" bundle import "$1"; [ $? = 65 ]; }
for file in /dev/zero "$work/pipe" "$work"; do
	claim "$(basename "$file") is no bundle" no_file "$file"
done
claim "QRB brings it in" import_at QRB bag.tar answers.tar
claim "each object is named" eval '[ "$(grep -c -E "taken|answered" "$work/told")" = 5 ]'
claim "QRA brings in the answer" import_at QRA answers.tar
claim "the application is delivered" state_is QRA "$application" delivered
cp "$work/answers.tar" "$work/answers.1"

# --- again, in other orders, after losses
answers() { tar xOf "$work/$1" --wildcards 'answers/*'; }
same_answers() { cmp <(answers answers.1) <(answers "$1"); } # a page of the log is made anew each time
claim "brought in twice, QRB gives the same receipt" eval 'import_at QRB bag.tar answers.2 && same_answers answers.2'
claim "and so QRA" import_at QRA answers.tar
mkdir -p "$work/parts"
tar xf "$work/bag.tar" -C "$work/parts"
(cd "$work/parts" && tar --format=ustar -cf "$work/turned.tar" descriptor/* messages/* attachments/*)
claim "messages before attachments, by another tar: the same receipt" eval 'import_at QRB turned.tar answers.3 && same_answers answers.3'
claim "one application is in QRB's inbox" [ "$(ctl QRB --json inbox list | grep -o '"ReadmissionApplication"' | wc -l)" = 1 ]
claim "a bundle of nothing new has no message" eval 'export_to QRA QRB empty.tar && [ "$(tar tf "$work/empty.tar" | wc -l)" = 1 ]'
claim "a bundle is not written over" eval '! ctl QRA bundle export QRB --out "$work/bag.tar"'

# --- as the conformance suite sees it, which keeps no whole bundle in memory: what an archive ends with may be long
large_holds() {
	cp "$work/bag.tar" "$work/large.tar" && truncate -s 600M "$work/large.tar" &&
		(ulimit -v 400000 && readmit-conform doc "$work/bag.tar" "$work/large.tar") >"$work/told"
}
claim "nothing is wrong with it, whole or with zeros behind it" large_holds
truncate -s $(((16 << 30) + 512)) "$work/large.tar"
claim_not "but for one of more than 16 GiB" readmit-conform doc "$work/large.tar"
rm "$work/large.tar"

# --- cut and edited
claim "QRA's desk takes another" sends QRA QRB "$written" "${family[@]}"
claim "QRA writes it" export_to QRA QRB whole.tar
size=$(stat -c %s "$work/whole.tar")
head -c $((size / 2)) "$work/whole.tar" >"$work/half.tar"
claim_not "half of it is not a whole bundle" import_at QRB half.tar
claim "what is cut is named" grep -q "cut off" "$work/told"
claim "and what is whole was taken" grep -q "taken" "$work/told"
claim "nothing is in doubt here" state_is QRA "$local_id" sending
flip() { # FILE OFFSET COPY: one bit
	cp "$work/$1" "$work/$3"
	printf "\\x$(printf %02x $(($(od -An -tu1 -j "$2" -N 1 "$work/$1") ^ 1)))" |
		dd of="$work/$3" bs=1 seek="$2" conv=notrunc status=none
}
place() { grep -abo "$1" "$work/whole.tar" | tail -n 1 | cut -d: -f1; }
flip whole.tar $(($(place 'attachments/') + 5000)) spoilt.tar
claim_not "an attachment with one bit changed" import_at QRB spoilt.tar
claim "is named" grep -q "not what its name says" "$work/told"
flip whole.tar $(($(place 'messages/') + 600)) message.tar
claim_not "a message with one bit changed is not receipted" import_at QRB message.tar
flip whole.tar $(($(place 'attachments/') + 20)) header.tar
claim_not "a header with one bit changed" import_at QRB header.tar
claim "is passed over, and named by its place" grep -q "from octet .* no object of a bundle" "$work/told"
printf 'no archive at all, whatever its name says' >"$work/noise.tar"
claim_not "a file of noise is no bundle" import_at QRB noise.tar
# The process that brings it in is killed after so many seconds, wherever it is then; or it is quicker, and what the node is still at for
# the one before is not taken now (75).
killed() {
	timeout -s KILL "$1" readmitctl --socket "$work/QRB/api.sock" bundle import "$work/whole.tar"
	[[ " 0 75 137 " == *" $? "* ]]
}
for seconds in 0.005 0.02 0.05; do claim "killed while it brings in the whole one" killed $seconds; done
at_once() {
	local n process=()
	for n in 1 2; do
		ctl QRB bundle import "$work/whole.tar" --out "$work/at-once.$n" &
		process[n]=$!
	done
	for n in 1 2; do wait "${process[n]}" || [ $? = 75 ] || return 1; done
}
claim "two people bring it in at once" at_once
claim "the whole one is taken after all of them" import_at QRB whole.tar answers.4
for n in 1 2; do
	[ ! -e "$work/at-once.$n" ] || claim "person $n, who brought it in at once has the same receipt" cmp <(answers "at-once.$n") <(answers answers.4)
done
claim "there is one more application" [ "$(ctl QRB --json inbox list | grep -o '"ReadmissionApplication"' | wc -l)" = 2 ]
claim "and its answer" import_at QRA answers.4
claim "it is delivered" state_is QRA "$local_id" delivered
claim_not "an answer with one digit changed" eval 'sed "s/<LogCount>[0-9]</<LogCount>9</" "$work/answers.4" >"$work/forged.tar" && import_at QRA forged.tar'

# --- either loses its last day
arrives() { import_at "$@" || [ $? = 75 ]; } # what cannot be taken just now comes with a later one
# trip FROM TO: a bundle, and what is carried back of it.
trip() { export_to "$1" "$2" "of-$1.tar" && arrives "$2" "of-$1.tar" "back-$1.tar" && { [ ! -e "$work/back-$1.tar" ] || arrives "$1" "back-$1.tar"; }; }
send() { # FROM TO FILE OPTION…: as in back.sh, by bundles
	sent=$(ctl "$1" --json message send "$3" --to "$2" "${officers[@]}" "${@:4}") || fail "$3: $sent"
	id=$(value local_id <<<"$sent")
	trip "$1" "$2" || fail "$3 is carried"
	claim "$1's $(basename "$3" .xml) is delivered" has "$1" "$id" delivered
}
brings() { ctl "$2" recovery list --peer "$1" | grep -q "^$1 .*brought"; }
one_history() { for c in "${cases[@]}"; do timelines_agree "$c" || return 1; done; }
goes_on_until_all_is_back() { # WHO PEER
	for journeys in {1..20}; do
		trip "$1" "$2" && trip "$2" "$1" || return 1
		! { stage_is "$1" "$2" over && receipts_as_before && one_history; } || return 0
	done
	return 1
}
unpack() { rm -rf "$work/cut" && mkdir "$work/cut" && tar xf "$work/$1" -C "$work/cut"; }
repack() { (cd "$work/cut" && tar --format=ustar -cf "../cut.tar" descriptor/* $(find answers logs attachments messages -type f 2>/dev/null | sort)); }
# Journeys on which somebody cuts the answers of WHO alone out of each bundle of PEER, which has something new to say on each.
cut_trips() {
	local word
	for word in begin end begin end; do
		ctl "$2" outage "$word" --peer "$1" || return 1
		export_to "$1" "$2" "of-$1.tar" && arrives "$2" "of-$1.tar" "back-$1.tar" && export_to "$2" "$1" "of-$2.tar" || return 1
		for file in "back-$1.tar" "of-$2.tar"; do
			[ -e "$work/$file" ] || continue
			unpack "$file"
			mkdir -p "$work/cut/answers"
			find "$work/cut/answers" -type f -exec grep -l "<From>$1<" {} + | xargs -r rm
			repack && arrives "$1" cut.tar "back-$2.tar" && { [ ! -e "$work/back-$2.tar" ] || arrives "$2" "back-$2.tar"; } || return 1
		done
	done
}
loses_its_last_day() { # WHO PEER
	copy "$1" yesterday
	rounds 1
	cp "$work/back-$2.tar" "$work/before.tar"
	# of these cases nothing is left at all
	[ "$1" = QRB ] || for pairs in {1..5}; do application && cases+=("$case"); done
	all_receipts >"$work/before"
	put_back "$1" "$work/$1/yesterday"
	mark "$1"
	node_start "$1"
	claim "$1 has lost its last day" wait_for 10 log_has "$1" data_put_back
	claim "$2 hears of it" eval "export_to $1 $2 told.tar && arrives $2 told.tar lost.tar"
	claim "what $2 gives back has the answers of $1" eval "tar xOf $work/lost.tar --wildcards 'answers/*' | grep -q '<From>$1<'"
	claim "that is lost on the way; an answer of before the loss comes late" arrives "$2" before.tar
	claim "and $2 knows that it is older" brings "$1" "$2"
	claim "a courier cuts the answers out of what $2 writes, and lets all else pass" cut_trips "$1" "$2"
	claim "by a few bundles more all comes back" goes_on_until_all_is_back "$1" "$2"
	claim "not by one for each document ($journeys pairs)" [ "$journeys" -le "$pairs" ]
	claim "with the receipts that it had" receipts_as_before
	claim "both see one history of each case" one_history
	claim "nothing is brought any more" eval "! brings $1 $2"
}
application
cases=("$case")
loses_its_last_day QRA QRB
loses_its_last_day QRB QRA

# --- a courier is behind with the beginning of a case, whatever else he brings
copy QRB friday
application
cases+=("$case")
all_receipts >"$work/before"
first=$(ctl QRA --json message list | tr -d '\n ' | grep -o "{[^{}]*\"type\":\"ReadmissionApplication\"[^{}]*\"case_id\":\"$case\"[^{}]*}" | value message_id)
without_it() { # a bundle of QRA, and what is carried back
	export_to QRA QRB whole.tar && unpack whole.tar && rm -f "$work/cut/messages/$first.xml" && repack && arrives QRB cut.tar back.tar &&
		{ [ ! -e "$work/back.tar" ] || arrives QRA back.tar; }
}
left() { ctl QRB --json status | grep -q "\"history-left\""; }
put_back QRB "$work/QRB/friday"
mark QRB
node_start QRB
claim "QRB has lost that case, and says so" trip QRB QRA
claim "its answers come back, without the application" without_it
claim "QRB asks for its documents" wait_for 10 stage_is QRB QRA asked
claim "its people end the hold" ctl QRB recovery confirm QRA --yes
claim "the request is carried, and its registration comes back, without the application" eval 'trip QRB QRA && without_it'
claim "it has no place yet" wait_for 10 left
comes_too() { # within a few pairs of bundles: what it lost is proved first
	for _ in {1..5}; do
		trip QRA QRB && trip QRB QRA || return 1
		! ctl QRB case show "$case" >"$work/none" 2>&1 || return 0
	done
	return 1
}
claim "the application comes with the next couriers" comes_too
claim "QRB asks once more by itself" wait_for 20 log_has QRB history_again
claim "for that case alone" eval 'trip QRB QRA && log_has QRA history_asked_for "\"cases\":1"'
claim "its registration is back" eval 'trip QRA QRB && trip QRB QRA && wait_for 10 receipts_as_before'
claim "both see one history" one_history
claim_not "nothing is left" left
# A bundle may show a new log before it says why there is one: that is told, and ends with the word.
differ() { ctl "$1" --json status | grep -q "\"logs-differ\""; }
claim "the bundles show each log, and nothing differs" eval 'trip QRA QRB && trip QRB QRA && ! differ QRA && ! differ QRB'
claim "the evidence verifies" evidence_verifies

claim "QRA ends" node_stop QRA
claim "QRB ends" node_stop QRB
claim "every message of QRA is accounted for" "$check" "$work/QRA/data/readmit.db" "$work/QRB/data/readmit.db" QRA QRB
