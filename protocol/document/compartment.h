/*
 * compartment - content that only one office of the recipient can read (section 3, compartment.def).
 *
 * A desk gives the plain content; the sealer puts an EncryptedData for the office's own key in its place
 * when it makes the Document, since the key is derived for that Document alone. Both nodes see the shell
 * only; the office's private key is on neither.
 */
#ifndef RXP_COMPARTMENT_H
#define RXP_COMPARTMENT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"
#include "protocol/xml/schema.h"

struct _xmlNode;
struct rxp_random;
struct rxp_xml;

enum rxp_compartment {
#define COMPARTMENT(name, element, office, content, meaning) RXP_COMPARTMENT_##name,
#include "protocol/document/compartment.def"
#undef COMPARTMENT
	RXP_COMPARTMENT_COUNT
};

/* The office whose key closes it, by its name of RXP-DOC-006. */
const char *rxp_compartment_office(enum rxp_compartment compartment);
/* RXP_ERR_NOT_FOUND for an office that has none. */
int rxp_compartment_of_office(enum rxp_compartment *out, const char *office);

/* The public keys of a party's offices, in the order of its identity part. */
struct rxp_office_key {
	enum rxp_compartment compartment;
	uint8_t key_id[RXP_DIGEST_OCTETS]; /* SHA-256 of spki */
	struct rxp_buf spki;
};
struct rxp_office_keys {
	size_t n;
	struct rxp_office_key key[RXP_MAX_OFFICE_KEYS];
};
/* A zero struct holds none. RXP_ERR_KEY (no point on P-256 in its one form), RXP_ERR_FULL,
 * RXP_ERR_CRYPTO, RXP_ERR_NOMEM. */
int rxp_office_keys_add(struct rxp_office_keys *keys, enum rxp_compartment compartment,
    const uint8_t *spki, size_t len);
void rxp_office_keys_clear(struct rxp_office_keys *keys);

/* The Document in which a compartment is; it opens in no other. Borrowed. */
struct rxp_binding {
	const char *from, *to; /* party codes */
	const uint8_t *salt; /* RXP_SALT_OCTETS, of its Body */
};

/*
 * Does every compartment in a desk's content hold its plain content (RXP-CMP-005)? offices gets a bit
 * 1 << enum rxp_compartment for each office that one is for; 0: there are none. RXP_ERR_SCHEMA, with
 * each that does not hold it reported, with element names and a fixed text.
 */
int rxp_compartments_plain(
    unsigned *offices, const struct _xmlNode *content, rxp_schema_report *report, void *arg);

/*
 * Append typed content with each plain compartment in it closed for the first key of its office; if
 * there is none, the very octets. keys may be NULL: none are known.
 * RXP_ERR_SCHEMA (a compartment without its plain content), RXP_ERR_KEY (no key of this office),
 * RXP_ERR_BOUND, RXP_ERR_CRYPTO, RXP_ERR_NOMEM; RXP_ERR_SYNTAX, RXP_ERR_STRICT (not XML of RXP/1).
 */
int rxp_compartments_close(struct rxp_buf *out, const struct rxp_buf *content,
    const struct rxp_binding *binding, const struct rxp_office_keys *keys,
    const struct rxp_random *random);

/*
 * The shells of all compartments in typed content, checked without a key (RXP-CMP-006).
 * RXP_ERR_SCHEMA, RXP_ERR_NOMEM; *at is then the compartment at fault.
 */
int rxp_compartments_check(
    const struct _xmlNode **at, const struct _xmlNode *content, const struct rxp_binding *binding);

/* Is each closed for a key of this list (RXP-CMP-007)? The shells have been checked. RXP_ERR_KEY; *at as
 * above. */
int rxp_compartments_known(
    const struct _xmlNode **at, const struct _xmlNode *content, const struct rxp_office_keys *keys);

/*
 * For the office itself: append what the compartment holds, one element that satisfies its schema.
 * RXP_ERR_SCHEMA (its shell, or what it holds), RXP_ERR_DECRYPT (another key, another Document),
 * RXP_ERR_NOMEM.
 */
int rxp_compartment_open(struct rxp_buf *out, const struct _xmlNode *compartment,
    const struct rxp_binding *binding, const struct rxp_agreement_key *key);

/*
 * The same for all compartments in the content of an opened Document whose shells were checked: append the
 * content with those that are closed for this key opened in their place, without the spaces that filled them
 * up, and all others as they are. Changes the tree. RXP_ERR_NOT_FOUND: none is for this key. Errors as
 * above, RXP_ERR_CRYPTO.
 */
int rxp_compartments_open(struct rxp_buf *out, struct rxp_xml *xml, struct _xmlNode *content,
    const struct rxp_binding *binding, const struct rxp_agreement_key *key);

#endif
