# Files as C: lines "file NAME", or "shown NAME" of one that stands in the package, each with the octets behind it as od -tx1
# writes them.
function finish() {
	if (name != "")
		print "};"
}
BEGIN {
	print "#include \"conformance/package/text.h\"\n"
}
$1 == "file" || $1 == "shown" {
	finish()
	name = $2
	shown[n + 1] = $1 == "shown" ? "true" : "false"
	names[++n] = name
	printf "static const unsigned char octets_%d[] = {\n", n
	next
}
{
	gsub(/[0-9a-f][0-9a-f]/, "0x&,")
	print
}
END {
	finish()
	print "\nconst struct package_text package_texts[] = {"
	for (i = 1; i <= n; i++)
		printf "    {\"%s\", %s, octets_%d, sizeof octets_%d},\n", names[i], shown[i], i, i
	print "};"
	print "const size_t package_text_count = sizeof package_texts / sizeof package_texts[0];"
}
