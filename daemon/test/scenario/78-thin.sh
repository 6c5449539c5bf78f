#!/bin/bash
# Goal of this scenario: a thin and bad line is a slow one, and nothing else: 128 kbit/s, 800 ms each way (so a round trip of
# 1.6 s, and what waits in the queue besides), one packet in twenty lost, and cuts.
# - a document has its receipt within a minute, also while a scan is under way, in both directions
# - a scan takes at most twice as long as its octets would on that line; where cuts come more often than every three
#   minutes, half a minute more for each that it meets
# - the scan comes whole, from the octet at which a cut had ended it, and nothing is doubled
# 78-thin.sh BUILD: a scan of 0.4 MB and a cut of 5 s every 40 s, of which it meets one or two. 78-thin.sh BUILD long (make lines):
# 2.4 MB and a cut of 10 s every 3 minutes; once by the congestion control that most systems have, once on a line that comes
# back from a cut with another address, so that no connection outlives one; beside each, plain TCP on a line of its own with
# the same dice.
# long: 70
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../line/thin.sh"
. "$(dirname "$0")/../line/scan.sh"

echo "# seed: ${READMIT_SEED:-1}"
long=${2-}
if [ "$long" ]; then
	CONTROL=cubic bad_line "thin" "$pictures/passport.jpg" 180 --cut-for 10
	bad_line "redialled" "$pictures/passport.jpg" 180 --cut-for 10 --redial
else
	page "$work/page.jpg"
	bad_line "thin" "$work/page.jpg" 40 --cut-for 5
fi
