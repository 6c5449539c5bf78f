# So many jobs at a time, whichever script began them, for scripts that have sourced daemon/test/scenario/lib.sh: they wait for each
# other and for a product as much as they work. turns_make N is for the first script; one that it begins finds the same turns, so that
# its own N counts only where it is the first. in_turn COMMAND… waits for a turn, and gives it back whatever the command came to.
turns_make() {
	[ -z "${READMIT_TURNS-}" ] || return 0
	export READMIT_TURNS=$work/turns
	mkfifo "$READMIT_TURNS"
	exec {turns}<>"$READMIT_TURNS" # as long as somebody has it open nothing of it is lost
	printf "%.${1}s" ................................................................ >&"$turns"
}
# What a command that broke off leaves of what it had started.
end_left() {
	local party
	for party in "${!pid_of[@]}"; do kill "${pid_of[$party]}" && wait "${pid_of[$party]}"; done 2>/dev/null
}
# below PID…: what they began, and what that began.
below() {
	local children
	children=$(IFS=,; pgrep -d ' ' -P "$*") || return 0
	printf '%s ' $children
	below $children
}
# end_jobs: whatever this script began is told to end: a script of a folder of its own that is killed cannot end what it began, and neither
# Ctrl-C nor a TERM to this script alone reaches it. Each is told once, since a shell that is told twice does not end what it began; a
# `timeout` ends with its command, and would tell that again.
end_jobs() {
	local process
	for process in $(below $$); do
		[ "$(cat "/proc/$process/comm")" = timeout ] || kill "$process"
	done 2>/dev/null
	return 0
}
in_turn() {
	local status=0 pipe turn
	exec {pipe}<>"$READMIT_TURNS"
	read -rN 1 turn <&"$pipe"
	(trap end_left EXIT; "$@") || status=$?
	printf '%s' "$turn" >&"$pipe"
	exec {pipe}>&-
	return $status
}
