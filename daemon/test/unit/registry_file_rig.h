/*
 * registry_file_rig - attachments: as the desk keeps them, as the peer brings them, on a disk of which
 * the test says how much is free. On top of registry_world.
 */
#ifndef UNIT_REGISTRY_FILE_RIG_H
#define UNIT_REGISTRY_FILE_RIG_H

#include "daemon/test/unit/registry_world.h"

#define HOUR INT64_C(3600000)
#define TYPE "ReadmissionApplication"
#define TEXT_MAX 64

#define DISK_LARGE (UINT64_C(1) << 40)

/* The disk as the registry sees it: octets that are free. */
extern uint64_t rig_disk_free;

/* What the registry said last of attachments; descriptors are the test's. */
struct rig_seen {
	unsigned files, uploads, staged, tickets, got;
	int fd;
	bool keep_fd; /* over the end of a PUT, as no gateway may */
	uint8_t id[16];
	struct msg_upload upload;
	uint64_t upload_request, upload_before; /* the last, and that before it */
	uint32_t status;
	uint64_t held;
	uint64_t commits_at_ticket;
	struct rec_attachment_row row;
};
extern struct rig_seen rig_seen;

/* Ciphertext of a text, as far as the registry looks at it. */
struct sample {
	char octets[TEXT_MAX];
	size_t length, total; /* of the file, of the ciphertext */
	uint8_t digest[32];
};

/* A world with an empty disk before each test. */
int rig_set_up(void **state);
int rig_tear_down(void **state);
/* All processes end, and start anew. */
void rig_restart(struct world *w);
struct sample rig_sample(const char *text);
/* Is a whole file there? party: "" for one of our desk. */
bool rig_there(const char *party, const struct sample *s);
/* All files in the directories. */
unsigned rig_files(void);

/* The desk begins a file; brings it as a whole. */
struct msg_attachment_done rig_begin(struct world *w, const struct sample *s);
void rig_keep(struct world *w, const struct sample *s, uint8_t id[16]);

/* What the desk is told of its files. */
const struct world_answer *rig_list(struct world *w, const uint8_t *ids, size_t n);
/* One event of P1; octets written. */
size_t rig_facts(uint8_t *out, size_t max, const char *event);
/* A document with these files, as m says; a new case with them; one that is taken. */
const struct world_answer *rig_submit_as(struct world *w, const char *key, struct msg_submit m,
    const char *event, const uint8_t *ids, size_t n);
const struct world_answer *rig_submit(
    struct world *w, const char *key, const uint8_t *ids, size_t n);
void rig_accepted(struct world *w, const char *key, const uint8_t *ids, size_t n, uint8_t id[16]);

/* What the gateway is told of the last request; the peer's requests by way of it. */
void rig_expect(uint32_t status, uint64_t held);
void rig_head(struct world *w, const struct sample *s);
void rig_put_of(struct world *w, const struct sample *s, uint64_t offset, uint64_t total);
void rig_put(struct world *w, const struct sample *s, uint64_t offset);
void rig_write_part(const struct sample *s, size_t from, size_t to);
void rig_end_put(struct world *w, const struct sample *s, uint64_t held);
void rig_bring(struct world *w, const struct sample *s);
/* The n-th file that is to be brought to the peer is this one, whole, open for reading alone. */
void rig_expect_upload(struct world *w, unsigned n, const struct sample *s);
/* The rows of a document of the peer that names these; the keys are boxed. Octets written. */
size_t rig_name(uint8_t *out, size_t max, const struct sample *s, size_t n);

#endif
