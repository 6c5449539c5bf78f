# Weave defects into copies of the sources: weave.awk -v out=FOLDER ROWS.mutants …
#
# A row is an id ("SEA-001.m1": the requirement that it breaks, without its "RXP-", and a number), what a person would call
# the defect, and where it stands:
#
#   mutant SEA-001.m1 a second seal is overlooked
#     in protocol/seal/seal_shape.c rxp_seal_shape_read
#     good signature->next != NULL
#     bad  false
#
# in: the file and, if the text alone would not be unique, the function. The good text stands there exactly once; blanks
# count only between two words, so that line breaks of the source do not matter. An expression gives way to
# (MUTANT(n) ? (bad) : (good)); a text that ends in ; or } is a statement. Without a good text, bad comes first in the
# function. A mutant of several places repeats in, good and bad. A line "weak" says that the suite calls it weak, and no
# failure: it still refuses, in another way than the requirement says. A line "silent" says that the product only says nothing
# more, which one that pauses does too: the case is incomplete, and so never passed. A line "by S" names the letters of the plans whose
# cases are to find it (run/plan.def); without one that is R. A line "desk" says that these need documents of the product: its
# letters have a T; a line "fetches", that they need a product that opens no port, which of two is the one that sends: an F. What begins with "always" instead is no defect, but what the copy needs so that the switch is seen.
#
# out/FILE are the copies, out/list has a line for each mutant: number, id, letters, verdict, words, separated by
# tabs.

function wrong(text) {
	print FILENAME ": " id[n] ": " text > "/dev/stderr"
	failed = 1
}

# What is compared: the text without blanks that separate nothing. at[i] is where character i of it stands in text.
function bare(text, at,    i, c, out, len, space, last) {
	len = length(text)
	out = ""
	for (i = 1; i <= len; i++) {
		c = substr(text, i, 1)
		if (c ~ /[ \t\n]/) {
			space = 1
			continue
		}
		if (space && last ~ /[A-Za-z0-9_]/ && c ~ /[A-Za-z0-9_]/) {
			out = out " "
			at[length(out)] = i
		}
		out = out c
		at[length(out)] = i
		last = c
		space = 0
	}
	return out
}

function load(file,    line, whole) {
	if (file in text)
		return
	whole = ""
	while ((getline line < file) > 0)
		whole = whole line "\n"
	close(file)
	text[file] = whole
	files[++n_files] = file
}

# From the line of the function's opening brace to that of its end: from and until. False if it is not defined there.
function find_function(file, name,    rest, at, line, len, seen) {
	rest = text[file]
	at = 1
	while ((len = index(rest, "\n")) > 0) {
		line = substr(rest, 1, len - 1)
		if (line ~ "^[A-Za-z].*[ *]" name "\\(")
			seen = 1
		if (seen && line == "{") {
			from = at + 1
			until = index(rest, "\n}\n") + at - 1
			return 1
		}
		if (line ~ /;$/)
			seen = 0
		at += len
		rest = substr(rest, len + 1)
	}
	return 0
}

function place(    whole, part, wanted, spots, none, first) {
	load(file)
	if (text[file] == "") {
		wrong("no file " file)
		return
	}
	from = 1
	until = length(text[file])
	if (inside != "" && !find_function(file, inside)) {
		wrong(file " defines no " inside)
		return
	}
	if (good == "") {
		add(from, from, "if (MUTANT(" number[n] ")) { " bad " }", "")
		return
	}
	split("", spots)
	whole = bare(substr(text[file], from, until - from + 1), spots)
	wanted = bare(good, none)
	first = index(whole, wanted)
	if (first == 0 || index(substr(whole, first + 1), wanted) > 0) {
		wrong("its text stands " (first == 0 ? "not at all" : "more than once") " in " file " " inside ": " good)
		return
	}
	part = spots[first + length(wanted) - 1] + from
	first = spots[first] + from - 1
	if (number[n] == 0)
		add(first, part, bad, "", 1)
	else if (good ~ /[;}]$/)
		add(first, part, "if (MUTANT(" number[n] ")) { " bad " } else { ", " }")
	else
		add(first, part, "(MUTANT(" number[n] ") ? (" bad ") : (", "))")
}

function add(start, stop, before, after, instead,    k) {
	k = ++edits[file]
	edit_start[file, k] = start
	edit_stop[file, k] = stop
	edit_before[file, k] = before
	edit_after[file, k] = after
	edit_instead[file, k] = instead
	edit_row[file, k] = id[n]
}

# The places of a row are known when the next begins.
function settle() {
	if (file != "" && bad != "")
		place()
	else if (file != "")
		wrong("no bad text")
	file = inside = good = bad = part = ""
}

# A row is known when the next begins, or the last file has ended.
function settle_row() {
	settle()
	if (number[n] > 0)
		list = list number[n] "\t" id[n] "\t" letters desk "\t" verdict "\t" words "\n"
	verdict = "fail"
	letters = "R"
	desk = ""
}

function begins_before(file, a, b) {
	return edit_start[file, a] < edit_start[file, b] ||
		(edit_start[file, a] == edit_start[file, b] && edit_stop[file, a] > edit_stop[file, b])
}

# Texts may lie in one another; those that only touch a part of another cannot both be woven.
function weave(file, path,    n, i, j, k, order, whole, at, opens, closes, skip, marks, pos) {
	n = edits[file]
	for (i = 1; i <= n; i++) {
		for (j = i; j > 1 && begins_before(file, i, order[j - 1]); j--)
			order[j] = order[j - 1]
		order[j] = i
	}
	for (i = 1; i <= n; i++)
		for (j = i + 1; j <= n; j++)
			if (edit_start[file, order[j]] < edit_stop[file, order[i]] && edit_stop[file, order[j]] > edit_stop[file, order[i]]) {
				print file ": " edit_row[file, order[i]] " and " edit_row[file, order[j]] " overlap" > "/dev/stderr"
				failed = 1
			}
	for (i = 1; i <= n; i++) {
		k = order[i]
		opens[edit_start[file, k]] = opens[edit_start[file, k]] edit_before[file, k]
		marks[edit_start[file, k]] = marks[edit_stop[file, k]] = 1
		if (edit_instead[file, k])
			skip[edit_start[file, k]] = edit_stop[file, k]
	}
	for (i = n; i > 0; i--) {
		k = order[i]
		closes[edit_stop[file, k]] = closes[edit_stop[file, k]] edit_after[file, k]
	}
	whole = text[file]
	printf "#include \"conformance/mutant/mutant.h\"\n#line 1 \"%s\"\n", file > path
	at = 1
	for (pos = 1; pos <= length(whole); pos++) {
		if (!(pos in marks))
			continue
		printf "%s%s%s", substr(whole, at, pos - at), closes[pos], opens[pos] > path
		at = pos in skip ? skip[pos] : pos
	}
	printf "%s", substr(whole, at) > path
	close(path)
}

{ sub(/[ \t]+$/, "") }
/^#/ || /^$/ { next }
$1 == "mutant" || $1 == "always" {
	settle_row()
	id[++n] = $1 == "mutant" ? $2 : "always"
	number[n] = $1 == "mutant" ? ++mutants : 0
	words = $0
	sub(/^[a-z]+ +/, "", words)
	if ($1 == "mutant")
		sub(/^[^ ]+ +/, "", words)
	if ($1 == "mutant" && ($2 in known || $2 !~ /^[A-Z]+-[0-9]+\.m[0-9]+$/ || words == $2))
		wrong("an id is that of a requirement and .m1, .m2, each once, and its words follow")
	known[$2] = 1
	next
}
n > 0 && $1 == "weak" && NF == 1 {
	verdict = "weak"
	next
}
n > 0 && $1 == "silent" && NF == 1 {
	verdict = "incomplete"
	next
}
n > 0 && $1 == "fetches" && NF == 1 {
	desk = "F"
	next
}
n > 0 && $1 == "desk" && NF == 1 {
	desk = "T"
	next
}
n > 0 && $1 == "by" && NF == 2 {
	letters = $2
	next
}
n > 0 && $1 == "in" {
	settle()
	file = $2
	inside = $3
	next
}
n > 0 && $1 ~ /^(good|bad)$/ {
	part = $1
	value = $0
	sub(/^[ \t]*[a-z]+[ \t]+/, "", value)
	if (part == "good")
		good = value
	else
		bad = value
	next
}
n > 0 && part != "" && /^[ \t]/ {
	if (part == "good")
		good = good "\n" $0
	else
		bad = bad "\n" $0
	next
}
{ wrong("what is this: " $0) }

END {
	settle_row()
	for (i = 1; i <= n_files && !failed; i++) {
		folder = out "/" files[i]
		sub(/\/[^\/]*$/, "", folder)
		system("mkdir -p " folder)
		weave(files[i], out "/" files[i])
	}
	printf "%s", list > (out "/list")
	exit failed
}
