#!/bin/bash
# End-to-end figures of two real nodes on loopback: bench.sh BUILD PROGRAMS
#
# Each kind of document is measured in ROUNDS rounds (3), each on two new nodes: N documents are given to
# QRA through its local API on LANES connections; the time is that from the first request to the last
# receipt. The line printed is that of the median round. In every round the floor is measured too, before
# and on the same directory: see floor.c. A round in which anything is lost or doubled ends the run.
. "$(dirname "$0")/../scenario/lib.sh"
programs=$(realpath "$2")
check=$(realpath "$(dirname "$0")/../fault/check.sh")
examples=$(realpath "$(dirname "$0")/../../../spec/examples")
pictures=$build/../demo-pictures
rounds=${ROUNDS:-3} lanes=${LANES:-16}
ticks=$(getconf CLK_TCK)
cores=$(nproc)
fail() { # the output of a round is read
	echo "not ok - $*" >&2
	exit 1
}

# usage NODE: a line "role CPU-seconds peak-KiB" for each role; sealers are summed, their peak is the highest.
usage() {
	local pid role
	for pid in $(pgrep -P "${pid_of[$1]}"); do
		role=$(cat "/proc/$pid/comm")
		echo "$role $(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat") \
			$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")"
	done | awk -v hz="$ticks" '{ cpu[$1] += $2; if ($3 > peak[$1]) peak[$1] = $3 }
		END { for (role in cpu) print role, cpu[role] / hz, peak[role] }' | sort
}

# What is sent.
application() { # PERSONS: an application for so many, from the example for one
	awk -v persons="$1" '/<Person key/ { on = 1; text = "" }
		/<\/Head>/ { $0 = $0 "\n  <Family moveTogether=\"true\"/>" }
		{ if (on) text = text $0 "\n"; else print }
		/<\/Person>/ {
			on = 0
			for (i = 1; i <= persons; i++) {
				one = text
				sub(/key="P1"/, "key=\"P" i "\"", one)
				if (i > 1) sub(/principal/, "sibling", one)
				printf "%s", one
			}
		}' "$single"
}
with_photograph() { # the example, naming one attachment
	sed 's|^\( *\)<Attestations>|\1<Photograph><Attachment>1</Attachment></Photograph>\n&|' "$single"
}

submit() { # FILE N: prints the seconds
	"$programs/load" "$work/QRA/api.sock" QRB "$1" "$2" "$lanes"
}
submit_files() { # FILE N: the same, each with a file of 16 MiB of its own
	local began=$EPOCHREALTIME i senders=()
	for ((i = 0; i < $2; i++)); do
		ctl QRA message send "$1" --to QRB "${officers[@]}" --attach "$work/file.$i" --as photograph --checked-by return-officer >/dev/null &
		senders+=($!)
	done
	wait "${senders[@]}" || return 1
	"$programs/load" "$work/QRA/api.sock" receipts $((base + $2)) || return 1
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

# round HOW FILE N OCTETS: a line "rate seconds floor fsync" and behind it the usage of all roles, one line.
round() {
	local how=$1 file=$2 n=$3 octets=$4 party seconds floor fsyncs
	base=1 # the Ping that makes sure of the connection
	for party in QRA QRB; do
		rm -rf "${work:?}/$party"
		node_make "$party"
		node_start "$party"
	done
	{ peer_with QRA QRB && peer_with QRB QRA && ctl QRA peer test QRB --wait 10; } >"$work/out" 2>&1 ||
		fail "QRA and QRB become peers"
	read -r floor fsyncs < <("$programs/floor" "$octets" "$work/QRA/data") || fail "the floor"
	for party in QRA QRB; do usage "$party" | sed "s/^/$party./"; done >"$work/before"
	seconds=$("$how" "$file" "$n") || fail "$n documents are receipted"
	for party in QRA QRB; do usage "$party" | sed "s/^/$party./"; done >"$work/after"
	node_stop QRA && node_stop QRB || fail "both nodes end"
	nothing_lost $((n + base))
	awk -v n="$n" -v s="$seconds" -v floor="$floor" -v fsyncs="$fsyncs" '
		NR == FNR { before[$1] = $2; next }
		FNR == 1 { printf "%.2f %.3f %.1f %.0f", n / s, s, floor, fsyncs }
		{ printf " %s:%.2f:%.1f", $1, $2 - before[$1], $3 / 1024 } END { print "" }' "$work/before" "$work/after"
}
nothing_lost() { # N: so many in both databases, each once, with its receipt
	local a=$work/QRA/data/readmit.db b=$work/QRB/data/readmit.db
	"$check" "$a" "$b" QRA QRB >"$work/lost" || { cat "$work/lost" >&2; fail "nothing is lost or doubled"; }
	[ "$(sqlite3 -readonly "$a" "SELECT count(*) FROM outbox WHERE state='delivered'")" = "$1" ] &&
		[ "$(sqlite3 -readonly "$b" 'SELECT count(*) FROM inbox')" = "$1" ] || fail "both databases hold $1 messages"
}

measure() { # NAME HOW FILE N OCTETS
	local i
	for ((i = 0; i < rounds; i++)); do round "$2" "$3" "$4" "$5" || exit 1; done >"$work/rounds" || exit 1
	sort -n "$work/rounds" | sed -n "$(((rounds + 1) / 2))p" | awk -v name="$1" -v n="$4" -v cores="$cores" \
		-v all="$(sort -n "$work/rounds" | cut -d' ' -f1 | paste -sd' ')" '{
		printf "%s: %.1f documents/s (rounds: %s), %d in %.2f s\n", name, $1, all, n, $2
		printf "  ratio to the crypto floor of %d cores (%.1f/s each): %.3f; to fsync (%d/s): %.3f\n", cores, $3, $1 / (cores * $3), $4, $1 / $4
		total = 0
		for (i = 5; i <= NF; i++) {
			split($i, role, ":")
			printf "  %-14s %7.2f s CPU %8.0f us/document %7.1f MiB peak\n", role[1], role[2], role[2] / n * 1e6, role[3]
			total += role[2]
		}
		printf "  %-14s %7.2f s CPU %8.0f us/document, %.1f of the floor\n", "all", total, total / n * 1e6, total / n * $3
	}'
}

single=$(fresh "$examples/application-single.xml")
application 9 >"$work/ten.xml"
with_photograph >"$work/photograph.xml"
files=${FILES:-8}
for ((i = 0; i < files; i++)); do # a portrait whose scan goes on with noise
	{ head -c -2 "$pictures/portrait-1.jpg"; tr -d '\377' </dev/urandom | head -c $((16 * 1024 * 1024)); printf '\xff\xd9'; } >"$work/file.$i"
done
measure "application of one person, $(stat -c %s "$single") octets" submit \
	"$single" "${N:-2000}" 6000
measure "application of nine persons, $(stat -c %s "$work/ten.xml") octets" submit "$work/ten.xml" "${N:-1000}" 15000
measure "application with a file of 16 MiB" submit_files "$work/photograph.xml" "$files" 16777216
