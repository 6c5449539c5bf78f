#include "daemon/sealer/former.h"

#include "daemon/base/memfile.h"
#include "daemon/base/record.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/identity_known.h"

/* Those of one party, borrowed from the file. */
struct known {
	struct rxp_evidence_descriptor in_force, former[RXP_EVIDENCE_FORMER_MAX];
	size_t n;
};

static int read_known(struct known *k, const uint8_t *rows, size_t len)
{
	struct record_cursor cursor = {.at = rows, .left = len};
	struct rec_evidence_former r;
	struct bytes fields;
	uint16_t tag;
	int rc;

	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		struct rxp_evidence_descriptor *at = &k->in_force;

		if (tag != REC_evidence_former ||
		    record_decode(&r, &record_evidence_former, fields.data, fields.len) != 0)
			return RXP_ERR_DAMAGED;
		if (at->len > 0 && k->n == RXP_EVIDENCE_FORMER_MAX)
			return RXP_ERR_BOUND;
		if (at->len > 0)
			at = &k->former[k->n++];
		*at = (struct rxp_evidence_descriptor){r.octets.data, r.octets.len};
	}
	return rc;
}

static int join(struct msg_descriptor_joined *a, const struct known *k, struct bytes octets)
{
	const struct rxp_evidence_descriptor one = {octets.data, octets.len};
	struct rxp_evidence_run run = {.first = 0};
	struct rxp_identity_known *read = rxp_identity_known_new();
	int rc = read == NULL ? RXP_ERR_NOMEM
			      : rxp_evidence_party_goes_back(
				    &run, read, &k->in_force, k->former, k->n, &one);

	rxp_identity_known_free(read);
	a->first = run.first;
	a->last = run.last;
	a->newest = run.newest;
	return rc;
}

int former_join_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_join_descriptor *q = request;
	struct msg_descriptor_joined *a = &reply->body.descriptor_joined;
	struct known k = {.n = 0};
	uint8_t *rows = NULL;
	size_t len = 0;
	int rc = memfile_map(&rows, &len, reply->file, IPC_CONTAINER_ROWS_MAX);

	(void)node;
	if (rc == 0)
		rc = read_known(&k, rows, len);
	if (rc == 0)
		rc = join(a, &k, q->octets);
	memfile_unmap(rows, len);
	a->result = (uint32_t)rc;
	return 0;
}
