#!/bin/bash
# Goal of this scenario: a State loses its disk and has a backup of the day before. It restores it with the command; what came
# since comes back from the other State, each document with the receipt that it had; the case goes on; the logs agree, and
# the evidence verifies. Then it loses the disk once more before it has made another backup, and the same holds. A document that is
# younger than the backup and was erased comes back too, and is erased in the step that brings it (RXP-RET-019, RXP-RET-020).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"
keys=$work/QRA/pki/node

clocks() { # DAY: of both nodes
	ahead=$1
	printf '%s' $((ahead * 86400 * 1000)) | tee "$work/QRA/clock" >"$work/QRB/clock"
}
lose_the_disk() { node_kill QRA && rm -r "$work/QRA/data" && mkdir -m 700 "$work/QRA/data" && own "$work/QRA/data"; }
own() { [ "$(id -u)" != 0 ] || chown -R nobody "$@"; }
restore() { readmitctl restore "$work/backup" --keys "$work/opened" --erasures "$work/newer/erasures" --data "$work/QRA/data"; }
# What the database of QRA, which is stopped meanwhile, has of the content of the document that was erased, and of what proves it.
look_at_erased() {
	node_stop QRA
	held=$(sqlite3 -cmd '.timeout 5000' "$work/QRA/data/readmit.db" "SELECT envelope IS NOT NULL OR wrapped_key IS NOT NULL,
		evidence IS NOT NULL FROM inbox WHERE hex(message_id) = '$(tr -d - <<<"${erased^^}")'")
	node_start QRA
}
all_is_back() { # after WORDS
	claim "$1: QRA says that its database was put back" wait_for 10 log_has QRA data_put_back
	is_back QRA QRB
	look_at_erased
	claim "what was erased is here without its content" [ "$held" = "0|1" ]
	claim "it went in the step that brought it" logged QRA content_erased
	all_proved
	claim "nothing differs" nothing_differs
}

node_make QRA
node_make QRB
claim "an escrow key" readmit-pki escrow new --party QRA --sheets 3 --needed 2 --out "$work/escrow"
cp "$work/escrow/escrow.pub" "$keys/escrow.pub"
own "$keys"
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
cases=()
application
cases+=("$case")
rounds 1
claim "a backup" ctl QRA backup "$work/backup" --keys "$work/sealed"

clocks 1
rounds 1
application
cases+=("$case")
rounds 1
younger=$(ctl QRA --json inbox list | tr -d '\n ' | grep -o '{[^{}]*}' | tail -n 1)
erased=$(value message_id <<<"$younger")
claim "QRA erases a document that is younger than the backup" ctl QRA message erase "$(value local_id <<<"$younger")" --yes
claim "a newer list of erasures has it" ctl QRA backup "$work/newer-data" --keys "$work/newer"
claim "with a name that is not its MessageId" eval '[ "$(wc -w <"$work/newer/erasures")" = 6 ] && ! grep -qF "${erased//-/}" "$work/newer/erasures"'
all_receipts >"$work/before"
claim "each document has a receipt" [ "$(grep -c received "$work/before")" = 10 ]

claim "the disk is lost" lose_the_disk
claim "two sheets give the escrow key" readmit-pki escrow join --sheet "$work/escrow/escrow-sheet-1.txt" \
	--sheet "$work/escrow/escrow-sheet-2.txt" --out "$work/escrow.key"
claim "which opens the storage keys" readmit-pki storage open --key "$work/escrow.key" --out "$work/opened" "$work/sealed/keys"
claim "the backup is restored" restore
own "$work/QRA/data"
node_start QRA
all_is_back "a day later"

clocks 2
all_receipts >"$work/before"
claim "the disk is lost again" lose_the_disk
claim "the same backup is restored" restore
own "$work/QRA/data"
: >"$work/QRA/log"
node_start QRA
all_is_back "two days later"
