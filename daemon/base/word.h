/*
 * word - the words of a line of a file that the programs write for themselves: one space between, a newline behind the last.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stddef.h>
#include <stdint.h>

/* The next word, which must fit with its NUL, and what follows it is taken. RXP_ERR_SYNTAX. */
int word_take(char *out, size_t size, const char **at);
/* One that is a number without leading zeros. RXP_ERR_SYNTAX. */
int word_number(uint64_t *out, const char **at);
/* One of so many octets in lower-case hexadecimal. RXP_ERR_SYNTAX. */
int word_octets(uint8_t *out, size_t len, const char **at);

#endif
