#!/bin/bash
# Goal of this scenario: lines that are bad in other ways than the thin ones of 78-thin, each for minutes (make rough-lines).
# - a document has its receipt within a minute, or within what the line is away and a minute
# - a scan of 0.4 MB, or 2.4, comes whole in so many times what its octets would take on that line without a fault; it depends on how long
#   nothing can come, and what is to be found out and begun anew each time (line)
# - neither packets of several seconds' jitter nor connections that are reset after 20 s nor a round trip of ten seconds keep them longer; a
#   path back that takes no long packets costs up to a minute at first
# - documents come on a line that is there for ten seconds a minute, and whatever is longer than a path of IPv6 must take is dropped on
# - what the system would send again of a connection that ended is gone before it could go beside the next one for long
# rough-lines.sh BUILD [NAME…]: those alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../line/thin.sh"
. "$(dirname "$0")/../line/scan.sh"
page "$work/page.jpg"

# NAME PATIENCE TIMES SECONDS OPTION…
lines=(
	# Cut for 6 s, and back with another address: found out 6 s later, connected in 5, so 8 of 20 s are left, and TCP begins slowly; a
	# handshake that loses a packet costs another 20.
	"elsewhere 100 25 20 --cut-for 6 --redial"
	"often 60 12 20 --cut-for 6"
	"blinking 60 8 10 --cut-for 2"
	# One way alone is dead for 40 s: whatever is asked then has no answer before, and all of it goes at once afterwards.
	"one-way 100 3 120 --cut-for 40 --one-way"
	# A connection takes five seconds to open, and then is forgotten where nothing goes; a path takes no long packets.
	"forgetful 60 3 600 --cut-for 1 --forget 8"
	"narrow 60 4 600 --cut-for 1 --narrow 1300"
	# Both ways are there for 20 s a minute, of which five go by until a connection is open.
	"seldom 180 12 60 --cut-for 40 --one-way"
	"bursts 60 5 45 --cut-for 30 --cut-loss 40"
	# The path back takes no long packets: a connection or two lack some for 6 s, and open in five.
	"narrow-back 80 5 600 --cut-for 1 --narrow 1300 --narrow-from 1"
	"reset 60 8 600 --cut-for 1 --reset 20"
	# 2 Mbit/s, and 16 kbit/s for 20 s of 30: what is on its way when that begins goes again then, before a document.
	"ebbing 100 8 30 --cut-for 20 --rate 2000000 --cut-rate 16000"
	"jitter 60 8 600 --cut-for 1 --jitter 3000"
	"satellites 60 12 600 --cut-for 1 --delay 5000 --loss 1"
	"far 60 4 20 --cut-for 10 --cut-delay 3000 --delay 100 --loss 1"
)
shift
# What of a cut the line leaves, measured from end to end: 50 packets a second, the first cut after 2 s, the next after 4.
measured() { sed -n "s,.*$1 \([0-9]*\).*,\1,p" "$work/measured"; }
between() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }
crossed() { # N OPTION…
	line_up --loss 0 --delay 50 --cut-every 2 --cut-for 1 "${@:2}" && "$tools/probe" datagrams "$line" "$1" 50 20 >"$work/measured" &&
		line_down >"$work/counted"
}
if [ $# = 0 ]; then
	claim "a cut of one way" crossed 245 --one-way
	claim "drops what goes that way, and at the next the other" between "$(measured came)" 190 205
	claim "a cut that loses packets" crossed 145 --cut-loss 40
	claim "loses so many of a hundred" between "$(measured came)" 115 138
	claim "a cut that is a detour" crossed 145 --cut-delay 500
	claim "loses none" [ "$(measured came)" = 145 ]
	claim "and takes so long" between "$(measured most)" 500 515
	claim "a cut that leaves 16 kbit/s" crossed 145 --cut-rate 16000
	claim "loses none" [ "$(measured came)" = 145 ]
	claim "and keeps half of what comes for a second" between "$(measured most)" 850 1150
fi
orphans=27000 # GATEWAY_UNHEARD_MS and GATEWAY_REPEAT_MS, for the system looks at its time when it would send again
for row in "${lines[@]}"; do
	read -r name patience times every options <<<"$row"
	[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
	scan=$work/page.jpg
	[ "$name" != one-way ] || scan=$pictures/passport.jpg # so that it meets some
	bad_line "$name" "$scan" "$every" $options
done
