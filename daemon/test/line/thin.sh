# Two States joined by nothing but a thin and bad line (line.c): for scripts that have sourced scenario/lib.sh.
tools=$build/line
examples=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../../spec/examples")

# line_up OPTION…: the line, and both networks; $line is its process. 77 and words if the machine has no such thing.
# READMIT_SEED is its seed.
line_up() {
	local status device=/dev/net/tun
	[ -c "$device" ] || { device=$work/tun && mknod "$device" c 10 200 2>/dev/null; }
	: >"$work/line.log" # or the line before would seem to be this one
	"$tools/line" --tun "$device" --seed "${READMIT_SEED:-1}" "$@" >"$work/line.log" 2>&1 &
	line=$!
	pid_of[line]=$line
	wait_for 5 eval 'grep -q "^ready" "$work/line.log" || ! kill -0 $line'
	line_began=$(ms_now)
	grep -q "^ready" "$work/line.log" && return
	wait $line
	status=$?
	unset "pid_of[line]"
	cat "$work/line.log"
	return $status
}
# line_down: it ends, and says what became of all packets.
line_down() {
	kill -TERM "$line" && wait_for 5 grep -q "^from 198.18.0.2" "$work/line.log" || return
	unset "pid_of[line]"
	cat "$work/line.log"
}
# on_side SIDE PARTY: its node lives at that end of the line. Before node_make.
on_side() {
	inside_of[$2]="nsenter --net=/proc/$line/fd/$((10 + $1))"
	address=198.18.0.$((1 + $1))
}

ms_now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
# timed NAME FROM TO WAIT FILE OPTION…: the desk of FROM sends it; how long until the receipt, in ms, is a line of
# $work/times: "NAME ms", or "NAME never".
timed() {
	local name=$1 from=$2 to=$3 wait=$4 file=$5 began took=never
	shift 5
	began=$(ms_now)
	ctl "$from" --json message send "$file" --to "$to" "${officers[@]}" --wait "$wait" "$@" >"$work/sent.$name" 2>&1
	grep -q '"state": *"delivered"' "$work/sent.$name" && took=$(($(ms_now) - began))
	echo "$name $took" >>"$work/times"
}
# congestion [NAME]: how TCP of both networks finds out how fast it may go; prints what it is then, for the system may not
# let a network of our own have any but its own.
congestion() {
	local side setting=/proc/sys/net/ipv4/tcp_congestion_control
	for side in 0 1; do
		nsenter --net=/proc/$line/fd/$((10 + side)) sh -c "[ -z '${1-}' ] || echo ${1-} >$setting" 2>/dev/null
	done
	nsenter --net=/proc/$line/fd/10 cat "$setting"
}
# two_states: QRA and QRB, peers, each at its end of the line.
two_states() {
	on_side 0 QRA && node_make QRA && on_side 1 QRB && node_make QRB && node_start QRA && node_start QRB &&
		peer_with QRA QRB && peer_with QRB QRA
}
# late_times: the documents of $work/times that took longer than $patience seconds.
late_times() { awk -v most="${patience:-60}" '$1 != "scan" && ($2 == "never" || $2 > 1000 * most)' "$work/times"; }
# traffic OCTETS SECONDS FILE OPTION…: every so many seconds each State sends the other a small application; and once the
# two have met, which is when the first of them has its receipt, QRA sends one with these files and so many octets. ms of
# each in $work/times, what the files would take on a line that did nothing else in $ideal, when the scan began and ended
# in $scan_began and $scan_ended.
traffic() {
	local octets=$1 every=$2 family=$3 n=1 wait=$((${patience:-60} > 120 ? patience : 120))
	shift 3
	ideal=$((octets * 8 / 128))
	: >"$work/times"
	timed there-1 QRA QRB $wait "$single" &
	timed back-1 QRB QRA $wait "$single" &
	wait_for 120 grep -q "^there-1" "$work/times"
	scan_began=$(ms_now)
	timed scan QRA QRB 900 "$family" "$@" &
	until wait_for "$every" grep -q "^scan" "$work/times"; do
		n=$((n + 1))
		timed "there-$n" QRA QRB $wait "$single" &
		timed "back-$n" QRB QRA $wait "$single" &
	done
	scan_ended=$(ms_now)
	wait_for $wait all_told $((2 * n + 1))
}
all_told() { [ "$(wc -l <"$work/times")" -ge "$1" ]; }
# cuts_until MS EVERY: how many have begun by then, where one begins every so many seconds.
cuts_until() { echo $((($1 - line_began) / 1000 / $2)); }
