#!/bin/bash
# Goal of this scenario: a State that opens no port does all that others do (RXP-PUL-001): what other scenarios claim of two
# nodes with ports they claim again, in which nobody can connect to QRB.
# - agreements, calendars and due dates, office keys and compartments, hold and stop, notices of nodes,
#   Void, outage, contacts, statistics, incidents, erasure, corrections
. "$(dirname "$0")/lib.sh"
export READMIT_PULLS=QRB
for script in 55-profiles 57-clocks 62-compartment 63-hold 67-node-documents 68-erasure 69-correction; do
	bash "$(dirname "$0")/$script.sh" "$build" >"$work/$script" 2>&1
	status=$?
	sed -n "s/^ok - /ok - $script: /p" "$work/$script" | grep -v "no process is left"
	[ $status = 0 ] || { cat "$work/$script"; fail "$script, with QRB shut"; }
done
