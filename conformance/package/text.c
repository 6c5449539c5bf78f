#include "conformance/package/text.h"

#include <stdlib.h>
#include <string.h>

const struct package_text *package_text(const char *name)
{
	for (size_t i = 0; i < package_text_count; i++)
		if (strcmp(package_texts[i].name, name) == 0)
			return &package_texts[i];
	abort();
}
