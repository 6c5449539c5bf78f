#!/bin/bash
# Goal of this scenario: what ends on a day is told in time, and what happens on that day (RXP-DSC-041).
# - a node is off for two months: the other tells that it will have no key for it, keeps what is sent, and delivers it
#   when the node is back, which has made new keys by itself; what that one had before opens
# - a root that was announced and seals nothing is told of, by its own node and by its peer
# - 60 days before the certificates of seal and TLS end each node tells of its own and of its peer's; so do status, peer
#   show and the figures
# - after the end nothing stops: a document goes, is receipted, and its evidence verifies with that of before
# - the root's certificate, years later, is told of a year before
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
day=0

clocks() { # DAY: of both nodes
	day=$1
	printf '%s' $((day * 86400 * 1000)) | tee "$work/QRA/clock" >"$work/QRB/clock"
}
send() { ctl "$1" message send "$(ahead=$day fresh "$examples/application-single.xml")" --to "$2" "${officers[@]}" "${@:3}"; }
received() { ctl "$1" --json inbox list --limit 100 | grep -o '"local_id"' | wc -l; }
figures() { curl -s --unix-socket "$work/$1/api.sock" http://localhost/metrics; }
near() { ctl "$1" status | sed -n '/^ENDS SOON/,/^$/p' | grep -E "^$2  *$3 "; }

node_make QRA
node_make QRB
keys=$work/QRA/pki/node root=$work/QRA/pki/root
readmit-pki root new --party QRA --out "$work/next" >/dev/null || fail "the next root"
readmit-pki root announce --previous "$keys/identity.xml" --root-cert "$root/root.crt" --root-key "$root/root.key" \
	--next-root "$work/next/root.crt" --yes --out "$work/identity.xml" >/dev/null || fail "it is announced"
cp "$work/identity.xml" "$keys/identity.xml"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "a document goes" send QRA QRB --wait 20
claim "nothing ends soon" eval '! ctl QRA status | grep "ENDS SOON"'

# --- two months off --------------------------------------------------------------------------------------------------
claim "QRB ends" node_stop QRB
clocks 9
claim "a document for it is kept" send QRA QRB
clocks 12
claim "that QRB's last key ends is told" wait_for 20 log_has QRA peer_keys_end '"party":"QRB"'
claim "and that newer ones are not to be had" near QRA agreement QRB
clocks 20
claim "and its end" wait_for 20 log_has QRA peer_keys_end '"days":0'
clocks 50
claim "another document is kept, for which there is no key" send QRA QRB
clocks 61
node_start QRB
claim "QRB has made a key by itself" wait_for 20 eval '[ "$(grep -c key_made "$work/QRB/log")" -ge 2 ]'
claim "both arrive" wait_for 60 eval '[ "$(received QRB)" = 3 ]'
claim "each once, and nothing is parked" eval '! log_has QRA message_parked && [ "$(received QRB)" = 3 ]'
id=$(ctl QRB --json inbox list | grep -o '"local_id": *"[^"]*"' | head -n 1 | cut -d '"' -f 4)
claim "what QRB had before opens" ctl QRB inbox content "$id" --reason case-work --out "$work/old.xml"
claim "QRB's documents go too" send QRB QRA --wait 20
claim "nothing is said of keys any more" wait_for 20 eval '! near QRA agreement QRB'

# --- the root that was announced -------------------------------------------------------------------------------------
claim "QRA tells that its next root waits" wait_for 20 log_has QRA next_root_waits '"party":"QRA"'
claim "and so does QRB, of QRA" wait_for 20 log_has QRB next_root_waits '"party":"QRA"'
claim "status names it" near QRB next-root QRA

# --- the end of seal and TLS: they last three years ------------------------------------------------------------------
clocks $((3 * 365 - 70))
claim "70 days before, a document goes" send QRA QRB --wait 60
claim "and nothing is said of certificates" eval '! grep certificate_ends "$work"/Q*/log'
clocks $((3 * 365 - 58))
for party in QRA QRB; do
	peer=QRA
	[ $party = QRB ] || peer=QRB
	claim "58 days before, $party reaches $peer" ctl $party peer test $peer --wait 20
	for key in seal tls; do
		claim "$party tells of its own $key" wait_for 20 log_has $party certificate_ends "\"key\":\"$key\",\"days\":5[78]"
		claim "$party tells of $peer's $key" wait_for 20 log_has $party peer_certificate_ends \
			"\"party\":\"$peer\",\"key\":\"$key\",\"days\":5[78]"
		claim "status names both" eval "near $party $key $party && near $party $key $peer"
		claim "the figures have both" eval "figures $party >'$work/figures' &&
			grep -q 'certificate_not_after_timestamp_seconds{key=\"$key\"}' '$work/figures' &&
			grep -q 'peer_certificate_not_after_timestamp_seconds{peer=\"$peer\",key=\"$key\"}' '$work/figures'"
	done
done
claim "peer show has the days" eval 'ctl QRA peer show QRB | grep -c "^\(seal\|TLS\|root\|keys\) until" | grep -x 4'
clocks $((3 * 365 + 5))
claim "after the end that is told" wait_for 20 log_has QRA certificate_ends '"key":"seal","days":0'
claim "a document goes all the same" send QRA QRB --wait 60
claim "and one back" send QRB QRA --wait 60
while read -r case; do
	rm -f "$work/case.asice"
	ctl QRA evidence export "$case" --reason review --out "$work/case.asice" >"$work/out" 2>&1 &&
		readmit-verify "$work/case.asice" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" \
			>>"$work/out" 2>&1 || { cat "$work/out"; fail "the evidence of $case verifies"; }
done < <(ctl QRA --json case list --limit 100 | grep -o '"case_id": *"[^"]*"' | cut -d '"' -f 4)
ok "the evidence of each case verifies, of before and after the end"

# --- the root, after nineteen years ----------------------------------------------------------------------------------
clocks $((19 * 365 + 60))
claim "a Ping goes both ways" eval 'ctl QRA peer test QRB --wait 60 && ctl QRB peer test QRA --wait 60'
claim "QRA tells of its own root" wait_for 20 log_has QRA certificate_ends '"key":"root"'
claim "and of QRB's" logged QRA peer_certificate_ends '"party":"QRB","key":"root"'
