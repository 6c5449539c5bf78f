#!/bin/bash
# Goal of this scenario: a State that opens no port takes full part (RXP-PUL).
# - it and a State with a port become peers, and Pings, an application with attachments and its reply go both ways
# - messages are submitted at both while one or the other is killed at random: nothing is lost, nothing is doubled
# - one document that was pushed, fetched and pushed again has one effect and one receipt, octet for octet
# - what a hostile peer may ask for is bounded, and costs no other peer anything
. "$(dirname "$0")/lib.sh"
check=$(dirname "$0")/../fault/check.sh
rounds=${READMIT_KILLS:-6} each=10
RANDOM=${READMIT_SEED:-$$}
echo "seed: ${READMIT_SEED:-$$}, rounds: $rounds"

node_make QRA
node_pulls QRB
node_start QRA
node_start QRB
claim "QRB names no endpoint" eval 'readmit-pki show "$work/QRB/pki/node/identity.xml" | grep -q "it has no endpoint"'
claim_not "and listens nowhere" grep -q "<listen" "$work/QRB/readmitd.xml"
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "QRB, which pushes, proves the path" ctl QRB peer test QRA --wait 10
claim "QRA, whose message is fetched, proves the path" ctl QRA peer test QRB --wait 10

# got PARTY: the attachments of the application in its inbox are the pictures.
got() {
	local n=0 picture id
	id=$(ctl "$1" --json inbox list | grep -o '{[^{}]*"ReadmissionApplication"[^{}]*}' | tail -n 1 | value local_id)
	for picture in portrait-1 passport portrait-2; do
		n=$((n + 1))
		rm -f "$work/got"
		ctl "$1" attachment get "$id" $n --reason case-work --out "$work/got" &&
			cmp "$work/got" "$pictures/$picture.jpg" || return 1
	done
}
written=$(fresh "$examples/application-family.xml")
claim "QRA's desk takes an application with three attachments" sends QRA QRB "$written" "${family[@]}"
claim "QRB fetches it" wait_for 20 state_is QRA "$local_id" delivered
claim "with its attachments" got QRB
claim "QRB's desk takes one of its own" sends QRB QRA "$written" "${family[@]}"
claim "it is delivered" wait_for 20 state_is QRB "$local_id" delivered
claim "with its attachments" got QRA

# submit FROM TO: ask for a Ping; keep the id if the answer is 202. A killed node answers nothing.
submit() {
	curl -s --max-time 5 --unix-socket "$work/$1/api.sock" -X POST "http://local/v1/peers/$2/test" \
		-o "$work/answer" -w '%{http_code}' 2>/dev/null | grep -q 202 &&
		grep -o '[0-9a-f]\{8\}-[0-9a-f-]\{27\}' "$work/answer" | head -1 >>"$work/accepted.$1"
}
# apply FROM TO: the same of an application with three attachments.
apply() { sends "$1" "$2" "$written" "${family[@]}" 2>/dev/null && echo "$local_id" >>"$work/accepted.$1"; }
idle() { [ "$(ctl "$1" --json queue list | grep -c '"local_id"')" = 0 ]; }
for ((round = 1; round <= rounds; round++)); do
	victim=QRA
	[ $((RANDOM % 2)) = 0 ] || victim=QRB
	fatal=$((RANDOM % (2 * each)))
	apply QRA QRB
	apply QRB QRA
	for ((i = 0; i < each; i++)); do
		submit QRA QRB
		[ $fatal -ne $((2 * i)) ] || node_kill "$victim"
		submit QRB QRA
		[ $fatal -ne $((2 * i + 1)) ] || node_kill "$victim"
	done
	node_start "$victim"
done
claim "QRA's queue drains" wait_for 90 idle QRA
claim "QRB's queue drains" wait_for 90 idle QRB
claim "QRA ends" node_stop QRA
claim "QRB ends" node_stop QRB
a=$work/QRA/data/readmit.db b=$work/QRB/data/readmit.db
echo "accepted: $(wc -l <"$work/accepted.QRA") by QRA, $(wc -l <"$work/accepted.QRB") by QRB"
claim "enough was accepted to say anything" [ "$(cat "$work"/accepted.* | wc -l)" -ge $((rounds * each)) ]
claim "every message of QRA is accounted for" "$check" "$a" "$b" QRA QRB "$work/accepted.QRA"
claim "every message of QRB is accounted for" "$check" "$b" "$a" QRB QRA "$work/accepted.QRB"

# A node that has an endpoint and lost its port is pushed to in vain, and fetches (RXP-PUL-009).
node_make QRC
cp "$work/QRC/readmitd.xml" "$work/QRC/open.xml"
sed -i '/<listen /d' "$work/QRC/readmitd.xml"
node_start QRA
node_start QRC
claim "QRA and QRC become peers" eval 'peer_with QRA QRC && peer_with QRC QRA'
claim "a document for QRC, which cannot be pushed" sends QRA QRC "$written" "${family[@]}"
claim "is fetched" wait_for 30 state_is QRA "$local_id" delivered
id=${local_id//-/}
claim "QRA ends, so that its database can be read" node_stop QRA
sqlite3 -readonly "$a" "SELECT writefile('$work/envelope', envelope), writefile('$work/receipt', answer)
	FROM outbox WHERE local_id=x'$id'" >/dev/null
file=$(sqlite3 -readonly "$a" "SELECT lower(hex(ciphertext_digest)) FROM attachment WHERE message=x'$id' LIMIT 1")
node_start QRA
claim "QRC ends" node_stop QRC
cp "$work/QRC/open.xml" "$work/QRC/readmitd.xml"
node_start QRC
push() {
	h2 QRA -X POST -H 'Content-Type: application/rxp+xml' --data-binary @"$work/envelope" \
		"https://127.0.0.1:${port_of[QRC]}/rxp/1/messages" -o "$work/again"
}
claim "pushed to it again, once it has a port" push
claim "it gives the receipt that it posted, octet for octet" cmp "$work/receipt" "$work/again"
claim "a receipt that was taken is taken again" eval '[ "$(h2 QRC -X POST -H "Content-Type: application/rxp+xml" \
	--data-binary @"$work/receipt" "https://127.0.0.1:${port_of[QRA]}/rxp/1/answers" -w "%{http_code}")" = 204 ]'
flip() { sed 's/<LogCount>[0-9]*</<LogCount>99</' "$work/receipt"; }
claim "one of which a figure is changed is not" eval '[ "$(flip | h2 QRC -X POST -H "Content-Type: application/rxp+xml" \
	--data-binary @- "https://127.0.0.1:${port_of[QRA]}/rxp/1/answers" -w "%{http_code}")" = 422 ]'
claim "nor is it taken from another party" eval '[ "$(h2 QRB -X POST -H "Content-Type: application/rxp+xml" \
	--data-binary @"$work/receipt" "https://127.0.0.1:${port_of[QRA]}/rxp/1/answers" -w "%{http_code}")" = 422 ]'
claim "an attachment of it is nobody's any more" eval '[ "$(h2 QRC "https://127.0.0.1:${port_of[QRA]}/rxp/1/attachments/$file" \
	-w "%{http_code}" -o "$work/none")" = 404 ]'
claim "one effect: one message in QRC's inbox" \
	[ "$(ctl QRC --json inbox list | grep -o '"ReadmissionApplication"' | wc -l)" = 1 ]

# A flood of requests that wait, by a peer: each ends an earlier one, and nobody else feels it.
flood() {
	local n
	for n in {1..40}; do h2 QRB "https://127.0.0.1:${port_of[QRA]}/rxp/1/messages?wait=30" -o "$work/flood.$n" & floods+=($!); done
}
floods=()
flood
claim "while a peer asks and asks, another proves the path" ctl QRC peer test QRA --wait 10
claim "and the other way" ctl QRA peer test QRC --wait 10
kill "${floods[@]}" 2>/dev/null
wait "${floods[@]}" 2>/dev/null
bad() { [ "$(h2 QRC "https://127.0.0.1:${port_of[QRA]}/rxp/1/messages$1" -w '%{http_code}')" = 400 ]; }
for query in '?' '?wait=31' '?wait=05' '?wait=-1' '?skip=' '?skip=x' '?wait=1&wait=1' '?wait=1&' '?skip=01980000-0000-7000-8000-000000000000,' '?x=1'; do
	claim "a query that is none is refused: $query" bad "$query"
done
claim "and none waits for nothing" eval '[ "$(h2 QRC "https://127.0.0.1:${port_of[QRA]}/rxp/1/messages" -w "%{http_code}")" = 204 ]'
