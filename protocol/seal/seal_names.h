/*
 * seal_names - the names on the wire that sealing and verifying share.
 */
#ifndef RXP_SEAL_NAMES_H
#define RXP_SEAL_NAMES_H

#define RXP_NS_DS "http://www.w3.org/2000/09/xmldsig#"
#define RXP_NS_XADES "http://uri.etsi.org/01903/v1.3.2#"
#define RXP_URI_EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define RXP_URI_SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define RXP_URI_SIGNED_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"

#endif
