#!/bin/bash
# Goal: gate.sh passes what is whole, and fails on each of what it is there for, one broken thing at a time.
set -eu
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tried=0

hash_of() { printf '%s' "$1" | sha256sum | cut -c1-12; }
# Everything is whole.
world() {
	cat >"$dir/specification" <<-'END'
		## 0. Reading this text
		The words MUST and MAY are used as ever.
		## 1. Rules
		- **RXP-ABC-001** A sender MUST sing, and
		  a receiver hears it.
		- **RXP-ABC-002** A song is a song.
		- **RXP-ABC-003** It SHOULD be short.
		- **RXP-ABC-004** A choir MAY sing.
	END
	printf '# a list\nRXP-ABC-004 people who sings no node knows\n' >"$dir/untested"
	printf 'NO_CASE_CLASS(SHOWN, "shown", "")\nNO_CASE_CLASS(LATER, "later", "")\nNO_CASE_CLASS(INSIDE, "inside", "")\n' \
		>"$dir/classes"
	printf 'ABC-001.R.n1   no song\nABC-001.R.p1   a song\nABC-003.D.n1   a long song\n' >"$dir/cases"
	cat >"$dir/roles" <<-END
		BINDS("ABC-001", "$(hash_of 'A sender MUST sing, and a receiver hears it.')", "RS")
		NO_CASE("ABC-001", "S", LATER, "nobody listens yet")
		BINDS("ABC-002", "$(hash_of 'A song is a song.')", "N")
		NO_CASE("ABC-002", "N", INSIDE, "what a song is")
		BINDS("ABC-003", "$(hash_of 'It SHOULD be short.')", "RD")
		NO_CASE("ABC-003", "R", SHOWN, "ABC-001: it is heard (RXP-ABC-004)")
		BINDS("ABC-004", "$(hash_of 'A choir MAY sing.')", "N")
	END
}
gate() {
	"$here/gate.sh" "$1" "$dir/specification" "$dir/untested" "$dir/classes" "$dir/cases" "$dir/roles"
}
whole() { # WHAT: the gate passes
	tried=$((tried + 1))
	gate check >"$dir/out" || { echo "gate_test: $1 does not pass:"; cat "$dir/out"; exit 1; }
}
# broken WORDS FILE SED-SCRIPT: with this one change the gate fails, and says so in one line.
broken() {
	world
	whole 'what is whole'
	sed -i "$3" "$dir/$2"
	tried=$((tried + 1))
	if gate check >"$dir/out"; then
		echo "gate_test: passes, and should say: $1"
		exit 1
	fi
	if ! grep -q -- "$1" "$dir/out" || [ "$(wc -l <"$dir/out")" != 2 ]; then
		echo "gate_test: should say '$1' and nothing else:"
		cat "$dir/out"
		exit 1
	fi
}

broken 'line 9: a sentence with a word' specification '$a One MUST NOT shout.'
broken 'line 4: a sentence with a word' specification '4i One SHOULD NOT shout.'
broken 'ABC-003: has no row' roles '/ABC-003/d'
broken 'ABC-001: its text changed' specification 's/MUST sing/MUST shout/'
broken 'ABC-001: its text changed' specification 's/a receiver hears/every receiver hears/'
broken 'ABC-009: has a row, and is not in the specification' roles '$a BINDS("ABC-009", "000000000000", "N")'
broken 'ABC-001: two rows BINDS' roles '1{p}'
broken 'ABC-001: roles are R, S, D and P' roles 's/"RS"/"RSN"/'
broken 'ABC-001: binds S, and has no case and no reason' roles '/NO_CASE("ABC-001"/d'
broken 'ABC-001: binds D, and has no case and no reason' roles 's/"RS"/"RSD"/'
broken 'ABC-002: binds N, and has no case and no reason' roles '/NO_CASE("ABC-002"/d'
broken 'ABC-004: binds N, and has no case and no reason' untested '/ABC-004/d'
broken 'ABC-004: has its reason in spec/untested.txt' roles '$a NO_CASE("ABC-004", "N", INSIDE, "a choir")'
broken 'ABC-004: is in spec/untested.txt, and binds R' roles '/BINDS("ABC-004"/{s/"N"/"R"/;s/$/\nNO_CASE("ABC-004", "R", INSIDE, "a choir")/}'
broken 'ABC-001: has a case of S now' cases '$a ABC-001.S.n1   it does not sing'
broken 'ABC-003: has a case of R now' cases '$a ABC-003.W.n1   noise'
broken 'ABC-002: has a reason for D, which' roles '$a NO_CASE("ABC-002", "D", INSIDE, "what a song is")'
broken 'ABC-002: two reasons for N' roles '/NO_CASE("ABC-002"/{p}'
broken 'ABC-002: no class NEVER' roles 's/INSIDE/NEVER/'
broken 'ABC-002: a reason needs words' roles 's/what a song is/so/'
broken 'ABC-003: ABC-002 is said to show it' roles 's/"ABC-001: it/"ABC-002: it/'
broken 'ABC-003: a reason SHOWN names' roles 's/"ABC-001: it/"somewhere it/'
broken 'ABC-001.D.p1\|ABC-001: has a case of D: put it' cases '$a ABC-001.D.p1   a written song'
broken 'ABC-007.R.n1: the specification has no RXP-ABC-007' cases '$a ABC-007.R.n1   no such thing'
broken 'ABC-001.R.n1: two cases have this id' cases '1{p}'
broken 'ABC-001.X.n1: no id of a case' cases '$a ABC-001.X.n1   nobody'
broken 'no row of this table' roles '$a BIND("ABC-001", "000000000000", "R")'

# What mend takes off, and what it leaves.
world
echo 'ABC-001.S.p1   it sings' >>"$dir/cases"
gate mend
whole 'what was mended'
cp "$dir/roles" "$dir/mended"
gate mend
cmp -s "$dir/roles" "$dir/mended" || { echo "gate_test: mended twice, it is another"; exit 1; }
grep -q '^NO_CASE("ABC-002", "N"' "$dir/roles" || { echo "gate_test: a reason without a case is gone"; exit 1; }
echo "gate_test: $tried times right"
