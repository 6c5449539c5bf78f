#!/bin/bash
# What this project seals and encrypts is right for tools that share nothing with it: run.sh BUILD TESTS MODULES
# - the JDK's and xmlsec's verification of seals: of a node's Receipt, Document, identity and working
#   part, and of the second implementation's Document; each says no when one octet is changed
# - open-envelope.mjs opens a node's Envelope and the worked example of spec/examples, open-compartment.mjs
#   the compartment in a Document that compartment_document_test, in the folder TESTS, writes
# - drive.py of the vectors package, which needs Python's standard library alone, comes to the same as its index
# - the HTTP/2 scripts of the package, played octet by octet, get from a node what the index says
# - due-dates.mjs computes the due dates of spec/examples
# - the JDK and xadesjs, in the folder MODULES, verify the signature of a container of evidence, which unzip lists
# None of these tools judges the shape that RXP/1 demands. Prints "N passed, M failed".
set -u
here=$(realpath "$(dirname "$0")") tests=$(realpath "$2") modules=$(realpath "$3")
quiet_end=1 # the last line is the count
. "$here/../../daemon/test/scenario/lib.sh"
peer=$here/../peer/peer.mjs examples=$here/../../spec/examples
passed=0 failed=0

check() { # TEXT COMMAND…
	local text=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		passed=$((passed + 1))
		echo "ok - $text"
	else
		failed=$((failed + 1))
		echo "not ok - $text"
		cat "$work/out"
	fi
}
not() { ! "$@"; }

jdk() { java -cp "$work/classes" VerifySeal "$1" "$2"; } # CERTIFICATE(DER) FILE
cli() {                                                  # the same with xmlsec1
	local namespace
	namespace=$(grep -o -m1 'urn:rxp:1:[a-z]*' "$2" | head -1)
	openssl x509 -inform DER -in "$1" -out "$work/certificate.pem" &&
		xmlsec1 --verify --id-attr:Id "$namespace:Header" --id-attr:Id "$namespace:Body" \
			--id-attr:Id 'http://uri.etsi.org/01903/v1.3.2#:SignedProperties' \
			--enabled-reference-uris same-doc --enabled-key-data key-name \
			--pubkey-cert-pem "$work/certificate.pem" "$2"
}
# seal TEXT CERTIFICATE FILE: both accept it, and neither a Body, nor properties, with another octet.
seal() {
	local tool
	sed 's/\(<Body[^>]*>\)\(<[A-Za-z]*[^>]*>\)./\1\2#/' "$3" >"$work/body.xml"
	sed 's/\(SigningTime>\)2/\13/' "$3" >"$work/time.xml"
	if cmp -s "$3" "$work/body.xml" || cmp -s "$3" "$work/time.xml"; then fail "a changed copy of $1"; fi
	for tool in jdk cli; do
		check "$tool: $1" $tool "$2" "$3"
		check "$tool refuses another Body: $1" not $tool "$2" "$work/body.xml"
		check "$tool refuses another SigningTime: $1" not $tool "$2" "$work/time.xml"
	done
}
envelope() { node "$here/open-envelope.mjs" "$1" "$2" >"$3"; } # KEY(PEM) ENVELOPE DOCUMENT
part() { sed "s/.*<$1>\([^<]*\)<\/$1>.*/\1/" "$work/QRA/descriptor.xml" | tr -d '\n' | base64 -d; } # NAME
certificate_in() { sed 's/.*<ds:X509Certificate>\([^<]*\)<.*/\1/' "$1" | tr -d '\n' | base64 -d; }
listed() { sed -n "s/^$1  *//p" "$examples/ping.txt"; } # LABEL: a value of the worked example
digest_is() { [ "$(sha256sum <"$1" | cut -c1-64 | tr a-f A-F)" = "$2" ]; }

# An EC private key as SEC 1 without its public part, from which openssl makes a whole one.
private_key() { # SCALAR PEM
	printf '30310201010420%sA00A06082A8648CE3D030107' "$1" |
		basenc --base16 -d | openssl pkcs8 -topk8 -nocrypt -inform DER -out "$2"
}
compartment() { node "$here/open-compartment.mjs" "$work/office.pem" "$1" "$2" >"$3"; } # DOCUMENT OFFICE PLAIN

javac -d "$work/classes" "$here/VerifySeal.java" "$here/VerifyContainer.java" || fail "javac"

# --- a real exchange, both ways ---------------------------------------------------------------------
node_make QRA
node_start QRA
node "$peer" init "$work/QRZ" --party QRZ --endpoint "https://127.0.0.1:$(free_port)"
ctl QRA peer add "$work/QRZ/descriptor.xml" --fingerprint "$(node "$peer" fingerprint "$work/QRZ")" &>/dev/null
ctl QRA descriptor export --out "$work/QRA/descriptor.xml" 2>/dev/null
trusted=("$work/QRZ" "$work/QRA/descriptor.xml" "$(fingerprint_of QRA)")
node "$peer" serve "${trusted[@]}" --keep "$work/from" >"$work/QRZ/log" 2>&1 &
pid_of[QRZ]=$!
wait_for 10 grep -q '^ready' "$work/QRZ/log" || fail "the second implementation serves"
check "a Ping to the node" node "$peer" ping "${trusted[@]}" --keep "$work/to"
check "a Ping from the node" ctl QRA peer test QRZ --wait 10

openssl x509 -in "$work/QRZ/seal.crt" -outform DER -out "$work/QRZ/seal.der"
check "open-envelope opens the node's Envelope" \
	envelope "$work/QRZ/agreement.key" "$work/from/envelope.xml" "$work/from/document.xml"
part Identity >"$work/identity.xml"
part Working >"$work/working.xml"
certificate_in "$work/identity.xml" >"$work/root.der"
seal "the node's Receipt" "$work/to/certificate.der" "$work/to/answer.xml"
seal "the node's Document" "$work/to/certificate.der" "$work/from/document.xml"
seal "the node's identity part" "$work/root.der" "$work/identity.xml"
seal "the node's working part" "$work/to/certificate.der" "$work/working.xml"
seal "the second implementation's Document" "$work/QRZ/seal.der" "$work/to/document.xml"
seal "the second implementation's Receipt" "$work/QRZ/seal.der" "$work/from/answer.xml"
check "jdk refuses a seal under another certificate" not jdk "$work/QRZ/seal.der" "$work/to/answer.xml"
check "cli refuses a seal under another certificate" not cli "$work/QRZ/seal.der" "$work/to/answer.xml"

# --- a container of evidence ------------------------------------------------------------------------
jdk_container() { java -cp "$work/classes" VerifyContainer "$work/QRA/seal.der" "$1"; }
xades_container() { # CONTAINER
	rm -rf "$work/unpacked"
	unzip -q -d "$work/unpacked" "$1" &&
		node "$here/verify-container.mjs" "$modules" "$work/QRA/seal.der" "$work/unpacked"
}
openssl x509 -in "$work/QRA/pki/node/seal.crt" -outform DER -out "$work/QRA/seal.der"
ping=$(ctl QRA --json message list | grep -o '{[^{}]*"direction":"out"[^{}]*"type":"Ping"[^{}]*}' |
	sed -n 's/.*"local_id":"\([^"]*\)".*/\1/p' | head -n 1)
check "the node gives its evidence" \
	ctl QRA evidence export "$ping" --reason supervision --out "$work/ping.asice"
check "unzip finds it whole" unzip -tq "$work/ping.asice"
check "its first entry is mimetype" [ "$(unzip -Z1 "$work/ping.asice" | head -n 1)" = mimetype ]
mkdir -p "$work/changed"
for entry in chronology.txt chronology.html documents/01-Ping-QRA/receipt.xml META-INF/signatures.xml; do
	unzip -qo -d "$work/changed" "$work/ping.asice" "$entry"
	sed -i '0,/2026-/s//2036-/' "$work/changed/$entry"
	cp "$work/ping.asice" "$work/changed.asice"
	jar --update --no-manifest --file "$work/changed.asice" -C "$work/changed" "$entry"
	for tool in jdk xades; do
		check "$tool refuses another $(basename "$entry") in it" not ${tool}_container "$work/changed.asice"
	done
done
for tool in jdk xades; do check "$tool: its signature, over every file" ${tool}_container "$work/ping.asice"; done

# --- the worked example -----------------------------------------------------------------------------
private_key "$(listed 'agreement key d of QRB')" "$work/agreement.pem"
check "open-envelope opens the worked example" \
	envelope "$work/agreement.pem" "$examples/ping-envelope.xml" "$work/example.xml"
check "its Document is the one listed" digest_is "$work/example.xml" "$(listed 'Document, SHA-256')"
listed 'seal certificate, base64' | base64 -d >"$work/example.der"
seal "the worked example" "$work/example.der" "$work/example.xml"

# --- a compartment ----------------------------------------------------------------------------------
mkdir "$work/compartment"
(cd "$here/../.." && RXP_COMPARTMENT_WRITE="$work/compartment" "$tests/compartment_document_test") &>/dev/null ||
	fail "compartment_document_test"
private_key "$(cat "$work/compartment/scalar.txt")" "$work/office.pem"
check "open-compartment opens the compartment of a Document" \
	compartment "$work/compartment/document.xml" HEALTH "$work/needs.xml"
check "it holds the needs that the example names" grep -q '<Need>wheelchair</Need>' "$work/needs.xml"
check "it does not open for another office" \
	not compartment "$work/compartment/document.xml" SOCIAL "$work/other.xml"
# --- the vectors package, by Python's standard library ------------------------------------------------
vectors=$work/vectors
check "the vectors package is made" readmit-conform vectors "$vectors"
drive() { python3 "$vectors/drive.py" "$1"; } # DIR
check "drive.py, of the package, comes to the same" drive "$vectors"
judged=$(awk '/ judged/ { n += $2 } END { print n }' "$work/out")
check "a package that expects the opposite is made" node "$here/../peer/flip.mjs" "$vectors" "$vectors-not"
drive "$vectors-not" >"$work/out-not" || true # it says so
check "each vector that it judges" [ "$(grep -c '^[A-Z]*-[0-9]*\.[A-Z]\.' "$work/out-not")" = "$judged" ]
check "its scripts of HTTP/2 are octets that a node answers as they say" \
	node "$here/../peer/play-scripts.mjs" "$vectors" "${trusted[@]}"
# --- due dates --------------------------------------------------------------------------------------
check "due-dates.mjs comes to the same due dates" node "$here/due-dates.mjs"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
