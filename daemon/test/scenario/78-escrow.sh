#!/bin/bash
# Goal of this scenario: keys on paper (certs/POLICY.md, Escrow), from the ceremony to the day on which they are needed.
# - the storage key of a node that works is split on a machine of its own, and what was printed is proved by a drill
# - the node's disk loses storage.key: nothing starts without it, nor with a new one
# - three of the five holders bring their sheets; one typing error is told by its line, one sheet of another key too;
#   the key comes back, and the node opens the document that it had received before
# - the root key comes back from its sheets with its passphrase, and signs the next identity part
# - the private escrow key, which no file ever had, comes back as the one of escrow.pub
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
safe=$work/safe # the machine without network
paper=$work/paper # what people typed from their sheets
keys=$work/QRB/pki/node
mkdir "$safe" "$paper"

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "QRA applies" ctl QRA message send "$(fresh "$examples/application-single.xml")" --to QRB "${officers[@]}" --wait 20
id=$(ctl QRB --json inbox list | grep -o '"local_id": *"[^"]*"' | head -n 1 | cut -d '"' -f 4)
content() { ctl QRB inbox content "$id" --reason case-work --out "$1"; }
claim "QRB reads it" content "$work/before.xml"

# refused TEXT WORDS COMMAND…: it fails, and says this.
refused() {
	local text=$1 words=$2
	shift 2
	! "$@" >"$work/said" 2>&1 || fail "$text"
	grep -q -- "$words" "$work/said" || { cat "$work/said"; fail "$text"; }
	ok "$text: $words"
}

# The ceremony: the pages are what the holders get.
split() { readmit-pki escrow split --party QRB --sheets 5 --needed 3 --out "$safe" "$@"; }
typed() { # NAME NUMBER…: these sheets as people type them: small letters, and no words above
	local name=$1 number
	shift
	for number; do
		sed -n '/^ *1  /,$p' "$safe/$name-sheet-$number.txt" |
			awk '{ groups = tolower(substr($0, 5)); gsub("0", "o", groups); print substr($0, 1, 4) groups }' \
				>"$paper/$name-$number"
	done
}
sheets() { # NAME NUMBER…
	local name=$1 number
	shift
	for number; do printf ' --sheet %s' "$paper/$name-$number"; done
}
claim "the storage key is put on five sheets" split "$keys/storage.key"
claim "each of one page" eval '! wc -l "$safe"/storage-sheet-*.txt | awk "\$1 > 66 && \$2 != \"total\"" | grep .'
typed storage 1 2 3 4 5
claim "a drill proves what is on paper" readmit-pki escrow drill --out "$safe/drill" --against "$keys/storage.key" \
	$(sheets storage 2 3 5)
claim "and says when the next one is due" eval 'readmit-pki show "$safe/drill" | grep "The next drill is due by"'

# The day on which it is needed.
claim "QRB ends" node_stop QRB
cp "$keys/storage.key" "$work/was.key"
rm "$keys/storage.key"
claim_not "without the key it does not start" readmitd --check --config "$work/QRB/readmitd.xml"
readmit-pki storage new --out "$work/new" >/dev/null
install -o "$(stat -c %U "$keys/seal.key")" -m 600 "$work/new/storage.key" "$keys/storage.key"
refused "nor with a new one" 'readmit-pki escrow join' readmitd --check --config "$work/QRB/readmitd.xml"
rm "$keys/storage.key"

join() { readmit-pki escrow join --out "$work/back.key" "$@"; }
refused "two sheets are too few" '2 of the 3 sheets that are needed' join $(sheets storage 1 4)
sed '4s/. *$/u/' "$paper/storage-4" >"$paper/storage-wrong"
refused "a typing error is named" "storage-wrong: line 4: group 7" join $(sheets storage 1 wrong 5)
claim "another key has sheets too" readmit-pki escrow split --party QRB --sheets 5 --needed 3 --out "$work/other" \
	"$work/new/storage.key"
refused "a sheet of it is named" 'sheet 5 is of another set than sheet 1' join $(sheets storage 1 4) \
	--sheet "$work/other/storage-sheet-5.txt"
claim "nothing was written so far" test ! -e "$work/back.key"
claim "sheets 1, 4 and 5 give the key back" join $(sheets storage 1 4 5)
claim "which is the very file" cmp "$work/back.key" "$work/was.key"
claim "for its owner alone" test "$(stat -c %a "$work/back.key")" = 600
install -o "$(stat -c %U "$keys/seal.key")" -m 600 "$work/back.key" "$keys/storage.key"
node_start QRB
claim "QRB opens what it had before" content "$work/after.xml"
claim "octet for octet" cmp "$work/before.xml" "$work/after.xml"

# The root, under its passphrase.
printf 'said by two officers\n' >"$safe/word"
claim "a root key is made under a passphrase" readmit-pki root new --party QRB --out "$safe/root" --passphrase-file "$safe/word"
claim_not "without it there are no sheets" split "$safe/root/root.key"
claim "with it there are" split "$safe/root/root.key" --passphrase-file "$safe/word"
typed root 1 2 3
rm "$safe/root/root.key"
claim "the root comes back" readmit-pki escrow join --out "$safe/root/root.key" --passphrase-file "$safe/word" \
	$(sheets root 1 2 3)
claim "and signs" readmit-pki identity sign --party QRB --root-key "$safe/root/root.key" --root-cert "$safe/root/root.crt" \
	--passphrase-file "$safe/word" --seal-cert "$keys/seal.crt" --tls-cert "$keys/tls.crt" --out "$safe/identity.xml"

# The escrow key.
claim "an escrow key is made" readmit-pki escrow new --party QRB --sheets 3 --needed 2 --out "$safe"
claim "in no file but its public part" test ! -e "$safe/escrow.key"
typed escrow 1 3
claim "two sheets are the key of escrow.pub" readmit-pki escrow drill --out "$safe/drill-2" --against "$safe/escrow.pub" \
	$(sheets escrow 3 1)
