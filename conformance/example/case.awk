# The invalid contents of spec/examples as rows EXAMPLE_CASE(requirement, number, base, code, place, file), from lines
# "sender REQUIREMENT" (judged by the sender alone), "manifest FILE" and "expected KIND FILE PLACE REQUIREMENT".
$1 == "sender" { sender[$2] = 1; next }
$1 == "manifest" { manifest[$2] = 1; next }
$3 in manifest || $5 in sender { next }
# What is wrong with a compartment in plain keeps its sender from closing it; what is wrong inside only its office sees.
$4 ~ /\/For(Health|Social)(\/|$)/ { next }
{
	stem = $3
	sub(/\.xml$/, "", stem)
	id = $5 == "schema" ? "DOC-008" : substr($5, 5)
	base = "FOLLOWS"
	if (stem ~ /^(application|advance-notice|transit-application|reintegration-referral)-/)
		base = "OPENS"
	if (stem ~ /^(attachments-received|history|incident|node-notice|statistics|void)-/)
		base = "PING"
	# A Refusal by a safeguard names no place (RXP-SAF-002).
	printf "EXAMPLE_CASE(\"%s\", \"R.n-%s\", %s, %s, \"%s\", \"%s\")\n", id, stem, base, \
		$2 == "FORM" ? "SCHEMA" : "NOT_ACCEPTABLE", $2 == "FORM" ? $4 : "", $3
}
