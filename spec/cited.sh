#!/bin/bash
# Each requirement of rxp-1.md is cited by code or a test, or spec/untested.txt says why not.
set -eu
cd "$(dirname "$0")/.."
specification=spec/rxp-1.md list=spec/untested.txt

# Every id in what people write: "RXP-ABC-001", "RXP-ABC-001, 004 and 007", "RXP-ABC-001 to 003".
ids() {
	grep -hoE 'RXP-[A-Z0-9]+-[0-9]{3}((,| and| to) (RXP-[A-Z0-9]+-)?[0-9]{3})*' | awk '{
		gsub(/,|and/, " "); n = split($0, word, / +/); through = 0
		for (i = 1; i <= n; i++) {
			if (word[i] == "to") { through = 1; continue }
			if (word[i] ~ /^RXP/) area = substr(word[i], 1, length(word[i]) - 3)
			number = substr(word[i], length(word[i]) - 2) + 0
			for (k = through ? last + 1 : number; k <= number; k++) printf "%s%03d\n", area, k
			last = number; through = 0
		}
	}' | sort -u
}
written=$(grep -oE '^- \*\*RXP-[A-Z0-9]+-[0-9]{3}\*\*' $specification | tr -d '*' | cut -c3-)
cited=$(find protocol daemon certs conformance spec/xsd spec/examples/invalid -type f -not -path 'conformance/requirement/role/*' \
	\( -name '*.[ch]' -o -name '*.def' -o -name '*.xsd' -o -name '*.sh' -o -name '*.mjs' -o -name '*.java' \
	-o -name '*.awk' -o -name '*.txt' -o -name '*.allow' \) -exec cat {} + | ids)
listed=$(grep -v '^#' $list | cut -d' ' -f1)

wrong=0
complain() { # WORDS < ids
	local id
	while read -r id; do
		[ -z "$id" ] || { echo "$id: $1"; wrong=$((wrong + 1)); }
	done
}
complain "written twice in $specification" < <(sort <<<"$written" | uniq -d)
complain "named twice in $list" < <(sort <<<"$listed" | uniq -d)
complain "in $list, and not in $specification" < <(comm -23 <(sort -u <<<"$listed") <(sort -u <<<"$written"))
complain "cited, and not in $specification" < <(comm -13 <(sort -u <<<"$written") <(grep -v '^RXP-ABC-' <<<"$cited"))
complain "nothing cites it: cite it where it is built or tested, or say in $list why not" < <(
	comm -23 <(sort -u <<<"$written") <(sort -u <<<"$cited"$'\n'"$listed"))
complain "cited, so it does not belong into $list" < <(
	grep -v '^#' $list | cut -d' ' -f1 | sort | comm -12 - <(printf '%s\n' "$cited"))
complain "needs a class (people, meaning, later) and a reason in $list" < <(
	grep -vE '^#|^RXP-[A-Z0-9]+-[0-9]{3} (people|meaning|later) .{10,}$' $list | cut -d' ' -f1)
echo "$(wc -l <<<"$written") requirements, $(wc -l <<<"$listed") of them not for a test, $wrong wrong"
[ "$wrong" -eq 0 ]
