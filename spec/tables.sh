#!/bin/bash
# The tables in the documents come from the tables in the code: tables.sh check | write
# A block between "<!-- table NAME begin -->" and "<!-- table NAME end -->" is generated here.
set -eu
mode=$1
cd "$(dirname "$0")/.."
wrong=0 checked=0

# rows DEF MACRO(PARAMETERS) COLUMNS: one Markdown row for each row of the .def table.
# Columns are parameters; strings lose their quotes, other words stay.
rows() {
	local def=$1 macro=$2 columns=$3
	{
		# Tables of other macros in the same file expand to nothing.
		for other in EVENT MOVE; do
			[ "${macro%%(*}" = "$other" ] || printf '#define %s(...)\n' "$other"
		done
		printf '#define %s @@ ' "$macro"
		for column in $columns; do printf '|| %s ' "$column"; done
		printf '||\n#include "%s"\n' "$def"
	} | gcc -E -P -I. -xc - | { tr '\n' ' '; echo; } | sed 's/@@/\n/g' | sed -n '/||/{
		s/" *"//g
		s/"\([^"]*\)"/\1/g
		s/ *|| */ | /g
		s/^ *| /| /
		s/ *$//
		p
	}'
}

# A document type by its wire name.
types() { sed -E 's/\b([A-Z])([A-Z]+)(_([A-Z])([A-Z]*))?\b/\1\L\2\U\4\L\5/g'; }

# block FILE NAME HEADER RULE < rows
block() {
	local file=$1 name=$2 header=$3 fresh
	fresh=$(mktemp)
	{
		printf '<!-- table %s begin -->\n| %s |\n|%s\n' "$name" "${header//,/ |}" \
			"$(printf '%s' "$header" | sed 's/[^,]*,\{0,1\}/ --- |/g')"
		cat
		printf '<!-- table %s end -->\n' "$name"
	} >"$fresh"
	checked=$((checked + 1))
	awk -v fresh="$fresh" -v name="$name" '
		$0 == "<!-- table " name " begin -->" { while ((getline line < fresh) > 0) print line; skip = 1; found = 1 }
		!skip { print }
		$0 == "<!-- table " name " end -->" { skip = 0 }
		END { exit !found || skip }' "$file" >"$fresh.new" || {
		echo "$file has no place for table $name"
		wrong=$((wrong + 1))
		rm -f "$fresh" "$fresh.new"
		return 0
	}
	if ! cmp -s "$file" "$fresh.new"; then
		if [ "$mode" = write ]; then
			cp "$fresh.new" "$file"
		else
			echo "$file: table $name differs from its source; make spec-tables"
			wrong=$((wrong + 1))
		fi
	fi
	rm -f "$fresh" "$fresh.new"
}

block spec/rxp-1.md refusal "Code, Class, HTTP, Meaning" < <(
	rows protocol/refusal.def 'REFUSAL(name, wire, class, status, meaning, side, action)' \
		'wire class status meaning' | sed 's/| NEVER |/| never |/; s/| AFTER_FIX |/| after-fix |/; s/| LATER |/| later |/')
block spec/rxp-1.md message "Type, Scope, Level, Requirement, Meaning" < <(
	rows protocol/message.def 'MESSAGE(name, wire, scope, level, requirement, meaning)' \
		'wire scope level requirement meaning')
block spec/rxp-1.md rule "Requirement, What is wrong" < <(
	rows protocol/rule.def 'RULE(name, requirement, text)' 'requirement text')
block spec/rxp-1.md case-state "State, Meaning" < <(
	rows protocol/case.def 'CASE_STATE(name, word, meaning)' 'word meaning')
block spec/rxp-1.md case-document "Document, Sender, Rank, Opens a case" < <(
	rows protocol/case.def 'CASE_DOCUMENT(type, sender, rank, opens)' 'type sender rank opens' |
		awk -F' \\| ' -v OFS=' | ' '{ for (i = 2; i < NF; i++) $i = tolower($i); print }' |
		types | sed 's/| 1 |/| yes |/; s/| 0 |/| no |/')
block spec/rxp-1.md case-event "Says, Document, Mark" < <(
	rows protocol/case.def 'CASE_EVENT(name, word, type, mark)' 'word type mark' | types)
block spec/rxp-1.md case "State, Document says, Next state, Requirement" < <(
	rows protocol/case.def 'CASE_MOVE(from, event, to, requirement)' 'from event to requirement' |
		sed -E 's/^(\| [A-Z]+ \| [A-Z]+ \| [A-Z]+)/\L\1/')
block spec/rxp-1.md media-pdf "Name, Holds" < <(
	rows protocol/media_pdf.def 'PDF_NAME(name, holds)' 'name holds')
block spec/storage.md state "State, Of, Final, Meaning, After a crash here" < <(
	rows daemon/registry/store/state.def 'STATE(name, word, box, final, meaning, crash)' \
		'word box final meaning crash' | sed 's/| 1 |/| yes |/; s/| 0 |/| no |/; s/OUTBOX/outbox/; s/INBOX/inbox/; s/ATTACHMENT/attachment/')
block spec/operator.md refusal "Code, Means, Whose side, What to do" < <(
	rows protocol/refusal.def 'REFUSAL(name, wire, class, status, meaning, side, action)' \
		'wire meaning side action')
block spec/operator.md log "Event, Level, Fields, Means, Whose side, What to do" < <(
	rows daemon/base/log.def 'LOG(name, level, fields, meaning, side, action)' \
		'name level fields meaning side action' | awk -F' \\| ' -v OFS=' | ' '{ $1 = tolower($1); print }')
block spec/operator.md setting "Setting, Default, Meaning" < <(
	rows daemon/parent/setting.def 'SETTING(element, attribute, kind, member, value, meaning)' \
		'element/@attribute value meaning' | sed 's, / ,/,g; s,/ @,/@,; s,@ ,@,')
echo "$((checked - wrong)) passed, $wrong failed"
[ "$wrong" -eq 0 ]
