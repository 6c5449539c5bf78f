#include "conformance/message/history.h"

#include <string.h>

#include "conformance/message/saying.h"
#include "protocol/base/err.h"

int history_add(struct history *h, const struct rxp_header *header, bool own,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	struct history_document d = {.own = own};
	int rc = rxp_type_parse(&d.type, header->type);

	if (rc != 0)
		return rc;
	if (h->n == RXP_MAX_CASE_DOCUMENTS)
		return RXP_ERR_BOUND;
	if (h->n == 0)
		h->header = *header;
	memcpy(d.fingerprint, fingerprint, sizeof d.fingerprint);
	h->documents[h->n++] = d;
	return 0;
}

/* The last of a side, and how many it has; NULL: none. */
static const struct history_document *last_of(const struct history *h, bool own, size_t *count)
{
	const struct history_document *last = NULL;

	*count = 0;
	for (size_t i = 0; i < h->n; i++)
		if (h->documents[i].own == own) {
			last = &h->documents[i];
			(*count)++;
		}
	return last;
}

int history_about(const struct history *h, struct draft *d, bool own)
{
	enum rxp_type type;
	size_t at = h->n;

	if (h->n == 0 || rxp_type_parse(&type, d->header.type) != 0)
		return 0;
	while (at > 0 &&
	       !rxp_case_concerns(type, h->documents[at - 1].type, h->documents[at - 1].own == own))
		at--;
	return saying_about(d, h->documents[at == 0 ? 0 : at - 1].fingerprint);
}

int history_follow(const struct history *h, struct draft *d)
{
	const struct history_document *before, *seen;
	struct rxp_header *own = &d->header;
	size_t n, n_other;

	if (h->n == 0)
		return 0;
	before = last_of(h, true, &n);
	seen = last_of(h, false, &n_other);
	memcpy(own->case_id, h->header.case_id, sizeof own->case_id);
	memcpy(own->profile_id, h->header.profile_id, sizeof own->profile_id);
	memcpy(own->profile_version, h->header.profile_version, sizeof own->profile_version);
	own->position = n + 1;
	own->has_previous = before != NULL;
	if (before != NULL)
		memcpy(own->previous, before->fingerprint, sizeof own->previous);
	own->has_seen = seen != NULL;
	if (seen != NULL)
		memcpy(own->seen, seen->fingerprint, sizeof own->seen);
	return history_about(h, d, true);
}
