/*
 * parties - who speaks to whom: the test State of the suite, and the product. All borrowed.
 */
#ifndef CONFORM_PARTIES_H
#define CONFORM_PARTIES_H

struct state;
struct product;

struct parties {
	const struct state *own;
	const struct product *product;
};

/* The code of a party for tests that is neither of both, whichever they are. */
const char *parties_other(const struct parties *p);

#endif
