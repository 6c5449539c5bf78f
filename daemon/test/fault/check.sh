#!/bin/bash
# The checker over both databases: check.sh A.db B.db PARTY-A PARTY-B [ACCEPTED-IDS]
# Every message that A was told is accepted exists and is final, or a person gave it up; every receipt that A holds is the one
# that B stored, octet for octet; B holds each message once; B's log for A has no hole.
set -u
a=$1 b=$2 party_a=$3 party_b=$4 accepted=${5-}
wrong=0

# none TEXT SQL: the query, over main = A and b = B, must give no row.
none() {
	local rows
	rows=$(sqlite3 -readonly "$a" "ATTACH 'file:$b?mode=ro' AS b; $2" 2>&1)
	[ -z "$rows" ] && return
	echo "$party_a to $party_b: $1: $(wc -l <<<"$rows") rows, first: ${rows%%$'\n'*}"
	wrong=$((wrong + 1))
}
none "not final" "SELECT hex(local_id), state, last_error FROM outbox WHERE peer='$party_b'
	AND state NOT IN ('delivered','delivered-late','refused','expired','discarded')"
none "delivered and unknown to the receiver" "SELECT hex(o.local_id) FROM outbox o
	LEFT JOIN b.answer r ON r.peer='$party_a' AND r.message_id=o.message_id AND r.fingerprint=o.fingerprint
	WHERE o.peer='$party_b' AND o.state IN ('delivered','delivered-late') AND o.type<>'Void'
	AND r.message_id IS NULL" # a Void is answered with the end of what it names
none "another answer than the receiver's" "SELECT hex(o.local_id) FROM outbox o
	JOIN b.answer r ON r.peer='$party_a' AND r.message_id=o.message_id AND r.fingerprint=o.fingerprint
	WHERE o.peer='$party_b' AND r.octets<>o.answer"
none "receipted and not in the inbox" "SELECT hex(r.message_id) FROM b.answer r
	LEFT JOIN b.inbox i ON i.peer=r.peer AND i.message_id=r.message_id AND i.fingerprint=r.fingerprint
	WHERE r.refusal='' AND r.peer='$party_a' AND i.local_id IS NULL"
none "doubled at the receiver" "SELECT hex(message_id) FROM b.inbox WHERE peer='$party_a'
	AND message_id IS NOT NULL GROUP BY message_id HAVING count(*)>1"
none "received but never sent" "SELECT hex(i.message_id) FROM b.inbox i
	LEFT JOIN outbox o ON o.message_id=i.message_id WHERE i.peer='$party_a' AND o.local_id IS NULL"
none "holes in the log" "SELECT 'log' FROM b.peer p WHERE p.party='$party_a' AND
	p.log_count<>(SELECT count(*) FROM b.answer r WHERE r.peer=p.party AND r.log_id=p.log_id AND r.log_n BETWEEN 1 AND p.log_count)"
for file in "$a" "$b"; do
	[ "$(sqlite3 -readonly "$file" 'PRAGMA integrity_check')" = ok ] ||
		{ echo "$file is damaged"; wrong=$((wrong + 1)); }
done
if [ -n "$accepted" ]; then
	while read -r id; do
		[ "$(sqlite3 -readonly "$a" "SELECT count(*) FROM outbox WHERE local_id=x'${id//-/}'")" = 1 ] ||
			{ echo "accepted and lost: $id"; wrong=$((wrong + 1)); }
	done <"$accepted"
fi
[ $wrong -eq 0 ]
