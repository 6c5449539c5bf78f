#include "protocol/evidence/dossier_doubt.h"

#include <string.h>

#include "protocol/seal/cert.h"

static const char *const meanings[RXP_DOUBTS] = {
    [RXP_DOUBT_NONE] = "",
#define DOUBT(name, meaning) [RXP_DOUBT_##name] = (meaning),
#include "protocol/evidence/dossier_doubt.def"
#undef DOUBT
};

const char *rxp_dossier_doubt_meaning(enum rxp_dossier_doubt doubt)
{
	return meanings[doubt];
}

bool rxp_dossier_answered(const struct rxp_dossier_document *d)
{
	return d->answer_seal == RXP_DOUBT_NONE || d->logged;
}

static bool same_cert(const struct rxp_cert *a, const struct rxp_cert *b)
{
	size_t a_len, b_len;
	const uint8_t *a_der = rxp_cert_der(a, &a_len), *b_der = rxp_cert_der(b, &b_len);

	return a_len == b_len && memcmp(a_der, b_der, a_len) == 0;
}

/* A State may have listed it under several roots: that one of them counts is enough, and that one of these revokes it. */
enum rxp_dossier_doubt rxp_dossier_doubt_of(int64_t *revoked_ms, const struct rxp_evidence_party *p,
    const struct rxp_cert *cert, enum rxp_dossier_trust trust)
{
	bool counts = false;

	*revoked_ms = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (!same_cert(p->certs[i], cert) ||
		    !(p->chain[i] == 0 ||
			(trust == RXP_TRUST_COMPARED && p->compared[p->chain[i]])))
			continue;
		counts = true;
		if (p->revoked_ms[i] != 0 && (*revoked_ms == 0 || *revoked_ms > p->revoked_ms[i]))
			*revoked_ms = p->revoked_ms[i];
	}
	if (!counts)
		return RXP_DOUBT_UNJOINED;
	return *revoked_ms != 0 ? RXP_DOUBT_REVOKED : RXP_DOUBT_NONE;
}
