#include "protocol/test/library.h"

#include "protocol/init.h"

int library_begin(void **state)
{
	(void)state;
	return rxp_init() == 0 ? 0 : -1;
}

int library_end(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}
