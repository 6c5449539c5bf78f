# Helpers of the scenario scripts: real programs, real files, loopback only, bounded waits.
# A script sources this file with the build directory as $1 and may then use everything below.
set -u
build=$(realpath "$1")
PATH=$build/bin:$PATH
work=${READMIT_WORK:-$(mktemp -d "${TMPDIR:-/tmp}/readmit-scenario.XXXXXX")}
chmod 755 "$work"
declare -A pid_of port_of inside_of
address=127.0.0.1 # at which nodes listen
claims=0

# left: processes that work in the script's folder, write there or were started with a path of it; the
# script itself and its subshells, which have its command line, are none of them. Two programs look at all: a shell that did
# would start some for each.
left() {
	local process
	{
		find /proc/[0-9]*/{cwd,fd/1,fd/2} -maxdepth 0 -lname "*$work*" -printf '%p\n'
		grep -lsaF -f - /proc/[0-9]*/cmdline <<<"$work"
	} 2>/dev/null | cut -d / -f 3 | sort -u | while read -r process; do
		[ ! -d "/proc/$process" ] || cmp -s "/proc/$process/cmdline" /proc/$$/cmdline || echo "$process"
	done
}
none_left() { [ -z "$(left)" ]; }

# Everything a script started ends with it; its logs are shown if a claim failed.
finish() {
	local status=$?
	for party in "${!pid_of[@]}"; do kill -KILL "${pid_of[$party]}" 2>/dev/null; done
	wait 2>/dev/null
	[ -z "${wall-}" ] || ip netns delete "$wall"
	if wait_for 5 none_left; then
		[ -n "${quiet_end-}" ] || ok "no process is left"
	else
		echo "not ok - no process is left"
		for process in $(left); do
			tr '\0' ' ' <"/proc/$process/cmdline"
			echo "was left as $process"
			kill -KILL "$process"
		done
		status=1
	fi
	if [ $status -ne 0 ]; then
		for log in "$work"/*/log; do [ ! -f "$log" ] || { echo "--- $log"; tail -n 25 "$log"; }; done
		echo "${last_words-}" # such as a seed: whoever sees the end alone can play it again
	fi
	[ -n "${READMIT_WORK-}" ] || rm -rf "$work"
	exit $status
}
trap finish EXIT

ok() {
	claims=$((claims + 1))
	echo "ok - $*"
}
# skip TEXT: what this machine does not let us see, and why; it is counted, and nothing is claimed.
skip() { echo "skipped - $*"; }
fail() {
	echo "not ok - $*"
	exit 1
}
# claim TEXT COMMAND…: the command must succeed. claim_not: it must fail.
claim() {
	local text=$1
	shift
	"$@" >"$work/out" 2>&1 || { cat "$work/out"; fail "$text"; }
	ok "$text"
}
claim_not() {
	local text=$1
	shift
	! "$@" >"$work/out" 2>&1 || { cat "$work/out"; fail "$text"; }
	ok "$text"
}
# What nobody ever writes to: reading it with a time is a pause without a process. Opened once, since bash keeps the number
# of each process that it substitutes, and takes a later one of that number for it and waits for ever.
exec {silence}<> <(:)
# wait_for SECONDS COMMAND…: until the command succeeds, at most so long. The one place that waits.
wait_for() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		read -rt 0.05 -u "$silence" || true
	done
}

# fresh FILE…: copies as if written on the day of the nodes, which is $ahead days from now if a test has moved
# their clocks, since attestations age (RXP-SAF-006); prints their names.
fresh() {
	local file today
	today=$(date -u -d "${ahead:-0} days" +%F)
	mkdir -p "$work/fresh"
	for file in "$@"; do
		sed -E "s,<(Date|Declared)>20[-0-9]+<,<\1>$today<," "$file" >"$work/fresh/$(basename "$file")"
		echo "$work/fresh/$(basename "$file")"
	done
}
# Who gives a document to the node and who has read its prose, as spec/examples has it.
officers=(--officer S-3001 --second-officer S-3002)

free_port() {
	# bash has no bind(), so a port is free if nothing answers there. None is given twice, in whatever subshell; scripts that are
	# played at the same time have others each.
	local port
	mkdir -p "$work/ports"
	for _ in {1..200}; do
		port=$((20000 + ${READMIT_SLOT:-0} % 12 * 1000 + RANDOM % 1000))
		mkdir "$work/ports/$port" 2>/dev/null || continue
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
	done
	return 1
}

node_keys() {
	local party=$1
	shift
	readmit-pki state new --party "$party" --out "$work/$party/pki" "$@" >/dev/null || fail "keys of $party"
}
# node_make PARTY OPTION…: keys and configuration of a test node; options of `readmit-pki state new`.
node_make() {
	local party=$1 user=
	shift
	port_of[$party]=$(free_port)
	mkdir -p "$work/$party"
	node_keys "$party" --endpoint "https://$address:${port_of[$party]}" "$@"
	[ "$(id -u)" != 0 ] || user=' user="nobody"'
	printf '0' >"$work/$party/clock"
	cat >"$work/$party/readmitd.xml" <<-XML
		<readmitd xmlns="urn:readmitd:config:1">
		  <node data="$work/$party/data"$user sealers="2"/>
		  <keys directory="$work/$party/pki/node"/>
		  <listen address="$address:${port_of[$party]}"/>
		  <api socket="$work/$party/api.sock" second-officer="named" mode="0600"/>
		  <test clock="$work/$party/clock"/>
		</readmitd>
	XML
	! pulls "$party" || node_shut "$party" "$@"
}
# node_shut PARTY OPTION…: one that was made opens no port and names no endpoint after all. Any scenario is played so for
# the States in READMIT_PULLS; where it is about who connects, it asks pulls PARTY.
pulls() { [[ " ${READMIT_PULLS-} " == *" $1 "* ]]; }
node_shut() {
	local party=$1
	shift
	rm -r "$work/$party/pki"
	node_keys "$party" "$@"
	sed -i '/<listen /d' "$work/$party/readmitd.xml"
}
# node_pulls PARTY: the same of a node that opens no port and names no endpoint.
node_pulls() {
	node_make "$1"
	node_shut "$1"
}
# may_wall: does this machine let us have a network of our own, with a cable and a firewall? Not without root, nor in
# every container.
may_wall() { unshare --net sh -c 'nft list ruleset && ip link add rm0 type veth peer name rm1' >/dev/null 2>&1; }
# within NETWORK COMMAND…
within() { nsenter --net="/run/netns/$1" "${@:2}"; }
# wall_around PARTY: its node lives in a network of its own, behind a firewall that drops whatever comes in and was not
# asked for from within; the others listen at the outer end of the only cable. Before node_make.
wall_around() {
	local name=readmit-$$
	wall=$name
	ip netns add "$name" && ip link add "rm$$" type veth peer name eth0 netns "$name" &&
		ip address add 198.51.100.1/30 dev "rm$$" && ip link set "rm$$" up &&
		within "$name" ip address add 198.51.100.2/30 dev eth0 && within "$name" ip link set eth0 up &&
		within "$name" ip link set lo up && within "$name" nft -f - <<-NFT || return 1
			table inet wall {
				chain inward {
					type filter hook input priority 0; policy drop;
					iif lo accept
					ct state established,related accept
					counter
				}
			}
		NFT
	address=198.51.100.1 inside_of[$1]="nsenter --net=/run/netns/$name"
}
# dropped: how many packets the wall has kept out.
dropped() { within "$wall" nft list chain inet wall inward | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }
node_start() {
	local party=$1
	${inside_of[$party]-} readmitd --config "$work/$party/readmitd.xml" 2>>"$work/$party/log" &
	pid_of[$party]=$!
	wait_for 10 ctl "$party" status || fail "$party does not come up"
}
node_kill() { # SIGKILL to the whole node, as a power cut would
	local party=$1
	kill -STOP "${pid_of[$party]}" # so that it replaces nobody meanwhile
	pkill -KILL -P "${pid_of[$party]}"
	kill -KILL "${pid_of[$party]}"
	wait "${pid_of[$party]}" 2>/dev/null
	unset "pid_of[$party]"
}
node_stop() {
	local party=$1 status
	kill -TERM "${pid_of[$party]}"
	wait "${pid_of[$party]}"
	status=$?
	unset "pid_of[$party]"
	return $status
}
# h2 PARTY OPTION…: a request by hand, with the key of that node.
h2() {
	curl -sk --http2 --tlsv1.3 --max-time 10 --cert "$work/$1/pki/node/tls.crt" --key "$work/$1/pki/node/tls.key" "${@:2}"
}
ctl() {
	local party=$1
	shift
	readmitctl --socket "$work/$party/api.sock" "$@"
}
fingerprint_of() { readmit-pki fingerprint --plain "$work/$1/pki/node/identity.xml"; }

# peer_with A B: A takes B's descriptor, compared by fingerprint.
peer_with() {
	rm -f "$work/$2/descriptor.xml"
	# A node makes its descriptor after its first start.
	wait_for 10 ctl "$2" descriptor export --out "$work/$2/descriptor.xml" &&
		ctl "$1" peer add "$work/$2/descriptor.xml" --fingerprint "$(fingerprint_of "$2")"
}
# log_has PARTY EVENT [TEXT]: a line of this event in the node's log.
log_has() { grep "\"event\":\"$2\"" "$work/$1/log" | grep -q -- "${3-}"; }
# logged PARTY EVENT [TEXT]: the same of what has happened: a command can end before the node has written its line.
logged() { wait_for 10 log_has "$@"; }
# A script whose own function had one of these names would claim nothing with it.
readonly -f ok fail claim claim_not wait_for log_has logged

# --- documents and files
examples=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../../spec/examples")
pictures=$build/../demo-pictures
# The files of application-family.xml.
family=(--attach "$pictures/portrait-1.jpg" --as photograph --checked-by return-officer
	--attach "$pictures/passport.jpg" --as document-scan --checked-by return-officer
	--attach "$pictures/portrait-2.jpg" --as photograph --checked-by legal-officer)
# value MEMBER: of the JSON that is read, the first of that name.
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }
# state_is PARTY MESSAGE STATE
state_is() { ctl "$1" --json message show "$2" | grep -q "\"state\": *\"$3\""; }
# sends FROM TO FILE OPTION…: its desk takes it; local_id and case_id are set.
sends() {
	[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
	ctl "$1" --json message send "$3" --to "$2" "${officers[@]}" "${@:4}" >"$work/sent" || return 1
	local_id=$(value local_id <"$work/sent") case_id=$(value case_id <"$work/sent")
}
# carries PARTY PEER FILE: writes a bundle that has a message; one that is just being tried on a line is in none.
carries() { rm -f "$3" && ctl "$1" bundle export "$2" --out "$3" && tar tf "$3" | grep -q '^messages/'; }
# export_to PARTY PEER FILE; import_at PARTY FILE [ANSWERS]: what it says is in $work/told.
export_to() { rm -f "$work/$3"; ctl "$1" bundle export "$2" --out "$work/$3"; }
import_at() {
	rm -f "$work/${3-none}"
	ctl "$1" bundle import "$work/$2" ${3+--out "$work/$3"} >"$work/told"
}
