#include "daemon/ctl/media.h"

#include <string.h>

static const struct {
	const char *type, *octets;
	size_t len;
} MEDIAS[] = {
#define MEDIA(type, octets) {type, octets, sizeof(octets) - 1},
#include "daemon/ctl/media.def"
#undef MEDIA
};

const char *media_of(const unsigned char *octets, size_t len)
{
	for (size_t i = 0; i < sizeof(MEDIAS) / sizeof(MEDIAS[0]); i++)
		if (len >= MEDIAS[i].len && memcmp(octets, MEDIAS[i].octets, MEDIAS[i].len) == 0)
			return MEDIAS[i].type;
	return NULL;
}
