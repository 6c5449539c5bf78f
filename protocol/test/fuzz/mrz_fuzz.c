/*
 * Input: the lines of a machine-readable zone.
 */
#include <string.h>

#include "protocol/document/mrz.h"
#include "protocol/test/fuzz/fuzz.h"

#define MAX_OCTETS 256

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	char text[MAX_OCTETS];
	const char *lines[RXP_MRZ_MAX_LINES + 1] = {text};
	size_t n = 1;

	if (len >= sizeof text)
		return 0;
	if (len > 0)
		memcpy(text, octets, len);
	text[len] = '\0';
	for (char *c = text; *c != '\0' && n <= RXP_MRZ_MAX_LINES; c++)
		if (*c == '\n') {
			*c = '\0';
			lines[n++] = c + 1;
		}
	for (size_t i = 0; i <= n; i++)
		rxp_mrz_check(lines, i);
	return 0;
}
