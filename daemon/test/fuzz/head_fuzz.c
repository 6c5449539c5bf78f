/*
 * Input: the fields of a request or response, a line each: name, a colon, value. Names and values are
 * as HTTP/2 gives them to the gateway.
 * Promise: a Content-Range or an endpoint that is read is written the same.
 * links: gateway
 */
#include <stdio.h>
#include <string.h>

#include "daemon/gateway/endpoint.h"
#include "daemon/gateway/h2_head.h"
#include "daemon/gateway/range.h"
#include "protocol/test/fuzz/fuzz.h"

static void read_range(const char *text)
{
	char again[RANGE_TEXT];
	struct range range;

	if (range_parse(&range, text) != 0)
		return;
	MUST(range.first <= range.last && range.last < range.total);
	range_write(again, &range);
	MUST(strcmp(again, text) == 0);
}

static void read_endpoint(const uint8_t *octets, size_t len)
{
	struct endpoint e;
	char again[sizeof e.authority + sizeof "https://"];

	if (endpoint_parse(&e, (const char *)octets, len) != 0)
		return;
	MUST(e.port > 0 && e.host[0] != '\0');
	snprintf(again, sizeof again, "https://%s", e.authority);
	MUST(strlen(again) == len && memcmp(again, octets, len) == 0);
}

/* What is kept is bounded and ends in a NUL, whatever came. */
static void look(const struct h2_head *head)
{
	MUST(memchr(head->method, '\0', sizeof head->method) != NULL);
	MUST(memchr(head->path, '\0', sizeof head->path) != NULL);
	MUST(memchr(head->type, '\0', sizeof head->type) != NULL);
	MUST(memchr(head->range, '\0', sizeof head->range) != NULL);
	MUST(head->status < 1000 && head->length >= -1 && head->offset >= -1);
	read_range(head->range);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const uint8_t *at = octets, *end = octets + len;
	struct h2_head head;

	h2_head_init(&head);
	while (at < end) {
		const uint8_t *line = at, *colon;
		const uint8_t *stop = memchr(line, '\n', (size_t)(end - line));

		at = stop == NULL ? end : stop + 1;
		stop = stop == NULL ? end : stop;
		colon = line == stop ? NULL : memchr(line + 1, ':', (size_t)(stop - line) - 1);
		if (colon == NULL)
			continue;
		h2_head_field(
		    &head, line, (size_t)(colon - line), colon + 1, (size_t)(stop - colon) - 1);
		read_endpoint(colon + 1, (size_t)(stop - colon) - 1);
	}
	look(&head);
	return 0;
}
