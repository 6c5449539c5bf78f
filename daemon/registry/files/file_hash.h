/*
 * file_hash - digests of open files, one file after the other, a piece of one in each round of the
 * loop, so that a large file holds nothing up.
 */
#ifndef REGISTRY_FILE_HASH_H
#define REGISTRY_FILE_HASH_H

#include <stdint.h>

struct file_hash;
struct loop;

/* result 0: the SHA-256; else RXP_ERR_IO (also if the file is shorter) or RXP_ERR_CRYPTO. May submit
 * others. */
typedef void file_hash_done(void *arg, int result, const uint8_t digest[32]);

struct file_hash_job {
	int fd; /* stays the caller's */
	uint64_t length; /* of the file, in octets */
	file_hash_done *done;
	void *arg;
	struct file_hash_job *next; /* the queue's */
};

int file_hash_new(struct file_hash **out, struct loop *loop); /* RXP_ERR_NOMEM, RXP_ERR_IO */
/* Calls no done function. NULL is allowed. */
void file_hash_free(struct file_hash *h);

/* The job is the caller's and stays where it is until its done function is called. */
void file_hash_submit(struct file_hash *h, struct file_hash_job *job);

#endif
