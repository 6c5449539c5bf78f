#include "protocol/evidence/dossier_moment.h"

#include <stdlib.h>

#include "protocol/base/err.h"
#include "protocol/evidence/dossier.h"

static bool is_before(const struct rxp_dossier_moment *a, const struct rxp_dossier_moment *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms;
	return a->at != b->at ? a->at < b->at : !a->answered && b->answered;
}

/* Into its place among the n before it, which are in order; most stand there already. */
static void insert(struct rxp_dossier_moment *moments, size_t n, struct rxp_dossier_moment moment)
{
	while (n > 0 && is_before(&moment, &moments[n - 1])) {
		moments[n] = moments[n - 1];
		n--;
	}
	moments[n] = moment;
}

int rxp_dossier_moments(struct rxp_dossier_moment **out, size_t *n, const struct rxp_dossier *d)
{
	struct rxp_dossier_moment *moments = calloc(2 * d->n + 1, sizeof *moments);
	size_t used = 0;

	if (moments == NULL)
		return RXP_ERR_NOMEM;
	for (size_t i = 0; i < d->n; i++) {
		const struct rxp_answer *a = &d->documents[i].answer;
		int64_t sealed_ms = d->documents[i].proof.signing_time_ms;
		int64_t answered_ms =
		    a->kind == RXP_ANSWER_RECEIPT ? a->received_ms : a->created_ms;

		insert(moments, used++, (struct rxp_dossier_moment){sealed_ms, i, false});
		insert(moments, used++, (struct rxp_dossier_moment){answered_ms, i, true});
	}
	*out = moments;
	*n = used;
	return 0;
}
