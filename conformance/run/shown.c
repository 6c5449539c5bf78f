#include "conformance/run/shown.h"

#include "conformance/message/draft.h"
#include "conformance/run/outcome.h"

static size_t some(size_t len)
{
	return len < OUTCOME_CHANGED ? len : OUTCOME_CHANGED;
}

static void put_change(struct outcome *out, const struct draft *d)
{
	const struct changed *c = &d->changed;
	struct outcome_change *to = &out->change;

	rxp_buf_reset(&to->was);
	rxp_buf_reset(&to->is);
	to->known = c->known;
	to->where = OUTCOME_NOWHERE;
	if (!c->known)
		return;
	(void)rxp_buf_put(&to->was, c->was.data, some(c->was.len));
	(void)rxp_buf_put(&to->is, c->text.data + c->at, some(c->len));
	to->len = c->len;
	if (changed_find(&to->at, c, c->inside ? &out->inside : &out->sent))
		to->where = c->inside ? OUTCOME_INSIDE : OUTCOME_SENT;
}

void shown_put(struct outcome *out, const struct draft *d)
{
	rxp_buf_reset(&out->sent);
	rxp_buf_reset(&out->inside);
	if (d->request.body != NULL)
		(void)rxp_buf_put(&out->sent, d->request.body, d->request.body_len);
	if (d->document.len > 0)
		(void)rxp_buf_put(&out->inside, d->document.data, d->document.len);
	put_change(out, d);
}
