/*
 * agreement_key - what a private agreement key is made of; for the agreement modules only.
 */
#ifndef RXP_AGREEMENT_KEY_H
#define RXP_AGREEMENT_KEY_H

struct evp_pkey_st;
struct rxp_suite;

struct rxp_agreement_key {
	const struct rxp_suite *suite; /* borrowed; a static row */
	struct evp_pkey_st *pkey; /* owned; private and public part */
};

#endif
