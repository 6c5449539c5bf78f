#include "daemon/sealer/node.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/base/pem.h"
#include "daemon/base/storage_key.h"
#include "daemon/sealer/centres.h"
#include "daemon/sealer/random.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/remote.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

/* One more key, named by the first octets of its check; one that is there already would be another epoch
 * without another key. */
static int add_storage_key(struct node *node, const uint8_t *line)
{
	const size_t i = node->storage.n;
	struct box_key *key = &node->storage.keys[i];
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, NODE_STORAGE_OCTETS);
	rc = rxp_buf_put(&file, line, NODE_STORAGE_OCTETS);
	if (rc == 0)
		rc = storage_key_read(key->octets, &file);
	if (rc == 0)
		rc = storage_key_check(node->storage_checks[i], key->octets);
	if (rc == 0)
		rc = storage_key_tables(node->table_keys[i], key->octets);
	rxp_buf_free(&file);
	if (rc != 0)
		return rc;
	memcpy(key->id, node->storage_checks[i], sizeof key->id);
	for (size_t k = 0; k < i; k++)
		if (memcmp(node->storage.keys[k].id, key->id, sizeof key->id) == 0)
			return RXP_ERR_KEY;
	node->storage.n++;
	return 0;
}

static int read_storage_keys(struct node *node, const struct rxp_buf *files)
{
	const size_t n = files->len / NODE_STORAGE_OCTETS;
	int rc =
	    n > 0 && n <= BOX_RING_MAX && files->len % NODE_STORAGE_OCTETS == 0 ? 0 : RXP_ERR_KEY;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_storage_key(node, files->data + i * NODE_STORAGE_OCTETS);
	return rc;
}

/* The one certificate of the identity that belongs to the key. */
static int find_certificate(struct node *node, const struct rxp_buf *pem)
{
	const struct rxp_identity *identity = &node->own->identity;
	int rc = RXP_ERR_MISMATCH;

	for (size_t i = 0; i < identity->n_certs && rc == RXP_ERR_MISMATCH; i++) {
		const struct rxp_buf *der = &identity->certs[i];
		struct rxp_cert *cert = NULL;

		rc = rxp_cert_parse(&cert, der->data, der->len);
		if (rc == 0)
			rc = rxp_key_signer_open(&node->key, pem->data, pem->len, cert);
		if (rc == 0) {
			node->cert = cert;
			cert = NULL;
		}
		rxp_cert_free(cert);
	}
	if (rc == 0)
		node->signer = rxp_key_signer_interface(node->key);
	return rc;
}

/* The certificate that the file holds, if the identity lists it. */
static int take_certificate(struct node *node, const struct rxp_buf *pem)
{
	const struct rxp_identity *identity = &node->own->identity;
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = pem_certificate(&der, pem);
	if (rc == 0)
		rc = RXP_ERR_MISMATCH;
	for (size_t i = 0; i < identity->n_certs && rc == RXP_ERR_MISMATCH; i++)
		if (identity->certs[i].len == der.len &&
		    memcmp(identity->certs[i].data, der.data, der.len) == 0)
			rc = rxp_cert_parse(&node->cert, der.data, der.len);
	rxp_buf_free(&der);
	if (rc == 0)
		rc = remote_new(&node->remote, node->cert);
	if (rc == 0)
		node->signer = remote_interface(node->remote);
	return rc;
}

/* The machine's failures stay what they are; any other is a wrong file. */
static int judge(int rc, enum unfit about, enum unfit *why)
{
	if (rc == 0 || rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO)
		return rc;
	*why = about;
	return RXP_ERR_CONFIG;
}

static int take_seal(struct node *node, const struct node_files *files, enum unfit *why)
{
	return files->seal_key != NULL
		   ? judge(find_certificate(node, files->seal_key), UNFIT_SEAL_KEY, why)
		   : judge(take_certificate(node, files->seal_cert), UNFIT_SEAL_CERT, why);
}

int node_new(struct node **out, const struct node_files *files, enum unfit *why)
{
	const struct rxp_buf *identity = files->identity;
	struct node *node = calloc(1, sizeof *node);
	int rc;

	if (node == NULL)
		return RXP_ERR_NOMEM;
	node->random = random_source();
	rxp_buf_init(&node->escrow, NODE_MAX_ESCROW_OCTETS);
	node->set.n = 1;
	rxp_buf_init(&node->identity, RXP_MAX_DESCRIPTOR_OCTETS);
	if ((rc = rxp_buf_put(&node->identity, identity->data, identity->len)) != 0 ||
	    (rc = judge(rxp_descriptor_open(&node->own, identity->data, identity->len, NULL),
		 UNFIT_IDENTITY, why)) != 0 ||
	    (rc = judge(rxp_evidence_party_open(&node->seals, identity->data, identity->len, NULL),
		 UNFIT_IDENTITY, why)) != 0 ||
	    (rc = judge(read_storage_keys(node, files->storage_keys), UNFIT_STORAGE_KEY, why)) !=
		0 ||
	    (rc = take_seal(node, files, why)) != 0 ||
	    (rc = register_new(&node->peers, node_party(node), &node->storage)) != 0)
		goto done;
	*out = node;
	node = NULL;
done:
	node_free(node);
	return rc;
}

void node_free(struct node *node)
{
	if (node == NULL)
		return;
	centres_free(node->centres);
	register_free(node->peers);
	rxp_key_signer_free(node->key);
	remote_free(node->remote);
	rxp_cert_free(node->cert);
	rxp_evidence_party_free(node->seals);
	rxp_evidence_party_free(node->outgrown);
	rxp_descriptor_free(node->own);
	rxp_buf_free(&node->identity);
	rxp_buf_free(&node->escrow);
	OPENSSL_cleanse(&node->storage, sizeof node->storage);
	OPENSSL_cleanse(&node->set, sizeof node->set);
	free(node);
}

bool node_reseals(const struct node *node)
{
	bool any = node->own->identity.serial > RXP_MAX_IDENTITY_PARTS;

	for (size_t i = 0; i < node->seals->n; i++)
		any = any || node->seals->revoked_ms[i] != 0;
	return any;
}

const char *node_party(const struct node *node)
{
	return node->own->identity.party;
}
