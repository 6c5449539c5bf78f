#include "certs/show.h"

#include <stdio.h>
#include <string.h>

#include "certs/changes.h"
#include "certs/drill.h"
#include "certs/file.h"
#include "certs/fingerprint.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/sheet_text.h"
#include "daemon/base/clock.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

#define GROUP 4 /* digits read aloud at once */

static void print_digest(const char *word, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	char digits[RXP_DIGEST_HEX];

	rxp_hex_put(digits, digest, RXP_DIGEST_OCTETS, false);
	printf("%s %s\n", word, digits);
}

static void print_groups(const uint8_t digest[RXP_DIGEST_OCTETS])
{
	char digits[RXP_DIGEST_HEX];

	rxp_hex_put(digits, digest, RXP_DIGEST_OCTETS, false);
	for (size_t i = 0; digits[i] != '\0'; i += GROUP)
		printf("%s%.*s", i == 0 ? "" : " ", GROUP, digits + i);
	printf("\n");
}

static void print_time(const char *word, int64_t ms)
{
	char text[RXP_TIME_TEXT];

	rxp_time_text(text, ms);
	printf("%s %s\n", word, text);
}

static int open_file(struct rxp_descriptor **out, const struct rxp_buf *file)
{
	return rxp_descriptor_open(out, file->data, file->len, NULL);
}

static void print_certificate(const struct rxp_cert *cert)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	int64_t from_ms;
	int64_t until_ms;

	rxp_cert_digest(cert, digest);
	print_digest("  certificate", digest);
	rxp_cert_spki_digest(cert, digest);
	print_digest("  key        ", digest);
	rxp_cert_validity(cert, &from_ms, &until_ms);
	print_time("  from       ", from_ms);
	print_time("  until      ", until_ms);
}

static int print_seals(const struct rxp_identity *i)
{
	int rc = 0;

	for (size_t k = 0; k < i->n_certs && rc == 0; k++) {
		struct rxp_cert *cert = NULL;

		printf("seal\n");
		rc = rxp_cert_parse(&cert, i->certs[k].data, i->certs[k].len);
		if (rc == 0)
			print_certificate(cert);
		rxp_cert_free(cert);
	}
	return rc;
}

static int print_identity(const struct rxp_identity *i)
{
	printf("party %s%s\nidentity part %llu\n", i->party, i->test ? ", a test State" : "",
	    (unsigned long long)i->serial);
	print_time("signed", i->created_ms);
	for (size_t k = 0; k < i->n_pins; k++)
		print_digest("TLS pin", i->pins[k]);
	for (size_t k = 0; k < i->n_endpoints; k++)
		printf("endpoint %s\n", i->endpoints[k]);
	if (i->n_endpoints == 0)
		printf("pulls: it has no endpoint\n");
	for (size_t k = 0; k < i->n_offices; k++)
		printf("office %s\n", i->offices[k]);
	for (size_t k = 0; k < i->office_keys.n; k++) {
		const struct rxp_office_key *key = &i->office_keys.key[k];

		printf("key of %s\n", rxp_compartment_office(key->compartment));
		print_digest("  key        ", key->key_id);
	}
	for (int level = 0; level < RXP_LEVEL_COUNT; level++) {
		if ((i->levels & 1u << level) != 0)
			printf("level %s\n", rxp_level_name((enum rxp_level)level));
	}
	if (i->revoked_since_ms != 0)
		print_time("seals not listed are revoked since", i->revoked_since_ms);
	if (i->has_next_root)
		print_digest("next root", i->next_root);
	return print_seals(i);
}

static void print_working(const struct rxp_descriptor *d)
{
	if (!d->has_working) {
		printf("no working part: an identity file\n");
		return;
	}
	print_time("working part sealed", d->working.created_ms);
	for (size_t k = 0; k < d->working.n_keys; k++) {
		print_digest("agreement key", d->working.keys[k].key_id);
		print_time("  from ", d->working.keys[k].from_ms);
		print_time("  until", d->working.keys[k].until_ms);
	}
}

static int print_descriptor(const struct rxp_buf *file)
{
	struct rxp_descriptor *d = NULL;
	int rc = open_file(&d, file);

	if (rc == 0) {
		print_digest("root", d->root);
		rc = print_identity(&d->identity);
	}
	if (rc == 0)
		print_working(d);
	rxp_descriptor_free(d);
	return rc;
}

/* What is none of the files that are read here is damaged or another one: say which they are. */
static int report_file(const char *path, int rc)
{
	if (rc != RXP_ERR_SYNTAX && rc != RXP_ERR_STRICT && rc != RXP_ERR_STRUCTURE)
		return report_failure(path, rc);
	report_wrong(path, "no whole descriptor, identity file, drill record or PEM certificate");
	return rc;
}

/* What a file changes against an earlier one of the same party. */
static int print_changes(const struct options *o, const struct rxp_buf *file, const char *previous)
{
	struct rxp_descriptor *before = NULL, *after = NULL;
	struct rxp_buf earlier;
	int rc;

	rxp_buf_init(&earlier, FILE_MAX_OCTETS);
	rc = file_read(&earlier, previous);
	if (rc == 0)
		rc = open_file(&before, &earlier);
	if (rc != 0) {
		report_file(previous, rc);
		goto done;
	}
	rc = report_file(o->file, open_file(&after, file));
	if (rc == 0 && strcmp(before->identity.party, after->identity.party) != 0)
		rc = report_wrong(previous, "is of another party");
	if (rc != 0)
		goto done;
	printf("%s, identity part %llu after %llu\n", after->identity.party,
	    (unsigned long long)after->identity.serial,
	    (unsigned long long)before->identity.serial);
	rc = changes_print(before, after);
done:
	rxp_descriptor_free(before);
	rxp_descriptor_free(after);
	rxp_buf_free(&earlier);
	return rc;
}

static int print_pem(const struct rxp_buf *file)
{
	struct rxp_cert *cert = NULL;
	int rc = fingerprint_certificate(&cert, file);

	if (rc == 0)
		print_certificate(cert);
	rxp_cert_free(cert);
	return rc;
}

static int print_file(const struct rxp_buf *file)
{
	if (drill_is(file))
		return drill_show(file, clock_wall_ms());
	return fingerprint_is_pem(file) ? print_pem(file) : print_descriptor(file);
}

int show_fingerprint(const struct options *o)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	char digits[RXP_DIGEST_HEX];
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, FILE_MAX_OCTETS);
	rc = file_read(&file, o->file);
	if (rc == 0)
		rc = fingerprint_of(digest, &file);
	if (rc == 0 && o->count[OPTION_PLAIN] > 0) {
		rxp_hex_put(digits, digest, sizeof digest, false);
		printf("%s\n", digits);
	} else if (rc == 0) {
		print_groups(digest);
	}
	rxp_buf_free(&file);
	return report_file(o->file, rc);
}

int show_words(const struct options *o)
{
	const char *previous = options_value(o, OPTION_PREVIOUS);
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, FILE_MAX_OCTETS);
	rc = file_read(&file, o->file);
	if (rc == 0 && previous != NULL) {
		rc = print_changes(o, &file, previous);
	} else if (rc == 0 && sheet_text_is(&file)) {
		rc = sheet_text_show(o->file, &file);
	} else {
		if (rc == 0)
			rc = print_file(&file);
		report_file(o->file, rc);
	}
	rxp_buf_free(&file);
	return rc;
}
