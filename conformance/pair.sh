# Two products that believe to speak with each other while the suite stands between them, for scripts that have sourced
# daemon/test/scenario/lib.sh: pair_node NODE makes and starts one whose descriptor leads to a port at which nobody listens yet, and
# which really is at another, or, pair_node NODE shut, one that opens no port; pair_node_knows NODE OTHER gives it the other's descriptor.
declare -A behind_of # where each really is
pair_node() {
	local node=$1
	mkdir -p "$work/$node"
	node_make "$node" --level Core --office NODE
	behind_of[$node]=-
	[ "${2-}" = shut ] && node_shut "$node" --level Core --office NODE || behind_of[$node]=127.0.0.1:$(free_port)
	sed -i "s|<listen address=.*|<listen address=\"${behind_of[$node]}\"/>|" "$work/$node/readmitd.xml"
	node_start "$node"
	wait_for 10 ctl "$node" descriptor export --out "$work/$node/descriptor.xml" || fail "a descriptor of $node"
	fingerprint[$node]=$(fingerprint_of "$node") keys[$node]=$work/$node/pki/node
}
declare -A fingerprint keys # of each: the root fingerprint; the folder with tls.key and tls.crt
pair_node_knows() {
	claim "$1 takes $2" ctl "$1" peer add "$work/$2/descriptor.xml" --fingerprint "${fingerprint[$2]}"
}
# file_command NODE: how its desk sends a document with a file of a megabyte, for conformance/trigger.sh.
file_command() {
	echo "readmitctl --socket $work/$1/api.sock message send $(fresh "$examples/application-family.xml") --to \$READMIT_STATE ${officers[*]} ${family[*]}"
}
# two_documents: an application, and its withdrawal, for what is told `two`.
two_documents() {
	sed 's/P2/P1/' "$(fresh "$examples/withdrawal.xml")" >"$work/fresh/withdrawal-single.xml"
	echo "$(fresh "$examples/application-single.xml") $work/fresh/withdrawal-single.xml"
}
# between SENDER RECEIVER OPTION…: the suite between them, below TLS. between_above: the same, with the keys of both.
between() {
	readmit-conform proxy --peer "$work/$1/descriptor.xml" --fingerprint "${fingerprint[$1]}" --behind "${behind_of[$1]}" \
		--other "$work/$2/descriptor.xml" --other-fingerprint "${fingerprint[$2]}" --other-behind "${behind_of[$2]}" "${@:3}"
}
between_above() { between "$@" --staging-tls-key "${keys[$1]}" --other-staging-tls-key "${keys[$2]}"; }
# second_node NODE: keys of the second implementation, of which the same is true. second_serves NODE KIND OTHER: it serves as a peer
# of the other; KIND is peer, or one of conformance/peer/degenerate.mjs. second_ends NODE.
second=$(dirname "${BASH_SOURCE[0]}")/peer/peer
second_node() {
	local node=$1
	"$second" init "$work/$node" --party "$node" --endpoint "https://127.0.0.1:$(free_port)" || fail "keys of $node"
	fingerprint[$node]=$("$second" fingerprint "$work/$node") keys[$node]=$work/$node behind_of[$node]=127.0.0.1:$(free_port)
	printf 'https://%s' "${behind_of[$node]}" >"$work/$node/endpoint"
}
second_serves() {
	local node=$1 kind=$2 other=$3 product=("$second" serve)
	[ "$kind" = peer ] || product=(node "$(dirname "$second")/degenerate.mjs" "$kind")
	rm -f "$work/$node/log" # that of one before says ready, too
	"${product[@]}" "$work/$node" "$work/$other/descriptor.xml" "${fingerprint[$other]}" >"$work/$node/log" 2>&1 &
	pid_of[$node]=$!
	wait_for 60 grep -q '^ready' "$work/$node/log" || fail "$node serves"
}
second_ends() {
	kill "${pid_of[$1]}"
	wait "${pid_of[$1]}" 2>/dev/null
	unset "pid_of[$1]"
}
