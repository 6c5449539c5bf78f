/*
 * edit - one change to a text, which must be possible exactly there: a change that changes nothing would make a case that
 * tests nothing.
 */
#ifndef CONFORM_EDIT_H
#define CONFORM_EDIT_H

struct rxp_buf;

/*
 * The first occurrence of find, or the run from it to the end of the first until behind it, gives way to replace, in which
 * @FOUND@ stands for what was there. find "" is the start of the text; find NULL is no edit.
 */
struct edit {
	const char *find;
	const char *until; /* NULL: find alone */
	const char *replace;
};

/* RXP_ERR_NOT_FOUND: the text has no such place, or the edit leaves it as it is. The buffer's errors. */
int edit_apply(struct rxp_buf *text, const struct edit *e);

#endif
