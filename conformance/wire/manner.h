/*
 * manner - in which way a connection is made: as ever, or odd in one way that a case wants.
 */
#ifndef CONFORM_MANNER_H
#define CONFORM_MANNER_H

struct rxp_buf;

enum tls_version { TLS_1_3, TLS_1_0, TLS_1_1, TLS_1_2 };

enum manner_kind {
	MANNER_AS_EVER,
	MANNER_PLAIN, /* no TLS: octets go to the port as they are */
	MANNER_SLIVERS, /* the ClientHello comes in records of one octet */
	MANNER_FALSE_PROOF, /* who shows the certificate does not hold its key */
	MANNER_OLD_SESSION, /* a session is offered that the product never gave */
};

struct manner {
	enum manner_kind kind;
	enum tls_version version; /* the only one that is offered */
	const char *protocols; /* offered by ALPN, with blanks between; NULL: h2, "": none */
	const struct rxp_buf
	    *early; /* sent as early data of an old session; NULL: none. Borrowed */
};

#endif
