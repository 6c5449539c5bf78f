# Holds the requirements, their reviewed rows (role/*.def) and the cases of the suite against each other; gate.sh feeds it.
function complain(id, words) {
	printf "%s: %s\n", id, words
	wrong++
}
function has_case(id, role) { return (id, role) in cases }

kind == "outside" { complain("line " $1, "a sentence with a word of RFC 2119 and no id"); next }
kind == "hash" { hash[$2] = substr($1, 1, 12); order[++n] = $2; next }
kind == "untested" && /^RXP-/ { untested[substr($1, 5)] = $2; next }
kind == "class" && /^NO_CASE_CLASS\(/ { split($0, part, /[(,]/); class[part[2]] = 1; next }
kind == "case" {
	if ($1 !~ /^[A-Z0-9]+-[0-9][0-9][0-9]\.[RWSDP]\.[pn]./) { complain($1, "no id of a case"); next }
	if ($1 in named) complain($1, "two cases have this id")
	named[$1] = 1
	split($1, part, ".")
	role = part[2] == "W" ? "R" : part[2]
	if (!(part[1] in hash)) complain($1, "the specification has no RXP-" part[1])
	cases[part[1], role]++
	n_cases++
	next
}
kind == "role" && /^BINDS\(/ {
	split($0, part, "\"")
	id = part[2]
	if (id in roles) complain(id, "two rows BINDS")
	roles[id] = part[6]
	reviewed[id] = part[4]
	if (part[6] !~ /^(N|R?S?D?P?)$/ || part[6] == "") {
		complain(id, "roles are R, S, D and P, in this order, or N alone")
		odd[id] = 1
	}
	next
}
kind == "role" && /^NO_CASE\(/ {
	split($0, part, "\"")
	name = part[5]
	gsub(/[, ]/, "", name)
	if (!(name in class)) complain(part[2], "no class " name " is in no_case.def")
	if (length(part[6]) < 6) complain(part[2], "a reason needs words")
	for (i = 1; i <= length(part[4]); i++) {
		role = substr(part[4], i, 1)
		if ((part[2], role) in reason) complain(part[2], "two reasons for " role)
		reason[part[2], role] = name
		words[part[2], role] = part[6]
	}
	next
}
kind == "role" && /^[A-Z_]+\(/ { complain($0, "no row of this table"); next }

# Each requirement named in the words of a reason SHOWN has cases in that role.
function check_shown(id, role,    text, shown) {
	text = words[id, role]
	gsub(/RXP-[A-Z]+-[0-9]+/, "", text)
	while (match(text, /[A-Z]+-[0-9][0-9][0-9]/)) {
		shown++
		if (!has_case(substr(text, RSTART, RLENGTH), role))
			complain(id, substr(text, RSTART, RLENGTH) " is said to show it, and has no case of " role)
		text = substr(text, RSTART + RLENGTH)
	}
	if (!shown) complain(id, "a reason SHOWN names the requirements whose cases show it")
}
function check_role(id, role,    has, why) {
	has = has_case(id, role)
	why = (id, role) in reason
	if (has && why)
		complain(id, "has a case of " role " now: `make spec-tables` takes the reason off")
	else if (!has && !why && !(role == "N" && id in untested))
		complain(id, "binds " role ", and has no case and no reason for that")
	if (why && role == "N" && id in untested)
		complain(id, "has its reason in spec/untested.txt already")
	if (!has) without++
	if (why && reason[id, role] == "LATER") later++
	if (why && reason[id, role] == "SHOWN") check_shown(id, role)
}
END {
	for (k = 1; k <= n; k++) {
		id = order[k]
		if (!(id in roles)) {
			complain(id, "has no row: read it, decide whom it binds, add BINDS(\"" id "\", \"" hash[id] "\", \"…\")")
			continue
		}
		if (reviewed[id] != hash[id])
			complain(id, "its text changed: review its roles and cases, then put " hash[id] " into its row")
		for (i = 1; i <= length(roles[id]) && !(id in odd); i++)
			check_role(id, substr(roles[id], i, 1))
		if (id in untested && roles[id] != "N")
			complain(id, "is in spec/untested.txt, and binds " roles[id])
	}
	for (id in roles)
		if (!(id in hash)) complain(id, "has a row, and is not in the specification")
	for (key in reason) {
		split(key, part, SUBSEP)
		if (index(roles[part[1]], part[2]) == 0) complain(part[1], "has a reason for " part[2] ", which it does not bind")
	}
	for (key in cases) {
		split(key, part, SUBSEP)
		if (part[1] in roles && index(roles[part[1]], part[2]) == 0)
			complain(part[1], "has a case of " part[2] ": put it among the roles of its row")
	}
	printf "%d requirements, %d cases; %d times a role without a case, %d of them later; %d wrong\n", n, n_cases, without, later, wrong
	exit wrong > 0
}
