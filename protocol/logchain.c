#include "protocol/logchain.h"

#include <openssl/evp.h>

#include "protocol/buf.h"
#include "protocol/err.h"

#define LABEL "RXP-1-LOG"
#define MAX_INPUT_OCTETS 128 /* 113 for an entry */

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

int rxp_logchain_extend(uint8_t head[RXP_DIGEST_OCTETS], uint64_t n,
    const uint8_t message_id[RXP_ID_OCTETS], const uint8_t fingerprint[RXP_DIGEST_OCTETS],
    int64_t received_ms, enum rxp_outcome outcome)
{
	struct rxp_buf input;
	int rc;

	rxp_buf_init(&input, MAX_INPUT_OCTETS);
	rxp_buf_put(&input, head, RXP_DIGEST_OCTETS);
	rxp_buf_put_u64(&input, n);
	rxp_buf_put(&input, message_id, RXP_ID_OCTETS);
	rxp_buf_put(&input, fingerprint, RXP_DIGEST_OCTETS);
	rxp_buf_put_u64(&input, (uint64_t)received_ms);
	rxp_buf_putc(&input, (uint8_t)outcome);
	rc = digest_of(head, &input);
	rxp_buf_free(&input);
	return rc;
}
