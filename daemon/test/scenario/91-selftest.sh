#!/bin/bash
# Goal of this scenario: the conformance suite finds what is wrong. A few of the defects of conformance/mutant, chosen anew by each
# run, are each found by a case of the requirement that they break; `make conformance` tries all of them.
# READMIT_SEED chooses the same again.
exec "$(dirname "$0")/../../../conformance/selftest/run.sh" "$1/../mutant" "$1/../conformance" 24 "${READMIT_SEED:-$RANDOM}"
