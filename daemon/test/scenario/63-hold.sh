#!/bin/bash
# Goal of this scenario: a hold and an emergency stop keep a person back and say nothing, on real nodes.
# - two cases run side by side, one held and lifted, one merely slow: all that QRB has of them, in its database
#   and at its API, is equal in form: types, places, states, octets, flags, hours
# - a held document is refused at the desk; who set the hold does not lift it, another user does; root does neither
# - a hold and what it stopped outlive a power cut; a transfer that was notified is taken back like any other
# - an emergency stop takes effect by two users, keeps a notification back, lists whom it concerns, and QRB hears
#   nothing of it; it is lifted by two
# - nothing of all this is in an evidence export or in anything that QRB has
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { ok "two officers are two users, and only root can be both: left out"; exit 0; }
examples=$(dirname "$0")/../../../spec/examples
first=daemon second=games # accounts that every Debian has

node_make QRA
node_make QRB
sed -i "s|<api \(.*\)mode=\"0600\"/>|<api \1mode=\"0666\"><allow user=\"$first\" role=\"observe submit protect\"/><allow user=\"$second\" role=\"observe submit protect\"/></api>|" \
	"$work/QRA/readmitd.xml"
chmod 755 "$work/QRA"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# as USER COMMAND…: readmitctl at QRA.
as() {
	setpriv --reuid "$1" --regid nogroup --clear-groups \
		readmitctl --socket "$work/QRA/api.sock" "${@:2}"
}
json() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
send() { # PARTY PEER FILE OPTIONS…
	ctl "$1" --json message send "$3" --to "$2" "${officers[@]}" --wait 20 "${@:4}"
}
days() { # day N of the story
	ahead=$1
	printf '%s' $(($1 * 86400000)) | tee "$work/QRA/clock" >"$work/QRB/clock"
}

# --- the story, told of a case that will be held and of one that is slow ------------------------------
declare -A case_of sent
apply() { # NAME
	local answer
	answer=$(send QRA QRB "$(fresh "$examples/application-single.xml")") || return 1
	case_of[$1]=$(json case_id <<<"$answer")
	sent[$1]=$(ctl QRA --json message show "$(json local_id <<<"$answer")" | json fingerprint_base64)
}
accept() { # NAME
	sed "s|<Application>[^<]*<|<Application>${sent[$1]}<|; /<Person key=\"P2\"/,/<\/Person>/d
		/<Person key=\"P3\"/,/<\/Person>/d" "$examples/reply-split.xml" >"$work/reply-$1.xml"
	send QRB QRA "$work/reply-$1.xml" --case "${case_of[$1]}"
}
notify() { # NAME
	send QRA QRB "$(fresh "$examples/transfer-notification-own-document.xml")" --case "${case_of[$1]}"
}
remind() { # NAME: QRB writes, whatever it does not know
	sed '/<Document>/d' "$examples/reminder-other.xml" >"$work/remind.xml"
	send QRB QRA "$work/remind.xml" --case "${case_of[$1]}"
}
hold() { as "$1" case hold "${case_of[held]}" --person P1 --because legal "${@:2}"; }
lift() { as "$1" case lift "${case_of[held]}" --person P1; }

claim "an application is sent, whose case will be held" apply held
claim "and one of a case that will be slow" apply slow
days 1
claim "QRB accepts in the one" accept held
claim "and in the other" accept slow
days 2
claim_not "root, who is not named for it, holds nothing" ctl QRA case hold "${case_of[held]}" --because legal
cp "$work/out" "$work/told"
claim "and is told the role" grep -q "it needs the role protect" "$work/told"
claim "an officer holds the one" hold $first
claim "QRA shows it" eval 'ctl QRA case show "${case_of[held]}" | grep -q "1 *legal *uid:"'
claim_not "a notification of its transfer is refused" notify held
cp "$work/out" "$work/told"
claim "with the rule" grep -q "RXP-HLD-002" "$work/told"
claim "what QRB writes meanwhile is receipted in the one" remind held
claim "as in the other" remind slow
before=$(ctl QRB --json message list --limit 100 | grep -o '"local_id"' | wc -l)
node_kill QRA
node_start QRA
claim "after a power cut it is held" eval 'ctl QRA case show "${case_of[held]}" | grep -q "1 *legal *uid:"'
claim_not "and refuses the notification" notify held
claim_not "who set the hold does not lift it" lift $first
cp "$work/out" "$work/told"
claim "and is told why" grep -q "RXP-HLD-005" "$work/told"
days 5
claim "another officer lifts it" lift $second
claim "QRB heard nothing meanwhile" \
	[ "$(ctl QRB --json message list --limit 100 | grep -o '"local_id"' | wc -l)" = "$before" ]
claim "the transfer is notified then" notify held
claim "as in the slow case" notify slow
days 6
claim "held again, it is taken back by a TransferChange" hold $second --take-back
cat >"$work/change.xml" <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<b:TransferChange xmlns:b="urn:rxp:1:body">
	    <b:Person key='P1'/>

	    <b:Cancelled></b:Cancelled>
	</b:TransferChange>
XML
claim "and in the slow case by an officer's own, in whatever markup" send QRA QRB "$work/change.xml" --case "${case_of[slow]}"
taken_back() { ctl QRB case show "${case_of[$1]}" | grep -q '^P1 accepted\|^P1 ready'; }
claim "QRB knows it of both" wait_for 20 eval 'taken_back held && taken_back slow'

# Ids, digests and what is within the hour are gone from it.
shape() {
	sed -E 's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/ID/g; s/[0-9a-f]{64}/DIGEST/g
		s/[0-9A-Za-z+\/]{43}=/DIGEST/g; s/(T[0-9]{2}):[0-9:.]+Z/\1/g; s/"log_count": *[0-9]+/LOG/g'
}
seen_at_api() { # NAME: what QRB's officers see
	ctl QRB --json case show "${case_of[$1]}" | shape
	ctl QRB --json case timeline "${case_of[$1]}" | shape
	ctl QRB case timeline "${case_of[$1]}" --canonical | shape
}
seen_at_api held >"$work/seen-held"
seen_at_api slow >"$work/seen-slow"
claim "QRB's officers see the same of both" diff "$work/seen-held" "$work/seen-slow"
claim "and it is a whole story" grep -q TransferChange "$work/seen-held"

# --- an emergency stop --------------------------------------------------------------------------------
claim "a third case comes to a transfer" eval 'apply third && accept third && notify third'
claim "and a fourth nearly" eval 'apply fourth && accept fourth'
before=$(ctl QRB --json message list --limit 100 | grep -o '"local_id"' | wc -l)
as $first --json stop set crossing XYZ --because situation >"$work/told" 2>&1 || true
claim "a crossing point without its scheme is a wrong parameter" grep -q '"code": *"bad-query"' "$work/told"
stop=$(as $first --json stop set crossing locode:QBZNT --because situation | json id)
claim_not "who proposes a stop does not confirm it" as $first stop confirm "$stop"
claim "another officer does" as $second stop confirm "$stop"
claim "whom it concerns is listed" eval 'as $first stop transfers "$stop" | grep -q "${case_of[third]} .*notified"'
claim "and nobody else is" [ "$(as $first stop transfers "$stop" | grep -c QRB)" = 1 ]
claim_not "a notification by that crossing point is refused" notify fourth
cp "$work/out" "$work/told"
claim "with the rule" grep -q "RXP-HLD-009" "$work/told"
node_kill QRA
node_start QRA
claim_not "also after a power cut" notify fourth
sed 's/QBZNT/QBXXX/; s/Zenith Bridge/Other Bridge/' "$examples/transfer-notification-own-document.xml" >"$work/other.xml"
other=$(fresh "$work/other.xml")
claim "one by another is sent" send QRA QRB "$other" --case "${case_of[slow]}"
claim "QRB heard of nothing but that" \
	[ "$(ctl QRB --json message list --limit 100 | grep -o '"local_id"' | wc -l)" = $((before + 1)) ]
claim "one officer asks to lift it" as $second stop lift "$stop"
claim_not "and cannot lift it alone" as $second stop lift "$stop"
claim_not "so that it is in force" notify fourth
claim "the other lifts it" as $first stop lift "$stop"
claim "there is none" eval '[ "$(as $first --json stop list | grep -c "\"kind\"")" = 0 ]'
claim "the fourth is notified then" notify fourth
claim "the case that is still held stays so" eval '! notify held && lift $first && notify held'

# --- what is in nobody's hands but QRA's ----------------------------------------------------------------
claim "evidence of the held case is exported" ctl QRA evidence export "${case_of[held]}" --reason review --out "$work/held.asice"
claim "and unpacked" unzip -q -d "$work/evidence" "$work/held.asice"
claim_not "and says nothing of holds, reasons or users" grep -rE 'RXP-HLD|uid:|situation|case-(hold|lift)' "$work/evidence"
node_stop QRA
node_stop QRB
claim_not "nor does anything that QRB has" grep -rqaE 'RXP-HLD|uid:(1|5)\b|case-hold|stop-confirm' "$work/QRB/data" "$work/QRB/log"
stored() { # NAME: QRB's rows of the case, octets and flags, hours of receipt and of Created before it
	sqlite3 -readonly "$work/QRB/data/readmit.db" "
		SELECT i.type, i.state, i.position, LENGTH(i.envelope), LENGTH(i.evidence), LENGTH(i.facts), i.length,
			(i.received_ms - (SELECT MIN(received_ms) FROM inbox WHERE case_id = i.case_id)) / 3600000,
			(i.received_ms - i.created_ms) / 60000, (i.expires_ms - i.created_ms) / 60000,
			a.flags, a.refusal, LENGTH(a.octets)
		FROM inbox i JOIN answer a USING (peer, message_id, fingerprint)
		WHERE hex(i.case_id) = upper(replace('${case_of[$1]}', '-', '')) AND i.position <= 3 ORDER BY i.position;
		SELECT type, state, position, LENGTH(envelope), (received_ms - accepted_ms) / 60000, flags, refusal, LENGTH(answer)
		FROM outbox WHERE hex(case_id) = upper(replace('${case_of[$1]}', '-', '')) ORDER BY position"
}
stored held >"$work/stored-held"
stored slow >"$work/stored-slow"
claim "QRB stored the same of both" diff "$work/stored-held" "$work/stored-slow"
claim "three documents of each, and two of its own" [ "$(wc -l <"$work/stored-held")" = 5 ]
claim "QRA's journal names two users" [ "$(sqlite3 -readonly "$work/QRA/data/readmit.db" \
	"SELECT count(DISTINCT user) FROM journal WHERE action LIKE 'case-%' OR action LIKE 'stop-%'")" = 2 ]
