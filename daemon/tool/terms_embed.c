/*
 * terms_embed - at build time: the draft of a profile on standard input, its records (daemon/base/terms.h)
 * as a C table on standard output, so that the registry, which reads no XML, has the profile of the
 * specification from the file in spec/profiles and from nowhere else.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"
#include "protocol/terms/terms.h"

static int read_draft(struct rxp_profile *out)
{
	static uint8_t octets[RXP_MAX_TERMS_OCTETS + 1];
	struct rxp_reason reason = {.text = NULL};
	size_t len = fread(octets, 1, sizeof octets, stdin);
	int rc;

	while (len > 0 && octets[len - 1] == '\n')
		len--; /* nothing follows a root element (RXP-XML-002) */
	rc = rxp_profile_draft(out, octets, len, &reason);

	if (rc != 0)
		fprintf(stderr, "line %lu: %s\n", reason.line,
		    reason.text != NULL ? reason.text : rxp_err_text(rc));
	return rc;
}

static void write_table(const struct rxp_buf *records)
{
	puts("#include \"daemon/registry/terms/builtin.h\"\n");
	puts("const unsigned char builtin_profile[] = {");
	for (size_t i = 0; i < records->len; i++)
		printf("0x%02x,%s", records->data[i], i % 16 == 15 ? "\n" : "");
	puts("};\nconst size_t builtin_profile_len = sizeof builtin_profile;");
}

int main(void)
{
	static struct rxp_profile profile;
	struct rxp_buf records;
	int rc = rxp_init();

	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	if (rc == 0)
		rc = read_draft(&profile);
	if (rc == 0)
		rc = terms_put_profile(&records, &profile);
	if (rc == 0)
		write_table(&records);
	rxp_buf_free(&records);
	return rc == 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
