/*
 * envelope_shape - the one structure of an Envelope (section 3), written and read by one table.
 */
#ifndef RXP_ENVELOPE_SHAPE_H
#define RXP_ENVELOPE_SHAPE_H

struct rxp_buf;
struct rxp_xml;

/* The places whose text differs between two Envelopes. */
enum rxp_envelope_slot {
	RXP_SLOT_NONE,
	RXP_SLOT_SUITE,
	RXP_SLOT_MESSAGE_ID,
	RXP_SLOT_FROM,
	RXP_SLOT_TO,
	RXP_SLOT_CREATED,
	RXP_SLOT_EXPIRES,
	RXP_SLOT_ALGORITHM_ID,
	RXP_SLOT_PARTY_U,
	RXP_SLOT_PARTY_V,
	RXP_SLOT_SUPP_PUB,
	RXP_SLOT_POINT,
	RXP_SLOT_KEY_NAME,
	RXP_SLOT_WRAPPED,
	RXP_SLOT_CIPHER,
	RXP_SLOT_COUNT
};

/* Append an Envelope. The texts need no escaping; none may be NULL but that of RXP_SLOT_NONE. The
 * buffer's errors. */
int rxp_envelope_shape_write(struct rxp_buf *out, const char *const slots[RXP_SLOT_COUNT]);

/*
 * Check the whole structure (RXP-ENV-001, RXP-ENV-005, RXP-ENV-006, RXP-ENV-010: exactly these elements, attributes,
 * algorithms, no text between) and give the text of each slot, borrowed from xml.
 * RXP_ERR_UNSUPPORTED if it is an Envelope of another suite, RXP_ERR_STRUCTURE.
 */
int rxp_envelope_shape_read(const char *slots[RXP_SLOT_COUNT], const struct rxp_xml *xml);

#endif
