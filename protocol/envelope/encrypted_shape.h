/*
 * encrypted_shape - the one structure of an EncryptedData (section 3), written and read by one table.
 */
#ifndef RXP_ENCRYPTED_SHAPE_H
#define RXP_ENCRYPTED_SHAPE_H

struct _xmlNode;
struct rxp_buf;

/* The places whose text differs between two of them. */
enum rxp_encrypted_slot {
	RXP_SLOT_NONE,
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

/* Append an EncryptedData. The texts need no escaping; none may be NULL but that of RXP_SLOT_NONE.
 * The buffer's errors. */
int rxp_encrypted_shape_write(struct rxp_buf *out, const char *const slots[RXP_SLOT_COUNT]);

/*
 * Check the whole structure of the element (RXP-ENV-001, 005, 006, 010: exactly these elements,
 * attributes, algorithms, no text between) and give the text of each slot, borrowed from its
 * document. RXP_ERR_STRUCTURE.
 */
int rxp_encrypted_shape_read(const char *slots[RXP_SLOT_COUNT], const struct _xmlNode *data);

#endif
