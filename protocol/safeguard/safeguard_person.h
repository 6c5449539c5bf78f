/*
 * safeguard_person - rules about persons: attestations, children, countries, families (section 38.1 to 38.4).
 */
#ifndef RXP_SAFEGUARD_PERSON_H
#define RXP_SAFEGUARD_PERSON_H

#include "protocol/safeguard/safeguard_run.h"

safeguard_check safeguard_check_attestations; /* of a Person */
safeguard_check safeguard_check_confirmed; /* GuardianConfirmed */
safeguard_check safeguard_check_officer; /* any Officer */
safeguard_check safeguard_check_child; /* a Person of a document that opens a case */
safeguard_check safeguard_check_told; /* what holds a Birth and perhaps a Minor */
safeguard_check
    safeguard_check_birth; /* Rectify: the new date of a birth, or of a machine-readable line */
safeguard_check safeguard_check_unplaced; /* MrzLine, where nothing can say that it is a child's */
safeguard_check safeguard_check_family; /* the content of such a document */
safeguard_check safeguard_check_declared; /* Declared */
safeguard_check safeguard_check_consent; /* Consent, to a referral */
safeguard_check safeguard_check_transit; /* Transit */

#endif
