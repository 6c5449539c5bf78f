/*
 * forge - what an attacker does to a sealed object: change its text, make digests and signature
 * right again with a key he has, and show the result to a verifier that only knows xmlsec.
 */
#ifndef FORGE_H
#define FORGE_H

#include <stdbool.h>

struct evp_pkey_st;

/* Named runs of octets that stand in an edit as @NAME@; the list ends with a NULL name. */
struct forge_slice {
	const char *name;
	char *text;
};

struct forge_edit {
	const char
	    *find; /* its first occurrence is replaced; "" stands for the start of the text */
	const char *replace;
};

/* The text after one edit; free() it. Aborts if there is nothing to be replaced. */
char *forge_edit(const char *text, const struct forge_edit *edit, const struct forge_slice *slices);

/* The text with every DigestValue of the first SignedInfo and the SignatureValue made anew, the way
 * the (changed) algorithms say, for ECDSA keys; free() it. A Reference that names nothing keeps its
 * digest. */
char *forge_resign(const char *text, struct evp_pkey_st *key);

/* Does xmlsec with this key preset, all ids registered and nothing else restricted accept it? */
bool forge_naive_accepts(const char *text, struct evp_pkey_st *key);

#endif
