#include "daemon/gateway/h2_head.h"

#include <ctype.h>
#include <string.h>

#include "daemon/gateway/limits.h"

#define FIELD_OVERHEAD 32 /* RFC 9113 section 10.5.1 */
#define LENGTH_DIGITS 18 /* of a number that is looked at */

typedef void take_field(struct h2_head *head, const uint8_t *value, size_t len);

static void copy(char *out, size_t cap, const uint8_t *value, size_t len)
{
	out[0] = '\0';
	if (len >= cap)
		return;
	memcpy(out, value, len);
	out[len] = '\0';
}

static void take_method(struct h2_head *head, const uint8_t *value, size_t len)
{
	copy(head->method, sizeof head->method, value, len);
}

static void take_path(struct h2_head *head, const uint8_t *value, size_t len)
{
	copy(head->path, sizeof head->path, value, len);
}

static int64_t number(const uint8_t *value, size_t len)
{
	int64_t n = 0;
	size_t i;

	if (len == 0 || len > LENGTH_DIGITS)
		return INT64_MAX;
	for (i = 0; i < len; i++) {
		if (!isdigit(value[i]))
			return INT64_MAX;
		n = n * 10 + (value[i] - '0');
	}
	return n;
}

static void take_status(struct h2_head *head, const uint8_t *value, size_t len)
{
	int64_t n = number(value, len);

	head->status = n < 1000 ? (unsigned)n : 0;
}

static void take_type(struct h2_head *head, const uint8_t *value, size_t len)
{
	char *c;

	copy(head->type, sizeof head->type, value, head->typed ? sizeof head->type : len);
	for (c = head->type; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	head->typed = true;
}

static void take_length(struct h2_head *head, const uint8_t *value, size_t len)
{
	head->length = number(value, len);
}

static void take_range(struct h2_head *head, const uint8_t *value, size_t len)
{
	copy(head->range, sizeof head->range, value, head->ranged ? sizeof head->range : len);
	head->ranged = true;
}

static void take_wanted(struct h2_head *head, const uint8_t *value, size_t len)
{
	copy(head->wanted, sizeof head->wanted, value, head->wants ? sizeof head->wanted : len);
	head->wants = true;
}

static void take_offset(struct h2_head *head, const uint8_t *value, size_t len)
{
	head->offset = head->offset < 0 ? number(value, len) : INT64_MAX;
}

static void take_encoding(struct h2_head *head, const uint8_t *value, size_t len)
{
	(void)value;
	(void)len;
	head->encoded = true;
}

static void take_expect(struct h2_head *head, const uint8_t *value, size_t len)
{
	(void)value;
	(void)len;
	head->expects = true;
}

static const struct {
	const char *name;
	take_field *take;
} fields[] = {
    {":method", take_method},
    {":path", take_path},
    {":status", take_status},
    {"content-type", take_type},
    {"content-length", take_length},
    {"content-range", take_range},
    {"range", take_wanted},
    {"rxp-offset", take_offset},
    {"content-encoding", take_encoding},
    {"expect", take_expect},
};

void h2_head_init(struct h2_head *head)
{
	memset(head, 0, sizeof *head);
	head->length = head->offset = -1;
}

void h2_head_field(struct h2_head *head, const uint8_t *name, size_t name_len, const uint8_t *value,
    size_t value_len)
{
	size_t i;

	head->octets += name_len + value_len + FIELD_OVERHEAD;
	if (head->octets > GATEWAY_HEADER_LIST_OCTETS)
		head->too_large = true;
	if (head->too_large)
		return;
	for (i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strlen(fields[i].name) == name_len &&
		    memcmp(fields[i].name, name, name_len) == 0)
			fields[i].take(head, value, value_len);
	}
}
