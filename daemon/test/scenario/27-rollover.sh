#!/bin/bash
# Goal of this scenario: the keys of a State roll over, and no document is lost or doubled.
# A matrix of kinds of key (seal, TLS, root, agreement) and steps (the new one is listed beside the old, it comes into
# use, the old one is left out). Over each step there are, in one direction or the other:
# - a draft behind a document of its case, a document in flight, attachments that wait for it, a Ping; what was
#   received before and rests, with its receipts; over the change of the seal that leaves the former out also a receipt that
#   was lost, and attachments that are half here
# Afterwards each of them arrived once, nothing is parked, what rests opens, and the evidence verifies.
# - what a part changes is said in words before it is signed; peers learn of it by themselves within a week
# - a file of it is told and taken (peer diff, peer update); one that is older, or of another chain, is refused with the
#   reason, and the old one stands
# - what is in flight under a seal that is left out meanwhile arrives; what bears a revoked one does not, and is
#   parked for a person; what was only a draft is sealed anew
# - a peer whose TLS key changed without notice is asked for its descriptor all the same
# - a distrusted peer is cut off at once, and only its fingerprint brings it back
# long: 66
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
keys=$work/QRA/pki/node
day=0

value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
count() { grep -c "\"event\":\"$2\"" "$work/$1/log"; }
# later DAYS: the clocks of both nodes go on.
later() {
	day=$((day + $1))
	printf '%s' $((day * 86400 * 1000)) | tee "$work/QRA/clock" >"$work/QRB/clock"
}

# --- the machine of the root: its clock is that of the nodes' day ---------------------------------------------------
part=1 root=$work/QRA/pki/root
sign() { # COMMAND… OPTION…: the next identity part of QRA, told and signed
	local before=$work/QRA/identity-$part.xml
	part=$((part + 1))
	readmit-pki "$1" "$2" --previous "$before" --root-cert "$root/root.crt" --root-key "$root/root.key" "${@:3}" \
		--yes --out "$work/QRA/identity-$part.xml" >"$work/told" 2>&1 || { cat "$work/told"; fail "$*"; }
}
install_files() { # FILE…: they take the place of those in the key directory
	local file
	for file in "$@"; do
		cp "$file" "$keys/$(basename "$file")"
	done
	cp "$work/QRA/identity-$part.xml" "$keys/identity.xml"
	[ "$(id -u)" != 0 ] || chown nobody "$keys"/*
}

# --- what is under way over a step ------------------------------------------------------------------------------------
sent_QRA=0 sent_QRB=0
sent() { # PARTY FILE PEER OPTION…: its id, and it waits for its peer
	ctl "$1" --json message send "$(ahead=$day fresh "$examples/$2")" --to "$3" "${officers[@]}" "${@:4}" >"$work/sent" 2>&1 ||
		{ cat "$work/sent"; fail "$1 takes $2"; }
	id=$(value local_id <"$work/sent")
}
tried() { [ "$(count QRA delivery_failed)" -ge "$1" ]; }
in_flight_from_QRA() { # QRB is away: a document and a family with attachments are tried, a withdrawal is a draft behind
	local failed
	failed=$(count QRA delivery_failed)
	sent QRA application-single.xml QRB
	wait_for 30 tried $((failed + 1)) || fail "it is tried"
	sent QRA application-family.xml QRB \
		--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
		--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
		--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer
	wait_for 30 tried $((failed + 2)) || fail "it is tried"
	sent QRA withdrawal.xml QRB --case "$(ctl QRA --json message show "$id" | value case_id)"
	sent_QRA=$((sent_QRA + 3))
}
in_flight_from_QRB() { # QRA is away
	sent QRB application-single.xml QRA
	ctl QRB peer test QRA --wait 1 >"$work/out" 2>&1
	sent_QRB=$((sent_QRB + 1))
}
drained() { [ "$(ctl "$1" --json queue list | grep -c '"local_id"')" = 0 ]; }
received() { ctl "$1" --json inbox list --limit 100 | grep -o '"local_id"' | wc -l; }
# whole WORDS: nothing waits, nothing is parked, and each document arrived once.
whole() {
	claim "$1: QRA's queue is empty" wait_for 30 drained QRA
	claim "$1: QRB's queue is empty" wait_for 30 drained QRB
	claim "$1: each arrived once" [ "$(received QRB) $(received QRA)" = "$sent_QRA $sent_QRB" ]
	claim "$1: nothing is parked" eval '! log_has QRA message_parked && ! log_has QRB message_parked'
	claim "$1: a Ping goes both ways" eval 'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20'
}
# learns WORDS: QRB asks a week later, at its start. It is off until QRA has its new key and part: else it might ask between the
# two, and once more later.
learned() { log_has QRB peer_identity "\"serial\":$part\b"; }
served() { # in $work/QRA/latest.xml; a node seals its working part anew a moment after its start
	rm -f "$work/QRA/latest.xml"
	ctl QRA descriptor export --out "$work/QRA/latest.xml" &&
		readmit-pki show "$work/QRA/latest.xml" | grep -q "^identity part $part$"
}
made() { [ "$(count QRA key_made)" -gt "$1" ]; }
learns() {
	local before
	before=$(count QRA key_made)
	node_stop QRB || fail "QRB ends"
	later 8
	wait_for 10 made "$before" || fail "QRA makes a key"
	wait_for 10 served || fail "QRA serves its newest part"
	node_start QRB
	claim "$1" wait_for 20 learned
}
# step WORDS FILE…: with documents in flight the files come into use, by SIGHUP and by a start in turn.
turn=0
step() {
	local words=$1 before
	shift
	turn=$((turn + 1))
	node_stop QRB || fail "QRB ends"
	in_flight_from_QRA
	if [ $((turn % 2)) = 0 ]; then
		before=$(count QRA config_reloaded)
		install_files "$@"
		kill -HUP "${pid_of[QRA]}"
		claim "$words: a SIGHUP takes it" wait_for 20 eval "[ \"\$(count QRA config_reloaded)\" -gt $before ]"
		node_start QRB
	else
		node_stop QRA || fail "QRA ends"
		node_start QRB
		in_flight_from_QRB
		install_files "$@"
		node_start QRA
	fi
	whole "$words"
}

node_make QRA
node_make QRB
cp "$keys/identity.xml" "$work/QRA/identity-1.xml"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
cp "$work/QRA/descriptor.xml" "$work/QRA/first.xml"

new=$work/QRA/new
readmit-pki seal new --party QRA --out "$new" && readmit-pki tls new --party QRA --out "$new" &&
	readmit-pki root new --party QRA --out "$new" || fail "new keys"
mkdir "$work/QRA/old" && cp "$keys"/seal.* "$keys"/tls.* "$work/QRA/old"

# half_arrived: of two documents of QRB one is receipted, and the receipt is lost; the other lacks its last attachment and itself.
half_arrived() {
	local cut
	node_stop QRA || fail "QRA ends"
	in_flight_from_QRB
	ctl QRB bundle export QRA --out "$work/first.tar" >/dev/null 2>&1 || fail "QRB writes a bundle"
	sent QRB application-family.xml QRA "${family[@]}"
	sent_QRB=$((sent_QRB + 1))
	ctl QRB bundle export QRA --out "$work/bag.tar" >/dev/null 2>&1 || fail "QRB writes another"
	node_stop QRB || fail "QRB ends"
	cut=$(tar tRf "$work/bag.tar" | sed -n 's,^block \([0-9]*\): attachments/.*,\1,p' | tail -n 1)
	head -c $(((cut + 2) * 512)) "$work/bag.tar" >"$work/cut.tar"
	node_start QRA
	ctl QRA bundle import "$work/first.tar" >"$work/told" 2>&1
	ctl QRA bundle import "$work/cut.tar" >"$work/told" 2>&1
	claim "QRA has a document whose receipt is lost, and half of another" eval '[ "$(received QRA)" = $((sent_QRB - 1)) ] &&
		[ -n "$(find "$work/QRA/data/attachments/staging" -type f -size +0)" ]'
}
# by_file WORDS FILE…: while QRB is away documents are in flight; the newest part comes into use, and QRB knows it from a
# file before anything that is in flight comes.
by_file() {
	[ -z "${pid_of[QRB]-}" ] || node_stop QRB || fail "QRB ends"
	in_flight_from_QRA
	[ -z "${late-}" ] || $late
	node_stop QRA || fail "QRA ends"
	# How many of the documents in flight bear the former seal: the one that is tried, and, on a slow machine, the next.
	sealed=$(sqlite3 "$work/QRA/data/readmit.db" "SELECT COUNT(*) FROM outbox WHERE type = 'ReadmissionApplication'
		AND state IN ('closed', 'sending', 'in-doubt')")
	install_files "${@:2}"
	node_start QRA
	wait_for 10 served || fail "QRA serves its newest part"
	node_stop QRA || fail "QRA ends"
	node_start QRB
	claim "$1: QRB takes it from a file" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
	node_start QRA
}

# --- seal, left out while documents under it are in flight ---
readmit-pki seal new --party QRA --out "$work/QRA/second" || fail "new keys"
late="sign identity next --seal-cert $work/QRA/second/seal.crt --retire-seal $work/QRA/old/seal.crt"
half_arrived
by_file "seal, left out in flight" "$work/QRA/second/seal.key" "$work/QRA/second/seal.crt"
whole "seal, left out in flight"
cp "$work/QRA/second"/seal.* "$work/QRA/old"

# --- seal ---
sign identity next --seal-cert "$new/seal.crt"
claim "the new seal is told" grep -q '^+ lists the seal certificate' "$work/told"
step "seal, both listed"
learns "QRB learns of both seals"
step "seal, the new one in use" "$new/seal.key" "$new/seal.crt"
sign identity next --retire-seal "$work/QRA/old/seal.crt"
claim "that the old one goes is told" grep -q '^- leaves out the seal certificate' "$work/told"
step "seal, the new one alone"
learns "QRB learns that the old seal is retired"

# --- TLS ---
sign identity next --tls-cert "$new/tls.crt"
step "TLS, both listed"
learns "QRB learns of both pins"
step "TLS, the new one in use" "$new/tls.key" "$new/tls.crt"
sign identity next --retire-tls "$work/QRA/old/tls.crt"
step "TLS, the new one alone"
learns "QRB learns that the old pin is gone"

# --- root ---
former=$(fingerprint_of QRA)
sign root announce --next-root "$new/root.crt"
step "root, the next one announced"
learns "QRB learns of the next root"
root=$new
sign root change
claim "that the root changes is told" grep -q '^+ sealed by the root' "$work/told"
step "root, the new one in use"
claim_not "the new root is another" [ "$(fingerprint_of QRA)" = "$former" ]
wait_for 10 served || fail "QRA serves its newest part"

# --- by file, before QRB has asked ---
claim "QRB is told what the file changes" eval 'ctl QRB peer diff QRA "$work/QRA/latest.xml" >"$work/diff" 2>&1 &&
	grep -q "^- sealed by the root \|^- no longer sealed" "$work/diff" && grep -q "^+ sealed by the root" "$work/diff"'
claim "and that an old one would not be taken" eval 'ctl QRB peer diff QRA "$work/QRA/first.xml" >"$work/diff" 2>&1 &&
	grep -q "it would not be taken: a newer descriptor of the party is known" "$work/diff"'
claim_not "an old one is not taken" ctl QRB peer update QRA "$work/QRA/first.xml" --yes
claim_not "nor QRB's own as QRA's" ctl QRB peer update QRA "$work/QRB/descriptor.xml" --yes
claim "the newer one is" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
claim "and its root counts" eval 'ctl QRB peer show QRA --json | grep -q "$(fingerprint_of QRA)"'
whole "root, taken by file"

# --- agreement: the keys of both nodes are renewed and destroyed by themselves ---
rekeyed="$(count QRA message_rekeyed) $(count QRB message_rekeyed)"
node_stop QRB || fail "QRB ends"
in_flight_from_QRA
later 15
wait_for 20 log_has QRA key_made || fail "QRA makes a key"
node_start QRB
whole "agreement, the next one in use"
node_stop QRB || fail "QRB ends"
in_flight_from_QRA
later 15
node_start QRB
whole "agreement, two later"
# A former key opens what is closed for it for 30 days more; where it does not the sender closes that anew, and it arrives too.
claim "agreement: the former keys opened it" [ "$(count QRA message_rekeyed) $(count QRB message_rekeyed)" = "$rekeyed" ]

# --- TLS, changed from one moment to the next: the descriptor proves itself, whoever serves it ---
readmit-pki tls new --party QRA --out "$work/QRA/third" || fail "new keys"
sign identity next --tls-cert "$work/QRA/third/tls.crt" --retire-tls "$new/tls.crt"
node_stop QRA || fail "QRA ends"
in_flight_from_QRB
install_files "$work/QRA/third/tls.key" "$work/QRA/third/tls.crt"
node_start QRA
learns "QRB learns of a pin that it never heard of, from the server that has it"
whole "TLS, changed without notice"

# --- what rests ---
claim "what QRB received first opens" eval 'id=$(ctl QRB --json inbox list --limit 100 | value local_id) &&
	ctl QRB message content "$id" --reason case-work --out "$work/read.xml"'
for party in QRA QRB; do
	while read -r case; do
		ctl $party evidence export "$case" --reason review --out "$work/case.asice" >"$work/out" 2>&1 &&
			readmit-verify "$work/case.asice" --root "QRA=$(fingerprint_of QRA)" --root "QRB=$(fingerprint_of QRB)" \
				>>"$work/out" 2>&1 || { cat "$work/out"; fail "$party: the evidence of $case verifies"; }
		rm "$work/case.asice"
	done < <(ctl $party --json case list --limit 100 | grep -o '"case_id": *"[^"]*"' | cut -d '"' -f 4)
done
ok "the evidence of every case verifies under the new root, at both"

# --- a stolen seal: what bears it is not taken, and waits for a person ---
readmit-pki seal new --party QRA --out "$work/QRA/third" || fail "new keys"
late="sign identity next --seal-cert $work/QRA/third/seal.crt --retire-seal $new/seal.crt --revoked-since $(date -u +%FT%T.000Z)"
by_file "seal, revoked" "$work/QRA/third/seal.key" "$work/QRA/third/seal.crt"
unset late
not_taken=$((2 * sealed - 1)) # what is behind the next waits with it
# It is tried thrice more, and rests twice as long each time: how long, goes by how often it was tried while QRB was away.
claim "what bears a revoked seal is parked at its sender" wait_for 200 log_has QRA message_parked
claim "and was not taken; what is sealed since is" wait_for 20 eval '[ "$(received QRB)" = $((sent_QRA - not_taken)) ]'
claim "a Ping goes both ways" eval 'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20'

# --- distrust ---
claim "QRB distrusts QRA" ctl QRB peer distrust QRA --yes
claim_not "nothing of it is taken any more" ctl QRA peer test QRB --wait 3
claim_not "not even its newer descriptor" ctl QRB peer update QRA "$work/QRA/latest.xml" --yes
ctl QRA descriptor export --out "$work/QRA/again.xml" >/dev/null || fail "QRA exports its descriptor"
nobody=$(tr 0-9a-f 1-9a-f0 <<<"$former") # each digit is another
claim_not "nor is it under another root" ctl QRB peer add "$work/QRA/again.xml" --fingerprint "$nobody"
claim_not "nor under a former one, which seals a part of the chain" ctl QRB peer add "$work/QRA/again.xml" --fingerprint "$former"
claim "the fingerprint that people compare brings it back" ctl QRB peer add "$work/QRA/again.xml" \
	--fingerprint "$(fingerprint_of QRA)"
claim "and a Ping goes both ways" eval 'ctl QRA peer test QRB --wait 20 && ctl QRB peer test QRA --wait 20'

# --- the end of a certificate is announced; nothing stops at it ---
later $((1090 - day)) # they last three years
claim "that the seal and the TLS certificate end soon is said" wait_for 20 eval \
	'log_has QRA certificate_ends "\"key\":\"seal\"" && log_has QRA certificate_ends "\"key\":\"tls\""'
claim "and stands in the figures" eval 'curl -s --unix-socket "$work/QRA/api.sock" http://localhost/metrics >"$work/figures" &&
	grep -q "certificate_not_after_timestamp_seconds{key=\"seal\"}" "$work/figures" &&
	grep -q "certificate_not_after_timestamp_seconds{key=\"tls\"}" "$work/figures"'
