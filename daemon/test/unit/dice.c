#include "daemon/test/unit/dice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state;

void dice_start(void)
{
	const char *given = getenv("DICE_SEED");

	state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("DICE_SEED=%" PRIu64 "\n", state);
	state |= UINT64_C(1) << 63;
}

/* xorshift64*: its high half is even enough for tests. */
uint32_t dice_roll(uint32_t sides)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 32) % sides;
}
