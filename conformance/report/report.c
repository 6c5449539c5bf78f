#include "conformance/report/report.h"

#include <stdlib.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "conformance/requirement/requirement.h"
#include "conformance/requirement/requirement_data.h"
#include "conformance/run/pair.h"
#include "conformance/state/files.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/message/type.h"
#include "daemon/base/version.h"

#define MAX_REPORT_OCTETS (256 * 1024UL * 1024)
#define MAX_BASE64_OCTETS (2 * 1024UL * 1024)

struct report {
	json_t *root;
	json_t *cases; /* borrowed from root */
	size_t counts[VERDICT_COUNT];
	size_t negative, again;
	int64_t began_ms;
};

const char *report_version(void)
{
	return READMIT_VERSION;
}

/* NULL product: of a plan that speaks to none. */
static json_t *json_of_product(const struct product *p, const char *endpoint)
{
	char digest_text[RXP_DIGEST_HEX] = "";
	uint8_t digest[RXP_DIGEST_OCTETS];
	json_t *levels = json_array();

	if (p != NULL &&
	    EVP_Digest(p->octets.data, p->octets.len, digest, NULL, EVP_sha256(), NULL) == 1)
		rxp_hex_put(digest_text, digest, sizeof digest, false);
	for (unsigned l = 0; p != NULL && l < RXP_LEVEL_COUNT; l++)
		if ((p->descriptor->identity.levels & 1U << l) != 0)
			(void)json_array_append_new(
			    levels, json_string(rxp_level_name((enum rxp_level)l)));
	return json_pack("{s:s, s:s, s:s, s:o}", "party", p == NULL ? "" : product_party(p),
	    "endpoint", p == NULL || endpoint == NULL ? "" : endpoint, "descriptor", digest_text,
	    "levels", levels);
}

/* Between two products: the one that receives. */
static int put_other(json_t *root, const struct target *target)
{
	const struct pair_product *other;

	if (target == NULL || target->pair == NULL)
		return 0;
	other = &target->pair->products[PAIR_RECEIVER];
	return json_object_set_new(root, "other", json_of_product(other->product, other->behind)) ==
		       0
		   ? 0
		   : RXP_ERR_NOMEM;
}

int report_new(struct report **out, const struct target *target, const char *role,
    const char *command, int64_t began_ms)
{
	struct report *r = calloc(1, sizeof *r);
	char began[RXP_TIME_TEXT];

	if (r == NULL)
		return RXP_ERR_NOMEM;
	rxp_time_text(began, began_ms);
	r->began_ms = began_ms;
	r->root = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:[]}", "suite",
	    "readmit-conform", "format", REPORT_FORMAT, "version", report_version(), "protocol",
	    "RXP/1", "specification", requirement_specification, "role", role, "product",
	    json_of_product(target == NULL ? NULL : target->parties->product,
		target == NULL ? NULL : target->endpoint),
	    "command", command, "began", began, "cases");
	if (r->root == NULL || put_other(r->root, target) != 0) {
		json_decref(r->root);
		free(r);
		return RXP_ERR_NOMEM;
	}
	r->cases = json_object_get(r->root, "cases");
	*out = r;
	return 0;
}

void report_free(struct report *r)
{
	if (r == NULL)
		return;
	json_decref(r->root);
	free(r);
}

int report_select(struct report *r, const char *pattern)
{
	return json_object_set_new(r->root, "selected", json_string(pattern)) == 0 ? 0
										   : RXP_ERR_NOMEM;
}

static int put_octets(json_t *entry, const char *name, const struct rxp_buf *octets)
{
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, MAX_BASE64_OCTETS);
	rc = rxp_base64_put(&text, octets->data, octets->len);
	if (rc == 0 &&
	    json_object_set_new(entry, name,
		json_stringn(text.len == 0 ? "" : (const char *)text.data, text.len)) != 0)
		rc = RXP_ERR_NOMEM;
	rxp_buf_free(&text);
	return rc;
}

/* Where it can be seen, and what gave way to what. */
static int put_change(json_t *entry, const struct outcome_change *c)
{
	json_t *changed = json_object();
	int rc = changed == NULL ? RXP_ERR_NOMEM : put_octets(changed, "was", &c->was);

	if (rc == 0)
		rc = put_octets(changed, "is", &c->is);
	if (rc == 0 && c->where != OUTCOME_NOWHERE &&
	    json_object_update_new(changed,
		json_pack("{s:s, s:I, s:I}", "in", c->where == OUTCOME_SENT ? "sent" : "inside",
		    "at", (json_int_t)c->at, "octets", (json_int_t)c->len)) != 0)
		rc = RXP_ERR_NOMEM;
	if (rc != 0) {
		json_decref(changed);
		return rc;
	}
	return json_object_set_new(entry, "changed", changed) == 0 ? 0 : RXP_ERR_NOMEM;
}

static int put_evidence(json_t *entry, const struct outcome *o)
{
	int rc = json_object_set_new(entry, "why", json_string(o->why)) == 0 ? 0 : RXP_ERR_NOMEM;

	if (rc == 0)
		rc = put_octets(entry, "sent", &o->sent);
	if (rc == 0 && o->inside.len > 0)
		rc = put_octets(entry, "inside", &o->inside);
	if (rc == 0 && o->change.known)
		rc = put_change(entry, &o->change);
	if (rc == 0)
		rc = put_octets(entry, "received", &o->received);
	if (rc == 0 && o->status != 0 &&
	    json_object_set_new(entry, "status", json_integer(o->status)) != 0)
		rc = RXP_ERR_NOMEM;
	return rc;
}

static int make_entry(json_t **out, const struct outcome *o)
{
	const struct requirement *requirement = requirement_find(o->facts->requirement);
	json_t *entry = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "id",
	    o->facts->id, "requirement", o->facts->requirement, "level",
	    requirement == NULL ? "" : requirement_level_word(requirement->level), "name",
	    o->facts->name, "base", o->base, "stage", o->stage, "expected", o->expected, "seen",
	    o->seen, "verdict", verdict_word(o->verdict), "milliseconds", o->took_ms);
	int rc = entry == NULL ? RXP_ERR_NOMEM : 0;

	if (rc == 0 && o->verdict != VERDICT_PASS)
		rc = put_evidence(entry, o);
	if (rc != 0) {
		json_decref(entry);
		return rc;
	}
	*out = entry;
	return 0;
}

int report_add(struct report *r, const struct outcome *o)
{
	json_t *entry = NULL;
	int rc = make_entry(&entry, o);

	if (rc != 0)
		return rc;
	if (json_array_append_new(r->cases, entry) != 0)
		return RXP_ERR_NOMEM;
	r->counts[o->verdict]++;
	if (facts_negative(o->facts))
		r->negative++;
	return 0;
}

int report_replace(struct report *r, size_t i, const struct outcome *o, const char *why)
{
	json_t *entry = NULL;
	int rc = make_entry(&entry, o);

	if (rc != 0)
		return rc;
	if (json_object_set_new(entry, "again", json_string(why)) != 0) {
		json_decref(entry);
		return RXP_ERR_NOMEM;
	}
	if (json_array_set_new(r->cases, i, entry) != 0)
		return RXP_ERR_NOMEM;
	r->counts[VERDICT_INCOMPLETE]--;
	r->counts[o->verdict]++;
	r->again++;
	return 0;
}

size_t report_count(const struct report *r, enum verdict v)
{
	return r->counts[v];
}

size_t report_cases(const struct report *r)
{
	return json_array_size(r->cases);
}

static int put_summary(struct report *r, int64_t ended_ms)
{
	json_t *summary = json_pack("{s:I, s:I, s:I, s:f}", "cases", (json_int_t)report_cases(r),
	    "negative", (json_int_t)r->negative, "again", (json_int_t)r->again, "seconds",
	    (double)(ended_ms - r->began_ms) / 1000);
	bool whole = summary != NULL;

	for (size_t v = 0; v < VERDICT_COUNT && whole; v++)
		whole = json_object_set_new(summary, verdict_word((enum verdict)v),
			    json_integer((json_int_t)r->counts[v])) == 0;
	if (!whole) {
		json_decref(summary);
		return RXP_ERR_NOMEM;
	}
	return json_object_set_new(r->root, "summary", summary) == 0 ? 0 : RXP_ERR_NOMEM;
}

int report_write(struct report *r, const char *path, int64_t ended_ms)
{
	struct rxp_buf text;
	char *dumped;
	int rc = put_summary(r, ended_ms);

	if (rc != 0)
		return rc;
	dumped = json_dumps(r->root, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	if (dumped == NULL)
		return RXP_ERR_NOMEM;
	rxp_buf_init(&text, MAX_REPORT_OCTETS);
	rc = rxp_buf_puts(&text, dumped);
	if (rc == 0)
		rc = rxp_buf_putc(&text, '\n');
	if (rc == 0)
		rc = files_write(NULL, path, &text);
	rxp_buf_free(&text);
	free(dumped);
	return rc;
}
