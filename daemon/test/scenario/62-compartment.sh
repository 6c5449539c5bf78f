#!/bin/bash
# Goal of this scenario: what a person needs is read by the health office alone.
# - a notification with a need goes to a State that publishes a key of that office; to one that does not, it is not taken
# - both desks, both data directories, both logs hold nothing of it once it is sealed
# - the office opens it on its own machine, with its key and no other; the node never has that key
# - a referral is there for the social body's user of the machine and for no other desk
# - a key that was replaced opens what was closed for it, and one that is withdrawn is refused as office-key
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
offices=$work/offices # the machine of the offices
mkdir "$offices"

for key in one two three; do
	claim "the health office makes its key $key" readmit-pki office-key new --office HEALTH --out "$offices/$key"
done
claim "the social body makes its key" readmit-pki office-key new --office SOCIAL --out "$offices/social"
levels=(--level Core --level Transit --level Reintegration)
social=(--office SOCIAL --office-key "SOCIAL=$offices/social/SOCIAL.pub")
node_make QRA "${levels[@]}"
node_make QRB "${levels[@]}" --office NODE --office HEALTH "${social[@]}" --office-key "HEALTH=$offices/one/HEALTH.pub"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

send() { # PARTY TO FILE [OPTIONS…]
	local party=$1 to=$2 file=$3
	shift 3
	ctl "$party" message send "$file" --to "$to" "${officers[@]}" --wait 20 "$@"
}
last() { # PARTY FIELD: of the newest message in the inbox
	ctl "$1" --json inbox list --limit 100 | grep -o "\"$2\": *\"[^\"]*\"" | tail -n 1 | cut -d '"' -f 4
}
# office KEY [DOCUMENT]: what the office does on its machine; what it sees is in $offices/seen.
office() {
	readmit-pki compartment open --sender "$work/QRA/descriptor.xml" --key "$offices/$1/HEALTH.key" \
		"${2:-$offices/document.xml}" >"$offices/seen" 2>&1
}
fetch() {
	rm -f "$offices/document.xml"
	ctl QRB inbox document "$(last QRB local_id)" --reason case-work --out "$offices/document.xml"
}

# A word and a sentence that only the need has, of a person who is invented like all others.
need=stretcher handling='Board first, by the rear door 7Q.'
plain="<ForHealth><HealthNeeds><Need>$need</Need><Handling>$handling</Handling></HealthNeeds></ForHealth>"

claim "QRA applies" send QRA QRB "$(fresh "$examples/application-single.xml")"
case=$(last QRB case_id)
sed "s|<Application>[^<]*<|<Application>$(last QRB fingerprint_base64)<|; /<Person key=\"P2\"/,/<\/Person>/d
	/<Person key=\"P3\"/,/<\/Person>/d" "$examples/reply-split.xml" >"$work/reply.xml"
claim "QRB agrees" send QRB QRA "$work/reply.xml" --case "$case"
sed "s|^    </Attestations>|&\\n$plain|" "$(fresh "$examples/transfer-notification-own-document.xml")" \
	>"$offices/transfer.xml"
claim "the notification has a need" grep -q "$handling" "$offices/transfer.xml"
claim "QRA notifies the transfer" send QRA QRB "$offices/transfer.xml" --case "$case"

claim "QRB's desk reads it" ctl QRB inbox content "$(last QRB local_id)" --reason case-work --out "$work/content.xml"
claim "and sees that there is something for health" grep -q '<ForHealth><xenc:EncryptedData' "$work/content.xml"
claim_not "and not what" grep -F -e "$need" -e "$handling" "$work/content.xml"
claim "the sealed document goes to the office" fetch
claim "which opens it" office one
claim "and reads the need" grep -qzE "<Need>$need</Need>\s*<Handling>$handling</Handling>" "$offices/seen"
claim_not "with another key it opens nothing" office two
claim "and is told why" grep -q "no compartment in it is for this key" "$offices/seen"
sed 's|<Mode>land|<Mode>sea|' "$offices/document.xml" >"$offices/changed.xml"
claim_not "nor a document that was changed" office one "$offices/changed.xml"
claim "and is told so" grep -q "changed.xml: .*seal" "$offices/seen"

# refused WORDS PARTY TO FILE [OPTIONS…]: not taken, and readmitctl says so.
refused() {
	local words=$1
	shift
	! send "$@" >"$work/said" 2>&1 && grep -q -- "$words" "$work/said"
}
sed "s|^  <Person key=\"P1\">|&|; s|<ForHealth>.*|<ForHealth><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"></xenc:EncryptedData></ForHealth>|" \
	"$offices/transfer.xml" >"$work/closed.xml"
claim "what is encrypted already is not taken from a desk" refused RXP-CMP-005 QRA QRB "$work/closed.xml" --case "$case"

transit=$(fresh "$examples/transit-application.xml")
claim "a State that publishes no such key is sent no need" refused "QRA publishes no key of its office HEALTH" \
	QRB QRA "$transit"
claim_not "and nothing waits for it" eval 'ctl QRB --json queue list | grep local_id'

# publish SERIAL KEY…: QRB's next identity part, with these keys in this order.
publish() {
	local pki=$work/QRB/pki serial=$1 key keys=()
	shift
	for key in "$@"; do keys+=(--office-key "HEALTH=$offices/$key/HEALTH.pub"); done
	readmit-pki identity sign --party QRB --root-key "$pki/root/root.key" --root-cert "$pki/root/root.crt" \
		--seal-cert "$pki/node/seal.crt" --tls-cert "$pki/node/tls.crt" \
		--endpoint "https://127.0.0.1:${port_of[QRB]}" "${levels[@]}" \
		--office NODE --office HEALTH "${social[@]}" "${keys[@]}" --previous "$pki/node/identity.xml" \
		--out "$work/identity-$serial.xml" || return
	cp "$work/identity-$serial.xml" "$pki/node/identity.xml"
	kill -HUP "${pid_of[QRB]}"
	wait_for 10 published "$serial"
}
published() {
	ctl QRB descriptor export --out "$work/published-$1.xml" || return
	readmit-pki show "$work/published-$1.xml" | grep -qx "identity part $1" && return
	rm "$work/published-$1.xml"
	false
}
introduce() { ctl QRA peer add "$work/published-$1.xml" --fingerprint "$(fingerprint_of QRB)"; }

claim "QRB replaces its key and keeps the old one" publish 2 two one
if ! pulls QRB; then # which tells of the new one at once
	claim "QRA still uses the old one" send QRA QRB "$transit"
	claim "which is taken" fetch
	claim "and opened" office one
fi
claim "QRA hears of the new one" introduce 2
claim "and uses it" send QRA QRB "$transit"
claim "which is fetched" fetch
claim "the new key opens it" office two
claim_not "and the old one does not" office one
# What follows is of keys that are withdrawn before the other State has heard of it.
! pulls QRB || exit 0
claim "QRB withdraws both" publish 3 three
claim "what comes for them now is refused" refused 'an unknown office key' QRA QRB "$transit"
answer() { # to the newest message of PARTY
	local id
	id=$(ctl "$1" --json message list --newest --limit 1 | grep -o '"local_id": *"[^"]*"' | cut -d '"' -f 4)
	curl -s --unix-socket "$work/$1/api.sock" "http://localhost/v1/messages/$id/answer"
}
claim "with requirement and place" grep -q '<Requirement>RXP-CMP-007</Requirement><Place>TransitApplication/Person/ForHealth<' \
	<(answer QRA)
claim "QRA asks for the new one by itself" wait_for 10 log_has QRA peer_renewed
claim "and goes on" send QRA QRB "$transit"

# A referral is for the social bodies alone, also inside each State (RXP-RIN-007).
claim "QRA refers a person to QRB's social body" send QRA QRB "$(fresh "$examples/reintegration-referral.xml")"
referral=$(last QRB local_id)
claim "whose content is encrypted for that body" ctl QRB inbox content "$referral" --reason case-work --out "$work/referral.xml"
claim_not "so that the node's own desk reads no name" grep -E 'Eriksson|Specimen Street' "$work/referral.xml"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$work/QRB"
	sed -i 's|<api \(.*\)mode="0600"/>|<api \1mode="0666"><allow user="daemon" role="observe receive"/><allow \
		user="games" role="observe receive social"/></api>|' "$work/QRB/readmitd.xml"
	kill -HUP "${pid_of[QRB]}"
	claim "QRB names its offices" wait_for 10 ctl QRB status
	as() { # USER PATH: what he gets
		setpriv --reuid "$1" --regid nogroup --clear-groups curl -s --max-time 20 -H 'Readmit-Reason: case-work' \
			--unix-socket "$work/QRB/api.sock" "http://localhost$2" >"$work/as"
	}
	sees() { as "$1" "$2" && grep -q "$3" "$work/as"; }
	claim "the border desk sees what is for it" wait_for 10 sees daemon /v1/messages?order=newest TransitApplication
	claim_not "and no referral" grep -q "Reintegration\|$referral" "$work/as"
	claim "nor by its id" sees daemon "/v1/inbox/$referral/content" '"code": *"not-found"'
	claim "the social body sees it" sees games /v1/messages?order=newest ReintegrationReferral
	claim_not "and nothing else" grep -q 'Transit\|Transfer\|Readmission' "$work/as"
	claim "and fetches it" sees games "/v1/inbox/$referral/content" ReintegrationReferral
fi

node_stop QRA
node_stop QRB
claim "the search finds the need where it is in plain" [ -n "$(grep -rlF -e "$handling" -e "$need" "$offices")" ]
for party in QRA QRB; do
	claim "$party keeps nothing of it, in no file" [ -z "$(grep -rlaF -e "$handling" -e "$need" "$work/$party")" ]
	claim "and no key of an office" [ -z "$(find "$work/$party" -name 'HEALTH*')" ]
done
