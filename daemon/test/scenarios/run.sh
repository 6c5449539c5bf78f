#!/bin/bash
# Play scenarios on two real nodes with moved clocks: run.sh BUILD [FILE...]; all of this folder without files.
# Each is printed as a case file; the last line counts. README.md tells how to write one.
. "$(dirname "$0")/../scenario/lib.sh"
quiet_end=1 # the last line counts
here=$(realpath "$(dirname "$0")")
shift
[ $# -gt 0 ] || set -- "$here"/*.txt
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"

# behind PARTY: the node listens behind a line that the player can cut, at another port than its endpoint's.
declare -A inner_of
behind() {
	inner_of[$1]=$(free_port)
	sed -i "s|<listen address=\"127.0.0.1:${port_of[$1]}\"/>|<listen address=\"127.0.0.1:${inner_of[$1]}\"/>|" \
		"$work/$1/readmitd.xml"
}

mkdir "$work/offices"
levels=(--level Core --level Deemed --level Take-back --level Transit --level Reintegration)
# Two officers are two users of the machine.
officers_of() {
	sed -i 's|<api \(.*\)mode="0600"/>|<api \1mode="0666"><allow user="daemon" role="observe submit protect dispute"/><allow user="games" role="observe submit protect dispute"/></api>|' \
		"$work/$1/readmitd.xml"
}

# The offices that have compartments make their keys themselves; no node has the private part.
offices=(--office NODE)
for office in HEALTH SOCIAL; do
	readmit-pki office-key new --office $office --out "$work/offices/$office" >/dev/null || fail "the key of $office"
	offices+=(--office $office --office-key "$office=$work/offices/$office/$office.pub")
done

for party in QRA QRB; do
	node_make $party "${levels[@]}" "${offices[@]}"
	behind $party
	officers_of $party
	node_start $party
done
peer_with QRA QRB >"$work/out" 2>&1 && peer_with QRB QRA >"$work/out" 2>&1 || fail "no peers: $(cat "$work/out")"
node "$here/player/play.mjs" "$work" "$pictures" "QRA=${port_of[QRA]}:${inner_of[QRA]}" "QRB=${port_of[QRB]}:${inner_of[QRB]}" -- "$@"
status=$?
node_stop QRA && node_stop QRB || fail "a node does not end politely"
exit $status
