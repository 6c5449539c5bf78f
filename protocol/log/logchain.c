#include "protocol/log/logchain.h"

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define LABEL "RXP-1-LOG"
#define MAX_INPUT_OCTETS 128 /* 113 for an entry */

const char *rxp_outcome_word(enum rxp_outcome outcome)
{
	static const char *const words[] = {
	    [RXP_OUTCOME_RECEIPT] = "receipt", [RXP_OUTCOME_REFUSAL] = "refusal"};

	return (size_t)outcome < sizeof words / sizeof words[0] ? words[outcome] : NULL;
}

static int digest_of(uint8_t head[RXP_DIGEST_OCTETS], const struct rxp_buf *input)
{
	int rc = rxp_buf_error(input);

	if (rc == 0 && EVP_Digest(input->data, input->len, head, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	return rc;
}

int rxp_logchain_start(uint8_t head[RXP_DIGEST_OCTETS], const char *owner, const char *peer,
    const uint8_t log_id[RXP_ID_OCTETS])
{
	struct rxp_buf input;
	int rc;

	rxp_buf_init(&input, MAX_INPUT_OCTETS);
	rxp_buf_puts(&input, LABEL);
	rxp_buf_put(&input, owner, RXP_PARTY_TEXT - 1);
	rxp_buf_put(&input, peer, RXP_PARTY_TEXT - 1);
	rxp_buf_put(&input, log_id, RXP_ID_OCTETS);
	rc = digest_of(head, &input);
	rxp_buf_free(&input);
	return rc;
}

int rxp_logchain_extend(
    uint8_t head[RXP_DIGEST_OCTETS], uint64_t n, const struct rxp_log_entry *entry)
{
	struct rxp_buf input;
	int rc;

	rxp_buf_init(&input, MAX_INPUT_OCTETS);
	rxp_buf_put(&input, head, RXP_DIGEST_OCTETS);
	rxp_buf_put_u64(&input, n);
	rxp_buf_put(&input, entry->message_id, RXP_ID_OCTETS);
	rxp_buf_put(&input, entry->fingerprint, RXP_DIGEST_OCTETS);
	rxp_buf_put_u64(&input, (uint64_t)entry->received_ms);
	rxp_buf_putc(&input, (uint8_t)entry->outcome);
	rc = digest_of(head, &input);
	rxp_buf_free(&input);
	return rc;
}
