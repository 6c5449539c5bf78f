#include "certs/sharing.h"

#include <stdlib.h>
#include <string.h>

#define FIELD 0x11dU /* x^8+x^4+x^3+x^2+1 */

static uint8_t times(unsigned a, unsigned b)
{
	unsigned product = 0;

	for (unsigned i = 0; i < 8; i++) {
		product ^= a & (0U - (b >> i & 1U));
		a = (a << 1) ^ (FIELD & (0U - (a >> 7 & 1U)));
	}
	return (uint8_t)product;
}

/* a^254, which is 1/a. */
static uint8_t inverse(unsigned a)
{
	unsigned power = 1;

	for (unsigned bit = 0x80; bit != 0; bit >>= 1) {
		power = times(power, power);
		if ((254U & bit) != 0)
			power = times(power, a);
	}
	return (uint8_t)power;
}

void sharing_make(uint8_t *out, unsigned number, const uint8_t *secret, size_t len,
    const uint8_t *random, unsigned needed)
{
	if (number == 0 || number > UINT8_MAX || needed == 0)
		abort();
	for (size_t i = 0; i < len; i++) {
		unsigned value = 0;

		for (unsigned k = needed - 1; k > 0; k--)
			value = times(value ^ random[(k - 1) * len + i], number);
		out[i] = (uint8_t)(value ^ secret[i]);
	}
}

/* How much share i counts for at `number`: Lagrange's polynomial of it there. */
static uint8_t weight(unsigned number, const struct sharing_share *shares, unsigned n, unsigned i)
{
	unsigned product = 1;

	for (unsigned k = 0; k < n; k++) {
		unsigned apart = shares[i].number ^ shares[k].number;

		if (k == i)
			continue;
		if (apart == 0)
			abort();
		product = times(product, times(number ^ shares[k].number, inverse(apart)));
	}
	return (uint8_t)product;
}

void sharing_at(
    uint8_t *out, unsigned number, const struct sharing_share *shares, unsigned n, size_t len)
{
	if (n == 0 || n > SHARING_MAX)
		abort();
	memset(out, 0, len);
	for (unsigned i = 0; i < n; i++) {
		unsigned by = weight(number, shares, n, i);

		for (size_t k = 0; k < len; k++)
			out[k] ^= times(shares[i].octets[k], by);
	}
}
