#!/bin/bash
# Goal of this scenario: the scenarios of daemon/test/scenarios are played, and an expectation that is false fails.
# - a short one passes, and the last line says so
# - with another state, another document overtaken or another due date expected it fails, and names the line
. "$(dirname "$0")/lib.sh"
folder=$(dirname "$0")/../scenarios
plays() { "$folder/run.sh" "$build" "$@" >"$work/played" 2>&1; }
# false_at LINE SED-SCRIPT FILE: changed so, it fails there.
false_at() {
	sed "$2" "$folder/$3" >"$work/$3"
	claim_not "it is changed: $2" cmp -s "$folder/$3" "$work/$3"
	claim_not "and fails" plays "$work/$3"
	claim "it names the line" grep -q "FAILED $3:$1: " "$work/played"
	claim "and the count says so" grep -q '^scenarios: 0 passed, 1 failed, ' "$work/played"
}

claim "two short ones are played" plays "$folder/second-application.txt" "$folder/crossing-reply-first.txt"
claim "the last line counts" grep -q '^scenarios: 2 passed, 0 failed, [0-9]* document types used$' <(tail -n 1 "$work/played")
false_at 6 's/P1 refused/P1 accepted/' second-application.txt
false_at 11 's/overtaken ReadmissionReply/overtaken Withdrawal/' crossing-reply-first.txt
false_at 12 's/due reply Wed 2/due reply Thu 2/' plain-acceptance.txt
