#include "protocol/base/err.h"

const char *rxp_err_text(int code)
{
	switch (code) {
	case 0:
		return "success";
#define ERR(name, code, text) \
	case RXP_ERR_##name: \
		return text;
#include "protocol/base/err.def"
#undef ERR
	default:
		return "unknown error";
	}
}
