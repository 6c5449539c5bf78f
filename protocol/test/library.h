/*
 * library - librxp begun before the tests of a group and ended after them, for cmocka_run_group_tests_name().
 */
#ifndef LIBRARY_H
#define LIBRARY_H

int library_begin(void **state); /* -1 if it cannot be begun */
int library_end(void **state);

#endif
