#include "daemon/sealer/escrow.h"

#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/base/escrow_box.h"
#include "daemon/base/ipc.h"
#include "daemon/base/storage_key.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/envelope/agreement.h"

#define HEX(octets) (2 * (octets) + 1)
#define HEAD_MAX 256
#define TEXT_MAX 4096

int escrow_read(struct rxp_buf *spki, const struct rxp_buf *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	unsigned char *der = NULL;
	int len = key != NULL ? i2d_PUBKEY(key, &der) : 0;
	struct rxp_buf point;
	int rc = len > 0 ? 0 : RXP_ERR_KEY;

	rxp_buf_init(&point, RXP_MAX_POINT_OCTETS);
	if (rc == 0)
		rc = rxp_agreement_spki_point(&point, &rxp_suite_p256, der, (size_t)len);
	if (rc == 0)
		rc = rxp_buf_put(spki, der, (size_t)len);
	rxp_buf_free(&point);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return rc;
}

static void put_head(struct rxp_buf *text, const struct node *node, const struct msg_escrow *q)
{
	char line[HEAD_MAX], time[RXP_TIME_TEXT], head[HEX(32)];

	rxp_time_text(time, q->made_ms);
	rxp_hex_put(head, q->head, sizeof q->head, false);
	snprintf(line, sizeof line, "readmit storage keys 1\nparty %s\nmade %s\nerasures %llu %s\n",
	    node_party(node), time, (unsigned long long)q->erasures, head);
	rxp_buf_puts(text, line);
}

/* One line each, the present one first: its check value, then the line of its file. */
static int put_keys(struct rxp_buf *text, const struct node *node)
{
	char check[HEX(NODE_CHECK_OCTETS)];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < node->storage.n; i++) {
		rxp_hex_put(check, node->storage_checks[i], NODE_CHECK_OCTETS, false);
		rxp_buf_puts(text, "key ");
		rxp_buf_puts(text, check);
		rxp_buf_putc(text, ' ');
		rc = storage_key_write(text, node->storage.keys[i].octets);
	}
	return rc;
}

int escrow_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_escrow *q = request;
	struct msg_escrowed *a = &reply->body.escrowed;
	struct rxp_buf text;
	int rc = node->escrow.len > 0 ? 0 : RXP_ERR_CONFIG;

	if (q->made_ms < 0 || q->made_ms > RXP_MAX_TIME_MS)
		return RXP_ERR_STATE;
	rxp_buf_init(&text, TEXT_MAX);
	if (rc == 0) {
		put_head(&text, node, q);
		rc = put_keys(&text, node);
	}
	if (rc == 0)
		rc = escrow_box_seal(&reply->octets[0], node->escrow.data, node->escrow.len,
		    text.data, text.len, &node->random);
	if (rc == 0)
		a->octets = reply_bytes(&reply->octets[0]);
	a->result = (uint32_t)rc;
	rxp_buf_free(&text);
	return 0;
}
