#!/bin/bash
# Goal of this scenario: a State loses its disk and has a backup of the day before. It restores it with the command; what came
# since comes back from the other State, each document with the receipt that it had; the case goes on; the logs agree, and
# the evidence verifies. Then it loses the disk once more before it has made another backup, and the same holds.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/back.sh"
keys=$work/QRA/pki/node

clocks() { # DAY: of both nodes
	ahead=$1
	printf '%s' $((ahead * 86400 * 1000)) | tee "$work/QRA/clock" >"$work/QRB/clock"
}
lose_the_disk() { node_kill QRA && rm -r "$work/QRA/data" && mkdir -m 700 "$work/QRA/data" && own "$work/QRA/data"; }
own() { [ "$(id -u)" != 0 ] || chown -R nobody "$@"; }
restore() { readmitctl restore "$work/backup" --keys "$work/opened" --erasures "$work/sealed/erasures" --data "$work/QRA/data"; }
is_back() { # after WORDS: all that was lost
	claim "$1: QRA says that its database was put back" wait_for 10 log_has QRA data_put_back
	claim "with QRB all comes back, by itself" wait_for 60 stage_is QRA QRB over
	for c in "${cases[@]}"; do claim "the timelines agree" wait_for 20 timelines_agree "$c"; done
	claim "every document has the receipt that it had" wait_for 20 receipts_as_before
	claim "the case goes on" rounds 1
	claim "to the same end" timelines_agree "$case"
	claim "the logs agree" logs_agree
	claim "nothing differs" nothing_differs
	claim "the evidence verifies" evidence_verifies
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
all_receipts >"$work/before"
claim "each document has a receipt" [ "$(grep -c received "$work/before")" = 10 ]

claim "the disk is lost" lose_the_disk
claim "two sheets give the escrow key" readmit-pki escrow join --sheet "$work/escrow/escrow-sheet-1.txt" \
	--sheet "$work/escrow/escrow-sheet-2.txt" --out "$work/escrow.key"
claim "which opens the storage keys" readmit-pki storage open --key "$work/escrow.key" --out "$work/opened" "$work/sealed/keys"
claim "the backup is restored" restore
own "$work/QRA/data"
node_start QRA
is_back "a day later"

clocks 2
all_receipts >"$work/before"
claim "the disk is lost again" lose_the_disk
claim "the same backup is restored" restore
own "$work/QRA/data"
: >"$work/QRA/log"
node_start QRA
is_back "two days later"
