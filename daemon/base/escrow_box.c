#include "daemon/base/escrow_box.h"

#include <string.h>

#include <openssl/crypto.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"
#include "protocol/envelope/agreement.h"

#define LINE "readmit escrow 1\n"
#define LINE_OCTETS (sizeof LINE - 1)
#define POINT_OCTETS 65 /* on P-256 */

_Static_assert(ESCROW_BOX_OVERHEAD == LINE_OCTETS + POINT_OCTETS + RXP_IV_OCTETS + RXP_TAG_OCTETS,
    "what a box adds");

/* The key of a box, from one private key and the other point; to: the point of the escrow key. */
static int derive(uint8_t kek[RXP_KEY_OCTETS], const struct rxp_agreement_key *own,
    const uint8_t *other, const struct rxp_buf *to)
{
	struct rxp_buf info;
	int rc;

	rxp_buf_init(&info, LINE_OCTETS + POINT_OCTETS);
	rxp_buf_puts(&info, LINE);
	rc = rxp_buf_put(&info, to->data, to->len);
	if (rc == 0)
		rc = rxp_agreement_derive(
		    kek, &rxp_suite_p256, own, other, POINT_OCTETS, info.data, info.len);
	rxp_buf_free(&info);
	return rc;
}

int escrow_box_seal(struct rxp_buf *out, const uint8_t *spki, size_t spki_len,
    const uint8_t *octets, size_t len, const struct rxp_random *random)
{
	struct rxp_agreement_key *once = NULL;
	struct rxp_buf to, from;
	uint8_t kek[RXP_KEY_OCTETS], iv[RXP_IV_OCTETS];
	int rc;

	rxp_buf_init(&to, POINT_OCTETS);
	rxp_buf_init(&from, POINT_OCTETS);
	if ((rc = rxp_agreement_spki_point(&to, &rxp_suite_p256, spki, spki_len)) != 0 ||
	    (rc = rxp_agreement_key_make(&once, &rxp_suite_p256, random)) != 0 ||
	    (rc = rxp_agreement_key_point(once, &from)) != 0 ||
	    (rc = derive(kek, once, to.data, &to)) != 0 ||
	    (rc = random->fill(random->arg, iv, sizeof iv)) != 0)
		goto done;
	rxp_buf_puts(out, LINE);
	rxp_buf_put(out, from.data, from.len);
	rc = rxp_agreement_encrypt(out, &rxp_suite_p256, kek, iv, octets, len);
done:
	OPENSSL_cleanse(kek, sizeof kek);
	rxp_agreement_key_free(once);
	rxp_buf_free(&to);
	rxp_buf_free(&from);
	return rc;
}

int escrow_box_open(
    struct rxp_buf *out, const struct rxp_agreement_key *key, const uint8_t *box, size_t len)
{
	const size_t head = LINE_OCTETS + POINT_OCTETS;
	struct rxp_buf to;
	uint8_t kek[RXP_KEY_OCTETS];
	int rc;

	if (len < ESCROW_BOX_OVERHEAD || memcmp(box, LINE, LINE_OCTETS) != 0)
		return RXP_ERR_SYNTAX;
	rxp_buf_init(&to, POINT_OCTETS);
	rc = rxp_agreement_key_point(key, &to);
	if (rc == 0)
		rc = derive(kek, key, box + LINE_OCTETS, &to);
	if (rc == 0)
		rc = rxp_agreement_decrypt(out, &rxp_suite_p256, kek, box + head, len - head);
	OPENSSL_cleanse(kek, sizeof kek);
	rxp_buf_free(&to);
	return rc == RXP_ERR_KEY ? RXP_ERR_DECRYPT : rc;
}
