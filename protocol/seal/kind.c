#include "protocol/seal/seal.h"

#include <stdlib.h>

static const struct {
	const char *root;
	const char *ns;
} kinds[] = {
#define KIND(name, root, ns) [RXP_KIND_##name] = {root, ns},
#include "protocol/seal/kind.def"
#undef KIND
};

const char *rxp_kind_root(enum rxp_kind kind)
{
	if ((unsigned)kind >= RXP_KIND_COUNT)
		abort();
	return kinds[kind].root;
}

const char *rxp_kind_namespace(enum rxp_kind kind)
{
	if ((unsigned)kind >= RXP_KIND_COUNT)
		abort();
	return kinds[kind].ns;
}
