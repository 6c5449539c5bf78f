#!/bin/bash
# Nothing of a person lies about in clear text: secrecy.sh DIR SUBMITTED-FILE...
# Takes the names, birth dates and document numbers out of the submitted files, and searches all
# that the nodes below DIR keep (databases, attachments, logs) for each: plain, base64 (at each of
# three offsets), hexadecimal in both cases, UTF-16 in both orders. The same search over the submitted
# files must find each value, or the search proves nothing.
set -u
dir=$1
shift
found=0 searched=0 wrong=0

# Of less than five characters a value occurs in megabytes of ciphertext by chance. Birth dates carry
# their certainty; other dates are in headers and certificates by right.
values=$(sed -n 's/.*<\(Primary\|Secondary\|Number\|Date certainty="[a-z-]*"\)>\([^<]\{5,\}\)<.*/\2/p' "$@" | sort -u)
[ "$(wc -l <<<"$values")" -ge 8 ] || { echo "too few values to search for"; exit 1; }

# The base64 of a text inside longer octets begins at one of three offsets: drop what neighbours touch.
# Of fewer than six characters what is left is so short that ciphertext holds it by chance.
base64_forms() {
	local text=$1 pad form
	[ ${#text} -ge 6 ] || return 0
	for pad in '' x xx; do
		form=$(printf '%s%s' "$pad" "$text" | base64 -w 0)
		form=${form%%=*}
		printf '%s\n' "${form:$((${#pad} * 4 / 3 + (${#pad} > 0))):$((${#text} * 4 / 3 - 2))}"
	done
}
hex() { od -An -v -tx1 | tr -d ' \n'; }

patterns=$(mktemp)
trap 'rm -f "$patterns" "$patterns".*' EXIT
while read -r value; do
	{
		printf '%s\n' "$value"
		base64_forms "$value"
		printf '%s' "$value" | hex
		echo
		printf '%s' "$value" | hex | tr a-f A-F
		echo
	} >>"$patterns"
	searched=$((searched + 1))
	grep -qF -- "$value" "$@" || { echo "not even in the submitted files: the search is broken"; wrong=1; }
done <<<"$values"

kept=$(find "$dir" \( -path '*/data/*' -o -name log \) -type f)
[ -n "$kept" ] || { echo "nothing to search in"; exit 1; }
while read -r file; do
	hits=$(grep -acF -f "$patterns" "$file")
	# UTF-16: fold a copy without NUL octets, so that both orders read like plain text.
	wide=$(tr -d '\000' <"$file" | grep -acF -f "$patterns")
	if [ "$hits" -gt 0 ] || [ "$wide" -gt 0 ]; then
		echo "a person's data in clear text: $file ($hits, $wide)"
		found=$((found + 1))
	fi
done <<<"$kept"
echo "$searched values searched in $(wc -l <<<"$kept") files: $found found"
[ $found -eq 0 ] && [ $wrong -eq 0 ]
