/*
 * help - what the tables of readmitctl say, for people and for the shell.
 */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* Help for all commands, or for those of one noun. false: there is no such noun; nothing is printed. */
bool help_print(FILE *out, const char *noun);

/* A completion script for bash. */
void help_completion(FILE *out);

#endif
