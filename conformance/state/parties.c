#include "conformance/state/parties.h"

#include <stdbool.h>
#include <string.h>

#include "conformance/state/product.h"
#include "conformance/state/state.h"

static bool is_one_of(const struct parties *p, const char *code)
{
	return strcmp(code, p->own->party) == 0 || strcmp(code, product_party(p->product)) == 0;
}

const char *parties_other(const struct parties *p)
{
	static const char *const codes[] = {"QMY", "QMZ", "QNY"};

	if (!is_one_of(p, codes[0]))
		return codes[0];
	return is_one_of(p, codes[1]) ? codes[2] : codes[1]; /* two of them may be taken */
}
