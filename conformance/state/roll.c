#include "conformance/state/roll.h"

#include <string.h>

#include "conformance/state/parties.h"
#include "conformance/state/parts.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

#define LINE_CHARACTERS 64

/* Blanks behind the beginning of its first tag, until it is that long: its seal stays right. */
static int pad(struct rxp_buf *part, const char *tag, size_t len)
{
	const size_t before = strlen(tag);
	struct rxp_buf whole;
	int rc = 0;

	rxp_buf_init(&whole, len);
	(void)rxp_buf_put(&whole, part->data, before);
	while (rc == 0 && whole.len + part->len - before < len)
		rc = rxp_buf_putc(&whole, ' ');
	if (rc == 0)
		rc = rxp_buf_put(&whole, part->data + before, part->len - before);
	rxp_buf_free(part);
	*part = whole;
	return rc;
}

/* A line feed behind each line of base64 of the last identity part. */
static int break_lines(struct rxp_buf *descriptor, size_t from)
{
	static const char tag[] = "<Identity>";
	const uint8_t *at = NULL, *end = descriptor->data + descriptor->len;
	struct rxp_buf whole;
	int rc;

	for (const uint8_t *next = descriptor->data + from;
	     (next = memmem(next, (size_t)(end - next), tag, sizeof tag - 1)) != NULL;)
		at = next += sizeof tag - 1;
	if (at == NULL)
		return RXP_ERR_NOT_FOUND;
	rxp_buf_init(&whole, descriptor->max);
	(void)rxp_buf_put(&whole, descriptor->data, (size_t)(at - descriptor->data));
	for (; end - at > LINE_CHARACTERS && memchr(at, '<', LINE_CHARACTERS) == NULL;
	     at += LINE_CHARACTERS) {
		(void)rxp_buf_put(&whole, at, LINE_CHARACTERS);
		(void)rxp_buf_putc(&whole, '\n');
	}
	rc = rxp_buf_put(&whole, at, (size_t)(end - at));
	rxp_buf_free(descriptor);
	*descriptor = whole;
	return rc;
}

/* The working part under the identity part that is the last. */
static int put_working(struct parts *p, const struct roll *r, struct rxp_descriptor *d)
{
	struct rxp_signer seal = keypair_signer(r->seal);

	d->working.created_ms = r->working_ms;
	rxp_buf_reset(&p->working);
	return rxp_working_seal(&p->working, &d->working, r->working_ms, &seal);
}

static int put_part(struct parts *p, const struct keypair *by, struct rxp_descriptor *d)
{
	struct rxp_signer root = keypair_signer(by);
	int rc = rxp_identity_seal(
	    parts_next(p), &d->identity, d->identity.created_ms, &root, d->working.identity);

	d->working.identity_serial = d->identity.serial;
	memcpy(d->identity_digest, d->working.identity, sizeof d->identity_digest);
	return rc;
}

static int put_next(struct parts *p, const struct roll *r, struct rxp_descriptor *d)
{
	int rc = r->has_next ? put_part(p, r->root, d) : 0;

	return rc == 0 && r->part_octets > 0
		   ? pad(&p->identities[p->n - 1], "<Identity", r->part_octets)
		   : rc;
}

static void follow(struct rxp_descriptor *d, int64_t now_ms, int64_t revoked_ms)
{
	memcpy(d->identity.previous, d->identity_digest, sizeof d->identity.previous);
	d->identity.has_previous = true;
	d->identity.serial++;
	d->identity.created_ms = now_ms;
	d->identity.revoked_since_ms = revoked_ms;
}

/* A part that announces a root, and behind it one that announces none. */
static int put_two(struct parts *p, const struct roll *r, struct rxp_descriptor *d)
{
	int rc;

	d->identity.has_next_root = true;
	keypair_pin(r->announced, d->identity.next_root);
	rc = put_part(p, &r->parties->own->root, d);
	d->identity.has_next_root = false;
	follow(d, r->now_ms, r->revoked_ms);
	if (rc == 0)
		rc = put_part(p, r->between, d);
	follow(d, r->now_ms, r->revoked_ms);
	return rc;
}

static int make(struct rxp_buf *out, struct parts *p, struct roll *r, roll_change *change,
    struct rxp_descriptor *d)
{
	const size_t from = out->len;
	int rc = 0;

	follow(d, r->now_ms, r->revoked_ms);
	if (change != NULL)
		rc = change(r);
	if (rc == 0 && r->announced != NULL)
		rc = put_two(p, r, d);
	if (rc == 0)
		rc = put_next(p, r, d);
	if (rc == 0)
		rc = put_working(p, r, d);
	if (rc == 0)
		rc = parts_join(out, p, r->has_known ? 0 : p->n - 1);
	return rc == 0 && r->in_lines ? break_lines(out, from) : rc;
}

int roll_make(struct rxp_buf *out, const struct roll *of, roll_change *change)
{
	const struct rxp_buf *known = &of->parties->own->descriptor;
	struct rxp_descriptor *d = NULL;
	struct parts p = {.n = 0};
	int rc = parts_split(&p, known);

	if (rc == 0)
		rc = rxp_descriptor_open(&d, known->data, known->len, NULL);
	if (rc == 0) {
		struct roll r = *of;

		r.root = &of->parties->own->root;
		r.seal = &of->parties->own->seal;
		r.identity = &d->identity;
		r.working = &d->working;
		r.has_next = r.has_known = true;
		r.working_ms = of->now_ms;
		rc = make(out, &p, &r, change, d);
	}
	rxp_descriptor_free(d);
	parts_clear(&p);
	return rc;
}
