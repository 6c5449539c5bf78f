# A node that the suite can ask for everything, for scripts that have sourced daemon/test/scenario/lib.sh: full_node NODE makes it,
# with all levels and with the keys of the offices that can have one, starts it, and gives it two States of the suite's own, QMA and
# QMB. conform_with NODE TOOL VERB …: the suite against it, as the first of them.
declare -A listen_of # where each of those States can be reached
# full_node NODE shut: one that opens no port.
full_node() {
	local node=$1 office keys=()
	for office in HEALTH SOCIAL; do
		readmit-pki office-key new --office $office --out "$work/offices-$node/$office" >/dev/null || fail "a key of $office"
		keys+=(--office $office --office-key "$office=$work/offices-$node/$office/$office.pub")
	done
	keys+=(--level Core --level Deemed --level Take-back --level Transit --level Reintegration --office NODE)
	node_make "$node" "${keys[@]}"
	[ "${2-}" != shut ] || node_shut "$node" "${keys[@]}"
	node_start "$node"
	wait_for 10 ctl "$node" descriptor export --out "$work/$node/descriptor.xml" || fail "a descriptor"
	suite_states "$node" QMA QMB
}
# suite_states NODE FIRST SECOND: two States of the suite's own, of which the second opens no port, in NODE/FIRST and NODE/SECOND; the
# node takes both. From then on it is tried as the first.
declare -A state_of second_of
suite_states() {
	local node=$1 first=$2 second=$3
	state_of[$node]=$first second_of[$node]=$second listen_of[$node]=127.0.0.1:$(free_port)
	# Nodes may be made side by side: none of what they say goes to a file that they share.
	readmit-conform init --state "$work/$node/$first" --party "$first" --endpoint "https://${listen_of[$node]}" >"$work/$node/init" ||
		fail "a State for $node"
	readmit-conform init --state "$work/$node/$second" --party "$second" >"$work/$node/init-second" ||
		fail "a second State for $node"
	ctl "$node" peer add "$work/$node/$first/descriptor.xml" --fingerprint "$(tail -n 1 "$work/$node/init")" >/dev/null ||
		fail "$node takes it"
	ctl "$node" peer add "$work/$node/$second/descriptor.xml" --fingerprint "$(tail -n 1 "$work/$node/init-second")" >/dev/null ||
		fail "$node takes the second"
	ok "$node has two States of the suite for its peers"
}
conform_with() {
	"$2" "$3" --state "$work/$1/${state_of[$1]}" --peer "$work/$1/descriptor.xml" --fingerprint "$(fingerprint_of "$1")" "${@:4}"
}
