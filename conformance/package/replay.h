/*
 * replay - cases told by both States, as sealed documents: how the kinds `move` and `crossing` make and read them.
 */
#ifndef CONFORM_REPLAY_H
#define CONFORM_REPLAY_H

#include <stddef.h>

#include "conformance/cases/cell.h"
#include "conformance/message/history.h"
#include "protocol/base/buf.h"
#include "protocol/case/case.h"

#define REPLAY_SIDES 2
#define REPLAY_MAX_DOCUMENTS (CELL_MAX_PATH + 2)
#define REPLAY_REQUESTING "QMA"
#define REPLAY_REQUESTED "QRA"

struct json_t;
struct making;
struct reading;

const char *replay_side(enum rxp_case_side side); /* "requesting", "requested" */

/* A case as far as it was told. */
struct replay {
	struct history views[REPLAY_SIDES]; /* of each side */
	struct rxp_case_document facts[REPLAY_MAX_DOCUMENTS];
	size_t n;
	char names[REPLAY_MAX_DOCUMENTS][192]; /* of the files of its documents */
};

/* Tell the way to a cell; its documents are files below replay/FOLDER. Errors of librxp and of the shelf. */
int replay_tell(struct replay *out, const struct making *m, const char *folder,
    const struct cell_step *path, size_t n);
/* What a side says next, who has seen all: its file below replay/FOLDER under this name, and its facts. The case stays as it is. */
int replay_say(struct rxp_case_document *facts, const struct replay *r, const struct making *m,
    const char *name, struct cell_step said);
/* The facts alone, without a file. */
int replay_try(struct rxp_case_document *facts, const struct replay *r, const struct making *m,
    struct cell_step said);

/* The files of all documents told: before-1, before-2, … */
struct json_t *replay_files(const struct replay *r);

/* Read back what these files are; *n documents before, of at most REPLAY_MAX_DOCUMENTS. */
int replay_read(struct rxp_case_document *facts, size_t *n, const struct reading *r);
/* The one of that use. */
int replay_read_one(struct rxp_case_document *facts, const struct reading *r, const char *use);

#endif
