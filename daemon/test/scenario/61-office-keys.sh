#!/bin/bash
# Goal of this scenario: the key of an office rolls over, and each need is read by that office: {the old key, both, the new
# one alone} × {a draft, in flight, at rest, receipts}.
# - over each step one document rests at the receiver, one is in flight, closed for the key that its sender knew, and one is not
#   closed yet; each arrives, none is refused, and the office opens it with the key that it was closed for and no other
# - what rests opens with its key when that is listed no more, and the evidence of every case verifies
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
examples=$(dirname "$0")/../../../spec/examples
on_root_machine || fail "the clock of the root's machine"
offices=$work/offices # the machine of the office
mkdir "$offices"
for key in old new; do
	readmit-pki office-key new --office HEALTH --out "$offices/$key" >/dev/null || fail "a key of the office"
done
levels=(--level Core --level Transit)
node_make QRA "${levels[@]}"
node_make QRB "${levels[@]}" --office NODE --office HEALTH --office-key "HEALTH=$offices/old/HEALTH.pub"
rolls QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

sent=0
sends() { # OPTION…: its id
	ctl QRA --json message send "$(ahead=$day fresh "$examples/transit-application.xml")" --to QRB "${officers[@]}" "$@" \
		>"$work/sent" && id=$(value local_id <"$work/sent") && sent=$((sent + 1))
}
is_in() { [ "$(ctl QRA --json message show "$1" | value state)" = "$2" ]; }
tried() { [ "$(count QRA delivery_failed)" -gt "$1" ]; }
# opens ID KEY: the office opens what QRB received, with this key.
opens() {
	rm -f "$offices/document.xml"
	ctl QRB inbox document "$1" --reason case-work --out "$offices/document.xml" >/dev/null &&
		readmit-pki compartment open --sender "$work/QRA/descriptor.xml" --key "$offices/$2/HEALTH.key" \
			"$offices/document.xml" >"$offices/seen" 2>&1
}
received() { ctl QRB --json inbox list --limit 100 | grep -o '"local_id": *"[^"]*"' | cut -d '"' -f 4; }
# closed_for KEY COUNT: of all that was received so many open with this key, and with no other.
closed_for() {
	local n=0 id other=new
	[ "$1" = old ] || other=old
	for id in $(received); do
		! opens "$id" "$1" || { n=$((n + 1)); ! opens "$id" $other || return 1; }
	done
	[ $n = "$2" ]
}
# step WORDS KEY…: QRB's next identity part lists these keys, the first in use; over it documents are on their way.
step() {
	local words=$1 key keys=() failed
	shift
	for key in "$@"; do keys+=(--office-key "HEALTH=$offices/$key/HEALTH.pub"); done
	claim "$words: one comes before and rests" eval 'sends --wait 20 && is_in "$id" delivered'
	node_stop QRB || fail "QRB ends"
	failed=$(count QRA delivery_failed)
	claim "$words: one is closed and tried" eval 'sends && wait_for 10 tried $failed && flying=$id'
	claim "$words: one is not closed yet" eval 'sends && is_in "$id" waiting && waiting=$id'
	sign QRB identity next --office NODE --office HEALTH "${keys[@]}"
	put_keys QRB
	node_start QRB
	claim "$words: what was in flight is receipted" wait_for 20 is_in "$flying" delivered
	claim "$words: so is what was not closed" wait_for 20 is_in "$waiting" delivered
	claim "$words: each came once" [ "$(received | wc -l)" = $sent ]
}
step "both, the new one in use" new old
claim "all were closed for the old one, which QRA knew" closed_for old 3
later 61
node_stop QRA || fail "QRA ends"
wait_for 10 served QRB || fail "QRB serves its newest part"
node_start QRA
knows() { log_has QRA peer_identity "\"serial\":${part_of[QRB]}\b"; }
claim "QRA has heard of the new one" wait_for 20 knows
step "the new one alone" new
claim "since then all are closed for the new one" closed_for new 3
claim "and what rests opens with the old one, which is listed no more" closed_for old 3
claim_not "nothing was refused, and nothing parked" eval 'log_has QRA message_refused || log_has QRA message_parked'
for case in $(ctl QRA --json case list --limit 100 | grep -o '"case_id": *"[^"]*"' | cut -d '"' -f 4); do
	rm -f "$work/case.asice"
	ctl QRA evidence export "$case" --reason review --out "$work/case.asice" >"$work/out" 2>&1 &&
		readmit-verify "$work/case.asice" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" \
			>>"$work/out" 2>&1 || { cat "$work/out"; fail "the evidence of $case verifies"; }
done
ok "the evidence of every case verifies"
