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
		for other in EVENT MOVE RECOVERY_STAGE; do
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

# on COLUMNS sed-script: apply it to these columns alone.
on() {
	awk -v columns=" $1 " -v script="$2" -F' \\| ' -v OFS=' | ' '
		BEGIN { while ((getline line < script) > 0) { split(line, pair, "\t"); name[pair[1]] = pair[2] } }
		{
			sub(/^\| /, ""); sub(/ \|$/, "")
			for (i = 1; i <= NF; i++)
				if (index(columns, " " i " ")) {
					if ($i in name) $i = name[$i]
					else { $i = tolower($i); gsub(/_/, "-", $i) }
				}
			print "| " $0 " |"
		}'
}

# Document types by their wire names; what is none of them, in lower case.
wires=$(mktemp)
clocks=$(mktemp)
trap 'rm -f "$wires" "$clocks" "${statistics-}"' EXIT
rows protocol/message/message.def 'MESSAGE(name, wire, scope, level, asking, asked, collected, requirement, meaning)' \
	'name wire' | sed 's/^| //; s/ |$//; s/ | /\t/' >"$wires"
rows protocol/terms/clock.def 'CLOCK(name, word, kind, starts, units, warn, begins, requirement, meaning)' \
	'name word' | sed 's/^| //; s/ |$//; s/ | /\t/' >"$clocks"
statistics=$(mktemp)
rows protocol/case/statistics.def 'STATISTIC(name, code, meaning)' 'name code' | sed 's/^| //; s/ |$//; s/ | /\t/' >"$statistics"
types() { on "$1" "$wires"; }
of_clock() { on 1 "$clocks"; }
words() { on "$1" /dev/null; }
yes_no() { sed 's/| 1 |/| yes |/g; s/| 0 |/| no |/g'; }

# Cells of the table of moves: those that differ in the state alone share a row.
share() {
	awk -F' \\| ' -v states="$(rows protocol/case/case.def 'CASE_STATE(name, word, kind, kept, meaning)' 'word' | wc -l)" '
		{
			sub(/^\| /, ""); sub(/ \|$/, "")
			rest = $2 " | " ($3 == $1 ? "unchanged" : $3) " | " $4
			if (count[rest]++ == 0) order[++n] = rest
			from[rest] = from[rest] (count[rest] > 1 ? ", " : "") $1
		}
		END {
			for (i = 1; i <= n; i++)
				print "| " (count[order[i]] == states - 1 ? "any but unknown" : from[order[i]]) " | " order[i] " |"
		}'
}

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
	rows protocol/message/refusal.def 'REFUSAL(name, wire, class, status, meaning, side, action)' \
		'wire class status meaning' | sed 's/| NEVER |/| never |/; s/| AFTER_FIX |/| after-fix |/; s/| LATER |/| later |/')
block spec/rxp-1.md flag "Flag, Requirement, Meaning" < <(
	rows protocol/message/flag.def 'FLAG(name, word, requirement, meaning)' 'word requirement meaning')
block spec/rxp-1.md doubt "DOUBT" < <(
	rows protocol/evidence/dossier_doubt.def 'DOUBT(name, meaning)' 'meaning')
block spec/rxp-1.md withheld "The entry | SINCE | SAYS" < <(
	rows protocol/evidence/withheld.def 'WITHHELD_REASON(name, line, since, says)' 'line since says')
block spec/rxp-1.md log-difference "Difference, In the log of, Explained by a loss, Meaning" < <(
	rows protocol/log/log_difference.def 'LOG_DIFFERENCE(name, word, kept, lost, meaning, side, action)' 'word kept lost meaning' |
		sed 's/| PEER |/| the peer |/; s/| OWN |/| the node itself |/; s/| NO |/|  |/; s/| LOG |/| the log ended |/; s/| ENTRY |/| n > LogCount |/; s/| END |/| n ≥ LogCount |/; s/| ANSWER |/| the answer is taken |/')
block spec/rxp-1.md message "Type, Scope, Level, At the requesting, At the requested, For the desk, Requirement, Meaning" < <(
	rows protocol/message/message.def \
		'MESSAGE(name, wire, scope, level, asking, asked, collected, requirement, meaning)' \
		'wire scope level asking asked collected requirement meaning' | words '2 3' | yes_no |
		sed 's/|  |  |/| as the opening | as the opening |/')
block spec/rxp-1.md rule "Requirement, What is wrong" < <(
	rows protocol/document/rule.def 'RULE(name, requirement, text)' 'requirement text')
block spec/rxp-1.md case-state "State, Procedure, Ends, Meaning" < <(
	rows protocol/case/case.def 'CASE_STATE(name, word, kind, kept, meaning)' 'word kind kept meaning' |
		on 3 <(printf '%s\tno\n' NEVER LAPSED; printf '%s\tyes\n' AT_ONCE REFUSED WITHDRAWN COMPLETED) | words 2)
block spec/rxp-1.md case-trait "Trait, Stays, Meaning" < <(
	rows protocol/case/case.def 'CASE_TRAIT(name, word, keeps, meaning)' 'word keeps meaning' | yes_no)
block spec/rxp-1.md case-rank "Rank" < <(rows protocol/case/case.def 'CASE_RANK(name, word)' 'word')
block spec/rxp-1.md case-document "Document, Speaks of, Rank, Opens a case" < <(
	rows protocol/case/case.def 'CASE_DOCUMENT(type, names, rank, opens)' 'type names rank opens' |
		types 1 | words '2 3' | sed 's/| all |/| the whole case |/; s/| persons |/| the persons named |/' | yes_no)
block spec/rxp-1.md case-event "Says, Document, Sender, Mark, Gives" < <(
	rows protocol/case/case.def 'CASE_EVENT(name, word, type, sender, mark, trait, step)' 'word type sender mark trait' |
		types 2 | words '3 5' | sed 's/ | none |$/ |  |/')
block spec/rxp-1.md case-step "Says, Document, A hold stops it, An emergency stop stops it" < <(
	rows protocol/case/case.def 'CASE_EVENT(name, word, type, sender, mark, trait, step)' 'word type step' |
		types 2 | sed -n 's/| TOWARDS |$/| yes | no |/p; s/| TRANSFER |$/| yes | yes |/p')
block spec/rxp-1.md case-free "Says, Stopped by nothing if it says also" < <(
	rows protocol/case/case.def 'CASE_FREE(event, trait)' 'event trait' | words '1 2')
block spec/rxp-1.md case-mark "Document, Element, Text, Gives" < <(
	rows protocol/case/case.def 'CASE_MARK(type, element, value, trait)' 'type element value trait' |
		types 1 | words 4)
block spec/rxp-1.md case-mark-all "Document, Element, Attribute, Value, Gives" < <(
	rows protocol/case/case.def 'CASE_MARK_ALL(type, element, attribute, value, trait)' \
		'type element attribute value trait' | types 1 | words 5)
block spec/rxp-1.md case-answers "Document, Element, Concerns, Sealed by, Requirement" < <(
	rows protocol/case/case.def 'CASE_ANSWERS(type, element, concerned, whose, requirement)' \
		'type element concerned whose requirement' | types '1 3' |
		words 4 | sed 's/| own |/| its own State |/; s/| other |/| the other State |/; s/| either |/| either State |/')
block spec/rxp-1.md case-condition "Says, Of a person, Needs, Code, Requirement" < <(
	rows protocol/case/case.def 'CASE_CONDITION(event, given, wanted, code, requirement)' \
		'event given wanted code requirement' | words '1 2 3 4')
block spec/rxp-1.md case "State, Document says, Next state, Requirement" < <(
	rows protocol/case/case.def 'CASE_MOVE(from, event, to, requirement)' 'from event to requirement' |
		words '1 2 3' | share)
block spec/rxp-1.md case-duty "Says, Of a person, Must give, Requirement" < <(
	rows protocol/case/case.def 'CASE_DUTY(event, given, wanted, requirement)' 'event given wanted requirement' |
		words '1 2 3')
block spec/rxp-1.md case-turn "State, Next state, Requirement" < <(
	rows protocol/case/case.def 'CASE_TURN(from, to, requirement)' 'from to requirement' | words '1 2')
block spec/rxp-1.md case-fact "State, Document says, Next state, A sender may seal it" < <(
	rows protocol/case/case.def 'CASE_FACT(from, event, to, sealed)' 'from event to sealed' |
		words '1 2 3' | share | yes_no)
block spec/rxp-1.md safeguard "Requirement, Judged by, What is wrong" < <(
	rows protocol/safeguard/safeguard.def 'SAFEGUARD(name, requirement, judged, text, remedy)' \
		'requirement judged text' | sed 's/| BOTH |/| both |/; s/| SENDER |/| sender |/')
block spec/rxp-1.md safeguard-case "Requirement, What is wrong" < <(
	rows protocol/safeguard/safeguard.def 'SAFEGUARD_CASE(requirement, text, remedy)' 'requirement text')
block spec/rxp-1.md attested "Document, In, Attestation, For, Days, Role" < <(
	rows protocol/safeguard/safeguard.def 'ATTESTED(type, group, element, whom, days, roles)' \
		'type group element whom days roles' | types 1 | words 4 |
		sed 's/-officer \([a-z]\)/-officer, \1/g')
block spec/rxp-1.md free-text "Where, Name, Treatment, Why" < <(
	rows protocol/safeguard/free_text.def 'FREE_TEXT(place, name, treatment, reason)' \
		'place name treatment reason' | sed -E 's/\| (PROSE|NAMED|WORDED|PLAIN) \|/| \L\1 |/')
block spec/rxp-1.md compartment "Element, Office, Holds, Meaning" < <(
	rows protocol/document/compartment.def 'COMPARTMENT(name, element, office, content, meaning)' \
		'element office content meaning')
block spec/rxp-1.md listed "Element, In, In the State, Tells a fact" < <(
	rows protocol/case/listed.def 'LISTED(kind, parent, side, fact)' 'kind parent side fact' | yes_no |
		sed 's/^| OFFICE |/| Office |/; s/^| POINT |/| CrossingPoint |/; s/^| FALLBACK |/| Fallback |/' |
		sed -E '/^\| (Office|Fallback)/s/\| [A-Z]+ \|/|  |/' | words 3)
block spec/rxp-1.md profile-list "List, About" < <(
	rows protocol/terms/profile.def 'PROFILE_LIST(list, type, about)' 'list about' |
		awk -F' \\| ' -v OFS=' | ' '{ $1 = tolower($1); gsub("_", " ", $1); print }')
block spec/rxp-1.md profile-word "List, Word, Meaning" < <(
	rows protocol/terms/profile.def 'PROFILE_WORD(list, name, word, meaning)' 'list word meaning' |
		awk -F' \\| ' -v OFS=' | ' '{ $1 = tolower($1); gsub("_", " ", $1); print }')
block spec/rxp-1.md clock "Clock, Kind, Start, Units, Warn, Begins with, Requirement, Meaning" < <(
	rows protocol/terms/clock.def 'CLOCK(name, word, kind, starts, units, warn, begins, requirement, meaning)' \
		'word kind starts units warn begins requirement meaning' |
		sed 's/| PROFILE |/| as the profile says |/; s/| FIXED |/| fixed |/; s/ + / /g')
block spec/rxp-1.md media-pdf "Name, Holds" < <(
	rows protocol/media/media_pdf.def 'PDF_NAME(name, holds)' 'name holds')
block spec/rxp-1.md case-clock "Clock, Binds, For, Not for" < <(
	rows protocol/case/case_clock.def 'CASE_CLOCK(clock, actor, given, unless)' 'clock actor given unless' |
		of_clock | words '2 3 4' | sed 's/| always |/| everybody |/; s/| never |/|  |/')
block spec/rxp-1.md case-clock-state "Clock, Runs while" < <(
	rows protocol/case/case_clock.def 'CASE_CLOCK_STATE(clock, state)' 'clock state' | of_clock | words 2 |
		awk -F' \\| ' '{
			sub(/^\| /, ""); sub(/ \|$/, "")
			if (!($1 in of)) order[++n] = $1
			of[$1] = of[$1] ($1 in of && of[$1] != "" ? ", " : "") $2
		}
		END { for (i = 1; i <= n; i++) print "| " order[i] " | " of[order[i]] " |" }')
block spec/rxp-1.md case-clock-event "Clock, Document says, If it says also, What it does, Requirement" < <(
	rows protocol/case/case_clock.def 'CASE_CLOCK_EVENT(clock, event, given, does, requirement)' \
		'clock event given does requirement' | of_clock | words '2 3 4' | sed 's/| always |/|  |/')
block spec/rxp-1.md case-instant "Document, Element, Kind, Is" < <(
	rows protocol/case/case_clock.def 'CASE_INSTANT(type, element, kind, meaning)' 'type element kind meaning' |
		types 1 | words 3)
block spec/rxp-1.md case-day "Document, Element, Kind, Of" < <(
	rows protocol/case/case_clock.def 'CASE_DAY(type, element, kind, meaning)' 'type element kind meaning' |
		types 1 | words 3)
block spec/rxp-1.md statistic "Counter, Counts" < <(
	rows protocol/case/statistics.def 'STATISTIC(name, code, meaning)' 'code meaning')
block spec/rxp-1.md statistic-part "Part, Left out with it" < <(
	rows protocol/case/statistics.def 'STATISTIC_PART(part, whole)' 'part whole' | on '1 2' "$statistics")
block spec/rxp-1.md retention "State, Word" < <(
	rows protocol/case/case.def 'CASE_STATE(name, word, kind, kept, meaning)' 'word kept' | words 2 |
		grep -v '| unknown |')
block spec/rxp-1.md journal-action "Action, Role, Meaning" < <(
	rows daemon/base/journal.def 'ACTION(name, word, role, meaning)' 'word role meaning' | words 2)
block spec/rxp-1.md journal-reason "Reason, Meaning" < <(
	rows daemon/base/journal.def 'REASON(name, word, meaning)' 'word meaning')
block spec/storage.md recovery-stage "Stage, New documents wait, Means, What follows" < <(
	rows daemon/registry/store/recovery.def 'RECOVERY_STAGE(name, word, held, meaning, next)' \
		'word held meaning next' | yes_no)
block spec/storage.md recovery-why "Word, Means" < <(
	rows daemon/registry/store/recovery.def 'RECOVERY_WHY(name, word, how)' 'word how')
block spec/storage.md watched-table "Table, Party in, Before it is proved, A hand reaches there" < <(
	rows daemon/registry/store/table.def 'TABLE(name, party, octets, digest, sends, holds)' 'name party sends holds' |
		sed 's/| sends |/| nothing leaves |/')
block spec/storage.md unwatched-table "Table, Why it is in no sum" < <(
	rows daemon/registry/store/table.def 'UNWATCHED(name, why)' 'name why')
block spec/storage.md state "State, Of, Final, Meaning, After a crash here" < <(
	rows daemon/registry/store/state.def 'STATE(name, word, box, final, meaning, crash)' \
		'word box final meaning crash' | sed 's/| 1 |/| yes |/; s/| 0 |/| no |/; s/OUTBOX/outbox/; s/INBOX/inbox/; s/ATTACHMENT/attachment/')
block spec/operator.md refusal "Code, Means, Whose side, What to do" < <(
	rows protocol/message/refusal.def 'REFUSAL(name, wire, class, status, meaning, side, action)' \
		'wire meaning side action')
block spec/operator.md log-difference "Difference, Means, Whose side, What to do" < <(
	rows protocol/log/log_difference.def 'LOG_DIFFERENCE(name, word, kept, lost, meaning, side, action)' \
		'word meaning side action')
block spec/operator.md log "Event, Level, Fields, Means, Whose side, What to do" < <(
	rows daemon/base/log.def 'LOG(name, level, fields, meaning, side, action)' \
		'name level fields meaning side action' | awk -F' \\| ' -v OFS=' | ' '{ $1 = tolower($1); print }')
block spec/operator.md finding "Finding, Weight, Requirement, Means" < <(
	rows daemon/registry/terms/finding.def 'FINDING(name, word, weight, requirement, text)' \
		'word weight requirement text' | sed 's/| BLOCKS |/| blocks |/; s/| LACKS |/| lacks |/; s/| NOTE |/| note |/')
block spec/operator.md api-role "Role, In api/@group, Only by name, Lets the caller" < <(
	rows daemon/base/api_role.def 'API_ROLE(name, word, group, named, meaning)' 'word group named meaning' |
		yes_no | yes_no)
block spec/operator.md halt-reason "Code, Means" < <(
	rows daemon/base/halt.def 'HALT_REASON(name, word, meaning)' 'word meaning')
block spec/operator.md stop-kind "Kind, Stops" < <(
	rows daemon/base/halt.def 'STOP_KIND(name, word, meaning)' 'word meaning')
block spec/operator.md setting "Setting, Default, Meaning" < <(
	rows daemon/parent/setting.def 'SETTING(element, attribute, kind, member, value, meaning)' \
		'element/@attribute value meaning' | sed 's, / ,/,g; s,/ @,/@,; s,@ ,@,')
block spec/operator.md ending "What, Days before the end, Ends, From then on, Of our own, Of a peer" < <(
	rows daemon/base/ending.def 'ENDING(name, word, first, second, third, meaning, after, own, peer)' \
		'word first second third meaning after own peer' |
		awk -F' \\| ' -v OFS=' | ' '{ $2 = $2 ", " $3 ", " $4 ", 0"; for (i = 3; i + 2 <= NF; i++) $i = $(i + 2); NF -= 2; print }')
block spec/operator.md alarm "Alarm, On /health/ready, Means, What to do" < <(
	rows daemon/base/alarm.def 'ALARM(name, word, unready, meaning, action)' 'word unready meaning action')
block spec/operator.md unfit "About, Is wrong, What to do" < <(
	rows daemon/base/unfit.def 'UNFIT(name, about, words, action)' 'about words action')
block spec/operator.md token-state "State, Means, What to do" < <(
	rows daemon/base/token_state.def 'TOKEN_STATE(name, word, meaning, action)' 'word meaning action')
echo "$((checked - wrong)) passed, $wrong failed"
[ "$wrong" -eq 0 ]
