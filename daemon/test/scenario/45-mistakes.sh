#!/bin/bash
# Goal of this scenario: no mistake of an administrator goes unnoticed, ends a node that works, or loses data.
# - each mistake is named by readmitd --check, and by a node that is told to read it; the node goes on
# - the keys of a node are held against each other, its identity and its data before anything is written
# - data that somebody else's hands made unusable are named with what to do, at the start and later
# - on standard error stands one JSON object a line, whatever is wrong
. "$(dirname "$0")/lib.sh"

node_make QRA
node_make QRB
config=$work/QRA/readmitd.xml keys=$work/QRA/pki/node other=$work/QRB/pki/node
cp "$config" "$work/right.xml"
cp -a "$keys" "$work/right"

right() {
	cp "$work/right.xml" "$config"
	cp "$work/right/"* "$keys/"
	rm -f "$keys"/tls-former.*
}
check() { readmitd --config "$config" --check; }
# checked STATUS TEXT: --check ends so, with this text in a line that begins with the file and a line number.
checked() {
	check >"$work/check" 2>&1
	[ $? = "$1" ] && grep -q "^$config:[0-9]*: .*$2" "$work/check"
}
# told TEXT PROBLEM COMMAND…: after the command a SIGHUP finds the problem, and the node goes on.
told() {
	local text=$1 problem=$2 seen
	shift 2
	"$@"
	seen=$(grep -c '"event":"config_wrong"' "$work/QRA/log")
	more() { [ "$(grep -c '"event":"config_wrong"' "$work/QRA/log")" -gt "$seen" ]; }
	kill -HUP "${pid_of[QRA]}"
	claim "SIGHUP: $text" wait_for 20 more
	claim "it is named" logged QRA config_problem "${problem##*: }"
	right
	claim "and the node goes on" ctl QRA peer test QRB --wait 10
}
# mistake TEXT PROBLEM COMMAND…: so does --check.
mistake() {
	"${@:3}"
	claim "--check: $1" checked 78 "$2"
	right
	told "$@"
}
another_part() { # as the root of the same State might sign it by mistake
	readmit-pki identity sign --party QRA --root-cert "$work/QRA/pki/root/root.crt" --root-key "$work/QRA/pki/root/root.key" \
		--seal-cert "$keys/seal.crt" --tls-cert "$keys/tls.crt" --out "$work/another.xml" && cp "$work/another.xml" "$keys/identity.xml"
}
part_of_a_day_to_come() { # by a root machine whose clock is wrong; the node's chain of parts would never be taken again
	rm -f "$work/ahead.xml"
	cc -shared -fPIC -O -o "$work/on_day.so" "$(dirname "$0")/on_day.c" &&
		LD_PRELOAD=$work/on_day.so ON_DAY_MS=$((2 * 86400000)) readmit-pki identity next --previous "$keys/identity.xml" \
			--root-cert "$work/QRA/pki/root/root.crt" --root-key "$work/QRA/pki/root/root.key" --yes --out "$work/ahead.xml" &&
		cp "$work/ahead.xml" "$keys/identity.xml"
}
edit() { sed -i "$1" "$config"; }
take() { for key; do cp "$other/$key" "$keys/$key"; done; }

claim "a right configuration is found right" check
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'peer_with QRA QRB && peer_with QRB QRA'
claim "it is found right while the node runs" check

mistake "an address of another machine" "192.0.2.7:9999: not an address of this machine" \
	edit 's|<listen|<listen address="192.0.2.7:9999"/><listen|'
told "a port of another program" "the port is in use by another program" \
	edit "s|<listen|<listen address=\"127.0.0.1:${port_of[QRB]}\"/><listen|"
mistake "an address given twice" "given twice" \
	edit 's|<listen address="\([^"]*\)"/>|&&|'
mistake "a port beyond all" "not an address and a port" edit 's|<listen address="127.0.0.1:[0-9]*"|<listen address="127.0.0.1:70000"|'
mistake "a missing folder for the socket" "mkdir -p $work/QRA/none" edit 's|/api.sock|/none/api.sock|'
mistake "a socket path that is too long" "longer than 107 characters" \
	edit "s|/api.sock|/$(printf 'x%.0s' {1..120})|"
mistake "a file where the socket should be" "something that is no socket" edit 's|/api.sock|/clock|'
mistake "a missing folder above the data" "cannot be made" edit 's|QRA/data|QRA/none/data|'
mistake "a certificate of another node" "tls.crt: is not a certificate of the key" take tls.crt
mistake "both TLS files of another node" "tls.crt: is of a key that identity.xml does not name" take tls.crt tls.key
mistake "a former TLS key with the certificate of another" "tls-former.crt: is not a certificate of the key" \
	eval 'cp "$keys/tls.key" "$keys/tls-former.key" && cp "$other/tls.crt" "$keys/tls-former.crt"'
mistake "a storage key that is none" "storage.key: is not 64 hexadecimal digits" \
	eval 'echo abc >"$keys/storage.key"'
told "another storage key" "storage.key: is not of these data" take storage.key
mistake "the TLS key as seal key" "seal.key: is not the key of a seal certificate" cp "$keys/tls.key" "$keys/seal.key"
told "an identity part of the same number that is another" "is older than the identity part that peers know" another_part
mistake "an identity part of the day after tomorrow" "identity.xml: is dated more than a day ahead" part_of_a_day_to_come
told "the keys of another party" "data: belong to another party" \
	take tls.key tls.crt seal.key storage.key identity.xml
mistake "no keys at all" "tls.key: No such file" edit 's|QRA/pki/node|QRA/pki/none|'
edit 's|sealers="2"|sealers="x"|; s|mode="0600"|mode="666"|; s|<keys|<keys nose="1"|'
rm "$keys/identity.xml"
check >"$work/check" 2>&1
for problem in ':2: node/@sealers: must be a number from 1 to 16: number of processes' \
	':3: keys/@nose: there is no such setting' ':5: api/@mode: must be four octal digits' \
	':3: .*identity.xml: No such file'; do
	claim "one check finds: $problem" grep -q "^$config$problem" "$work/check"
done
claim "in no words of a library" eval '! grep -q "facet\|{urn" "$work/check"'
right

edit 's|sealers="2"|sealers="3"|'
kill -HUP "${pid_of[QRA]}"
claim "what is right is taken" wait_for 15 log_has QRA config_reloaded
claim "and works" wait_for 10 ctl QRA peer test QRB --wait 5
right

claim "its processes are told apart in ps" \
	eval '[ "$(ps -o args= --ppid "${pid_of[QRA]}" | grep -c "^readmitd-\(gateway\|sealer\|registry\|desk\) ")" = 6 ]'

# Signals of a service manager reach every process of the service.
kill -TERM "${pid_of[QRA]}" $(pgrep -P "${pid_of[QRA]}")
wait "${pid_of[QRA]}"
claim "a SIGTERM to all processes is a clean end" [ $? = 0 ]
unset "pid_of[QRA]"
claim_not "without a word of failure" grep -E '"event":"(set_failed|sealer_died|role_failed|link_broken)"' "$work/QRA/log"

# The start itself, which nobody has checked.
starts() { readmitd --config "$config" 2>"$work/log"; }
take storage.key
starts
claim "a node does not start with another storage key" [ $? = 78 ]
claim "which is named" grep -q 'storage.key","what":"is not of these data' "$work/log"
claim "and found by --check" checked 78 "storage.key: is not of these data"
take tls.key tls.crt seal.key identity.xml
claim "and so are the keys of another party" checked 78 "data: belong to another party"
right

owner_is() { chown "$1" "$work/QRA/data/$2"; }
damage() { # TEXT PROBLEM COMMAND UNDO
	eval "$3"
	claim "--check: $1" checked 78 "$2"
	starts
	claim "the start ends with status 78" [ $? = 78 ]
	claim "and names it" grep -q "\"event\":\"config_problem\".*${2##*: }" "$work/log"
	eval "$4"
}
db=$work/QRA/data/readmit.db
damage "a database that may not be written" "readmit.db: .*u+rw" 'chmod 0400 "$db"' 'chmod 0600 "$db"'
damage "a folder that may not be entered" "attachments/out: .*u+rwx" \
	'chmod 0 "$work/QRA/data/attachments/out"' 'chmod 0700 "$work/QRA/data/attachments/out"'
if [ "$(id -u)" = 0 ]; then
	for name in readmit.db attachments/out .; do
		damage "$name of another user" 'belongs to user 0; chown nobody' \
			"owner_is root $name" "owner_is nobody $name"
	done
	node_start QRA
	chown root "$db"
	kill -KILL "$(pgrep -P "${pid_of[QRA]}" -x registry)"
	claim "what becomes of the data while the node runs is named too" \
		wait_for 10 log_has QRA config_problem "readmit.db.*belongs to user 0"
	wait "${pid_of[QRA]}"
	claim "and ends it with status 78" [ $? = 78 ]
	unset "pid_of[QRA]"
	chown nobody "$db"
fi
node_start QRA
claim "with the right keys and data it works" ctl QRA peer test QRB --wait 10

# The parts of a node whose clock was two days ahead when they were sealed; here it is two days behind since.
own_ahead() { ctl QRA status | grep -q own-ahead; }
claim_not "no part of its descriptor is of a day to come" own_ahead
printf '%s' "$((-2 * 86400000))" >"$work/QRA/clock"
claim "of such parts the node says that no peer takes them" logged QRA own_ahead
claim "its status names them" own_ahead
reloaded=$(grep -c '"event":"config_reloaded"' "$work/QRA/log")
kill -HUP "${pid_of[QRA]}"
claim "and a configuration is taken as before" \
	wait_for 20 eval '[ "$(grep -c "\"event\":\"config_reloaded\"" "$work/QRA/log")" -gt "$reloaded" ]'
printf '%s' "$((-86400000 + 600000))" >"$work/QRA/clock"
claim "they are good from a day before their date on" wait_for 10 eval '! own_ahead'
printf 0 >"$work/QRA/clock"
claim "the log is JSON alone" eval '! grep -v "^{\"time\".*}$" "$work/QRA/log"'
