#!/bin/bash
# Goal of this scenario: the storage key rolls over, and nothing that it wraps is lost (RXP-RET-013 to 015).
# Over the step there are a draft, a document in flight, attachments that are staged, what was received and rests, keys of
# the node's own. Then
# - the node takes the new key at a reload, makes all boxes anew while it works, and destroys the old key, not before
# - a power cut at any moment of that costs nothing
# - everything still opens, nothing is lost or doubled; a copy of the data of before opens no more
# - a key that is missing while boxes are under it, or the present one taken away, keeps the node from starting
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
keys=$work/QRA/pki/node

value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
next_key() { # a key of the next epoch, for the user of the daemon
	readmit-pki storage next --out "$keys" || return 1
	[ "$(id -u)" != 0 ] || chown nobody "$keys" "$keys"/*
}
sql() { sqlite3 -cmd '.timeout 5000' "$work/QRA/data/readmit.db" "$1"; } # what was killed just now may hold the lock
# boxes: how many boxes of the data of a stopped node are under each epoch, the present one first.
boxes() {
	sql "WITH box(name) AS (
		SELECT substr(wrapped_key, 2, 8) FROM inbox UNION ALL SELECT substr(wrapped_key, 2, 8) FROM outbox
		UNION ALL SELECT substr(draft, 2, 8) FROM outbox UNION ALL SELECT substr(key, 2, 8) FROM attachment
		UNION ALL SELECT substr(wrapped, 2, 8) FROM own_key UNION ALL SELECT substr(box, 2, 8) FROM correction)
		SELECT (SELECT COUNT(*) FROM box WHERE name = substr(check_value, 1, 8)) FROM storage_epoch ORDER BY n DESC" | tr '\n' ' '
}
destroyed() { [ ! -e "$keys/$1" ]; }

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# --- what is there over the step -----------------------------------------------------------------------------------
sent=$(fresh "$examples/application-single.xml")
claim "QRB sends, and it rests at QRA" ctl QRB message send "$sent" --to QRA "${officers[@]}" --wait 20
rests=$(ctl QRA --json inbox list | value local_id)
node_stop QRB
family() {
	ctl QRA --json message send "$(fresh "$examples/application-family.xml")" --to QRB "${officers[@]}" \
		--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
		--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
		--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer >"$work/sent" || { cat "$work/sent"; return 1; }
}
claim "a family is in flight, with attachments" family
family=$(value local_id <"$work/sent")
ctl QRA --json message send "$sent" --to QRB "${officers[@]}" >"$work/sent" || fail "an application is in flight"
case=$(ctl QRA --json message show "$(value local_id <"$work/sent")" | value case_id)
sed -i 's/"P2"/"P1"/' "$(fresh "$examples/withdrawal.xml")"
claim "a withdrawal is a draft behind it" \
	ctl QRA message send "$work/fresh/withdrawal.xml" --to QRB "${officers[@]}" --case "$case"
claim "a file waits for its document" \
	curl -fsS --unix-socket "$work/QRA/api.sock" -H 'Content-Type: application/octet-stream' -T "$pictures/passport.jpg" \
	-X POST "http://localhost/v1/attachments?type=document-scan&media_type=image/jpeg&checked_by=return-officer"
node_stop QRA
before=$(boxes)
claim "all boxes are of the one epoch: $before" [ "${before%% *}" -ge 7 ]
cp -r "$work/QRA/data" "$work/copy"
cp "$keys/storage.key" "$work/first.key"

# --- the step, with power cuts -------------------------------------------------------------------------------------
next_key >/dev/null || fail "a key of the next epoch"
node_start QRA
claim "the new epoch has begun" logged QRA epoch_begun
node_kill QRA
claim "after a power cut each box is under one of the two epochs" \
	[ "$(boxes | awk '{print $1 + $2}')" = "${before%% *}" ]
for pause in 0.05 0.1 0.15 0.2 0.25; do
	node_start QRA
	read -rt $pause <> <(:) || true
	node_kill QRA
	claim "and after another" [ "$(boxes | awk '{print $1 + $2}')" = "${before%% *}" ]
done
node_start QRA
claim "the old key is destroyed when nothing is under it" wait_for 20 destroyed storage.key
claim "as the log says" wait_for 10 log_has QRA epoch_destroyed
wait_for 10 ctl QRA status || fail "QRA goes on"
node_stop QRA
claim "all boxes are of the new epoch" [ "$(boxes)" = "$before"0' ' ]

# --- all is there ----------------------------------------------------------------------------------------------------
node_start QRA
claim "what was received opens" ctl QRA message content "$rests" --reason case-work --out "$work/rests.xml"
node_start QRB
drained() { [ "$(ctl QRA --json queue list | grep -c '"local_id"')" = 0 ] && log_has QRA message_delivered Withdrawal; }
claim "what was in flight arrives, and the draft behind it" wait_for 30 drained
claim "QRA reads its own file of it" ctl QRA attachment get "$family" 1 --reason case-work --out "$work/read.jpg"
claim "octet for octet" cmp "$work/read.jpg" "$pictures/portrait-1.jpg"

# --- a new epoch while the node works, at a reload -----------------------------------------------------------------
next_key >/dev/null || fail "a key of the next epoch"
kill -HUP "${pid_of[QRA]}"
claim "a reload begins an epoch, and the second key goes" wait_for 20 destroyed storage-2.key
wait_for 10 ctl QRA status || fail "QRA goes on"
claim "and the node is whole" ctl QRA message content "$rests" --reason case-work --out "$work/again.xml"
claim "with the same content" cmp "$work/rests.xml" "$work/again.xml"
node_stop QRA

# --- what must not start ---------------------------------------------------------------------------------------------
refused() { readmitd --config "$work/QRA/readmitd.xml" --check >"$work/said" 2>&1; [ $? = 78 ] && grep -q "$1" "$work/said"; }
mv "$keys/storage-3.key" "$work/third.key"
claim "without any key: said, and nothing starts" refused storage.key
cp "$work/first.key" "$keys/storage.key"
[ "$(id -u)" != 0 ] || chown nobody "$keys"/*
claim "the key of an epoch that is over is not the one of these data" refused "one that they still need is missing"
mv "$work/QRA/data" "$work/whole"
cp -r "$work/copy" "$work/QRA/data"
[ "$(id -u)" != 0 ] || chown -R nobody "$work/QRA/data"
cp "$work/third.key" "$keys/storage-3.key" && rm "$keys/storage.key"
[ "$(id -u)" != 0 ] || chown nobody "$keys"/*
claim "and with the present key the copy of before opens no more" refused "one that they still need is missing"
rm -r "$work/QRA/data" && mv "$work/whole" "$work/QRA/data"
node_start QRA
claim "while the data of now do" ctl QRA message content "$rests" --reason case-work --out "$work/last.xml"
