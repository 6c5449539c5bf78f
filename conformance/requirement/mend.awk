# Takes off, from the rows NO_CASE of a table, the roles that have a case by now; gate.sh feeds it.
kind == "case" { split($1, part, "."); cases[part[1], part[2] == "W" ? "R" : part[2]] = 1; next }
/^NO_CASE\(/ {
	split($0, part, "\"")
	left = ""
	for (i = 1; i <= length(part[4]); i++)
		if (!((part[2], substr(part[4], i, 1)) in cases))
			left = left substr(part[4], i, 1)
	if (left == "")
		next
	sub("\"" part[4] "\"", "\"" left "\"")
}
{ print }
