#!/bin/sh
# Has a readmitd send what the suite wants of it, for --trigger "trigger.sh SOCKET": trigger.sh SOCKET CASE WANTED [FILE CASEID [PICTURE [SCAN]]].
# WANTED: ping; document, a typed content in FILE, in the case CASEID or, if that is empty, in a new one; attached, the same with the
# JPEG PICTURE behind CASEID, which is the photograph that it names as attachment 1, and the JPEG SCAN, which is the document that it
# names as attachment 2, if there is one; handed-over, the desk
# takes over what it has of the case CASEID; void, it takes back what it sent last in the case CASEID and has no answer; log, it asks for the log of its peer; file, what READMIT_FILE_COMMAND sends, a document with a file of a megabyte. two, the documents READMIT_TWO, of which the first opens a case and the other follows. The officers and the one who has read the prose are those of the examples.
ids() { grep -o '"local_id": *"[^"]*"' | cut -d '"' -f 4; }
ctl() { readmitctl --socket "$socket" "$@"; }
socket=$1 wanted=$3 file=${4-} case=${5-} picture=${6-} scan=${7-}
case $wanted in
ping) ctl peer test "$READMIT_STATE" ;;
document | attached)
	ctl message send "$file" --to "$READMIT_STATE" --officer S-3001 --second-officer S-3002 ${case:+--case "$case"} \
		${picture:+--attach "$picture" --as photograph --checked-by return-officer} \
		${scan:+--attach "$scan" --as document-scan --checked-by return-officer}
	;;
log) timeout 1 readmitctl --socket "$socket" log check "$READMIT_STATE" || : ;; # what comes of it is not waited for
file) eval "${READMIT_FILE_COMMAND:?}" ;;
two)
	set -- ${READMIT_TWO:?}
	case=$(ctl --json message send "$1" --to "$READMIT_STATE" --officer S-3001 --second-officer S-3002 --wait 20 |
		sed -n 's/.*"case_id": *"\([^"]*\)".*/\1/p' | head -n 1)
	[ -n "$case" ] && ctl message send "$2" --to "$READMIT_STATE" --officer S-3001 --second-officer S-3002 --case "$case" --wait 20
	;;
handed-over)
	for id in $(ctl --json case timeline "$case" | ids); do ctl inbox ack "$id" || exit 1; done
	;;
void)
	# None is one that has its end or was never sent, nor is, for a moment, one that is on a line just now.
	for again in 1 2 3 4 5 6 7 8 9 10; do
		for id in $(ctl --json queue list | ids | tac); do
			ctl message show "$id" | grep -q "$case" && ctl message void "$id" --yes && exit 0
		done
	done 2>/dev/null
	exit 1
	;;
*) exit 1 ;;
esac >/dev/null
