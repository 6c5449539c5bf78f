/*
 * safeguard_country - rules about countries, wherever a document names one (section 38.3).
 */
#ifndef RXP_SAFEGUARD_COUNTRY_H
#define RXP_SAFEGUARD_COUNTRY_H

#include "protocol/safeguard/safeguard_run.h"

safeguard_check safeguard_check_country; /* any element; acts at those that are a country */
safeguard_check safeguard_check_mrz; /* MrzLine */
safeguard_check safeguard_check_rectified; /* Rectify: the new value of a country */

#endif
