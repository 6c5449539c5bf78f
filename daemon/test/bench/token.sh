#!/bin/bash
# Signatures per second of a seal key in memory and of one in a token (SoftHSM): token.sh BUILD PROGRAMS
. "$(dirname "$0")/../scenario/lib.sh"
quiet_end=yes
module=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
export SOFTHSM2_CONF=$work/softhsm2.conf
mkdir -m 700 "$work/tokens"
printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$work/tokens" >"$SOFTHSM2_CONF"
{
	softhsm2-util --init-token --free --label ministry --pin 123456 --so-pin 87654321 &&
		pkcs11-tool --module "$module" --login --pin 123456 --token-label ministry --keypairgen \
			--key-type EC:prime256v1 --label seal --id 01 &&
		(umask 077 && echo 123456 >"$work/pin") &&
		readmit-pki seal new --party QRA --out "$work/token" --token-module "$module" \
			--token-key "pkcs11:token=ministry;object=seal" --pin-file "$work/pin" &&
		readmit-pki seal new --party QRA --out "$work/memory"
} >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
"$2/seal" "$build/libexec/readmitd" "$module" "pkcs11:token=ministry;object=seal" "$work/pin" "$work/token/seal.crt" \
	"$work/memory/seal.key" "$work/memory/seal.crt" "${SECONDS_EACH:-3}"
