#!/bin/bash
# Goal of this scenario: the demonstration holds with either State behind a firewall that drops everything inbound
# (RXP-PUL-001).
# - in a network of its own where the machine allows it, else without the firewall and with no port opened all the same
# - what the firewall is said to drop it drops; without it the same connection is refused at once
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")/..
pictures=$build/../demo-pictures
[ -f "$pictures/passport.jpg" ] || fail "make first draws the pictures"
cp -r "$pictures" "$work/demo-pictures"
for party in QRB QRA; do
	claim "the demonstration holds with $party behind a wall" "$here/demo.sh" "$build" "$work/demo" $party
	claim "its last line says so" \
		[ "$(tail -n 1 "$work/out")" = "demo: 2 States, 5 documents, 5 receipts verified, 0 lost, 0 doubled" ]
done
may_wall || { skip "this machine gives us no network of our own: the firewall is left out"; exit 0; }
claim "a wall stands around QRB" wall_around QRB
# knock: 124 if nothing answers within a second.
knock() { timeout 1 bash -c 'exec 3<>/dev/tcp/198.51.100.2/8443' 2>/dev/null; [ $? = 124 ]; }
claim "what knocks at it hears nothing" knock
# The first that knocks may find the cable not up yet.
counted() { [ "$(dropped)" -gt 0 ] || { knock && [ "$(dropped)" -gt 0 ]; }; }
claim "and is counted" wait_for 10 counted
claim "it falls" within "$wall" nft flush ruleset
claim_not "then the same knock is answered" knock
