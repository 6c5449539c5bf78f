#!/bin/bash
# Goal of this scenario: keys that lie encrypted on the disk are opened by passphrases that the service manager hands over,
# and a machine comes up again after a power cut without anybody.
# - readmit-pki makes and changes such files; other tools open them
# - a passphrase that is not given, is wrong, or may be read by others is named, each for its key
# - after a power cut the node starts with what systemd gives it
. "$(dirname "$0")/lib.sh"

node_make QRB
node_make QRA
config=$work/QRA/readmitd.xml keys=$work/QRA/pki/node credentials=$work/credentials
mkdir -m 700 "$credentials"
umask 077
for key in tls seal storage; do
	echo "passphrase of $key" >"$credentials/$key"
	claim "$key.key is encrypted" readmit-pki key encrypt --passphrase-file "$credentials/$key" --out "$work/$key.key" "$keys/$key.key"
	claim "and opens again as it was" readmit-pki key decrypt --passphrase-file "$credentials/$key" --out "$work/$key.again" "$work/$key.key"
	claim "byte for byte" cmp "$work/$key.again" "$keys/$key.key"
	mv "$work/$key.key" "$keys/$key.key"
done
claim_not "not with another passphrase" \
	readmit-pki key decrypt --passphrase-file "$credentials/tls" --out "$work/none" "$keys/seal.key"
claim "other tools open a private key too" \
	openssl pkey -in "$keys/seal.key" -passin "file:$credentials/seal" -noout
claim_not "sheets of paper need the passphrase of a storage key" readmit-pki escrow split --party QRA --sheets 3 --needed 2 \
	--out "$work/sheets" "$keys/storage.key"
claim "and are made with it" readmit-pki escrow split --party QRA --sheets 3 --needed 2 --out "$work/sheets" \
	--passphrase-file "$credentials/storage" "$keys/storage.key"
claim "a State can be made so at once" readmit-pki state new --party QRA --out "$work/state" --node-passphrase-file "$credentials/tls"
claim "with all keys of its node encrypted" eval '[ "$(grep -l "BEGIN ENCRYPTED" "$work"/state/node/*.key | wc -l)" = 3 ]'

export CREDENTIALS_DIRECTORY=$credentials
cp "$config" "$work/none.xml"
# given NAME…: the configuration names the passphrases of these keys.
given() {
	local name names=
	for name; do names+=" $name-passphrase=\"credential:$name\""; done
	sed "s|<keys |<keys$names |" "$work/none.xml" >"$config"
}
says() { # STATUS TEXT
	readmitd --config "$config" --check >"$work/check" 2>&1
	[ $? = "$1" ] && grep -q -- "$2" "$work/check"
}
given
claim "seal.key without a passphrase is named" says 78 "seal.key: is encrypted, and no passphrase is given; .*keys/@seal-passphrase"
given seal
claim "storage.key too" says 78 "storage.key: is encrypted, and no passphrase is given"
given seal storage
claim "and tls.key" says 78 "tls.key: is encrypted, and no passphrase is given"
given seal storage tls
claim "with all three nothing is wrong" says 0 "no problem found"
for key in seal storage tls; do
	mv "$credentials/$key" "$work/kept"
	echo "another" >"$credentials/$key"
	claim "a wrong passphrase of $key.key is named" says 78 "$key.key: does not open with the passphrase given"
	rm "$credentials/$key"
	claim "a credential that is missing too" says 78 "credentials/$key: No such file"
	mv "$work/kept" "$credentials/$key"
done
chmod 644 "$credentials/seal"
claim "a credential that everybody may read is refused" says 78 "credentials/seal: others than the owner may use it"
chmod 600 "$credentials/seal"
cp "$config" "$work/credential.xml"
sed "s|credential:seal|file:$credentials/seal|" "$work/credential.xml" >"$config"
claim "a file does as well" says 0 "no problem found"
chmod 640 "$credentials/seal"
claim "if its owner alone may read it" says 78 "credentials/seal: others than the owner may use it"
chmod 600 "$credentials/seal"
cp "$work/credential.xml" "$config"
(
	unset CREDENTIALS_DIRECTORY
	says 78 "systemd gives no credentials"
) || fail "without credentials"
ok "without a service manager that gives credentials this is said"

node_start QRB
node_start QRA
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "QRA's Ping is receipted" ctl QRA peer test QRB --wait 10
node_kill QRA
node_start QRA
claim "after a power cut it works again by itself" ctl QRA peer test QRB --wait 10
claim "and QRB reaches it" ctl QRB peer test QRA --wait 20
claim "no process holds a passphrase in its environment or arguments" eval \
	'! cat /proc/$(pgrep -P "${pid_of[QRA]}" | head -1)/{environ,cmdline} | tr "\0" "\n" | grep -q passphrase'
