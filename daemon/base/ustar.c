#include "daemon/base/ustar.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

/* Where the fields that count begin, and how many octets they have. */
enum { NAME_AT = 0, NAME_OCTETS = 100 };
enum { MODE_AT = 100, UID_AT = 108, GID_AT = 116, ID_OCTETS = 8 };
enum { SIZE_AT = 124, MTIME_AT = 136, SIZE_OCTETS = 12 };
enum { SUM_AT = 148, SUM_OCTETS = 8, TYPE_AT = 156 };
enum { LINK_AT = 157, LINK_OCTETS = 100 };
enum { MAGIC_AT = 257, PREFIX_AT = 345, PREFIX_OCTETS = 155 };

static const char MAGIC[] = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};

#define NUMBER_DIGITS 10

enum name_of { OF_PARTY, OF_ID, OF_DIGEST, OF_NUMBER };

static const struct {
	const char *folder, *ending, *word;
	enum name_of of;
	uint64_t max;
} kinds[] = {
#define USTAR(name, folder, ending, of, octets, word) {folder, ending, word, OF_##of, octets},
#include "daemon/base/ustar.def"
#undef USTAR
};

const char *ustar_word(enum ustar_kind kind)
{
	return kinds[kind].word;
}

unsigned ustar_padding(uint64_t size)
{
	return (unsigned)((USTAR_BLOCK - size % USTAR_BLOCK) % USTAR_BLOCK);
}

static bool is_zero(const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (octets[i] != 0)
			return false;
	return true;
}

/* Octal digits, then NULs or spaces to the end. */
static bool octal(uint64_t *out, const uint8_t *field, size_t len)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		n = n * 8 + (uint64_t)(field[i] - '0');
	if (i == 0 || i == len)
		return false;
	for (; i < len; i++)
		if (field[i] != '\0' && field[i] != ' ')
			return false;
	*out = n;
	return true;
}

/* The sum of all octets, those of the sum itself as spaces. */
static uint64_t sum_of(const uint8_t block[USTAR_BLOCK])
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < USTAR_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_OCTETS ? ' ' : block[i];
	return sum;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_number(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= NUMBER_DIGITS && strspn(text, "0123456789") == len &&
	       (text[0] != '0' || len == 1);
}

static bool is_id(enum name_of of, const char *text)
{
	uint8_t id[RXP_ID_OCTETS], digest[32];

	switch (of) {
	case OF_PARTY:
		return rxp_party_valid(text);
	case OF_ID:
		return rxp_id_parse(id, text, 7) == 0;
	case OF_DIGEST:
		return rxp_hex_get(digest, sizeof digest, text, false) == 0;
	case OF_NUMBER:
		return is_number(text);
	}
	return false;
}

static bool read_name(struct ustar_entry *e)
{
	size_t len = strlen(e->name);

	for (unsigned k = 0; k < USTAR_KINDS; k++) {
		size_t folder = strlen(kinds[k].folder), ending = strlen(kinds[k].ending);

		if (len <= folder + ending || len - folder - ending >= sizeof e->id ||
		    memcmp(e->name, kinds[k].folder, folder) != 0 ||
		    strcmp(e->name + len - ending, kinds[k].ending) != 0)
			continue;
		memcpy(e->id, e->name + folder, len - folder - ending);
		e->id[len - folder - ending] = '\0';
		e->kind = (enum ustar_kind)k;
		return is_id(kinds[k].of, e->id);
	}
	return false;
}

/* --- headers ---------------------------------------------------------------------------------- */

int ustar_parse(struct ustar_entry *out, const uint8_t block[USTAR_BLOCK])
{
	struct ustar_entry e = {.kind = USTAR_DESCRIPTOR};
	uint64_t sum;

	if (is_zero(block, USTAR_BLOCK))
		return RXP_ERR_NOT_FOUND;
	if (memcmp(block + MAGIC_AT, MAGIC, sizeof MAGIC) != 0 || block[TYPE_AT] != '0' ||
	    !is_zero(block + LINK_AT, LINK_OCTETS) || !is_zero(block + PREFIX_AT, PREFIX_OCTETS) ||
	    !octal(&sum, block + SUM_AT, SUM_OCTETS) || sum != sum_of(block) ||
	    !octal(&e.size, block + SIZE_AT, SIZE_OCTETS))
		return RXP_ERR_SYNTAX;
	memcpy(e.name, block + NAME_AT, NAME_OCTETS);
	if (!is_zero(block + strlen(e.name), NAME_OCTETS - strlen(e.name)) || !read_name(&e))
		return RXP_ERR_SYNTAX;
	if (e.size == 0 || e.size > kinds[e.kind].max)
		return RXP_ERR_BOUND;
	*out = e;
	return 0;
}

/* As many octal digits as the field has room for before its NUL. */
static void put_octal(uint8_t *field, size_t len, uint64_t value)
{
	char text[USTAR_BLOCK];

	snprintf(text, sizeof text, "%0*" PRIo64, (int)len - 1, value);
	memcpy(field, text, len);
}

/* Nothing of the machine that wrote it: no owner, no time. */
void ustar_write(uint8_t block[USTAR_BLOCK], enum ustar_kind kind, const char *id, uint64_t size)
{
	if (!is_id(kinds[kind].of, id))
		abort();
	memset(block, 0, USTAR_BLOCK);
	snprintf((char *)block + NAME_AT, NAME_OCTETS, "%s%s%s", kinds[kind].folder, id,
	    kinds[kind].ending);
	put_octal(block + MODE_AT, ID_OCTETS, 0600);
	put_octal(block + UID_AT, ID_OCTETS, 0);
	put_octal(block + GID_AT, ID_OCTETS, 0);
	put_octal(block + SIZE_AT, SIZE_OCTETS, size);
	put_octal(block + MTIME_AT, SIZE_OCTETS, 0);
	block[TYPE_AT] = '0';
	memcpy(block + MAGIC_AT, MAGIC, sizeof MAGIC);
	put_octal(block + SUM_AT, SUM_OCTETS - 1, sum_of(block));
	block[SUM_AT + SUM_OCTETS - 1] = ' ';
}
