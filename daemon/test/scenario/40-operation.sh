#!/bin/bash
# Goal of this scenario: what an administrator does wrong, and what a machine does, costs nothing.
# - readmitd --check names every problem with its line; wrong permissions and keys are plain words
# - SIGHUP with a wrong file leaves the old configuration in force; with a right one it takes the new
# - while a peer is down messages wait, and go when it is back, without anybody doing anything
# - a disk that is nearly full is for this State alone; a full one refuses and loses nothing, and the node
#   goes on by itself when there is room
. "$(dirname "$0")/lib.sh"

node_make QRA
node_make QRB
config=$work/QRA/readmitd.xml keys=$work/QRA/pki/node
sed -i 's|<test |<limits peer-octets="1073741824"/>&|' "$config"

sed 's/sealers="2"/sealers="200"/; s/<listen address="[^"]*"/<listen addres="x"/' "$config" >"$work/wrong.xml"
claim_not "a wrong file is refused" readmitd --config "$work/wrong.xml" --check
readmitd --config "$work/wrong.xml" --check >"$work/check" 2>&1
claim "the first problem is named with its line" grep -q "wrong.xml:2: .*sealers" "$work/check"
claim "the second problem is named with its line" grep -q "wrong.xml:4: .*addres" "$work/check"
claim "a missing file is named" grep -q "none.xml: file: No such file" \
	<(readmitd --config "$work/none.xml" --check 2>&1)

chmod 644 "$keys/seal.key"
readmitd --config "$config" --check >"$work/check" 2>&1
claim "a key that others may read is named" grep -q "seal.key: others than the owner may use it" "$work/check"
claim_not "and the daemon does not start with it" readmitd --config "$config"
chmod 600 "$keys/seal.key"
claim "the same file with the right mode is found right" readmitd --config "$config" --check

mv "$keys/seal.key" "$work/seal.key"
cp "$work/QRB/pki/node/seal.key" "$keys/seal.key"
readmitd --config "$config" 2>"$work/log"
claim "a seal key that does not match ends with status 78" [ $? = 78 ]
claim "in plain words" grep -q "seal.key.*is not the key of a seal certificate" "$work/log"
mv "$work/seal.key" "$keys/seal.key"
mv "$keys/tls.key" "$work/tls.key"
cp "$work/QRB/pki/node/tls.key" "$keys/tls.key"
readmitd --config "$config" 2>"$work/log"
claim "a TLS key that does not match ends with status 78" [ $? = 78 ]
claim "in plain words too" grep -q "tls.crt.*is not a certificate of the key" "$work/log"
mv "$work/tls.key" "$keys/tls.key"

node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'

cp "$config" "$work/right.xml"
cp "$work/wrong.xml" "$config"
kill -HUP "${pid_of[QRA]}"
claim "SIGHUP with a wrong file is logged" wait_for 10 log_has QRA config_wrong
claim "and the node goes on" ctl QRA peer test QRB --wait 10
sed 's/sealers="2"/sealers="3"/' "$work/right.xml" >"$config"
kill -HUP "${pid_of[QRA]}"
claim "SIGHUP with a right file is taken" wait_for 15 log_has QRA config_reloaded
three() { [ "$(pgrep -P "${pid_of[QRA]}" -x sealer | wc -l)" = 3 ]; }
claim "three sealers run now" wait_for 10 three
claim "and the node works" wait_for 10 ctl QRA peer test QRB --wait 5

# A file that is put there while the set of the one before begins.
registry=$(pgrep -P "${pid_of[QRA]}" -x registry)
begun() { next=$(pgrep -P "${pid_of[QRA]}" -x registry) && [ "$next" != "$registry" ]; }
reloads() { [ "$(grep -c '"event":"config_reloaded"' "$work/QRA/log")" -ge "$1" ]; }
two() { [ "$(pgrep -P "${pid_of[QRA]}" -x sealer | wc -l)" = 2 ]; }
kill -HUP "${pid_of[QRA]}"
for ((i = 0; i < 5000; i++)); do begun && break; done # at once: it is to be held before it is ready
kill -STOP "$next"
cp "$work/right.xml" "$config"
kill -HUP "${pid_of[QRA]}"
kill -CONT "$next"
claim "a SIGHUP while another is under way is not lost" wait_for 15 reloads 3
claim "two sealers run now" wait_for 10 two
sed 's/sealers="2"/sealers="3"/' "$work/right.xml" >"$config"
kill -HUP "${pid_of[QRA]}"
claim "and then three again" wait_for 15 reloads 4
claim "and the node works with them" wait_for 10 ctl QRA peer test QRB --wait 5

sealer=$(pgrep -P "${pid_of[QRA]}" -x sealer | head -1)
kill -KILL "$sealer"
claim "a killed sealer is replaced alone" wait_for 10 three
claim "and the node works on" ctl QRA peer test QRB --wait 10
kill -KILL "$(pgrep -P "${pid_of[QRA]}" -x registry)"
claim "a killed registry brings a new set" wait_for 10 log_has QRA set_failed
claim "and the node works again" wait_for 10 ctl QRA peer test QRB --wait 5

node_kill QRB
claim_not "while the peer is down a test waits" ctl QRA peer test QRB --wait 1
waiting() { ctl QRA --json queue list | grep -q local_id; }
claim "the message is in the queue" waiting
node_start QRB
claim "when the peer is back the message goes by itself" eval 'wait_for 20 eval "! waiting"'

claim "health is good" curl -sf --unix-socket "$work/QRA/api.sock" http://local/health/ready
curl -sf --unix-socket "$work/QRA/api.sock" http://local/metrics >"$work/metrics"
claim "metrics are there" grep -q '^readmitd_deliveries_total{result="receipt"} [1-9]' "$work/metrics"
claim "what a peer may make it store is as it was set" grep -q '^readmitd_peer_octets_max 1073741824$' "$work/metrics"

# A small file system of our own, if this machine lets us have one.
node_stop QRB
mkdir "$work/QRB/small"
if mount -t tmpfs -o size=1200k,mode=755 readmit-test "$work/QRB/small" 2>/dev/null; then
	trap 'umount -l "$work/QRB/small"; finish' EXIT
	cp -a "$work/QRB/data" "$work/QRB/small/data"
	sed -i "s|data=\"[^\"]*\"|data=\"$work/QRB/small/data\"|" "$work/QRB/readmitd.xml"
	node_start QRB
	upload() {
		[ "$(curl -s -o "$work/body" -w '%{http_code}' --unix-socket "$work/QRB/api.sock" -X POST -T "$0" \
			-H 'Content-Type: application/octet-stream' \
			'http://local/v1/attachments?type=statement&media_type=application/pdf&checked_by=return-officer')" = 503 ]
	}
	claim "a file that leaves no reserve is refused" upload
	claim "again and again" upload
	claim "which the log says" logged QRB attachment_no_room
	claim_not "a disk that is nearly full takes nothing of a peer" ctl QRA peer test QRB --wait 1
	claim "which is logged in plain words" logged QRB disk_full
	claim "and what was refused before, once" [ "$(grep -c '"event":"attachment_no_room"' "$work/QRB/log")" = 1 ]
	claim_not "and no good health" curl -sf --unix-socket "$work/QRB/api.sock" http://local/health/ready
	claim "the messages wait at the sender" waiting
	claim "its own go out all the same" ctl QRB peer test QRA --wait 10
	fill() { ctl QRB peer test QRA --wait 1; ! log_has QRB store_failed; }
	until ! fill >/dev/null 2>&1; do [ $SECONDS -lt 90 ] || break; done
	claim "a full disk is logged in plain words" logged QRB store_failed
	mount -o remount,size=400m "$work/QRB/small"
	claim "with room again everything goes by itself" eval 'wait_for 30 eval "! waiting"'
	claim "and that is logged" logged QRB store_back
	claim "for the peers, too" logged QRB disk_back
	claim "both nodes end" eval 'node_stop QRA && node_stop QRB'
	claim "nothing is lost or doubled" "$(dirname "$0")/../fault/check.sh" \
		"$work/QRA/data/readmit.db" "$work/QRB/small/data/readmit.db" QRA QRB
else
	echo "skipped: this machine does not let us mount a small file system"
fi
