#!/bin/bash
# Goal of this scenario: a seal key that never leaves its token seals for a node, and nothing that becomes of the token
# loses a document or locks the token.
# - readmit-pki makes the certificate of a key in a token; documents go both ways and are receipted
# - a wrong PIN is tried once, by whatever process; the right one in the file is seen by itself
# - a token pulled out, a module that hangs or ends, a key that is not the certificate's: what comes in is answered
#   later, what goes out waits, the reason is told, and when it is mended the node goes on without a restart
# long: 69
. "$(dirname "$0")/lib.sh"

module=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
claim "there is a token in software" [ -r "$module" ]
node_make QRA
node_make QRB
config=$work/QRA/readmitd.xml keys=$work/QRA/pki/node tokens=$work/QRA/tokens pin=$work/QRA/pin
uri="pkcs11:token=ministry;object=seal"

# The token's own tools.
export SOFTHSM2_CONF=$work/QRA/softhsm2.conf
mkdir -m 700 "$tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$tokens" >"$SOFTHSM2_CONF"
softhsm2-util --init-token --free --label ministry --pin 123456 --so-pin 87654321 >"$work/out" || fail "a token"
pair() { pkcs11-tool --module "$module" --login --pin 123456 --token-label ministry --keypairgen \
	--key-type "$3" --label "$1" --id "$2" >"$work/out" 2>&1 || fail "a key in the token"; }
pair seal 01 EC:prime256v1
pair other 02 EC:prime256v1
pair twin 03 EC:secp384r1
pair twin 04 rsa:3072
pair weak 05 rsa:2048
(umask 077 && echo 123456 >"$pin")
of_node() { [ "$(id -u)" != 0 ] || chown -R nobody "$tokens"; }
of_node

said() { grep -q "$2" "$work/out" || fail "$1"; ok "$1"; } # of the claim before
certificate() { readmit-pki seal new --party QRA --out "$1" --token-module "$module" --token-key "$2" --pin-file "$3"; }
(umask 077 && echo 000000 >"$work/wrong")
claim_not "no certificate with a wrong PIN" certificate "$work/none" "$uri" "$work/wrong"
said "which is said" "the token refused the PIN"
claim_not "nor of a key that is not there" certificate "$work/none" "pkcs11:token=ministry;object=none" "$pin"
claim_not "nor with the PIN in the URI" certificate "$work/none" "$uri?pin-value=123456" "$pin"
claim_not "nor of a name that two keys have" certificate "$work/none" "pkcs11:token=ministry;object=twin" "$pin"
said "which is said too" "more than one token, or key"
claim "one of them is named by its id; P-384" certificate "$work/p384" "pkcs11:token=ministry;object=twin;id=%03" "$pin"
claim "and RSA" certificate "$work/rsa" "pkcs11:token=ministry;id=%04" "$pin"
claim "other tools verify that" eval 'for c in p384 rsa; do openssl verify -CAfile "$work/$c/seal.crt" "$work/$c/seal.crt" || exit 1; done'
claim_not "but no weak one" certificate "$work/none" "pkcs11:token=ministry;id=%05" "$pin"
claim "a certificate of the key in the token" certificate "$work/seal" "$uri" "$pin"
of_node
rm "$keys/seal.key" "$keys/seal.crt" "$keys/identity.xml"
cp "$work/seal/seal.crt" "$keys"
claim "an identity part with it" readmit-pki identity sign --party QRA --root-cert "$work/QRA/pki/root/root.crt" \
	--root-key "$work/QRA/pki/root/root.key" --seal-cert "$keys/seal.crt" --tls-cert "$keys/tls.crt" \
	--endpoint "https://$address:${port_of[QRA]}" --out "$keys/identity.xml"

# A module of our own before that of the token: it counts logins, and misbehaves by order.
gcc -shared -fPIC -isystem /usr/include/p11-kit-1 -o "$work/shim.so" "$(dirname "$0")/../token/shim.c" || fail "the shim"
touch "$work/order" "$work/logins"
chmod 666 "$work/order" "$work/logins"
order() { echo "$1" >"$work/order"; }
logins() { wc -l <"$work/logins"; }
variable() { printf '<environment name="%s" value="%s"/>' "$1" "$2"; }
sed -i "s|  <listen |  <token module=\"$work/shim.so\" key=\"$uri\" pin=\"file:$pin\">\n    $(variable SOFTHSM2_CONF "$SOFTHSM2_CONF")\n    $(
	variable TOKEN_SHIM_MODULE "$module")$(variable TOKEN_SHIM_ORDER "$work/order")$(
	variable TOKEN_SHIM_LOGINS "$work/logins")\n  </token>\n&|" "$config"
readmit-pki profile seal --party QRA --token-module "$module" --token-key "$uri" --pin-file "$pin" --seal-cert "$keys/seal.crt" \
	--out "$work/profile.xml" spec/profiles/generic-test.xml >"$work/out" 2>&1
claim "a profile is sealed by it" readmit-pki profile show "$work/profile.xml"
claim_not "but not under another certificate" readmit-pki profile seal --party QRA --token-module "$module" --token-key "$uri" \
	--pin-file "$pin" --seal-cert "$work/QRB/pki/node/seal.crt" --out "$work/none.xml" spec/profiles/generic-test.xml
of_node
unset SOFTHSM2_CONF
chmod 644 "$pin"
claim_not "a PIN that others may read is refused" readmitd --config "$config" --check
said "with what to do" "chmod 600 $pin"
chmod 600 "$pin"
claim "the configuration is found right" readmitd --config "$config" --check
claim "without a PIN being tried" [ "$(logins)" = 0 ]

ready() { curl -s --unix-socket "$work/QRA/api.sock" http://localhost/health/ready; }
is_ready() { ready | grep -q '"status": *"ready"'; }
waits() { ready | grep -q "seal key: .*$1"; }
metric() { curl -s --unix-socket "$work/QRA/api.sock" http://localhost/metrics | grep -q "^readmitd_seal_key_usable{state=\"$1\"} $2"; }
node_start QRA
node_start QRB
claim "the node is ready" wait_for 10 is_ready
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "what QRA seals in its token is receipted" ctl QRA peer test QRB --wait 10
claim "and QRA's receipts are taken" ctl QRB peer test QRA --wait 10
claim "the metric says so" metric ready 1
claim "an application is sealed in it" ctl QRA message send "$(fresh spec/examples/application-single.xml)" --to QRB \
	"${officers[@]}" --wait 20
case_id=$(ctl QRA case list --json | sed -n 's/.*"case_id": *"\([^"]*\)".*/\1/p' | head -n 1)
claim "and so is the evidence of its case" ctl QRA evidence export "$case_id" --reason review --out "$work/case.asice"
claim "which verifies" readmit-verify "$work/case.asice" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)"
claim "the signer alone has the module" eval \
	'for p in $(pgrep -P "${pid_of[QRA]}"); do grep -q softhsm /proc/$p/maps && cat /proc/$p/comm; done | grep -x signer'

# away WORD TEXT HEALTH: the reason is told in log, health and metric; what QRB sends is answered later, what QRA sends
# waits, and nothing is refused.
away() {
	claim "$2: it is said" wait_for 20 log_has QRA seal_key_waits "\"state\":\"$1\""
	claim "$2: the node is not ready" wait_for 20 waits "$3"
	claim "$2: the metric names it" wait_for 5 metric "$1" 0
	trigger
	claim_not "$2: what comes in is not receipted, and what goes out waits" eval 'none_waits QRB || none_waits QRA'
	claim "$2: the queue says why" wait_for 10 eval 'ctl QRA queue list | grep -q "the seal key cannot be used now"'
	claim_not "$2: and nothing is refused" grep -E '"event":"message_(refused|parked|turned_away)"' "$work/QRA/log" "$work/QRB/log"
}
# trigger: both sides have something to be sealed, and have tried it.
trigger() {
	ctl QRA peer test QRB --wait 1 >/dev/null 2>&1 &
	local ours=$!
	ctl QRB peer test QRA --wait 1 >/dev/null 2>&1
	wait "$ours"
}
none_waits() { ! ctl "$1" queue list | grep -q Ping; }
back() {
	claim "$1: the node is ready again, by itself" wait_for 40 is_ready
	claim "$1: QRB gets its receipts" wait_for 20 none_waits QRB
	claim "$1: QRA's documents go out" wait_for 20 none_waits QRA
}

order removed
away gone "the token is pulled out" "pulled out\|no token"
order none
back "it is back"

node_kill QRA
mv "$tokens" "$tokens.away"
node_start QRA
claim "a power cut, and the files of the token are gone: the node comes up and is not ready" wait_for 10 waits .
trigger
claim_not "nothing is receipted" none_waits QRB
mv "$tokens.away" "$tokens"
back "they are back"

order hang
trigger
away hung "the module hangs" "did not answer in time"
order none
back "it answers"

order end
trigger
away died "the module ends its process" "ended by itself"
order none
back "it does so no more"

before=$(logins)
echo 000000 >"$pin"
order end # so that another signer starts, which finds a wrong PIN
trigger
order none
away pin-wrong "the PIN is wrong" "refused the PIN"
tried=$(($(logins) - before))
kill -HUP "${pid_of[QRA]}"
claim "the configuration is read again" wait_for 20 log_has QRA config_reloaded
claim "the wrong PIN was tried once" [ "$tried" -ge 1 ]
claim "and not again, neither in time nor by that" [ "$(logins)" = $((before + tried)) ]
echo 123456 >"$pin"
back "the PIN is right"

order final
kill -KILL "$(pgrep -P "${pid_of[QRA]}" -x signer)"
away pin-spent "one PIN is left" "would lock the token"
order none
back "a login by hand gave the others back"

sed -i 's/object=seal/object=other/' "$config"
kill -HUP "${pid_of[QRA]}"
away other-key "the key is another one" "not that of seal.crt"
sed -i 's/object=other/object=seal/' "$config"
kill -HUP "${pid_of[QRA]}"
back "it is the right one"
claim "what was sent is delivered" eval '[ "$(ctl QRA message list | grep -c delivered)" -gt 5 ]'
claim "no sealer died of it" eval '! log_has QRA sealer_died'
claim "nor did the node" eval '! log_has QRA set_failed'
