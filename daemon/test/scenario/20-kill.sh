#!/bin/bash
# Goal of this scenario: nothing is lost and nothing is doubled although nodes are killed at random.
# - messages are submitted at both nodes while one or the other is killed with SIGKILL, again and again
# - whatever was answered 202 is final in the end, and both databases agree on every message
# - the checker itself can fail: it finds a message that is taken out of one database
. "$(dirname "$0")/lib.sh"
check=$(dirname "$0")/../fault/check.sh
rounds=${READMIT_KILLS:-12} each=15
RANDOM=${READMIT_SEED:-$$}
echo "seed: ${READMIT_SEED:-$$}, rounds: $rounds"

node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

# submit FROM TO: ask for a Ping; keep the id if the answer is 202. A killed node answers nothing.
submit() {
	curl -s --max-time 5 --unix-socket "$work/$1/api.sock" -X POST "http://local/v1/peers/$2/test" \
		-o "$work/answer" -w '%{http_code}' 2>/dev/null | grep -q 202 &&
		grep -o '[0-9a-f]\{8\}-[0-9a-f-]\{27\}' "$work/answer" | head -1 >>"$work/accepted.$1"
}
idle() { [ "$(ctl "$1" --json queue list | grep -c '"local_id"')" = 0 ]; }

for ((round = 1; round <= rounds; round++)); do
	victim=QRA
	[ $((RANDOM % 2)) = 0 ] || victim=QRB
	fatal=$((RANDOM % (2 * each)))
	for ((i = 0; i < each; i++)); do
		submit QRA QRB
		[ $fatal -ne $((2 * i)) ] || node_kill "$victim"
		submit QRB QRA
		[ $fatal -ne $((2 * i + 1)) ] || node_kill "$victim"
	done
	node_start "$victim"
done
claim "QRA's queue drains" wait_for 60 idle QRA
claim "QRB's queue drains" wait_for 60 idle QRB
claim "QRA ends" node_stop QRA
claim "QRB ends" node_stop QRB
a=$work/QRA/data/readmit.db b=$work/QRB/data/readmit.db
echo "accepted: $(wc -l <"$work/accepted.QRA") by QRA, $(wc -l <"$work/accepted.QRB") by QRB"
claim "enough was accepted to say anything" [ "$(cat "$work"/accepted.* | wc -l)" -ge $((rounds * each)) ]
claim "every message of QRA is accounted for" "$check" "$a" "$b" QRA QRB "$work/accepted.QRA"
claim "every message of QRB is accounted for" "$check" "$b" "$a" QRB QRA "$work/accepted.QRB"

sqlite3 "$b" "PRAGMA foreign_keys=OFF; DELETE FROM inbox WHERE local_id=(SELECT min(local_id) FROM inbox WHERE peer='QRA')"
claim_not "the checker notices one message less" "$check" "$a" "$b" QRA QRB
