#include "daemon/registry/peers/peer_records.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* Each begins with its party, so that one description serves to read that of any. */
static const struct {
	const struct record_type *type;
	size_t party; /* where in the struct */
	size_t most;
} kinds[REC_COUNT] = {
#define KIND(name, n) [REC_##name] = {&record_##name, offsetof(struct rec_##name, party), n}
    KIND(seal_cert, REGISTRY_PEER_CERTS_MAX),
    KIND(peer_key, SIZE_MAX),
    KIND(pin, RXP_MAX_TLS_PINS),
    KIND(former_pin, REGISTRY_PEER_FORMER_PINS_MAX),
    KIND(ending, SIZE_MAX),
    KIND(endpoint, RXP_MAX_ENDPOINTS),
    KIND(office, RXP_MAX_OFFICES),
    KIND(level, SIZE_MAX),
    KIND(office_key, RXP_MAX_OFFICE_KEYS),
#undef KIND
};

union any {
	struct rec_seal_cert seal_cert;
	struct rec_peer_key peer_key;
	struct rec_pin pin;
	struct rec_former_pin former_pin;
	struct rec_ending ending;
	struct rec_endpoint endpoint;
	struct rec_office office;
	struct rec_level level;
	struct rec_office_key office_key;
};

/* 1: it is; 0: it is not. */
static int is_sound(struct db *db, const char *party, uint16_t tag, struct bytes fields)
{
	const uint8_t *digest = NULL;
	union any record;
	int rc;

	if (record_decode(&record, kinds[tag].type, fields.data, fields.len) != 0 ||
	    strcmp((const char *)&record + kinds[tag].party, party) != 0)
		return 0;
	if (tag == REC_pin)
		digest = record.pin.spki_digest;
	else if (tag == REC_former_pin)
		digest = record.former_pin.spki_digest;
	if (digest == NULL)
		return 1;
	rc = store_pin_free_for(db, digest, party);
	if (rc == RXP_ERR_MISMATCH)
		return 0;
	return rc == 0 || rc == RXP_ERR_NOT_FOUND ? 1 : rc;
}

int peer_records_sound(bool *sound, struct db *db, const char *party, struct bytes records)
{
	struct record_cursor c = {.at = records.data, .left = records.len};
	size_t n[REC_COUNT] = {0};
	struct bytes fields;
	uint16_t tag;
	int rc, is = records.len > 0 && records.len <= REGISTRY_PEER_ROWS_MAX;

	while (is == 1 && (rc = record_list_next(&c, &tag, &fields)) != 0) {
		is = rc == 1 && tag < REC_COUNT && kinds[tag].type != NULL &&
		     n[tag]++ < kinds[tag].most;
		if (is == 1)
			is = is_sound(db, party, tag, fields);
	}
	if (is < 0)
		return is;
	*sound = is == 1;
	return 0;
}
