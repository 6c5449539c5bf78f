# The requirements of the specification as rows of a C array: id, section, level, text on one line.
function flush() {
	if (id == "")
		return
	level = text ~ /(^|[^A-Z])MUST([^A-Z]|$)/ ? "MUST" : text ~ /(^|[^A-Z])SHOULD([^A-Z]|$)/ ? "SHOULD" : \
		text ~ /(^|[^A-Z])MAY([^A-Z]|$)/ ? "MAY" : "STATEMENT"
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	printf "\t{\"%s\", \"%s\", LEVEL_%s,\n\t    \"%s\"},\n", id, section, level, text
	id = ""
}
BEGIN {
	print "#include \"conformance/requirement/requirement_data.h\"\n"
	print "const struct requirement requirement_rows[] = {"
}
/^## / { flush(); section = substr($0, 4) }
/^- \*\*RXP-[A-Z0-9]+-[0-9][0-9][0-9]\*\* / {
	flush()
	id = substr($2, 3, length($2) - 4)
	text = substr($0, length("- **" id "** ") + 1)
	next
}
id != "" && /^  [^ ]/ { text = text " " substr($0, 3); next }
{ flush() }
END {
	flush()
	print "};\nconst size_t requirement_count = sizeof requirement_rows / sizeof requirement_rows[0];"
}
