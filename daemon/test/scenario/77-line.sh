#!/bin/bash
# Goal of this scenario: the line on which the thin-line scenarios run is as thin and bad as it says.
# - rate, delay, loss and queue are measured by packets from end to end, within what they may vary
# - the same seed loses the same packets
# - a cut drops everything while it lasts; with redial also what ran over it before, and nothing else
# - packets overtake each other and come twice where that is asked for
# - a connection that is older than so much is reset; a cut begins where the side that was called has said so much
# - one that forgets drops what goes on a connection on which nothing went for a while; a narrow one, longer packets
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../line/thin.sh"
line_up --loss 0
case $? in
0) ;;
77) skip "$(cat "$work/line.log")"; exit 0 ;;
*) fail "the line comes up" ;;
esac
# measured WHAT: of the last measurement.
measured() { sed -n "s,.*$1 \([0-9]*\).*,\1,p" "$work/measured"; }
probe() { "$tools/probe" "$1" "$line" "${@:2}" >"$work/measured"; }
between() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

claim "packets that find the line free" probe datagrams 100 50 10
claim "all come" [ "$(measured came)" = 100 ]
claim "after 800 ms" between "$(measured least)" 800 815
claim "packets that do not" probe datagrams 60 1000 20
claim "come at 128 kbit/s" between "$(measured bit/s)" 126000 130000
claim "more than the queue holds" probe datagrams 100 1000 0
claim "is dropped" between "$(measured came)" 30 35
claim "and the last one has waited for the whole queue" between "$(measured most)" 2700 2900
line_down >"$work/counted" 2>&1
claim "all this is counted" grep -q "from 198.18.0.1: 260 packets" "$work/counted"

for n in 1 2; do
	line_up --seed 7 || fail "the line comes up"
	probe datagrams 1000 50 3 || fail "the probe"
	measured came >"$work/came.$n"
	line_down >"$work/counted" 2>&1
done
claim "of 1000 packets about one in twenty is lost" between "$(cat "$work/came.1")" 920 980
claim "the same ones with the same seed" cmp "$work/came.1" "$work/came.2"

line_up --loss 0 --delay 50 --queue 8192 --cut-every 4 --cut-for 1 || fail "the line comes up"
claim "packets through a cut" probe datagrams 550 50 10
claim "of a second are lost" between "$(measured came)" 435 455
claim "a TCP connection outlives one" timeout 30 "$tools/probe" stream "$line" 60000
line_down >"$work/counted" 2>&1
line_up --loss 0 --delay 50 --queue 8192 --cut-every 4 --cut-for 1 --redial || fail "the line comes up"
claim "with redial one that ends before the cut is not touched" timeout 3 "$tools/probe" stream "$line" 1000
claim_not "one that does not is dead for ever" timeout 10 "$tools/probe" stream "$line" 80000
line_down >"$work/counted" 2>&1
claim "what it sends afterwards is counted" grep -q " [1-9][0-9]* of before a cut" "$work/counted"
line_up --loss 0 --delay 50 --queue 8192 --cut-every 4 --cut-for 2 --forget 1 || fail "the line comes up"
claim "one that forgets does not touch a connection on which something goes" timeout 3 "$tools/probe" stream "$line" 1000
claim_not "and one on which nothing went for a while is dead for ever" timeout 10 "$tools/probe" stream "$line" 80000
line_down >"$work/counted" 2>&1
claim "what it sends afterwards is counted as well" grep -q " [1-9][0-9]* forgotten" "$work/counted"
line_up --loss 0 --delay 50 --jitter 400 --twice 50 || fail "the line comes up"
claim "packets of which some come twice and late" probe datagrams 100 50 5
claim "come so often" between "$(measured came)" 130 170
claim "at different times" between "$(measured most)" 400 470
line_down >"$work/counted" 2>&1
line_up --loss 0 --delay 50 --narrow 600 --narrow-from 1 --reset 1 || fail "the line comes up"
claim "a connection with long packets the other way" timeout 3 "$tools/probe" stream "$line" 5000
claim_not "one that is older than a second ends" timeout 3 "$tools/probe" stream "$line" 80000
line_down >"$work/counted" 2>&1
claim "by resets, which are counted" grep -q " [1-9][0-9]* reset" "$work/counted"
line_up --loss 0 --delay 50 --narrow 600 || fail "the line comes up"
claim "packets that a narrow one takes" probe datagrams 20 500 10
claim "all come" [ "$(measured came)" = 20 ]
claim_not "of a connection whose packets are longer nothing does" timeout 5 "$tools/probe" stream "$line" 20000
line_down >"$work/counted" 2>&1
claim "they are counted" grep -q " [1-9][0-9]* too wide" "$work/counted"
