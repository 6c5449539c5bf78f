#!/bin/sh
# Has a readmitd send what the suite wants of it, for --trigger "trigger.sh SOCKET": trigger.sh SOCKET CASE WANTED [FILE CASEID].
# WANTED: ping; document, a typed content in FILE, in the case CASEID or, if that is empty, in a new one; handed-over, the desk
# takes over what it has of the case CASEID; log, it asks for the log of its peer; file, what READMIT_FILE_COMMAND sends, a document with a file of a megabyte. The officers and the one who has read the prose are those of the examples.
ctl() { readmitctl --socket "$socket" "$@"; }
socket=$1 wanted=$3 file=${4-} case=${5-}
case $wanted in
ping) ctl peer test "$READMIT_STATE" ;;
document)
	ctl message send "$file" --to "$READMIT_STATE" --officer S-3001 --second-officer S-3002 ${case:+--case "$case"}
	;;
log) timeout 1 readmitctl --socket "$socket" log check "$READMIT_STATE" || : ;; # what comes of it is not waited for
file) eval "${READMIT_FILE_COMMAND:?}" ;;
handed-over)
	for id in $(ctl --json case timeline "$case" | grep -o '"local_id": *"[^"]*"' | cut -d '"' -f 4); do
		ctl inbox ack "$id" || exit 1
	done
	;;
*) exit 1 ;;
esac >/dev/null
