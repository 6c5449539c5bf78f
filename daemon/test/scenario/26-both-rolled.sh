#!/bin/bash
# Goal of this scenario: States that all changed their TLS keys and their seals while none reached another find to each other (RXP-DSC-047).
# - without a former key neither lets the other in; with one beside the new one, at one of them, both go on, and nobody carries a file
# - so does a State that opens no port, which nobody can ask
# - a former key that the latest part leaves out is not used, though it is still there, and a file of one heals both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
examples=$(dirname "$0")/../../../spec/examples
states=(QRA QRB QRC)

send() { # PARTY PEER: its id is kept
	ctl "$1" --json message send "$(fresh "$examples/application-single.xml")" --to "$2" "${officers[@]}" >"$work/sent" &&
		value local_id <"$work/sent" >"$work/$1-to-$2"
}
arrived() { [ "$(ctl "$1" --json message show "$(<"$work/$1-to-$2")" | value state)" = delivered ]; }
# changed PARTY N OPTION…: its N-th TLS key and seal come into use; the former TLS key is kept out of its key directory.
changed() {
	local keys=$work/$1/pki/node new=$work/$1/keys-$2
	cp "$keys/tls.key" "$work/$1/tls-former.key" && cp "$keys/tls.crt" "$work/$1/tls-former.crt" &&
		readmit-pki seal new --party "$1" --out "$new" >/dev/null && readmit-pki tls new --party "$1" --out "$new" >/dev/null ||
		fail "new keys"
	sign "$1" identity next --seal-cert "$new/seal.crt" --tls-cert "$new/tls.crt" "${@:3}"
	put_keys "$1" "$new"/seal.* "$new"/tls.*
}
knows() { log_has "$1" peer_identity "\"party\":\"$2\".*\"serial\":${part_of[$2]}\b"; }
apart() { log_has QRA peer_strange && log_has QRB peer_strange; }

node_make QRA
node_make QRB
node_pulls QRC
for party in "${states[@]}"; do
	rolls $party
	node_start $party
done
claim "three States become peers" eval 'peer_with QRA QRB && peer_with QRB QRA && peer_with QRA QRC && peer_with QRC QRA'

# --- all of them, at once ---
for party in "${states[@]}"; do
	node_stop $party || fail "$party ends"
	changed $party 2
done
node_start QRA
node_start QRB
claim "QRA sends" send QRA QRB
claim "QRB sends" send QRB QRA
claim "neither lets the other in" wait_for 20 apart
claim_not "nothing is known of the other's keys" eval 'knows QRA QRB || knows QRB QRA'
put_keys QRA "$work/QRA"/tls-former.*
kill -HUP "${pid_of[QRA]}"
claim "QRA is given its former key" wait_for 20 log_has QRA config_reloaded
claim "QRA learns of QRB's keys" wait_for 20 knows QRA QRB
claim "under its former key" logged QRA tls_former_used '"party":"QRB"'
claim "QRB learns of QRA's" wait_for 20 knows QRB QRA
claim "QRA's document arrives" wait_for 20 arrived QRA QRB
claim "so does QRB's" wait_for 20 arrived QRB QRA

put_keys QRC "$work/QRC"/tls-former.*
node_start QRC
claim "QRC opens no port, and sends" send QRC QRA
claim "QRC and QRA learn of each other's keys" eval 'wait_for 20 knows QRC QRA && wait_for 20 knows QRA QRC'
claim "QRC's document arrives" wait_for 20 arrived QRC QRA
claim "QRA sends to QRC" send QRA QRC
claim "that arrives" wait_for 20 arrived QRA QRC
claim_not "nothing was parked" eval 'log_has QRA message_parked || log_has QRB message_parked || log_has QRC message_parked'

# --- a former key that may be in other hands ---
node_stop QRA || fail "QRA ends"
node_stop QRB || fail "QRB ends"
changed QRA 3 --retire-tls "$work/QRA/tls-former.crt" # the one of before this
changed QRB 3
put_keys QRA "$work/QRA"/tls-former.*
used=$(count QRA tls_former_used)
node_start QRA
claim "that its former key is not used is said" logged QRA tls_former_unlisted
node_start QRB
claim "QRA sends" send QRA QRB
refusals() { grep -c '"event":"tls_refused".*refused by the peer' "$work/QRA/log"; }
refused() { [ "$(refusals)" -gt "$1" ]; }
claim "QRB refuses it" wait_for 10 refused "$(refusals)"
claim "and again, when QRA could have asked under another key" wait_for 20 refused "$(refusals)"
claim "and is not asked under the former key" [ "$(count QRA tls_former_used)" = "$used" ]
wait_for 10 served QRA || fail "QRA serves its newest part"
claim "QRB takes QRA's descriptor from a file" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
claim "QRA's document arrives" wait_for 20 arrived QRA QRB
claim "and QRA knows QRB's keys" wait_for 10 knows QRA QRB
