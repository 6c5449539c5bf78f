# The text of each requirement of a specification into a file dir/AREA-NNN, on one line and without a line end; into the file
# outside, the number of each line with a word of RFC 2119 that no requirement has. Section 0 says what these words mean.
function flush() {
	if (id == "")
		return
	printf "%s", text > (dir "/" id)
	close(dir "/" id)
	id = ""
}
/^## / { flush(); section = $2 }
/^- \*\*RXP-[A-Z0-9]+-[0-9][0-9][0-9]\*\* / {
	flush()
	id = substr($2, 7, length($2) - 8)
	text = substr($0, length("- **RXP-" id "** ") + 1)
	next
}
id != "" && /^  [^ ]/ { text = text " " substr($0, 3); next }
{ flush() }
section != "0." && /(^|[^A-Za-z])(MUST|SHOULD|MAY)([^A-Za-z]|$)/ { print NR > outside }
END { flush() }
