#include "daemon/base/unfit.h"

static const struct {
	const char *about, *words;
} reasons[UNFIT_REASONS] = {
#define UNFIT(name, about, words, action) [UNFIT_##name] = {about, words "; " action},
#include "daemon/base/unfit.def"
#undef UNFIT
};

const char *unfit_about(enum unfit why)
{
	return reasons[why].about;
}

const char *unfit_words(enum unfit why)
{
	return reasons[why].words;
}
