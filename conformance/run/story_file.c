/* Stories of a document and the file that it names (section 14). */
#include <stdio.h>
#include <string.h>

#include "conformance/message/attached.h"
#include "conformance/message/changes.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "protocol/base/err.h"

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect schema = {EXPECT_REFUSAL, RXP_REFUSAL_SCHEMA};
static const struct expect unsupported = {EXPECT_REFUSAL, RXP_REFUSAL_UNSUPPORTED};
static const struct expect not_acceptable = {EXPECT_REFUSAL, RXP_REFUSAL_NOT_ACCEPTABLE};

static int attached(struct teller *t, struct draft *d)
{
	return draft_begin(d, t->line.target->parties, BASE_ATTACHED, moment_now_ms());
}

/* --- judged before its file is there ------------------------------------------------------------- */

/* What the change makes of it gets that before anything is uploaded; without it and with its file it is receipted. */
static int without_file(struct teller *t, const struct change *change, const struct expect *wanted)
{
	struct draft *d = teller_draft(t), *right = teller_draft(t);
	int rc = attached(t, d);

	if (rc == 0)
		rc = draft_another(right, d);
	if (rc == 0)
		rc = draft_make(d, change);
	if (rc == 0)
		rc = teller_try(t, d, wanted, teller_told(t));
	if (rc == 0)
		rc = teller_upload(t, right);
	return rc == 0 ? teller_after(t, right) : rc;
}

int tell_schema_first(struct teller *t)
{
	static const struct change change = {
	    STAGE_CONTENT, {{"<Sex>", NULL, "<Zebra>stripes</Zebra><Sex>"}}, NULL, NULL};

	return without_file(t, &change, &schema);
}

int tell_safeguard_first(struct teller *t)
{
	static const struct change change = {
	    STAGE_CONTENT, {{"<PersonInformed>", "</PersonInformed>", ""}}, NULL, NULL};

	return without_file(t, &change, &not_acceptable);
}

int tell_type_first(struct teller *t)
{
	static const struct change change = {
	    STAGE_FIELDS, {{NULL, NULL, NULL}}, change_type_unknown, NULL};

	return without_file(t, &change, &unsupported);
}

/* --- sizes and numbers --------------------------------------------------------------------------- */

#define LARGE_OCTETS (1024UL * 1024 + 5000) /* of two segments */

int tell_large_file(struct teller *t)
{
	struct draft *d = teller_draft(t);
	int rc = attached(t, d);

	rxp_buf_reset(&d->file);
	rxp_buf_reset(&d->manifest);
	if (rc == 0)
		rc = attached_make(&d->file, &d->manifest, "photograph", LARGE_OCTETS);
	if (rc == 0)
		rc = teller_upload(t, d);
	return rc == 0 ? teller_try(t, d, &receipt, teller_told(t)) : rc;
}

int story_two_files(struct teller *t, struct draft *d, struct draft *other)
{
	static const struct edit named = {
	    "<AuthenticatedCopy>", NULL, "<Attachment>2</Attachment>@FOUND@"};
	int rc = attached(t, d);

	if (rc == 0)
		rc = draft_begin(other, t->line.target->parties, BASE_EVIDENCE, moment_now_ms());
	if (rc == 0)
		rc = attached_join(&d->manifest, &other->manifest);
	return rc == 0 ? edit_apply(&d->content, &named) : rc;
}

int tell_two_files(struct teller *t)
{
	struct draft *d = teller_draft(t), *other = teller_draft(t);
	int rc = story_two_files(t, d, other);

	if (rc == 0)
		rc = teller_upload(t, other);
	if (rc == 0)
		rc = teller_upload(t, d);
	return rc == 0 ? teller_try(t, d, &receipt, teller_told(t)) : rc;
}

/* --- one file, one document ---------------------------------------------------------------------- */

/* A document with its file, receipted. */
static int has_file(struct teller *t, struct draft *d)
{
	int rc = attached(t, d);

	if (rc == 0)
		rc = teller_upload(t, d);
	return rc == 0 ? teller_before(t, d) : rc;
}

/* Another document that names the ciphertext of that one. */
static int name_it(struct teller *t, struct draft *d, const struct draft *of)
{
	int rc = attached(t, d);

	rxp_buf_reset(&d->file);
	rxp_buf_reset(&d->manifest);
	if (rc == 0)
		rc = rxp_buf_put(&d->file, of->file.data, of->file.len);
	return rc == 0 ? rxp_buf_put(&d->manifest, of->manifest.data, of->manifest.len) : rc;
}

/* Refused for good; and the one that had it first still has its answer. */
int tell_file_of_two(struct teller *t)
{
	struct draft *first = teller_draft(t), *second = teller_draft(t);
	struct told *got = teller_told(t), *once = teller_told(t), *again = teller_told(t);
	int rc = has_file(t, first);

	if (rc == 0)
		rc = teller_again(t, first, once);
	if (rc == 0)
		rc = name_it(t, second, first);
	if (rc == 0)
		rc = teller_try(t, second, &schema, got);
	if (rc == 0 && !got->seen.final)
		rc = teller_against(t, "the Refusal is not final: it does not name the Document");
	if (rc == 0)
		rc = teller_again(t, first, again);
	return rc == 0 ? teller_same(t, once, again) : rc;
}

/* Two numbers of the manifest with one ciphertext; the content names both. Their keys are two, or the schema would refuse them. */
int tell_file_twice(struct teller *t)
{
	static const struct edit second = {"<Attachment ", "</Attachment>", "@FOUND@@FOUND@"};
	static const struct edit number = {
	    "</Attachment><Attachment number=\"1\"", NULL, "</Attachment><Attachment number=\"2\""};
	static const struct edit key = {
	    "<Key>", "</Key>", "<Key>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</Key>"};
	static const struct edit named = {
	    "<AuthenticatedCopy>", NULL, "<Attachment>2</Attachment>@FOUND@"};
	struct draft *d = teller_draft(t), *right = teller_draft(t);
	int rc = attached(t, d);

	if (rc == 0)
		rc = draft_another(right, d);
	if (rc == 0)
		rc = edit_apply(&d->manifest, &second);
	if (rc == 0)
		rc = edit_apply(&d->manifest, &number);
	if (rc == 0)
		rc = edit_apply(&d->manifest, &key);
	if (rc == 0)
		rc = edit_apply(&d->content, &named);
	if (rc == 0)
		rc = teller_upload(t, d);
	if (rc == 0)
		rc = teller_try(t, d, &schema, teller_told(t));
	return rc == 0 ? teller_after(t, right) : rc;
}

/* The same octets under another key are another ciphertext. */
int tell_file_anew(struct teller *t)
{
	struct draft *first = teller_draft(t), *second = teller_draft(t);
	int rc = has_file(t, first);

	if (rc == 0)
		rc = attached(t, second);
	if (rc == 0)
		rc = teller_upload(t, second);
	return rc == 0 ? teller_try(t, second, &receipt, teller_told(t)) : rc;
}
