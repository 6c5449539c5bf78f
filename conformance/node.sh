# A node that the suite can ask for everything, for scripts that have sourced daemon/test/scenario/lib.sh: full_node NODE makes it,
# with all levels and with the keys of the offices that can have one, starts it, and gives it two States of the suite's own, QMA and QMB, which opens no port, whose
# folders are NODE/QMA and NODE/QMB. conform_with NODE TOOL VERB …: the suite against it, as QMA.
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
	listen_of[$node]=127.0.0.1:$(free_port)
	# Nodes may be made side by side: none of what they say goes to a file that they share.
	readmit-conform init --state "$work/$node/QMA" --party QMA --endpoint "https://${listen_of[$node]}" >"$work/$node/init" ||
		fail "a State for $node"
	readmit-conform init --state "$work/$node/QMB" --party QMB >"$work/$node/init-second" ||
		fail "a second State for $node"
	ctl "$node" peer add "$work/$node/QMA/descriptor.xml" --fingerprint "$(tail -n 1 "$work/$node/init")" >/dev/null ||
		fail "$node takes it"
	ctl "$node" peer add "$work/$node/QMB/descriptor.xml" --fingerprint "$(tail -n 1 "$work/$node/init-second")" >/dev/null ||
		fail "$node takes the second"
	ok "$node has two States of the suite for its peers"
}
conform_with() {
	"$2" "$3" --state "$work/$1/QMA" --peer "$work/$1/descriptor.xml" --fingerprint "$(fingerprint_of "$1")" "${@:4}"
}
