# The requirements of the specification as rows of a C array: id, section, level, text on one line; and, of the second file,
# spec/untested.txt, those that bind nobody who could be tested.
function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}
function flush() {
	if (id == "")
		return
	level = text ~ /(^|[^A-Z])MUST([^A-Z]|$)/ ? "MUST" : text ~ /(^|[^A-Z])SHOULD([^A-Z]|$)/ ? "SHOULD" : \
		text ~ /(^|[^A-Z])MAY([^A-Z]|$)/ ? "MAY" : "STATEMENT"
	printf "\t{\"%s\", \"%s\", LEVEL_%s,\n\t    %s},\n", id, section, level, quoted(text)
	id = ""
}
BEGIN {
	print "#include \"conformance/requirement/requirement_data.h\"\n"
	print "const struct requirement requirement_rows[] = {"
}
FNR == 1 && NR > 1 {
	flush()
	print "};\nconst size_t requirement_count = sizeof requirement_rows / sizeof requirement_rows[0];\n"
	print "const struct untested untested_rows[] = {"
	listed = 1
}
listed && /^RXP-/ {
	words = $0
	sub(/^[^ ]* [^ ]* /, "", words)
	printf "\t{\"%s\", \"%s\", %s},\n", $1, $2, quoted(words)
}
listed { next }
/^## / { flush(); section = substr($0, 4) }
/^- \*\*RXP-[A-Z0-9]+-[0-9][0-9][0-9]\*\* / {
	flush()
	id = substr($2, 3, length($2) - 4)
	text = substr($0, length("- **" id "** ") + 1)
	next
}
id != "" && /^  [^ ]/ { text = text " " substr($0, 3); next }
{ flush() }
END { print "};\nconst size_t untested_count = sizeof untested_rows / sizeof untested_rows[0];" }
