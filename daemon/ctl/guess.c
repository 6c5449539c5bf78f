#include "daemon/ctl/guess.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance of two words of at most GUESS_WORD_MAX octets. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t d[GUESS_WORD_MAX + 1][GUESS_WORD_MAX + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t k = 0; k <= m; k++)
		d[0][k] = k;
	for (size_t i = 1; i <= n; i++)
		for (size_t k = 1; k <= m; k++) {
			size_t differ = a[i - 1] != b[k - 1];

			d[i][k] =
			    least(least(d[i - 1][k], d[i][k - 1]) + 1, d[i - 1][k - 1] + differ);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	return d[n][m];
}

struct guess guess_begin(const char *word)
{
	return (struct guess){.word = word, .distance = GUESS_DISTANCE_MAX + 1};
}

void guess_try(struct guess *g, const char *known)
{
	size_t n = strlen(g->word), m = strlen(known), d;

	if (n > GUESS_WORD_MAX || m > GUESS_WORD_MAX)
		return;
	d = distance(g->word, n, known, m);
	if (d < g->distance && d < m) { /* not a word of which nothing is left */
		g->distance = d;
		g->best = known;
	}
}
