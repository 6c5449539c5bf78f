#include "conformance/state/product.h"

#include <stdlib.h>

#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

int product_open(
    struct product **out, const uint8_t *octets, size_t len, const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct product *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	rxp_buf_init(&p->octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = rxp_buf_put(&p->octets, octets, len);
	if (rc == 0)
		rc = rxp_descriptor_open(&p->descriptor, octets, len, root);
	for (size_t i = 0; rc == 0 && i < p->descriptor->identity.n_certs; i++) {
		const struct rxp_buf *der = &p->descriptor->identity.certs[i];

		rc = rxp_cert_parse(&p->certs[i], der->data, der->len);
		if (rc == 0)
			p->n_certs++;
	}
	if (rc != 0) {
		product_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void product_free(struct product *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_certs; i++)
		rxp_cert_free(p->certs[i]);
	rxp_descriptor_free(p->descriptor);
	rxp_buf_free(&p->octets);
	free(p);
}

const char *product_party(const struct product *p)
{
	return p->descriptor->identity.party;
}

const struct rxp_working_key *product_key(const struct product *p, int64_t now_ms)
{
	const struct rxp_working *w = &p->descriptor->working;

	for (size_t i = 0; p->descriptor->has_working && i < w->n_keys; i++)
		if (w->keys[i].from_ms <= now_ms && now_ms < w->keys[i].until_ms)
			return &w->keys[i];
	return NULL;
}
