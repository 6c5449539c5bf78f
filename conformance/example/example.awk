# The typed contents of spec/examples as C: octets, when they were made, and what is expected of those that are invalid.
# From lines "created PREFIX TIME", "expected KIND FILE PLACE REQUIREMENT", "manifest FILE" and "file NAME" with the octets
# of the file behind it as od prints them.
BEGIN {
	n = 0
	print "#include \"conformance/example/example_data.h\"\n"
}
$1 == "sender" { next }
$1 == "created" { created[$2] = $3; next }
$1 == "expected" { kind[$3] = $2; place[$3] = $4; requirement[$3] = $5; next }
$1 == "manifest" { manifest[$2] = 1; next }
$1 == "file" {
	if (n > 0)
		print "};"
	names[n] = $2
	printf "static const unsigned char octets_%d[] = {\n", n++
	next
}
{
	for (i = 1; i <= NF; i++)
		printf "0x%s,", $i
	size[n - 1] += NF
	printf "\n"
}
# The time of the longest beginning of the name that has one.
function made(name,    p, best) {
	best = "*"
	for (p in created)
		if (index(name, p) == 1 && (best == "*" || length(p) > length(best)))
			best = p
	return created[best]
}
END {
	print "};\n\nconst struct example example_rows[] = {"
	for (i = 0; i < n; i++) {
		base = names[i]
		sub(/^invalid\//, "", base)
		stem = base
		sub(/\.xml$/, "", stem)
		# The manifest of an invalid content is itself a valid one.
		invalid = base != names[i] && base !~ /\.attachments\.xml$/
		printf "\t{\"%s\", \"%s\", octets_%d, %d, \"%s\", EXAMPLE_%s, \"%s\", \"%s\", %s},\n", base, stem, i, size[i], \
			made(stem), invalid ? kind[base] : "VALID", invalid ? place[base] : "", invalid ? requirement[base] : "", \
			(base in manifest) ? "true" : "false"
	}
	print "};\nconst size_t example_count = sizeof example_rows / sizeof example_rows[0];"
}
