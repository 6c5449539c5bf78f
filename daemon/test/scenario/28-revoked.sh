#!/bin/bash
# Goal of this scenario: a key that is stolen or changes from one moment to the next is survivable (RXP-DSC-028, RXP-DSC-030 to 036).
# - a receipt that was lost on its way before its seal was revoked is sealed anew, says what it said with the first time of
#   receipt, and is taken; the one under the revoked seal is not; both logs agree, and the evidence of both verifies
# - a seal or a TLS key that a peer does not know has it asked for its descriptor at once, whoever sends, and nothing is parked
# - what the thief, or nobody but its own State, can have sealed since is told of as NOT PROVED, with a status of its own (RXP-EVI-030)
# - a seal that a chain of more than 16 parts names no longer is proved by former descriptors, where it is needed (RXP-EVI-028)
# - a node that lost its former descriptors gives such a document again when people bring the one of then (RXP-EVI-034)
# - when a pin is left out or a party distrusted, the connections that stand on it are gone within a second
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roll.sh"
examples=$(dirname "$0")/../../../spec/examples

sends() { # PARTY FILE PEER: its id
	ctl "$1" --json message send "$(ahead=$day fresh "$examples/$2")" --to "$3" "${officers[@]}" >"$work/sent" || return 1
	id=$(value local_id <"$work/sent") case=$(value case_id <"$work/sent")
}
is_in() { [ "$(ctl "$1" --json message show "$2" | value state)" = "$3" ]; }

node_make QRA
node_make QRB
rolls QRA
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
cp -r "$work/QRA/pki/node" "$work/QRA/old"

# --- a receipt that is lost: QRB's document comes in a file, and the answers stay where they were written ---
node_stop QRA || fail "QRA ends"
claim "QRB's desk takes an application" sends QRB application-single.xml QRA
application=$id
claim "it is tried" wait_for 10 log_has QRB delivery_failed
claim "it goes into a bundle" wait_for 20 carries QRB QRA "$work/bag.tar"
node_stop QRB || fail "QRB ends"
node_start QRA
claim "QRA brings it in and receipts it" ctl QRA bundle import "$work/bag.tar" --out "$work/answers.tar"
received=$(ctl QRA --json inbox list | value received)
[ -n "$received" ] || fail "QRA says when it came"

# --- its seal is stolen ---
readmit-pki seal new --party QRA --out "$work/QRA/second" || fail "new keys"
sign QRA identity next --seal-cert "$work/QRA/second/seal.crt" --retire-seal "$work/QRA/old/seal.crt" \
	--revoked-since "$(date -u +%FT%T.000Z)"
claim "that a seal is revoked is told" grep -q "revoke" "$work/told"
node_stop QRA || fail "QRA ends"
put_keys QRA "$work/QRA/second/seal.key" "$work/QRA/second/seal.crt"
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
node_stop QRA || fail "QRA ends"
node_start QRB
claim "QRB learns of it from a file" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
claim_not "the receipt under the revoked seal is not taken" ctl QRB bundle import "$work/answers.tar"
claim_not "the application waits" is_in QRB "$application" delivered

node_start QRA
claim "sent again, it is receipted" wait_for 20 is_in QRB "$application" delivered
claim "under another seal" logged QRA answer_resealed
claim "with the first time of receipt" [ "$(ctl QRB --json message show "$application" | value received)" = "$received" ]
claim "it arrived once" [ "$(ctl QRA --json inbox list | grep -o '"local_id"' | wc -l)" = 1 ]
for party in QRA QRB; do
	other=$([ $party = QRA ] && echo QRB || echo QRA)
	claim "$party: the logs of both agree" eval "ctl $party log check $other && wait_for 10 log_has $party log_compared"
	claim "$party: the evidence of the case verifies" eval "ctl $party evidence export '$case' --reason review --out '$work/$party.asice' &&
		readmit-verify '$work/$party.asice' --root 'QRA=$(fingerprint_of QRA)' --root 'QRB=$(fingerprint_of QRB)'"
done

# --- keys that change without notice: the peer asks by itself, and no file is carried ---
key=2
# changed PARTS…: QRA has other keys of these kinds (seal, tls) and leaves out the former ones.
changed() {
	local options=() files=() kind
	key=$((key + 1))
	for kind in "$@"; do
		cp "$work/QRA/pki/node/$kind.crt" "$work/QRA/former-$kind.crt"
		readmit-pki "$kind" new --party QRA --out "$work/QRA/key-$key" >/dev/null || fail "new keys"
		options+=("--$kind-cert" "$work/QRA/key-$key/$kind.crt" "--retire-$kind" "$work/QRA/former-$kind.crt")
		files+=("$work/QRA/key-$key/$kind.key" "$work/QRA/key-$key/$kind.crt")
	done
	sign QRA identity next "${options[@]}"
	node_stop QRA || fail "QRA ends"
	put_keys QRA "${files[@]}"
}
knows() { log_has QRB peer_identity "\"serial\":${part_of[QRA]}\b"; }
ready() { ctl QRA descriptor export --out "$work/QRA/latest-$key.xml" && served QRA; }

changed seal
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
claim "QRA's desk takes an application" sends QRA application-single.xml QRB
claim "a document under a seal that QRB does not know is receipted" wait_for 20 is_in QRA "$id" delivered
claim "since QRB asked for the descriptor" wait_for 10 knows

changed seal
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
claim "QRB's desk takes an application" sends QRB application-single.xml QRA
claim "so is an answer under such a seal" wait_for 20 is_in QRB "$id" delivered
claim "since QRB asked for the descriptor" wait_for 10 knows

changed tls seal
claim "QRB's desk takes an application" sends QRB application-single.xml QRA
claim "it is tried" wait_for 10 log_has QRB delivery_failed
node_start QRA
claim "a delivery to a pin that is not known asks for the descriptor" wait_for 20 knows
claim "and goes on" wait_for 20 is_in QRB "$id" delivered

changed tls seal
node_stop QRB || fail "QRB ends"
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
claim "QRA's desk takes an application" sends QRA application-single.xml QRB
node_start QRB
claim "QRB asks whoever may have connected with a key of nobody" wait_for 20 knows
claim "and it goes on" wait_for 20 is_in QRA "$id" delivered
under_last=$case
claim_not "nothing was parked" eval 'log_has QRA message_parked || log_has QRB message_parked'

# --- dated back: what QRA receipted since then it cannot take back ---
exports() { # PARTY CASE: its evidence verifies
	rm -f "$work/again.asice"
	ctl "$1" evidence export "$2" --reason review --out "$work/again.asice" && readmit-verify "$work/again.asice" \
		--root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)"
}
claim "QRB's desk takes an application" sends QRB application-single.xml QRA
claim "it is receipted" wait_for 20 is_in QRB "$id" delivered
cp "$work/QRA/pki/node/seal.crt" "$work/QRA/former-seal.crt"
readmit-pki seal new --party QRA --out "$work/QRA/last" >/dev/null || fail "new keys"
sign QRA identity next --seal-cert "$work/QRA/last/seal.crt" --retire-seal "$work/QRA/former-seal.crt" \
	--revoked-since "$(date -u -d '-1 day' +%FT%T.000Z)"
node_stop QRA || fail "QRA ends"
put_keys QRA "$work/QRA/last/seal.key" "$work/QRA/last/seal.crt"
node_start QRA
wait_for 10 served QRA || fail "QRA serves its newest part"
claim "QRB learns that the seal of that receipt is revoked since yesterday" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
claim "it asks again, and its evidence verifies" wait_for 20 exports QRB "$case"
claim "so does that of QRA" exports QRA "$case"
in_part() { # PARTY CASE: nothing is wrong, and not all is proved
	exports "$1" "$2"
	[ $? = 6 ]
}
for party in QRA QRB; do
	claim "$party: of what QRA sealed since yesterday not all is proved" in_part $party "$under_last"
	cp "$work/out" "$work/verdict"
	claim "it says what, and why" grep -q "NOT PROVED that QRA sealed it: the seal is revoked" "$work/verdict"
	claim "and since when" grep -q "it is revoked since $(date -u -d '-1 day' +%F)T.*dated it back" "$work/verdict"
	claim "that QRB answered it is" grep -q "QRB sealed, at .*, that it had received all of it" "$work/verdict"
done

# --- outgrown: a descriptor has 16 parts, and what its first ones named is in none of them ---
claim "QRA's desk takes an application" sends QRA application-single.xml QRB
claim "it is receipted" wait_for 20 is_in QRA "$id" delivered
readmit-pki seal new --party QRA --out "$work/QRA/after" >/dev/null || fail "new keys"
sign QRA identity next --seal-cert "$work/QRA/after/seal.crt" --retire-seal "$work/QRA/last/seal.crt"
for outgrown in 22 23; do # QRB follows, as long as it knows one of the 16
	while [ "${part_of[QRA]}" -lt $outgrown ]; do sign QRA identity next; done
	put_keys QRA "$work/QRA/after/seal.key" "$work/QRA/after/seal.crt"
	kill -HUP "${pid_of[QRA]}"
	wait_for 10 served QRA || fail "QRA serves its newest part"
	claim "QRB takes part $outgrown" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
done
for party in QRA QRB; do
	claim "$party: what bears a seal of theirs is proved" exports $party "$case"
	claim "by a former descriptor" [ "$(unzip -Z1 "$work/again.asice" | grep '^descriptors/[0-9]')" = descriptors/01-QRA.xml ]
	claim "what is revoked in a later one is not" in_part $party "$under_last"
done

# --- and lost: without former descriptors such a document is named, until people bring one that goes back (RXP-EVI-034) ---
unzip -q "$work/again.asice" 'descriptors/[0-9]*' -d "$work/old" || fail "former descriptors of QRA"
old=$work/old/descriptors/01-QRA.xml older=$work/old/descriptors/02-QRA.xml
node_stop QRB || fail "QRB ends"
sqlite3 "$work/QRB/data/readmit.db" 'DELETE FROM former' || fail "QRB loses its former descriptors"
node_start QRB
gives_none() {
	rm -f "$work/again.asice"
	ctl QRB evidence export "$case" --reason review --out "$work/again.asice" 2>"$work/told"
	[ $? = 4 ] && [ ! -e "$work/again.asice" ]
}
claim "QRB does not give what no descriptor of its names" gives_none
claim "and says why" grep -q "no descriptor that this node has names its seal" "$work/told"
keeps() { ctl QRB descriptor keep "$@" 2>"$work/told"; }
claim_not "no descriptor is kept as one of another party" keeps QRB "$old"
claim "that is said" grep -q "it is the descriptor of another party" "$work/told"
sed 's/[A-Za-z]/x/' "$old" >"$work/odd.xml"
claim_not "nor one with another octet" keeps QRA "$work/odd.xml"
claim "nor one of which all is known" eval 'keeps QRA "$work/QRA/latest.xml" && grep -q "are known already" "$work/told"'
claim_not "nor one before which a part is missing" keeps QRA "$older"
claim "that is said" grep -q "it joins no identity part that is known" "$work/told"
claim "the one of then is kept" eval 'keeps QRA "$old" && grep -q "kept as evidence: identity parts 7 to 22 of QRA" "$work/told"'
claim "the evidence is given again, and all of it proved" exports QRB "$case"
claim "and then the one before" keeps QRA "$older"
claim "what is revoked in a later part is not proved by that" in_part QRB "$under_last"
claim "who brought it is journalled" eval 'ctl QRB --json journal list | grep -q descriptor-keep'

# --- closed at once (RXP-DSC-030) ---
# open_to PARTY: how many connections stand with the port at which it listens.
open_to() {
	awk -v port="$(printf ':%04X$' "${port_of[$1]}")" '$4 == "01" && $3 ~ port' /proc/net/tcp | wc -l
}
both_open() { [ "$(open_to QRA)" -gt 0 ] && [ "$(open_to QRB)" -gt 0 ]; }
none_open() { [ "$(open_to QRA)" = 0 ] && [ "$(open_to QRB)" = 0 ]; }
within_a_second() {
	local began=${EPOCHREALTIME/./}
	until "$@"; do [ $((${EPOCHREALTIME/./} - began)) -lt 1000000 ] || return 1; done
}
claim "connections stand in both directions" eval \
	'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20 && both_open'
cp "$work/QRA/latest.xml" "$work/QRA/before.xml"
claim "QRB distrusts QRA" ctl QRB peer distrust QRA --yes
claim "none of them stands a second later" within_a_second none_open
claim "QRA is added again" ctl QRB peer add "$work/QRA/before.xml" --fingerprint "$(fingerprint_of QRA)"
claim "connections stand in both directions" eval \
	'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20 && both_open'
# The machine of QRA is in other hands: QRA goes on at another one, under other keys, and says so to QRB in a file.
mkdir "$work/QRA-moved" && cp -r "$work/QRA/pki" "$work/QRA-moved/pki" || fail "another machine"
port_of[QRA-moved]=$(free_port) || fail "a port"
sed "s,$work/QRA/,$work/QRA-moved/,; s,:${port_of[QRA]}\",:${port_of[QRA-moved]}\"," "$work/QRA/readmitd.xml" \
	>"$work/QRA-moved/readmitd.xml"
cp "$work/QRA/clock" "$work/QRA-moved/clock"
readmit-pki tls new --party QRA --out "$work/QRA/next" >/dev/null || fail "new keys"
sign QRA identity next --tls-cert "$work/QRA/next/tls.crt" --retire-tls "$work/QRA/pki/node/tls.crt"
cp "$work/QRA/next"/tls.* "$work/QRA-moved/pki/node"
cp "$work/QRA/identity-${part_of[QRA]}.xml" "$work/QRA-moved/pki/node/identity.xml"
[ "$(id -u)" != 0 ] || chown -R nobody "$work/QRA-moved/pki/node"
part_of[QRA-moved]=${part_of[QRA]}
node_start QRA-moved
wait_for 10 served QRA-moved || fail "QRA serves its newest part"
claim "QRB takes a part that leaves out a pin" ctl QRB peer update QRA "$work/QRA-moved/latest.xml" --yes
claim "no connection under it stands a second later" within_a_second none_open
claim_not "whoever has its key gets nothing answered" ctl QRA peer test QRB --wait 3
claim "but our descriptor" logged QRB peer_former
