#!/bin/bash
# Goal of this scenario: the seal of a State is stolen and revoked, and then its database is lost as well (RXP-RCV-013, 014).
# - what it sealed under that key comes back, answers and documents; whoever stole the key can have made it under any date, so
#   that nothing is given, sealed or taken on it before a person has compared, and in two rounds, since documents stand behind
#   answers; then each has the receipt that it had, the case goes on, the logs agree, the evidence verifies
# - stolen and lost at once, with nothing under another seal: it comes back as well
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
. "$(dirname "$0")/back.sh"

# in_rests COMMAND…: until it succeeds; whenever neither node has said anything for two seconds, what they rest goes by.
rested=0
said() { cat "$work"/QR?/log | wc -c; }
more_or_done() { "${awaited[@]}" || [ "$(said)" != "$before_rest" ]; }
in_rests() {
	local rest awaited=("$@") before_rest
	for rest in {1..20}; do
		before_rest=$(said)
		while wait_for 2 more_or_done; do
			! "$@" >/dev/null 2>&1 || return 0
			before_rest=$(said)
		done
		rested=$((rested + 11000)) ahead_ms=$rested
		printf '%s %s' $rested $rested | tee "$work/QRA/clock" >"$work/QRB/clock"
	done
	return 1
}
# stolen NEW OLD SINCE: QRA's key, which it revokes since then; it is off meanwhile.
stolen() {
	readmit-pki seal new --party QRA --out "$work/QRA/$1" >/dev/null || fail "new keys"
	sign QRA identity next --seal-cert "$work/QRA/$1/seal.crt" --retire-seal "$2/seal.crt" --revoked-since "$3"
	put_keys QRA "$work/QRA/$1/seal.key" "$work/QRA/$1/seal.crt"
}
# lose PARTY: all but its keys, while it is off.
lose_all() { rm -r "$work/$1/data" && node_start "$1" && wait_for 10 served "$1"; }

on_root_machine || fail "the clock of the root's machine"
node_make QRA
node_make QRB
rolls QRA
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
cp -r "$work/QRA/pki/node" "$work/QRA/first"
cases=()
application
cases+=("$case")
rounds 1
claim "a Ping each way" eval 'ctl QRA peer test QRB --wait 10 && ctl QRB peer test QRA --wait 10'

# --- stolen; the case goes on under another seal; then the database is lost --------------------------------
node_stop QRA || fail "QRA ends"
stolen second "$work/QRA/first" "$(date -u +%FT%T.%3NZ)"
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
claim "QRB learns of it" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
rounds 1
application
cases+=("$case")
all_receipts >"$work/before"
claim "each document has a receipt" [ "$(grep -c received "$work/before")" = 8 ]
claim "QRA has a power cut" node_kill QRA
claim "and nothing but its keys" lose_all QRA
claim "QRB is added" peer_with QRA QRB
claim "QRA finds that it lost something" wait_for 20 log_has QRA loss_found
unproved() { ctl QRA --json recovery list | grep -o '"unproved": *[0-9]*' | grep -o '[0-9]*$'; }
resealed() { grep -c '"answer_resealed"' "$work/QRA/log"; }
# answers_unproved: messages whose answers wait, as QRA's log names them. entries: those of the log that QRA seals for QRB.
answers_unproved() { grep '"event":"answer_unproved"' "$work/QRA/log" | grep -o '"message":"[^"]*"' | cut -d'"' -f4 | sort -u; }
entries() {
	curl -sk --http2 --cert "$work/QRB/pki/node/tls.crt" --key "$work/QRB/pki/node/tls.key" "https://$address:${port_of[QRA]}/rxp/1/log?after=0" |
		grep -o '<MessageId>[^<]*' | cut -d'>' -f2 | sort
}
waits_again() { [ "$(unproved)" -gt 0 ] && stage_is QRA QRB stuck; }
compared() { # what was under that seal waits for people, who compare: first the answers, then the documents that stood behind them
	local before
	before=$(resealed)
	claim "what was under that seal waits for a person" in_rests stage_is QRA QRB stuck
	claim "who sees how much" [ "$(unproved)" -gt 0 ]
	claim_not "nor in the log that it seals for QRB" grep -qxFf <(answers_unproved) <(entries)
	claim "which it gives" [ "$(entries | wc -l)" -gt 0 ]
	claim "its own log names each" \
		wait_for 10 eval '[ "$(grep -cE "\"event\":\"(answer|document)_unproved\"" "$work/QRA/log")" -ge "$(unproved)" ]'
	claim "nothing else waits behind that" ctl QRB peer test QRA --wait 10
	claim_not "until then QRA takes nothing on such a receipt" timelines_agree "${cases[0]}"
	claim "and seals none anew" [ "$(resealed)" = "$before" ]
	claim "the person has compared the answers" ctl QRA recovery confirm QRB --yes
	claim "they are in the log that it seals for QRB" [ "$(comm -12 <(answers_unproved) <(entries) | wc -l)" = "$(answers_unproved | wc -l)" ]
	claim "what waited for them comes" in_rests waits_again
	claim "the person has compared the documents" ctl QRA recovery confirm QRB --yes
	claim "nothing else waits for people" in_rests stage_is QRA QRB over
	is_back QRA QRB
}
compared
all_proved

# --- stolen and lost at once, and dated back to before what came last ---------------------------------------
now=$(now_ms)
since=$(date -u -d "@$((now / 1000))" +%FT%T).$(printf %03d $((now % 1000)))Z
rounds 1
all_receipts >"$work/before"
claim "QRA has a power cut" node_kill QRA
stolen third "$work/QRA/second" "$since"
claim "and nothing but its keys" lose_all QRA
claim "QRB learns of the seal" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
claim "QRB is added" peer_with QRA QRB
compared
claim "the logs agree" logs_agree
