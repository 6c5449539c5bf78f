#!/bin/bash
# Goal of this scenario: two States that have never met become peers and prove the whole path.
# - a descriptor is taken only under the fingerprint that people compared
# - a Ping goes both ways over real TLS and HTTP/2, and its receipt is stored and shown
# - the receipt survives a restart of both nodes
# - a node with the same data cannot be started twice
. "$(dirname "$0")/lib.sh"

node_make QRA
node_make QRB
claim "the configuration is found right" readmitd --config "$work/QRA/readmitd.xml" --check
node_start QRA
node_start QRB

wait_for 10 ctl QRB descriptor export --out "$work/QRB/descriptor.xml"
claim_not "a descriptor under another fingerprint is refused" \
	ctl QRA peer add "$work/QRB/descriptor.xml" --fingerprint "$(fingerprint_of QRA)"
claim "in words that help" grep -q "the root of its latest part has another fingerprint" \
	<(ctl QRA peer add "$work/QRB/descriptor.xml" --fingerprint "$(fingerprint_of QRA)" 2>&1)
claim_not "a peer that was never added cannot be tested" ctl QRA peer test QRB
claim "QRA takes QRB's descriptor" peer_with QRA QRB
claim_not "a test tells that the peer may not have added us" ctl QRA peer test QRB --wait 1
refused() { ctl QRA queue list | grep -q "it may not have added you yet"; }
claim "as long as it has not" wait_for 10 refused
claim "QRB takes QRA's descriptor" peer_with QRB QRA
claim "the same descriptor again changes nothing" peer_with QRB QRA

claim "QRA's Ping is receipted" ctl QRA peer test QRB --wait 10
claim "QRB's Ping is receipted" ctl QRB peer test QRA --wait 10
claim "the sender shows it delivered" grep -q delivered <(ctl QRA message list)
claim "the receiver logged a message received" logged QRB message_received

claim "QRA ends politely" node_stop QRA
node_kill QRB
node_start QRA
node_start QRB
claim "after a restart the receipt is still shown" grep -q delivered <(ctl QRA message list)
claim "and the path works again" ctl QRA peer test QRB --wait 10

cp "$work/QRA/readmitd.xml" "$work/QRA/second.xml"
claim_not "a second daemon on the same data does not start" readmitd --config "$work/QRA/second.xml"
claim "and the first is unharmed" ctl QRA peer test QRB --wait 10
