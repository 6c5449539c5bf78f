# Turns "file NAME" lines, each followed by the octets of the file as od prints them, into a C
# table: struct rxp_embedded { name, octets, len } rxp_embedded_schemas[], ended by a NULL name.
BEGIN {
	n = 0
	print "#include \"protocol/xml/schema_data.h\"\n"
}
$1 == "file" {
	if (n > 0)
		print "};"
	names[n] = $2
	printf "static const unsigned char octets_%d[] = {\n", n++
	next
}
{
	for (i = 1; i <= NF; i++) {
		printf "0x%s,", $i
		size[n - 1]++
	}
	printf "\n"
}
END {
	if (n > 0)
		print "};"
	print "\nconst struct rxp_embedded rxp_embedded_schemas[] = {"
	for (i = 0; i < n; i++)
		printf "\t{\"%s\", octets_%d, %d},\n", names[i], i, size[i]
	print "\t{0, 0, 0},\n};"
}
