/*
 * rsa - RSA keys that follow from chance(), so that a fixed one gives the same key whatever library makes it. For keys of tests.
 */
#ifndef CONFORM_RSA_H
#define CONFORM_RSA_H

struct evp_pkey_st;

/* A key of that many bits, a multiple of 16, with the public exponent 65537; the caller frees it. NULL: no memory or chance. */
struct evp_pkey_st *rsa_make(unsigned bits);

#endif
