# Helpers of the scenarios in which keys roll over: the machine of each State's root, whose clock is that of the nodes,
# and days that pass. A script sources it behind lib.sh.
declare -A part_of root_of # the latest identity part of a party, and the folder of the root that seals the next
day=0 ahead_ms=0

value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
count() { grep -c "\"event\":\"$2\"" "$work/$1/log"; }
# later DAYS, pass_ms MS: the clocks of both nodes go on.
later() { pass_ms $(($1 * 86400 * 1000)); }
pass_ms() {
	ahead_ms=$((ahead_ms + $1))
	day=$((ahead_ms / 86400000))
	printf '%s' "$ahead_ms" | tee "$work/QRA/clock" >"$work/QRB/clock"
}
# rolls PARTY: its keys are to roll over; behind node_make.
rolls() {
	part_of[$1]=1 root_of[$1]=$work/$1/pki/root
	cp "$work/$1/pki/node/identity.xml" "$work/$1/identity-1.xml"
}
# sign PARTY COMMAND… OPTION…: its next identity part, told (in $work/told) and signed.
sign() {
	local party=$1 before=$work/$1/identity-${part_of[$1]}.xml
	part_of[$party]=$((part_of[$party] + 1))
	readmit-pki "$2" "$3" --previous "$before" --root-cert "${root_of[$party]}/root.crt" \
		--root-key "${root_of[$party]}/root.key" "${@:4}" --yes --out "$work/$party/identity-${part_of[$party]}.xml" \
		>"$work/told" 2>&1 || { cat "$work/told"; fail "$*"; }
}
# put_keys PARTY FILE…: they take the place of those in its key directory, with its latest identity part.
put_keys() {
	local keys=$work/$1/pki/node file
	for file in "${@:2}"; do
		cp "$file" "$keys/$(basename "$file")"
	done
	cp "$work/$1/identity-${part_of[$1]}.xml" "$keys/identity.xml"
	[ "$(id -u)" != 0 ] || chown nobody "$keys"/*
}
# served PARTY: in $work/PARTY/latest.xml; a node seals its working part anew a moment after its start.
served() {
	rm -f "$work/$1/latest.xml"
	ctl "$1" descriptor export --out "$work/$1/latest.xml" >/dev/null 2>&1 &&
		readmit-pki show "$work/$1/latest.xml" | grep -q "^identity part ${part_of[$1]}$"
}
is_running() { [ -n "${pid_of[$1]-}" ]; }
# on_root_machine: from now on the clock of readmit-pki is that of the nodes' day too.
on_root_machine() {
	cc -shared -fPIC -O -o "$work/on_day.so" "$(dirname "$0")/on_day.c" || return 1
	readmit-pki() { LD_PRELOAD=$work/on_day.so ON_DAY_MS=$ahead_ms command readmit-pki "$@"; }
}
now_ms() { echo $(($(date +%s%3N) + ahead_ms)); }
day_time() { date -u -d "@$(($(now_ms) / 1000))" +%FT%T.000Z; }
