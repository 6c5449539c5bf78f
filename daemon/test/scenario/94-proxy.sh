#!/bin/bash
# Goal of this scenario: the conformance suite stands between two products, and finds nothing wrong with the node on either side.
# - the first case of most requirements passes between two nodes, a file that is cut among them, and some between a node and the second implementation, either way
# - without the TLS keys of both it stays below TLS; without a trigger what needs one is incomplete
# - one of them may open no port, and have a request wait while others pass; the documents of a case may come in another order
# - what is not set up is a configuration with a hint, never a failure
# - what a tester states of it and signs says no more than the report, and openssl alone verifies it
# - a sender that gives up, and a receiver that answers the same message differently, fail, each by its name; one that may pause longer
#   is incomplete
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../../../conformance/pair.sh"
conformance=$(realpath "$(dirname "$0")/../../../conformance")

exits() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ]
}
summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/report.json" "$1"; }
says() { # TEXT PATTERN: the command before did
	cp "$work/out" "$work/told"
	claim "$1" grep -q -- "$2" "$work/told"
}

pair_node QRA
pair_node QRB
pair_node_knows QRA QRB
pair_node_knows QRB QRA
trigger="$conformance/trigger.sh $work/QRA/api.sock"
export READMIT_FILE_COMMAND
READMIT_FILE_COMMAND=$(file_command QRA)
claim "nothing is wrong with two nodes in the first case of most requirements" \
	between_above QRA QRB --select '[!HL]*.P.[np]1' --trigger "$trigger" --report "$work/report.json"
export READMIT_TWO
READMIT_TWO=$(two_documents)
claim "there are eight at least" [ "$(summary cases)" -ge 8 ]
claim "all pass" [ "$(summary pass)" = "$(summary cases)" ]
claim "the report satisfies its schema" node "$conformance/report/check.mjs" "$work/report.json"

# What a tester states of it: openssl alone verifies that.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tester.key" -out "$work/tester.crt" -days 30 \
	-subj "/CN=A tester" 2>/dev/null || fail "a tester's key"
cms() { openssl cms -verify -binary -inform DER -in "$work/s.json.p7s" -content "$work/s.json" -CAfile "$work/tester.crt" -purpose any; }
cp "$work/report.json" "$work/stated.json"
claim "a tester states what it came to" readmit-conform statement "$work/stated.json" --key "$work/tester.key" \
	--certificate "$work/tester.crt" --out "$work/s.json"
says "which is no pass, since not all cases were tried" ': incomplete$'
claim "openssl verifies it" cms
claim "and so does the suite, with the report" readmit-conform verify "$work/s.json" "$work/stated.json" --certificate "$work/tester.crt"
sed -i 's/"milliseconds": /&1/' "$work/stated.json"
claim_not "not with another report" readmit-conform verify "$work/s.json" "$work/stated.json" --certificate "$work/tester.crt"
says "which it says" 'come to another statement'
sed -i 's/"result": "incomplete"/"result": "passes"/' "$work/s.json"
claim_not "an altered statement is none" readmit-conform verify "$work/s.json" --certificate "$work/tester.crt"
says "which it says" 'not signed so under this certificate'
claim_not "for openssl, too" cms

claim "without keys what stands above TLS is not asked, and a run of nothing else proves nothing" exits 4 between QRA QRB --select '[MO]*.P.[np]1' --trigger "$trigger" --report "$work/report.json"
claim "none of it" [ "$(summary not-asked)" = "$(summary cases)" ]
claim "without a trigger nothing could be tried" exits 4 between QRA QRB --select 'ANS-013.P.p[14]' --report "$work/report.json"
claim "and is incomplete" [ "$(summary incomplete)" = 2 ]
claim "a trigger that fails is a configuration" exits 3 between QRA QRB --trigger false
says "which says so" 'the trigger ended with the status 1'
claim "a key of another is one, too" exits 3 between QRA QRB --staging-tls-key "${keys[QRB]}" --other-staging-tls-key "${keys[QRA]}"
says "and says whose" 'the key given for QRA is no pin of it'
claim "an address of this machine that is none is one" exits 3 between QRA QRB --listen 192.0.2.1:443
says "and says where" 'at 192.0.2.1:443 and .*: this machine cannot listen there'
real=${behind_of[QRA]} behind_of[QRA]=127.0.0.1:1
claim "a product that is not where it is said to be is one" exits 3 between QRA QRB
says "and says which" 'QRA at https://127.0.0.1:1: nothing listens there'
behind_of[QRA]=127.0.0.1:${port_of[QRB]}
claim "one that is said to be where the suite itself listens is one" exits 3 between QRA QRB
says "and says so" 'QRA at .*: there the suite itself listens'
behind_of[QRA]=$real
claim_not "the same State twice is none that could be tried" between QRA QRA

claim "nor where the first document of a case comes again behind the second" \
	between_above QRA QRB --select ANS-005.P.p13 --trigger "$trigger"
pair_node QRC shut
pair_node_knows QRC QRB
pair_node_knows QRB QRC
claim "nor where the one that sends opens no port, and has a request for messages wait meanwhile" \
	between_above QRC QRB --select '[MA][SN][GS]-005.P.p[12]' --trigger "$conformance/trigger.sh $work/QRC/api.sock"
claim "QRC ends politely" node_stop QRC

second_node QRZ
second_serves QRZ peer QRB
pair_node_knows QRB QRZ
claim "nothing is wrong between the second implementation, which sends, and the node" \
	between_above QRZ QRB --select 'ANS*.P.[np]1' --trigger "$second trigger $work/QRZ" --report "$work/report.json"
claim "all pass" [ "$(summary pass)" = "$(summary cases)" ]
second_ends QRZ
cat >"$work/once" <<-END
	#!/bin/sh
	exec "$second" ping "$work/QRZ" "$work/QRB/descriptor.xml" "${fingerprint[QRB]}" >/dev/null 2>&1
END
second_serves QRZ peer QRB
claim "a sender that gives up fails" exits 1 between QRZ QRB --select 'ANS-013.P.p1' --trigger "sh $work/once" --wait 5
says "by its name" 'QRZ, which sends, gave the message up: .* its trigger ended with the status 1'
claim "one that says nothing may pause longer: that is incomplete, not failed" \
	exits 4 between QRZ QRB --select 'ANS-013.P.p1' --trigger "sh $work/once || :" --wait 2
says "with what gives it more" 'QRZ, which sends, did not send the message again within 2 seconds, and may pause longer; --wait'
claim "above TLS, too" exits 4 between_above QRZ QRB --select 'MSG-005.P.p1' --trigger "sh $work/once || :" --wait 2
second_ends QRZ

second_serves QRZ peer QRA
pair_node_knows QRA QRZ
claim "nothing is wrong between the node, which sends, and the second implementation" \
	between_above QRA QRZ --select 'ANS*.P.[np]1' --trigger "$trigger" --report "$work/report.json"
claim "all pass" [ "$(summary pass)" = "$(summary cases)" ]
second_ends QRZ
second_serves QRZ accept-all QRA
cat >"$work/begins" <<-END
	#!/bin/sh
	$trigger "\$@" & exit 0
END
claim "a receiver that answers anew each time fails" \
	exits 1 between_above QRA QRZ --select 'ANS-005.P.p12' --trigger "sh $work/begins" --wait 2
says "by its name" 'QRZ, which receives, gave'
second_ends QRZ
claim "QRA is healthy" grep -q '^healthy *yes' <(ctl QRA status)
claim "QRA ends politely" node_stop QRA
claim "QRB ends politely" node_stop QRB
