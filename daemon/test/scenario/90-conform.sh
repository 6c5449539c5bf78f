#!/bin/bash
# Goal of this scenario: the conformance suite finds nothing wrong with the node, and says what is wrong where something is.
# - preflight passes, and each way to set it up wrongly (unknown, gone, a web server in its place) is a configuration with a hint, never a failure
# - every case that is not of a state of a case alone, and some of those, is tried against the node, which claims all levels, as the one
#   that receives, and none fails; the report says the same
# - nor does one fail of the second implementation, which shares nothing with the node but the specification
# - a product that judges less than the specification asks fails, and each case that fails is told with its requirement; the
#   report satisfies its schema, and its other forms say the same
# READMIT_WHOLE=1 (`make conformance`, which tries the node so beside it) tries the second implementation in each state of a case, and
# expects the opposite of every vector, not of some.
# long: 190
. "$(dirname "$0")/lib.sh"
peer=$(dirname "$0")/../../../conformance/peer/peer
keys=()
mkdir "$work/offices"
trigger=$(realpath "$(dirname "$0")/../../../conformance/trigger.sh")
schema=$(dirname "$0")/../../../conformance/report/check.mjs

conform() { # VERB …: the suite as QMA against QRA; where that receives, as QMB too
	local verb=$1 second=()
	shift
	[ "$verb" != respond ] || second=(--second "$work/QMB")
	readmit-conform "$verb" "${second[@]}" --state "$work/QMA" --peer "$work/QRA/descriptor.xml" --fingerprint "$(fingerprint_of QRA)" "$@"
}
# exits STATUS COMMAND …: does it end so?
exits() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ]
}
summary() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).summary[process.argv[2]])' "$work/report.json" "$1"; }

# What is chosen of the cases, for the second implementation too, and of the vectors each so-manieth to be expected to be the opposite.
chosen=(--select '*.[np][0-9]*') chosen_second=("${chosen[@]}") each=8
[ -z "${READMIT_WHOLE-}" ] || chosen_second=() each=1

for office in HEALTH SOCIAL; do
	claim "the office $office makes its key" readmit-pki office-key new --office $office --out "$work/offices/$office"
	keys+=(--office $office --office-key "$office=$work/offices/$office/$office.pub")
done
node_make QRA --level Core --level Deemed --level Take-back --level Transit --level Reintegration --office NODE "${keys[@]}"
node_start QRA
wait_for 10 ctl QRA descriptor export --out "$work/QRA/descriptor.xml" || fail "a descriptor"
claim "a test State is made" readmit-conform init --state "$work/QMA" --party QMA --endpoint https://127.0.0.1:1
cp "$work/out" "$work/init"
claim "and another one" eval 'readmit-conform init --state "$work/QMB" --party QMB >"$work/init-second"'
claim "not a second time in its place" exits 3 readmit-conform init --state "$work/QMA" --party QMA --endpoint https://127.0.0.1:1
claim "a State that is none for tests is not made" exits 3 readmit-conform init --state "$work/ALB" --party ALB --endpoint https://127.0.0.1:1
claim "before the node knows it, that is a configuration" exits 3 conform preflight
cp "$work/out" "$work/before"
claim "which says what to do" grep -q 'do: give the product the descriptor of this State' "$work/before"
claim "and whose it is" grep -q "side: the product's owner" "$work/before"
claim "a pattern of no case is wrong use, whatever the product is" exits 2 conform respond --select 'ZZZ-*'
claim "the node takes its descriptor" ctl QRA peer add "$work/QMA/descriptor.xml" --fingerprint "$(tail -n 1 "$work/init")"
claim "which are two: with one the cases between both are incomplete" exits 4 readmit-conform respond --state "$work/QMA" \
	--peer "$work/QRA/descriptor.xml" --fingerprint "$(fingerprint_of QRA)" --select 'LOG-004.R.p1'
cp "$work/out" "$work/told"
claim "with what to do" grep -q 'do: make one with init, without --endpoint, give the product its descriptor, and give --second its folder' "$work/told"
claim "one that it does not know is a configuration" exits 3 conform respond --select 'LOG-004.R.p1'
cp "$work/out" "$work/told"
claim "which says which of both that is" grep -q '^CONFIG .*, as QMB$' "$work/told"
claim "the node takes the other descriptor, too" ctl QRA peer add "$work/QMB/descriptor.xml" --fingerprint "$(tail -n 1 "$work/init-second")"
claim "and gives neither what is for the other" conform respond --report "$work/report.json" --select PUL-002.R.n17 \
	--trigger "$trigger $work/QRA/api.sock"
claim "requirements and cases are data" readmit-conform trace --report "$work/trace.json" --html "$work/trace.html"
claim "of each requirement one object" [ "$(node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).length)' \
	"$work/trace.json")" = "$(grep -c '<article' "$work/trace.html")" ]
claim "and a page that loads nothing" eval '! grep -iE "<script|src=|href=|@import|url\(" "$work/trace.html"'
claim "the cases of documents need no node" readmit-conform doc --report "$work/report.json"
claim "and none fails" [ "$(($(summary pass) + $(summary weak)))" = "$(summary cases)" ]
claim "few by another requirement than theirs" [ "$(summary weak)" -le 20 ]
claim "the report of them satisfies its schema" node "$schema" "$work/report.json"
vectors=$work/vectors
claim "there is a package of vectors for other software" readmit-conform vectors "$vectors"
claim "which is the same when it is made again" eval 'readmit-conform vectors "$vectors-2" && diff -r "$vectors" "$vectors-2"'
claim "and is not written into a folder that is there" eval '! readmit-conform vectors "$vectors"'
claim "its index satisfies its schema, and names each file" node "$(dirname "$schema")/../package/check-index.mjs" "$vectors"
# judged COMMAND…: it says that each vector is as expected. not_one COMMAND…: of a package that expects the opposite it
# finds each vector that it judges, hundreds, to be wrong.
judged() { "$@" "$vectors"; }
not_one() {
	local judged
	! "$@" "$vectors-not" >"$work/found" || return 1
	judged=$(awk '/ judged/ { n += /vectors/ ? $1 : $2 } END { print n }' "$work/found")
	[ "$judged" -ge 500 ] && [ "$(grep -c '^[A-Z]*-[0-9]*\.[A-Z]\.' "$work/found")" = "$judged" ]
}
claim "each vector is so for this suite, read back" judged readmit-conform doc
claim "and for the second implementation" judged node "$(dirname "$peer")/vectors.mjs"
claim "one that expects the opposite is made" node "$(dirname "$peer")/flip.mjs" "$vectors" "$vectors-not" $each
claim "of it each is found to be wrong" not_one readmit-conform doc
evidence() { node "$(dirname "$schema")/../package/check-evidence.mjs" "$1" readmit-verify; }
claim "what a verifier says of each container of evidence is what the index says" evidence "$vectors"
claim "and of none of them the opposite" eval '! evidence "$vectors-not" >"$work/found" &&
	grep -Eqx "evidence: ([1-9][0-9]*) judged, \1 otherwise" "$work/found"'
claim "by the second implementation too" not_one node "$(dirname "$peer")/vectors.mjs"
claim "the descriptor of the node holds" readmit-conform doc "$work/QRA/descriptor.xml" "$work/QMA/descriptor.xml"
claim "under a root that nobody compared it does not" exits 3 readmit-conform doc --peer "$work/QRA/descriptor.xml" \
	--fingerprint "$(printf '%064d' 0)" "$work/QMA/descriptor.xml"
claim "preflight passes" conform preflight
cp "$work/out" "$work/preflight"
claim "in eight checks" [ "$(grep -c '^ok ' "$work/preflight")" = 8 ]

claim "every case passes, but that some need documents of the node" exits 4 conform respond "${chosen[@]}" --report "$work/report.json"
cp "$work/out" "$work/told"
unprompted=$(sed -n 's/^incomplete \([0-9]*\) cases need documents of the product.*/\1/p' "$work/told")
claim "which is told once" [ "$(grep -c '^incomplete' "$work/told")" = 1 ]
claim "and what to do" grep -q 'do: give --trigger a command' "$work/told"
claim "all others pass, by the report" [ "$(summary pass)" = "$(($(summary cases) - unprompted))" ]
claim "they are at least 500" [ "$(summary pass)" -ge 500 ]
claim "with those there are at least 450 of what it must not take" [ "$(summary negative)" -ge 450 ]
if [ -z "${READMIT_WHOLE-}" ]; then
	claim "with a trigger no case fails in some states that both lead to" conform respond --report "$work/report.json" \
		--trigger "$trigger $work/QRA/api.sock" --select '*.[np]-[ac]*-request*'
	claim "and all are tried" [ "$(summary pass)" = "$(summary cases)" ]
	claim "from both sides of the case" [ "$(summary cases)" -ge 350 ]
fi
claim "what crosses comes to one end, and no answer but the right one is taken for what was fetched" conform respond \
	--report "$work/report.json" --trigger "$trigger $work/QRA/api.sock" --select '[CP][AU][LS]-00[67].R.[np]*[0-9]'
claim "in so many cases" [ "$(summary pass)" -ge 18 ]
lost='[NPR][OUC][TLV]-0[01][369].R.[np][12]'
claim "what a State lost that fetches is brought to it" conform respond --report "$work/report.json" --trigger "$trigger $work/QRA/api.sock" \
	--select "$lost"
claim "all is tried" [ "$(summary pass)" = "$(summary cases)" ]
claim "a trigger that does nothing is told" exits 4 conform respond --trigger false --select 'REP-001.R.p-received-requested-accept'
cp "$work/out" "$work/told"
claim "with what it was to send" grep -q 'the trigger does not have the product send ReadmissionApplication' "$work/told"
endpoint=$(sed -n 's/^ *"endpoint": "\(.*\)".*$/\1/p' "$work/report.json")
claim "the node is healthy" grep -q '^healthy *yes' <(ctl QRA status)

claim "it is, too, beside one that has some" exits 2 conform respond --select 'PNG-001.R.n1 ZZZ-*'
claim "another fingerprint is a configuration" exits 3 readmit-conform preflight --state "$work/QMA" \
	--peer "$work/QRA/descriptor.xml" --fingerprint "$(printf '%064d' 0)"
cp "$work/out" "$work/told"
claim "of the tester's, who asks for the right one" grep -q 'do: ask the product.s owner' "$work/told"

second_starts() { # PARTY OPTION…: the second implementation serves as PARTY, a peer of QMA
	local party=$1
	shift
	claim "$party has a descriptor" "$peer" init "$work/$party" --party "$party" --endpoint "https://127.0.0.1:$(free_port)"
	"$peer" serve "$work/$party" "$work/QMA/descriptor.xml" "$(tail -n 1 "$work/init")" \
		"$work/QMB/descriptor.xml" "$(tail -n 1 "$work/init-second")" "$@" >"$work/$party/log" 2>&1 &
	pid_of[$party]=$!
	wait_for 60 grep -q '^ready' "$work/$party/log" || fail "$party serves"
}
respond_to() { # PARTY OPTION…
	local party=$1
	shift
	readmit-conform respond --state "$work/QMA" --second "$work/QMB" --peer "$work/$party/descriptor.xml" --fingerprint "$("$peer" fingerprint "$work/$party")" \
		--report "$work/report.json" "$@"
}
claim "the second implementation finds in the examples what the specification says of them" node "$(dirname "$peer")/check.mjs"
second_starts QRZ
claim "no case fails of the second implementation" exits 4 respond_to QRZ "${chosen_second[@]}"
unprompted=$(sed -n 's/^incomplete \([0-9]*\) cases need documents of the product.*/\1/p' "$work/out")
claim "it claims all levels, and passes all cases that need no document of it" [ "$(summary pass)" = "$(($(summary cases) - unprompted))" ]
[ -z "${READMIT_WHOLE-}" ] || claim "they are at least 1200, with those of what it must not take 2900" \
	[ "$(($(summary pass) >= 1200 && $(summary negative) >= 2900))" = 1 ]
claim "nor one that needs documents of it, in some states" respond_to QRZ --trigger "$peer trigger $work/QRZ" --select '*.[np]-a*-requested-*'
claim "and all are tried" [ "$(summary pass)" = "$(summary cases)" ]
claim "nor one of what was lost" respond_to QRZ --trigger "$peer trigger $work/QRZ" --select "$lost"
claim "nothing of it is left out" [ "$(summary pass)" = "$(summary cases)" ]

claim "the node takes the descriptor of the second implementation" ctl QRA peer add "$work/QRZ/descriptor.xml" --fingerprint "$("$peer" fingerprint "$work/QRZ")"
claim "the scripts of the package are octets that the node answers as they say" node "$(dirname "$peer")/play-scripts.mjs" "$vectors" \
	"$work/QRZ" "$work/QRA/descriptor.xml" "$(fingerprint_of QRA)"
played=$(sed -n 's/ scripts played.*//p' "$work/out")
claim "at least 190 of them" [ "$played" -ge 190 ]

second_starts QRY --careless
# With the first cases of most areas.
claim "a careless one does not pass" exits 1 respond_to QRY --select '[CDPSTX]*-0[01][147].R.n[0-9]*' --wait 2
cp "$work/out" "$work/told"
claim "nothing is an error of the suite" [ "$(summary error)" = 0 ]
claim "what needs an application, which it takes none of, is incomplete" grep -q '^incomplete *CHN-007.R.n1 ' "$work/told"
claim "what it takes and must not is told" grep -q '^fail *PNG-001.R.n1 ' "$work/told"
claim "with the requirement" grep -q '^ *RXP-PNG-001: `Ping` proves the whole path' "$work/told"
claim "and the command that tries it again" grep -q 'again: readmit-conform respond .* --select PNG-001.R.n1$' "$work/told"
claim "what it refuses in another way, upon which others do the same, is weak" grep -q '^weak *TIM-004.R.n1 ' "$work/told"
claim "and what tells them to do something else fails" grep -q '^fail *SEA-001.R.n1 ' "$work/told"
claim "the report satisfies its schema" node "$schema" "$work/report.json"
claim "each signed answer in it has its status of HTTP" node -e 'const { cases } = JSON.parse(require("fs").readFileSync(process.argv[1]));
	const signed = cases.filter(({ received = "" }) => /<(Receipt|Refusal) /.test(Buffer.from(received, "base64")));
	process.exit(signed.length > 20 && signed.every(({ status }) => status >= 200 && status < 600) ? 0 : 1)' "$work/report.json"
sed 's/"verdict": "fail"/"verdict": "perhaps"/' "$work/report.json" >"$work/other.json"
claim_not "one with another verdict does not" node "$schema" "$work/other.json"
claim "other forms are made of it" readmit-conform report "$work/report.json" --html "$work/report.html" \
	--junit "$work/report.xml" --tap "$work/report.tap"
claim "JUnit's is XML, with a test case for each" [ "$(xmllint --xpath 'count(//testcase)' "$work/report.xml")" = "$(summary cases)" ]
claim "and a failure for each that fails" [ "$(xmllint --xpath 'count(//failure)' "$work/report.xml")" = "$(summary fail)" ]
claim "TAP has a line for each" [ "$(grep -c '^\(not \)\?ok ' "$work/report.tap")" = "$(summary cases)" ]
# Its text may show a document that has href=; no tag of it leads elsewhere.
claim "the page loads nothing and runs nothing" eval '! grep -iE "<script|<[^>]*(src=|href=.[^#])|@import|url\(" "$work/report.html"'
claim "it shows what was sent" grep -q 'What was sent' "$work/report.html"
claim_not "a report with a verdict of another suite is not read" readmit-conform report "$work/other.json" --tap "$work/x"
claim "what it does rightly is not told" [ "$(grep -c 'TLS-003.R.n1' "$work/told")" = 0 ]


# What is not the product: a port on which a web server speaks, one on which nobody does, a product of another time.
claim "the node ends politely" node_stop QRA
node -e 'require("http").createServer((q, r) => r.end("<html></html>")).listen(+new URL(process.argv[1]).port, "127.0.0.1", () => console.log("ready"))' \
	"$endpoint" >"$work/web" 2>&1 &
pid_of[WEB]=$!
wait_for 10 grep -q '^ready' "$work/web" || fail "a web server in the place of the node"
claim "a web server in its place is a configuration" exits 3 conform preflight
cp "$work/out" "$work/before"
claim "which is told from a product that fails" grep -q 'do: the product must offer TLS 1.3 and ALPN h2' "$work/before"
kill "${pid_of[WEB]}"
wait "${pid_of[WEB]}"
unset 'pid_of[WEB]'
claim "a node that is not there is a configuration" exits 3 conform respond
