#!/bin/bash
# Goal of this scenario: a State loses its disk and goes on, and what it erased does not come back (RXP-RET-016 to 018).
# - a backup of a running node is whole: read again, without storage keys; those are sealed to the escrow key, apart from it
# - one that was cut short, edited, with a file missing, of another party, of another version, with the keys or the erasures of another
#   one is refused with the reason, and what stood before stands
# - a restore that is killed at any moment leaves the data of before, or is finished by the next try
# - what was erased after the backup was made is erased again before the node serves anybody
# - a backup of before a rollover of the storage key opens with no key that there is now
. "$(dirname "$0")/lib.sh"
examples=$(dirname "$0")/../../../spec/examples
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
keys=$work/QRA/pki/node

value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
own() { [ "$(id -u)" != 0 ] || chown -R nobody "$@"; }
restore() { readmitctl restore "$1" --keys "$2" --erasures "$3" --data "$work/QRA/data"; }
refused() { # BACKUP KEYS ERASURES REASON
	! restore "$1" "$2" "$3" >"$work/said" 2>&1 && grep -q -- "$4" "$work/said" && [ ! -e "$work/QRA/data/restore" ]
}
state() { (cd "$work/QRA/data" && find . -type f ! -name readmit.lock -exec sha256sum {} + | sort); }

node_make QRA
node_make QRB
claim "an escrow key: its private part on sheets alone" readmit-pki escrow new --party QRA --sheets 3 --needed 2 --out "$work/escrow"
cp "$work/escrow/escrow.pub" "$keys/escrow.pub"
own "$keys"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "QRB sends a family" ctl QRB message send "$(fresh "$examples/application-family.xml")" --to QRA "${officers[@]}" --wait 20 \
	--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer \
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer \
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer
family=$(ctl QRA --json inbox list | value local_id)
claim "and a single person" ctl QRB message send "$(fresh "$examples/application-single.xml")" --to QRA "${officers[@]}" --wait 20

# --- a backup, while more arrives --------------------------------------------------------------------------------------
(for _ in 1 2 3 4; do
	ctl QRB message send "$(fresh "$examples/application-single.xml")" --to QRA "${officers[@]}" --wait 20 || exit 1
done) >"$work/load" 2>&1 &
load=$!
claim "a backup of the running node" ctl QRA backup "$work/b1" --keys "$work/k1"
wait "$load"
claim "stalled nothing" [ $? = 0 ]
claim "it has the database, and three attachments" [ "$(grep -c '^file ' "$work/b1/manifest")" = 4 ]
claim "no storage key is in it, nor in what is beside it" \
	eval '! grep -rqF "$(head -c 32 "$keys/storage.key")" "$work/b1" "$work/k1"'
claim "the node keeps no copy of it" eval '[ -z "$(ls -A "$work/QRA/data/backup")" ]'
claim "a node that has no escrow key says so" \
	eval '! ctl QRB backup "$work/b0" --keys "$work/k0" >"$work/said" 2>&1 && grep -q "no escrow.pub in the key directory" "$work/said"'
claim_not "a second one into the same folder is none" ctl QRA backup "$work/b1" --keys "$work/k1"

# --- the sheets open the keys -------------------------------------------------------------------------------------------
claim "two sheets give the escrow key" readmit-pki escrow join --sheet "$work/escrow/escrow-sheet-1.txt" \
	--sheet "$work/escrow/escrow-sheet-3.txt" --out "$work/escrow.key"
claim "which opens the keys" readmit-pki storage open --key "$work/escrow.key" --out "$work/o1" "$work/k1/keys"
claim "the storage key of the node" cmp "$work/o1/storage.key" "$keys/storage.key"
readmit-pki office-key new --office HEALTH --out "$work/other" >/dev/null
claim_not "another key does not" readmit-pki storage open --key "$work/other/HEALTH.key" --out "$work/o0" "$work/k1/keys"

# --- an erasure, and another backup ------------------------------------------------------------------------------------
claim "QRA erases the family" ctl QRA message erase "$family" --yes
claim "a backup after it" ctl QRA backup "$work/b2" --keys "$work/k2"
claim "has no attachment any more" [ "$(grep -c '^file ' "$work/b2/manifest")" = 1 ]
claim "and one erasure in its list" [ "$(wc -l <"$work/k2/erasures")" = 1 ]
readmit-pki storage open --key "$work/escrow.key" --out "$work/o2" "$work/k2/keys" || fail "its keys"
claim "not into the data of a node that runs" refused "$work/b1" "$work/o1" "$work/k2/erasures" "a daemon works with it"
node_stop QRA
# Whose data stand there is read in them, which merges the log into the database.
sqlite3 -cmd '.timeout 5000' "$work/QRA/data/readmit.db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
own "$work/QRA/data"
before=$(state)

# --- what is refused -----------------------------------------------------------------------------------------------------
spoil() { rm -rf "$work/bad" && cp -r "$work/b1" "$work/bad"; }
not_restored() { # WORDS REASON [KEYS ERASURES]
	claim "$1: refused" refused "$work/bad" "${3-$work/o1}" "${4-$work/k2/erasures}" "$2"
}
spoil && sed -i 's/^party QRA$/party QRB/' "$work/bad/manifest" && not_restored "of another party" "of another party"
spoil && sed -i '$d' "$work/bad/manifest" && not_restored "a manifest cut short" "was cut short"
spoil && sed -i '/ attachments/{0,/ attachments/d}' "$work/bad/manifest" && not_restored "a line taken out" "was altered"
spoil && truncate -s -1 "$work/bad/readmit.db" && not_restored "a database without its last octet" "is not what the manifest says"
spoil && printf x | dd of="$work/bad/$(cd "$work/b1" && find attachments -type f | head -n 1)" conv=notrunc status=none &&
	not_restored "an attachment that was edited" "is not what the manifest says"
spoil && rm "$work/bad/$(cd "$work/b1" && find attachments -type f | head -n 1)" && not_restored "an attachment away" "is missing"
spoil && sed -i 's/^schema 1$/schema 2/' "$work/bad/manifest" && not_restored "of a newer version" "of a newer version"
spoil && sed -i 's/^schema 1$/schema 0/' "$work/bad/manifest" && not_restored "of an older version" "of an older version"
spoil && rm "$work/bad/manifest" && not_restored "cut short" "the backup was not made to its end"
remade() { # the database is edited, and the manifest with it
	sqlite3 "$work/bad/readmit.db" "$1" && line="file $(sha256sum <"$work/bad/readmit.db" | cut -d ' ' -f 1) $(stat -c %s "$work/bad/readmit.db") readmit.db" &&
		sed -i "s/^file .* readmit.db$/$line/" "$work/bad/manifest"
}
spoil && remade "PRAGMA journal_mode = DELETE; UPDATE node SET own = 'QRC'" >/dev/null &&
	not_restored "of another party within" "of another party than the manifest says"
spoil && remade "PRAGMA journal_mode = DELETE; PRAGMA user_version = 99" >/dev/null && not_restored "of another version within" "of a newer version"
spoil && not_restored "without erasures" "is older than the keys" "$work/o2" /dev/null
sed '1s/ 0 / 1 /' "$work/k2/erasures" >"$work/edited"
spoil && not_restored "with edited erasures" "was altered" "$work/o2" "$work/edited"
mkdir "$work/o9" && cp "$work/o1/statement" "$work/o9" && tr 0-9a-f 1-9a-f0 <"$keys/storage.key" >"$work/o9/storage.key"
spoil && not_restored "with another storage key" "a storage key of these data is not here" "$work/o9"
claim "and what stood before stands" [ "$(state)" = "$before" ]

# --- killed at any moment ------------------------------------------------------------------------------------------------
half=0
for pause in 0.002 0.005 0.01 0.015 0.02 0.03 0.04 0.06; do
	readmitctl restore "$work/b1" --keys "$work/o1" --erasures "$work/k2/erasures" --data "$work/QRA/data" >/dev/null 2>&1 &
	killed=$!
	read -rt "$pause" <> <(:) || true
	kill -KILL "$killed" 2>/dev/null
	wait "$killed" 2>/dev/null
	if [ -e "$work/QRA/data/restore/ready" ]; then
		half=$((half + 1))
		readmitd --config "$work/QRA/readmitd.xml" --check >"$work/said" 2>&1
		grep -q "run readmitctl restore again" "$work/said" || { cat "$work/said"; fail "a node does not start on half of it"; }
	elif [ "$(state | grep -v restore/)" != "$before" ]; then
		break # it came to its end
	fi
done
ok "killed at some moments, $half of them between the first rename and the last"
claim "the next try comes to the end" restore "$work/b1" "$work/o1" "$work/k2/erasures"
cp "$work/out" "$work/said"
claim "and says what people have to do again" grep -q 'again (RXP-RET-024)' "$work/said"
[ -e "$work/QRA/data/readmit.db-wal" ] && fail "no log of before stands beside it"

# --- what was erased stays erased ----------------------------------------------------------------------------------------
node_start QRA
claim "the restored node says that it was put back" logged QRA data_put_back
claim_not "the family does not come back" ctl QRA message content "$family" --reason case-work
held() { sqlite3 -cmd '.timeout 5000' "$work/QRA/data/readmit.db" "SELECT COUNT(*) FROM inbox WHERE envelope IS NOT NULL AND
	hex(local_id) = '$(tr -d - <<<"${family^^}")'"; }
node_stop QRA
claim "not even in the database" [ "$(held)" = 0 ]
claim "nor its files" [ "$(find "$work/QRA/data/attachments" -type f | wc -l)" = 0 ]
node_start QRA
claim "what is not erased is there" \
	ctl QRA message content "$(ctl QRA --json inbox list | tr '{' '\n' | grep received | tail -n 1 | value local_id)" --reason case-work
claim "and its list of erasures goes on" ctl QRA backup "$work/b3" --keys "$work/k3"
claim "with the same entry" cmp "$work/k2/erasures" "$work/k3/erasures"
node_stop QRA
claim "a restore with the list of before keeps what the data that stand know" restore "$work/b1" "$work/o1" "$work/k1/erasures"
node_start QRA
claim_not "and the family does not come back" ctl QRA message content "$family" --reason case-work
node_stop QRA
claim "not even in the database" [ "$(held)" = 0 ]
node_start QRA

# --- without the old storage key the old backup is dead ------------------------------------------------------------------
readmit-pki storage next --out "$keys" >/dev/null && own "$keys" || fail "the next storage key"
kill -HUP "${pid_of[QRA]}"
destroyed() { [ ! -e "$keys/storage.key" ]; }
claim "the storage key rolls over" wait_for 20 destroyed
wait_for 10 ctl QRA status || fail "QRA goes on"
claim "a backup under the new key" ctl QRA backup "$work/b4" --keys "$work/k4"
readmit-pki storage open --key "$work/escrow.key" --out "$work/o4" "$work/k4/keys" || fail "its keys"
node_stop QRA
claim "with the keys of now the backup of before opens no more" \
	refused "$work/b1" "$work/o4" "$work/k4/erasures" "it was destroyed at a rollover"
rm -rf "$work/QRA/data" && mkdir -m 700 "$work/QRA/data" && own "$work/QRA/data"
# Beside keys that are no more when the node starts, one of which is read before that of the data.
cp -r "$work/o4" "$work/o5"
for n in $(seq 10 40); do
	[ "$(find "$work/o5" -name '*.key' | head -n 1)" = "$work/o5/storage.key" ] || break
	tr 0-9a-f "$(printf '%s' 123456789abcdef0)" <"$work/o4/storage.key" >"$work/o5/storage-$n.key"
done
claim "that of now does, onto an empty disk" restore "$work/b4" "$work/o5" "$work/k4/erasures"
node_start QRA
claim "and what is not erased is there" \
	ctl QRA message content "$(ctl QRA --json inbox list | tr '{' '\n' | grep received | tail -n 1 | value local_id)" --reason case-work
node_stop QRA
claim "with the sums of its tables, under a key that it has (RXP-LOG-031)" \
	[ "$(sqlite3 -cmd '.timeout 5000' "$work/QRA/data/readmit.db" "SELECT broken FROM tally_whole")" = 0 ]
